/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-options.h"
#include "platform/firewall.h"

G_BEGIN_DECLS

/* What a user's values say about the network.  Pure. */

/* Checks of user-value-table.h: the errors name the key and what would be right. */
gboolean sp_user_check_rate (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_reach (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_hosts (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_routes (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_excluded (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_dns (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_domains (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_split_dns (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_fixed (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_behind (const SpBusKey *key, GVariant *value, GError **error);
gboolean sp_user_check_choice (const SpBusKey *key, GVariant *value, GError **error); /* yes, no */

/* FALSE for the server's way (""), or what no check let through. */
gboolean sp_user_read_reach (const char *text, SpReach *ret);

/* "192.168.1.0/24", "192.168.1.20", either of them in brackets if it is IPv6. */
gboolean sp_user_read_network (const char *text, SpNetwork *ret);

/* "192.168.1.20", "192.168.1.0/24 tcp 443", "[2001:db8::1] udp 5000-5010", "fd00::/64 tcp": a host
 * or network; if given, its protocol; if given, a port of that or a range of ports. */
gboolean sp_user_read_host (const char *text, SpFirewallHost *ret);

G_END_DECLS
