/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/endpoint.h"
#include "codec/ip-packet.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpIpPacket packet, again;
  gboolean ipv4;

  if (!sp_ip_packet_read (data, size, &packet))
    return 0;
  ipv4 = packet.version == 4;
  g_assert_true (ipv4 || packet.version == 6);
  g_assert_cmpint (sp_address_is_ipv4 (packet.source), ==, ipv4);
  g_assert_cmpint (sp_address_is_ipv4 (packet.destination), ==, ipv4);
  g_assert_cmpuint (packet.header_length, >=, ipv4 ? 20 : 40);
  g_assert_cmpuint (packet.header_length, <=, packet.total_length);
  g_assert_cmpuint (packet.total_length, <=, size);
  g_assert_true (sp_ip_packet_read (data, packet.total_length, &again));
  g_assert_cmpuint (again.total_length, ==, packet.total_length);
  g_assert_false (sp_ip_packet_read (data, packet.total_length - 1, &again));
  return 0;
}
