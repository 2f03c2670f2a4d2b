/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"
#include "walls/main-worker.h"

G_BEGIN_DECLS

/* Counts by cause what went wrong with clients: how connections ended that should not end so, and
 * which packets were not carried on.  The log hears of each cause at most once a minute, and of all
 * of them when the server stops.  Embed it; all zero at first. */
typedef struct
{
  struct
  {
    guint64 n;
    SpLogThrottle lines;
  } clients[SP_LEFT_LAST + 1];
  guint64 packets[SP_DROP_CAUSES];
} SpMishapTally;

/* A connection ended; `text` is its worker's about it.  What is no mishap is not counted. */
void sp_mishap_tally_client (SpMishapTally *self, SpLeft left, const char *text, gint64 now);
/* `drops` as in REPORT: all that a connection dropped. */
void sp_mishap_tally_packets (SpMishapTally *self, const guint8 drops[SP_DROP_CAUSES * 4]);
/* "clients that broke the protocol: 3; packets dropped: 7 malformed, 1 too big"; NULL if there was
 * no mishap.  The caller owns it. */
char *sp_mishap_tally_describe (const SpMishapTally *self);

G_END_DECLS
