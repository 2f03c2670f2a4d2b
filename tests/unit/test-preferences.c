/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preferences.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("preferences-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "below", "window.ini", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *below = g_path_get_dirname (fixture->path);

  (void) g_unlink (fixture->path);
  (void) g_rmdir (below);
  (void) g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static gboolean
get_boolean (SpPreferences *preferences, const char *name)
{
  gboolean value;

  g_object_get (preferences, name, &value, NULL);
  return value;
}

static int
get_number (SpPreferences *preferences, const char *name)
{
  int value;

  g_object_get (preferences, name, &value, NULL);
  return value;
}

static void
test_without_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpPreferences) preferences = sp_preferences_new_for_file (fixture->path);

  g_assert_true (get_boolean (preferences, "notify-new-devices"));
  g_assert_false (get_boolean (preferences, "notify-connections"));
  g_assert_true (get_boolean (preferences, "notify-problems"));
  g_assert_cmpint (get_number (preferences, "window-width"), ==, 900);
}

static void
test_kept (Fixture *fixture, gconstpointer data)
{
  SpPreferences *preferences = sp_preferences_new_for_file (fixture->path);
  g_autoptr (SpPreferences) again = NULL;

  g_object_set (preferences, "notify-connections", TRUE, "notify-problems", FALSE, "window-width",
                700, NULL);
  g_object_unref (preferences);
  again = sp_preferences_new_for_file (fixture->path);
  g_assert_true (get_boolean (again, "notify-connections"));
  g_assert_false (get_boolean (again, "notify-problems"));
  g_assert_cmpint (get_number (again, "window-width"), ==, 700);
  g_assert_cmpint (get_number (again, "window-height"), ==, 640);
}

static void
write_file (Fixture *fixture, const char *text)
{
  g_autofree char *below = g_path_get_dirname (fixture->path);

  g_assert_cmpint (g_mkdir_with_parents (below, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
}

static void
test_nonsense (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpPreferences) preferences = NULL;

  write_file (fixture, "[window]\nwindow-width=wide\nwindow-height=3\n"
                       "[notifications]\nnotify-problems=perhaps\n");
  preferences = sp_preferences_new_for_file (fixture->path);
  g_assert_cmpint (get_number (preferences, "window-width"), ==, 900);
  g_assert_cmpint (get_number (preferences, "window-height"), ==, 294);
  g_assert_true (get_boolean (preferences, "notify-problems"));
}

/* What one program changes another one hears, and neither loses what the other wrote. */
static void
test_two_programs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpPreferences) window = NULL;
  g_autoptr (SpPreferences) service = NULL;
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  write_file (fixture, "");
  window = sp_preferences_new_for_file (fixture->path);
  service = sp_preferences_new_for_file (fixture->path);
  g_object_set (window, "window-width", 500, NULL);
  g_object_set (service, "notify-connections", TRUE, NULL);
  sp_preferences_flush (window);
  sp_preferences_flush (service);
  while (!get_boolean (window, "notify-connections") && g_get_monotonic_time () < deadline)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_true (get_boolean (window, "notify-connections"));
  while (get_number (service, "window-width") != 500 && g_get_monotonic_time () < deadline)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (get_number (service, "window-width"), ==, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/preferences/without-file", Fixture, NULL, set_up, test_without_file, tear_down);
  g_test_add ("/preferences/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/preferences/nonsense", Fixture, NULL, set_up, test_nonsense, tear_down);
  g_test_add ("/preferences/two-programs", Fixture, NULL, set_up, test_two_programs, tear_down);
  return g_test_run ();
}
