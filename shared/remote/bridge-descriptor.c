/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-descriptor.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS       (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)
#define SEALS_KNOWN (SEALS | F_SEAL_SEAL | F_SEAL_FUTURE_WRITE)

static gboolean
tell_file (int fd, int access, goffset size, gboolean of_call, SpBridgeDescriptor *ret)
{
  int seals = fcntl (fd, F_GET_SEALS);

  if (seals >= 0 && (seals & SEALS) == SEALS)
    {
      ret->kind = SP_BRIDGE_SEALED;
      ret->seals = (guint16) (seals & SEALS_KNOWN);
      ret->size = (guint64) size;
      return ret->size <= SP_BRIDGE_SEALED_MAX && access != O_WRONLY;
    }
  ret->kind = access == O_WRONLY ? SP_BRIDGE_RETURNED : SP_BRIDGE_FILE;
  return of_call;
}

static gboolean
is_stream (int fd)
{
  int type = 0;
  socklen_t size = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

gboolean
sp_bridge_descriptor_tell (int fd, gboolean of_call, SpBridgeDescriptor *ret)
{
  int flags = fcntl (fd, F_GETFL);
  struct stat facts;

  *ret = (SpBridgeDescriptor){ 0 };
  if (flags < 0 || (flags & O_PATH) != 0 || fstat (fd, &facts) != 0)
    return FALSE;
  switch (facts.st_mode & S_IFMT)
    {
      case S_IFREG:
        return tell_file (fd, flags & O_ACCMODE, facts.st_size, of_call, ret);
      case S_IFIFO:
        ret->kind = (flags & O_ACCMODE) == O_WRONLY ? SP_BRIDGE_WRITER : SP_BRIDGE_READER;
        return (flags & O_ACCMODE) != O_RDWR;
      case S_IFSOCK:
        ret->kind = SP_BRIDGE_SOCKET;
        return is_stream (fd);
      default:
        return FALSE;
    }
}

/* Without a name.  What is kept there is as large as the disk has room. */
static int
make_file (void)
{
  const char *folder = g_getenv ("TMPDIR");
  g_autofree char *path =
      g_build_filename (folder != NULL ? folder : "/var/tmp", "sallyport-XXXXXX", NULL);
  int fd = mkostemp (path, O_CLOEXEC);

  if (fd >= 0)
    (void) unlink (path);
  return fd;
}

static gboolean
make_pipe (int *ret_reader, int *ret_writer)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) < 0)
    return FALSE;
  *ret_reader = ends[0];
  *ret_writer = ends[1];
  return TRUE;
}

static gboolean
make_socket (int *ret_handed, int *ret_source, int *ret_sink)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return FALSE;
  *ret_handed = ends[0];
  *ret_source = ends[1];
  *ret_sink = fcntl (ends[1], F_DUPFD_CLOEXEC, 0);
  return *ret_sink >= 0;
}

gboolean
sp_bridge_descriptor_make (const SpBridgeDescriptor *descriptor,
                           int *ret_handed,
                           int *ret_source,
                           int *ret_sink)
{
  *ret_handed = *ret_source = *ret_sink = -1;
  switch (descriptor->kind)
    {
      case SP_BRIDGE_SEALED:
        *ret_sink = memfd_create ("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        return *ret_sink >= 0;
      case SP_BRIDGE_FILE:
        *ret_sink = make_file ();
        return *ret_sink >= 0;
      case SP_BRIDGE_RETURNED:
        *ret_source = make_file ();
        *ret_handed = *ret_source >= 0 ? fcntl (*ret_source, F_DUPFD_CLOEXEC, 0) : -1;
        return *ret_handed >= 0;
      case SP_BRIDGE_READER:
        return make_pipe (ret_handed, ret_sink);
      case SP_BRIDGE_WRITER:
        return make_pipe (ret_source, ret_handed);
      default:
        return make_socket (ret_handed, ret_source, ret_sink);
    }
}

gboolean
sp_bridge_descriptor_seal (const SpBridgeDescriptor *descriptor, int fd)
{
  return lseek (fd, 0, SEEK_SET) == 0 &&
         (descriptor->seals == 0 || fcntl (fd, F_ADD_SEALS, (int) descriptor->seals) == 0);
}
