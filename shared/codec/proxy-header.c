/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/proxy-header.h"

#include <string.h>

#define HEAD_SIZE 16

#define VERSION_LOCAL  0x20 /* version 2, command LOCAL */
#define VERSION_PROXY  0x21
#define TCP_OVER_IPV4  0x11 /* family and transport */
#define TCP_OVER_IPV6  0x21
#define UNSPECIFIED    0x00
#define IPV4_ADDRESSES 12 /* both addresses, both ports */
#define IPV6_ADDRESSES 36
#define IPV4_PORT      8 /* where the client's port stands */
#define IPV6_PORT      32

static const guint8 signature[] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                    0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

static guint16
read_number (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static SpProxyHeaderVerdict
take_client (const guint8 *addresses, const guint8 *port, SpProxyHeader *ret)
{
  memcpy (ret->client.address, addresses, SP_ADDRESS_SIZE);
  ret->client.port = read_number (port);
  ret->is_forwarded = TRUE;
  if (ret->client.port == 0 || sp_address_is_unset (ret->client.address) ||
      (sp_address_is_ipv4 (ret->client.address) && sp_address_to_ipv4 (ret->client.address) == 0))
    return SP_PROXY_HEADER_MALFORMED;
  return SP_PROXY_HEADER_COMPLETE;
}

/* `body` has `length` bytes. */
static SpProxyHeaderVerdict
read_addresses (guint8 kind, const guint8 *body, gsize length, SpProxyHeader *ret)
{
  guint8 mapped[SP_ADDRESS_SIZE];

  if (kind == TCP_OVER_IPV4 && length >= IPV4_ADDRESSES)
    {
      sp_address_from_ipv4 (mapped, (guint32) read_number (body) << 16 | read_number (body + 2));
      return take_client (mapped, body + IPV4_PORT, ret);
    }
  if (kind == TCP_OVER_IPV6 && length >= IPV6_ADDRESSES)
    return take_client (body, body + IPV6_PORT, ret);
  /* The proxy does not know, and the receiver may take the connection as the proxy's. */
  return kind == UNSPECIFIED ? SP_PROXY_HEADER_COMPLETE : SP_PROXY_HEADER_MALFORMED;
}

SpProxyHeaderVerdict
sp_proxy_header_peek (const guint8 *bytes, gsize size, SpProxyHeader *ret)
{
  SpProxyHeader header = { 0 };
  SpProxyHeaderVerdict verdict = SP_PROXY_HEADER_COMPLETE;
  gsize length;

  if (memcmp (bytes, signature, MIN (size, sizeof signature)) != 0)
    return SP_PROXY_HEADER_ABSENT;
  if (size < HEAD_SIZE)
    return SP_PROXY_HEADER_INCOMPLETE;
  length = read_number (bytes + 14);
  header.size = HEAD_SIZE + length;
  if (header.size > SP_PROXY_HEADER_MAX ||
      (bytes[12] != VERSION_LOCAL && bytes[12] != VERSION_PROXY))
    return SP_PROXY_HEADER_MALFORMED;
  if (size < header.size)
    return SP_PROXY_HEADER_INCOMPLETE;
  if (bytes[12] == VERSION_PROXY)
    verdict = read_addresses (bytes[13], bytes + HEAD_SIZE, length, &header);
  if (verdict == SP_PROXY_HEADER_COMPLETE)
    *ret = header;
  return verdict;
}
