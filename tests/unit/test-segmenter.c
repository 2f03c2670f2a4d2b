/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/segmenter.h"

#include "codec/checksum.h"
#include "codec/ip-packet.h"
#include "hex.h"

#define HEADROOM    16
#define FIN         0x01
#define PSH         0x08
#define ACK         0x10
#define ECE         0x40
#define CWR         0x80
#define NO_CHECKSUM 0
#define CHECKSUM    1
#define TCP4        1
#define UDP         5
#define TCP6        4
#define ECN         0x80

/* A packet as the kernel hands it over, put together from pieces. */
typedef struct
{
  const char *name;
  guint8 kind;
  const char *ip; /* the header; lengths and checksum are filled in */
  const char *transport;
  gsize payload;
  guint16 segment;
} Whole;

#define IPV4         "4502 0000 fffe 4000 40 06 0000 c0a84d3c 0a0a0001"
#define IPV4_UDP     "4500 0000 0001 4000 40 11 0000 c0a84d3c 0a0a0001"
#define IPV4_OPTIONS "4600 0000 1234 4000 40 06 0000 c0a84d3c 0a0a0001 01010101"
#define IPV6(next)                                                                                 \
  "60312345 0000" next "40 fd000077000000000000000000000060 fd000077000000000000000000000001"
#define DESTINATION "06 00 0104 00000000"
#define TCP(flags)  "9c40 0050 ffffff00 01020304 50" flags "1000 0000 0000"
#define TCP_OPTIONS                                                                                \
  "9c40 0050 00000001 01020304 80"                                                                 \
  "18"                                                                                             \
  "1000 0000 0000 0101080a 11223344 55667788"
#define UDP_HEADER "9c40 0035 0000 0000"

static const Whole wholes[] = {
  { "TCP in two packets", TCP4, IPV4, TCP ("18"), 2000, 1000 },
  { "TCP with a rest", TCP4, IPV4, TCP ("10"), 2001, 1000 },
  { "all flags", TCP4 | ECN, IPV4, TCP ("d9"), 3000, 1000 },
  { "an odd size", TCP4, IPV4, TCP ("10"), 4000, 333 },
  { "one byte each", TCP4, IPV4, TCP ("11"), 70, 1 },
  { "one packet", TCP4, IPV4, TCP ("19"), 500, 1000 },
  { "as much as there can be", TCP4, IPV4, TCP_OPTIONS, 65535 - 52, 1348 },
  { "TCP with options", TCP4, IPV4, TCP_OPTIONS, 5000, 1348 },
  { "IPv4 with options", TCP4, IPV4_OPTIONS, TCP_OPTIONS, 5000, 1348 },
  { "TCP over IPv6", TCP6, IPV6 ("06"), TCP_OPTIONS, 5000, 1240 },
  { "TCP behind another header", TCP6, IPV6 ("3c") DESTINATION, TCP ("99"), 5000, 1240 },
  { "UDP", UDP, IPV4_UDP, UDP_HEADER, 3001, 1200 },
  { "UDP over IPv6", UDP, IPV6 ("11"), UDP_HEADER, 3001, 1200 },
  { "UDP in one-byte packets", UDP, IPV4_UDP, UDP_HEADER, 33, 1 },
};

typedef struct
{
  guint8 *memory;
  guint8 *packet; /* HEADROOM bytes into it */
  gsize size;
  gsize ip;
  gsize transport;
  guint8 *payload; /* a copy */
  guint8 header[SP_SEGMENTER_HEADER_SIZE];
} Made;

static void
put_16 (guint8 *bytes, gsize number)
{
  bytes[0] = (guint8) (number >> 8);
  bytes[1] = (guint8) number;
}

static guint
get_16 (const guint8 *bytes)
{
  return (guint) bytes[0] << 8 | bytes[1];
}

static gsize
checksum_offset (const Whole *whole)
{
  return whole->kind == UDP ? 6 : 16;
}

static guint8
protocol (const Whole *whole)
{
  return whole->kind == UDP ? 17 : 6;
}

/* As the kernel does it: the checksum's place holds the sum of the pseudo header. */
static void
finish (Made *made, const Whole *whole)
{
  gsize length = made->size - made->ip;
  guint64 pseudo = sp_checksum_pseudo_header (made->packet, protocol (whole), (guint32) length);
  guint16 sum = sp_checksum_fold (pseudo);

  memcpy (made->packet + made->ip + checksum_offset (whole), &sum, sizeof sum);
  made->header[0] = CHECKSUM;
  made->header[1] = whole->kind;
  made->header[4] = (guint8) whole->segment;
  made->header[5] = (guint8) (whole->segment >> 8);
  made->header[6] = (guint8) made->ip;
  made->header[8] = (guint8) checksum_offset (whole);
}

static void
make (Made *made, const Whole *whole)
{
  g_autoptr (GByteArray) ip = bytes_from_hex (whole->ip);
  g_autoptr (GByteArray) transport = bytes_from_hex (whole->transport);

  *made = (Made){ .ip = ip->len, .transport = transport->len };
  made->size = ip->len + transport->len + whole->payload;
  made->memory = g_malloc (HEADROOM + made->size);
  made->packet = made->memory + HEADROOM;
  memcpy (made->packet, ip->data, ip->len);
  memcpy (made->packet + ip->len, transport->data, transport->len);
  if (whole->kind == UDP)
    put_16 (made->packet + ip->len + 4, made->size - ip->len);
  if (made->packet[0] >> 4 == 4)
    put_16 (made->packet + 2, made->size);
  else
    put_16 (made->packet + 4, made->size - 40);
  made->payload = g_malloc (MAX (whole->payload, 1));
  for (gsize i = 0; i < whole->payload; i++)
    made->payload[i] = (guint8) g_test_rand_int_range (0, 256);
  memcpy (made->packet + ip->len + transport->len, made->payload, whole->payload);
  finish (made, whole);
}

static void
made_clear (Made *made)
{
  g_free (made->memory);
  g_free (made->payload);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Made, made_clear)

static void
check_ip (
    const Whole *whole, const guint8 *original, const guint8 *packet, gsize size, guint number)
{
  SpIpPacket read;

  g_assert_true (sp_ip_packet_read (packet, size, &read));
  g_assert_cmpuint (read.total_length, ==, size);
  if (read.version == 6)
    {
      g_assert_cmpmem (packet, 4, original, 4);
      g_assert_cmpmem (packet + 6, 34, original + 6, 34);
      return;
    }
  g_assert_true (sp_checksum_is_right (sp_checksum_add (0, packet, read.header_length)));
  g_assert_cmpuint (get_16 (packet + 4), ==, (get_16 (original + 4) + number) & 0xffff);
  g_assert_cmpmem (packet + 6, 4, original + 6, 4);
  g_assert_cmpmem (packet + 12, read.header_length - 12U, original + 12, read.header_length - 12U);
}

static void
check_tcp (
    const Made *made, const guint8 *original, const guint8 *packet, gsize done, gboolean last)
{
  guint8 only = original[13] & (guint8) ((done == 0 ? 0 : CWR) | (last ? 0 : FIN | PSH));
  guint32 before, after;

  memcpy (&before, original + 4, sizeof before);
  memcpy (&after, packet + 4, sizeof after);
  g_assert_cmpuint (GUINT32_FROM_BE (after), ==, GUINT32_FROM_BE (before) + (guint32) done);
  g_assert_cmphex (packet[13], ==, original[13] & ~only);
  g_assert_cmpmem (packet, 4, original, 4);
  g_assert_cmpmem (packet + 8, 5, original + 8, 5);
  g_assert_cmpmem (packet + 14, 2, original + 14, 2);
  g_assert_cmpmem (packet + 18, made->transport - 18, original + 18, made->transport - 18);
}

static void
check_transport (const Whole *whole, const guint8 *packet, gsize ip, gsize size)
{
  guint64 pseudo = sp_checksum_pseudo_header (packet, protocol (whole), (guint32) (size - ip));

  g_assert_true (sp_checksum_is_right (sp_checksum_add (pseudo, packet + ip, size - ip)));
  if (whole->kind == UDP)
    g_assert_cmpuint (get_16 (packet + ip + 4), ==, size - ip);
}

static void
check_whole (const Whole *whole)
{
  g_auto (Made) made = { 0 };
  g_autofree guint8 *original = NULL;
  gsize headers, done = 0, size;
  guint8 *packet;
  SpSegmenter segmenter;
  guint number = 0;

  make (&made, whole);
  headers = made.ip + made.transport;
  original = exact_copy (made.packet, headers);
  g_assert_true (sp_segmenter_begin (&segmenter, made.header, made.packet, made.size));
  for (; sp_segmenter_next (&segmenter, &packet, &size); number++)
    {
      gsize piece = MIN (whole->segment, whole->payload - done);

      g_assert_cmpuint (size, ==, headers + piece);
      g_assert_true (packet >= made.packet && packet + size <= made.packet + made.size);
      g_assert_cmpmem (packet + headers, piece, made.payload + done, piece);
      check_ip (whole, original, packet, size, number);
      check_transport (whole, packet, made.ip, size);
      if (whole->kind != UDP)
        check_tcp (&made, original + made.ip, packet + made.ip, done,
                   done + piece == whole->payload);
      done += piece;
      g_assert_cmpuint (sp_segmenter_count (&segmenter), ==,
                        (whole->payload - done + whole->segment - 1) / whole->segment);
      memset (packet - HEADROOM, 0xee, HEADROOM); /* whoever takes it may write there */
    }
  g_assert_cmpuint (done, ==, whole->payload);
}

static void
test_wholes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    {
      say (wholes[i].name);
      check_whole (&wholes[i]);
    }
}

/* Every size of a segment that a path can ask for. */
static void
test_sizes (void)
{
  for (guint16 mtu = 576; mtu <= 9000; mtu += 151)
    for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
      {
        Whole whole = wholes[i];

        whole.segment = mtu - 80;
        whole.payload = MAX (whole.payload, 3000);
        check_whole (&whole);
      }
}

/* What is wrong with a packet that is otherwise good */
static const struct
{
  const char *name;
  guint whole; /* among those above */
  guint offset;
  gboolean in_header;
  guint8 byte;
} mistakes[] = {
  { "a kind that there is not", 0, 1, TRUE, 3 },
  { "another kind than the IP version", 0, 1, TRUE, TCP6 },
  { "IPv6 said to be IPv4", 9, 1, TRUE, TCP4 },
  { "UDP said to be TCP", 11, 1, TRUE, TCP4 },
  { "TCP said to be UDP", 0, 1, TRUE, UDP },
  { "no checksum to be made", 0, 0, TRUE, NO_CHECKSUM },
  { "the checksum begins elsewhere", 0, 6, TRUE, 24 },
  { "the checksum is elsewhere", 0, 8, TRUE, 6 },
  { "IP version 5", 0, 0, FALSE, 0x55 },
  { "an IPv4 header that is too short", 0, 0, FALSE, 0x44 },
  { "an IPv4 fragment", 0, 6, FALSE, 0x20 },
  { "another protocol", 0, 9, FALSE, 1 },
  { "a TCP header that is longer", 5, 20 + 12, FALSE, 0xf0 },
  { "an extension header past the end", 10, 41, FALSE, 0xff },
  { "an extension header that is not known", 10, 6, FALSE, 51 },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_auto (Made) made = { 0 };
      Whole whole = wholes[mistakes[i].whole];
      g_autofree guint8 *copy = NULL;
      SpSegmenter segmenter;
      guint8 *packet;
      gsize size;

      say (mistakes[i].name);
      whole.payload = 20;
      make (&made, &whole);
      (mistakes[i].in_header ? made.header : made.packet)[mistakes[i].offset] = mistakes[i].byte;
      copy = exact_copy (made.packet, made.size);
      if (mistakes[i].offset == 32)
        made.size -= 1; /* so that there is no room for it */
      g_assert_false (sp_segmenter_begin (&segmenter, made.header, made.packet, made.size));
      g_assert_false (sp_segmenter_next (&segmenter, &packet, &size));
      g_assert_cmpuint (sp_segmenter_count (&segmenter), ==, 0);
      g_assert_cmpmem (made.packet, made.size, copy, made.size);
    }
}

/* Every length of a packet that was cut, down to nothing: read to its end and no further. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    {
      g_auto (Made) made = { 0 };
      Whole whole = wholes[i];

      whole.payload = 5;
      whole.segment = 2;
      make (&made, &whole);
      for (gsize length = 0; length < made.size; length++)
        {
          g_autofree guint8 *copy = exact_copy (made.packet, length);
          SpSegmenter segmenter;
          guint8 *packet;
          gsize size;

          if (!sp_segmenter_begin (&segmenter, made.header, copy, length))
            continue;
          g_assert_cmpuint (length, >, made.ip + made.transport);
          while (sp_segmenter_next (&segmenter, &packet, &size))
            g_assert_true (packet >= copy && packet + size <= copy + length);
        }
    }
}

/* One packet, of which at most the checksum is to be made. */
static const struct
{
  const char *name;
  const char *header;
  const char *packet;
  const char *expected; /* NULL = refused */
} singles[] = {
  { "complete", "00 00 0000 0000 0000 0000 0000", IPV4 "aabb", IPV4 "aabb" },
  { "complete, of IPv6", "00 00 0000 0000 0000 0000 0000", IPV6 ("3b"), IPV6 ("3b") },
  { "valid without more", "02 00 0000 0000 0000 0000 0000", IPV4 "aabb", IPV4 "aabb" },
  { "a checksum", "01 00 0000 0000 1400 0600 0000",
    "4500 0021 0000 4000 4011 3cca 7f000001 7f000001 9c40 270f 000d fe20 68656c6c6f",
    "4500 0021 0000 4000 4011 3cca 7f000001 7f000001 9c40 270f 000d faaf 68656c6c6f" },
  { "a checksum that comes to nothing", "01 00 0000 0000 0200 0000 0000", "4500 0000 ffff",
    "4500 ffff ffff" },
  { "a checksum past the end", "01 00 0000 0000 1500 0000 0000", IPV4 "aabb", NULL },
  { "a checksum far past the end", "01 00 0000 0000 ffff ffff 0000", IPV4 "aabb", NULL },
  { "nothing", "00 00 0000 0000 0000 0000 0000", "", NULL },
  { "no IP", "00 00 0000 0000 0000 0000 0000", "55aa", NULL },
};

static void
test_singles (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (singles); i++)
    {
      g_autoptr (GByteArray) header = bytes_from_hex (singles[i].header);
      g_autoptr (GByteArray) bytes = bytes_from_hex (singles[i].packet);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      g_autoptr (GByteArray) expected = NULL;
      SpSegmenter segmenter;
      guint8 *packet;
      gsize size;

      say (singles[i].name);
      g_assert_cmpint (sp_segmenter_begin (&segmenter, header->data, copy, bytes->len), ==,
                       singles[i].expected != NULL);
      if (singles[i].expected == NULL)
        continue;
      expected = bytes_from_hex (singles[i].expected);
      g_assert_cmpuint (sp_segmenter_count (&segmenter), ==, 1);
      g_assert_true (sp_segmenter_next (&segmenter, &packet, &size));
      g_assert_true (packet == copy);
      g_assert_cmpmem (packet, size, expected->data, expected->len);
      g_assert_false (sp_segmenter_next (&segmenter, &packet, &size));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segmenter/wholes", test_wholes);
  g_test_add_func ("/segmenter/sizes", test_sizes);
  g_test_add_func ("/segmenter/mistakes", test_mistakes);
  g_test_add_func ("/segmenter/cut", test_cut);
  g_test_add_func ("/segmenter/singles", test_singles);
  return g_test_run ();
}
