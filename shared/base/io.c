/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"

#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

void
sp_fd_clear (int *fd)
{
  int saved_errno = errno;

  if (*fd >= 0)
    (void) close (*fd);
  *fd = -1;
  errno = saved_errno;
}

int
sp_fd_steal (int *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

gboolean
sp_socket_pair (int ret_pair[2], GError **error)
{
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_pair) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making a wall");
  return FALSE;
}

void
sp_random_bytes (gpointer memory, gsize size)
{
  guint8 *next = memory;

  while (size > 0)
    {
      ssize_t got = getrandom (next, size, 0);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        abort ();
      next += got;
      size -= got;
    }
}

void
sp_hex_encode (const guint8 *bytes, gsize size, char *text)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < size; i++)
    {
      text[2 * i] = digits[bytes[i] >> 4];
      text[2 * i + 1] = digits[bytes[i] & 15];
    }
  text[2 * size] = '\0';
}

gboolean
sp_hex_decode (const char *text, gsize text_length, guint8 *bytes, gsize size)
{
  if (text_length != 2 * size)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return FALSE;
      bytes[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}
