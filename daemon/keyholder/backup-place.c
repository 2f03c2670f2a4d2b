/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-place.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static gboolean
remove_file (const char *file, GError **error)
{
  if (unlink (file) == 0 || errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "removing %s", file);
  return FALSE;
}

/* The log goes last: without its database it means nothing, the other way round it would be taken
 * for that of the next database of this name. */
gboolean
sp_backup_place_remove (const char *file, GError **error)
{
  g_autofree char *log = g_strconcat (file, "-wal", NULL);

  return remove_file (file, error) && remove_file (log, error);
}

static gboolean
flush_folder (GError **error)
{
  sp_autofd int fd = open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0 && fsync (fd) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "writing the folder to the disk");
  return FALSE;
}

static gboolean
take_restored (GError **error)
{
  if (access (SP_RESTORED_DATABASE, F_OK) != 0)
    return TRUE; /* it was taken before */
  if (!sp_backup_place_remove (SP_KEYHOLDER_DATABASE, error) || !flush_folder (error))
    return FALSE;
  if (rename (SP_RESTORED_DATABASE, SP_KEYHOLDER_DATABASE) == 0)
    return flush_folder (error);
  sp_error_set_errno (error, errno, "taking over the restored database");
  return FALSE;
}

gboolean
sp_backup_place_settle (guint8 origin, GError **error)
{
  if (!sp_backup_place_remove (SP_COPIED_DATABASE, error))
    return FALSE;
  if (origin == SP_ORIGIN_RESTORED)
    return take_restored (error);
  if (!sp_backup_place_remove (SP_RESTORED_DATABASE, error))
    return FALSE;
  return origin != SP_ORIGIN_NOTHING ||
         (sp_backup_place_remove (SP_KEYHOLDER_DATABASE, error) && flush_folder (error));
}
