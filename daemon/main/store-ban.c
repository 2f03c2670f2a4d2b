/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-private.h"

#include <string.h>

void
sp_ban_record_free (SpBanRecord *record)
{
  g_free (record->reason);
  g_free (record);
}

GPtrArray *
sp_store_list_bans (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "SELECT id, address, length, reason, created, until, by_owner FROM bans ORDER BY rowid",
      error);
  g_autoptr (GPtrArray) bans = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_ban_record_free);
  int step;

  if (statement == NULL)
    return NULL;
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      SpBanRecord *record = g_new0 (SpBanRecord, 1);

      sp_store_read_blob (statement, 0, record->id, SP_ID_SIZE);
      sp_store_read_blob (statement, 1, record->network.address, SP_ADDRESS_SIZE);
      record->network.length = (guint8) CLAMP (sqlite3_column_int (statement, 2), 0, 128);
      record->reason = g_strdup ((const char *) sqlite3_column_text (statement, 3));
      record->created = sqlite3_column_int64 (statement, 4);
      record->until = sqlite3_column_int64 (statement, 5);
      record->by_owner = sqlite3_column_int (statement, 6) != 0;
      g_ptr_array_add (bans, record);
    }
  if (step != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return g_steal_pointer (&bans);
}

gboolean
sp_store_put_ban (SpStore *store, const SpBanRecord *record, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "INSERT INTO bans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, record->network.address, SP_ADDRESS_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 3, record->network.length);
  (void) sqlite3_bind_text (statement, 4, record->reason, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 5, record->created);
  (void) sqlite3_bind_int64 (statement, 6, record->until);
  (void) sqlite3_bind_int (statement, 7, record->by_owner);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_remove_ban (SpStore *store, const guint8 *id, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "DELETE FROM bans WHERE id = ?1", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, id, SP_ID_SIZE, SQLITE_STATIC);
  return sp_store_run (store, statement, error);
}
