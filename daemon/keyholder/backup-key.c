/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-key.h"

#include "base/error.h"

gboolean
sp_backup_key_load (SpDatabase *database,
                    SpBackupHeader *header,
                    guint8 key[SP_BACKUP_KEY_SIZE],
                    GError **error)
{
  static const SpStatementText text = { SP_SOON,
                                        "SELECT key, salt, passes, memory FROM backup_key" };
  SpStatement *prepared;
  g_autoptr (SpStatement) query = NULL;
  SpRow row;

  if (!sp_database_prepare (database, &text, 1, &prepared, error))
    return FALSE;
  query = prepared;
  row = sp_statement_next (query, error);
  if (row == SP_ROW_FAILED)
    return FALSE;
  if (row == SP_ROW_NONE || !sp_statement_copy_bytes (query, 0, key, SP_BACKUP_KEY_SIZE) ||
      !sp_statement_copy_bytes (query, 1, header->salt, SP_BACKUP_SALT_SIZE))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_FOUND,
                           "no passphrase for backups was set");
      return FALSE;
    }
  header->passes = (guint32) sp_statement_get_number (query, 2);
  header->memory = (guint32) sp_statement_get_number (query, 3);
  return TRUE;
}

gboolean
sp_backup_key_store (SpDatabase *database,
                     const SpBackupHeader *header,
                     const guint8 key[SP_BACKUP_KEY_SIZE],
                     GError **error)
{
  static const SpStatementText text = {
    SP_DURABLE, "INSERT OR REPLACE INTO backup_key VALUES (1, ?1, ?2, ?3, ?4)"
  };
  SpStatement *store;

  if (!sp_database_prepare (database, &text, 1, &store, error))
    return FALSE;
  sp_statement_set_bytes (store, 1, key, SP_BACKUP_KEY_SIZE);
  sp_statement_set_bytes (store, 2, header->salt, SP_BACKUP_SALT_SIZE);
  sp_statement_set_number (store, 3, header->passes);
  sp_statement_set_number (store, 4, header->memory);
  return sp_statement_run (store, error);
}

gboolean
sp_backup_key_forget (SpDatabase *database, GError **error)
{
  static const SpStatementText text = { SP_DURABLE, "DELETE FROM backup_key" };
  SpStatement *forget;

  return sp_database_prepare (database, &text, 1, &forget, error) &&
         sp_statement_run (forget, error);
}
