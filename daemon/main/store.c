/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-private.h"

#include "base/error.h"
#include "base/names.h"

#include <string.h>
#include <sys/stat.h>

/* Each entry brings a database from the version of its index to the next one. */
static const char *const migrations[] = {
  "CREATE TABLE users (id BLOB PRIMARY KEY, login TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL,"
  " enabled INTEGER NOT NULL, created INTEGER NOT NULL);"
  "CREATE TABLE sessions (id BLOB PRIMARY KEY, user BLOB NOT NULL, ipv4 BLOB NOT NULL,"
  " ipv6 BLOB NOT NULL, created INTEGER NOT NULL, rx_bytes INTEGER NOT NULL,"
  " tx_bytes INTEGER NOT NULL);"
  "CREATE TABLE remembered (name TEXT PRIMARY KEY, value BLOB NOT NULL);",
  /* A row for each session that ever had a tunnel; `ended` is 0 while it goes on. */
  "CREATE TABLE history (number INTEGER PRIMARY KEY AUTOINCREMENT, session BLOB NOT NULL UNIQUE,"
  " user BLOB NOT NULL, login TEXT NOT NULL, client_name TEXT NOT NULL, user_agent TEXT NOT NULL,"
  " remote_address TEXT NOT NULL, addresses TEXT NOT NULL, transport TEXT NOT NULL,"
  " started INTEGER NOT NULL, seen INTEGER NOT NULL, ended INTEGER NOT NULL,"
  " reason TEXT NOT NULL, rx_bytes INTEGER NOT NULL, tx_bytes INTEGER NOT NULL);"
  "CREATE INDEX history_started ON history (started);"
  "CREATE INDEX history_user ON history (user, started);"
  "CREATE INDEX history_login ON history (login, started);"
  "CREATE INDEX history_reason ON history (reason, started);"
  "CREATE INDEX history_open ON history (session) WHERE ended = 0;",
  /* A row for each value of a user that is not the default (user-value-table.h). */
  "CREATE TABLE user_values (user BLOB NOT NULL, name TEXT NOT NULL, value NOT NULL,"
  " PRIMARY KEY (user, name)) WITHOUT ROWID;"
  "INSERT INTO user_values SELECT id, 'FullName', full_name FROM users WHERE full_name <> '';"
  "INSERT INTO user_values SELECT id, 'Enabled', 0 FROM users WHERE enabled = 0;"
  "ALTER TABLE users DROP COLUMN full_name;"
  "ALTER TABLE users DROP COLUMN enabled;",
  "ALTER TABLE users ADD COLUMN first_login INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE users ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;",
  /* What people sign in with. */
  "CREATE TABLE devices (number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,"
  " user BLOB NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,"
  " seen INTEGER NOT NULL, not_after INTEGER NOT NULL, revoked INTEGER NOT NULL);"
  "CREATE INDEX devices_user ON devices (user, number);"
  /* What the session's person signed in with; its name as it was then. */
  "ALTER TABLE history ADD COLUMN device BLOB NOT NULL DEFAULT x'';"
  "ALTER TABLE history ADD COLUMN device_name TEXT NOT NULL DEFAULT '';",
  /* step: 1 a minute, 2 an hour; the user of all zeros is everybody.  usage: of the quota's period
   */
  "CREATE TABLE traffic (user BLOB NOT NULL, step INTEGER NOT NULL, start INTEGER NOT NULL,"
  " rx_bytes INTEGER NOT NULL, tx_bytes INTEGER NOT NULL, PRIMARY KEY (user, step, start))"
  " WITHOUT ROWID;"
  "CREATE INDEX traffic_age ON traffic (step, start);"
  "CREATE TABLE usage (user BLOB PRIMARY KEY, since INTEGER NOT NULL, bytes INTEGER NOT NULL)"
  " WITHOUT ROWID;",
  /* From where nobody is let in. */
  "CREATE TABLE bans (id BLOB PRIMARY KEY, address BLOB NOT NULL, length INTEGER NOT NULL,"
  " reason TEXT NOT NULL, created INTEGER NOT NULL, until INTEGER NOT NULL,"
  " by_owner INTEGER NOT NULL);",
  "ALTER TABLE devices ADD COLUMN blocked_until INTEGER NOT NULL DEFAULT 0;",
  /* What people choose from when they sign in; a row for each value that is not the default. */
  "CREATE TABLE groups (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,"
  " banner TEXT NOT NULL, created INTEGER NOT NULL);"
  "CREATE TABLE group_values (owner BLOB NOT NULL, name TEXT NOT NULL, value NOT NULL,"
  " PRIMARY KEY (owner, name)) WITHOUT ROWID;"
  "ALTER TABLE history ADD COLUMN group_name TEXT NOT NULL DEFAULT '';",
  /* Of the newest certificate of a device. */
  "ALTER TABLE devices ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x'';"
  "ALTER TABLE devices ADD COLUMN issued INTEGER NOT NULL DEFAULT 0;"
  "UPDATE devices SET issued = created WHERE not_after <> 0;",
  /* What happened beside sessions (store-event.h). */
  "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
  " since INTEGER NOT NULL, at INTEGER NOT NULL, times INTEGER NOT NULL, who TEXT NOT NULL,"
  " address TEXT NOT NULL, text TEXT NOT NULL, blocked INTEGER NOT NULL);",
  /* base/label.h; devices that are there get one, too: 64 random bits in its alphabet */
  "ALTER TABLE devices ADD COLUMN label TEXT NOT NULL DEFAULT '';"
  "UPDATE devices SET label = replace (replace (replace (replace (lower (hex (randomblob (8))),"
  " '0', 'w'), '1', 'x'), '8', 'y'), '9', 'z');",
  /* What can be taken back still (store-undo.h). */
  "CREATE TABLE undo (token TEXT PRIMARY KEY, id BLOB NOT NULL, until INTEGER NOT NULL)"
  " WITHOUT ROWID;",
};

gboolean
sp_store_fail (SpStore *store, GError **error)
{
  if (store->trouble != NULL)
    g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, store->trouble);
  else
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s: %s", SP_DATABASE_FILE,
                 sqlite3_errmsg (store->database));
  return FALSE;
}

static void
set_soon (SpStore *store, gboolean soon)
{
  if (store->is_soon != soon &&
      sqlite3_exec (store->database,
                    soon ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", NULL, NULL,
                    NULL) == SQLITE_OK)
    store->is_soon = soon;
}

/* Everything but what says otherwise is on the disk when it is done.  Said only when it is next
 * needed: sessions come and go one after the other, each time without a flush. */
static void
be_durable (SpStore *store)
{
  if (!store->within_soon)
    set_soon (store, FALSE);
}

gboolean
sp_store_execute (SpStore *store, const char *sql, GError **error)
{
  be_durable (store);
  if (sqlite3_exec (store->database, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  return sp_store_fail (store, error);
}

sqlite3_stmt *
sp_store_prepare (SpStore *store, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (store->database, sql, -1, &statement, NULL) != SQLITE_OK)
    (void) sp_store_fail (store, error);
  else if (!sqlite3_stmt_readonly (statement))
    be_durable (store);
  return statement;
}

SpKeptStatement *
sp_store_keep (SpStore *store, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (store->kept, sql);

  if (statement != NULL && !sqlite3_stmt_readonly (statement))
    be_durable (store);
  if (statement != NULL)
    return statement;
  statement = sp_store_prepare (store, sql, error);
  if (statement != NULL)
    (void) g_hash_table_insert (store->kept, (gpointer) sql, statement);
  return statement;
}

void
sp_kept_statement_release (SpKeptStatement *statement)
{
  if (statement == NULL)
    return;
  (void) sqlite3_reset (statement);
  (void) sqlite3_clear_bindings (statement);
}

static SpStore *
new_store (void)
{
  SpStore *store = g_new0 (SpStore, 1);

  store->kept =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) (void *) sqlite3_finalize);
  return store;
}

gboolean
sp_store_run (SpStore *store, sqlite3_stmt *statement, GError **error)
{
  if (sqlite3_step (statement) == SQLITE_DONE)
    return TRUE;
  return sp_store_fail (store, error);
}

gboolean
sp_store_run_on_id (SpStore *store, const char *sql, const guint8 *id, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (store, sql, error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, id, SP_ID_SIZE, SQLITE_STATIC);
  return sp_store_run (store, statement, error);
}

static gboolean
migrate (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (store, "PRAGMA user_version", error);
  int version;

  if (statement == NULL || sqlite3_step (statement) != SQLITE_ROW)
    return sp_store_fail (store, error);
  version = sqlite3_column_int (statement, 0);
  g_clear_pointer (&statement, sqlite3_finalize);
  if (version > (int) G_N_ELEMENTS (migrations))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED,
                   "%s was written by a newer version of " SP_PRODUCT_NAME, SP_DATABASE_FILE);
      return FALSE;
    }
  for (guint i = version; i < G_N_ELEMENTS (migrations); i++)
    {
      g_autofree char *sql = g_strdup_printf (
          "BEGIN IMMEDIATE; %s PRAGMA user_version = %u; COMMIT;", migrations[i], i + 1);
      if (!sp_store_execute (store, sql, error))
        return FALSE;
    }
  return TRUE;
}

SpStore *
sp_store_open (const char *folder, GError **error)
{
  g_autoptr (SpStore) store = new_store ();
  g_autofree char *path = g_build_filename (folder, SP_DATABASE_FILE, NULL);
  mode_t old_mask = umask (0077);
  int result = sqlite3_open (path, &store->database);

  (void) umask (old_mask);
  if (result != SQLITE_OK)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  (void) sqlite3_busy_timeout (store->database, 2000);
  if (!sp_store_execute (store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", error) ||
      !migrate (store, error) || !sp_store_bury_history (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

guint
sp_store_get_schema (void)
{
  return G_N_ELEMENTS (migrations);
}

gboolean
sp_store_check (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (store, "PRAGMA quick_check (1)", error);

  if (statement == NULL)
    return FALSE;
  if (sqlite3_step (statement) == SQLITE_ROW &&
      g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s is damaged", SP_DATABASE_FILE);
  return FALSE;
}

SpStore *
sp_store_new_stand_in (const char *trouble, GError **error)
{
  g_autoptr (SpStore) store = new_store ();

  if (sqlite3_open (":memory:", &store->database) != SQLITE_OK || !migrate (store, error) ||
      !sp_store_execute (store, "PRAGMA query_only = ON;", error))
    return NULL;
  store->trouble = g_strdup (trouble);
  return g_steal_pointer (&store);
}

static gboolean
run_kept (SpStore *store, const char *sql, GError **error)
{
  g_autoptr (SpKeptStatement) statement = sp_store_keep (store, sql, error);

  return statement != NULL && sp_store_run (store, statement, error);
}

gboolean
sp_store_begin (SpStore *store, GError **error)
{
  static const char begin[] = "BEGIN IMMEDIATE";

  return run_kept (store, begin, error);
}

gboolean
sp_store_begin_soon (SpStore *store, GError **error)
{
  if (!sqlite3_get_autocommit (store->database)) /* one runs: that is the error */
    return sp_store_begin (store, error);
  set_soon (store, TRUE);
  store->within_soon = TRUE;
  store->within_soon = sp_store_begin (store, error);
  return store->within_soon;
}

gboolean
sp_store_end (SpStore *store, GError **error)
{
  static const char commit[] = "COMMIT";
  gboolean done = run_kept (store, commit, error);

  if (!done)
    (void) sp_store_execute (store, "ROLLBACK", NULL);
  store->within_soon = FALSE;
  return done;
}

gboolean
sp_store_enter (SpStore *store, GError **error)
{
  return sp_store_execute (store, "SAVEPOINT part", error);
}

gboolean
sp_store_leave (SpStore *store, gboolean done, GError **error)
{
  if (done && sp_store_execute (store, "RELEASE part", error))
    return TRUE;
  /* What went wrong first is what is told; a rollback may have been done already. */
  (void) sp_store_execute (store, "ROLLBACK TO part; RELEASE part", NULL);
  return FALSE;
}

void
sp_store_free (SpStore *store)
{
  if (store == NULL)
    return;
  g_hash_table_unref (store->kept); /* before the database, which would stay open for them */
  (void) sqlite3_close (store->database);
  g_free (store->trouble);
  g_free (store);
}

void
sp_store_read_blob (sqlite3_stmt *statement, int column, guint8 *memory, gsize size)
{
  memset (memory, 0, size);
  if ((gsize) sqlite3_column_bytes (statement, column) == size)
    memcpy (memory, sqlite3_column_blob (statement, column), size);
}

gboolean
sp_store_find_session (SpStore *store,
                       const guint8 *id,
                       SpSessionRecord *ret_record,
                       GError **error)
{
  static const char find[] =
      "SELECT user, ipv4, ipv6, created, rx_bytes, tx_bytes FROM sessions WHERE id = ?1";
  g_autoptr (SpKeptStatement) statement = sp_store_keep (store, find, error);
  int step;

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, id, SP_ID_SIZE, SQLITE_STATIC);
  step = sqlite3_step (statement);
  if (step == SQLITE_DONE)
    return FALSE;
  if (step != SQLITE_ROW)
    return sp_store_fail (store, error);
  memcpy (ret_record->id, id, SP_ID_SIZE);
  sp_store_read_blob (statement, 0, ret_record->user, SP_ID_SIZE);
  sp_store_read_blob (statement, 1, ret_record->ipv4, SP_ADDRESS_SIZE);
  sp_store_read_blob (statement, 2, ret_record->ipv6, SP_ADDRESS_SIZE);
  ret_record->created = sqlite3_column_int64 (statement, 3);
  ret_record->rx_bytes = (guint64) sqlite3_column_int64 (statement, 4);
  ret_record->tx_bytes = (guint64) sqlite3_column_int64 (statement, 5);
  return TRUE;
}

gboolean
sp_store_put_session (SpStore *store, const SpSessionRecord *record, GError **error)
{
  static const char put[] =
      "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE"
      " SET user = ?2, ipv4 = ?3, ipv6 = ?4, created = ?5, rx_bytes = ?6, tx_bytes = ?7";
  g_autoptr (SpKeptStatement) statement = sp_store_keep (store, put, error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, record->user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 3, record->ipv4, SP_ADDRESS_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 4, record->ipv6, SP_ADDRESS_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 5, record->created);
  (void) sqlite3_bind_int64 (statement, 6, (sqlite3_int64) record->rx_bytes);
  (void) sqlite3_bind_int64 (statement, 7, (sqlite3_int64) record->tx_bytes);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_remove_session (SpStore *store, const guint8 *id, GError **error)
{
  return sp_store_run_on_id (store, "DELETE FROM sessions WHERE id = ?1", id, error);
}

GBytes *
sp_store_get_value (SpStore *store, const char *name, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT value FROM remembered WHERE name = ?1", error);
  int step;

  if (statement == NULL)
    return NULL;
  (void) sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  step = sqlite3_step (statement);
  if (step == SQLITE_ROW)
    return g_bytes_new (sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0));
  if (step != SQLITE_DONE)
    (void) sp_store_fail (store, error);
  return NULL;
}

gboolean
sp_store_set_value (SpStore *store, const char *name, GBytes *value, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "INSERT OR REPLACE INTO remembered VALUES (?1, ?2)", error);
  gsize size;
  const void *bytes = g_bytes_get_data (value, &size);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, bytes, (int) size, SQLITE_STATIC);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_set_wanted (SpStore *store, gboolean wanted, GError **error)
{
  guint8 value = wanted ? 1 : 0;
  g_autoptr (GBytes) bytes = g_bytes_new (&value, sizeof value);

  return sp_store_set_value (store, SP_STORE_WANTED_ON, bytes, error);
}
