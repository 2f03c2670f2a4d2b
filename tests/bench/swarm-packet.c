/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "swarm-packet.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>

/* RFC 1071 */
static guint16
checksum (const guint8 *bytes, gsize size)
{
  guint32 sum = 0;

  for (gsize i = 0; i + 1 < size; i += 2)
    sum += (guint32) bytes[i] << 8 | bytes[i + 1];
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons ((guint16) ~sum);
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
