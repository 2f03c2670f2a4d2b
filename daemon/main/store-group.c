/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-private.h"

#include <string.h>

static void
take_value (GPtrArray *groups, sqlite3_stmt *statement)
{
  SpUserValue which = sp_user_value_find ((const char *) sqlite3_column_text (statement, 1));
  guint8 id[SP_ID_SIZE];

  sp_store_read_blob (statement, 0, id, sizeof id);
  for (guint i = 0; i < groups->len && which < SP_USER_N_VALUES; i++)
    {
      SpGroupRecord *record = groups->pdata[i];

      if (memcmp (record->id, id, SP_ID_SIZE) == 0)
        sp_user_values_set (&record->values, which,
                            sp_store_read_value (&sp_user_value_keys[which], statement, 2));
    }
}

static gboolean
read_values (SpStore *store, GPtrArray *groups, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT owner, name, value FROM group_values", error);
  int step;

  if (statement == NULL)
    return FALSE;
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    take_value (groups, statement);
  return step == SQLITE_DONE || sp_store_fail (store, error);
}

GPtrArray *
sp_store_list_groups (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store, "SELECT id, name, label, banner, created FROM groups ORDER BY rowid", error);
  g_autoptr (GPtrArray) groups =
      g_ptr_array_new_with_free_func ((GDestroyNotify) sp_group_record_free);
  int step;

  if (statement == NULL)
    return NULL;
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      SpGroupRecord *record = g_new0 (SpGroupRecord, 1);

      sp_store_read_blob (statement, 0, record->id, SP_ID_SIZE);
      record->name = g_strdup ((const char *) sqlite3_column_text (statement, 1));
      record->label = g_strdup ((const char *) sqlite3_column_text (statement, 2));
      record->banner = g_strdup ((const char *) sqlite3_column_text (statement, 3));
      record->created = sqlite3_column_int64 (statement, 4);
      g_ptr_array_add (groups, record);
    }
  if (step != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return read_values (store, groups, error) ? g_steal_pointer (&groups) : NULL;
}

static gboolean
put_value (SpStore *store, const SpGroupRecord *record, SpUserValue which, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  if (sp_user_values_is_default (&record->values, which))
    return TRUE;
  statement = sp_store_prepare (
      store, "INSERT INTO group_values (owner, name, value) VALUES (?1, ?2, ?3)", error);
  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 2, sp_user_value_keys[which].name, -1, SQLITE_STATIC);
  sp_store_bind_value (statement, 3, sp_user_values_get (&record->values, which));
  return sp_store_run (store, statement, error);
}

static gboolean
put_group (SpStore *store, const SpGroupRecord *record, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store,
                        "INSERT INTO groups (id, name, label, banner, created)"
                        " VALUES (?1, ?2, ?3, ?4, ?5)"
                        " ON CONFLICT (id) DO UPDATE SET label = ?3, banner = ?4",
                        error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 2, record->name, -1, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 3, record->label, -1, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 4, record->banner, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 5, record->created);
  if (!sp_store_run (store, statement, error) ||
      !sp_store_run_on_id (store, "DELETE FROM group_values WHERE owner = ?1", record->id, error))
    return FALSE;
  for (guint i = 0; i < SP_GROUP_N_VALUES; i++)
    if (!put_value (store, record, sp_group_values[i], error))
      return FALSE;
  return TRUE;
}

gboolean
sp_store_put_group (SpStore *store, const SpGroupRecord *record, GError **error)
{
  return sp_store_enter (store, error) &&
         sp_store_leave (store, put_group (store, record, error), error);
}

static gboolean
remove_group (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_run_on_id (store, "DELETE FROM group_values WHERE owner = ?1", id, error) &&
         sp_store_run_on_id (store, "DELETE FROM groups WHERE id = ?1", id, error);
}

gboolean
sp_store_remove_group (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_enter (store, error) &&
         sp_store_leave (store, remove_group (store, id, error), error);
}
