/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "base/log.h"
#include "refusals.h"
#include "siege.h"
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
  SpRefusals refusals;
  SpSiege siege;
  gboolean told_siege; /* main knows of one */
  gboolean unseen;     /* something was turned away that the siege was not told */
  gint64 look_after;   /* when it may be */
  guint64 seen_connections;
  guint64 seen_datagrams;
} SpTally;

/* All zero before. */
void sp_tally_init (SpTally *tally);

void sp_tally_count (SpTally *tally, SpDoorCounter counter);
/* Counts, and logs that a connection of `peer` was turned away; `until`: strangers from there are
 * refused until then, 0: they are not. */
void sp_tally_refuse (
    SpTally *tally, SpDoorCounter counter, const SpEndpoint *peer, gint64 until, gint64 now);

/* Tells main if it is time; returns when it will be time again, G_MAXINT64 if nothing is new. */
gint64 sp_tally_tick (SpTally *tally, SpToMain *to_main, gint64 now);

G_END_DECLS
