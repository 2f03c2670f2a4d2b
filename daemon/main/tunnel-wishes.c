/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-wishes.h"

#include "user-network.h"

/* The precedence of all lists. */
static const SpUserValues *
choose (const SpTunnelWishes *wishes, SpUserValue which)
{
  return wishes->group != NULL && !sp_user_values_is_default (wishes->group, which) ? wishes->group
                                                                                    : wishes->user;
}

const char **
sp_tunnel_wishes_get_texts (const SpTunnelWishes *wishes, SpUserValue which)
{
  return sp_user_values_get_texts (choose (wishes, which), which);
}

gboolean
sp_tunnel_wishes_has (const SpTunnelWishes *wishes, SpUserValue which)
{
  return !sp_user_values_is_default (choose (wishes, which), which);
}

SpRoutes
sp_tunnel_wishes_choose_routes (const SpTunnelWishes *wishes)
{
  g_autofree const char **own = sp_tunnel_wishes_get_texts (wishes, SP_USER_ROUTES);

  if (own[0] != NULL)
    return g_str_equal (own[0], "home")  ? SP_ROUTES_HOME
           : g_str_equal (own[0], "all") ? SP_ROUTES_ALL
                                         : SP_ROUTES_LISTED;
  return wishes->settings->routes.word == SP_WORD_HOME  ? SP_ROUTES_HOME
         : wishes->settings->routes.word == SP_WORD_ALL ? SP_ROUTES_ALL
                                                        : SP_ROUTES_LISTED;
}

/* What both allow.  What nothing simple is in both of is nothing: no host at all. */
static SpReach
narrow (SpReach one, SpReach other)
{
  if (one == SP_REACH_EVERYTHING || one == other)
    return other;
  if (other == SP_REACH_EVERYTHING)
    return one;
  return (one == SP_REACH_HOME && other == SP_REACH_COMPUTER) ||
                 (one == SP_REACH_COMPUTER && other == SP_REACH_HOME)
             ? SP_REACH_COMPUTER
             : SP_REACH_HOSTS;
}

static SpReach
get_own_reach (const SpTunnelWishes *wishes)
{
  SpReach reach = sp_tunnel_wishes_choose_routes (wishes) == SP_ROUTES_HOME ? SP_REACH_HOME
                                                                            : SP_REACH_EVERYTHING;

  (void) sp_user_read_reach (sp_user_values_get_text (wishes->user, SP_USER_REACH), &reach);
  return reach;
}

static SpReach
get_most (const SpTunnelWishes *wishes)
{
  SpReach most = SP_REACH_EVERYTHING;

  if (wishes->group != NULL)
    (void) sp_user_read_reach (sp_user_values_get_text (wishes->group, SP_USER_REACH), &most);
  return most;
}

SpReach
sp_tunnel_wishes_reach (const SpTunnelWishes *wishes)
{
  return narrow (get_own_reach (wishes), get_most (wishes));
}

gboolean
sp_tunnel_wishes_has_hosts (const SpTunnelWishes *wishes)
{
  return get_own_reach (wishes) == SP_REACH_HOSTS && get_most (wishes) == SP_REACH_EVERYTHING;
}

gboolean
sp_tunnel_wishes_has_reach (const SpTunnelWishes *wishes)
{
  return !sp_user_values_is_default (wishes->user, SP_USER_REACH) ||
         (wishes->group != NULL && !sp_user_values_is_default (wishes->group, SP_USER_REACH));
}
