/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quiet-timer.h"

#define MILLISECONDS 50

typedef struct
{
  SpQuietTimer *timer;
  guint told;
  gboolean ends; /* with the first that it is told */
} Listener;

static void
tell (gpointer user_data)
{
  Listener *listener = user_data;

  listener->told++;
  if (listener->ends)
    g_clear_pointer (&listener->timer, sp_quiet_timer_free);
}

static void
wait_told (const Listener *listener, guint told)
{
  while (listener->told < told)
    (void) g_main_context_iteration (NULL, TRUE);
}

static gboolean
set_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_quietly (void)
{
  gboolean over = FALSE;

  (void) g_timeout_add (2 * MILLISECONDS, set_cb, &over);
  while (!over)
    (void) g_main_context_iteration (NULL, TRUE);
}

static void
test_many_are_one (void)
{
  Listener listener = { 0 };

  listener.timer = sp_quiet_timer_new (MILLISECONDS, tell, &listener);
  wait_quietly ();
  g_assert_cmpuint (listener.told, ==, 0);
  for (guint round = 1; round <= 2; round++)
    {
      gint64 start = g_get_monotonic_time ();

      for (guint i = 0; i < 3; i++)
        sp_quiet_timer_notice (listener.timer);
      g_assert_cmpuint (listener.told, ==, round - 1);
      wait_told (&listener, round);
      g_assert_cmpint (g_get_monotonic_time () - start, >=, (MILLISECONDS - 1) * 1000);
      wait_quietly ();
      g_assert_cmpuint (listener.told, ==, round);
    }
  sp_quiet_timer_notice (listener.timer);
  sp_quiet_timer_free (listener.timer);
  wait_quietly ();
  g_assert_cmpuint (listener.told, ==, 2);
}

static void
test_end_while_told (void)
{
  Listener listener = { .ends = TRUE };

  listener.timer = sp_quiet_timer_new (MILLISECONDS, tell, &listener);
  sp_quiet_timer_notice (listener.timer);
  wait_told (&listener, 1);
  g_assert_null (listener.timer);
  wait_quietly ();
  g_assert_cmpuint (listener.told, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quiet-timer/many-are-one", test_many_are_one);
  g_test_add_func ("/quiet-timer/end-while-told", test_end_while_told);
  return g_test_run ();
}
