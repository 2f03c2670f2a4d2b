/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "swarm-client.h"

G_BEGIN_DECLS

/* Datagrams that come from ports of earlier attachments, and from elsewhere: what a network may
 * still deliver, and what somebody who saw it may send again.
 *
 * Records and hellos of earlier attachments are kept as they went out.  Their DTLS sessions go on,
 * so that the attachment before the current one also sends records that are correct in all but
 * their time. */

typedef struct
{
  SpEndpoint server; /* of datagrams */
  SpEndpoint marked; /* inside the tunnel: where marked packets go */
  guint rate;        /* datagrams a second; 0 = none */
  guint32 others;    /* first of STALE_OTHERS more addresses of ours, host order; 0 = none */
} StaleFloodPlan;

#define STALE_OTHERS 8

typedef struct _StaleFlood StaleFlood;

StaleFlood *stale_flood_new (const StaleFloodPlan *plan);
void stale_flood_free (StaleFlood *flood);

/* What the attachment in use sent. */
void stale_flood_saw (StaleFlood *flood, guint32 attachment, const guint8 *bytes, gsize size);
/* The client leaves: its datagram channel, which then belongs to the flood, is that of the previous
 * attachment from here on.  */
void stale_flood_inherit (StaleFlood *flood, SwarmClient *client, guint32 attachment);
/* The server gave the tunnel to a newer attachment: what the previous one sends from here on is
 * stale. */
void stale_flood_replaced (StaleFlood *flood);
/* Socket of the previous attachment, lent; -1 = it had none. */
int stale_flood_get_previous (const StaleFlood *flood);

/* Sends what is due. */
void stale_flood_tick (StaleFlood *flood, gint64 now);
void stale_flood_print (const StaleFlood *flood); /* as members of a JSON object */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StaleFlood, stale_flood_free)

G_END_DECLS
