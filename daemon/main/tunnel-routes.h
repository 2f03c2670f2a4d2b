/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network.h"
#include "settings.h"
#include "user.h"
#include "walls/main-worker.h"

G_BEGIN_DECLS

/* What a user's devices reach through the tunnel and send into it, from the user's values and,
 * where they say nothing, from the settings. */

SpReach sp_tunnel_routes_reach (const SpSettings *settings, SpUser *user);
/* What SP_REACH_HOSTS is for the user (of SpFirewallHost), and the name servers that are told
 * (SP_ADDRESS_SIZE bytes each).  Both are the caller's. */
GArray *sp_tunnel_routes_list_hosts (SpUser *user);
GByteArray *sp_tunnel_routes_list_name_servers (const SpSettings *settings,
                                                SpUser *user,
                                                const SpUplink *uplink);

/* Fills in the routes and what is excluded; the name servers must be there already. */
void sp_tunnel_routes_fill (SpTunnelGranted *granted,
                            const SpSettings *settings,
                            SpUser *user,
                            SpNetworkSetup *network);

G_END_DECLS
