/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-worker.h"

G_BEGIN_DECLS

/* What a tunnel has carried: inner bytes, rx from the client, tx to it; and what it has not. */
typedef struct
{
  guint64 rx_bytes;
  guint64 tx_bytes;
  guint64 rx_packets;
  guint64 tx_packets;
  guint32 drops[SP_DROP_CAUSES];
} SpTraffic;

void sp_traffic_fill_report (const SpTraffic *traffic, SpReport *report);

/* Decides when main is told: soon when urgent, else once a second if something changed. */
typedef struct
{
  SpTraffic told;
  gint64 told_at;
  gboolean urgent;
} SpReporter;

gint64 sp_reporter_get_deadline (const SpReporter *reporter, const SpTraffic *traffic);
void sp_reporter_told (SpReporter *reporter, const SpTraffic *traffic, gint64 now);
/* It could not be told now. */
void sp_reporter_delayed (SpReporter *reporter, gint64 now);

G_END_DECLS
