/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-traffic.h"

#include "store-private.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

const gint64 sp_step_lengths[SP_STEPS] = { SECOND, 60 * SECOND, 3600 * SECOND };
const guint sp_steps_kept[SP_STEPS] = { 120, 24 * 60, 400 * 24 };

static gint64
begin_of (SpTrafficStep step, gint64 time)
{
  return time - time % sp_step_lengths[step];
}

gboolean
sp_store_add_traffic (SpStore *store, const guint8 *user, const SpTrafficRow *row, GError **error)
{
  for (SpTrafficStep step = SP_STEP_MINUTE; step < SP_STEPS; step++)
    {
      g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
          store,
          "INSERT INTO traffic VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (user, step, start)"
          " DO UPDATE SET rx_bytes = rx_bytes + ?4, tx_bytes = tx_bytes + ?5",
          error);

      if (statement == NULL)
        return FALSE;
      (void) sqlite3_bind_blob (statement, 1, user, SP_ID_SIZE, SQLITE_STATIC);
      (void) sqlite3_bind_int (statement, 2, step);
      (void) sqlite3_bind_int64 (statement, 3, begin_of (step, row->start));
      (void) sqlite3_bind_int64 (statement, 4, (sqlite3_int64) row->rx_bytes);
      (void) sqlite3_bind_int64 (statement, 5, (sqlite3_int64) row->tx_bytes);
      if (!sp_store_run (store, statement, error))
        return FALSE;
    }
  return TRUE;
}

GArray *
sp_store_list_traffic (
    SpStore *store, const guint8 *user, SpTrafficStep step, gint64 from, gint64 to, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (SpTrafficRow));
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "SELECT start, rx_bytes, tx_bytes FROM traffic WHERE user = ?1 AND step = ?2"
      " AND start >= ?3 AND start < ?4 ORDER BY start",
      error);
  int result;

  if (statement == NULL)
    return NULL;
  (void) sqlite3_bind_blob (statement, 1, user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 2, step);
  (void) sqlite3_bind_int64 (statement, 3, from);
  (void) sqlite3_bind_int64 (statement, 4, to);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const SpTrafficRow row = { sqlite3_column_int64 (statement, 0),
                                 (guint64) sqlite3_column_int64 (statement, 1),
                                 (guint64) sqlite3_column_int64 (statement, 2) };

      g_array_append_val (rows, row);
    }
  if (result != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return g_steal_pointer (&rows);
}

gboolean
sp_store_sum_traffic (
    SpStore *store, const guint8 *user, gint64 from, guint64 *ret_bytes, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "SELECT ifnull (sum (rx_bytes + tx_bytes), 0) FROM traffic WHERE user = ?1 AND step = ?2"
      " AND start >= ?3",
      error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 2, SP_STEP_HOUR);
  (void) sqlite3_bind_int64 (statement, 3, from);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return sp_store_fail (store, error);
  *ret_bytes = (guint64) sqlite3_column_int64 (statement, 0);
  return TRUE;
}

gboolean
sp_store_prune_traffic (SpStore *store, gint64 now, GError **error)
{
  for (SpTrafficStep step = SP_STEP_MINUTE; step < SP_STEPS; step++)
    {
      gint64 before = now - sp_steps_kept[step] * sp_step_lengths[step];
      g_autoptr (sqlite3_stmt) statement =
          sp_store_prepare (store, "DELETE FROM traffic WHERE step = ?1 AND start < ?2", error);

      if (statement == NULL)
        return FALSE;
      (void) sqlite3_bind_int (statement, 1, step);
      (void) sqlite3_bind_int64 (statement, 2, before);
      if (!sp_store_run (store, statement, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sp_store_remove_traffic (SpStore *store, const guint8 *user, GError **error)
{
  return sp_store_run_on_id (store, "DELETE FROM traffic WHERE user = ?1", user, error) &&
         sp_store_run_on_id (store, "DELETE FROM usage WHERE user = ?1", user, error);
}

gboolean
sp_store_put_usage (SpStore *store, const SpUsage *usage, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "INSERT OR REPLACE INTO usage VALUES (?1, ?2, ?3)", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, usage->user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 2, usage->since);
  (void) sqlite3_bind_int64 (statement, 3, (sqlite3_int64) usage->bytes);
  return sp_store_run (store, statement, error);
}

GArray *
sp_store_list_usage (SpStore *store, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (SpUsage));
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT user, since, bytes FROM usage", error);
  int result;

  if (statement == NULL)
    return NULL;
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      SpUsage usage = { .since = sqlite3_column_int64 (statement, 1),
                        .bytes = (guint64) sqlite3_column_int64 (statement, 2) };

      sp_store_read_blob (statement, 0, usage.user, SP_ID_SIZE);
      g_array_append_val (all, usage);
    }
  if (result != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return g_steal_pointer (&all);
}
