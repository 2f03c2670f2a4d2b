/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "database.h"
#include "user-store.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* When the keyholder's database waits for the disk, and what it promised meanwhile. */

static guint n_synced; /* nocheck: what stands for the system call has no other place */

/* Of a log; what SQLite does with the database itself is not looked at. */
int
fdatasync (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *file = g_file_read_link (link, NULL);

  if (file != NULL && g_str_has_suffix (file, "-wal"))
    n_synced++;
  return (int) syscall (SYS_fdatasync, fd);
}

enum
{
  WRITE_DURABLY,
  WRITE_WITHIN_A_SECOND,
  WRITE_SOON,
  WRITE_LATER,
  DELETE_NOTHING_DURABLY,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [WRITE_DURABLY] = { SP_DURABLE, "UPDATE users SET first_login = first_login + 1" },
  [WRITE_WITHIN_A_SECOND] = { SP_WITHIN_A_SECOND,
                              "UPDATE users SET first_login = first_login + 1" },
  [WRITE_SOON] = { SP_SOON, "UPDATE users SET first_login = first_login + 1" },
  [WRITE_LATER] = { SP_LATER, "UPDATE users SET first_login = first_login + 1" },
  [DELETE_NOTHING_DURABLY] = { SP_DURABLE, "DELETE FROM users WHERE login = 'nobody'" },
};

typedef struct
{
  char *folder;
  char *file;
  char *log;
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  SpPutUser anna = { .user = { 1 }, .login_length = 4, .login = "anna" };
  SpUserStore *users;

  fixture->folder = g_dir_make_tmp ("durability-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
  fixture->log = g_strconcat (fixture->file, "-wal", NULL);
  fixture->database = sp_database_open (fixture->file, NULL);
  g_assert_nonnull (fixture->database);
  users = sp_user_store_new (fixture->database, NULL);
  g_assert_true (sp_user_store_put (users, &anna, NULL));
  sp_user_store_free (users);
  g_assert_true (
      sp_database_prepare (fixture->database, texts, N_STATEMENTS, fixture->statements, NULL));
  n_synced = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sp_database_close (fixture->database);
  g_assert_no_errno (g_unlink (fixture->file));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->log);
}

static void
run (Fixture *fixture, guint statement)
{
  g_assert_true (sp_statement_run (fixture->statements[statement], NULL));
}

/* Milliseconds until the loop has something to do; -1: nothing waits. */
static int
get_wait (void)
{
  GMainContext *context = g_main_context_default ();
  GPollFD fds[8];
  int priority;
  int wait;

  g_assert_true (g_main_context_acquire (context));
  (void) g_main_context_prepare (context, &priority);
  (void) g_main_context_query (context, priority, &wait, fds, G_N_ELEMENTS (fds));
  g_main_context_release (context);
  return wait;
}

static void
wait_for_disk (void)
{
  while (n_synced == 0)
    (void) g_main_context_iteration (NULL, TRUE);
}

/* It does not wait for the disk, nothing goes there a second time, and the next one begins anew. */
static void
test_within_a_second (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      n_synced = 0;
      run (fixture, WRITE_WITHIN_A_SECOND);
      run (fixture, WRITE_WITHIN_A_SECOND);
      g_assert_cmpuint (n_synced, ==, 0);
      g_assert_cmpint (get_wait (), >=, 0);
      g_assert_cmpint (get_wait (), <, 1000);
      wait_for_disk ();
      g_assert_cmpuint (n_synced, ==, 1);
      g_assert_cmpint (get_wait (), ==, -1);
    }
}

/* All statements of a transaction are as durable as it is. */
static void
test_transaction (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpTransaction) transaction =
      sp_transaction_begin (fixture->database, SP_WITHIN_A_SECOND, NULL);

  run (fixture, WRITE_DURABLY);
  g_assert_cmpint (get_wait (), ==, -1);
  g_assert_true (sp_transaction_commit (&transaction, NULL));
  g_assert_cmpuint (n_synced, ==, 0);
  wait_for_disk ();
  transaction = sp_transaction_begin (fixture->database, SP_DURABLE, NULL);
  run (fixture, WRITE_WITHIN_A_SECOND);
  g_assert_true (sp_transaction_commit (&transaction, NULL));
  g_assert_cmpuint (n_synced, ==, 2);
  g_assert_cmpint (get_wait (), ==, -1);
}

/* Only what has gone to the disk itself makes it needless. */
static void
test_what_comes_next (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint statement;
    gboolean synced;
  } rows[] = {
    { WRITE_DURABLY, TRUE },
    { WRITE_SOON, FALSE },
    { DELETE_NOTHING_DURABLY, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      n_synced = 0;
      run (fixture, WRITE_WITHIN_A_SECOND);
      run (fixture, rows[i].statement);
      g_assert_cmpuint (n_synced, ==, rows[i].synced ? 1 : 0);
      g_assert_cmpint (get_wait () == -1, ==, rows[i].synced);
      wait_for_disk ();
      g_assert_cmpuint (n_synced, ==, 1);
    }
  n_synced = 0;
  run (fixture, WRITE_WITHIN_A_SECOND);
  sp_transaction_undo (sp_transaction_begin (fixture->database, SP_DURABLE, NULL));
  g_assert_cmpuint (n_synced, ==, 0);
  wait_for_disk ();
}

/* What waits is stored before it, and is on the disk with it. */
static void
test_after_what_may_wait (Fixture *fixture, gconstpointer data)
{
  run (fixture, WRITE_LATER);
  run (fixture, WRITE_WITHIN_A_SECOND);
  g_assert_cmpuint (n_synced, ==, 0);
  run (fixture, WRITE_LATER);
  wait_for_disk ();
  g_assert_cmpuint (n_synced, ==, 1);
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  run (fixture, WRITE_WITHIN_A_SECOND);
  sp_database_close (g_steal_pointer (&fixture->database));
  g_assert_cmpuint (n_synced, >=, 1);
  g_assert_cmpint (get_wait (), ==, -1);
}

static goffset
get_log_size (Fixture *fixture)
{
  GStatBuf facts;

  g_assert_no_errno (g_stat (fixture->log, &facts));
  return facts.st_size;
}

/* However much is written, the log stays small; but it is not moved while somebody waits. */
static void
test_log_is_moved (Fixture *fixture, gconstpointer data)
{
  goffset size;

  for (guint i = 0; i < 1500; i++)
    run (fixture, WRITE_SOON);
  size = get_log_size (fixture);
  g_assert_cmpint (size, <, 2000 * 4096);
  n_synced = 0;
  for (guint i = 0; i < 1500; i++)
    run (fixture, WRITE_WITHIN_A_SECOND);
  g_assert_cmpuint (n_synced, ==, 0);
  wait_for_disk ();
  size = get_log_size (fixture);
  for (guint i = 0; i < 300; i++)
    run (fixture, WRITE_WITHIN_A_SECOND);
  g_assert_cmpint (get_log_size (fixture), ==, size);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/durability/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("within-a-second", test_within_a_second);
  ADD ("transaction", test_transaction);
  ADD ("what-comes-next", test_what_comes_next);
  ADD ("after-what-may-wait", test_after_what_may_wait);
  ADD ("close", test_close);
  ADD ("log", test_log_is_moved);
  return g_test_run ();
}
