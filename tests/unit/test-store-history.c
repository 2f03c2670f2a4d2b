/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/names.h"
#include "store-event.h"
#include "store-history.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct
{
  char *folder;
  SpStore *store;
} Fixture;

static void
open_store (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->store, sp_store_free);
  self->store = sp_store_open (self->folder, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("sallyport-history-XXXXXX", NULL);
  open_store (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  sp_store_free (self->store);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (self->folder, "/", SP_DATABASE_FILE, endings[i], NULL);
      (void) g_unlink (path);
    }
  (void) g_rmdir (self->folder);
  g_free (self->folder);
}

/* What the program itself would never do. */
static void
execute (Fixture *self, const char *sql)
{
  g_autofree char *path = g_build_filename (self->folder, SP_DATABASE_FILE, NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
}

static SpHistoryRow
make (guint8 session, guint8 user, gint64 started)
{
  SpHistoryRow row = { .login = (char *) (user == 1 ? "anna" : "bert"),
                       .client_name = (char *) "phone",
                       .user_agent = (char *) "agent",
                       .remote_address = (char *) "192.0.2.1:5",
                       .addresses = (char *) "10.0.0.1 fd00::1",
                       .transport = (char *) "dtls",
                       .device_name = (char *) "Annas phone",
                       .started = started };

  memset (row.session, session, SP_ID_SIZE);
  memset (row.user, user, SP_ID_SIZE);
  memset (row.device, 9, SP_ID_SIZE);
  return row;
}

static void
put (Fixture *self, const SpHistoryRow *row)
{
  g_autoptr (GError) error = NULL;

  (void) sp_store_put_history (self->store, row, &error);
  g_assert_no_error (error);
}

static void
finish (Fixture *self, SpHistoryRow *row, gint64 ended, const char *reason)
{
  row->ended = ended;
  row->reason = (char *) reason;
  g_assert_true (sp_store_finish_history (self->store, row, NULL));
}

static GPtrArray *
list (Fixture *self, const SpHistoryFilter *filter)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *cursor = NULL;
  GPtrArray *rows = sp_store_list_history (self->store, filter, "", 500, &cursor, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (cursor, ==, "");
  return rows;
}

/* "03 02": the sessions, in order. */
static void
expect (Fixture *self, const SpHistoryFilter *filter, const char *expected)
{
  g_autoptr (GPtrArray) rows = list (self, filter);
  g_autoptr (GString) seen = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (seen, "%s%02x", i > 0 ? " " : "",
                            ((SpHistoryRow *) rows->pdata[i])->session[0]);
  g_assert_cmpstr (seen->str, ==, expected);
}

static gboolean
knows (Fixture *self, const SpHistoryRow *row)
{
  g_autoptr (GError) error = NULL;
  gboolean known = FALSE;

  (void) sp_store_knows_client (self->store, row, &known, &error);
  g_assert_no_error (error);
  return known;
}

static void
test_known_clients (Fixture *self, gconstpointer data)
{
  SpHistoryRow first = make (1, 1, SECOND);
  SpHistoryRow again = make (2, 1, 2 * SECOND);
  SpHistoryRow other = make (3, 2, 2 * SECOND);
  SpHistoryRow bare = make (4, 1, 3 * SECOND);

  g_assert_false (knows (self, &first));
  put (self, &first);
  /* Not by itself, by the next session of the device, and by nobody else's. */
  g_assert_false (knows (self, &first));
  g_assert_true (knows (self, &again));
  g_assert_false (knows (self, &other));
  /* A client of that name without a device is another one. */
  memset (bare.device, 0, SP_ID_SIZE);
  g_assert_false (knows (self, &bare));
  put (self, &bare);
  memset (bare.session, 5, SP_ID_SIZE);
  g_assert_true (knows (self, &bare));
  bare.client_name = (char *) "laptop";
  g_assert_false (knows (self, &bare));
}

static void
test_one_session (Fixture *self, gconstpointer data)
{
  SpHistoryRow row = make (1, 1, 5 * SECOND);
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  SpHistoryRow *seen;

  row.rx_bytes = 100;
  row.tx_bytes = 200;
  put (self, &row);
  /* It comes back under other circumstances, with fewer bytes than were told before. */
  row.login = (char *) "renamed";
  row.started = 9 * SECOND;
  row.remote_address = (char *) "192.0.2.9:5";
  row.transport = (char *) "";
  row.rx_bytes = 50;
  row.tx_bytes = 300;
  put (self, &row);
  first = list (self, &(SpHistoryFilter){ 0 });
  g_assert_cmpuint (first->len, ==, 1);
  seen = first->pdata[0];
  g_assert_cmpstr (seen->login, ==, "anna");
  g_assert_cmpstr (seen->remote_address, ==, "192.0.2.9:5");
  g_assert_cmpstr (seen->addresses, ==, "10.0.0.1 fd00::1");
  g_assert_cmpstr (seen->transport, ==, "dtls");
  g_assert_cmpstr (seen->reason, ==, "");
  g_assert_cmpint (seen->started, ==, 5 * SECOND);
  g_assert_cmpint (seen->ended, ==, 0);
  g_assert_cmpuint (seen->rx_bytes, ==, 100);
  g_assert_cmpuint (seen->tx_bytes, ==, 300);
  finish (self, &row, 20 * SECOND, "logout");
  finish (self, &row, 30 * SECOND, "expired");
  second = list (self, &(SpHistoryFilter){ 0 });
  seen = second->pdata[0];
  g_assert_cmpstr (seen->reason, ==, "logout");
  g_assert_cmpint (seen->ended, ==, 20 * SECOND);
}

static void
test_filter (Fixture *self, gconstpointer data)
{
  const guint8 *nobody = (const guint8 *) "0123456789abcdef";

  for (guint8 i = 1; i <= 6; i++)
    {
      SpHistoryRow row = make (i, i % 2 == 1 ? 1 : 2, i * SECOND);
      put (self, &row);
      if (i <= 4)
        finish (self, &row, 50 * SECOND, i <= 2 ? "logout" : "expired");
    }
  expect (self, &(SpHistoryFilter){ 0 }, "06 05 04 03 02 01");
  expect (self, &(SpHistoryFilter){ .login = "anna" }, "05 03 01");
  expect (self, &(SpHistoryFilter){ .login = "ann" }, "");
  expect (self, &(SpHistoryFilter){ .user = make (0, 2, 0).user }, "06 04 02");
  expect (self, &(SpHistoryFilter){ .user = nobody }, "");
  expect (self, &(SpHistoryFilter){ .reason = "logout" }, "02 01");
  expect (self, &(SpHistoryFilter){ .reason = "" }, "06 05");
  expect (self, &(SpHistoryFilter){ .since = 3 * SECOND, .until = 5 * SECOND }, "04 03");
  expect (self, &(SpHistoryFilter){ .login = "anna", .reason = "expired", .since = 1 }, "03");
}

/* Every row once, whatever is added and removed between two pages. */
static void
test_pages (Fixture *self, gconstpointer data)
{
  SpHistoryRow late = make (200, 1, 999 * SECOND);
  g_autofree char *cursor = g_strdup ("");
  g_autoptr (GString) seen = g_string_new (NULL);

  for (guint8 i = 1; i <= 7; i++)
    {
      SpHistoryRow row = make (i, 1, i / 3 * SECOND); /* some began at the same time */
      put (self, &row);
    }
  do
    {
      char *next = NULL;
      g_autoptr (GPtrArray) rows = sp_store_list_history (
          self->store, &(SpHistoryFilter){ .login = "anna" }, cursor, 3, &next, NULL);

      g_assert_nonnull (rows);
      for (guint i = 0; i < rows->len; i++)
        g_string_append_printf (seen, "%u ", ((SpHistoryRow *) rows->pdata[i])->session[0]);
      g_free (cursor);
      cursor = next;
      put (self, &late);
    }
  while (cursor[0] != '\0');
  g_assert_cmpstr (seen->str, ==, "7 6 5 4 3 2 1 ");
}

static void
test_bad_cursors (Fixture *self, gconstpointer data)
{
  static const char *const cursors[] = {
    "x", "1", "1.", ".1", "1.1.1", "-1.1", "1.99999999999999999999", "1.1 ", "'; DROP TABLE history"
  };

  for (guint i = 0; i < G_N_ELEMENTS (cursors); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *next = NULL;

      g_assert_null (sp_store_list_history (self->store, &(SpHistoryFilter){ 0 }, cursors[i], 3,
                                            &next, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
}

static void
test_erase (Fixture *self, gconstpointer data)
{
  SpHistoryRow rows[] = { make (1, 1, SECOND), make (2, 2, SECOND), make (3, 1, SECOND) };
  guint n_rows = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    put (self, &rows[i]);
  finish (self, &rows[0], 2 * SECOND, "logout");
  finish (self, &rows[1], 2 * SECOND, "logout");
  g_assert_true (sp_store_erase_history (self->store, rows[0].user, &n_rows, NULL));
  g_assert_cmpuint (n_rows, ==, 1);
  expect (self, &(SpHistoryFilter){ 0 }, "03 02");
}

static void
put_event (Fixture *self, SpEventKind kind, const char *who)
{
  SpEvent event = {
    .kind = kind, .who = (char *) who, .address = (char *) "192.0.2.1", .text = (char *) "word"
  };

  g_assert_true (sp_store_put_event (self->store, &event, NULL));
  g_assert_cmpint (event.number, >, 0);
}

static void
test_erase_failures (Fixture *self, gconstpointer data)
{
  SpHistoryRow row = make (1, 1, SECOND);
  SpEvent again = { .kind = SP_EVENT_SIGN_IN,
                    .times = 3,
                    .who = row.login,
                    .address = row.remote_address,
                    .text = (char *) "word" };
  g_autoptr (GPtrArray) events = NULL;
  guint n_rows = 0;

  put (self, &row);
  put_event (self, SP_EVENT_SIGN_IN, row.login);
  put_event (self, SP_EVENT_SIGN_IN, "somebody");
  put_event (self, SP_EVENT_SETTINGS, row.login);
  g_assert_true (sp_store_erase_history (self->store, row.user, &n_rows, NULL));
  events = sp_store_list_events (self->store, 0, 0, 10, NULL);
  g_assert_cmpuint (events->len, ==, 2);
  g_assert_cmpint (((SpEvent *) events->pdata[0])->kind, ==, SP_EVENT_SETTINGS);
  g_assert_cmpstr (((SpEvent *) events->pdata[1])->who, ==, "somebody");
  /* One that is counted on is there again. */
  again.number = ((SpEvent *) events->pdata[1])->number - 1;
  g_assert_true (sp_store_put_event (self->store, &again, NULL));
  g_ptr_array_unref (g_steal_pointer (&events));
  events = sp_store_list_events (self->store, SP_EVENT_SIGN_IN, 0, 10, NULL);
  g_assert_cmpuint (events->len, ==, 2);
}

static void
test_prune (Fixture *self, gconstpointer data)
{
  SpHistoryRow rows[] = { make (1, 1, SECOND), make (2, 1, SECOND), make (3, 1, SECOND) };
  guint n_rows = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    put (self, &rows[i]);
  finish (self, &rows[0], 2 * SECOND, "logout");
  finish (self, &rows[1], 9 * SECOND, "logout");
  g_assert_true (sp_store_prune_history (self->store, 5 * SECOND, &n_rows, NULL));
  g_assert_cmpuint (n_rows, ==, 1);
  expect (self, &(SpHistoryFilter){ 0 }, "03 02");
}

/* Rows that are too many go, the oldest first, a chunk at a time. */
static void
test_too_many (Fixture *self, gconstpointer data)
{
  SpHistoryRow last = make (9, 1, 99 * SECOND);
  guint n_rows = 0;

  for (guint8 i = 1; i <= 3; i++)
    {
      SpHistoryRow row = make (i, 1, i * SECOND);
      put (self, &row);
    }
  execute (self, "UPDATE sqlite_sequence SET seq = 1000001 WHERE name = 'history'");
  open_store (self);
  put (self, &last);
  g_assert_true (sp_store_prune_history (self->store, 0, &n_rows, NULL));
  g_assert_cmpuint (n_rows, ==, 2);
  expect (self, &(SpHistoryFilter){ 0 }, "09 03");
}

static void
test_crash (Fixture *self, gconstpointer data)
{
  SpHistoryRow left = make (1, 1, SECOND);
  SpHistoryRow over = make (2, 1, 2 * SECOND);
  gint64 before = g_get_real_time ();
  g_autoptr (GPtrArray) rows = NULL;
  SpHistoryRow *seen;

  left.tx_bytes = 77;
  put (self, &left);
  put (self, &over);
  finish (self, &over, 3 * SECOND, "logout");
  open_store (self);
  expect (self, &(SpHistoryFilter){ .reason = "logout" }, "02");
  rows = list (self, &(SpHistoryFilter){ .reason = "crashed" });
  g_assert_cmpuint (rows->len, ==, 1);
  seen = rows->pdata[0];
  g_assert_cmpint (seen->ended, >=, before);
  g_assert_cmpint (seen->ended, <=, g_get_real_time ());
  g_assert_cmpuint (seen->tx_bytes, ==, 77);
  put (self, &left); /* its client came back */
  expect (self, &(SpHistoryFilter){ .reason = "" }, "01");
}

/* A database of the version before, with people and sessions in it. */
static void
test_migration (Fixture *self, gconstpointer data)
{
  SpHistoryRow row = make (1, 1, SECOND);
  SpSessionRecord found;
  guint8 id[SP_ID_SIZE];
  g_autoptr (GPtrArray) users = NULL;
  const SpUserValues *values;

  execute (self,
           "DROP TABLE history; DROP TABLE devices; DROP TABLE users; DROP TABLE user_values; DROP "
           "TABLE traffic;"
           "DROP TABLE usage; DROP TABLE events; DROP TABLE bans; DROP TABLE groups; DROP TABLE "
           "group_values; DROP TABLE undo;"
           "PRAGMA user_version = 1;"
           "CREATE TABLE users (id BLOB PRIMARY KEY, login TEXT NOT NULL UNIQUE,"
           " full_name TEXT NOT NULL, enabled INTEGER NOT NULL, created INTEGER NOT NULL);"
           "INSERT INTO users VALUES (x'01010101010101010101010101010101', 'anna', 'Anna', 0, 4);"
           "INSERT INTO sessions VALUES (x'07070707070707070707070707070707',"
           " x'01010101010101010101010101010101', zeroblob (16), zeroblob (16), 42, 5, 6);");
  open_store (self);
  users = sp_store_list_users (self->store, NULL);
  g_assert_cmpuint (users->len, ==, 1);
  values = &((SpUserRecord *) users->pdata[0])->values;
  g_assert_cmpstr (sp_user_values_get_text (values, SP_USER_FULL_NAME), ==, "Anna");
  g_assert_false (sp_user_values_get_flag (values, SP_USER_ENABLED));
  memset (id, 7, sizeof id);
  g_assert_true (sp_store_find_session (self->store, id, &found, NULL));
  g_assert_cmpuint (found.tx_bytes, ==, 6);
  put (self, &row);
  expect (self, &(SpHistoryFilter){ 0 }, "01");
}

static void
add (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strconcat ("/store-history/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("known-clients", test_known_clients);
  add ("one-session", test_one_session);
  add ("filter", test_filter);
  add ("pages", test_pages);
  add ("bad-cursors", test_bad_cursors);
  add ("erase", test_erase);
  add ("erase-failures", test_erase_failures);
  add ("prune", test_prune);
  add ("too-many", test_too_many);
  add ("crash", test_crash);
  add ("migration", test_migration);
  return g_test_run ();
}
