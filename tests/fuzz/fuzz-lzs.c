/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/lzs.h"

#include <string.h>

#define INPUT_MAX 16384

/* Whatever decodes must not depend on how much room there is beyond it. */
static void
check_decoder (const uint8_t *data, gsize size)
{
  static const gsize rooms[] = { 0, 1, 1434, INPUT_MAX };

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autofree guint8 *room = g_malloc (MAX (rooms[i], 1));
      g_autofree guint8 *exact = NULL;
      gsize made = 0, again = 0;

      if (!sp_lzs_decode (data, size, room, rooms[i], &made))
        continue;
      g_assert_cmpuint (made, <=, rooms[i]);
      exact = g_malloc (MAX (made, 1));
      g_assert_true (sp_lzs_decode (data, size, exact, made, &again));
      g_assert_cmpmem (exact, again, room, made);
    }
}

static void
check_round_trip (const uint8_t *data, gsize size)
{
  g_autofree SpLzsTable *table = g_new (SpLzsTable, 1);
  gsize room = size + size / 8 + 3;
  g_autofree guint8 *packed = g_malloc (room);
  g_autofree guint8 *again = g_malloc (MAX (size, 1));
  gsize packed_size, again_size = 0;

  memset (table, size > 0 ? data[0] : 0xff, sizeof *table);
  packed_size = sp_lzs_encode (table, data, size, packed, room);
  g_assert_cmpuint (packed_size, >=, SP_LZS_OUTPUT_MIN);
  g_assert_true (sp_lzs_decode (packed, packed_size, again, size, &again_size));
  g_assert_cmpmem (again, again_size, data, size);
  g_assert_cmpuint (sp_lzs_encode (table, data, size, packed, packed_size - 1), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > INPUT_MAX)
    return 0;
  check_decoder (data, size);
  check_round_trip (data, size);
  return 0;
}
