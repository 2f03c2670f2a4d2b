/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/traffic-meter.h"

G_BEGIN_DECLS

/* What was carried over a stretch of time, in even steps, for being drawn.  Moments are
 * microseconds since 1970 UTC. */

typedef enum
{
  SP_TRAFFIC_MINUTE,
  SP_TRAFFIC_HOUR,
  SP_TRAFFIC_DAY,
  SP_TRAFFIC_MONTH,
  SP_TRAFFIC_RANGES
} SpTrafficRange;

typedef struct
{
  SpTrafficRange range;
  guint64 start; /* of the first step */
  guint64 step;  /* microseconds */
  guint count;
  SpTrafficRate *rates; /* one a step, the oldest first */
} SpTrafficSeries;

/* With nothing carried.  The last step is the one that `now` is in, but of a minute the last second
 * of which everything is known. */
SpTrafficSeries *sp_traffic_series_new (SpTrafficRange range, guint64 now);
/* The last minute of a meter, which is `now`. */
SpTrafficSeries *sp_traffic_series_new_from_meter (SpTrafficMeter *meter, guint64 now);
void sp_traffic_series_free (SpTrafficSeries *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTrafficSeries, sp_traffic_series_free)

/* Takes the rows of QueryTraffic(), a(ttt), of the series' resolution; those outside of it do not
 * matter. */
void sp_traffic_series_fill (SpTrafficSeries *series, GVariant *rows, guint64 now);

/* The word for QueryTraffic(). */
const char *sp_traffic_range_get_resolution (SpTrafficRange range);

/* A round figure that no rate is above, at least 10 kB/s.  Unit: bytes a second. */
double sp_traffic_series_find_scale (const SpTrafficSeries *series);

/* A line for each step, times in UTC (ISO 8601), rates in bytes a second; new. */
char *sp_traffic_series_create_csv (const SpTrafficSeries *series);

G_END_DECLS
