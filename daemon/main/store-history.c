/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-history.h"

#include "base/error.h"
#include "store-event.h"
#include "store-private.h"

#include <string.h>

#define COLUMNS                                                                                    \
  "number, session, user, login, client_name, user_agent, remote_address, addresses, transport,"   \
  " started, ended, reason, rx_bytes, tx_bytes, device, device_name,"                              \
  " group_name"

void
sp_history_row_free (SpHistoryRow *row)
{
  g_free (row->login);
  g_free (row->client_name);
  g_free (row->user_agent);
  g_free (row->remote_address);
  g_free (row->addresses);
  g_free (row->transport);
  g_free (row->reason);
  g_free (row->device_name);
  g_free (row->group);
  g_free (row);
}

gboolean
sp_store_bury_history (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store, "UPDATE history SET ended = MAX (seen, 1), reason = 'crashed' WHERE ended = 0", error);

  return statement != NULL && sp_store_run (store, statement, error);
}

static void
bind_row (sqlite3_stmt *statement, const SpHistoryRow *row)
{
  const char *const texts[] = { row->login,          row->client_name, row->user_agent,
                                row->remote_address, row->addresses,   row->transport };

  (void) sqlite3_bind_blob (statement, 1, row->session, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, row->user, SP_ID_SIZE, SQLITE_STATIC);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    (void) sqlite3_bind_text (statement, (int) i + 3, texts[i], -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 9, row->started);
  (void) sqlite3_bind_int64 (statement, 10, g_get_real_time ());
  (void) sqlite3_bind_int64 (statement, 11, (sqlite3_int64) row->rx_bytes);
  (void) sqlite3_bind_int64 (statement, 12, (sqlite3_int64) row->tx_bytes);
  (void) sqlite3_bind_blob (statement, 13, row->device, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 14, row->device_name != NULL ? row->device_name : "", -1,
                            SQLITE_STATIC);
  (void) sqlite3_bind_text (statement, 15, row->group != NULL ? row->group : "", -1, SQLITE_STATIC);
}

/* Leaves alone what indexes are made of, so that only the row itself is written. */
static gboolean
change_open_row (SpStore *store, const SpHistoryRow *row, gboolean *ret_found, GError **error)
{
  static const char change[] =
      "UPDATE history SET client_name = ?4, user_agent = ?5, remote_address = ?6, addresses = ?7,"
      " transport = CASE ?8 WHEN '' THEN transport ELSE ?8 END, seen = ?10,"
      " rx_bytes = MAX (rx_bytes, ?11), tx_bytes = MAX (tx_bytes, ?12)"
      " WHERE session = ?1 AND ended = 0";
  g_autoptr (SpKeptStatement) statement = sp_store_keep (store, change, error);

  if (statement == NULL)
    return FALSE;
  bind_row (statement, row);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  *ret_found = sqlite3_changes (store->database) > 0;
  return TRUE;
}

gboolean
sp_store_put_history (SpStore *store, const SpHistoryRow *row, GError **error)
{
  static const char put[] =
      "INSERT INTO history (session, user, login, client_name, user_agent, remote_address,"
      " addresses, transport, started, seen, ended, reason, rx_bytes, tx_bytes, device,"
      " device_name, group_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, '', ?11,"
      " ?12, ?13, ?14, ?15)"
      " ON CONFLICT (session) DO UPDATE SET client_name = ?4, user_agent = ?5,"
      " remote_address = ?6, addresses = ?7,"
      " transport = CASE ?8 WHEN '' THEN transport ELSE ?8 END, seen = ?10, ended = 0,"
      " reason = '', rx_bytes = MAX (rx_bytes, ?11), tx_bytes = MAX (tx_bytes, ?12)";
  g_autoptr (SpKeptStatement) statement = NULL;
  gboolean found;

  if (!change_open_row (store, row, &found, error))
    return FALSE;
  if (found)
    return TRUE;
  statement = sp_store_keep (store, put, error);
  if (statement == NULL)
    return FALSE;
  bind_row (statement, row);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_knows_client (SpStore *store, const SpHistoryRow *row, gboolean *ret_known, GError **error)
{
  const guint8 none[SP_ID_SIZE] = { 0 };
  gboolean device = memcmp (row->device, none, SP_ID_SIZE) != 0;
  static const char by_device[] = "SELECT count(*) FROM (SELECT 1 FROM history WHERE user = ?1"
                                  " AND session <> ?2 AND device = ?3 LIMIT 1)";
  static const char by_name[] = "SELECT count(*) FROM (SELECT 1 FROM history WHERE user = ?1"
                                " AND session <> ?2 AND device = ?3 AND client_name = ?4 LIMIT 1)";
  g_autoptr (SpKeptStatement) statement =
      sp_store_keep (store, device ? by_device : by_name, error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, row->user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, row->session, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 3, row->device, SP_ID_SIZE, SQLITE_STATIC);
  if (!device)
    (void) sqlite3_bind_text (statement, 4, row->client_name, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return sp_store_fail (store, error);
  *ret_known = sqlite3_column_int (statement, 0) != 0;
  return TRUE;
}

gboolean
sp_store_finish_history (SpStore *store, const SpHistoryRow *row, GError **error)
{
  static const char finish[] =
      "UPDATE history SET ended = ?2, reason = ?3, rx_bytes = MAX (rx_bytes, ?4),"
      " tx_bytes = MAX (tx_bytes, ?5) WHERE session = ?1 AND ended = 0";
  g_autoptr (SpKeptStatement) statement = sp_store_keep (store, finish, error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, row->session, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 2, row->ended);
  (void) sqlite3_bind_text (statement, 3, row->reason, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 4, (sqlite3_int64) row->rx_bytes);
  (void) sqlite3_bind_int64 (statement, 5, (sqlite3_int64) row->tx_bytes);
  return sp_store_run (store, statement, error);
}

/* --- pages --- */

/* "STARTED.NUMBER" of the last row of a page: whatever is added or removed meanwhile, the rows
 * after it are the same. */
static gboolean
read_cursor (const char *cursor, gint64 *ret_started, gint64 *ret_number, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (cursor, ".", 3);

  *ret_started = *ret_number = G_MAXINT64;
  if (cursor[0] == '\0' ||
      (strlen (cursor) <= SP_HISTORY_CURSOR_MAX && g_strv_length (parts) == 2 &&
       g_ascii_string_to_signed (parts[0], 10, 0, G_MAXINT64, ret_started, NULL) &&
       g_ascii_string_to_signed (parts[1], 10, 0, G_MAXINT64, ret_number, NULL)))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "the cursor must be empty or what an earlier page gave");
  return FALSE;
}

/* Each combination is a text of its own, so that its index is used; that of one person is better
 * than that of the reasons (a plus keeps a term from its index). */
static sqlite3_stmt *
prepare_page (SpStore *store, const SpHistoryFilter *filter, GError **error)
{
  gboolean one = filter->user != NULL || filter->login != NULL;
  g_autofree char *sql = g_strconcat (
      "SELECT " COLUMNS " FROM history WHERE (started, number) < (?1, ?2)", " AND started >= ?3",
      filter->user != NULL ? " AND user = ?5" : "", filter->login != NULL ? " AND login = ?6" : "",
      filter->reason == NULL ? ""
      : one                  ? " AND +reason = ?7"
                             : " AND reason = ?7",
      " ORDER BY started DESC, number DESC LIMIT ?8", NULL);

  return sp_store_prepare (store, sql, error);
}

static void
bind_filter (sqlite3_stmt *statement, const SpHistoryFilter *filter)
{
  (void) sqlite3_bind_int64 (statement, 3, filter->since);
  if (filter->user != NULL)
    (void) sqlite3_bind_blob (statement, 5, filter->user, SP_ID_SIZE, SQLITE_STATIC);
  if (filter->login != NULL)
    (void) sqlite3_bind_text (statement, 6, filter->login, -1, SQLITE_STATIC);
  if (filter->reason != NULL)
    (void) sqlite3_bind_text (statement, 7, filter->reason, -1, SQLITE_STATIC);
}

static SpHistoryRow *
read_row (sqlite3_stmt *statement)
{
  SpHistoryRow *row = g_new0 (SpHistoryRow, 1);
  char **const texts[] = { &row->login,          &row->client_name, &row->user_agent,
                           &row->remote_address, &row->addresses,   &row->transport };

  sp_store_read_blob (statement, 1, row->session, SP_ID_SIZE);
  sp_store_read_blob (statement, 2, row->user, SP_ID_SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = g_strdup ((const char *) sqlite3_column_text (statement, (int) i + 3));
  row->started = sqlite3_column_int64 (statement, 9);
  row->ended = sqlite3_column_int64 (statement, 10);
  row->reason = g_strdup ((const char *) sqlite3_column_text (statement, 11));
  row->rx_bytes = (guint64) sqlite3_column_int64 (statement, 12);
  row->tx_bytes = (guint64) sqlite3_column_int64 (statement, 13);
  sp_store_read_blob (statement, 14, row->device, SP_ID_SIZE);
  row->device_name = g_strdup ((const char *) sqlite3_column_text (statement, 15));
  row->group = g_strdup ((const char *) sqlite3_column_text (statement, 16));
  return row;
}

GPtrArray *
sp_store_list_history (SpStore *store,
                       const SpHistoryFilter *filter,
                       const char *cursor,
                       guint limit,
                       char **ret_cursor,
                       GError **error)
{
  g_autoptr (GPtrArray) rows =
      g_ptr_array_new_with_free_func ((GDestroyNotify) sp_history_row_free);
  g_autoptr (sqlite3_stmt) statement = NULL;
  gint64 started;
  gint64 number;
  int step;

  if (!read_cursor (cursor, &started, &number, error))
    return NULL;
  /* The end of the time range is a place like a cursor, before every row of that moment. */
  if (filter->until > 0 && filter->until <= started)
    {
      started = filter->until;
      number = 0;
    }
  statement = prepare_page (store, filter, error);
  if (statement == NULL)
    return NULL;
  (void) sqlite3_bind_int64 (statement, 1, started);
  (void) sqlite3_bind_int64 (statement, 2, number);
  bind_filter (statement, filter);
  (void) sqlite3_bind_int64 (statement, 8, (sqlite3_int64) limit + 1);
  while ((step = sqlite3_step (statement)) == SQLITE_ROW && rows->len < limit)
    {
      started = sqlite3_column_int64 (statement, 9);
      number = sqlite3_column_int64 (statement, 0);
      g_ptr_array_add (rows, read_row (statement));
    }
  if (step != SQLITE_DONE && step != SQLITE_ROW)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  /* A row more than asked for was there. */
  *ret_cursor = step == SQLITE_ROW
                    ? g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, started, number)
                    : g_strdup ("");
  return g_steal_pointer (&rows);
}

/* --- the end of rows --- */

/* By the logins that the person has and had: such rows know no user. */
static gboolean
erase_failures (SpStore *store, const guint8 *user, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store,
                        "DELETE FROM events WHERE kind = ?2 AND who IN"
                        " (SELECT login FROM history WHERE user = ?1"
                        " UNION SELECT login FROM users WHERE id = ?1)",
                        error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 2, SP_EVENT_SIGN_IN);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_erase_history (SpStore *store, const guint8 *user, guint *ret_n_rows, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "DELETE FROM history WHERE user = ?1 AND ended > 0", error);

  if (statement == NULL || !erase_failures (store, user, error))
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, user, SP_ID_SIZE, SQLITE_STATIC);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  *ret_n_rows = (guint) sqlite3_changes (store->database);
  return TRUE;
}

/* `select` is put before what says which rows. */
static sqlite3_stmt *
prepare_over (SpStore *store,
              const SpHistoryFilter *filter,
              const char *select,
              const char *end,
              GError **error)
{
  g_autofree char *sql = g_strconcat (
      select, " FROM history WHERE ended > 0 AND started >= ?3 AND started < ?4",
      filter->user != NULL ? " AND user = ?5" : "", filter->login != NULL ? " AND login = ?6" : "",
      filter->reason != NULL ? " AND reason = ?7" : "", end, NULL);
  sqlite3_stmt *statement = sp_store_prepare (store, sql, error);

  if (statement == NULL)
    return NULL;
  bind_filter (statement, filter);
  (void) sqlite3_bind_int64 (statement, 4, filter->until > 0 ? filter->until : G_MAXINT64);
  return statement;
}

gboolean
sp_store_count_history (SpStore *store,
                        const SpHistoryFilter *filter,
                        guint64 *ret_n_rows,
                        GError **error)
{
  g_autoptr (sqlite3_stmt) statement = prepare_over (store, filter, "SELECT COUNT (*)", "", error);

  if (statement == NULL)
    return FALSE;
  if (sqlite3_step (statement) != SQLITE_ROW)
    return sp_store_fail (store, error);
  *ret_n_rows = (guint64) sqlite3_column_int64 (statement, 0);
  return TRUE;
}

gboolean
sp_store_forget_history (SpStore *store,
                         const SpHistoryFilter *filter,
                         guint *ret_n_rows,
                         GError **error)
{
  g_autoptr (sqlite3_stmt) statement = prepare_over (
      store, filter, "DELETE FROM history WHERE number IN (SELECT number", " LIMIT ?8)", error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 8, SP_HISTORY_CHUNK);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  *ret_n_rows = (guint) sqlite3_changes (store->database);
  return TRUE;
}

gboolean
sp_store_prune_history (SpStore *store, gint64 before, guint *ret_n_rows, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "DELETE FROM history WHERE number IN"
      " (SELECT number FROM history WHERE started < ?1 AND ended > 0 AND ended < ?1 LIMIT ?2)"
      " OR number IN (SELECT number FROM history WHERE number <="
      " (SELECT MAX (number) FROM history) - ?3 LIMIT ?2)",
      error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, before);
  (void) sqlite3_bind_int64 (statement, 2, SP_HISTORY_CHUNK);
  (void) sqlite3_bind_int64 (statement, 3, SP_HISTORY_ROWS_MAX);
  if (!sp_store_run (store, statement, error))
    return FALSE;
  *ret_n_rows = (guint) sqlite3_changes (store->database);
  return TRUE;
}
