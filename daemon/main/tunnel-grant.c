/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-grant.h"

#include "user-network.h"

#include <string.h>

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

/* The server's own address in the tunnel, so that its name service and its files are reached too.
 */
static void
add_server_routes (SpTunnelGranted *granted, SpNetworkSetup *network)
{
  SpLeasePool *leases = sp_network_setup_get_leases (network);
  const SpNetwork *ipv4 = sp_lease_pool_get_ipv4 (leases);
  const SpNetwork *ipv6 = sp_lease_pool_get_ipv6 (leases);

  if (ipv4 != NULL)
    add_route (granted->routes, &granted->routes_length, ipv4);
  if (ipv6 != NULL)
    add_route (granted->routes, &granted->routes_length, ipv6);
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
add_host_routes (SpTunnelGranted *granted, SpUser *user)
{
  g_autoptr (GArray) hosts = sp_tunnel_grant_hosts (user);

  for (guint i = 0; i < hosts->len; i++)
    add_route (granted->routes, &granted->routes_length,
               &g_array_index (hosts, SpFirewallHost, i).network);
}

/* What devices send through the tunnel is what they reach there; no route at all means everything.
 */
static void
fill_routes (SpTunnelGranted *granted,
             const SpSettings *settings,
             SpUser *user,
             SpNetworkSetup *network)
{
  SpReach reach = sp_tunnel_grant_reach (settings, user);
  gboolean is_own = *sp_user_get_text (user, SP_USER_REACH) != '\0';

  for (guint i = 0; i < settings->excluded_routes.n; i++)
    add_route (granted->excluded, &granted->excluded_length, &settings->excluded_routes.items[i]);
  if (is_own ? reach == SP_REACH_EVERYTHING || reach == SP_REACH_INTERNET
             : settings->routes.word == SP_WORD_ALL)
    return;
  add_server_routes (granted, network);
  if (reach == SP_REACH_HOME)
    add_home_routes (granted, settings, network);
  if (reach == SP_REACH_HOSTS)
    add_host_routes (granted, user);
  for (guint i = 0; !is_own && i < settings->routes.n; i++)
    add_route (granted->routes, &granted->routes_length, &settings->routes.items[i]);
  add_name_server_routes (granted);
}

GByteArray *
sp_tunnel_grant_name_servers (const SpSettings *settings, const SpUplink *uplink)
{
  GByteArray *servers = g_byte_array_new ();

  for (guint i = 0; i < settings->dns.n; i++)
    g_byte_array_append (servers, settings->dns.items[i], SP_ADDRESS_SIZE);
  /* A resolver that only this machine can ask (systemd-resolved's stub, dnsmasq on loopback) cannot
   * be named to clients: then they keep their own. */
  for (guint i = 0; settings->dns.word == SP_WORD_AUTO && i < uplink->dns->len; i++)
    g_byte_array_append (servers, g_array_index (uplink->dns, SpEndpoint, i).address,
                         SP_ADDRESS_SIZE);
  return servers;
}

static void
fill_dns (SpTunnelGranted *granted, const SpSettings *settings, const SpUplink *uplink)
{
  g_autoptr (GByteArray) servers = sp_tunnel_grant_name_servers (settings, uplink);

  granted->dns_length = (guint16) MIN (servers->len, sizeof granted->dns);
  if (granted->dns_length > 0)
    memcpy (granted->dns, servers->data, granted->dns_length);
}

static void
fill_domains (SpTunnelGranted *granted, const SpSettings *settings, const SpUplink *uplink)
{
  g_autofree char *joined = NULL;

  if (settings->domains.word == SP_WORD_AUTO)
    joined = g_strdup (uplink->domain != NULL ? uplink->domain : "");
  else if (settings->domains.n > 0)
    joined = g_strjoinv (" ", settings->domains.items);
  if (joined == NULL || strlen (joined) > SP_DOMAIN_MAX)
    return;
  granted->domain_length = (guint16) strlen (joined);
  memcpy (granted->domain, joined, granted->domain_length);
}

static void
fill_addresses (SpTunnelGranted *granted,
                SpSession *session,
                SpConnection *connection,
                SpNetworkSetup *network)
{
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  guint8 wants = sp_connection_get_facts (connection)->request.flags;
  SpLeasePool *leases = sp_network_setup_get_leases (network);

  if ((wants & SP_TUNNEL_WANTS_IPV4) && !sp_address_is_unset (record->ipv4))
    {
      memcpy (granted->ipv4, record->ipv4, SP_ADDRESS_SIZE);
      granted->ipv4_prefix = (guint8) sp_network_prefix (sp_lease_pool_get_ipv4 (leases));
    }
  if ((wants & SP_TUNNEL_WANTS_IPV6) && !sp_address_is_unset (record->ipv6))
    {
      memcpy (granted->ipv6, record->ipv6, SP_ADDRESS_SIZE);
      granted->ipv6_prefix = sp_lease_pool_get_ipv6 (leases)->length;
    }
}

/* The largest outer packet: the owner's word, else what the way to this peer carries as far as this
 * machine can know, which is its own interface. */
static guint32
choose_link_mtu (const SpSettings *settings, const SpUplink *uplink)
{
  const SpUplinkInterface *interface = sp_uplink_find_interface (uplink, uplink->default_ipv4);

  if (settings->mtu != 0)
    return settings->mtu;
  if (interface != NULL && interface->mtu >= SP_MTU_LINK_MIN_IPV6)
    return MIN (interface->mtu, SP_MTU_DEFAULT);
  return SP_MTU_DEFAULT;
}

static guint8
choose_compression (const SpSettings *settings)
{
  switch (settings->compression)
    {
      case SP_WORD_LZ4:
        return SP_TUNNEL_MAY_LZ4;
      case SP_WORD_LZS:
        return SP_TUNNEL_MAY_LZS;
      case SP_WORD_ANY:
        return SP_TUNNEL_MAY_LZ4 | SP_TUNNEL_MAY_LZS;
      default:
        return 0;
    }
}

static void
fill_times (SpTunnelGranted *granted,
            SpSession *session,
            gboolean mobile,
            const SpSettings *settings)
{
  granted->dpd = mobile ? settings->mobile_dpd : settings->dpd;
  granted->keepalive = settings->keepalive;
  granted->rekey = settings->rekey;
  granted->rekey_ssl = settings->rekey_method == SP_WORD_SSL;
  granted->idle_timeout = mobile ? settings->mobile_idle_timeout : settings->idle_timeout;
  if (settings->session_timeout != 0)
    granted->session_timeout =
        MAX (sp_session_get_seconds_left (session, settings->session_timeout), 1);
  granted->used_at = (guint64) sp_session_get_estate (session)->used_at;
}

SpDtlsMode
sp_tunnel_grant_choose_dtls (const SpSettings *settings, guint8 request_flags)
{
  if (request_flags & SP_TUNNEL_WANTS_DTLS)
    return SP_DTLS_MODE_PSK;
  if (settings->legacy_dtls != SP_WORD_OFF && (request_flags & SP_TUNNEL_RESUMES_1_2))
    return SP_DTLS_MODE_RESUME_1_2;
  if (settings->legacy_dtls == SP_WORD_ALL && (request_flags & SP_TUNNEL_RESUMES_0_9))
    return SP_DTLS_MODE_RESUME_0_9;
  return SP_DTLS_MODE_OFF;
}

SpHelloMode
sp_tunnel_grant_choose_hello (const SpSettings *settings, SpDtlsMode mode)
{
  if (mode == SP_DTLS_MODE_RESUME_0_9)
    return SP_HELLO_RESUMED_0_9;
  if (mode == SP_DTLS_MODE_RESUME_1_2)
    return settings->legacy_dtls_challenge ? SP_HELLO_RESUMED_CHALLENGED : SP_HELLO_RESUMED;
  return SP_HELLO_PSK;
}

void
sp_tunnel_grant_fill (SpTunnelGranted *granted,
                      SpSession *session,
                      SpConnection *connection,
                      const SpSettings *settings,
                      SpNetworkSetup *network,
                      guint16 datagram_port)
{
  const SpUplink *uplink = sp_network_setup_get_uplink (network);
  const SpSessionEstate *estate = sp_session_get_estate (session);
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  memset (granted, 0, sizeof *granted);
  memcpy (granted->session, estate->record.id, SP_ID_SIZE);
  fill_addresses (granted, session, connection, network);
  fill_dns (granted, settings, uplink);
  fill_routes (granted, settings, sp_session_get_user (session), network);
  fill_domains (granted, settings, uplink);
  granted->link_mtu = choose_link_mtu (settings, uplink);
  granted->dtls_mode = (guint8) estate->dtls_mode;
  if (estate->dtls_mode != SP_DTLS_MODE_OFF)
    granted->dtls_port = datagram_port;
  fill_times (granted, session, facts->request.flags & SP_TUNNEL_MOBILE, settings);
  granted->compression = choose_compression (settings);
  granted->rx_bytes = estate->record.rx_bytes;
  granted->tx_bytes = estate->record.tx_bytes;
  granted->banner_length = (guint16) MIN (strlen (settings->banner), SP_BANNER_MAX);
  memcpy (granted->banner, settings->banner, granted->banner_length);
}

SpReach
sp_tunnel_grant_reach (const SpSettings *settings, SpUser *user)
{
  SpReach reach = settings->routes.word == SP_WORD_HOME ? SP_REACH_HOME : SP_REACH_EVERYTHING;

  (void) sp_user_read_reach (sp_user_get_text (user, SP_USER_REACH), &reach);
  return reach;
}

GArray *
sp_tunnel_grant_hosts (SpUser *user)
{
  g_autofree const char **texts = sp_user_get_texts (user, SP_USER_REACH_HOSTS);
  GArray *hosts = g_array_new (FALSE, FALSE, sizeof (SpFirewallHost));
  SpFirewallHost host;

  for (guint i = 0; texts[i] != NULL; i++)
    if (sp_user_read_host (texts[i], &host))
      g_array_append_val (hosts, host);
  return hosts;
}
