/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/client-kind.h"
#include "codec/compression.h"
#include "codec/dtls-suite.h"
#include "codec/http-head.h"

G_BEGIN_DECLS

/* What a client says of itself in CONNECT /CSCOSSLC/tunnel (and partly in its posts). */

#define SP_TUNNEL_PATH       "/CSCOSSLC/tunnel"
#define SP_TUNNEL_PATH_BARE  "CSCOSSLC/tunnel" /* Clavister for Android leaves the slash out */
#define SP_TUNNEL_COOKIE     "webvpn"
#define SP_TUNNEL_CIPHER_PSK "PSK-NEGOTIATE"

typedef struct
{
  gboolean has_cookie;
  guint8 cookie[SP_COOKIE_SIZE]; /* of the cookie webvpn */

  SpClientKind client;
  gboolean ipv4;
  gboolean ipv6;      /* FALSE for clients that cannot cope with it */
  gboolean full_ipv6; /* understands the headers that end in -IP6 */
  gboolean mobile;
  gboolean dtls_psk; /* offers PSK-NEGOTIATE */
  /* It stands last in its list, behind others: a client built on OpenSSL. */
  gboolean dtls_psk_last;
  gboolean returns; /* names the address it had: it was connected before */

  /* For a datagram channel by resumption; wipe it. */
  gboolean has_master;
  guint8 master[SP_DTLS_MASTER_SIZE];
  guint32 dtls_suites; /* of codec/dtls-suite.h */

  guint32 base_mtu; /* bytes, outer packet, at most SP_MTU_LINK_MAX; 0 = not told or nonsense */
  guint32 cstp_mtu; /* bytes, inner packet, likewise */

  SpCompressionOffer cstp_compression;
  SpCompressionOffer dtls_compression;

  /* Terminated; empty if not told or not acceptable */
  char hostname[SP_HOSTNAME_MAX + 1];     /* letters, digits, '-'; without a domain */
  char user_agent[SP_USER_AGENT_MAX + 1]; /* printable ASCII, cut at the end */
} SpTunnelOffer;

/* Never fails: a hostile or broken value counts as absent. */
void sp_tunnel_offer_read (const SpHttpHead *head, SpTunnelOffer *ret);

/* Whether a request, of any method, comes from a phone or a tablet. */
gboolean sp_http_head_is_mobile (const SpHttpHead *head);

/* Whether the target is the tunnel's, in either spelling. */
gboolean sp_tunnel_target_is_ours (const SpHttpHead *head);

G_END_DECLS
