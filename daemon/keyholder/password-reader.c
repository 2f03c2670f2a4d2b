/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-reader.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX (SP_PASSWORD_MAX + 1) /* with a line end */

struct _SpPasswordReader
{
  int fd;
  guint8 input[INPUT_MAX + 1]; /* one more, to notice what is too long */
  gsize length;
  GSource *readable;
  GSource *timeout;
  SpPasswordRead read;
  gpointer user_data;
};

static void
remove_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
fail (SpPasswordReader *reader, SpError code, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (SP_ERROR, code, text);

  remove_source (&reader->readable);
  remove_source (&reader->timeout);
  reader->read (reader->user_data, NULL, 0, error);
}

static void
finish (SpPasswordReader *reader)
{
  gsize length = reader->length;

  if (length > 0 && reader->input[length - 1] == '\n')
    length--;
  if (!sp_password_is_acceptable (reader->input, length))
    {
      fail (reader, SP_ERROR_INVALID_ARGUMENTS,
            length == 0 ? "the password is empty"
                        : "the password is too long, or has a zero byte in it");
      return;
    }
  remove_source (&reader->readable);
  remove_source (&reader->timeout);
  reader->read (reader->user_data, reader->input, length, NULL);
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  SpPasswordReader *reader = user_data;
  ssize_t size = read (fd, reader->input + reader->length, sizeof reader->input - reader->length);

  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (size < 0)
    {
      fail (reader, SP_ERROR_FAILED, "the password cannot be read");
      return G_SOURCE_REMOVE;
    }
  reader->length += (gsize) size;
  if (size > 0 && reader->length < sizeof reader->input)
    return G_SOURCE_CONTINUE;
  finish (reader);
  return G_SOURCE_REMOVE;
}

static gboolean
timeout_cb (gpointer user_data)
{
  fail (user_data, SP_ERROR_TIMEOUT, "the password did not arrive in time");
  return G_SOURCE_REMOVE;
}

static gboolean
refused_cb (gpointer user_data)
{
  fail (user_data, SP_ERROR_INVALID_ARGUMENTS, "a password comes from a pipe, a socket or a file");
  return G_SOURCE_REMOVE;
}

/* Others may wait for ever in spite of everything: terminals, directories, devices. */
static gboolean
can_be_read (int fd)
{
  struct stat facts;

  return fstat (fd, &facts) == 0 &&
         (S_ISREG (facts.st_mode) || S_ISFIFO (facts.st_mode) || S_ISSOCK (facts.st_mode)) &&
         fcntl (fd, F_SETFL, O_NONBLOCK) == 0;
}

static GSource *
attach (GSource *source, GSourceFunc callback, SpPasswordReader *reader)
{
  g_source_set_callback (source, callback, reader, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

SpPasswordReader *
sp_password_reader_new (int fd, guint seconds, SpPasswordRead read, gpointer user_data)
{
  SpPasswordReader *reader = g_new0 (SpPasswordReader, 1);

  reader->fd = fd;
  reader->read = read;
  reader->user_data = user_data;
  if (!can_be_read (fd))
    {
      reader->timeout = attach (g_idle_source_new (), refused_cb, reader);
      return reader;
    }
  reader->readable = attach (g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP | G_IO_ERR),
                             G_SOURCE_FUNC (readable_cb), reader);
  reader->timeout = attach (g_timeout_source_new_seconds (seconds), timeout_cb, reader);
  return reader;
}

void
sp_password_reader_free (SpPasswordReader *reader)
{
  if (reader == NULL)
    return;
  remove_source (&reader->readable);
  remove_source (&reader->timeout);
  sp_fd_clear (&reader->fd);
  sp_secret_wipe (reader->input, sizeof reader->input);
  g_free (reader);
}
