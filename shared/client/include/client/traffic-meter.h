/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* How fast a session carries, from counters that come about once a second while they change.
 * Signal "changed": the rate or what is drawn of it is another one.
 *
 * "Down" is what the device receives, "up" what it sends, as its person would say.  Times are of a
 * clock that never goes back, in microseconds. */
#define SP_TYPE_TRAFFIC_METER (sp_traffic_meter_get_type ())
G_DECLARE_FINAL_TYPE (SpTrafficMeter, sp_traffic_meter, SP, TRAFFIC_METER, GObject)

#define SP_TRAFFIC_METER_SECONDS 60

typedef struct
{
  double down; /* bytes a second */
  double up;
} SpTrafficRate;

SpTrafficMeter *sp_traffic_meter_new (void);

/* The counters (bytes since the session began) at a moment.  The first ones only begin; smaller
 * ones than before begin anew. */
void sp_traffic_meter_feed (SpTrafficMeter *meter, gint64 now, guint64 down, guint64 up);
/* Time went by; without counters for longer than they take, nothing is carried. */
void sp_traffic_meter_advance (SpTrafficMeter *meter, gint64 now);

/* Now. */
SpTrafficRate sp_traffic_meter_get_rate (SpTrafficMeter *meter);
/* Of one of the last seconds that are complete: 0 is the oldest, SP_TRAFFIC_METER_SECONDS - 1 the
 * newest. */
SpTrafficRate sp_traffic_meter_get_second (SpTrafficMeter *meter, guint index);

G_END_DECLS
