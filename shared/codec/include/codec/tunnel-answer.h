/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "base/limits.h"
#include "codec/client-kind.h"
#include "codec/compression.h"
#include "codec/dtls-suite.h"

G_BEGIN_DECLS

/* The answer to an accepted CONNECT: everything that the client configures itself by.  openconnect
 * compares these header names with regard to case and trims nothing, so the spelling is exact and
 * no line ends in a blank. */

typedef enum
{
  SP_REKEY_NEW_TUNNEL, /* the client reconnects with its cookie */
  SP_REKEY_SSL         /* within the session: KeyUpdate, or renegotiation in TLS 1.2 */
} SpRekeyMethod;

/* Addresses in the 16-byte form, all zero = none; prefixes as people write them (IPv4: 0–32).
 * Texts may be NULL or empty.  Times in seconds; 0 = off. */
typedef struct
{
  SpClientKind client;
  gboolean full_ipv6; /* as the client offered it: chooses the style of IPv6 headers */

  guint8 ipv4[SP_ADDRESS_SIZE];
  guint8 ipv4_prefix;
  guint8 ipv6[SP_ADDRESS_SIZE];
  guint8 ipv6_prefix;

  guint n_dns;
  guint8 dns[SP_DNS_SERVERS_MAX][SP_ADDRESS_SIZE];
  guint n_routes; /* 0 = everything goes through the tunnel */
  SpNetwork routes[SP_ROUTES_MAX];
  guint n_excluded;
  SpNetwork excluded[SP_ROUTES_MAX];
  const char *domain;
  const char *split_dns; /* domains with blanks between; NULL or empty = all */
  const char *hostname;  /* the client's own, as accepted */
  const char *banner;

  guint32 mtu;      /* bytes, inner packet */
  guint32 link_mtu; /* bytes, outer packet */

  guint32 dpd;
  guint32 keepalive;
  guint32 rekey; /* 0 is told as a time far away: clients break if there is none */
  SpRekeyMethod rekey_method;
  guint32 dtls_rekey; /* the client renegotiates the datagram channel; 0 = it does not */
  guint32 idle_timeout;
  guint32 session_timeout;
  guint32 session_remaining; /* 0 = not told */

  SpCompression cstp_compression;
  SpCompression dtls_compression;

  guint16 dtls_port;             /* 0 = no datagram channel */
  const SpDtlsSuite *dtls_suite; /* to be resumed; NULL: PSK-NEGOTIATE */
  guint8 app_id[SP_APP_ID_SIZE]; /* or the session id */
} SpTunnelAnswer;

/* Whether the client gets its IPv6 address: it has one and the MTU carries IPv6 (RFC 8200 5). */
gboolean sp_tunnel_answer_has_ipv6 (const SpTunnelAnswer *answer);

/* Appends the complete head, empty line included; CSTP frames follow at once.  `mtu` must not be 0
 * and there must be an address, or no client accepts it.  Routes and name servers of a family that
 * the client has no address of are left out. */
void sp_tunnel_answer_write (const SpTunnelAnswer *answer, GString *head);

G_END_DECLS
