/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/traffic-series.h"

#include <string.h>

#define SECOND G_GUINT64_CONSTANT (1000000)
#define DAY    (86400 * SECOND)
#define NOW    (20000 * DAY + 34567 * SECOND + 800000) /* 09:36:07.8 */

typedef struct
{
  guint64 begin;
  guint64 received;
  guint64 sent;
} Row;

static GVariant *
create_rows (const Row *rows, guint count)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ttt)"));

  for (guint i = 0; i < count; i++)
    g_variant_builder_add (&builder, "(ttt)", rows[i].begin, rows[i].received, rows[i].sent);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
test_covers_its_range (void)
{
  const struct
  {
    SpTrafficRange range;
    guint64 span;
    guint64 late; /* how much of the end is left out at most */
  } expected[] = {
    { SP_TRAFFIC_MINUTE, 60 * SECOND, 2 * SECOND },
    { SP_TRAFFIC_HOUR, 3600 * SECOND, 0 },
    { SP_TRAFFIC_DAY, DAY, 0 },
    { SP_TRAFFIC_MONTH, 30 * DAY, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (expected[i].range, NOW);
      guint64 end = series->start + series->count * series->step;

      g_assert_cmpuint (series->count * series->step, ==, expected[i].span);
      g_assert_cmpuint (series->start % series->step, ==, 0);
      g_assert_cmpuint (end + expected[i].late, >=, NOW);
      g_assert_cmpuint (end, <=, NOW + series->step);
    }
}

static void
test_puts_rows_into_their_steps (void)
{
  g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (SP_TRAFFIC_DAY, NOW);
  const Row rows[] = {
    { series->start - 60 * SECOND, 600000, 600000 },
    { series->start, 600, 6000 },
    { series->start + 60 * SECOND, 600, 6000 },
    { series->start + series->step, 0, 60000 },
    { series->start + series->count * series->step, 600000, 600000 },
  };
  g_autoptr (GVariant) variant = create_rows (rows, G_N_ELEMENTS (rows));

  sp_traffic_series_fill (series, variant, NOW);
  g_assert_cmpfloat (series->rates[0].down, ==, 20);
  g_assert_cmpfloat (series->rates[0].up, ==, 2);
  g_assert_cmpfloat (series->rates[1].down, ==, 100);
  g_assert_cmpfloat (series->rates[2].down, ==, 0);
  g_assert_cmpfloat (series->rates[series->count - 1].down, ==, 0);
  /* Again: nothing is counted twice. */
  sp_traffic_series_fill (series, variant, NOW);
  g_assert_cmpfloat (series->rates[0].down, ==, 20);
}

static void
test_the_running_step_is_shorter (void)
{
  g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (SP_TRAFFIC_HOUR, NOW);
  const Row rows[] = { { series->start + 59 * series->step, 0, 7800 } };
  g_autoptr (GVariant) variant = create_rows (rows, G_N_ELEMENTS (rows));

  sp_traffic_series_fill (series, variant, NOW);
  g_assert_cmpfloat_with_epsilon (series->rates[59].down, 1000, 0.01);
}

static void
test_scales_are_round (void)
{
  g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (SP_TRAFFIC_MINUTE, NOW);

  g_assert_cmpfloat (sp_traffic_series_find_scale (series), ==, 10000);
  series->rates[3].up = 10001;
  g_assert_cmpfloat (sp_traffic_series_find_scale (series), ==, 20000);
  series->rates[4].down = 1.3e6;
  g_assert_cmpfloat (sp_traffic_series_find_scale (series), ==, 2e6);
  series->rates[4].down = 7e8;
  g_assert_cmpfloat (sp_traffic_series_find_scale (series), ==, 1e9);
}

static void
test_is_copied_as_csv (void)
{
  g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (SP_TRAFFIC_MINUTE, NOW);
  g_autofree char *csv = NULL;
  g_auto (GStrv) lines = NULL;

  series->rates[0] = (SpTrafficRate){ 1234.4, 5 };
  csv = sp_traffic_series_create_csv (series);
  lines = g_strsplit (csv, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 62);
  g_assert_cmpstr (lines[0], ==, "time,down,up");
  g_assert_cmpstr (lines[1], ==, "2024-10-04T09:35:06Z,1234,5");
  g_assert_cmpstr (lines[60], ==, "2024-10-04T09:36:05Z,0,0");
}

static void
test_takes_a_meter (void)
{
  g_autoptr (SpTrafficMeter) meter = sp_traffic_meter_new ();
  g_autoptr (SpTrafficSeries) series = NULL;
  double sum = 0;

  sp_traffic_meter_feed (meter, 500 * SECOND, 0, 0);
  sp_traffic_meter_feed (meter, 501 * SECOND, 4000, 0);
  sp_traffic_meter_advance (meter, 503 * SECOND);
  series = sp_traffic_series_new_from_meter (meter, NOW);
  for (guint i = 0; i < series->count; i++)
    sum += series->rates[i].down;
  g_assert_cmpfloat (sum, ==, 4000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/traffic-series/range", test_covers_its_range);
  g_test_add_func ("/traffic-series/rows", test_puts_rows_into_their_steps);
  g_test_add_func ("/traffic-series/running", test_the_running_step_is_shorter);
  g_test_add_func ("/traffic-series/scale", test_scales_are_round);
  g_test_add_func ("/traffic-series/csv", test_is_copied_as_csv);
  g_test_add_func ("/traffic-series/meter", test_takes_a_meter);
  return g_test_run ();
}
