/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network.h"

G_BEGIN_DECLS

/* Which addresses clients get: what the settings say, or what suits this machine. */
typedef struct
{
  SpNetwork ipv4; /* length 0 = chosen */
  SpNetwork ipv6; /* length 0 = unique local */
  guint8 global_id[SP_GLOBAL_ID_SIZE];
  SpIpv6Mode ipv6_mode;
} SpNetworkRangeWish;

/* One that clients have addresses of. */
typedef struct
{
  SpNetwork network;
  SpIpv6Mode mode;     /* of an IPv6 one */
  gboolean is_present; /* new clients get theirs here */
} SpClientRange;

/* A system without IPv6 gets none (length 0), unless routed IPv6 was asked for.  Errors:
 * SP_ERROR_ADDRESS_CONFLICT, SP_ERROR_NOT_SUPPORTED, SP_ERROR_INVALID_ARGUMENTS. */
gboolean sp_network_range_choose (const SpNetworkRangeWish *wish,
                                  const SpUplink *uplink,
                                  SpNetwork *ret_ipv4,
                                  SpNetwork *ret_ipv6,
                                  GError **error);

/* Does it overlap nothing that the machine uses?  NULL does not.  Errors:
 * SP_ERROR_ADDRESS_CONFLICT. */
gboolean sp_network_range_check (const SpNetwork *range, const SpUplink *uplink, GError **error);

G_END_DECLS
