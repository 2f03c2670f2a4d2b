/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include <string.h>

#define REPORT_INTERVAL G_USEC_PER_SEC
#define URGENT_INTERVAL                                                                            \
  (G_USEC_PER_SEC / 10) /* a client can make news urgent as often as it likes */

void
sp_traffic_fill_report (const SpTraffic *self, SpReport *report)
{
  report->rx_bytes = self->rx_bytes;
  report->tx_bytes = self->tx_bytes;
  report->rx_packets = self->rx_packets;
  report->tx_packets = self->tx_packets;
  for (guint i = 0; i < SP_DROP_CAUSES; i++)
    {
      guint32 value = GUINT32_TO_LE (self->drops[i]);

      memcpy (report->drops + i * sizeof value, &value, sizeof value);
    }
}

static gboolean
is_equal (const SpTraffic *a, const SpTraffic *b)
{
  return a->rx_bytes == b->rx_bytes && a->tx_bytes == b->tx_bytes &&
         a->rx_packets == b->rx_packets && a->tx_packets == b->tx_packets &&
         memcmp (a->drops, b->drops, sizeof a->drops) == 0;
}

gint64
sp_reporter_get_deadline (const SpReporter *self, const SpTraffic *traffic)
{
  if (self->urgent)
    return self->told_at + URGENT_INTERVAL;
  if (is_equal (&self->told, traffic))
    return G_MAXINT64;
  return self->told_at + REPORT_INTERVAL;
}

void
sp_reporter_told (SpReporter *self, const SpTraffic *traffic, gint64 now)
{
  self->told = *traffic;
  self->told_at = now;
  self->urgent = FALSE;
}

void
sp_reporter_delayed (SpReporter *self, gint64 now)
{
  self->told_at = now;
  self->urgent = FALSE;
  self->told.rx_packets = G_MAXUINT64; /* equal to nothing, so that it is tried again */
}
