/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/traffic-series.h"

#include <math.h>

#define SECOND G_GUINT64_CONSTANT (1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

#define INCOMPLETE 2       /* seconds: what is carried is told so late */
#define FLOOR      10000.0 /* bytes a second */

static const struct
{
  guint64 step;
  guint count;
  const char *resolution;
} ranges[] = {
  [SP_TRAFFIC_MINUTE] = { SECOND, 60, "second" },
  [SP_TRAFFIC_HOUR] = { MINUTE, 60, "minute" },
  [SP_TRAFFIC_DAY] = { 10 * MINUTE, 144, "minute" },
  [SP_TRAFFIC_MONTH] = { 6 * HOUR, 120, "hour" },
};

const char *
sp_traffic_range_get_resolution (SpTrafficRange range)
{
  return ranges[range].resolution;
}

SpTrafficSeries *
sp_traffic_series_new (SpTrafficRange range, guint64 now)
{
  SpTrafficSeries *series = g_new0 (SpTrafficSeries, 1);
  guint64 end = now / ranges[range].step + 1;

  if (range == SP_TRAFFIC_MINUTE)
    end -= INCOMPLETE;
  series->range = range;
  series->step = ranges[range].step;
  series->count = ranges[range].count;
  series->start = (end - MIN (end, series->count)) * series->step;
  series->rates = g_new0 (SpTrafficRate, series->count);
  return series;
}

SpTrafficSeries *
sp_traffic_series_new_from_meter (SpTrafficMeter *meter, guint64 now)
{
  SpTrafficSeries *series = sp_traffic_series_new (SP_TRAFFIC_MINUTE, now);

  G_STATIC_ASSERT (SP_TRAFFIC_METER_SECONDS == 60);
  for (guint i = 0; i < series->count; i++)
    series->rates[i] = sp_traffic_meter_get_second (meter, i);
  return series;
}

void
sp_traffic_series_free (SpTrafficSeries *series)
{
  g_free (series->rates);
  g_free (series);
}

/* Bytes become rates: of the step that goes on, over the part of it that is over. */
static void
divide (SpTrafficSeries *series, guint64 now)
{
  for (guint i = 0; i < series->count; i++)
    {
      guint64 begin = series->start + i * series->step;
      guint64 passed = now > begin ? MIN (now - begin, series->step) : series->step;
      double seconds = (double) MAX (passed, SECOND) / SECOND;

      series->rates[i].down /= seconds;
      series->rates[i].up /= seconds;
    }
}

void
sp_traffic_series_fill (SpTrafficSeries *series, GVariant *rows, guint64 now)
{
  GVariantIter iter;
  guint64 begin;
  guint64 received;
  guint64 sent;

  memset (series->rates, 0, series->count * sizeof *series->rates);
  g_variant_iter_init (&iter, rows);
  while (g_variant_iter_next (&iter, "(ttt)", &begin, &received, &sent))
    {
      guint64 index;

      if (begin < series->start)
        continue;
      index = (begin - series->start) / series->step;
      if (index >= series->count)
        continue;
      /* What the server sends is what devices receive. */
      series->rates[index].down += (double) sent;
      series->rates[index].up += (double) received;
    }
  divide (series, now);
}

double
sp_traffic_series_find_scale (const SpTrafficSeries *series)
{
  static const double steps[] = { 1, 2, 5, 10 };
  double most = FLOOR;
  double power;

  for (guint i = 0; i < series->count; i++)
    most = MAX (most, MAX (series->rates[i].down, series->rates[i].up));
  power = pow (10, floor (log10 (most)));
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * power >= most)
      return steps[i] * power;
  return 10 * power;
}

char *
sp_traffic_series_create_csv (const SpTrafficSeries *series)
{
  g_autoptr (GString) text = g_string_new ("time,down,up\n");

  for (guint i = 0; i < series->count; i++)
    {
      g_autoptr (GDateTime) time =
          g_date_time_new_from_unix_utc ((gint64) ((series->start + i * series->step) / SECOND));
      g_autofree char *moment = g_date_time_format_iso8601 (time);

      g_string_append_printf (text, "%s,%.0f,%.0f\n", moment, series->rates[i].down,
                              series->rates[i].up);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
