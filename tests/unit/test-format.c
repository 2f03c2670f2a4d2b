/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/format.h"

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_rates (void)
{
  assert_text (sp_format_rate (0), "0");
  assert_text (sp_format_rate (-3), "0");
  assert_text (sp_format_rate (1234567), "1.2\302\240MB/s");
  assert_text (sp_format_rates (80000, 0), "↓ 80.0\302\240kB/s  ↑ 0");
}

static void
test_durations (void)
{
  assert_text (sp_format_duration (0), "less than a minute");
  assert_text (sp_format_duration (59), "less than a minute");
  assert_text (sp_format_duration (60), "1 min");
  assert_text (sp_format_duration (3599), "59 min");
  assert_text (sp_format_duration (7199), "1 h");
  assert_text (sp_format_duration (86399), "23 h");
  assert_text (sp_format_duration (86400), "1 day");
  assert_text (sp_format_duration (12 * 86400), "12 days");
  assert_text (sp_format_duration (G_MAXUINT64), "4294967295 days");
}

static void
test_moments (void)
{
  guint64 now = (guint64) g_get_real_time ();

  assert_text (sp_format_since (now - 125 * G_USEC_PER_SEC), "2 min");
  assert_text (sp_format_since (now + G_USEC_PER_SEC), "less than a minute");
  assert_text (sp_format_time (0), "1 Jan 1970, 00:00");
  assert_text (sp_format_clock ((13 * 3600 + 120) * (guint64) G_USEC_PER_SEC), "13:02");
  assert_text (sp_format_time (G_MAXUINT64), "");
}

int
main (int argc, char **argv)
{
  (void) g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/rates", test_rates);
  g_test_add_func ("/format/durations", test_durations);
  g_test_add_func ("/format/moments", test_moments);
  return g_test_run ();
}
