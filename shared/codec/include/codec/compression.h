/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/lzs.h"

G_BEGIN_DECLS

/* Packets made smaller, each for itself: a COMPRESSED frame holds one IP packet as its codec has
 * written it, without any length.  oc-lz4 is one bare LZ4 block. */

typedef enum
{
  SP_COMPRESSION_NONE,
  SP_COMPRESSION_LZ4,
  SP_COMPRESSION_LZS,
  SP_COMPRESSION_KINDS
} SpCompression;

/* As the headers X-CSTP-Content-Encoding and X-DTLS-Content-Encoding spell it; "none" is never
 * sent. */
const char *sp_compression_to_string (SpCompression kind);

/* What a client takes on one channel, what it likes best first. */
typedef struct
{
  guint n;
  SpCompression kinds[SP_COMPRESSION_KINDS - 1];
} SpCompressionOffer;

/* Reads the value of X-CSTP-Accept-Encoding or X-DTLS-Accept-Encoding: names between commas.  Case
 * and blanks do not matter, unknown and repeated names are passed over. */
void sp_compression_offer_read (const char *value, gsize length, SpCompressionOffer *ret);

/* The first of the offer whose bit (1 << kind) is in `allowed`, else SP_COMPRESSION_NONE. */
SpCompression sp_compression_choose (const SpCompressionOffer *offer, guint allowed);

#define SP_LZ4_STATE_SIZE (16 * 1024 + 32)

/* What packing needs besides its input.  It has nothing to be set up, and its contents do not
 * matter between two calls. */
typedef union
{
  guint64 lz4[SP_LZ4_STATE_SIZE / sizeof (guint64)];
  SpLzsTable lzs;
} SpCompressionTable;

/* Shorter packets are not worth it: there is little to gain beside the headers of what carries
 * them, and they are what people type and say, whose length would tell most. */
#define SP_COMPRESSION_PACKET_MIN 256

/* Returns how many bytes were written, or 0 if the result does not fit into `room`.  `kind` is not
 * NONE, and `size` at most SP_PACKET_MAX. */
gsize sp_compression_pack (SpCompression kind,
                           SpCompressionTable *table,
                           const guint8 *bytes,
                           gsize size,
                           guint8 *ret_bytes,
                           gsize room);

/* Returns how many bytes were written, or 0 if the input is no good, or makes nothing, or more than
 * `room`.  It takes no memory and no more time than `size` and `room` account for.  `ret_bytes`
 * must not hold what this peer may not see: liblz4 takes an offset of 0, which repeats what was
 * there. */
gsize sp_compression_unpack (
    SpCompression kind, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room);

G_END_DECLS
