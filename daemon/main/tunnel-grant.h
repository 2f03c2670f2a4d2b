/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network.h"
#include "session.h"
#include "settings.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* How this connection may have a datagram channel: PSK if the client knows it. */
SpDtlsMode sp_tunnel_grant_choose_dtls (const SpSettings *settings, guint8 request_flags);
/* What its hellos are then. */
SpHelloMode sp_tunnel_grant_choose_hello (const SpSettings *settings, SpDtlsMode mode);

/* What a client is told, from the settings, the network as it is, and its session.  The
 * TUNNEL_GRANTED message lacks only the app_id. */
void sp_tunnel_grant_fill (SpTunnelGranted *granted,
                           SpSession *session,
                           SpConnection *connection,
                           const SpSettings *settings,
                           SpNetworkSetup *network,
                           guint16 datagram_port);

G_END_DECLS
