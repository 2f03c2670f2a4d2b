/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "swarm-packet.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <string.h>

/* RFC 1071; of an odd number a byte of zero follows */
static guint32
add (guint32 sum, const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    sum += i % 2 == 0 ? (guint32) bytes[i] << 8 : bytes[i];
  return sum;
}

static guint16
complete (guint32 sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons ((guint16) ~sum);
}

static guint16
checksum (const guint8 *bytes, gsize size)
{
  return complete (add (0, bytes, size));
}

/* With the pseudo header; 0 would say that there is none (RFC 768). */
static guint16
datagram_checksum (const struct iphdr *outer, const guint8 *datagram, gsize size)
{
  guint32 sum = add (IPPROTO_UDP + (guint32) size, (const guint8 *) &outer->saddr,
                     sizeof outer->saddr + sizeof outer->daddr);
  guint16 written = complete (add (sum, datagram, size));

  return written == 0 ? G_MAXUINT16 : written;
}

void
swarm_packet_write_ping (guint8 packet[SWARM_PING_SIZE],
                         guint32 source,
                         guint32 destination,
                         guint16 number)
{
  struct iphdr outer = { .version = 4,
                         .ihl = 5,
                         .tot_len = htons (SWARM_PING_SIZE),
                         .ttl = 64,
                         .protocol = IPPROTO_ICMP,
                         .saddr = htonl (source),
                         .daddr = htonl (destination) };
  struct icmphdr echo = { .type = ICMP_ECHO, .un.echo = { .id = htons (number) } };

  outer.check = checksum ((const guint8 *) &outer, sizeof outer);
  memset (packet, 0, SWARM_PING_SIZE);
  memcpy (packet, &outer, sizeof outer);
  memcpy (packet + sizeof outer, &echo, sizeof echo);
  echo.checksum = checksum (packet + sizeof outer, SWARM_PING_SIZE - sizeof outer);
  memcpy (packet + sizeof outer, &echo, sizeof echo);
}

/* As the kernel writes those of a program's socket: not to be fragmented, and with a checksum. */
gsize
swarm_packet_write_datagram (guint8 *packet,
                             gsize room,
                             const SpEndpoint *source,
                             const SpEndpoint *destination,
                             const guint8 *payload,
                             gsize length)
{
  gsize size = sizeof (struct iphdr) + sizeof (struct udphdr) + length;
  struct iphdr outer = { .version = 4,
                         .ihl = 5,
                         .tot_len = htons ((guint16) size),
                         .frag_off = htons (IP_DF),
                         .ttl = 64,
                         .protocol = IPPROTO_UDP,
                         .saddr = htonl (sp_address_to_ipv4 (source->address)),
                         .daddr = htonl (sp_address_to_ipv4 (destination->address)) };
  struct udphdr inner = { .source = htons (source->port),
                          .dest = htons (destination->port),
                          .len = htons ((guint16) (sizeof inner + length)) };

  if (size > room)
    g_error ("a packet of %zu bytes", size);
  outer.check = checksum ((const guint8 *) &outer, sizeof outer);
  memcpy (packet, &outer, sizeof outer);
  memcpy (packet + sizeof outer, &inner, sizeof inner);
  memcpy (packet + sizeof outer + sizeof inner, payload, length);
  inner.check = datagram_checksum (&outer, packet + sizeof outer, sizeof inner + length);
  memcpy (packet + sizeof outer, &inner, sizeof inner);
  return size;
}

gboolean
swarm_packet_is_pong (const guint8 *packet, gsize size, guint32 source, guint32 destination)
{
  struct iphdr outer;

  if (size < SWARM_PING_SIZE)
    return FALSE;
  memcpy (&outer, packet, sizeof outer);
  return outer.version == 4 && outer.ihl == 5 && outer.protocol == IPPROTO_ICMP &&
         outer.saddr == htonl (source) && outer.daddr == htonl (destination) &&
         packet[sizeof outer] == ICMP_ECHOREPLY;
}
