/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/compression.h"

#include <string.h>

#define MTU 1434

static void
check_unpacked (SpCompression kind, const uint8_t *data, gsize size)
{
  g_autofree guint8 *room = g_malloc (MTU);
  gsize made = sp_compression_unpack (kind, data, size, room, MTU);

  g_assert_cmpuint (made, <=, MTU);
}

/* As a packet is sent: only if it becomes smaller. */
static void
check_round_trip (SpCompression kind, const uint8_t *data, gsize size)
{
  g_autofree SpCompressionTable *table = g_new (SpCompressionTable, 1);
  g_autofree guint8 *packed = g_malloc (MAX (size, 1));
  g_autofree guint8 *again = g_malloc (MAX (size, 1));
  gsize packed_size;

  memset (table, 0xa5, sizeof *table);
  packed_size = size == 0 ? 0 : sp_compression_pack (kind, table, data, size, packed, size - 1);
  if (packed_size == 0)
    return;
  g_assert_cmpuint (packed_size, <, size);
  g_assert_cmpuint (sp_compression_unpack (kind, packed, packed_size, again, size), ==, size);
  g_assert_cmpmem (again, size, data, size);
}

/* Whatever a client offers, what is chosen is allowed and named as it is spelt on the wire. */
static void
check_offer (const uint8_t *data, gsize size)
{
  SpCompressionOffer offer;
  SpCompression chosen;
  guint allowed = size > 0 ? data[0] : 0;

  sp_compression_offer_read ((const char *) data, size, &offer);
  g_assert_cmpuint (offer.n, <, SP_COMPRESSION_KINDS);
  chosen = sp_compression_choose (&offer, allowed);
  g_assert_true (chosen == SP_COMPRESSION_NONE || (allowed & 1u << chosen) != 0);
  g_assert_true (chosen == SP_COMPRESSION_NONE || offer.n > 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_offer (data, size);
  if (size > SP_PACKET_MAX)
    return 0;
  for (SpCompression kind = SP_COMPRESSION_NONE + 1; kind < SP_COMPRESSION_KINDS; kind++)
    {
      check_unpacked (kind, data, size);
      check_round_trip (kind, data, size);
    }
  return 0;
}
