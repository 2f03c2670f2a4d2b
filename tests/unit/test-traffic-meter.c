/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/traffic-meter.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)

static double
sum_down (SpTrafficMeter *meter)
{
  double sum = 0;

  for (guint i = 0; i < SP_TRAFFIC_METER_SECONDS; i++)
    sum += sp_traffic_meter_get_second (meter, i).down;
  return sum;
}

static void
test_begins_with_nothing (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();

  sp_traffic_meter_feed (meter, START, 5000000, 70000);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 0);
  sp_traffic_meter_advance (meter, START + 5 * SECOND);
  g_assert_cmpfloat (sum_down (meter), ==, 0);
}

static void
test_tells_the_rate (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();

  sp_traffic_meter_feed (meter, START, 100, 10);
  sp_traffic_meter_feed (meter, START + SECOND, 2100, 510);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 2000);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).up, ==, 500);
  /* A message that comes late tells of a longer time. */
  sp_traffic_meter_feed (meter, START + 5 * SECOND / 2, 5100, 510);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 2000);
}

static void
test_is_still_after_silence (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();

  sp_traffic_meter_feed (meter, START, 0, 0);
  sp_traffic_meter_feed (meter, START + SECOND, 1000, 0);
  sp_traffic_meter_advance (meter, START + 2 * SECOND);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 1000);
  sp_traffic_meter_advance (meter, START + 4 * SECOND);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 0);
  /* What comes after it was carried just now, not all the time. */
  sp_traffic_meter_feed (meter, START + 20 * SECOND, 4000, 0);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 3000);
}

static void
test_loses_and_invents_nothing (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();
  gint64 now = START;
  guint64 down = 0;

  for (guint i = 0; i < 40; i++)
    {
      sp_traffic_meter_feed (meter, now, down, 0);
      now += SECOND * 11 / 10;
      down += 1100;
    }
  sp_traffic_meter_advance (meter, now + 2 * SECOND);
  g_assert_cmpfloat_with_epsilon (sum_down (meter), 39 * 1100, 0.001);
  /* An even stream is drawn even, whenever the messages came. */
  for (guint i = 24; i < 50; i++)
    g_assert_cmpfloat_with_epsilon (sp_traffic_meter_get_second (meter, i).down, 1000, 0.001);
}

static void
test_forgets_what_is_old (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();

  sp_traffic_meter_feed (meter, START, 0, 0);
  sp_traffic_meter_feed (meter, START + SECOND, 1000, 1000);
  sp_traffic_meter_advance (meter, START + 61 * SECOND);
  g_assert_cmpfloat (sp_traffic_meter_get_second (meter, 0).down, ==, 1000);
  sp_traffic_meter_advance (meter, START + 62 * SECOND);
  g_assert_cmpfloat (sum_down (meter), ==, 0);
  sp_traffic_meter_feed (meter, START + 4000 * SECOND, 2000, 1000);
  sp_traffic_meter_advance (meter, START + 4002 * SECOND);
  g_assert_cmpfloat (sum_down (meter), ==, 1000);
}

static void
test_begins_anew_with_smaller_counters (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();

  sp_traffic_meter_feed (meter, START, 9000, 9000);
  sp_traffic_meter_feed (meter, START + SECOND, 100, 100);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 0);
  sp_traffic_meter_feed (meter, START + 2 * SECOND, 300, 100);
  g_assert_cmpfloat (sp_traffic_meter_get_rate (meter).down, ==, 200);
}

static void
count (SpTrafficMeter *meter, guint *times)
{
  *times += 1;
}

static void
test_says_when_it_changes (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();
  guint times = 0;

  (void) g_signal_connect (meter, "changed", G_CALLBACK (count), &times);
  sp_traffic_meter_feed (meter, START, 0, 0);
  g_assert_cmpuint (times, ==, 1);
  sp_traffic_meter_advance (meter, START + SECOND / 2);
  g_assert_cmpuint (times, ==, 1);
  sp_traffic_meter_advance (meter, START + SECOND);
  g_assert_cmpuint (times, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/traffic-meter/begins-with-nothing", test_begins_with_nothing);
  g_test_add_func ("/traffic-meter/rate", test_tells_the_rate);
  g_test_add_func ("/traffic-meter/silence", test_is_still_after_silence);
  g_test_add_func ("/traffic-meter/sum", test_loses_and_invents_nothing);
  g_test_add_func ("/traffic-meter/old", test_forgets_what_is_old);
  g_test_add_func ("/traffic-meter/smaller", test_begins_anew_with_smaller_counters);
  g_test_add_func ("/traffic-meter/changed", test_says_when_it_changes);
  return g_test_run ();
}
