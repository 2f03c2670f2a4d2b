/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-descriptor.h"

#include "base/io.h"
#include "base/limits.h"
#include "bus/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
take (GUnixFDList *descriptors, GVariant *handle)
{
  gint32 index = g_variant_get_handle (handle);

  if (descriptors == NULL || index < 0 || index >= g_unix_fd_list_get_length (descriptors))
    return -1;
  return g_unix_fd_list_get (descriptors, index, NULL);
}

int
sp_bus_take_sealed (
    GUnixFDList *descriptors, GVariant *handle, const char *name, gsize most, GError **error)
{
  const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
  struct stat facts;
  sp_autofd int fd = take (descriptors, handle);

  if (fd < 0 || (fcntl (fd, F_GET_SEALS) & seals) != seals || fcntl (fd, F_GET_SEALS) < 0 ||
      fstat (fd, &facts) < 0)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "the %s must come in a sealed memory file", name);
      return -1;
    }
  if (facts.st_size < 1 || (gsize) facts.st_size > most || lseek (fd, 0, SEEK_SET) != 0)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "a %s has 1 to %u bytes", name,
                   (guint) most);
      return -1;
    }
  return sp_fd_steal (&fd);
}

/* One byte more for the line end that is not part of it. */
int
sp_bus_take_secret (GUnixFDList *descriptors, GVariant *handle, const char *name, GError **error)
{
  return sp_bus_take_sealed (descriptors, handle, name, SP_PASSWORD_MAX + 1, error);
}

int
sp_bus_take_file (GUnixFDList *descriptors,
                  GVariant *handle,
                  const char *name,
                  gboolean for_writing,
                  GError **error)
{
  const int unwanted = for_writing ? O_RDONLY : O_WRONLY;
  struct stat facts;
  sp_autofd int fd = take (descriptors, handle);
  int flags = fd >= 0 ? fcntl (fd, F_GETFL) : -1;

  if (flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != unwanted &&
      fstat (fd, &facts) == 0 && S_ISREG (facts.st_mode))
    return sp_fd_steal (&fd);
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the %s must be a regular file that is open for %s", name,
               for_writing ? "writing" : "reading");
  return -1;
}
