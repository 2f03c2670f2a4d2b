/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/segmenter.h"

#include <glib.h>

G_BEGIN_DECLS

/* IP packets on their way to the client: what one read of the TUN yields, a packet or as many as
 * the kernel left together.  Who takes packets from a batch need not know. */

#define SP_PACKET_HEADROOM 16    /* writable bytes before each packet, for the frame's header */
#define SP_PACKET_READ_MAX 65536 /* bytes that the kernel hands over at once at most */

typedef struct
{
  guint8 *bytes;
  gsize size;
} SpPacket;

typedef struct
{
  guint8 *memory; /* SP_PACKET_HEADROOM bytes, then what was read */
  SpSegmenter segmenter;
} SpPacketBatch;

void sp_packet_batch_init (SpPacketBatch *batch);
void sp_packet_batch_clear (SpPacketBatch *batch);
void sp_packet_batch_rest (
    SpPacketBatch *batch); /* gives the pages back; there must be no packets */

/* Where the next read puts SP_PACKET_READ_MAX bytes at most, the header of SP_SEGMENTER_HEADER_SIZE
 * bytes before them; packets that were not taken are gone. */
guint8 *sp_packet_batch_get_room (SpPacketBatch *batch);
/* `size` bytes came there, the header among them.  FALSE if they are no packets. */
gboolean sp_packet_batch_fill (SpPacketBatch *batch, gsize size);

/* The next packet, complete; FALSE when there is none left.  It is there until the next one is
 * taken, and what stands behind it must stay as it is. */
gboolean sp_packet_batch_take (SpPacketBatch *batch, SpPacket *ret_packet);
guint sp_packet_batch_count (const SpPacketBatch *batch);

G_END_DECLS
