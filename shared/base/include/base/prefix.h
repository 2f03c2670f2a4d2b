/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who counts as one neighbour.  A narrow prefix is what one household or machine has, a wide one
 * what one network has: /32 and /24 in IPv4, /64 and /48 in IPv6.  Both fit exactly into a number,
 * so that tables compare them without collisions; IPv4 ones take numbers that, read as IPv6, lie in
 * the reserved block 0000::/8 (RFC 4291 2.5.5, 4). */
guint64 sp_prefix_narrow (const guint8 *address);
guint64 sp_prefix_wide (const guint8 *address);

G_END_DECLS
