/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock-watch.h"

#include "base/names.h"

#include <glib/gstdio.h>

#define MINUTE   (60 * (gint64) G_USEC_PER_SEC)
#define TODAY    (G_GINT64_CONSTANT (1763683200) * G_USEC_PER_SEC)
#define YEAR_OLD (TODAY - 365 * 24 * 60 * MINUTE)

typedef struct
{
  char *folder;
  SpStore *store;
  SpClockWatch *watch;
  guint n_changes;
} Fixture;

static void
changed_cb (gpointer user_data)
{
  ((Fixture *) user_data)->n_changes++;
}

static void
boot (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->watch, sp_clock_watch_free);
  g_clear_pointer (&self->store, sp_store_free);
  self->store = sp_store_open (self->folder, &error);
  g_assert_no_error (error);
  self->watch = sp_clock_watch_new (self->store, changed_cb, self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("clock-XXXXXX", NULL);
  boot (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const files[] = { SP_DATABASE_FILE, SP_DATABASE_FILE "-wal",
                                       SP_DATABASE_FILE "-shm" };

  sp_clock_watch_free (self->watch);
  sp_store_free (self->store);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, files[i], NULL);
      (void) g_unlink (path);
    }
  (void) g_rmdir (self->folder);
  g_free (self->folder);
}

#define LOOK(now, synchronised, certified)                                                         \
  sp_clock_watch_look (self->watch, now, synchronised, certified)

static void
test_first (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, 0), ==, 0);
  g_assert_cmpint (LOOK (TODAY, FALSE, 0), ==, 0);
}

/* The next boot begins in the past, until the clock is set. */
static void
test_boot (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (LOOK (TODAY, FALSE, 0), ==, 0);
  boot (self);
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, 0), ==, TODAY);
  g_assert_cmpint (LOOK (YEAR_OLD + MINUTE, FALSE, 0), ==, TODAY);
  g_assert_cmpint (LOOK (TODAY + MINUTE, FALSE, 0), ==, 0);
  g_assert_cmpint (LOOK (TODAY - 9 * MINUTE, FALSE, 0), ==, 0);
  g_assert_cmpint (LOOK (TODAY - 11 * MINUTE, FALSE, 0), ==, TODAY);
}

/* What it says while it is wrong is not remembered. */
static void
test_wrong_is_forgotten (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (LOOK (TODAY, FALSE, 0), ==, 0);
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, 0), ==, TODAY);
  boot (self);
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, 0), ==, TODAY);
}

static void
test_certificate (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, TODAY), ==, TODAY);
  g_assert_cmpint (LOOK (YEAR_OLD, FALSE, 0), ==, 0);
}

/* It was ahead by mistake, and others have mended that. */
static void
test_ahead (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (LOOK (TODAY, FALSE, 0), ==, 0);
  g_assert_cmpint (LOOK (YEAR_OLD, TRUE, 0), ==, 0);
  boot (self);
  g_assert_cmpint (LOOK (YEAR_OLD + MINUTE, FALSE, 0), ==, 0);
}

/* Nobody has to look for it to be noticed: here the time comes by itself. */
static void
test_caught_up (Fixture *self, gconstpointer data)
{
  gint64 now = g_get_real_time ();
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  g_assert_cmpint (LOOK (now - MINUTE, FALSE, now + SP_CLOCK_BACK_MAX + G_USEC_PER_SEC / 5), >, 0);
  while (self->n_changes == 0 && g_get_monotonic_time () < deadline)
    (void) g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->n_changes, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/clock-watch/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("first", test_first);
  ADD ("boot", test_boot);
  ADD ("wrong-is-forgotten", test_wrong_is_forgotten);
  ADD ("certificate", test_certificate);
  ADD ("ahead", test_ahead);
  ADD ("caught-up", test_caught_up);
  return g_test_run ();
}
