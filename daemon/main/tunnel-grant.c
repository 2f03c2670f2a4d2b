/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-grant.h"

#include "tunnel-routes.h"

#include <string.h>

static void
fill_dns (SpTunnelGranted *granted, const SpTunnelWishes *wishes, const SpUplink *uplink)
{
  g_autoptr (GByteArray) servers = sp_tunnel_routes_list_name_servers (wishes, uplink);

  granted->dns_length = (guint16) MIN (servers->len, sizeof granted->dns);
  if (granted->dns_length > 0)
    memcpy (granted->dns, servers->data, granted->dns_length);
}

/* The list that was wished for, if there is one, or the server's; a word is none. */
static char *
join_domains (const SpDomainList *server, const SpTunnelWishes *wishes, SpUserValue which)
{
  g_autofree const char **own = sp_tunnel_wishes_get_texts (wishes, which);

  if (own[0] == NULL)
    return server->n > 0 ? g_strjoinv (" ", server->items) : NULL;
  if (g_str_equal (own[0], "none") || g_str_equal (own[0], "auto"))
    return NULL;
  return g_strjoinv (" ", (char **) own);
}

static gboolean
wants_own_domains (const SpTunnelWishes *wishes)
{
  g_autofree const char **own = sp_tunnel_wishes_get_texts (wishes, SP_USER_DOMAINS);

  return own[0] == NULL ? wishes->settings->domains.word == SP_WORD_AUTO
                        : g_str_equal (own[0], "auto");
}

static void
fill_domains (SpTunnelGranted *granted, const SpTunnelWishes *wishes, const SpUplink *uplink)
{
  g_autofree char *joined = wants_own_domains (wishes) ? g_strdup (uplink->domains)
                                                       : join_domains (&wishes->settings->domains,
                                                                       wishes, SP_USER_DOMAINS);
  g_autofree char *split = join_domains (&wishes->settings->split_dns, wishes, SP_USER_SPLIT_DNS);

  if (joined != NULL && strlen (joined) <= SP_DOMAIN_MAX)
    {
      granted->domain_length = (guint16) strlen (joined);
      memcpy (granted->domain, joined, granted->domain_length);
    }
  if (split == NULL || strlen (split) > SP_SPLIT_DNS_MAX)
    return;
  granted->split_dns_length = (guint16) strlen (split);
  memcpy (granted->split_dns, split, granted->split_dns_length);
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
  const SpNetwork *ipv4 = sp_lease_pool_find_range (leases, record->ipv4);
  const SpNetwork *ipv6 = sp_lease_pool_find_range (leases, record->ipv6);

  if ((wants & SP_TUNNEL_WANTS_IPV4) && ipv4 != NULL)
    {
      memcpy (granted->ipv4, record->ipv4, SP_ADDRESS_SIZE);
      granted->ipv4_prefix = (guint8) sp_network_prefix (ipv4);
    }
  if ((wants & SP_TUNNEL_WANTS_IPV6) && ipv6 != NULL)
    {
      memcpy (granted->ipv6, record->ipv6, SP_ADDRESS_SIZE);
      granted->ipv6_prefix = ipv6->length;
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

static void
fill_banner (SpTunnelGranted *granted, SpSession *session, const SpSettings *settings)
{
  SpGroup *group = sp_session_get_group (session);
  const char *own = group != NULL ? sp_group_get_record (group)->banner : "";
  const char *banner = own[0] != '\0' ? own : settings->banner;

  granted->banner_length = (guint16) MIN (strlen (banner), SP_BANNER_MAX);
  memcpy (granted->banner, banner, granted->banner_length);
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
  SpTunnelWishes wishes;

  sp_session_get_wishes (session, settings, &wishes);
  memset (granted, 0, sizeof *granted);
  memcpy (granted->session, estate->record.id, SP_ID_SIZE);
  fill_addresses (granted, session, connection, network);
  fill_dns (granted, &wishes, uplink);
  sp_tunnel_routes_fill (granted, &wishes, network);
  fill_domains (granted, &wishes, uplink);
  granted->link_mtu = choose_link_mtu (settings, uplink);
  granted->dtls_mode = (guint8) estate->dtls_mode;
  if (estate->dtls_mode != SP_DTLS_MODE_OFF)
    granted->dtls_port = datagram_port;
  fill_times (granted, session, facts->request.flags & SP_TUNNEL_MOBILE, settings);
  granted->compression = choose_compression (settings);
  granted->rx_bytes = estate->record.rx_bytes;
  granted->tx_bytes = estate->record.tx_bytes;
  fill_banner (granted, session, settings);
}
