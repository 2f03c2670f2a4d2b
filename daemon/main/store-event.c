/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-event.h"

#include "store-private.h"

void
sp_event_free (SpEvent *event)
{
  g_free (event->who);
  g_free (event->address);
  g_free (event->text);
  g_free (event);
}

/* A row that was erased meanwhile is made anew. */
static gboolean
update (SpStore *store, SpEvent *event, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "UPDATE events SET at = ?2, times = ?3, blocked = ?4, address = ?5, text = ?6"
      " WHERE number = ?1",
      error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, event->number);
  (void) sqlite3_bind_int64 (statement, 2, event->at);
  (void) sqlite3_bind_int64 (statement, 3, (sqlite3_int64) event->times);
  (void) sqlite3_bind_int (statement, 4, event->blocked);
  (void) sqlite3_bind_text (statement, 5, event->address, -1, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 6, event->text, -1, SQLITE_STATIC);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  if (sqlite3_changes (store->database) == 0)
    event->number = 0;
  return TRUE;
}

gboolean
sp_store_put_event (SpStore *store, SpEvent *event, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  if (event->number != 0 && !update (store, event, error))
    return FALSE;
  if (event->number != 0)
    return TRUE;
  statement =
      sp_store_prepare (store,
                        "INSERT INTO events (kind, since, at, times, who, address, text, blocked)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        error);
  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int (statement, 1, (int) event->kind);
  (void) sqlite3_bind_int64 (statement, 2, event->since);
  (void) sqlite3_bind_int64 (statement, 3, event->at);
  (void) sqlite3_bind_int64 (statement, 4, (sqlite3_int64) event->times);
  (void) sqlite3_bind_text (statement, 5, event->who, -1, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 6, event->address, -1, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 7, event->text, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 8, event->blocked);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  event->number = sqlite3_last_insert_rowid (store->database);
  return TRUE;
}

static char *
read_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

static SpEvent *
read_event (sqlite3_stmt *statement)
{
  SpEvent *event = g_new0 (SpEvent, 1);

  event->number = sqlite3_column_int64 (statement, 0);
  event->kind = (SpEventKind) sqlite3_column_int (statement, 1);
  event->since = sqlite3_column_int64 (statement, 2);
  event->at = sqlite3_column_int64 (statement, 3);
  event->times = (guint64) sqlite3_column_int64 (statement, 4);
  event->who = read_text (statement, 5);
  event->address = read_text (statement, 6);
  event->text = read_text (statement, 7);
  event->blocked = sqlite3_column_int (statement, 8) != 0;
  return event;
}

GPtrArray *
sp_store_list_events (SpStore *store, SpEventKind kind, gint64 before, guint limit, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "SELECT number, kind, since, at, times, who, address, text, blocked FROM events"
      " WHERE number < ?1 AND (?2 = 0 OR kind = ?2) ORDER BY number DESC LIMIT ?3",
      error);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_event_free);
  int step;

  if (statement == NULL)
    return NULL;
  (void) sqlite3_bind_int64 (statement, 1, before != 0 ? before : G_MAXINT64);
  (void) sqlite3_bind_int (statement, 2, (int) kind);
  (void) sqlite3_bind_int64 (statement, 3, limit);
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (events, read_event (statement));
  if (step != SQLITE_DONE)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  return g_steal_pointer (&events);
}

gboolean
sp_store_prune_events (SpStore *store, gint64 before, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store,
                        "DELETE FROM events WHERE at < ?1 OR number <= (SELECT number FROM events"
                        " ORDER BY number DESC LIMIT 1 OFFSET ?2)",
                        error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, before);
  (void) sqlite3_bind_int (statement, 2, SP_EVENTS_MAX);
  return sp_store_run (store, statement, error);
}
