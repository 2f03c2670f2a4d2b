/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/checksum.h"

#include <string.h>

#define IPV4_CHECKSUM_OFFSET  10
#define IPV4_ADDRESSES_OFFSET 12
#define IPV4_ADDRESSES_SIZE   8
#define IPV6_ADDRESSES_OFFSET 8
#define IPV6_ADDRESSES_SIZE   32
#define BLOCK_SIZE            32

/* Ones' complement addition: what leaves at the top comes in below. */
static guint64
add_with_carry (guint64 a, guint64 b)
{
  guint64 sum = a + b;

  return sum + (sum < a);
}

/* Four sums that do not wait for each other, of 64 bits with their carries counted: half the time
 * of 32-bit halves in SSE2 registers.  Written out, since gcc unrolls nothing by itself. */
static guint64
add_blocks (guint64 sum, const guint8 *bytes, gsize n_blocks)
{
  guint64 a = 0, b = 0, c = 0, d = 0, carries = 0;

  for (const guint8 *end = bytes + n_blocks * BLOCK_SIZE; bytes < end; bytes += BLOCK_SIZE)
    {
      guint64 words[BLOCK_SIZE / sizeof (guint64)];

      memcpy (words, bytes, sizeof words);
      a += words[0];
      carries += a < words[0];
      b += words[1];
      carries += b < words[1];
      c += words[2];
      carries += c < words[2];
      d += words[3];
      carries += d < words[3];
    }
  sum = add_with_carry (add_with_carry (sum, a), b);
  sum = add_with_carry (add_with_carry (sum, c), d);
  return add_with_carry (sum, carries);
}

guint64
sp_checksum_add (guint64 sum, gconstpointer bytes, gsize size)
{
  const guint8 *next = bytes;
  gsize n_blocks = size / BLOCK_SIZE;
  guint64 word;

  if (n_blocks > 0)
    sum = add_blocks (sum, next, n_blocks);
  next += n_blocks * BLOCK_SIZE;
  size -= n_blocks * BLOCK_SIZE;
  for (; size >= sizeof word; size -= sizeof word, next += sizeof word)
    {
      memcpy (&word, next, sizeof word);
      sum = add_with_carry (sum, word);
    }
  word = 0;
  for (gsize i = 0; i < size; i++)
    ((guint8 *) &word)[i] = next[i];
  return add_with_carry (sum, word);
}

guint64
sp_checksum_add_16 (guint64 sum, guint16 number)
{
  return add_with_carry (sum, GUINT16_TO_BE (number));
}

guint64
sp_checksum_add_32 (guint64 sum, guint32 number)
{
  return add_with_carry (sum, GUINT32_TO_BE (number));
}

guint64
sp_checksum_subtract_32 (guint64 sum, guint32 number)
{
  return add_with_carry (sum, (guint32) ~GUINT32_TO_BE (number));
}

guint64
sp_checksum_pseudo_header (const guint8 *packet, guint8 protocol, guint32 length)
{
  guint64 sum = sp_checksum_add_32 (sp_checksum_add_16 (0, protocol), length);

  if (packet[0] >> 4 == 6)
    return sp_checksum_add (sum, packet + IPV6_ADDRESSES_OFFSET, IPV6_ADDRESSES_SIZE);
  return sp_checksum_add (sum, packet + IPV4_ADDRESSES_OFFSET, IPV4_ADDRESSES_SIZE);
}

guint16
sp_checksum_fold (guint64 sum)
{
  sum = (sum >> 32) + (sum & G_MAXUINT32);
  sum = (sum >> 16) + (sum & G_MAXUINT16);
  sum = (sum >> 16) + (sum & G_MAXUINT16);
  sum = (sum >> 16) + (sum & G_MAXUINT16);
  return (guint16) sum;
}

gboolean
sp_checksum_is_right (guint64 sum)
{
  return sp_checksum_fold (sum) == G_MAXUINT16;
}

void
sp_checksum_write (guint64 sum, guint8 *field)
{
  guint16 checksum = (guint16) ~sp_checksum_fold (sum);

  memcpy (field, &checksum, sizeof checksum);
}

void
sp_checksum_write_not_zero (guint64 sum, guint8 *field)
{
  guint16 checksum = (guint16) ~sp_checksum_fold (sum);

  if (checksum == 0)
    checksum = G_MAXUINT16;
  memcpy (field, &checksum, sizeof checksum);
}

void
sp_checksum_complete_ipv4 (guint8 *header, gsize size)
{
  memset (header + IPV4_CHECKSUM_OFFSET, 0, sizeof (guint16));
  sp_checksum_write (sp_checksum_add (0, header, size), header + IPV4_CHECKSUM_OFFSET);
}
