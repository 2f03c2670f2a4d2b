/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "backup-stream.h"
#include "database.h"

G_BEGIN_DECLS

/* The key of backups that are made without anybody there to type a passphrase.  It is kept with the
 * salt and cost that made it, which go into each file's header, so that the passphrase opens them;
 * from the key the passphrase cannot be told.  Who can read the database has all that the backups
 * hold anyway. */

/* Errors: SP_ERROR_NOT_FOUND (none was set). */
gboolean sp_backup_key_load (SpDatabase *database,
                             SpBackupHeader *header,
                             guint8 key[SP_BACKUP_KEY_SIZE],
                             GError **error);
gboolean sp_backup_key_store (SpDatabase *database,
                              const SpBackupHeader *header,
                              const guint8 key[SP_BACKUP_KEY_SIZE],
                              GError **error);
gboolean sp_backup_key_forget (SpDatabase *database, GError **error);

G_END_DECLS
