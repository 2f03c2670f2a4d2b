/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* IP packets on their way to the client.  One read of the TUN may yield several of them, once the
 * kernel hands over super-packets; who takes packets from a batch need not know. */

#define SP_PACKET_BATCH_MAX 64
#define SP_PACKET_HEADROOM  16 /* writable bytes before each packet, for the frame's header */

typedef struct
{
  guint8 *bytes;
  gsize size;
} SpPacket;

typedef struct
{
  guint8 *memory;
  gsize used;
  guint n_packets;
  SpPacket packets[SP_PACKET_BATCH_MAX];
} SpPacketBatch;

void sp_packet_batch_init (SpPacketBatch *batch);
void sp_packet_batch_clear (SpPacketBatch *batch);
void sp_packet_batch_reset (SpPacketBatch *batch); /* empty again */
void sp_packet_batch_rest (SpPacketBatch *batch);  /* gives the pages back */

/* Room for one read of at most *ret_size bytes, of which the packet begins SP_PACKET_HEADROOM
 * bytes after the returned address; NULL if the batch is full. */
guint8 *sp_packet_batch_reserve (SpPacketBatch *batch, gsize *ret_size);
/* One packet of `size` bytes came there. */
void sp_packet_batch_add (SpPacketBatch *batch, gsize size);

G_END_DECLS
