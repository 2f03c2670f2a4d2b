/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* Addresses are 16 bytes everywhere: IPv6 in network order, IPv4 as ::ffff:a.b.c.d (RFC
 * 4291 2.5.5.2). */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE];
  guint16 port; /* host order, 0 when it does not matter */
} SpEndpoint;

/* A network: `length` counts the bits of the 16-byte form, so an IPv4 /24 is 120. */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE];
  guint8 length;
} SpNetwork;

#define SP_ENDPOINT_TEXT_MAX 64
#define SP_IPV4_MAPPED_BITS  96

gboolean sp_address_is_ipv4 (const guint8 *address);
void sp_address_from_ipv4 (guint8 *address, guint32 ipv4_host_order);
guint32 sp_address_to_ipv4 (const guint8 *address);   /* host order */
gboolean sp_address_is_unset (const guint8 *address); /* all bytes zero */
/* Canonical text (inet_ntop; IPv4 dotted).  `text` holds SP_ENDPOINT_TEXT_MAX bytes. */
void sp_address_to_text (const guint8 *address, char *text);
gboolean sp_address_from_text (const char *text, guint8 *address);

gboolean sp_endpoint_from_sockaddr (const struct sockaddr *sockaddr,
                                    socklen_t length,
                                    SpEndpoint *ret);
/* For a socket of `family`: AF_INET6 takes every endpoint, AF_INET those that are IPv4.
 * Returns the length, 0 if the endpoint does not fit the family. */
socklen_t sp_endpoint_to_sockaddr (const SpEndpoint *endpoint,
                                   int family,
                                   struct sockaddr_storage *ret);
gboolean sp_endpoint_equal (const SpEndpoint *a, const SpEndpoint *b);
/* "192.0.2.1:443" or "[2001:db8::1]:443" */
void sp_endpoint_to_text (const SpEndpoint *endpoint, char *text);

/* "192.168.1.0/24", "fd00::/64"; bits behind the prefix must be zero. */
gboolean sp_network_from_text (const char *text, SpNetwork *ret);
void sp_network_to_text (const SpNetwork *network, char *text);
/* The families are apart: ::/0 has no IPv4 address in it. */
gboolean sp_network_contains (const SpNetwork *network, const guint8 *address);
gboolean sp_network_overlaps (const SpNetwork *a, const SpNetwork *b);
gboolean sp_network_is_ipv4 (const SpNetwork *network);
/* Prefix length as people write it: 24 for an IPv4 /24. */
guint sp_network_prefix (const SpNetwork *network);

G_END_DECLS
