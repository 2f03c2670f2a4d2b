/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const guint8 ipv4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

gboolean
sp_address_is_ipv4 (const guint8 *address)
{
  return memcmp (address, ipv4_prefix, sizeof ipv4_prefix) == 0;
}

void
sp_address_from_ipv4 (guint8 *address, guint32 ipv4_host_order)
{
  guint32 network_order = GUINT32_TO_BE (ipv4_host_order);

  memcpy (address, ipv4_prefix, sizeof ipv4_prefix);
  memcpy (address + 12, &network_order, 4);
}

guint32
sp_address_to_ipv4 (const guint8 *address)
{
  guint32 network_order;

  memcpy (&network_order, address + 12, 4);
  return GUINT32_FROM_BE (network_order);
}

gboolean
sp_address_is_unset (const guint8 *address)
{
  static const guint8 unset[SP_ADDRESS_SIZE];

  return memcmp (address, unset, sizeof unset) == 0;
}

void
sp_address_to_text (const guint8 *address, char *text)
{
  if (sp_address_is_ipv4 (address))
    inet_ntop (AF_INET, address + 12, text, SP_ENDPOINT_TEXT_MAX);
  else
    inet_ntop (AF_INET6, address, text, SP_ENDPOINT_TEXT_MAX);
}

gboolean
sp_address_from_text (const char *text, guint8 *address)
{
  struct in_addr ipv4;

  if (inet_pton (AF_INET, text, &ipv4) == 1)
    {
      sp_address_from_ipv4 (address, ntohl (ipv4.s_addr));
      return TRUE;
    }
  return inet_pton (AF_INET6, text, address) == 1;
}

gboolean
sp_endpoint_from_sockaddr (const struct sockaddr *sockaddr, socklen_t length, SpEndpoint *ret)
{
  if (length >= sizeof (struct sockaddr_in) && sockaddr->sa_family == AF_INET)
    {
      struct sockaddr_in ipv4;
      memcpy (&ipv4, sockaddr, sizeof ipv4);
      sp_address_from_ipv4 (ret->address, ntohl (ipv4.sin_addr.s_addr));
      ret->port = ntohs (ipv4.sin_port);
      return TRUE;
    }
  if (length >= sizeof (struct sockaddr_in6) && sockaddr->sa_family == AF_INET6)
    {
      struct sockaddr_in6 ipv6;
      memcpy (&ipv6, sockaddr, sizeof ipv6);
      memcpy (ret->address, &ipv6.sin6_addr, SP_ADDRESS_SIZE);
      ret->port = ntohs (ipv6.sin6_port);
      return TRUE;
    }
  return FALSE;
}

socklen_t
sp_endpoint_to_sockaddr (const SpEndpoint *endpoint, int family, struct sockaddr_storage *ret)
{
  memset (ret, 0, sizeof *ret);
  if (family == AF_INET6)
    {
      struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *) ret;
      ipv6->sin6_family = AF_INET6;
      ipv6->sin6_port = htons (endpoint->port);
      memcpy (&ipv6->sin6_addr, endpoint->address, SP_ADDRESS_SIZE);
      return sizeof *ipv6;
    }
  if (family == AF_INET &&
      (sp_address_is_ipv4 (endpoint->address) || sp_address_is_unset (endpoint->address)))
    {
      struct sockaddr_in *ipv4 = (struct sockaddr_in *) ret;
      ipv4->sin_family = AF_INET;
      ipv4->sin_port = htons (endpoint->port);
      ipv4->sin_addr.s_addr = htonl (sp_address_to_ipv4 (endpoint->address));
      return sizeof *ipv4;
    }
  return 0;
}

gboolean
sp_endpoint_equal (const SpEndpoint *a, const SpEndpoint *b)
{
  return a->port == b->port && memcmp (a->address, b->address, SP_ADDRESS_SIZE) == 0;
}

void
sp_endpoint_to_text (const SpEndpoint *endpoint, char *text)
{
  char address[SP_ENDPOINT_TEXT_MAX];
  gboolean bare = sp_address_is_ipv4 (endpoint->address);

  sp_address_to_text (endpoint->address, address);
  g_snprintf (text, SP_ENDPOINT_TEXT_MAX, "%s%s%s:%u", bare ? "" : "[", address, bare ? "" : "]",
              (guint) endpoint->port);
}

static gboolean
bits_behind_prefix_are_zero (const SpNetwork *network)
{
  for (guint bit = network->length; bit < 8 * SP_ADDRESS_SIZE; bit++)
    if (network->address[bit / 8] & (0x80 >> (bit % 8)))
      return FALSE;
  return TRUE;
}

gboolean
sp_network_from_text (const char *text, SpNetwork *ret)
{
  char address[SP_ENDPOINT_TEXT_MAX];
  const char *slash = strchr (text, '/');
  guint64 prefix;
  guint offset;

  if (slash == NULL || (gsize) (slash - text) >= sizeof address)
    return FALSE;
  memcpy (address, text, slash - text);
  address[slash - text] = '\0';
  if (!sp_address_from_text (address, ret->address))
    return FALSE;
  offset = sp_address_is_ipv4 (ret->address) ? SP_IPV4_MAPPED_BITS : 0;
  if (!g_ascii_string_to_unsigned (slash + 1, 10, 0, 128 - offset, &prefix, NULL))
    return FALSE;
  ret->length = (guint8) (prefix + offset);
  return bits_behind_prefix_are_zero (ret);
}

void
sp_network_to_text (const SpNetwork *network, char *text)
{
  char address[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (network->address, address);
  g_snprintf (text, SP_ENDPOINT_TEXT_MAX, "%s/%u", address, sp_network_prefix (network));
}

static gboolean
shares_prefix (const guint8 *a, const guint8 *b, guint bits)
{
  guint8 mask = (guint8) (0xff00 >> (bits % 8));

  if (memcmp (a, b, bits / 8) != 0)
    return FALSE;
  return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

gboolean
sp_network_contains (const SpNetwork *network, const guint8 *address)
{
  return sp_network_is_ipv4 (network) == sp_address_is_ipv4 (address) &&
         shares_prefix (network->address, address, network->length);
}

gboolean
sp_network_overlaps (const SpNetwork *a, const SpNetwork *b)
{
  return sp_network_is_ipv4 (a) == sp_network_is_ipv4 (b) &&
         shares_prefix (a->address, b->address, MIN (a->length, b->length));
}

gboolean
sp_network_is_ipv4 (const SpNetwork *network)
{
  return network->length >= SP_IPV4_MAPPED_BITS && sp_address_is_ipv4 (network->address);
}

guint
sp_network_prefix (const SpNetwork *network)
{
  return sp_network_is_ipv4 (network) ? network->length - SP_IPV4_MAPPED_BITS : network->length;
}
