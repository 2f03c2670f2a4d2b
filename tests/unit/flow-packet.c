/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow-packet.h"

#include <string.h>

#define TCP             6
#define UDP             17
#define TCP_SIZE        20
#define TIMESTAMPS_SIZE 12
#define UDP_SIZE        8

static void
put_16 (guint8 *bytes, guint32 number)
{
  bytes[0] = (guint8) (number >> 8);
  bytes[1] = (guint8) number;
}

static void
put_32 (guint8 *bytes, guint32 number)
{
  put_16 (bytes, number >> 16);
  put_16 (bytes + 2, number);
}

static guint32
get_16 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 8 | bytes[1];
}

static guint32
get_32 (const guint8 *bytes)
{
  return get_16 (bytes) << 16 | get_16 (bytes + 2);
}

static guint32
sum (guint32 before, const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      before += i % 2 == 0 ? (guint32) bytes[i] << 8 : bytes[i];
      before = (before & 0xffff) + (before >> 16);
    }
  return before;
}

static gsize
get_transport (const guint8 *bytes)
{
  return bytes[0] >> 4 == 6 ? FLOW_IPV6_SIZE : FLOW_IPV4_SIZE;
}

static guint8
get_protocol (const guint8 *bytes)
{
  return bytes[bytes[0] >> 4 == 6 ? 6 : 9];
}

void
flow_packet_complete (guint8 *bytes, gsize size)
{
  gsize at = get_transport (bytes);
  guint8 protocol = get_protocol (bytes);
  gsize field = at + (protocol == TCP ? 16 : 6);
  guint32 words;

  if (at == FLOW_IPV6_SIZE)
    put_16 (bytes + 4, (guint32) (size - at));
  else
    {
      put_16 (bytes + 2, (guint32) size);
      put_16 (bytes + 10, 0);
      put_16 (bytes + 10, ~sum (0, bytes, at));
    }
  if (protocol != TCP && protocol != UDP)
    return;
  if (protocol == UDP)
    put_16 (bytes + at + 4, (guint32) (size - at));
  put_16 (bytes + field, 0);
  words = at == FLOW_IPV6_SIZE ? sum (0, bytes + 8, 32) : sum (0, bytes + 12, 8);
  words = sum (words + protocol + (guint32) (size - at), bytes + at, size - at);
  words = ~words & 0xffff;
  put_16 (bytes + field, words == 0 && protocol == UDP ? 0xffff : words);
}

static void
write_ip (const FlowPacket *packet, guint8 *bytes)
{
  guint8 ttl = packet->ttl != 0 ? packet->ttl : 64;

  if (packet->ipv6)
    {
      put_32 (bytes, 6u << 28 | (guint32) packet->tos << 20 | packet->flow_label);
      bytes[6] = packet->protocol;
      bytes[7] = ttl;
      bytes[8] = bytes[24] = 0xfd;
      bytes[23] = 2;
      bytes[39] = packet->host;
      return;
    }
  bytes[0] = 0x45;
  bytes[1] = packet->tos;
  put_16 (bytes + 4, packet->id);
  put_16 (bytes + 6, packet->fragment);
  bytes[8] = ttl;
  bytes[9] = packet->protocol;
  put_32 (bytes + 12, 0x0a000002);
  put_32 (bytes + 16, 0x0a010000u | packet->host);
}

/* Returns the size. */
static gsize
write_transport (const FlowPacket *packet, guint8 *bytes)
{
  gsize options = packet->timestamp != 0 ? TIMESTAMPS_SIZE : 0;

  if (packet->protocol != TCP && packet->protocol != UDP)
    return 0;
  put_16 (bytes, packet->port);
  put_16 (bytes + 2, 9);
  if (packet->protocol == UDP)
    return UDP_SIZE;
  put_32 (bytes + 4, packet->sequence);
  put_32 (bytes + 8, packet->acknowledged);
  bytes[12] = (guint8) ((TCP_SIZE + options) << 2);
  bytes[13] = packet->flags;
  put_16 (bytes + 14, packet->window);
  if (options != 0)
    {
      put_32 (bytes + 20, 0x0101080a); /* RFC 7323 3.2 */
      put_32 (bytes + 24, packet->timestamp);
    }
  return TCP_SIZE + options;
}

gsize
flow_packet_write (const FlowPacket *packet, guint8 *bytes)
{
  gsize at = packet->ipv6 ? FLOW_IPV6_SIZE : FLOW_IPV4_SIZE;

  memset (bytes, 0, at + TCP_SIZE + TIMESTAMPS_SIZE);
  write_ip (packet, bytes);
  at += write_transport (packet, bytes + at);
  for (guint i = 0; i < packet->payload; i++)
    bytes[at + i] = (guint8) (packet->sequence + i * 7 + packet->port);
  flow_packet_complete (bytes, at + packet->payload);
  return at + packet->payload;
}

char *
flow_packet_describe (const guint8 *bytes, gsize size)
{
  gsize at = get_transport (bytes);
  gboolean has_ports = (get_protocol (bytes) == TCP || get_protocol (bytes) == UDP) &&
                       (at == FLOW_IPV6_SIZE || (get_16 (bytes + 6) & 0x3fff) == 0);

  return g_strdup_printf ("%u.%u.%u.%u", bytes[0] >> 4, bytes[at - 1], get_protocol (bytes),
                          has_ports && size >= at + 4 ? get_16 (bytes + at) : 0);
}

/* As the kernel says: identifications and sequence numbers count up, and only the last has PSH. */
gsize
flow_segment (const SpSuperPacket *packet, guint i, guint8 *bytes)
{
  gboolean last = i + 1 == packet->n_packets;
  gsize payload = packet->packets[i].size - packet->headers_size;
  guint8 *transport = bytes + get_transport (packet->headers);

  g_assert_cmpuint (packet->checksum_start, ==, transport - bytes);
  g_assert_true (payload == packet->segment_size || (last && payload < packet->segment_size));
  memcpy (bytes, packet->headers, packet->headers_size);
  memcpy (bytes + packet->headers_size, packet->packets[i].bytes + packet->headers_size, payload);
  if (bytes[0] >> 4 == 4)
    put_16 (bytes + 4, get_16 (bytes + 4) + i);
  if (get_protocol (bytes) == TCP)
    {
      put_32 (transport + 4, get_32 (transport + 4) + i * packet->segment_size);
      if (!last)
        transport[13] &= (guint8) ~FLOW_PSH;
    }
  flow_packet_complete (bytes, packet->headers_size + payload);
  return packet->headers_size + payload;
}

gboolean
flow_packet_equals (const guint8 *a, gsize a_size, const guint8 *b, gsize b_size)
{
  if (a_size != b_size || a[0] != b[0])
    return FALSE;
  if (a[0] >> 4 == 6 || (a[6] & 0x40) == 0)
    return memcmp (a, b, a_size) == 0;
  /* identification, and the header's checksum with it */
  return memcmp (a, b, 4) == 0 && memcmp (a + 6, b + 6, 4) == 0 &&
         memcmp (a + 12, b + 12, a_size - 12) == 0;
}
