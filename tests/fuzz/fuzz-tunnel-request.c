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

/* Whatever the client said, our answer keeps its form. */
static void
check_answer (const SpTunnelOffer *offer)
{
  SpTunnelAnswer answer = { .client = offer->client,
                            .full_ipv6 = offer->full_ipv6,
                            .ipv4_prefix = 24,
                            .ipv6_prefix = 64,
                            .hostname = offer->hostname,
                            .banner = offer->user_agent,
                            .dtls_port = offer->dtls_psk ? 443 : 0 };
  g_autoptr (GString) head = g_string_new (NULL);
  const char *mtu;

  g_assert_true (sp_address_from_text ("192.0.2.7", answer.ipv4));
  if (offer->ipv6)
    g_assert_true (sp_address_from_text ("2001:db8::7", answer.ipv6));
  answer.mtu = check_mtu (offer, &answer.link_mtu);
  sp_tunnel_answer_write (&answer, head);
  g_assert_true (g_str_has_prefix (head->str, "HTTP/1.1 200 CONNECTED\r\nX-CSTP-Version: 1\r\n"));
  g_assert_true (strstr (head->str, "\r\n\r\n") == head->str + head->len - 4);
  g_assert_null (strstr (head->str, " \r\n"));
  mtu = strstr (head->str, "\r\nX-CSTP-MTU: ");
  g_assert_nonnull (mtu);
  g_assert_null (strstr (mtu + 1, "\r\nX-CSTP-MTU: "));
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
