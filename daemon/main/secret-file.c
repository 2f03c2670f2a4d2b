/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret-file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

int
sp_secret_file_new (GError **error)
{
  int fd = memfd_create ("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0)
    sp_error_set_errno (error, errno, "making a file in memory");
  return fd;
}

gboolean
sp_secret_file_seal (int fd, GError **error)
{
  if (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "sealing a file in memory");
  return FALSE;
}
