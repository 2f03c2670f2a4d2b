/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/ip-packet.h"

#include "base/endpoint.h"

#include <string.h>

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER     40

static guint32
number_16 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 8 | bytes[1];
}

static guint32
number_32 (const guint8 *bytes)
{
  return number_16 (bytes) << 16 | number_16 (bytes + 2);
}

static gboolean
read_ipv4 (const guint8 *packet, gsize size, SpIpPacket *ret)
{
  if (size < IPV4_HEADER_MIN)
    return FALSE;
  ret->header_length = (guint16) ((packet[0] & 0x0f) * 4);
  ret->total_length = number_16 (packet + 2);
  if (ret->header_length < IPV4_HEADER_MIN || ret->header_length > ret->total_length ||
      ret->total_length > size)
    return FALSE;
  ret->protocol = packet[9];
  sp_address_from_ipv4 (ret->source, number_32 (packet + 12));
  sp_address_from_ipv4 (ret->destination, number_32 (packet + 16));
  return TRUE;
}

static gboolean
read_ipv6 (const guint8 *packet, gsize size, SpIpPacket *ret)
{
  if (size < IPV6_HEADER)
    return FALSE;
  ret->header_length = IPV6_HEADER;
  ret->total_length = IPV6_HEADER + number_16 (packet + 4);
  if (ret->total_length > size)
    return FALSE;
  ret->protocol = packet[6];
  memcpy (ret->source, packet + 8, SP_ADDRESS_SIZE);
  memcpy (ret->destination, packet + 24, SP_ADDRESS_SIZE);
  return !sp_address_is_ipv4 (ret->source) && !sp_address_is_ipv4 (ret->destination);
}

gboolean
sp_ip_packet_read (const guint8 *packet, gsize size, SpIpPacket *ret)
{
  if (size == 0)
    return FALSE;
  ret->version = packet[0] >> 4;
  switch (ret->version)
    {
      case 4:
        return read_ipv4 (packet, size, ret);
      case 6:
        return read_ipv6 (packet, size, ret);
      default:
        return FALSE;
    }
}
