/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/compression.h"

#include <lz4.h>
#include <string.h>

G_STATIC_ASSERT (sizeof (LZ4_stream_t) <= sizeof (((SpCompressionTable *) NULL)->lz4));

#define LZ4_FASTEST 1 /* its least "acceleration" gives the smallest packets */

static gsize
pack_lz4 (SpCompressionTable *table, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  int packed = LZ4_compress_fast_extState (table->lz4, (const char *) bytes, (char *) ret_bytes,
                                           (int) size, (int) room, LZ4_FASTEST);

  return packed > 0 ? (gsize) packed : 0;
}

static gsize
unpack_lz4 (const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  int unpacked =
      LZ4_decompress_safe ((const char *) bytes, (char *) ret_bytes, (int) size, (int) room);

  return unpacked > 0 ? (gsize) unpacked : 0;
}

static gsize
pack_lzs (SpCompressionTable *table, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  return sp_lzs_encode (&table->lzs, bytes, size, ret_bytes, room);
}

static gsize
unpack_lzs (const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  gsize unpacked = 0;

  return sp_lzs_decode (bytes, size, ret_bytes, room, &unpacked) ? unpacked : 0;
}

static const struct
{
  const char *name;
  gsize (*pack) (
      SpCompressionTable *table, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room);
  gsize (*unpack) (const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room);
} codecs[SP_COMPRESSION_KINDS] = {
  [SP_COMPRESSION_NONE] = { "none", NULL, NULL },
  [SP_COMPRESSION_LZ4] = { "oc-lz4", pack_lz4, unpack_lz4 },
  [SP_COMPRESSION_LZS] = { "lzs", pack_lzs, unpack_lzs },
};

const char *
sp_compression_to_string (SpCompression kind)
{
  return codecs[kind].name;
}

static gboolean
is_offered (const SpCompressionOffer *offer, SpCompression kind)
{
  for (guint i = 0; i < offer->n; i++)
    if (offer->kinds[i] == kind)
      return TRUE;
  return FALSE;
}

static void
add_name (SpCompressionOffer *offer, const char *name, gsize length)
{
  for (SpCompression kind = SP_COMPRESSION_NONE + 1; kind < SP_COMPRESSION_KINDS; kind++)
    if (strlen (codecs[kind].name) == length &&
        g_ascii_strncasecmp (codecs[kind].name, name, length) == 0 && !is_offered (offer, kind))
      offer->kinds[offer->n++] = kind;
}

static gboolean
is_blank (char character)
{
  return character == ' ' || character == '\t';
}

void
sp_compression_offer_read (const char *value, gsize length, SpCompressionOffer *ret)
{
  const char *end = value + length;

  *ret = (SpCompressionOffer){ 0 };
  for (const char *at = value; at < end;)
    {
      const char *comma = memchr (at, ',', (gsize) (end - at));
      const char *next = comma == NULL ? end : comma + 1;
      const char *stop = comma == NULL ? end : comma;

      while (at < stop && is_blank (*at))
        at++;
      while (stop > at && is_blank (stop[-1]))
        stop--;
      add_name (ret, at, (gsize) (stop - at));
      at = next;
    }
}

SpCompression
sp_compression_choose (const SpCompressionOffer *offer, guint allowed)
{
  for (guint i = 0; i < offer->n; i++)
    if (allowed & 1u << offer->kinds[i])
      return offer->kinds[i];
  return SP_COMPRESSION_NONE;
}

gsize
sp_compression_pack (SpCompression kind,
                     SpCompressionTable *table,
                     const guint8 *bytes,
                     gsize size,
                     guint8 *ret_bytes,
                     gsize room)
{
  g_return_val_if_fail (codecs[kind].pack != NULL && size <= SP_PACKET_MAX, 0);
  return codecs[kind].pack (table, bytes, size, ret_bytes, MIN (room, SP_PACKET_MAX));
}

gsize
sp_compression_unpack (
    SpCompression kind, const guint8 *bytes, gsize size, guint8 *ret_bytes, gsize room)
{
  g_return_val_if_fail (codecs[kind].unpack != NULL && size <= SP_PACKET_MAX, 0);
  return codecs[kind].unpack (bytes, size, ret_bytes, MIN (room, SP_PACKET_MAX));
}
