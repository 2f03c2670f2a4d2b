/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"

#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
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

guint
sp_descriptors_allow (guint wanted)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 0;
  if (limit.rlim_cur < wanted)
    {
      rlim_t before = limit.rlim_cur;

      limit.rlim_cur = MIN (limit.rlim_max, wanted);
      if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    }
  return (guint) MIN (limit.rlim_cur, G_MAXUINT);
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
