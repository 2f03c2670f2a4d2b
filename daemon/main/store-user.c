/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/log.h"
#include "store-private.h"
#include "store-undo.h"
#include "store-traffic.h"

#include <string.h>

/* How a value lies in a column: numbers and flags as integers, texts as they are, a list as its
 * entries with line ends between them, of which none has one. */

static GVariant *
read_list (const char *text)
{
  g_auto (GStrv) entries = g_strsplit (text, "\n", -1);

  return g_variant_new_strv ((const char *const *) entries, -1);
}

GVariant *
sp_store_read_value (const SpBusKey *key, sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);
  gint64 number = sqlite3_column_int64 (statement, column);

  switch (*key->type)
    {
      case 'b':
        return g_variant_new_boolean (number != 0);
      case 'u':
        return g_variant_new_uint32 ((guint32) number);
      case 't':
        return g_variant_new_uint64 ((guint64) number);
      case 's':
        return g_variant_new_string (g_utf8_validate (text, -1, NULL) ? text : "");
      default:
        return g_utf8_validate (text, -1, NULL) ? read_list (text) : g_variant_new_strv (NULL, 0);
    }
}

void
sp_store_bind_value (sqlite3_stmt *statement, int parameter, GVariant *value)
{
  g_autofree const char **entries = NULL;

  switch (*g_variant_get_type_string (value))
    {
      case 'b':
        (void) sqlite3_bind_int (statement, parameter, g_variant_get_boolean (value));
        break;
      case 'u':
        (void) sqlite3_bind_int64 (statement, parameter, g_variant_get_uint32 (value));
        break;
      case 't':
        (void) sqlite3_bind_int64 (statement, parameter, (gint64) g_variant_get_uint64 (value));
        break;
      case 's':
        (void) sqlite3_bind_text (statement, parameter, g_variant_get_string (value, NULL), -1,
                                  SQLITE_TRANSIENT);
        break;
      default:
        entries = g_variant_get_strv (value, NULL);
        (void) sqlite3_bind_text (statement, parameter, g_strjoinv ("\n", (char **) entries), -1,
                                  g_free);
    }
}

static void
take_value (SpUserRecord *record, sqlite3_stmt *statement)
{
  const char *name = (const char *) sqlite3_column_text (statement, 1);
  SpUserValue which = sp_user_value_find (name);

  if (which < SP_USER_N_VALUES)
    sp_user_values_set (&record->values, which,
                        sp_store_read_value (&sp_user_value_keys[which], statement, 2));
}

static guint
hash_id (gconstpointer id)
{
  guint32 hash;

  memcpy (&hash, id, sizeof hash);
  return hash; /* ids are random */
}

static gboolean
equal_ids (gconstpointer left, gconstpointer right)
{
  return memcmp (left, right, SP_ID_SIZE) == 0;
}

static gboolean
read_values (SpStore *store, GPtrArray *users, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT user, name, value FROM user_values", error);
  g_autoptr (GHashTable) by_id = g_hash_table_new (hash_id, equal_ids);
  int step;

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < users->len; i++)
    (void) g_hash_table_insert (by_id, ((SpUserRecord *) users->pdata[i])->id, users->pdata[i]);
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      guint8 id[SP_ID_SIZE];
      SpUserRecord *record;

      sp_store_read_blob (statement, 0, id, sizeof id);
      record = g_hash_table_lookup (by_id, id);
      if (record != NULL)
        take_value (record, statement);
    }
  return step == SQLITE_DONE || sp_store_fail (store, error);
}

GPtrArray *
sp_store_list_users (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store,
                        "SELECT id, login, created, first_login, removed_at FROM users"
                        " ORDER BY rowid",
                        error);
  g_autoptr (GPtrArray) users =
      g_ptr_array_new_with_free_func ((GDestroyNotify) sp_user_record_free);
  int step;

  if (statement == NULL)
    return NULL;
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      SpUserRecord *record = g_new0 (SpUserRecord, 1);

      sp_store_read_blob (statement, 0, record->id, SP_ID_SIZE);
      record->login = g_strdup ((const char *) sqlite3_column_text (statement, 1));
      record->created = sqlite3_column_int64 (statement, 2);
      record->first_login = sqlite3_column_int64 (statement, 3);
      record->removed_at = sqlite3_column_int64 (statement, 4);
      g_ptr_array_add (users, record);
    }
  if (step != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return read_values (store, users, error) ? g_steal_pointer (&users) : NULL;
}

/* A default is no row. */
static gboolean
put_value (SpStore *store, const SpUserRecord *record, SpUserValue which, GError **error)
{
  gboolean is_default = sp_user_values_is_default (&record->values, which);
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      is_default ? "DELETE FROM user_values WHERE user = ?1 AND name = ?2"
                 : "INSERT OR REPLACE INTO user_values (user, name, value) VALUES (?1, ?2, ?3)",
      error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 2, sp_user_value_keys[which].name, -1, SQLITE_STATIC);
  if (!is_default)
    sp_store_bind_value (statement, 3, sp_user_values_get (&record->values, which));
  return sp_store_run (store, statement, error);
}

static gboolean
put_user (SpStore *store, const SpUserRecord *record, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store,
                        "INSERT INTO users (id, login, created, first_login, removed_at)"
                        " VALUES (?1, ?2, ?3, ?4, ?5)"
                        " ON CONFLICT (id) DO UPDATE SET login = ?2, removed_at = ?5",
                        error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 2, record->login, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 3, record->created);
  (void) sqlite3_bind_int64 (statement, 4, record->first_login);
  (void) sqlite3_bind_int64 (statement, 5, record->removed_at);
  if (!sp_store_run (store, statement, error) ||
      (record->removed_at == 0 && !sp_store_remove_undo (store, record->id, error)))
    return FALSE;
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    if (!put_value (store, record, i, error))
      return FALSE;
  return TRUE;
}

gboolean
sp_store_put_user (SpStore *store, const SpUserRecord *record, GError **error)
{
  return sp_store_enter (store, error) &&
         sp_store_leave (store, put_user (store, record, error), error);
}

gboolean
sp_store_set_first_login (SpStore *store, const guint8 *id, gint64 at, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "UPDATE users SET first_login = ?2 WHERE id = ?1", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 2, at);
  return sp_store_run (store, statement, error);
}

static gboolean
remove_user (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_remove_traffic (store, id, error) && sp_store_remove_undo (store, id, error) &&
         sp_store_run_on_id (store, "DELETE FROM user_values WHERE user = ?1", id, error) &&
         sp_store_run_on_id (store, "DELETE FROM users WHERE id = ?1", id, error);
}

gboolean
sp_store_remove_user (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_enter (store, error) &&
         sp_store_leave (store, remove_user (store, id, error), error);
}
