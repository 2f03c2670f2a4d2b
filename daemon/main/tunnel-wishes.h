/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/firewall.h"
#include "settings.h"
#include "user-value.h"

G_BEGIN_DECLS

/* Who has a say in what a session's devices are told and reach.  Lent.  PURE.
 *
 * The order of precedence, decided here for good: the group that was chosen at the sign-in, then
 * the user's own value, then the server's setting; each one counts where those before it say
 * nothing. The group comes first because somebody chose it just now: who picks "All traffic" in a
 * foreign network must get that, whatever else stands in the person's values.  Nobody reaches more
 * by a group's Reach: that of the user holds beside it, and what both allow is reached. */
typedef struct
{
  const SpSettings *settings;
  const SpUserValues *user;
  const SpUserValues *group; /* NULL: none was chosen */
} SpTunnelWishes;

/* The list of the first who says something; empty: ask the settings.  Free the vector alone. */
const char **sp_tunnel_wishes_get_texts (const SpTunnelWishes *wishes, SpUserValue which);
gboolean sp_tunnel_wishes_has (const SpTunnelWishes *wishes, SpUserValue which);

/* What stands for a list of networks instead of one. */
typedef enum
{
  SP_ROUTES_HOME,
  SP_ROUTES_ALL,
  SP_ROUTES_LISTED
} SpRoutes;

SpRoutes sp_tunnel_wishes_choose_routes (const SpTunnelWishes *wishes);

/* What the devices may reach; with SP_REACH_HOSTS the user's hosts, or else nothing. */
SpReach sp_tunnel_wishes_reach (const SpTunnelWishes *wishes);
gboolean sp_tunnel_wishes_has_hosts (const SpTunnelWishes *wishes);
/* Whether somebody said so in words, and not only by routes. */
gboolean sp_tunnel_wishes_has_reach (const SpTunnelWishes *wishes);

G_END_DECLS
