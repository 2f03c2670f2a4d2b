/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-schedule.h"
#include "restore.h"

#include "base/io.h"
#include "base/names.h"
#include "walls/main-keyholder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Until the journal is written the old state counts, from then on the new one, however often the
 * program is killed while it puts the files into their places. */

typedef struct
{
  char *folder;
  char *state;
  char *config;
  char *database;
} Fixture;

static void
put (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
expect (const char *path, const char *text)
{
  g_autofree char *found = NULL;

  (void) g_file_get_contents (path, &found, NULL, NULL);
  g_assert_cmpstr (found, ==, text);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = NULL;

  fixture->folder = g_dir_make_tmp ("restore-XXXXXX", NULL);
  fixture->state = g_build_filename (fixture->folder, "state", NULL);
  fixture->config = g_build_filename (fixture->folder, "settings", NULL);
  fixture->database = g_build_filename (fixture->state, SP_DATABASE_FILE, NULL);
  log = g_strconcat (fixture->database, "-wal", NULL);
  g_assert_no_errno (g_mkdir (fixture->state, 0700));
  put (fixture->database, "old database");
  put (log, "old log");
  put (fixture->config, "old settings");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_strconcat (fixture->database, "-wal", NULL);

  (void) g_unlink (log);
  g_assert_no_errno (g_unlink (fixture->database));
  (void) g_unlink (fixture->config);
  /* nothing else is left */
  g_assert_no_errno (g_rmdir (fixture->state));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->state);
  g_free (fixture->config);
  g_free (fixture->database);
}

static void
stage (Fixture *fixture)
{
  SpRestoreFiles files;
  g_autoptr (GError) error = NULL;

  (void) sp_restore_stage (fixture->state, fixture->config, &files, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (files.database, "new database", 12), ==, 12);
  g_assert_cmpint (write (files.settings, "new settings", 12), ==, 12);
  sp_fd_clear (&files.database);
  sp_fd_clear (&files.settings);
}

static void
commit (Fixture *fixture, guint8 origin)
{
  g_autoptr (GError) error = NULL;

  (void) sp_restore_commit (fixture->state, fixture->config, origin, &error);
  g_assert_no_error (error);
}

static guint8
recover (Fixture *fixture)
{
  guint8 origin = SP_ORIGIN_LAST + 1;
  g_autoptr (GError) error = NULL;

  (void) sp_restore_recover (fixture->state, fixture->config, &origin, &error);
  g_assert_no_error (error);
  return origin;
}

static void
expect_old (Fixture *fixture)
{
  g_autofree char *log = g_strconcat (fixture->database, "-wal", NULL);

  expect (fixture->database, "old database");
  expect (log, "old log");
  expect (fixture->config, "old settings");
}

static void
expect_new (Fixture *fixture)
{
  g_autofree char *log = g_strconcat (fixture->database, "-wal", NULL);

  expect (fixture->database, "new database");
  expect (log, NULL);
  expect (fixture->config, "new settings");
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (recover (fixture), ==, SP_ORIGIN_KEPT);
  expect_old (fixture);
}

static void
test_uncommitted (Fixture *fixture, gconstpointer data)
{
  stage (fixture);
  g_assert_cmpuint (recover (fixture), ==, SP_ORIGIN_KEPT);
  expect_old (fixture);
  stage (fixture);
  sp_restore_discard (fixture->state, fixture->config);
  expect_old (fixture);
}

static void
test_committed (Fixture *fixture, gconstpointer data)
{
  guint8 origin = GPOINTER_TO_UINT (data);

  stage (fixture);
  commit (fixture, origin);
  expect_old (fixture);
  /* again and again, as long as the keyholder did not do its part */
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (recover (fixture), ==, origin);
      expect_new (fixture);
    }
  sp_restore_finish (fixture->state);
  g_assert_cmpuint (recover (fixture), ==, SP_ORIGIN_KEPT);
  expect_new (fixture);
}

/* Killed after each of the changes that recovering makes. */
static void
test_half_way (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = sp_restore_get_folder (fixture->state);
  g_autofree char *staged = g_build_filename (folder, SP_DATABASE_FILE, NULL);
  g_autofree char *settings = sp_restore_get_settings (fixture->config);
  guint steps = GPOINTER_TO_UINT (data);

  stage (fixture);
  commit (fixture, SP_ORIGIN_RESTORED);
  if (steps > 0)
    g_assert_no_errno (g_unlink (fixture->database));
  if (steps > 1)
    {
      g_autofree char *log = g_strconcat (fixture->database, "-wal", NULL);

      g_assert_no_errno (g_unlink (log));
    }
  if (steps > 2)
    g_assert_no_errno (g_rename (staged, fixture->database));
  if (steps > 3)
    g_assert_no_errno (g_rename (settings, fixture->config));
  g_assert_cmpuint (recover (fixture), ==, SP_ORIGIN_RESTORED);
  expect_new (fixture);
  sp_restore_finish (fixture->state);
}

/* Settings that were not staged stay as they are. */
static void
test_without_settings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *settings = sp_restore_get_settings (fixture->config);

  stage (fixture);
  g_assert_no_errno (g_unlink (settings));
  commit (fixture, SP_ORIGIN_RESTORED);
  g_assert_cmpuint (recover (fixture), ==, SP_ORIGIN_RESTORED);
  expect (fixture->database, "new database");
  expect (fixture->config, "old settings");
  sp_restore_finish (fixture->state);
}

static void
test_strange_journal (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = sp_restore_get_folder (fixture->state);
  g_autofree char *journal = g_build_filename (folder, "journal", NULL);
  g_autoptr (GError) error = NULL;
  guint8 origin;

  stage (fixture);
  put (journal, "something else\n");
  g_assert_false (sp_restore_recover (fixture->state, fixture->config, &origin, &error));
  g_assert_nonnull (error);
  expect_old (fixture);
  g_assert_no_errno (g_unlink (journal));
  sp_restore_discard (fixture->state, fixture->config);
}

/* Only names that we gave are ours to count and to remove. */
static void
test_names (void)
{
  static const char *const foreign[] = {
    "",
    "sallyport-.backup",
    "sallyport-20260131-040000.backup.old",
    "xsallyport-20260131-040000.backup",
    "sallyport-20260231-040000.backup",
    "sallyport-20260131-240000.backup",
    "sallyport-20260131x040000.backup",
    "sallyport-2026 131-040000.backup",
    "sallyport-+0260131-040000.backup",
    ".sallyport.unfinished",
  };
  g_autofree char *name = sp_backup_name_write (G_GINT64_CONSTANT (1769832000000000));

  g_assert_cmpstr (name, ==, "sallyport-20260131-040000.backup");
  g_assert_cmpint (sp_backup_name_read (name), ==, G_GINT64_CONSTANT (1769832000000000));
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    g_assert_cmpint (sp_backup_name_read (foreign[i]), ==, -1);
}

/* A machine whose settings were never changed has no folder for them. */
static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "later", NULL);
  g_autofree char *config = g_build_filename (folder, "settings", NULL);
  SpRestoreFiles files;
  g_autoptr (GError) error = NULL;

  (void) sp_restore_stage (fixture->state, config, &files, &error);
  g_assert_no_error (error);
  g_assert_no_errno (close (files.database));
  g_assert_no_errno (close (files.settings));
  sp_restore_discard (fixture->state, config);
  g_assert_no_errno (g_rmdir (folder));
}

#define ADD(name, data, function)                                                                  \
  g_test_add ("/restore/" name, Fixture, GUINT_TO_POINTER (data), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing", 0, test_nothing);
  ADD ("uncommitted", 0, test_uncommitted);
  ADD ("committed/restored", SP_ORIGIN_RESTORED, test_committed);
  ADD ("committed/nothing", SP_ORIGIN_NOTHING, test_committed);
  ADD ("half-way/0", 0, test_half_way);
  ADD ("half-way/1", 1, test_half_way);
  ADD ("half-way/2", 2, test_half_way);
  ADD ("half-way/3", 3, test_half_way);
  ADD ("half-way/4", 4, test_half_way);
  ADD ("without-settings", 0, test_without_settings);
  ADD ("strange-journal", 0, test_strange_journal);
  ADD ("folder", 0, test_folder);
  g_test_add_func ("/restore/names", test_names);
  return g_test_run ();
}
