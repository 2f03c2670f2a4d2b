/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-undo.h"

#include "store-private.h"

static gboolean
forget_old (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "DELETE FROM undo WHERE until < ?1", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, g_get_real_time ());
  return sp_store_run (store, statement, error);
}

static gboolean
put (SpStore *store, const char *token, const guint8 *id, gint64 until, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "INSERT INTO undo (token, id, until) VALUES (?1, ?2, ?3)", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_text (statement, 1, token, -1, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 3, until);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_put_undo (
    SpStore *store, const char *token, const guint8 *id, gint64 until, GError **error)
{
  return forget_old (store, error) && put (store, token, id, until, error);
}

gboolean
sp_store_find_undo (SpStore *store, const char *token, guint8 *ret_id, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT id FROM undo WHERE token = ?1 AND until >= ?2", error);
  int step;

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_text (statement, 1, token, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 2, g_get_real_time ());
  step = sqlite3_step (statement);
  if (step == SQLITE_DONE)
    return FALSE;
  if (step != SQLITE_ROW)
    return sp_store_fail (store, error);
  sp_store_read_blob (statement, 0, ret_id, SP_ID_SIZE);
  return TRUE;
}

gboolean
sp_store_remove_undo (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_run_on_id (store, "DELETE FROM undo WHERE id = ?1", id, error);
}
