/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/ip-packet.h"

#include "base/endpoint.h"
#include "hex.h"

#define IPV4(first, length) first "00" length "0000 0000 40 11 0000 c0a84d3c 0a0a0001"
#define IPV6(length)        "60000000" length "11 40"
#define ULA_60              "fd000077000000000000000000000060"
#define ULA_1               "fd000077000000000000000000000001"
#define MAPPED              "00000000000000000000ffffc0a84d3c"

static const struct
{
  const char *name;
  const char *hex;
  guint8 version; /* 0: refused */
  guint32 total_length;
  guint16 header_length;
} packets[] = {
  { "IPv4", IPV4 ("45", "0014"), 4, 20, 20 },
  { "IPv4 with payload", IPV4 ("45", "0016") "aabb", 4, 22, 20 },
  { "IPv4 with options", IPV4 ("46", "0018") "01010101", 4, 24, 24 },
  { "bytes behind the packet", IPV4 ("45", "0014") "aabb", 4, 20, 20 },
  { "IPv6", IPV6 ("0000") ULA_60 ULA_1, 6, 40, 40 },
  { "IPv6 with payload", IPV6 ("0002") ULA_60 ULA_1 "aabb", 6, 42, 40 },
  { "nothing", "", 0, 0, 0 },
  { "one byte", "45", 0, 0, 0 },
  { "IPv4 header cut", "45000014 00000000 40110000 c0a84d3c 0a0a00", 0, 0, 0 },
  { "IPv4 shorter than its total length", IPV4 ("45", "0015"), 0, 0, 0 },
  { "IPv4 total length below header", IPV4 ("45", "0013"), 0, 0, 0 },
  { "IPv4 total length 0", IPV4 ("45", "0000"), 0, 0, 0 },
  { "IPv4 header length 16", IPV4 ("44", "0014"), 0, 0, 0 },
  { "IPv4 header length 0", IPV4 ("40", "0014"), 0, 0, 0 },
  { "IPv4 header longer than packet", IPV4 ("46", "0014"), 0, 0, 0 },
  { "IPv6 header cut", IPV6 ("0000") ULA_60 "fd0000770000000000000000000000", 0, 0, 0 },
  { "IPv6 shorter than its payload", IPV6 ("0001") ULA_60 ULA_1, 0, 0, 0 },
  { "IPv6 from a mapped address", IPV6 ("0000") MAPPED ULA_1, 0, 0, 0 },
  { "IPv6 to a mapped address", IPV6 ("0000") ULA_60 MAPPED, 0, 0, 0 },
  { "version 0", IPV4 ("05", "0014"), 0, 0, 0 },
  { "version 5", IPV4 ("55", "0014"), 0, 0, 0 },
  { "version 15", IPV4 ("f5", "0014"), 0, 0, 0 },
};

static void
check_fields (const SpIpPacket *packet)
{
  char source[SP_ENDPOINT_TEXT_MAX], destination[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (packet->source, source);
  sp_address_to_text (packet->destination, destination);
  g_assert_cmpstr (source, ==, packet->version == 4 ? "192.168.77.60" : "fd00:77::60");
  g_assert_cmpstr (destination, ==, packet->version == 4 ? "10.10.0.1" : "fd00:77::1");
  g_assert_cmpuint (packet->protocol, ==, 17);
}

static void
test_packets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (packets[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      SpIpPacket packet;
      gboolean read = sp_ip_packet_read (copy, bytes->len, &packet);

      g_test_message ("%s", packets[i].name);
      g_assert_cmpint (read, ==, packets[i].version != 0);
      if (!read)
        continue;
      g_assert_cmpuint (packet.version, ==, packets[i].version);
      g_assert_cmpuint (packet.total_length, ==, packets[i].total_length);
      g_assert_cmpuint (packet.header_length, ==, packets[i].header_length);
      check_fields (&packet);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ip-packet/packets", test_packets);
  return g_test_run ();
}
