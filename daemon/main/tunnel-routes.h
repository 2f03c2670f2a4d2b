/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network.h"
#include "tunnel-wishes.h"
#include "walls/main-worker.h"

G_BEGIN_DECLS

/* What a session's devices reach through the tunnel and send into it. */

/* What SP_REACH_HOSTS is for the session (of SpFirewallHost), and the name servers that are told
 * (SP_ADDRESS_SIZE bytes each).  Both are the caller's. */
GArray *sp_tunnel_routes_list_hosts (const SpTunnelWishes *wishes);
GByteArray *sp_tunnel_routes_list_name_servers (const SpTunnelWishes *wishes,
                                                const SpUplink *uplink);

/* Fills in the routes and what is excluded; the name servers must be there already. */
void sp_tunnel_routes_fill (SpTunnelGranted *granted,
                            const SpTunnelWishes *wishes,
                            SpNetworkSetup *network);

G_END_DECLS
