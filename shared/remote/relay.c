/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/remote.h"

#include "base/io.h"
#include "remote/greeting.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

static gboolean
fail (GError **error, const char *doing)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "%s: %s", doing,
               g_strerror (number));
  return FALSE;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size, GError **error)
{
  while (size > 0)
    {
      ssize_t written = write (fd, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail (error, "writing");
      bytes += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/* 0: it ended. */
static gssize
read_some (int fd, guint8 *bytes, gsize size, GError **error)
{
  ssize_t got;

  do
    got = read (fd, bytes, size);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    (void) fail (error, "reading");
  return got;
}

static int
connect_to (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  sp_autofd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the socket's path is too long");
      return -1;
    }
  memcpy (address.sun_path, path, strlen (path));
  if (fd >= 0 && connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return sp_fd_steal (&fd);
  (void) fail (error, path);
  return -1;
}

/* As who we are; the bus has our credentials from the socket. */
static gboolean
sign_in (int bus, GError **error)
{
  static const char expected[] = "OK ";
  g_autofree char *number = g_strdup_printf ("%u", (guint) getuid ());
  g_autoptr (GString) text = g_string_new (NULL);
  guint8 answer[SP_GREETING_LINE_MAX];
  gsize size = 0;

  g_string_append_c (text, '\0');
  g_string_append (text, "AUTH EXTERNAL ");
  for (const char *next = number; *next != '\0'; next++)
    g_string_append_printf (text, "%02x", (guint) *next);
  g_string_append (text, "\r\n");
  if (!write_all (bus, (const guint8 *) text->str, text->len, error))
    return FALSE;
  while (size == 0 || (answer[size - 1] != '\n' && size < sizeof answer))
    {
      gssize got = read_some (bus, answer + size, 1, error);

      if (got < 0)
        return FALSE;
      if (got == 0)
        break;
      size++;
    }
  if (size > strlen (expected) && memcmp (answer, expected, strlen (expected)) == 0)
    return write_all (bus, (const guint8 *) "BEGIN\r\n", 7, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the bus does not let us in");
  return FALSE;
}

/* Answers the client until its first message; what it has sent of that goes to the bus. */
static gboolean
greet (int in, int out, int bus, GError **error)
{
  SpGreeting greeting = { 0 };
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  guint8 bytes[SP_GREETING_LINE_MAX];

  while (!greeting.done)
    {
      g_autoptr (GString) answer = g_string_new (NULL);
      gssize got = read_some (in, bytes, sizeof bytes, error);
      gssize used;

      if (got < 0)
        return FALSE;
      g_byte_array_append (heard, bytes, (guint) got);
      used = got > 0 ? sp_greeting_read (&greeting, heard->data, heard->len, answer) : -1;
      if (used < 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "this is not a client of a bus");
          return FALSE;
        }
      g_byte_array_remove_range (heard, 0, (guint) used);
      if (!write_all (out, (const guint8 *) answer->str, answer->len, error))
        return FALSE;
    }
  return write_all (bus, heard->data, heard->len, error);
}

static gboolean
pass_on (int in, int out, int bus, GError **error)
{
  struct pollfd ends[] = { { .fd = in, .events = POLLIN }, { .fd = bus, .events = POLLIN } };
  const int others[] = { bus, out };
  g_autofree guint8 *bytes = g_malloc (BUFFER_SIZE);

  for (;;)
    {
      if (poll (ends, G_N_ELEMENTS (ends), -1) < 0 && errno != EINTR)
        return fail (error, "waiting");
      for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
        {
          gssize got;

          if (ends[i].revents == 0)
            continue;
          got = read_some (ends[i].fd, bytes, BUFFER_SIZE, error);
          if (got <= 0)
            return got == 0;
          if (!write_all (others[i], bytes, (gsize) got, error))
            return FALSE;
        }
    }
}

gboolean
sp_remote_relay (int in, int out, const char *socket_path, GError **error)
{
  sp_autofd int bus = connect_to (socket_path, error);

  return bus >= 0 && sign_in (bus, error) && greet (in, out, bus, error) &&
         pass_on (in, out, bus, error);
}
