/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-routes.h"

#include "network-ranges.h"
#include "user-network.h"

#include <string.h>

GArray *
sp_tunnel_routes_list_hosts (const SpTunnelWishes *wishes)
{
  g_autofree const char **texts = sp_tunnel_wishes_get_texts (wishes, SP_USER_REACH_HOSTS);
  GArray *hosts = g_array_new (FALSE, FALSE, sizeof (SpFirewallHost));
  SpFirewallHost host;

  for (guint i = 0; sp_tunnel_wishes_has_hosts (wishes) && texts[i] != NULL; i++)
    if (sp_user_read_host (texts[i], &host))
      g_array_append_val (hosts, host);
  return hosts;
}

GByteArray *
sp_tunnel_routes_list_name_servers (const SpTunnelWishes *wishes, const SpUplink *uplink)
{
  const SpSettings *settings = wishes->settings;
  g_autofree const char **own = sp_tunnel_wishes_get_texts (wishes, SP_USER_DNS);
  gboolean is_own = own[0] != NULL;
  gboolean is_auto = is_own ? g_str_equal (own[0], "auto") : settings->dns.word == SP_WORD_AUTO;
  GByteArray *servers = g_byte_array_new ();
  guint8 address[SP_ADDRESS_SIZE];

  for (guint i = 0; own[i] != NULL; i++)
    if (sp_address_from_text (own[i], address)) /* words are none */
      g_byte_array_append (servers, address, SP_ADDRESS_SIZE);
  for (guint i = 0; !is_own && i < settings->dns.n; i++)
    g_byte_array_append (servers, settings->dns.items[i], SP_ADDRESS_SIZE);
  /* A resolver that only this machine can ask (systemd-resolved's stub, dnsmasq on loopback) cannot
   * be named to clients: then they keep their own. */
  for (guint i = 0; is_auto && i < uplink->dns->len; i++)
    g_byte_array_append (servers, g_array_index (uplink->dns, SpEndpoint, i).address,
                         SP_ADDRESS_SIZE);
  return servers;
}

/* Routes */

/* Each once. */
static void
add_route (guint8 *list, guint16 *length, const SpNetwork *network)
{
  for (guint i = 0; i < *length; i += SP_ROUTE_SIZE)
    if (memcmp (list + i, network->address, SP_ADDRESS_SIZE) == 0 &&
        list[i + SP_ADDRESS_SIZE] == network->length)
      return;
  if (*length + SP_ROUTE_SIZE > SP_ROUTES_MAX * SP_ROUTE_SIZE)
    return;
  memcpy (list + *length, network->address, SP_ADDRESS_SIZE);
  list[*length + SP_ADDRESS_SIZE] = network->length;
  *length += SP_ROUTE_SIZE;
}

/* The server's own address in the tunnel, so that its name service and its files are reached too,
 * and other devices. */
static void
add_server_routes (SpTunnelGranted *granted, SpNetworkSetup *network, gboolean present)
{
  guint n = 0;
  const SpClientRange *ranges = sp_network_setup_get_ranges (network, &n);

  for (guint i = 0; i < n; i++)
    if (ranges[i].is_present == present)
      add_route (granted->routes, &granted->routes_length, &ranges[i].network);
}

static void
add_home_routes (SpTunnelGranted *granted, const SpSettings *settings, SpNetworkSetup *network)
{
  guint n_home = 0;
  const SpNetwork *home = sp_network_setup_get_home_networks (network, &n_home);

  for (guint i = 0; i < n_home; i++)
    if (settings->ipv6 != SP_WORD_REFUSED || sp_network_is_ipv4 (&home[i]))
      add_route (granted->routes, &granted->routes_length, &home[i]);
}

static gboolean
is_routed (const SpTunnelGranted *granted, const guint8 *address)
{
  for (guint i = 0; i < granted->routes_length; i += SP_ROUTE_SIZE)
    {
      SpNetwork network = { .length = granted->routes[i + SP_ADDRESS_SIZE] };
      memcpy (network.address, granted->routes + i, SP_ADDRESS_SIZE);
      if (sp_network_contains (&network, address))
        return TRUE;
    }
  return FALSE;
}

/* They are asked through the tunnel, wherever they are. */
static void
add_name_server_routes (SpTunnelGranted *granted)
{
  for (guint i = 0; i < granted->dns_length; i += SP_ADDRESS_SIZE)
    {
      SpNetwork host = { .length = 8 * SP_ADDRESS_SIZE };
      memcpy (host.address, granted->dns + i, SP_ADDRESS_SIZE);
      if (!is_routed (granted, host.address))
        add_route (granted->routes, &granted->routes_length, &host);
    }
}

static void
add_host_routes (SpTunnelGranted *granted, const SpTunnelWishes *wishes)
{
  g_autoptr (GArray) hosts = sp_tunnel_routes_list_hosts (wishes);

  for (guint i = 0; i < hosts->len; i++)
    add_route (granted->routes, &granted->routes_length,
               &g_array_index (hosts, SpFirewallHost, i).network);
}

static void
add_own_list (guint8 *list, guint16 *length, const SpTunnelWishes *wishes, SpUserValue which)
{
  g_autofree const char **texts = sp_tunnel_wishes_get_texts (wishes, which);
  SpNetwork network;

  for (guint i = 0; texts[i] != NULL; i++)
    if (sp_user_read_network (texts[i], &network)) /* words are none */
      add_route (list, length, &network);
}

static void
fill_excluded (SpTunnelGranted *granted, const SpTunnelWishes *wishes)
{
  const SpSettings *settings = wishes->settings;

  if (sp_tunnel_wishes_has (wishes, SP_USER_EXCLUDED_ROUTES))
    add_own_list (granted->excluded, &granted->excluded_length, wishes, SP_USER_EXCLUDED_ROUTES);
  else
    for (guint i = 0; i < settings->excluded_routes.n; i++)
      add_route (granted->excluded, &granted->excluded_length, &settings->excluded_routes.items[i]);
}

/* Devices send what they reach, unless somebody's routes say otherwise. */
static void
add_reached (SpTunnelGranted *granted, const SpTunnelWishes *wishes, SpNetworkSetup *network)
{
  SpReach reach = sp_tunnel_wishes_reach (wishes);

  if (reach == SP_REACH_HOME)
    add_home_routes (granted, wishes->settings, network);
  if (reach == SP_REACH_HOSTS)
    add_host_routes (granted, wishes);
}

static gboolean
follows_reach (const SpTunnelWishes *wishes)
{
  return !sp_tunnel_wishes_has (wishes, SP_USER_ROUTES) && sp_tunnel_wishes_has_reach (wishes);
}

static gboolean
sends_everything (const SpTunnelWishes *wishes)
{
  SpReach reach = sp_tunnel_wishes_reach (wishes);

  if (!follows_reach (wishes))
    return sp_tunnel_wishes_choose_routes (wishes) == SP_ROUTES_ALL;
  return reach == SP_REACH_EVERYTHING || reach == SP_REACH_INTERNET;
}

void
sp_tunnel_routes_fill (SpTunnelGranted *granted,
                       const SpTunnelWishes *wishes,
                       SpNetworkSetup *network)
{
  const SpSettings *settings = wishes->settings;

  add_own_list (granted->behind, &granted->behind_length, wishes, SP_USER_NETWORKS_BEHIND);
  fill_excluded (granted, wishes);
  if (sends_everything (wishes))
    return; /* no route at all */
  add_server_routes (granted, network, TRUE);
  if (follows_reach (wishes))
    add_reached (granted, wishes, network);
  else if (sp_tunnel_wishes_choose_routes (wishes) == SP_ROUTES_HOME)
    add_home_routes (granted, settings, network);
  else if (sp_tunnel_wishes_has (wishes, SP_USER_ROUTES))
    add_own_list (granted->routes, &granted->routes_length, wishes, SP_USER_ROUTES);
  else
    for (guint i = 0; i < settings->routes.n; i++)
      add_route (granted->routes, &granted->routes_length, &settings->routes.items[i]);
  add_name_server_routes (granted);
  add_server_routes (granted, network, FALSE);
}
