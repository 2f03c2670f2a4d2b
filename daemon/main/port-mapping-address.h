/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/uplink.h"

G_BEGIN_DECLS

/* To which of this computer's addresses a router shall lead.  Pure; what is returned belongs to the
 * uplink, NULL: there is none. */

/* That in the network of the IPv4 default route's router, of whatever kind. */
const guint8 *sp_mapping_find_ipv4 (const SpUplink *uplink);
/* One on the IPv6 default route's interface that the world can have and that stays: never a
 * temporary one (RFC 8981).  `before` goes before others, if it is one still. */
const guint8 *sp_mapping_find_ipv6 (const SpUplink *uplink, const guint8 *before);

G_END_DECLS
