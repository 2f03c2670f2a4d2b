/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/mtu.h"
#include "codec/tunnel-answer.h"
#include "codec/tunnel-request.h"

#include <string.h>

static void
check_offer (const SpTunnelOffer *offer)
{
  gsize hostname_length = strnlen (offer->hostname, sizeof offer->hostname);
  gsize agent_length = strnlen (offer->user_agent, sizeof offer->user_agent);

  g_assert_cmpuint (hostname_length, <=, SP_HOSTNAME_MAX);
  g_assert_cmpuint (agent_length, <=, SP_USER_AGENT_MAX);
  for (gsize i = 0; i < hostname_length; i++)
    g_assert_true (g_ascii_isalnum (offer->hostname[i]) || offer->hostname[i] == '-');
  for (gsize i = 0; i < agent_length; i++)
    g_assert_true (g_ascii_isprint (offer->user_agent[i]));
  g_assert_cmpuint (offer->base_mtu, <=, SP_MTU_LINK_MAX);
  g_assert_cmpuint (offer->cstp_mtu, <=, SP_MTU_LINK_MAX);
  g_assert_true (offer->ipv4 || offer->ipv6 || offer->client == SP_CLIENT_OPENCONNECT_LEGACY);
  g_assert_nonnull (sp_client_kind_to_string (offer->client));
  g_assert_cmpuint (offer->dtls_suites >> sp_dtls_suite_count (), ==, 0);
  g_assert_true (offer->dtls_psk || !offer->dtls_psk_last);
}

static guint32
check_mtu (const SpTunnelOffer *offer, guint32 *ret_link)
{
  SpMtuFacts facts = { .base_mtu = offer->base_mtu,
                       .cstp_mtu = offer->cstp_mtu,
                       .inner_ipv6 = offer->ipv6,
                       .outer_ipv6 = offer->mobile };
  guint32 data;

  *ret_link = sp_mtu_link (&facts);
  g_assert_cmpuint (*ret_link, >=, SP_MTU_LINK_MIN_IPV4);
  g_assert_cmpuint (*ret_link, <=, SP_MTU_DEFAULT);
  data = sp_mtu_data (*ret_link, facts.outer_ipv6, sp_mtu_overhead ("AES-256-GCM", NULL));
  g_assert_cmpuint (data, >, 0);
  g_assert_cmpuint (data, <, *ret_link);
  return data;
}

/* One of each family of everything, which the writer must tell apart. */
static void
fill_answer (const SpTunnelOffer *offer, SpTunnelAnswer *answer)
{
  *answer = (SpTunnelAnswer){
    .client = offer->client,
    .full_ipv6 = offer->full_ipv6,
    .ipv4_prefix = 24,
    .ipv6_prefix = 64,
    .n_dns = 2,
    .n_routes = offer->mobile ? 0 : 2,
    .n_excluded = 2,
    .hostname = offer->hostname,
    .banner = offer->user_agent,
    .rekey = offer->cstp_mtu,
    .rekey_method = offer->mobile ? SP_REKEY_SSL : SP_REKEY_NEW_TUNNEL,
    .dtls_rekey = offer->mobile ? offer->cstp_mtu : 0,
    .dtls_port = offer->dtls_psk || offer->has_master ? 443 : 0,
    .dtls_suite = sp_dtls_suite_choose (offer->dtls_suites, NULL),
  };
  if (offer->ipv4)
    g_assert_true (sp_address_from_text ("192.0.2.7", answer->ipv4));
  if (offer->ipv6)
    g_assert_true (sp_address_from_text ("2001:db8::7", answer->ipv6));
  g_assert_true (sp_address_from_text ("192.0.2.1", answer->dns[0]));
  g_assert_true (sp_address_from_text ("2001:db8::1", answer->dns[1]));
  g_assert_true (sp_network_from_text ("198.51.100.0/24", &answer->routes[0]));
  g_assert_true (sp_network_from_text ("2001:db8:1::/48", &answer->routes[1]));
  memcpy (answer->excluded, answer->routes, sizeof answer->routes);
  answer->mtu = check_mtu (offer, &answer->link_mtu);
}

/* Whatever the client said, our answer keeps its form and names no family that it did not ask for.
 */
static void
check_answer (const SpTunnelOffer *offer)
{
  SpTunnelAnswer answer;
  g_autoptr (GString) head = g_string_new (NULL);
  const char *mtu;

  fill_answer (offer, &answer);
  sp_tunnel_answer_write (&answer, head);
  g_assert_true (g_str_has_prefix (head->str, "HTTP/1.1 200 CONNECTED\r\nX-CSTP-Version: 1\r\n"));
  g_assert_true (strstr (head->str, "\r\n\r\n") == head->str + head->len - 4);
  g_assert_null (strstr (head->str, " \r\n"));
  mtu = strstr (head->str, "\r\nX-CSTP-MTU: ");
  g_assert_nonnull (mtu);
  g_assert_null (strstr (mtu + 1, "\r\nX-CSTP-MTU: "));
  g_assert_true (offer->ipv4 || strstr (head->str, "\r\nX-CSTP-DNS: 192.0.2.1\r\n") == NULL);
  g_assert_true (offer->ipv6 || strstr (head->str, "\r\nX-CSTP-DNS: 2001:db8::1\r\n") == NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpHttpHead head;
  SpTunnelOffer offer;

  if (sp_http_head_parse ((const char *) data, size, &head) != SP_HTTP_COMPLETE)
    return 0;
  sp_tunnel_offer_read (&head, &offer);
  check_offer (&offer);
  check_answer (&offer);
  (void) sp_tunnel_target_is_ours (&head);
  return 0;
}
