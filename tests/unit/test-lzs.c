/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/lzs.h"

#include "hex.h"

#define ROOM 4096

typedef struct
{
  guint8 bytes[ROOM];
  gsize size;
} Text;

/* `part`, `times` over. */
static void
repeat (Text *text, const char *part, guint times)
{
  gsize length = strlen (part);

  g_assert_cmpuint (length * times, <=, sizeof text->bytes);
  text->size = length * times;
  for (gsize i = 0; i < text->size; i++)
    text->bytes[i] = (guint8) part[i % length];
}

static void
fill (Text *text, guint8 byte, gsize size)
{
  memset (text->bytes, byte, size);
  text->size = size;
}

static void
expect_decoded (const guint8 *packed, gsize packed_size, const Text *text)
{
  /* Memory of exactly these sizes, so that a sanitizer sees the first byte too far. */
  g_autofree guint8 *copy = exact_copy (packed, packed_size);
  g_autofree guint8 *room = g_malloc (MAX (text->size, 1));
  gsize size = 0;

  g_assert_true (sp_lzs_decode (copy, packed_size, room, text->size, &size));
  g_assert_cmpmem (room, size, text->bytes, text->size);
  if (text->size > 0)
    g_assert_false (sp_lzs_decode (copy, packed_size, room, text->size - 1, &size));
}

static gsize
encode (const Text *text, guint8 *packed, gsize room)
{
  g_autofree SpLzsTable *table = g_new (SpLzsTable, 1);

  memset (table, 0xa5, sizeof *table); /* whatever was there before */
  return sp_lzs_encode (table, text->bytes, text->size, packed, room);
}

/* Known outputs; an encoder may choose others as short, ours happens to make the same. */
static const struct
{
  const char *part;
  guint times;
  const char *packed;
} vectors[] = {
  { "A", 0, "c000" },
  { "A", 1, "20e000" },
  { "AB", 1, "2090b000" },
  { "ABAB", 1, "2090b04600" },
  { "ABCABCABC", 1, "209088783dc000" },
  { "ab", 10, "3098b05f5800" },
  { "A", 40, "20e07ffc7000" },
};

static void
test_vectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (GByteArray) expected = bytes_from_hex (vectors[i].packed);
      Text text;
      guint8 packed[ROOM];

      say (vectors[i].packed);
      repeat (&text, vectors[i].part, vectors[i].times);
      expect_decoded (expected->data, expected->len, &text);
      g_assert_cmpmem (packed, encode (&text, packed, sizeof packed), expected->data,
                       expected->len);
    }
}

static void
expect_zeros (gsize n, const guint8 *expected, gsize size)
{
  Text text;
  guint8 packed[ROOM];

  fill (&text, 0, n);
  expect_decoded (expected, size, &text);
  g_assert_cmpmem (packed, encode (&text, packed, sizeof packed), expected, size);
}

static void
test_zeros (void)
{
  static const guint8 few[] = { 0x00, 0x60, 0x7f, 0xff, 0xeb, 0x00 };
  guint8 many[51] = { 0x00, 0x60, 0x7f };

  memset (many + 3, 0xff, 45);
  many[48] = 0xfe;
  many[49] = 0xf0;
  expect_zeros (64, few, sizeof few);
  expect_zeros (1400, many, sizeof many);
}

/* What is written down as binary digits, blanks between them, filled up with zeros. */
static GByteArray *
bytes_from_bits (const char *digits)
{
  GByteArray *bytes = g_byte_array_new ();
  guint n = 0;

  for (const char *at = digits; *at != '\0'; at++)
    {
      static const guint8 empty = 0;

      if (*at == ' ')
        continue;
      if (n % 8 == 0)
        (void) g_byte_array_append (bytes, &empty, 1);
      bytes->data[n / 8] |= (guint8) ((*at - '0') << (7 - n % 8));
      n++;
    }
  return bytes;
}

#define LITERAL_A "0 01000001 "
#define LITERAL_B "0 01000010 "
#define SHORT_1   "11 0000001 "
#define END       "11 0000000 "

static const struct
{
  const char *bits;
  const char *text; /* NULL = refused */
} shapes[] = {
  { END, "" },
  { LITERAL_A END, "A" },
  /* every way to write a length */
  { LITERAL_A SHORT_1 "00" END, "AAA" },
  { LITERAL_A SHORT_1 "01" END, "AAAA" },
  { LITERAL_A SHORT_1 "10" END, "AAAAA" },
  { LITERAL_A SHORT_1 "1100" END, "AAAAAA" },
  { LITERAL_A SHORT_1 "1101" END, "AAAAAAA" },
  { LITERAL_A SHORT_1 "1110" END, "AAAAAAAA" },
  { LITERAL_A SHORT_1 "1111 0000" END, "AAAAAAAAA" },
  { LITERAL_A SHORT_1 "1111 1110" END, "AAAAAAAAAAAAAAAAAAAAAAA" },
  { LITERAL_A SHORT_1 "1111 1111 0000" END, "AAAAAAAAAAAAAAAAAAAAAAAA" },
  /* the long form may hold a small offset */
  { LITERAL_A "10 00000000001 00" END, "AAA" },
  { LITERAL_A LITERAL_B "10 00000000010 10" END, "ABABAB" },
  { LITERAL_A LITERAL_B "11 0000010 1100" END, "ABABABA" },
  /* what follows the end does not count */
  { LITERAL_A END "1111111111111111", "A" },
  /* cut off */
  { "", NULL },
  { "0", NULL },
  { "1", NULL },
  { "0 0100000", NULL },
  { LITERAL_A, NULL },
  { LITERAL_A "11 00000", NULL },
  { LITERAL_A SHORT_1, NULL },
  { LITERAL_A SHORT_1 "1111", NULL },
  { LITERAL_A SHORT_1 "1111 1111 1111", NULL },
  { LITERAL_A SHORT_1 "00", NULL },
  { LITERAL_A "10 000000", NULL },
  /* from before the beginning, or from nowhere */
  { SHORT_1 "00" END, NULL },
  { "10 00000000001 00" END, NULL },
  { LITERAL_A "11 0000010 00" END, NULL },
  { LITERAL_A "11 1111111 00" END, NULL },
  { LITERAL_A "10 11111111111 00" END, NULL },
  { LITERAL_A "10 00000000000 00" END, NULL },
  { "10 00000000000 00" END, NULL },
};

static void
test_shapes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_bits (shapes[i].bits);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      guint8 room[ROOM];
      gsize size = 0;
      gboolean good = sp_lzs_decode (copy, bytes->len, room, sizeof room, &size);

      say (shapes[i].bits);
      g_assert_cmpint (good, ==, shapes[i].text != NULL);
      if (good)
        g_assert_cmpmem (room, size, shapes[i].text, strlen (shapes[i].text));
    }
}

/* A megabyte of "fifteen more" behind one letter: refused by the room, not by memory. */
static void
test_bomb (void)
{
  enum
  {
    BOMB = 1024 * 1024,
    PACKET = 1434
  };
  g_autoptr (GByteArray) head = bytes_from_bits (LITERAL_A SHORT_1 "1111 1111 11");
  g_autofree guint8 *bomb = g_malloc (BOMB);
  g_autofree guint8 *room = g_malloc (PACKET);
  gsize size = 0;

  memset (bomb, 0xff, BOMB);
  memcpy (bomb, head->data, head->len);
  g_assert_false (sp_lzs_decode (bomb, BOMB, room, PACKET, &size));
  bomb[20] = 0; /* ends the row, after which there are only letters */
  memset (bomb + 21, 0, BOMB - 21);
  g_assert_false (sp_lzs_decode (bomb, BOMB, room, PACKET, &size));
}

static void
expect_round_trip (const Text *text)
{
  guint8 packed[2 * ROOM];
  gsize size = encode (text, packed, sizeof packed);

  g_assert_cmpuint (size, >=, SP_LZS_OUTPUT_MIN);
  g_assert_cmpuint (size, <=, text->size + text->size / 8 + 3);
  expect_decoded (packed, size, text);
  /* Exactly that much room is enough, one byte less is not. */
  g_assert_cmpuint (encode (text, packed, size), ==, size);
  for (gsize room = 0; room < size; room += MAX (1, (size - room) / 7))
    g_assert_cmpuint (encode (text, packed, room), ==, 0);
}

/* Bytes of an alphabet: the smaller, the more repeats. */
static void
fill_random (Text *text, GRand *dice, gsize size, gint alphabet)
{
  text->size = size;
  for (gsize i = 0; i < size; i++)
    text->bytes[i] = (guint8) g_rand_int_range (dice, 0, alphabet);
}

static void
test_round_trips (void)
{
  static const gint alphabets[] = { 1, 2, 3, 16, 256 };
  g_autoptr (GRand) dice = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (alphabets); i++)
    for (gsize size = 0; size < ROOM; size += 1 + size / 5)
      {
        Text text;

        fill_random (&text, dice, size, alphabets[i]);
        expect_round_trip (&text);
      }
}

/* The same block again after `gap` bytes that are nowhere else: found up to 2047 bytes back. */
static void
test_window (void)
{
  static const gsize distances[] = { 64, 126, 127, 128, 129, 2046, 2047, 2048, 2049, 3000 };
  g_autoptr (GRand) dice = g_rand_new_with_seed (2);

  for (guint i = 0; i < G_N_ELEMENTS (distances); i++)
    {
      Text text;
      guint8 packed[2 * ROOM];

      fill_random (&text, dice, distances[i] + 60, 256);
      for (gsize j = 0; j < 60; j++)
        text.bytes[distances[i] + j] = text.bytes[j];
      expect_round_trip (&text);
      if (distances[i] < SP_LZS_WINDOW)
        g_assert_cmpuint (encode (&text, packed, sizeof packed), <, distances[i] * 9 / 8 + 30);
    }
}

static void
test_too_long (void)
{
  g_autofree SpLzsTable *table = g_new (SpLzsTable, 1);
  g_autofree guint8 *bytes = g_malloc0 (SP_LZS_INPUT_MAX + 1);
  g_autofree guint8 *packed = g_malloc (SP_LZS_INPUT_MAX);
  g_autofree guint8 *again = g_malloc (SP_LZS_INPUT_MAX);
  gsize size = sp_lzs_encode (table, bytes, SP_LZS_INPUT_MAX, packed, SP_LZS_INPUT_MAX);

  g_assert_cmpuint (size, >, 0);
  g_assert_true (sp_lzs_decode (packed, size, again, SP_LZS_INPUT_MAX, &size));
  g_assert_cmpmem (again, size, bytes, SP_LZS_INPUT_MAX);
  size = sp_lzs_encode (table, bytes, SP_LZS_INPUT_MAX + 1, packed, SP_LZS_INPUT_MAX);
  g_assert_cmpuint (size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lzs/vectors", test_vectors);
  g_test_add_func ("/lzs/zeros", test_zeros);
  g_test_add_func ("/lzs/shapes", test_shapes);
  g_test_add_func ("/lzs/bomb", test_bomb);
  g_test_add_func ("/lzs/round-trips", test_round_trips);
  g_test_add_func ("/lzs/window", test_window);
  g_test_add_func ("/lzs/too-long", test_too_long);
  return g_test_run ();
}
