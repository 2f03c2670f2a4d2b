/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connect-stage.h"

#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "cipher-name.h"
#include "codec/mtu.h"
#include "codec/tunnel-answer.h"
#include "dtls-agreement.h"
#include "login-reply.h"

#include <netinet/in.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define SESSION_NAME_BYTES 4 /* of the public id, enough to follow one in a log */

void
sp_connect_stage_begin (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);
  SpTunnelOffer *offer = &self->sign_in.offer;
  SpRedeemCookie question;
  g_autoptr (GError) error = NULL;
  gboolean asked;

  if (!sp_tunnel_target_is_ours (head))
    {
      sp_login_reply_not_found (self);
      return;
    }
  sp_tunnel_offer_read (head, offer);
  sp_http_stage_next (self->http);
  if (!offer->has_cookie)
    {
      sp_login_reply_refuse (self, 401, "Cookie is missing", NULL, SP_LEFT_DENIED);
      return;
    }
  memcpy (question.cookie, offer->cookie, SP_COOKIE_SIZE);
  asked = sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_REDEEM_COOKIE, &question, &error);
  sp_secret_wipe (&question, sizeof question);
  sp_secret_wipe (offer->cookie, sizeof offer->cookie);
  if (asked)
    sp_worker_enter (self, SP_WORKER_COOKIE);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

static guint32
ask_path_mtu (const SpWorker *self)
{
  struct tcp_info info;
  socklen_t size = sizeof info;

  memset (&info, 0, sizeof info);
  if (getsockopt (sp_tls_session_get_fd (self->tls), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return 0;
  return info.tcpi_pmtu;
}

static guint8
describe_offer (const SpWorker *self)
{
  const SpTunnelOffer *offer = &self->sign_in.offer;

  return (guint8) (sp_dtls_agreement_describe (self) | (offer->ipv4 ? SP_TUNNEL_WANTS_IPV4 : 0) |
                   (offer->ipv6 ? SP_TUNNEL_WANTS_IPV6 : 0) |
                   (offer->full_ipv6 ? SP_TUNNEL_FULL_IPV6 : 0) |
                   (offer->mobile || self->sign_in.mobile ? SP_TUNNEL_MOBILE : 0));
}

static guint16
copy_text (guint8 *to, gsize room, const char *text)
{
  gsize length = MIN (strlen (text), room);

  memcpy (to, text, length);
  return (guint16) length;
}

static void
ask_for_tunnel (SpWorker *self)
{
  const SpTunnelOffer *offer = &self->sign_in.offer;
  SpTunnelRequested message = { .base_mtu = offer->base_mtu,
                                .cstp_mtu = offer->cstp_mtu,
                                .path_mtu = ask_path_mtu (self),
                                .flags = describe_offer (self) };
  char cipher[SP_CIPHER_MAX + 1];

  sp_cipher_name (sp_tls_session_get_gnutls (self->tls), cipher);
  message.hostname_length = copy_text (message.hostname, sizeof message.hostname, offer->hostname);
  message.user_agent_length =
      copy_text (message.user_agent, sizeof message.user_agent, offer->user_agent);
  message.tls_cipher_length = copy_text (message.tls_cipher, sizeof message.tls_cipher, cipher);
  sp_main_wall_tell (&self->main, SP_MESSAGE_TUNNEL_REQUESTED, &message);
  sp_worker_enter (self, SP_WORKER_GRANT);
}

void
sp_connect_stage_decide (SpWorker *self, const SpCookieVerdict *verdict)
{
  switch (verdict->verdict)
    {
      case SP_LOGIN_ACCEPTED:
        ask_for_tunnel (self);
        break;
      case SP_LOGIN_SUSPENDED:
        sp_login_reply_refuse (self, 503, NULL, "The owner has ended this session",
                               SP_LEFT_STOPPED);
        break;
      case SP_LOGIN_BUSY:
        sp_login_reply_refuse (self, 503, NULL, "The server is busy", SP_LEFT_STOPPED);
        break;
      default:
        sp_login_reply_refuse (self, 401, "Cookie is not acceptable", NULL, SP_LEFT_DENIED);
        break;
    }
}

void
sp_connect_stage_refuse (SpWorker *self, const SpTunnelRefused *message)
{
  g_autofree char *reason = g_strndup ((const char *) message->reason, message->reason_length);

  for (char *c = reason; *c != '\0'; c++) /* it becomes a header line */
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  if (self->state != SP_WORKER_GRANT && self->state != SP_WORKER_COOKIE)
    sp_worker_leave_literal (self, SP_LEFT_STOPPED, 0, reason);
  else if (message->status == 401)
    sp_login_reply_refuse (self, 401, "Cookie is not acceptable", NULL, SP_LEFT_DENIED);
  else
    sp_login_reply_refuse (self, 503, NULL, reason, SP_LEFT_STOPPED);
}

static guint32
choose_link (const SpWorker *self, const SpTunnelGranted *grant)
{
  const SpMtuFacts facts = {
    .limit = grant->link_mtu,
    .base_mtu = self->sign_in.offer.base_mtu,
    .cstp_mtu = self->sign_in.offer.cstp_mtu,
    .path_mtu = ask_path_mtu (self),
    .outer_ipv6 = !sp_address_is_ipv4 (self->peer.address),
    .inner_ipv6 = !sp_address_is_unset (grant->ipv6),
  };

  return sp_mtu_link (&facts);
}

/* Each channel for itself: what the client likes best of what the owner allows. */
static void
agree_on_compression (const SpWorker *self, const SpTunnelGranted *grant, SpTunnelPlan *plan)
{
  const SpTunnelOffer *offer = &self->sign_in.offer;
  guint allowed = (grant->compression & SP_TUNNEL_MAY_LZ4 ? 1u << SP_COMPRESSION_LZ4 : 0) |
                  (grant->compression & SP_TUNNEL_MAY_LZS ? 1u << SP_COMPRESSION_LZS : 0);

  plan->compression[SP_WAY_STREAM] = sp_compression_choose (&offer->cstp_compression, allowed);
  if (plan->dtls)
    plan->compression[SP_WAY_DATAGRAM] = sp_compression_choose (&offer->dtls_compression, allowed);
}

static gboolean
rekeys_within (const SpWorker *self, const SpTunnelGranted *grant)
{
  return grant->rekey_ssl != 0 &&
         (sp_tls_session_is_tls13 (self->tls) || sp_tls_session_can_renegotiate (self->tls));
}

static guint
unpack_networks (const guint8 *bytes, gsize size, SpNetwork *networks, guint most)
{
  guint n = 0;

  for (; size >= SP_ROUTE_SIZE && n < most; size -= SP_ROUTE_SIZE, bytes += SP_ROUTE_SIZE)
    {
      memcpy (networks[n].address, bytes, SP_ADDRESS_SIZE);
      networks[n++].length = bytes[SP_ADDRESS_SIZE];
    }
  return n;
}

/* Main sets the limit; the rest is between the client and this worker, which knows the cipher. */
static void
make_plan (const SpWorker *self, const SpTunnelGranted *grant, SpTunnelPlan *plan)
{
  guint32 link = choose_link (self, grant);
  guint32 overhead;

  *plan = (SpTunnelPlan){
    .link_mtu = link,
    .dpd = grant->dpd,
    .idle_timeout = grant->idle_timeout,
    .session_timeout = grant->session_timeout,
    .rekey = rekeys_within (self, grant) ? grant->rekey : 0,
    .rx_bytes = grant->rx_bytes,
    .tx_bytes = grant->tx_bytes,
    .allowance = grant->allowance,
    .used_at = (gint64) MIN (grant->used_at, (guint64) G_MAXINT64),
  };
  plan->dtls = sp_dtls_agreement_make (self, grant, &plan->keys);
  if (plan->dtls && plan->keys.suite == NULL) /* a resumed session knows no renegotiation */
    plan->dtls_rekey = plan->rekey;
  overhead = plan->dtls ? sp_dtls_agreement_get_overhead (self, &plan->keys) : 0;
  plan->mtu = sp_mtu_data (link, !sp_address_is_ipv4 (self->peer.address), overhead);
  memcpy (plan->ipv4, grant->ipv4, SP_ADDRESS_SIZE);
  memcpy (plan->ipv6, grant->ipv6, SP_ADDRESS_SIZE);
  plan->n_behind =
      unpack_networks (grant->behind, grant->behind_length, plan->behind, SP_NETWORKS_BEHIND_MAX);
  agree_on_compression (self, grant, plan);
}

/* The numbers; texts and lists follow. */
static void
begin_answer (const SpWorker *self,
              const SpTunnelGranted *grant,
              const SpTunnelPlan *plan,
              SpTunnelAnswer *answer)
{
  *answer = (SpTunnelAnswer){
    .client = self->sign_in.offer.client,
    .full_ipv6 = self->sign_in.offer.full_ipv6,
    .ipv4_prefix = grant->ipv4_prefix,
    .ipv6_prefix = grant->ipv6_prefix,
    .hostname = self->sign_in.offer.hostname,
    .cstp_compression = plan->compression[SP_WAY_STREAM],
    .dtls_compression = plan->compression[SP_WAY_DATAGRAM],
    .mtu = plan->mtu,
    .link_mtu = plan->link_mtu,
    .dpd = grant->dpd,
    .keepalive = grant->keepalive,
    .rekey = rekeys_within (self, grant) && sp_tls_session_is_tls13 (self->tls)
                 ? 0 /* leave it to us */
                 : grant->rekey,
    .rekey_method = rekeys_within (self, grant) ? SP_REKEY_SSL : SP_REKEY_NEW_TUNNEL,
    .idle_timeout = grant->idle_timeout,
    .session_timeout = grant->session_timeout,
    .session_remaining = grant->session_timeout,
    .dtls_rekey = plan->dtls_rekey,
    .dtls_port = plan->dtls ? grant->dtls_port : 0,
    .dtls_suite = plan->keys.suite,
  };
  memcpy (answer->ipv4, grant->ipv4, SP_ADDRESS_SIZE);
  memcpy (answer->ipv6, grant->ipv6, SP_ADDRESS_SIZE);
  memcpy (answer->app_id, grant->app_id, SP_APP_ID_SIZE);
}

static void
send_answer (SpWorker *self, const SpTunnelGranted *grant, const SpTunnelPlan *plan)
{
  g_autofree SpTunnelAnswer *answer = g_new0 (SpTunnelAnswer, 1);
  g_autofree char *domain = g_strndup ((const char *) grant->domain, grant->domain_length);
  g_autofree char *split_dns = g_strndup ((const char *) grant->split_dns, grant->split_dns_length);
  g_autofree char *banner = g_strndup ((const char *) grant->banner, grant->banner_length);
  g_autoptr (GString) head = g_string_new (NULL);

  begin_answer (self, grant, plan, answer);
  answer->domain = domain;
  answer->split_dns = split_dns;
  answer->banner = banner;
  answer->n_dns = MIN (grant->dns_length / SP_ADDRESS_SIZE, SP_DNS_SERVERS_MAX);
  memcpy (answer->dns, grant->dns, answer->n_dns * SP_ADDRESS_SIZE);
  answer->n_routes =
      unpack_networks (grant->routes, grant->routes_length, answer->routes, SP_ROUTES_MAX);
  answer->n_excluded =
      unpack_networks (grant->excluded, grant->excluded_length, answer->excluded, SP_ROUTES_MAX);
  sp_tunnel_answer_write (answer, head);
  if (!sp_tls_session_send_all (self->tls, head->str, head->len))
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "the answer could not be sent");
}

static const char *
describe_dtls (const SpTunnelPlan *plan)
{
  if (!plan->dtls)
    return "off";
  return plan->keys.suite != NULL ? plan->keys.suite->name : SP_TUNNEL_CIPHER_PSK;
}

static void
log_session (const SpTunnelGranted *grant, const SpTunnelPlan *plan)
{
  char name[2 * SESSION_NAME_BYTES + 1];

  sp_hex_encode (grant->session, SESSION_NAME_BYTES, name);
  sp_log (SP_LOG_DEBUG, "tunnel", "session %s: MTU %u of %u, DTLS %s, compression %s and %s", name,
          plan->mtu, plan->link_mtu, describe_dtls (plan),
          sp_compression_to_string (plan->compression[SP_WAY_STREAM]),
          sp_compression_to_string (plan->compression[SP_WAY_DATAGRAM]));
}

/* Main hears of the attachment before the client hears of anything, so that it is ready for the
 * client's first datagram. */
void
sp_connect_stage_grant (SpWorker *self, const SpTunnelGranted *grant, int tun_fd)
{
  SpTunnelPlan plan;
  SpAttached attached;

  make_plan (self, grant, &plan);
  if (self->state != SP_WORKER_GRANT || plan.mtu == 0)
    {
      sp_dtls_keys_wipe (&plan.keys);
      sp_fd_clear (&tun_fd);
      if (self->state == SP_WORKER_GRANT)
        sp_login_reply_refuse (self, 503, NULL, "The network path is too narrow", SP_LEFT_STOPPED);
      return;
    }
  sp_permit_enter (&self->main.permit, SP_MAIN_WORKER_GRANTED);
  self->tunnel = sp_tunnel_new (self, &plan, tun_fd);
  attached.mtu = plan.mtu;
  sp_main_wall_tell (&self->main, SP_MESSAGE_ATTACHED, &attached);
  sp_worker_enter (self, SP_WORKER_TUNNEL);
  log_session (grant, &plan);
  send_answer (self, grant, &plan);
  sp_dtls_keys_wipe (&plan.keys);
  g_clear_pointer (&self->http, sp_http_stage_free);
  sp_secret_wipe (&self->sign_in, sizeof self->sign_in);
}
