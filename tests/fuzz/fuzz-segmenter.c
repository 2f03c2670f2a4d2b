/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/checksum.h"
#include "codec/segmenter.h"

#include <string.h>

#define HEADROOM 16 /* that whoever takes a packet may write */

static guint8 *
copy_of (const guint8 *bytes, gsize size)
{
  guint8 *memory = g_malloc (HEADROOM + size);

  if (size > 0)
    memcpy (memory + HEADROOM, bytes, size);
  return memory;
}

/* Both checksums are those of the packet, if what stood for the pseudo header was right. */
static void
check_sums (const uint8_t *header, const guint8 *original, gsize length, guint8 *piece, gsize size)
{
  gsize transport = header[6] | (gsize) header[7] << 8;
  gsize field = transport + (header[8] | (gsize) header[9] << 8);
  guint64 sum = sp_checksum_add (0, original + field, 2);

  sum = sp_checksum_subtract_32 (sum, (guint32) (length - transport));
  sum = sp_checksum_add_32 (sum, (guint32) (size - transport));
  sum = sp_checksum_add (sum, piece + transport, size - transport);
  g_assert_true (sp_checksum_is_right (sum));
  if (piece[0] >> 4 == 4)
    g_assert_true (sp_checksum_is_right (sp_checksum_add (0, piece, (piece[0] & 0x0fU) * 4)));
}

/* Whatever the header says: pieces lie in the packet one behind the other, are as many as was said,
 * lose nothing of it and add nothing, and the next does not mind what becomes of the one before. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *memory = NULL;
  const guint8 *original;
  guint8 *packet, *piece;
  gsize length, headers, piece_size, done = 0;
  SpSegmenter segmenter;
  guint left;

  if (size < SP_SEGMENTER_HEADER_SIZE)
    return 0;
  original = data + SP_SEGMENTER_HEADER_SIZE;
  length = size - SP_SEGMENTER_HEADER_SIZE;
  memory = copy_of (original, length);
  packet = memory + HEADROOM;
  if (!sp_segmenter_begin (&segmenter, data, packet, length))
    {
      g_assert_cmpuint (sp_segmenter_count (&segmenter), ==, 0);
      g_assert_false (sp_segmenter_next (&segmenter, &piece, &piece_size));
      return 0;
    }
  headers = segmenter.size;
  left = sp_segmenter_count (&segmenter);
  g_assert_cmpuint (left, >, 0);
  g_assert_cmpuint (headers, <, length);
  while (sp_segmenter_next (&segmenter, &piece, &piece_size))
    {
      g_assert_true (piece == packet + done);
      g_assert_cmpuint (piece_size, >, headers);
      g_assert_cmpuint (done + piece_size, <=, length);
      if (headers > 0)
        {
          gsize payload = piece_size - headers;

          g_assert_true (memcmp (piece + headers, original + headers + done, payload) == 0);
          check_sums (data, original, length, piece, piece_size);
        }
      done += piece_size - headers;
      g_assert_cmpuint (sp_segmenter_count (&segmenter), ==, --left);
      memset (piece - HEADROOM, 0xee, HEADROOM);
    }
  g_assert_cmpuint (done, ==, length - headers);
  return 0;
}
