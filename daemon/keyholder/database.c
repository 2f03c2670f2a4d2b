/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "database.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "database-place.h"
#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

/* How often, and how long, another one's lock is waited for: five seconds. */
#define LOCK_CALLS        200
#define LOCK_MILLISECONDS 25

#define LATER_SECONDS 1

/* When the log is put on the disk after a change that has to be there within a second. */
#define SYNC_MILLISECONDS 500

/* What the log has when it is moved into the database; SQLite's own measure. */
#define LOG_PAGES_MAX 1000

/* The exclusive lock keeps the index of the log in memory, so there is no third file. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cache_size = -1024;";

static const char first_table[] = "CREATE TABLE IF NOT EXISTS schema_versions ("
                                  "  version INTEGER PRIMARY KEY,"
                                  "  applied INTEGER NOT NULL"
                                  ") STRICT;";

static const char *const durability_settings[] = {
  [SP_DURABLE] = "PRAGMA synchronous = FULL",
  [SP_WITHIN_A_SECOND] = "PRAGMA synchronous = NORMAL",
  [SP_SOON] = "PRAGMA synchronous = NORMAL",
  [SP_LATER] = "PRAGMA synchronous = NORMAL",
};

struct _SpDatabase
{
  sqlite3 *handle;
  GPtrArray *statements;
  SpDurability durability;
  gboolean in_transaction;
  guint later; /* the source that stores what may wait, while something does: a transaction of it */
  int log_pages;
  guint sync; /* the source that puts the log on the disk, while it has something to hurry with */
};

struct _SpStatement
{
  SpDatabase *database;
  sqlite3_stmt *handle;
  SpDurability durability;
};

static void
set_error (SpDatabase *database, const char *doing, GError **error)
{
  int code = sqlite3_errcode (database->handle);

  g_set_error (error, SP_ERROR, code == SQLITE_BUSY ? SP_ERROR_BUSY : SP_ERROR_FAILED, "%s: %s",
               doing, sqlite3_errmsg (database->handle));
}

static gboolean
execute (SpDatabase *database, const char *sql, const char *doing, GError **error)
{
  if (sqlite3_exec (database->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  set_error (database, doing, error);
  return FALSE;
}

static gboolean
change_durability (SpDatabase *database, SpDurability durability, GError **error)
{
  const char *before = durability_settings[database->durability];
  const char *setting = durability_settings[durability];

  if (strcmp (before, setting) != 0 && !execute (database, setting, "choosing durability", error))
    return FALSE;
  database->durability = durability;
  return TRUE;
}

/* By SQLite's own means: it knows the file, and whether its folder has to know it, too. */
static void
sync_log (SpDatabase *database)
{
  sqlite3_file *log = NULL;

  if (database->sync == 0)
    return;
  g_clear_handle_id (&database->sync, g_source_remove);
  if (sqlite3_file_control (database->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) !=
          SQLITE_OK ||
      log == NULL || log->pMethods == NULL ||
      log->pMethods->xSync (log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) != SQLITE_OK)
    sp_log (SP_LOG_ERROR, "database", "what was changed last may not outlive a loss of power");
}

/* What cannot be moved now is with the next change. */
static void
move_long_log (SpDatabase *database)
{
  if (database->log_pages >= LOG_PAGES_MAX)
    (void) sqlite3_wal_checkpoint (database->handle, "main");
}

static gboolean
sync_cb (gpointer user_data)
{
  sync_log (user_data);
  move_long_log (user_data);
  return G_SOURCE_REMOVE;
}

/* After each change that went into the log, and only then: one that is durable has put on the disk
 * whatever was there before it.  SQLite has one such hook, by which it would move the log itself,
 * also while somebody waits. */
static int
logged_cb (void *user_data, sqlite3 *handle, const char *name, int n_pages)
{
  SpDatabase *database = user_data;

  database->log_pages = n_pages;
  if (database->durability == SP_WITHIN_A_SECOND)
    {
      if (database->sync == 0)
        database->sync = g_timeout_add (SYNC_MILLISECONDS, sync_cb, database);
      return SQLITE_OK;
    }
  if (database->durability == SP_DURABLE)
    g_clear_handle_id (&database->sync, g_source_remove);
  move_long_log (database);
  return SQLITE_OK;
}

/* What waits is stored.  If it cannot be, it is lost, and nothing else. */
static void
store_what_waits (SpDatabase *database)
{
  g_autoptr (GError) error = NULL;

  if (database->later == 0)
    return;
  g_clear_handle_id (&database->later, g_source_remove);
  /* Some errors have ended the transaction already, and were told. */
  if (sqlite3_get_autocommit (database->handle) ||
      execute (database, "COMMIT", "storing what waited", &error))
    return;
  sp_log (SP_LOG_ERROR, "database", "%s", error->message);
  (void) sqlite3_exec (database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static gboolean
later_cb (gpointer user_data)
{
  store_what_waits (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
prepare_to_write (SpDatabase *database, SpDurability durability, GError **error)
{
  if (durability != SP_LATER)
    store_what_waits (database);
  else if (database->later != 0 && !sqlite3_get_autocommit (database->handle))
    return TRUE;
  if (!change_durability (database, durability, error))
    return FALSE;
  if (durability != SP_LATER)
    return TRUE;
  if (!execute (database, "BEGIN", "beginning a change", error))
    return FALSE;
  if (database->later == 0)
    database->later = g_timeout_add_seconds (LATER_SECONDS, later_cb, database);
  return TRUE;
}

/* SQLite would make the file with the usual mode, and gives its log the mode that the file has. */
static gboolean
make_private_file (const char *file, GError **error)
{
  sp_autofd int fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat facts;

  if (fd < 0 || fstat (fd, &facts) < 0)
    {
      sp_error_set_errno (error, errno, "opening %s", file);
      return FALSE;
    }
  if ((facts.st_mode & 0777) == 0600 || fchmod (fd, 0600) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making %s private", file);
  return FALSE;
}

static gboolean
read_version (SpDatabase *database, guint *ret_version, GError **error)
{
  static const SpStatementText text = { SP_SOON,
                                        "SELECT ifnull (max (version), 0) FROM schema_versions" };
  SpStatement *prepared;
  g_autoptr (SpStatement) query = NULL;

  if (!sp_database_prepare (database, &text, 1, &prepared, error))
    return FALSE;
  query = prepared;
  if (sp_statement_next (query, error) != SP_ROW)
    return FALSE;
  *ret_version = (guint) sp_statement_get_number (query, 0);
  return TRUE;
}

static gboolean
migrate_to (SpDatabase *database, guint version, GError **error)
{
  g_autoptr (SpTransaction) transaction = sp_transaction_begin (database, SP_DURABLE, error);
  g_autofree char *note = g_strdup_printf (
      "INSERT INTO schema_versions VALUES (%u, %" G_GINT64_FORMAT ")", version, g_get_real_time ());

  return transaction != NULL &&
         execute (database, sp_schema_migrations[version - 1], "changing tables", error) &&
         execute (database, note, "noting a version", error) &&
         sp_transaction_commit (&transaction, error);
}

static gboolean
migrate (SpDatabase *database, GError **error)
{
  guint version;

  if (!execute (database, first_table, "making tables", error) ||
      !read_version (database, &version, error))
    return FALSE;
  if (version > sp_schema_version)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                   "the database was made by a newer version (%u, this one knows %u)", version,
                   sp_schema_version);
      return FALSE;
    }
  while (version < sp_schema_version)
    if (!migrate_to (database, ++version, error))
      return FALSE;
  return TRUE;
}

/* A predecessor that was killed may hold its lock while the kernel takes it apart.  By poll(),
 * since the sandbox has no other sleep. */
static int
wait_for_lock (void *data, int n_calls)
{
  if (n_calls >= LOCK_CALLS)
    return 0;
  (void) g_poll (NULL, 0, LOCK_MILLISECONDS);
  return 1;
}

SpDatabase *
sp_database_open (const char *file, GError **error)
{
  g_autoptr (SpDatabase) database = g_new0 (SpDatabase, 1);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

  database->statements = g_ptr_array_new ();
  if (!make_private_file (file, error))
    return NULL;
  if (sqlite3_open_v2 (file, &database->handle, flags, sp_database_place ()) != SQLITE_OK)
    {
      set_error (database, "opening the database", error);
      return NULL;
    }
  (void) sqlite3_busy_handler (database->handle, wait_for_lock, NULL);
  (void) sqlite3_extended_result_codes (database->handle, FALSE);
  (void) sqlite3_db_config (database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void) sqlite3_wal_hook (database->handle, logged_cb, database);
  if (!execute (database, settings, "opening the database", error) || !migrate (database, error))
    return NULL;
  return g_steal_pointer (&database);
}

void
sp_database_close (SpDatabase *database)
{
  if (database == NULL)
    return;
  store_what_waits (database);
  sync_log (database);
  for (guint i = 0; i < database->statements->len; i++)
    {
      SpStatement *statement = g_ptr_array_index (database->statements, i);
      (void) sqlite3_finalize (statement->handle);
      g_free (statement);
    }
  g_ptr_array_unref (database->statements);
  (void) sqlite3_close (database->handle);
  g_free (database);
}

gboolean
sp_database_fold (SpDatabase *database, GError **error)
{
  store_what_waits (database);
  return execute (database, "PRAGMA wal_checkpoint (PASSIVE)", "moving the log", error);
}

gboolean
sp_database_prepare (SpDatabase *database,
                     const SpStatementText *texts,
                     guint n_texts,
                     SpStatement **ret_statements,
                     GError **error)
{
  for (guint i = 0; i < n_texts; i++)
    {
      SpStatement *statement;
      sqlite3_stmt *handle;

      if (sqlite3_prepare_v3 (database->handle, texts[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                              &handle, NULL) != SQLITE_OK)
        {
          set_error (database, texts[i].sql, error);
          return FALSE;
        }
      statement = g_new0 (SpStatement, 1);
      statement->database = database;
      statement->handle = handle;
      statement->durability = texts[i].durability;
      g_ptr_array_add (database->statements, statement);
      ret_statements[i] = statement;
    }
  return TRUE;
}

SpTransaction *
sp_transaction_begin (SpDatabase *database, SpDurability durability, GError **error)
{
  if (!prepare_to_write (database, durability, error) ||
      !execute (database, "BEGIN IMMEDIATE", "beginning a change", error))
    return NULL;
  database->in_transaction = TRUE;
  return database;
}

gboolean
sp_transaction_commit (SpTransaction **transaction, GError **error)
{
  SpDatabase *database = *transaction;

  if (!execute (database, "COMMIT", "storing a change", error))
    return FALSE; /* the owner's cleanup undoes it */
  database->in_transaction = FALSE;
  *transaction = NULL;
  return TRUE;
}

void
sp_transaction_undo (SpTransaction *transaction)
{
  /* Some errors have ended the transaction already, then there is nothing to undo. */
  if (!sqlite3_get_autocommit (transaction->handle))
    (void) sqlite3_exec (transaction->handle, "ROLLBACK", NULL, NULL, NULL);
  transaction->in_transaction = FALSE;
}

void
sp_statement_set_bytes (SpStatement *statement, int parameter, gconstpointer bytes, gsize n)
{
  (void) sqlite3_bind_blob64 (statement->handle, parameter, bytes, n, SQLITE_STATIC);
}

void
sp_statement_set_text (SpStatement *statement, int parameter, const char *text)
{
  (void) sqlite3_bind_text (statement->handle, parameter, text, -1, SQLITE_STATIC);
}

void
sp_statement_set_number (SpStatement *statement, int parameter, gint64 number)
{
  (void) sqlite3_bind_int64 (statement->handle, parameter, number);
}

SpRow
sp_statement_next (SpStatement *statement, GError **error)
{
  SpDatabase *database = statement->database;

  if (!database->in_transaction && !sqlite3_stmt_busy (statement->handle) &&
      !sqlite3_stmt_readonly (statement->handle) &&
      !prepare_to_write (database, statement->durability, error))
    return SP_ROW_FAILED;
  switch (sqlite3_step (statement->handle))
    {
      case SQLITE_ROW:
        return SP_ROW;
      case SQLITE_DONE:
        return SP_ROW_NONE;
      default:
        set_error (database, "reading or writing the database", error);
        return SP_ROW_FAILED;
    }
}

gboolean
sp_statement_run (SpStatement *statement, GError **error)
{
  SpRow row = sp_statement_next (statement, error);

  sp_statement_reset (statement);
  g_return_val_if_fail (row != SP_ROW, FALSE);
  return row == SP_ROW_NONE;
}

guint
sp_statement_get_changes (SpStatement *statement)
{
  return (guint) sqlite3_changes (statement->database->handle);
}

gboolean
sp_statement_is_null (SpStatement *statement, int column)
{
  return sqlite3_column_type (statement->handle, column) == SQLITE_NULL;
}

gint64
sp_statement_get_number (SpStatement *statement, int column)
{
  return sqlite3_column_int64 (statement->handle, column);
}

const guint8 *
sp_statement_get_bytes (SpStatement *statement, int column, gsize *ret_size)
{
  const guint8 *bytes = sqlite3_column_blob (statement->handle, column);

  *ret_size = (gsize) sqlite3_column_bytes (statement->handle, column);
  return bytes;
}

gboolean
sp_statement_copy_bytes (SpStatement *statement, int column, gpointer copy, gsize size)
{
  gsize actual;
  const guint8 *bytes = sp_statement_get_bytes (statement, column, &actual);

  if (actual != size || bytes == NULL)
    return FALSE;
  memcpy (copy, bytes, size);
  return TRUE;
}

void
sp_statement_reset (SpStatement *statement)
{
  (void) sqlite3_reset (statement->handle);
  (void) sqlite3_clear_bindings (statement->handle);
}

/* Whoever has an old cookie must not come back by it: it may have been given up since. */
static gboolean
forget_cookies (const char *file, GError **error)
{
  g_autoptr (SpDatabase) copy = sp_database_open (file, error);

  return copy != NULL && execute (copy, "DELETE FROM cookies", "preparing a copy", error);
}

gboolean
sp_database_copy (SpDatabase *database, const char *file, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("VACUUM INTO '%s'", file);

  g_return_val_if_fail (strchr (file, '\'') == NULL, FALSE);
  store_what_waits (database);
  return execute (database, sql, "copying the database", error) && forget_cookies (file, error);
}

gboolean
sp_database_check (SpDatabase *database, GError **error)
{
  static const SpStatementText text = { SP_SOON, "PRAGMA quick_check (1)" };
  SpStatement *prepared;
  g_autoptr (SpStatement) query = NULL;
  const guint8 *verdict;
  gsize size;

  if (!sp_database_prepare (database, &text, 1, &prepared, error))
    return FALSE;
  query = prepared;
  if (sp_statement_next (query, error) != SP_ROW)
    return FALSE;
  verdict = sp_statement_get_bytes (query, 0, &size);
  if (size == 2 && memcmp (verdict, "ok", 2) == 0)
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, "the database is damaged");
  return FALSE;
}
