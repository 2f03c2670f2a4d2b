/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/password.h"
#include "base/secret.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define INPUT_MAX (SP_PASSWORD_MAX + 2) /* and a line end of two characters */

void
sp_password_source_clear (SpPasswordSource *source)
{
  g_clear_pointer (&source->file, g_free);
}

static void
set_errno_error (GError **error, const char *what)
{
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", what, g_strerror (errno));
}

static int
seal (const char *password, gsize size, GError **error)
{
  sp_autofd int fd = memfd_create ("password", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0 || write (fd, password, size) != (ssize_t) size ||
      fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
    {
      set_errno_error (error, "handing over the password");
      return -1;
    }
  return sp_fd_steal (&fd);
}

/* Reads until the end, a line end or a full buffer, and no byte further than it must. */
static gssize
read_line (int fd, char *buffer, gsize size)
{
  gsize used = 0;

  while (used < size)
    {
      ssize_t got = read (fd, buffer + used, 1);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0 || buffer[used] == '\n')
        break;
      used++;
    }
  if (used > 0 && buffer[used - 1] == '\r')
    used--;
  return (gssize) used;
}

static int
seal_checked (const char *password, gssize size, GError **error)
{
  if (size < 0)
    {
      set_errno_error (error, "reading the password");
      return -1;
    }
  if (size == 0 || size > SP_PASSWORD_MAX)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "a password has 1 to %d bytes",
                   SP_PASSWORD_MAX);
      return -1;
    }
  return seal (password, (gsize) size, error);
}

static int
obtain_from_fd (int fd, GError **error)
{
  char buffer[INPUT_MAX];
  gssize size = read_line (fd, buffer, sizeof buffer);
  int sealed = seal_checked (buffer, size, error);

  sp_secret_wipe (buffer, sizeof buffer);
  return sealed;
}

/* A descriptor of our own. */
static int
open_file (const char *file, GError **error)
{
  guint64 number = STDIN_FILENO;
  int fd;

  if (g_str_has_prefix (file, "fd:") &&
      !g_ascii_string_to_unsigned (file + strlen ("fd:"), 10, 0, G_MAXINT, &number, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "“%s” names no descriptor", file);
      return -1;
    }
  if (g_str_equal (file, "-") || g_str_has_prefix (file, "fd:"))
    fd = fcntl ((int) number, F_DUPFD_CLOEXEC, 0);
  else
    fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    set_errno_error (error, file);
  return fd;
}

static int
obtain_from_file (const char *file, GError **error)
{
  sp_autofd int fd = open_file (file, error);

  return fd < 0 ? -1 : obtain_from_fd (fd, error);
}

gssize
sp_password_read_line (const char *file, char *buffer, gsize size, GError **error)
{
  sp_autofd int fd = open_file (file, error);
  gssize length = fd < 0 ? -1 : read_line (fd, buffer, size);

  if (fd >= 0 && length < 0)
    set_errno_error (error, file);
  return length;
}

static int
obtain_from_terminal (const SpPasswordQuestion *question, GError **error)
{
  char first[INPUT_MAX];
  char second[INPUT_MAX];
  int sealed = -1;
  gssize size = sp_terminal_read_secret (question->prompt, first, sizeof first, error);
  gssize again = size;

  if (size >= 0 && question->twice)
    again = sp_terminal_read_secret ("Once more: ", second, sizeof second, error);
  else if (size >= 0)
    memcpy (second, first, (gsize) size);
  if (again >= 0 && (again != size || !sp_secret_equal (first, second, (gsize) size)))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the two are not the same");
  else if (again >= 0)
    sealed = seal_checked (first, size, error);
  sp_secret_wipe (first, sizeof first);
  sp_secret_wipe (second, sizeof second);
  return sealed;
}

int
sp_password_ask (const SpPasswordSource *source,
                 const SpControl *control,
                 const SpPasswordQuestion *question,
                 GError **error)
{
  if (source->file != NULL)
    return obtain_from_file (source->file, error);
  if (!isatty (STDIN_FILENO))
    return obtain_from_fd (STDIN_FILENO, error);
  if (control->no_ask)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "a %s is needed, from a file or from standard input", question->name);
      return -1;
    }
  return obtain_from_terminal (question, error);
}

int
sp_password_obtain (const SpPasswordSource *source,
                    const SpControl *control,
                    const char *login,
                    char **ret_generated,
                    GError **error)
{
  g_autofree char *prompt = g_strdup_printf ("New VPN password for %s: ", login);
  const SpPasswordQuestion question = { prompt, "password", TRUE };

  *ret_generated = NULL;
  if (source->generate && source->file != NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "either --generate-password or --password-file, not both");
      return -1;
    }
  if (source->generate)
    {
      *ret_generated = sp_password_generate ();
      return seal (*ret_generated, strlen (*ret_generated), error);
    }
  return sp_password_ask (source, control, &question, error);
}
