/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handed-secret.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
sp_secret_hand_over (int fd, const char *text, GError **error)
{
  gsize length = strlen (text);
  struct stat facts;

  if (fstat (fd, &facts) < 0 || !S_ISREG (facts.st_mode) || facts.st_size != 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "a secret is handed over in an empty file");
      return FALSE;
    }
  if (pwrite (fd, text, length, 0) == (ssize_t) length)
    return TRUE;
  sp_error_set_errno (error, errno, "handing over a secret");
  return FALSE;
}
