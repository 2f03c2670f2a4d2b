/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "database.h"
#include "user-store.h"

#include "base/error.h"
#include "schema.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *file;
} Fixture;

static const guint8 anna[SP_ID_SIZE] = { 1 };
static const guint8 bert[SP_ID_SIZE] = { 2 };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("database-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *file = g_strconcat (fixture->file, endings[i], NULL);
      (void) g_unlink (file);
    }
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

static SpDatabase *
open_it (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  SpDatabase *database = sp_database_open (fixture->file, &error);

  g_assert_no_error (error);
  return database;
}

static SpUserStore *
open_users (SpDatabase *database)
{
  g_autoptr (GError) error = NULL;
  SpUserStore *users = sp_user_store_new (database, &error);

  g_assert_no_error (error);
  return users;
}

static gboolean
put (SpUserStore *users, const guint8 *id, const char *login, GError **error)
{
  SpPutUser user = { .login_length = (guint16) strlen (login) }; /* too long: refused */

  memcpy (user.user, id, SP_ID_SIZE);
  memcpy (user.login, login, MIN (user.login_length, sizeof user.login));
  return sp_user_store_put (users, &user, error);
}

static gboolean
has_login (SpUserStore *users, const char *login)
{
  SpUserEntry user;

  return sp_user_store_find_by_login (users, (const guint8 *) login, strlen (login), &user, NULL);
}

static mode_t
mode_of (const char *file)
{
  struct stat facts;

  g_assert_no_errno (stat (file, &facts));
  return facts.st_mode & 0777;
}

static void
test_private (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_strconcat (fixture->file, "-wal", NULL);
  g_autofree char *index = g_strconcat (fixture->file, "-shm", NULL);
  mode_t before = umask (0);
  SpDatabase *database = open_it (fixture);

  g_assert_cmpuint (mode_of (fixture->file), ==, 0600);
  g_assert_cmpuint (mode_of (log), ==, 0600);
  g_assert_false (g_file_test (index, G_FILE_TEST_EXISTS));
  sp_database_close (database);
  g_assert_no_errno (chmod (fixture->file, 0644));
  sp_database_close (open_it (fixture));
  g_assert_cmpuint (mode_of (fixture->file), ==, 0600);
  (void) umask (before);
}

static void
test_only_one (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) first = open_it (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (first);
  g_assert_null (sp_database_open (fixture->file, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
}

static void
test_not_a_database (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (8192, 'x');

  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
  g_assert_null (sp_database_open (fixture->file, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
}

static void
test_link_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "other.db", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (symlink ("other.db", fixture->file));
  g_assert_null (sp_database_open (fixture->file, &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
}

static void
change_by_hand (Fixture *fixture, const char *sql)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (fixture->file, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

static void
test_versions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sp_database_close (open_it (fixture));
  sp_database_close (open_it (fixture)); /* nothing to do */
  change_by_hand (fixture, "INSERT INTO schema_versions SELECT max (version) + 1, 0 "
                           "FROM schema_versions");
  g_assert_null (sp_database_open (fixture->file, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED);
}

/* An empty database that has nothing but versions is brought up to date. */
static void
test_migration (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = NULL;
  g_autoptr (SpUserStore) users = NULL;

  g_assert_cmpuint (sp_schema_version, >=, 1);
  change_by_hand (fixture, "CREATE TABLE schema_versions "
                           "(version INTEGER PRIMARY KEY, applied INTEGER NOT NULL) STRICT");
  database = open_it (fixture);
  users = open_users (database);
  g_assert_true (put (users, anna, "anna", NULL));
}

/* What a child folded is there without the log that it left. */
static void
test_fold (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_strconcat (fixture->file, "-wal", NULL);
  g_autoptr (SpDatabase) database = NULL;
  g_autoptr (SpUserStore) users = NULL;
  pid_t child = fork ();

  if (child == 0)
    {
      database = open_it (fixture);
      users = open_users (database);
      g_assert_true (put (users, anna, "anna", NULL));
      g_assert_true (sp_database_fold (database, NULL));
      (void) raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_no_errno (g_unlink (log));
  database = open_it (fixture);
  users = open_users (database);
  g_assert_true (has_login (users, "anna"));
}

static void
test_transaction (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);

  {
    g_autoptr (SpTransaction) transaction = sp_transaction_begin (database, SP_DURABLE, NULL);
    g_assert_nonnull (transaction);
    g_assert_true (put (users, anna, "anna", NULL));
  }
  g_assert_false (has_login (users, "anna"));
  {
    g_autoptr (SpTransaction) transaction = sp_transaction_begin (database, SP_DURABLE, NULL);
    g_assert_true (put (users, anna, "anna", NULL));
    g_assert_true (sp_transaction_commit (&transaction, NULL));
  }
  g_assert_true (has_login (users, "anna"));
}

static void
test_logins (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (SP_LOGIN_MAX, 'x');
  g_autofree char *too_long = g_strnfill (SP_LOGIN_MAX + 1, 'x');
  const SpPutUser zero = { .user = { 9 }, .login_length = 3, .login = "a\0b" };

  g_assert_true (put (users, anna, "anna", NULL));
  g_assert_true (sp_user_store_set_verifier (users, anna, "$y$", NULL));
  g_assert_false (put (users, bert, "anna", &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (put (users, bert, "Anna", NULL)); /* bytes are compared */
  g_assert_true (put (users, bert, "an\xff", NULL));
  g_assert_true (has_login (users, "an\xff"));
  g_assert_false (has_login (users, "Anna"));
  g_assert_true (put (users, bert, longest, NULL));
  g_assert_false (put (users, bert, too_long, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_false (sp_user_store_put (users, &zero, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
}

static goffset
size_of_log (Fixture *fixture)
{
  g_autofree char *log = g_strconcat (fixture->file, "-wal", NULL);
  struct stat facts;

  g_assert_no_errno (stat (log, &facts));
  return facts.st_size;
}

/* Main says all users at every start. */
static void
test_said_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);
  goffset before;

  g_assert_true (put (users, anna, "anna", NULL));
  before = size_of_log (fixture);
  g_assert_true (put (users, anna, "anna", NULL));
  g_assert_cmpint (size_of_log (fixture), ==, before);
  g_assert_true (put (users, anna, "anne", NULL));
  g_assert_cmpint (size_of_log (fixture), >, before);
}

static void
test_verifiers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);
  g_autoptr (GError) error = NULL;
  SpUserEntry user;

  g_assert_false (sp_user_store_set_verifier (users, anna, "$y$x", &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  g_assert_true (put (users, anna, "anna", NULL));
  g_assert_true (sp_user_store_find_by_id (users, anna, &user, NULL));
  g_assert_false (user.has_verifier);
  g_assert_true (sp_user_store_set_verifier (users, anna, "$y$x", NULL));
  g_assert_true (put (users, anna, "anne", NULL)); /* a change keeps it */
  g_assert_true (sp_user_store_find_by_id (users, anna, &user, NULL));
  g_assert_cmpstr (user.verifier, ==, "$y$x");
  g_assert_true (sp_user_store_remove (users, anna, NULL));
  g_assert_false (sp_user_store_find_by_id (users, anna, &user, NULL));
}

typedef struct
{
  guint n;
  guint64 last;
} Seen;

static void
seen_cb (gpointer user_data, const guint8 *user, guint64 place)
{
  Seen *seen = user_data;

  seen->n++;
  seen->last = place;
}

static Seen
tell_places (SpUserStore *users, gint64 now, guint most)
{
  Seen seen = { 0 };

  g_assert_true (sp_user_store_tell_places (users, now, most, seen_cb, &seen, NULL));
  return seen;
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);
  const gint64 now = 1000000000;

  g_assert_true (put (users, anna, "anna", NULL));
  for (guint i = 0; i < 3 * SP_PLACES_MAX; i++)
    g_assert_true (sp_user_store_note_place (users, anna, 0xffffffff00000000u + i, now + i, NULL));
  g_assert_cmpuint (tell_places (users, now, 1000).n, ==, SP_PLACES_MAX);
  g_assert_cmpuint (tell_places (users, now, 3).n, ==, 3);
  g_assert_cmpuint (tell_places (users, now, 3).last, ==,
                    0xffffffff00000000u + 3 * SP_PLACES_MAX - 1);
  /* the one seen again becomes the newest, unless it was noted a moment ago */
  g_assert_true (sp_user_store_note_place (users, anna, 0xffffffff00000000u + 40, now + 60, NULL));
  g_assert_cmpuint (tell_places (users, now, 1000).last, ==, 0xffffffff00000000u + 47);
  g_assert_true (
      sp_user_store_note_place (users, anna, 0xffffffff00000000u + 40, now + 7200, NULL));
  g_assert_cmpuint (tell_places (users, now, 1000).last, ==, 0xffffffff00000000u + 40);
  g_assert_cmpuint (tell_places (users, now + SP_PLACE_KEPT + 3600, 1000).n, ==, 1);
  g_assert_true (sp_user_store_remove (users, anna, NULL));
  g_assert_cmpuint (tell_places (users, now, 1000).n, ==, 0);
}

/* A child acknowledges each user over a pipe as soon as it is stored, until it is killed. */
static void
store_until_killed (Fixture *fixture, int acknowledge)
{
  SpDatabase *database = sp_database_open (fixture->file, NULL);
  SpUserStore *users = database != NULL ? sp_user_store_new (database, NULL) : NULL;

  for (guint32 i = 1; users != NULL; i++)
    {
      guint8 id[SP_ID_SIZE] = { 0 };
      char login[16];

      memcpy (id, &i, sizeof i);
      (void) g_snprintf (login, sizeof login, "%u", i);
      if (!put (users, id, login, NULL) || write (acknowledge, &i, sizeof i) != sizeof i)
        break;
    }
  _exit (1);
}

static guint32
run_and_kill (Fixture *fixture)
{
  int fds[2];
  pid_t child;
  guint32 last = 0;

  g_assert_no_errno (pipe (fds));
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    store_until_killed (fixture, fds[1]);
  g_assert_no_errno (close (fds[1]));
  for (guint i = 0; i < 50; i++)
    g_assert_cmpint (read (fds[0], &last, sizeof last), ==, sizeof last);
  g_assert_no_errno (kill (child, SIGKILL));
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  while (read (fds[0], &last, sizeof last) == sizeof last)
    continue;
  g_assert_no_errno (close (fds[0]));
  return last;
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  guint32 last = run_and_kill (fixture);
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);

  g_assert_cmpuint (last, >=, 50);
  for (guint32 i = 1; i <= last; i++)
    {
      char login[16];
      (void) g_snprintf (login, sizeof login, "%u", i);
      g_assert_true (has_login (users, login));
    }
}

/* --- what may wait --- */

typedef enum
{
  THEN_NOTHING,
  THEN_WAIT,
  THEN_SOON,
  THEN_WITHIN_A_SECOND,
  THEN_DURABLE,
  THEN_UNDO,
  THEN_FAIL, /* and wait */
  THEN_FOLD,
  THEN_CLOSE
} Then;

enum
{
  COUNT,
  COUNT_LATER,
  COUNT_SOON,
  COUNT_WITHIN_A_SECOND,
  FAIL_LATER,
  N_COUNTERS
};

/* How often something was written. */
static void
prepare_counters (SpDatabase *database, SpStatement **ret_statements)
{
  static const SpStatementText texts[N_COUNTERS] = {
    [COUNT] = { SP_SOON, "SELECT max (first_login) FROM users" },
    [COUNT_LATER] = { SP_LATER, "UPDATE users SET first_login = first_login + 1" },
    [COUNT_SOON] = { SP_SOON, "UPDATE users SET first_login = first_login + 10" },
    [COUNT_WITHIN_A_SECOND] = { SP_WITHIN_A_SECOND,
                                "UPDATE users SET first_login = first_login + 100" },
    [FAIL_LATER] = { SP_LATER, "INSERT INTO users (id) VALUES (x'01')" },
  };

  g_assert_true (sp_database_prepare (database, texts, N_COUNTERS, ret_statements, NULL));
}

static gint64
read_counter (SpStatement **counters)
{
  g_autoptr (SpStatement) count = counters[COUNT];

  g_assert_cmpint (sp_statement_next (count, NULL), ==, SP_ROW);
  return sp_statement_get_number (count, 0);
}

static void
wait_for_log (const char *log, goffset size)
{
  GStatBuf facts;

  do
    {
      (void) g_main_context_iteration (NULL, TRUE);
      g_assert_no_errno (g_stat (log, &facts));
    }
  while (facts.st_size == size);
}

static void
do_then (SpDatabase *database, SpStatement **counters, SpUserStore *users, Then then)
{
  if (then == THEN_SOON)
    g_assert_true (sp_statement_run (counters[COUNT_SOON], NULL));
  else if (then == THEN_WITHIN_A_SECOND)
    g_assert_true (sp_statement_run (counters[COUNT_WITHIN_A_SECOND], NULL));
  else if (then == THEN_DURABLE)
    g_assert_true (put (users, bert, "bert", NULL));
  else if (then == THEN_UNDO)
    sp_transaction_undo (sp_transaction_begin (database, SP_DURABLE, NULL));
  else if (then == THEN_FAIL)
    g_assert_false (sp_statement_run (counters[FAIL_LATER], NULL));
  else if (then == THEN_FOLD)
    g_assert_true (sp_database_fold (database, NULL));
  else if (then == THEN_CLOSE)
    sp_database_close (database);
}

static void G_GNUC_NORETURN
count_and_die (Fixture *fixture, Then then)
{
  g_autofree char *log = g_strconcat (fixture->file, "-wal", NULL);
  SpDatabase *database = open_it (fixture);
  SpUserStore *users = open_users (database);
  SpStatement *counters[N_COUNTERS];
  GStatBuf before;

  g_assert_true (put (users, anna, "anna", NULL));
  prepare_counters (database, counters);
  g_assert_no_errno (g_stat (log, &before));
  for (gint64 i = 1; i <= 3; i++)
    {
      g_assert_true (sp_statement_run (counters[COUNT_LATER], NULL));
      g_assert_cmpint (read_counter (counters), ==, i);
    }
  do_then (database, counters, users, then);
  if (then == THEN_WAIT || then == THEN_FAIL)
    wait_for_log (log, before.st_size);
  (void) raise (SIGKILL);
  _exit (1);
}

static gint64
count_after_death (Fixture *fixture, Then then)
{
  pid_t child = fork ();
  SpStatement *counters[N_COUNTERS];
  g_autoptr (SpDatabase) database = NULL;
  int status;

  if (child == 0)
    count_and_die (fixture, then);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  database = open_it (fixture);
  prepare_counters (database, counters);
  return read_counter (counters);
}

/* Everybody in the process sees it at once; it is stored by itself, or by what comes next. */
static void
test_later (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    Then then;
    gint64 counted;
  } rows[] = {
    { THEN_WITHIN_A_SECOND, 103 },
    { THEN_NOTHING, 0 },
    { THEN_WAIT, 3 },
    { THEN_SOON, 13 },
    { THEN_DURABLE, 3 },
    { THEN_UNDO, 3 },
    { THEN_FAIL, 3 },
    { THEN_FOLD, 3 },
    { THEN_CLOSE, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture own;

      set_up (&own, NULL);
      g_assert_cmpint (count_after_death (&own, rows[i].then), ==, rows[i].counted);
      tear_down (&own, NULL);
    }
}

/* A copy, which leaves no transaction open, has it too. */
static void
test_later_in_a_copy (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_strconcat (fixture->file, "-copy", NULL);
  g_autoptr (SpDatabase) database = open_it (fixture);
  g_autoptr (SpUserStore) users = open_users (database);
  SpDatabase *copy;
  SpStatement *counters[N_COUNTERS];
  Fixture own = { .file = file };

  g_assert_true (put (users, anna, "anna", NULL));
  prepare_counters (database, counters);
  g_assert_true (sp_statement_run (counters[COUNT_LATER], NULL));
  g_assert_true (sp_database_copy (database, file, NULL));
  copy = open_it (&own);
  prepare_counters (copy, counters);
  g_assert_cmpint (read_counter (counters), ==, 1);
  sp_database_close (copy);
  g_assert_no_errno (g_unlink (file));
}

static gpointer
close_later (gpointer database)
{
  g_usleep (300 * 1000);
  sp_database_close (database);
  return NULL;
}

/* As of a predecessor that is still ending. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("predecessor", close_later, open_it (fixture));
  SpDatabase *database = sp_database_open (fixture->file, &error);

  (void) g_thread_join (thread);
  g_assert_no_error (error);
  sp_database_close (database);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/database/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("private", test_private);
  ADD ("only-one", test_only_one);
  ADD ("not-a-database", test_not_a_database);
  ADD ("link", test_link_is_refused);
  ADD ("versions", test_versions);
  ADD ("migration", test_migration);
  ADD ("fold", test_fold);
  ADD ("transaction", test_transaction);
  ADD ("logins", test_logins);
  ADD ("said-again", test_said_again);
  ADD ("verifiers", test_verifiers);
  ADD ("places", test_places);
  ADD ("killed", test_killed);
  ADD ("locked", test_locked);
  ADD ("later", test_later);
  ADD ("later-in-a-copy", test_later_in_a_copy);
  return g_test_run ();
}
