/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/compression.h"
#include "packet-batch.h"

G_BEGIN_DECLS

/* The memory in which a tunnel makes packets smaller, and large again.  It is there only if a codec
 * was agreed on; no packet makes it grow. */

typedef struct _SpCompressorMemory SpCompressorMemory;

typedef struct
{
  SpCompressorMemory *memory; /* NULL = nothing was agreed on */
} SpCompressor;

void sp_compressor_init (SpCompressor *compressor, gboolean wanted);
void sp_compressor_clear (SpCompressor *compressor);
void sp_compressor_rest (SpCompressor *compressor); /* gives the pages back */

/* FALSE if the packet is better sent as it is.  What is returned has SP_PACKET_HEADROOM writable
 * bytes before it, and is good until the next call. */
gboolean sp_compressor_pack (SpCompressor *compressor,
                             SpCompression kind,
                             const SpPacket *packet,
                             SpPacket *ret_packed);

/* FALSE if the bytes are no good, make nothing, or more than `room`.  Likewise. */
gboolean sp_compressor_unpack (SpCompressor *compressor,
                               SpCompression kind,
                               const guint8 *bytes,
                               gsize size,
                               gsize room,
                               SpPacket *ret_packet);

G_END_DECLS
