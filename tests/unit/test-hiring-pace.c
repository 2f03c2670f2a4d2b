/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hiring-pace.h"

#include "base/log.h"

static void
over_cb (gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Milliseconds until it may be. */
static gint64
wait_until_over (const SpHiringPace *pace, const guint *n_over)
{
  gint64 began = g_get_monotonic_time ();
  guint before = *n_over;

  while (!sp_hiring_pace_may_hire_ahead (pace))
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (*n_over, ==, before + 1);
  return (g_get_monotonic_time () - began) / 1000;
}

static void
test_pauses_double (void)
{
  guint n_over = 0;
  g_autoptr (SpHiringPace) pace = sp_hiring_pace_new (over_cb, &n_over);

  g_assert_true (sp_hiring_pace_may_hire_ahead (pace));
  for (gint64 least = 20; least <= 320; least *= 2)
    {
      sp_hiring_pace_fail (pace);
      g_assert_false (sp_hiring_pace_may_hire_ahead (pace));
      g_assert_cmpint (wait_until_over (pace, &n_over) + 1, >=, least);
    }
}

/* They do not add up to several ends of one pause, and the last one counts. */
static void
test_failures_at_once (void)
{
  guint n_over = 0;
  g_autoptr (SpHiringPace) pace = sp_hiring_pace_new (over_cb, &n_over);

  for (guint i = 0; i < 5; i++)
    sp_hiring_pace_fail (pace);
  g_assert_cmpint (wait_until_over (pace, &n_over) + 1, >=, 320);
  g_assert_cmpuint (n_over, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  sp_log_open ("test", SP_LOG_ERROR);
  g_test_add_func ("/hiring-pace/pauses-double", test_pauses_double);
  g_test_add_func ("/hiring-pace/failures-at-once", test_failures_at_once);
  return g_test_run ();
}
