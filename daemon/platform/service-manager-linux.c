/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/service-manager.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define VARIABLE "NOTIFY_SOCKET"

/* A path, or "@" and a name in the abstract namespace.  0: neither. */
static socklen_t
find_address (const char *name, struct sockaddr_un *ret_address)
{
  gsize length = strlen (name);

  if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof ret_address->sun_path)
    return 0;
  *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  memcpy (ret_address->sun_path, name, length);
  if (name[0] == '@')
    ret_address->sun_path[0] = '\0';
  return (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length);
}

static int
reach (const char *name, int type, GError **error)
{
  struct sockaddr_un address;
  socklen_t length = find_address (name, &address);
  sp_autofd int fd = -1;

  errno = EINVAL;
  if (length > 0)
    fd = socket (AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (const struct sockaddr *) &address, length) == 0)
    return sp_fd_steal (&fd);
  sp_error_set_errno (error, errno, "reaching the service manager at %s", name);
  return -1;
}

int
sp_service_manager_open (GError **error)
{
  g_autofree char *name = g_strdup (g_getenv (VARIABLE));

  g_unsetenv (VARIABLE);
  return name == NULL ? -1 : reach (name, SOCK_DGRAM, error);
}

int
sp_service_manager_call (const char *path, GError **error)
{
  return reach (path, SOCK_SEQPACKET | SOCK_NONBLOCK, error);
}

gboolean
sp_service_manager_tell (int socket, const char *lines, GError **error)
{
  if (socket < 0 || send (socket, lines, strlen (lines), MSG_NOSIGNAL) >= 0)
    return TRUE;
  sp_error_set_errno (error, errno, "telling the service manager");
  return FALSE;
}
