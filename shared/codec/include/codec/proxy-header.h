/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a proxy in front of the server says first on each of its TCP connections: whose it is (“The
 * PROXY protocol”, version 2, 2.2).  Version 1, which is text, is not taken: where it ends has to
 * be searched for. */

/* The header and all that may follow the addresses, which is not looked at; proxies stay far
 * below. */
#define SP_PROXY_HEADER_MAX 1040

typedef struct
{
  gsize size;            /* bytes of the stream that it takes; the client's begin behind */
  gboolean is_forwarded; /* FALSE: the connection is the proxy's own, to see whether we live */
  SpEndpoint client;
} SpProxyHeader;

typedef enum
{
  SP_PROXY_HEADER_COMPLETE,
  SP_PROXY_HEADER_INCOMPLETE, /* nothing wrong so far: look again when there are more bytes */
  SP_PROXY_HEADER_ABSENT,     /* the first bytes are something else */
  SP_PROXY_HEADER_MALFORMED   /* too long, or of no TCP connection over IPv4 or IPv6 */
} SpProxyHeaderVerdict;

/* No more than SP_PROXY_HEADER_MAX bytes are looked at.  `ret` is filled only if COMPLETE. */
SpProxyHeaderVerdict sp_proxy_header_peek (const guint8 *bytes, gsize size, SpProxyHeader *ret);

G_END_DECLS
