/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/traffic-meter.h"

/* Counters of a second come up to a second after its end. */
#define INCOMPLETE 2
#define RING       (SP_TRAFFIC_METER_SECONDS + INCOMPLETE)
#define SHORTEST   (G_USEC_PER_SEC / 4) /* what two messages may come after one another */
#define SILENCE    (2 * G_USEC_PER_SEC) /* after which nothing was carried before */

struct _SpTrafficMeter
{
  GObject parent_instance;
  SpTrafficRate ring[RING]; /* bytes of the second s at s % RING */
  gint64 newest;            /* the second up to which the ring is */
  gint64 fed_at;            /* 0: never */
  guint64 down;
  guint64 up;
  SpTrafficRate rate;
};

G_DEFINE_FINAL_TYPE (SpTrafficMeter, sp_traffic_meter, G_TYPE_OBJECT)

static guint changed; /* nocheck: set once by class_init */

/* Makes room for the seconds up to `now`. */
static void
turn (SpTrafficMeter *meter, gint64 now)
{
  gint64 second = now / G_USEC_PER_SEC;

  if (second - meter->newest > RING)
    meter->newest = second - RING;
  while (meter->newest < second)
    meter->ring[++meter->newest % RING] = (SpTrafficRate){ 0 };
}

/* Lays what was carried from `from` to `to` into the seconds that it was in. */
static void
spread (SpTrafficMeter *meter, gint64 from, gint64 to, SpTrafficRate rate)
{
  gint64 oldest = (meter->newest - RING + 1) * G_USEC_PER_SEC;

  for (gint64 begin = MAX (from, oldest); begin < to;)
    {
      gint64 second = begin / G_USEC_PER_SEC;
      gint64 end = MIN (to, (second + 1) * G_USEC_PER_SEC);
      double part = (double) (end - begin) / G_USEC_PER_SEC;

      meter->ring[second % RING].down += rate.down * part;
      meter->ring[second % RING].up += rate.up * part;
      begin = end;
    }
}

void
sp_traffic_meter_feed (SpTrafficMeter *meter, gint64 now, guint64 down, guint64 up)
{
  gboolean continues = meter->fed_at != 0 && down >= meter->down && up >= meter->up;
  gint64 span = now - meter->fed_at;

  turn (meter, now);
  if (span > SILENCE)
    span = G_USEC_PER_SEC;
  span = MAX (span, SHORTEST);
  if (continues)
    {
      double seconds = (double) span / G_USEC_PER_SEC;

      meter->rate.down = (double) (down - meter->down) / seconds;
      meter->rate.up = (double) (up - meter->up) / seconds;
      spread (meter, now - span, now, meter->rate);
    }
  meter->fed_at = now;
  meter->down = down;
  meter->up = up;
  g_signal_emit (meter, changed, 0);
}

void
sp_traffic_meter_advance (SpTrafficMeter *meter, gint64 now)
{
  if (now / G_USEC_PER_SEC == meter->newest)
    return;
  turn (meter, now);
  if (now - meter->fed_at > SILENCE)
    meter->rate = (SpTrafficRate){ 0 };
  g_signal_emit (meter, changed, 0);
}

SpTrafficRate
sp_traffic_meter_get_rate (SpTrafficMeter *meter)
{
  return meter->rate;
}

SpTrafficRate
sp_traffic_meter_get_second (SpTrafficMeter *meter, guint index)
{
  gint64 second = meter->newest - RING + 1 + index;

  g_return_val_if_fail (index < SP_TRAFFIC_METER_SECONDS, (SpTrafficRate){ 0 });
  return second >= 0 ? meter->ring[second % RING] : (SpTrafficRate){ 0 };
}

SpTrafficMeter *
sp_traffic_meter_new (void)
{
  return g_object_new (SP_TYPE_TRAFFIC_METER, NULL);
}

static void
sp_traffic_meter_class_init (SpTrafficMeterClass *class)
{
  changed = g_signal_new ("changed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                          NULL, G_TYPE_NONE, 0);
}

static void
sp_traffic_meter_init (SpTrafficMeter *meter)
{
}
