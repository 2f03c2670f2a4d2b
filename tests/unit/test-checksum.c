/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/checksum.h"

#include "hex.h"

#define LONGEST 9001

/* As RFC 1071 says it, slowly. */
static guint16
sum_slowly (const guint8 *bytes, gsize size)
{
  guint32 sum = 0;

  for (gsize i = 0; i < size; i++)
    {
      sum += i % 2 == 0 ? (guint32) bytes[i] << 8 : bytes[i];
      sum = (sum & 0xffff) + (sum >> 16);
    }
  return (guint16) sum;
}

static const struct
{
  const char *name;
  const char *hex;
  guint16 sum; /* as a number, without its complement */
} sums[] = {
  { "nothing", "", 0x0000 },
  { "the example of RFC 1071 3", "0001f203f4f5f6f7", 0xddf2 },
  { "one byte", "ab", 0xab00 },
  { "an odd number of bytes", "0102 03", 0x0402 },
  { "a carry", "ffff 0001", 0x0001 },
  { "all ones stay", "ffff ffff ffff", 0xffff },
  { "an IPv4 header with its checksum", "4500003044224000800644 2e 8c7c19acae241e2b", 0xffff },
};

static void
test_sums (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (sums[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      guint16 sum = sp_checksum_fold (sp_checksum_add (0, copy, bytes->len));

      g_test_message ("%s", sums[i].name);
      g_assert_cmphex (GUINT16_FROM_BE (sum), ==, sums[i].sum);
    }
}

static void
fill (guint8 *bytes, gsize size, guint kind)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = kind == 0 ? 0xff : (guint8) g_test_rand_int_range (0, 256);
}

/* Every size, at every alignment, in one piece and in two. */
static void
test_sizes (void)
{
  for (guint size = 0; size < LONGEST; size += size < 300 ? 1 : 97)
    for (guint kind = 0; kind < 2; kind++)
      {
        guint offset = size % 16;
        g_autofree guint8 *memory = g_malloc (offset + size);
        guint8 *bytes = memory + offset;
        gsize cut = size / 3 & ~(gsize) 1;
        guint16 expected;
        guint64 sum;

        fill (bytes, size, kind);
        expected = sum_slowly (bytes, size);
        sum = sp_checksum_add (0, bytes, size);
        g_assert_cmphex (GUINT16_FROM_BE (sp_checksum_fold (sum)), ==, expected);
        sum = sp_checksum_add (sp_checksum_add (0, bytes, cut), bytes + cut, size - cut);
        g_assert_cmphex (GUINT16_FROM_BE (sp_checksum_fold (sum)), ==, expected);
      }
}

/* Sums that are full to the brim lose no carry. */
static void
test_carries (void)
{
  guint8 ones[64];

  memset (ones, 0xff, sizeof ones);
  for (guint64 sum = G_MAXUINT64; sum > G_MAXUINT64 - 40; sum--)
    {
      guint16 before = sp_checksum_fold (sum);
      guint64 after = sp_checksum_add_16 (sum, 1);

      g_assert_cmphex (sp_checksum_fold (sp_checksum_add (sum, ones, sizeof ones)), ==, before);
      g_assert_cmphex (sp_checksum_fold (sp_checksum_subtract_32 (after, 1)), ==, before);
    }
}

static const struct
{
  const char *name;
  const char *hex;
  guint8 protocol;
  gsize transport;
} packets[] = {
  { "UDP over IPv4",
    "4500 0021 0000 4000 4011 3cca 7f000001 7f000001 9c40 270f 000d faaf 68656c6c6f", 17, 20 },
  { "UDP over IPv6",
    "6000 0000 000d 11 40 00000000000000000000000000000001 00000000000000000000000000000001"
    "9c40 270f 000d f8b0 68656c6c6f",
    17, 40 },
};

static void
test_packets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_autoptr (GByteArray) packet = bytes_from_hex (packets[i].hex);
      gsize size = packet->len - packets[i].transport;
      guint8 *transport = packet->data + packets[i].transport;
      guint8 expected[2] = { transport[6], transport[7] };
      guint64 pseudo =
          sp_checksum_pseudo_header (packet->data, packets[i].protocol, (guint32) size);

      g_test_message ("%s", packets[i].name);
      g_assert_true (sp_checksum_is_right (sp_checksum_add (pseudo, transport, size)));
      transport[6] = transport[7] = 0;
      g_assert_false (sp_checksum_is_right (sp_checksum_add (pseudo, transport, size)));
      sp_checksum_write (sp_checksum_add (pseudo, transport, size), transport + 6);
      g_assert_cmpmem (transport + 6, sizeof expected, expected, sizeof expected);
    }
}

static void
test_ipv4_header (void)
{
  g_autoptr (GByteArray) packet = bytes_from_hex (packets[0].hex);
  guint8 expected[2] = { packet->data[10], packet->data[11] };

  packet->data[10] ^= 0xff;
  sp_checksum_complete_ipv4 (packet->data, 20);
  g_assert_cmpmem (packet->data + 10, sizeof expected, expected, sizeof expected);
}

/* A checksum of 0 is told as 0xffff where 0 would say that there is none. */
static void
test_zero (void)
{
  guint8 field[2] = { 1, 1 };

  sp_checksum_write (G_MAXUINT16, field);
  g_assert_cmphex (field[0] << 8 | field[1], ==, 0);
  sp_checksum_write_not_zero (G_MAXUINT16, field);
  g_assert_cmphex (field[0] << 8 | field[1], ==, 0xffff);
  sp_checksum_write_not_zero (sp_checksum_add_16 (0, 0x1234), field);
  g_assert_cmphex (field[0] << 8 | field[1], ==, 0xedcb);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checksum/sums", test_sums);
  g_test_add_func ("/checksum/sizes", test_sizes);
  g_test_add_func ("/checksum/carries", test_carries);
  g_test_add_func ("/checksum/packets", test_packets);
  g_test_add_func ("/checksum/ipv4-header", test_ipv4_header);
  g_test_add_func ("/checksum/zero", test_zero);
  return g_test_run ();
}
