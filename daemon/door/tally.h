/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "base/log.h"
#include "to-main.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* What the door counts, and says about it: main hears it once a second at most and the log once a
 * minute and cause.  Datagrams are counted only, since their senders' addresses are anybody's. */

typedef struct
{
  guint64 values[SP_DOOR_COUNTERS_N];
  SpLogThrottle throttles[SP_DOOR_COUNTERS_N];
  gboolean changed;
  gint64 tell_after;
} SpTally;

void sp_tally_count (SpTally *tally, SpDoorCounter counter);
/* Counts, and logs that a connection of `peer` was turned away. */
void sp_tally_refuse (SpTally *tally, SpDoorCounter counter, const SpEndpoint *peer, gint64 now);

/* Tells main if it is time; returns when it will be time again, G_MAXINT64 if nothing is new. */
gint64 sp_tally_tick (SpTally *tally, SpToMain *to_main, gint64 now);

G_END_DECLS
