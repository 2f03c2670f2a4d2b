/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

G_BEGIN_DECLS

/* An ICMP echo request over IPv4 (RFC 792), and its answer; UDP. */

#define SWARM_PING_SIZE 64

/* Addresses in host order. */
void swarm_packet_write_ping (guint8 packet[SWARM_PING_SIZE],
                              guint32 source,
                              guint32 destination,
                              guint16 number);
/* Returns the packet's size; `room` is for that.  The payload fits, else g_error. */
gsize swarm_packet_write_datagram (guint8 *packet,
                                   gsize room,
                                   const SpEndpoint *source,
                                   const SpEndpoint *destination,
                                   const guint8 *payload,
                                   gsize length);
gboolean swarm_packet_is_pong (const guint8 *packet,
                               gsize size,
                               guint32 source,
                               guint32 destination);

G_END_DECLS
