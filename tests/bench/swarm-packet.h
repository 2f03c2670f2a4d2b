/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An ICMP echo request over IPv4 (RFC 792), and its answer. */

#define SWARM_PING_SIZE 64

/* Addresses in host order. */
void swarm_packet_write_ping (guint8 packet[SWARM_PING_SIZE],
                              guint32 source,
                              guint32 destination,
                              guint16 number);
gboolean swarm_packet_is_pong (const guint8 *packet,
                               gsize size,
                               guint32 source,
                               guint32 destination);

G_END_DECLS
