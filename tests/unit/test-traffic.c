/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC

static void
test_report (void)
{
  SpTraffic traffic = { .rx_bytes = 1, .tx_bytes = 2, .rx_packets = 3, .tx_packets = 4 };
  SpReport report = { 0 };

  traffic.drops[SP_DROP_SOURCE] = 0x01020304;
  traffic.drops[SP_DROP_PAUSED] = 7;
  traffic.drops[SP_DROP_COMPRESSION] = 8;
  sp_traffic_fill_report (&traffic, &report);
  g_assert_cmpuint (report.rx_bytes, ==, 1);
  g_assert_cmpuint (report.tx_bytes, ==, 2);
  g_assert_cmpuint (report.rx_packets, ==, 3);
  g_assert_cmpuint (report.tx_packets, ==, 4);
  g_assert_cmpmem (report.drops + 4 * SP_DROP_SOURCE, 4, "\4\3\2\1", 4);
  g_assert_cmpmem (report.drops + 4 * SP_DROP_PAUSED, 4, "\7\0\0\0", 4);
  g_assert_cmpmem (report.drops + 4 * SP_DROP_COMPRESSION, 4, "\10\0\0\0", 4);
}

/* Once a second at most, not at all without news, at once if urgent. */
static void
test_pace (void)
{
  SpTraffic traffic = { 0 };
  SpReporter reporter = { 0 };

  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, G_MAXINT64);
  traffic.rx_packets = 1;
  sp_reporter_told (&reporter, &traffic, 10 * SECOND);
  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, G_MAXINT64);
  traffic.drops[SP_DROP_QUEUE]++;
  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, 11 * SECOND);
  reporter.urgent = TRUE;
  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, 10 * SECOND + SECOND / 10);
}

/* What main did not take now is told later, even if nothing more happens. */
static void
test_delayed (void)
{
  SpTraffic traffic = { .tx_packets = 5 };
  SpReporter reporter = { .urgent = TRUE };

  sp_reporter_delayed (&reporter, 20 * SECOND);
  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, 21 * SECOND);
  sp_reporter_told (&reporter, &traffic, 21 * SECOND);
  g_assert_cmpint (sp_reporter_get_deadline (&reporter, &traffic), ==, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/traffic/report", test_report);
  g_test_add_func ("/traffic/pace", test_pace);
  g_test_add_func ("/traffic/delayed", test_delayed);
  return g_test_run ();
}
