/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/names.h"
#include "store-private.h"
#include "store-record.h"
#include "store-undo.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("sallyport-store-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path =
          g_strconcat (fixture->folder, "/", SP_DATABASE_FILE, endings[i], NULL);
      (void) g_unlink (path);
    }
  (void) g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static SpStore *
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  SpStore *store = sp_store_open (fixture->folder, &error);

  g_assert_no_error (error);
  return store;
}

static void
put (SpStore *store, guint8 id, const char *login, GError **error)
{
  SpUserRecord record = { .login = (char *) login };

  memset (record.id, id, SP_ID_SIZE);
  (void) sp_store_put_user (store, &record, error);
}

static SpUserRecord *
only_user (SpStore *store)
{
  g_autoptr (GPtrArray) users = sp_store_list_users (store, NULL);

  g_assert_nonnull (users);
  g_assert_cmpuint (users->len, ==, 1);
  return sp_user_record_copy (users->pdata[0]);
}

static void
apply (SpUserRecord *record, const char *changes)
{
  g_autoptr (GVariant) dictionary =
      g_variant_ref_sink (g_variant_parse (G_VARIANT_TYPE_VARDICT, changes, NULL, NULL, NULL));

  sp_user_values_apply (&record->values, dictionary);
}

static gint64
count_values (SpStore *store)
{
  g_autoptr (SpUserRecord) record = only_user (store);
  guint n = 0;

  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    n += !sp_user_values_is_default (&record->values, i);
  return n;
}

static void
test_what_is_set_of_a_user_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpStore) store = open_store (fixture);
  g_autoptr (SpUserRecord) record = NULL;
  g_autoptr (SpUserRecord) again = NULL;

  put (store, 1, "anna", NULL);
  g_assert_cmpint (count_values (store), ==, 0);
  record = only_user (store);
  apply (record, "{'FullName': <'Anna ü'>, 'Enabled': <false>, 'Other': <3>}");
  g_assert_true (sp_store_put_user (store, record, NULL));
  sp_store_free (g_steal_pointer (&store));
  store = open_store (fixture);
  again = only_user (store);
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    g_assert_true (g_variant_equal (sp_user_values_get (&record->values, i),
                                    sp_user_values_get (&again->values, i)));
  g_assert_cmpint (count_values (store), ==, 2);
  apply (again, "{'FullName': <''>, 'Enabled': <true>}");
  g_assert_true (sp_store_put_user (store, again, NULL));
  g_assert_cmpint (count_values (store), ==, 0);
}

static void
test_users (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpStore) store = open_store (fixture);
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (GError) error = NULL;
  guint8 id[SP_ID_SIZE];

  put (store, 1, "anna", NULL);
  put (store, 2, "ben", NULL);
  put (store, 3, "anna", &error);
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
  memset (id, 1, sizeof id);
  g_assert_true (sp_store_remove_user (store, id, NULL));
  users = sp_store_list_users (store, NULL);
  g_assert_cmpuint (users->len, ==, 1);
  g_assert_cmpstr (((SpUserRecord *) users->pdata[0])->login, ==, "ben");
}

static void
test_sessions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpStore) store = open_store (fixture);
  SpSessionRecord record = { .created = 42, .rx_bytes = 1ull << 40 };
  SpSessionRecord found;

  memset (record.id, 7, SP_ID_SIZE);
  memset (record.ipv4, 9, SP_ADDRESS_SIZE);
  g_assert_false (sp_store_find_session (store, record.id, &found, NULL));
  g_assert_true (sp_store_put_session (store, &record, NULL));
  record.tx_bytes = 5;
  g_assert_true (sp_store_put_session (store, &record, NULL));
  g_assert_true (sp_store_find_session (store, record.id, &found, NULL));
  g_assert_cmpmem (&found, sizeof found, &record, sizeof record);
  g_assert_true (sp_store_remove_session (store, record.id, NULL));
  g_assert_false (sp_store_find_session (store, record.id, &found, NULL));
}

static gboolean
can_undo (SpStore *store, const char *token, guint8 expected)
{
  guint8 id[SP_ID_SIZE];

  if (!sp_store_find_undo (store, token, id, NULL))
    return FALSE;
  g_assert_cmpuint (id[0], ==, expected);
  return TRUE;
}

/* As long as it was said and nothing else happened, whoever has the database open. */
static void
test_undo (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpStore) store = open_store (fixture);
  const gint64 now = g_get_real_time ();
  const guint8 phone[SP_ID_SIZE] = { 1 };
  SpUserRecord user = { .id = { 2 }, .login = (char *) "anna", .removed_at = now };

  g_assert_true (sp_store_put_undo (store, "over", phone, now - 1, NULL));
  g_assert_false (can_undo (store, "over", 1));
  g_assert_true (sp_store_put_undo (store, "phone", phone, now + G_TIME_SPAN_HOUR, NULL));
  g_assert_true (sp_store_put_undo (store, "anna", user.id, G_MAXINT64, NULL));
  g_assert_true (sp_store_put_user (store, &user, NULL));
  sp_store_free (store);
  store = open_store (fixture);
  g_assert_true (can_undo (store, "phone", 1));
  g_assert_true (can_undo (store, "anna", 2));
  user.removed_at = 0;
  g_assert_true (sp_store_put_user (store, &user, NULL));
  g_assert_false (can_undo (store, "anna", 2));
  g_assert_true (sp_store_put_undo (store, "again", user.id, G_MAXINT64, NULL));
  g_assert_true (sp_store_remove_user (store, user.id, NULL));
  g_assert_false (can_undo (store, "again", 2));
  g_assert_true (can_undo (store, "phone", 1));
}

static void
test_newer_database_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, SP_DATABASE_FILE, NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *database = NULL;

  sp_store_free (open_store (fixture));
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "PRAGMA user_version = 99", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  g_assert_null (sp_store_open (fixture->folder, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
}

/* What was acknowledged is there after the process was killed in the middle of more. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (SpStore) store = NULL;
  int acknowledged[2];
  pid_t child;
  char byte;

  g_assert_cmpint (pipe (acknowledged), ==, 0);
  child = fork ();
  if (child == 0)
    {
      SpStore *writer = sp_store_open (fixture->folder, NULL);
      for (guint8 id = 1; id < 250; id++)
        {
          g_autofree char *login = g_strdup_printf ("user%u", id);
          put (writer, id, login, NULL);
          (void) !write (acknowledged[1], "x", 1);
        }
      pause ();
    }
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (read (acknowledged[0], &byte, 1), ==, 1);
  (void) kill (child, SIGKILL);
  (void) waitpid (child, NULL, 0);
  store = open_store (fixture);
  users = sp_store_list_users (store, NULL);
  g_assert_cmpuint (users->len, >=, 20);
  (void) close (acknowledged[0]);
  (void) close (acknowledged[1]);
}

/* https://sqlite.org/pragma.html: 2 is FULL, 1 NORMAL */
static int
get_level (SpStore *store)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (store, "PRAGMA synchronous", NULL);

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  return sqlite3_column_int (statement, 0);
}

static void
put_soon (SpStore *store, const SpSessionRecord *record)
{
  g_assert_true (sp_store_begin_soon (store, NULL));
  g_assert_cmpint (get_level (store), ==, 1);
  g_assert_true (sp_store_put_session (store, record, NULL));
  g_assert_false (sp_store_begin_soon (store, NULL)); /* one runs */
  g_assert_cmpint (get_level (store), ==, 1);
  g_assert_true (sp_store_end (store, NULL));
}

/* Whatever is written next, in each of the ways to write. */
static void
test_only_what_says_so_is_written_soon (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpStore) store = open_store (fixture);
  SpSessionRecord record = { .id = { 1 } };

  g_assert_cmpint (get_level (store), ==, 2);
  put_soon (store, &record);
  put_soon (store, &record);
  g_assert_true (sp_store_begin (store, NULL));
  g_assert_cmpint (get_level (store), ==, 2);
  g_assert_false (sp_store_begin_soon (store, NULL));
  g_assert_cmpint (get_level (store), ==, 2);
  g_assert_true (sp_store_end (store, NULL));
  g_assert_cmpint (get_level (store), ==, 2);
  put_soon (store, &record);
  g_assert_true (sp_store_put_session (store, &record, NULL)); /* a kept statement */
  g_assert_cmpint (get_level (store), ==, 2);
  put_soon (store, &record);
  g_assert_true (sp_store_remove_session (store, record.id, NULL)); /* one that is made for it */
  g_assert_cmpint (get_level (store), ==, 2);
  put_soon (store, &record);
  g_assert_true (sp_store_enter (store, NULL)); /* a text */
  g_assert_cmpint (get_level (store), ==, 2);
  g_assert_true (sp_store_leave (store, TRUE, NULL));
}

static void
test_records (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "(@ay [0x00, 0xff], int64 -5, 'it’s \\n')",
                                       "(@ay [], int64 0, '')" };
  SpStore *store = open_store (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_null (sp_store_load_record (store, "thing", "(ayxs)", &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GVariant) record = g_variant_parse (NULL, texts[i], NULL, NULL, NULL);
      g_autoptr (GVariant) again = NULL;

      g_assert_true (sp_store_keep_record (store, "thing", record, &error));
      sp_store_free (store);
      store = open_store (fixture);
      again = sp_store_load_record (store, "thing", "(ayxs)", &error);
      g_assert_no_error (error);
      g_assert_true (g_variant_equal (record, again));
    }
  g_assert_null (sp_store_load_record (store, "thing", "a{sv}", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (sp_store_keep_record (store, "thing", NULL, &error));
  g_assert_null (sp_store_load_record (store, "thing", "(ayxs)", &error));
  g_assert_no_error (error);
  sp_store_free (store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store/user-values", Fixture, NULL, set_up, test_what_is_set_of_a_user_comes_back,
              tear_down);
  g_test_add ("/store/users", Fixture, NULL, set_up, test_users, tear_down);
  g_test_add ("/store/records", Fixture, NULL, set_up, test_records, tear_down);
  g_test_add ("/store/sessions", Fixture, NULL, set_up, test_sessions, tear_down);
  g_test_add ("/store/undo", Fixture, NULL, set_up, test_undo, tear_down);
  g_test_add ("/store/newer-database", Fixture, NULL, set_up, test_newer_database_is_refused,
              tear_down);
  g_test_add ("/store/soon", Fixture, NULL, set_up, test_only_what_says_so_is_written_soon,
              tear_down);
  g_test_add ("/store/killed", Fixture, NULL, set_up, test_killed, tear_down);
  return g_test_run ();
}
