/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state-lock.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0711 /* the rooms' own folders lie below */
#define LOCK_FILE   "lock"
#define LOCK_MODE   0600 /* whoever opens it may lock it */

static gboolean
is_same_file (int first, int second)
{
  struct stat a, b;

  return fstat (first, &a) == 0 && fstat (second, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

int
sp_state_lock_take (const char *folder, int kept, GError **error)
{
  g_autofree char *path = g_build_filename (folder, LOCK_FILE, NULL);
  sp_autofd int before = kept;
  sp_autofd int fd = -1;

  if (g_mkdir_with_parents (folder, FOLDER_MODE) == 0)
    fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
  if (fd < 0)
    {
      sp_error_set_errno (error, errno, "locking %s", folder);
      return -1;
    }
  if (is_same_file (fd, before))
    {
      sp_fd_clear (&fd);
      fd = sp_fd_steal (&before);
    }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return sp_fd_steal (&fd);
  if (errno == EWOULDBLOCK)
    g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "another " SP_PRODUCT_NAME " works on %s", folder);
  else
    sp_error_set_errno (error, errno, "locking %s", folder);
  return -1;
}
