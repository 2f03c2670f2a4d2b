/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/sealed-bytes.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int
sp_sealed_bytes_append (GUnixFDList *descriptors, gconstpointer bytes, gsize size, GError **error)
{
  sp_autofd int fd = memfd_create ("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write (fd, bytes, size) == (ssize_t) size &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return g_unix_fd_list_append (descriptors, fd, error);
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  return -1;
}
