/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/compression.h"

#include "hex.h"

#include <lz4.h>

#define PACKET 1400

static void
test_offers (void)
{
  static const struct
  {
    const char *value;
    const char *kinds; /* as they are spelt in the end */
  } offers[] = {
    { "oc-lz4,lzs", "oc-lz4,lzs" },
    { "lzs,oc-lz4", "lzs,oc-lz4" },
    { "lzs,deflate", "lzs" },
    { "deflate", "" },
    { "OC-LZ4 , LZS", "oc-lz4,lzs" },
    { " \t lzs\t ", "lzs" },
    { "lzs,lzs,lzs,oc-lz4,oc-lz4,lzs", "lzs,oc-lz4" },
    { ",,,lzs,,", "lzs" },
    { "gzip, br, oc-lz4;q=1, lzs", "lzs" },
    { "", "" },
    { ",", "" },
    { " ", "" },
    { "none", "" },
    { "none,lzs", "lzs" },
    { "lz4", "" },
    { "lz", "" },
    { "lzss", "" },
    { "oc-lz4 lzs", "" },
    { "xlzs", "" },
    { "oc-lz4\001", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      gsize length = strlen (offers[i].value);
      g_autofree guint8 *copy = exact_copy (offers[i].value, length);
      g_autoptr (GString) kinds = g_string_new (NULL);
      SpCompressionOffer offer;

      say (offers[i].value);
      sp_compression_offer_read ((const char *) copy, length, &offer);
      for (guint j = 0; j < offer.n; j++)
        g_string_append_printf (kinds, "%s%s", j > 0 ? "," : "",
                                sp_compression_to_string (offer.kinds[j]));
      g_assert_cmpstr (kinds->str, ==, offers[i].kinds);
    }
}

#define NONE SP_COMPRESSION_NONE
#define LZ4  SP_COMPRESSION_LZ4
#define LZS  SP_COMPRESSION_LZS
#define ANY  (1 << LZ4 | 1 << LZS)

static void
test_choice (void)
{
  static const struct
  {
    const char *offer;
    guint allowed;
    SpCompression chosen;
  } choices[] = {
    { "oc-lz4,lzs", 0, NONE },
    { "oc-lz4,lzs", ANY, LZ4 },
    { "lzs,oc-lz4", ANY, LZS },
    { "lzs,oc-lz4", 1 << LZ4, LZ4 },
    { "oc-lz4,lzs", 1 << LZS, LZS },
    { "lzs", 1 << LZ4, NONE },
    { "", ANY, NONE },
    { "deflate", ANY, NONE },
    { "oc-lz4", ~0u, LZ4 },
    { "oc-lz4,lzs", 1, NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      SpCompressionOffer offer;

      say (choices[i].offer);
      sp_compression_offer_read (choices[i].offer, strlen (choices[i].offer), &offer);
      g_assert_cmpint (sp_compression_choose (&offer, choices[i].allowed), ==, choices[i].chosen);
    }
}

static void
fill_text (guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) "all work and no play makes jack a dull boy. "[(i + i / 100) % 44];
}

static void
fill_random (guint8 *bytes, gsize size, guint32 seed)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_rand_int (dice);
}

static void
test_round_trips (gconstpointer data)
{
  SpCompression kind = GPOINTER_TO_INT (data);
  g_autofree SpCompressionTable *table = g_new (SpCompressionTable, 1);

  memset (table, 0xa5, sizeof *table);
  for (gsize size = 1; size <= SP_PACKET_MAX; size += 1 + size / 3)
    {
      g_autofree guint8 *bytes = g_malloc (size);
      g_autofree guint8 *packed = g_malloc (2 * size + 64);
      g_autofree guint8 *again = g_malloc (size);
      g_autofree guint8 *copy = NULL;
      gsize packed_size;

      fill_text (bytes, size);
      packed_size = sp_compression_pack (kind, table, bytes, size, packed, 2 * size + 64);
      g_assert_cmpuint (packed_size, >, 0);
      copy = exact_copy (packed, packed_size);
      g_assert_cmpuint (sp_compression_unpack (kind, copy, packed_size, again, size), ==, size);
      g_assert_cmpmem (again, size, bytes, size);
      g_assert_cmpuint (sp_compression_unpack (kind, copy, packed_size, again, size - 1), ==, 0);
      g_assert_cmpuint (sp_compression_pack (kind, table, bytes, size, packed, packed_size - 1), ==,
                        0);
    }
}

/* What does not become smaller does not fit into the room that a packet is given. */
static void
test_gain (gconstpointer data)
{
  SpCompression kind = GPOINTER_TO_INT (data);
  g_autofree SpCompressionTable *table = g_new0 (SpCompressionTable, 1);
  guint8 bytes[PACKET], packed[PACKET];
  gsize size;

  fill_random (bytes, sizeof bytes, 3);
  g_assert_cmpuint (
      sp_compression_pack (kind, table, bytes, sizeof bytes, packed, sizeof bytes - 1), ==, 0);
  fill_text (bytes, sizeof bytes);
  size = sp_compression_pack (kind, table, bytes, sizeof bytes, packed, sizeof bytes - 1);
  g_assert_cmpuint (size, >, 0);
  g_assert_cmpuint (size, <, PACKET / 2);
}

/* One packet tells nothing of those before. */
static void
test_stateless (gconstpointer data)
{
  SpCompression kind = GPOINTER_TO_INT (data);
  g_autofree SpCompressionTable *table = g_new0 (SpCompressionTable, 1);
  guint8 secret[PACKET], bytes[PACKET], first[PACKET], second[PACKET];
  gsize first_size, second_size;

  fill_random (bytes, PACKET, 4);
  memset (bytes + 700, 0, 300); /* so that it becomes smaller */
  fill_random (secret, PACKET, 5);
  memcpy (secret + 400, bytes, 600);
  first_size = sp_compression_pack (kind, table, bytes, PACKET, first, PACKET);
  (void) sp_compression_pack (kind, table, secret, PACKET, second, PACKET);
  second_size = sp_compression_pack (kind, table, bytes, PACKET, second, PACKET);
  g_assert_cmpmem (first, first_size, second, second_size);
}

/* Whatever comes: never more than the room, never past the end of either. */
static void
test_junk (gconstpointer data)
{
  static const gsize rooms[] = { 0, 1, 40, 576, PACKET, SP_PACKET_MAX };
  SpCompression kind = GPOINTER_TO_INT (data);
  g_autoptr (GRand) dice = g_rand_new_with_seed (6);

  for (guint i = 0; i < 4000; i++)
    {
      gsize size = (gsize) g_rand_int_range (dice, 0, 100);
      gsize room_size = rooms[g_rand_int_range (dice, 0, G_N_ELEMENTS (rooms))];
      g_autofree guint8 *bytes = g_malloc (MAX (size, 1));
      g_autofree guint8 *room = g_malloc (MAX (room_size, 1));

      fill_random (bytes, size, i);
      /* Small values are what lets a decoder go on for long. */
      for (gsize j = 0; i % 2 && j < size; j++)
        bytes[j] &= 0x13;
      g_assert_cmpuint (sp_compression_unpack (kind, bytes, size, room, room_size), <=, room_size);
    }
}

static const struct
{
  SpCompression kind;
  const char *bytes;
} bombs[] = {
  { SP_COMPRESSION_LZ4, "1f 41 01 00" }, /* one literal, then itself, longer with each ff */
  { SP_COMPRESSION_LZS, "20 e0 7f" },
};

static void
test_bombs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bombs); i++)
    {
      g_autoptr (GByteArray) head = bytes_from_hex (bombs[i].bytes);
      g_autofree guint8 *bomb = g_malloc (SP_PACKET_MAX);
      g_autofree guint8 *room = g_malloc (SP_PACKET_MAX);

      memset (bomb, 0xff, SP_PACKET_MAX);
      memcpy (bomb, head->data, head->len);
      for (gsize size = head->len + 8; size <= SP_PACKET_MAX; size += size / 2)
        g_assert_cmpuint (sp_compression_unpack (bombs[i].kind, bomb, size, room, PACKET), ==, 0);
    }
}

static const struct
{
  const char *what;
  const char *bytes;
} lz4_shapes[] = {
  { "nothing", "" },
  { "an end without a letter", "00" },
  { "more letters than there are", "50 41 42" },
  { "a length that is cut off", "f0" },
  { "a length that never ends", "f0 ff ff ff" },
  { "an offset that is cut off", "14 41 01" },
  { "from before the beginning", "14 41 02 00 50 41 41 41 41 41" },
  { "far from before the beginning", "14 41 ff ff 50 41 41 41 41 41" },
  { "a copy at the end", "14 41 01 00" },
};

static void
test_lz4_shapes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lz4_shapes); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (lz4_shapes[i].bytes);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      guint8 room[PACKET];

      say (lz4_shapes[i].what);
      g_assert_cmpuint (
          sp_compression_unpack (SP_COMPRESSION_LZ4, copy, bytes->len, room, sizeof room), ==, 0);
    }
}

/* The block that every LZ4 decoder of the world reads: five letters, as they are. */
static void
test_lz4_vector (void)
{
  static const guint8 block[] = { 0x50, 'h', 'e', 'l', 'l', 'o' };
  guint8 room[16];

  g_assert_cmpuint (
      sp_compression_unpack (SP_COMPRESSION_LZ4, block, sizeof block, room, sizeof room), ==, 5);
  g_assert_cmpmem (room, 5, "hello", 5);
  g_assert_cmpint (LZ4_sizeofState (), <=, SP_LZ4_STATE_SIZE);
}

#define ADD(name, function)                                                                        \
  g_test_add_data_func ("/compression/" name "/lz4", GINT_TO_POINTER (SP_COMPRESSION_LZ4),         \
                        function);                                                                 \
  g_test_add_data_func ("/compression/" name "/lzs", GINT_TO_POINTER (SP_COMPRESSION_LZS), function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compression/offers", test_offers);
  g_test_add_func ("/compression/choice", test_choice);
  ADD ("round-trips", test_round_trips);
  ADD ("gain", test_gain);
  ADD ("stateless", test_stateless);
  ADD ("junk", test_junk);
  g_test_add_func ("/compression/bombs", test_bombs);
  g_test_add_func ("/compression/lz4-shapes", test_lz4_shapes);
  g_test_add_func ("/compression/lz4-vector", test_lz4_vector);
  return g_test_run ();
}
