/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "reach-judgement.h"
#include "server.h"

G_BEGIN_DECLS

/* Whether people reach the server, on the bus. */

/* What was told last, and since when; all zero: nothing. */
typedef struct
{
  SpReachVerdict verdict;
  gint64 since; /* microseconds since the epoch */
} SpReachTold;

/* What this computer's own packet filter certainly drops. */
typedef struct
{
  gboolean tcp;
  gboolean udp;
} SpReachBlocked;

/* Judges anew: the property Reachability, and an entry of the health where something is wrong that
 * no other entry is about. */
void sp_bus_reachability_tell (SpServer *server,
                               const SpReachBlocked *blocked,
                               SpReachTold *told,
                               SpBusServer *bus,
                               GVariantBuilder *entries);

/* CreateReachabilityTest(). */
void sp_bus_reachability_test (SpServer *server,
                               GDBusMethodInvocation *invocation,
                               GVariant *options);

G_END_DECLS
