/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/tunnel-request.h"

#include "base/hex.h"

#include <string.h>

static gboolean
value_starts_with (const SpHttpField *field, const char *prefix)
{
  gsize length = strlen (prefix);

  return field != NULL && field->value_length >= length &&
         g_ascii_strncasecmp (field->value, prefix, length) == 0;
}

static gboolean
value_is (const SpHttpField *field, const char *text)
{
  return value_starts_with (field, text) && field->value_length == strlen (text);
}

static gboolean
value_contains (const SpHttpField *field, const char *text)
{
  return memmem (field->value, field->value_length, text, strlen (text)) != NULL;
}

/* Decimal digits only; anything else, or more than an MTU can be, is 0. */
static guint32
read_mtu (const SpHttpField *field)
{
  guint32 value = 0;

  if (field == NULL || field->value_length == 0 || field->value_length > 5)
    return 0;
  for (gsize i = 0; i < field->value_length; i++)
    {
      if (!g_ascii_isdigit (field->value[i]))
        return 0;
      value = value * 10 + (guint32) (field->value[i] - '0');
    }
  return value <= SP_MTU_LINK_MAX ? value : 0;
}

/* The first label, if it is made of letters, digits and '-' and not too long. */
static void
read_hostname (const SpHttpField *field, char *hostname)
{
  gsize length = 0;

  if (field == NULL)
    return;
  while (length < field->value_length && field->value[length] != '.')
    {
      if (!g_ascii_isalnum (field->value[length]) && field->value[length] != '-')
        return;
      length++;
    }
  if (length <= SP_HOSTNAME_MAX)
    memcpy (hostname, field->value, length);
}

static void
read_user_agent (const SpHttpField *field, SpTunnelOffer *offer)
{
  if (field == NULL)
    return;
  offer->client = sp_client_kind_from_user_agent (field->value, field->value_length);
  for (gsize i = 0; i < MIN (field->value_length, SP_USER_AGENT_MAX); i++)
    offer->user_agent[i] = g_ascii_isprint (field->value[i]) ? field->value[i] : '?';
}

/* A client that does not say which families it takes gets both. */
static void
read_families (const SpHttpField *field, SpTunnelOffer *offer)
{
  offer->ipv4 = field != NULL && value_contains (field, "IPv4");
  offer->ipv6 = field != NULL && value_contains (field, "IPv6");
  if (!offer->ipv4 && !offer->ipv6)
    offer->ipv4 = offer->ipv6 = TRUE;
  if (offer->client == SP_CLIENT_OPENCONNECT_LEGACY)
    offer->ipv6 = FALSE;
}

/* One of the two lists, separated by colons. */
static void
read_dtls_list (const SpHttpHead *head, SpDtlsVia via, SpTunnelOffer *offer)
{
  static const char psk[] = SP_TUNNEL_CIPHER_PSK;
  const SpHttpField *field = sp_http_head_find (head, sp_dtls_via_header (via));
  const char *at, *end;

  if (field == NULL)
    return;
  offer->dtls_suites |= sp_dtls_suites_read (via, field->value, field->value_length);
  at = field->value;
  end = at + field->value_length;
  while (at < end)
    {
      const char *colon = memchr (at, ':', end - at);
      gsize length = (colon == NULL ? end : colon) - at;

      if (length == strlen (psk) && memcmp (at, psk, length) == 0)
        {
          offer->dtls_psk = TRUE;
          offer->dtls_psk_last = colon == NULL && at > field->value;
        }
      at = colon == NULL ? end : colon + 1;
    }
}

/* 96 digits; clients that send more mean the first of them. */
static void
read_master (const SpHttpField *field, SpTunnelOffer *offer)
{
  if (field == NULL || field->value_length < 2 * SP_DTLS_MASTER_SIZE)
    return;
  offer->has_master =
      sp_hex_decode (field->value, 2 * SP_DTLS_MASTER_SIZE, offer->master, SP_DTLS_MASTER_SIZE);
  if (!offer->has_master)
    memset (offer->master, 0, sizeof offer->master);
}

gboolean
sp_http_head_is_mobile (const SpHttpHead *head)
{
  const SpHttpField *platform = sp_http_head_find (head, "X-AnyConnect-Identifier-Platform");

  return value_starts_with (platform, "apple-ios") || value_starts_with (platform, "android") ||
         value_is (sp_http_head_find (head, "X-CSTP-License"), "mobile");
}

static gboolean
read_cookie (const SpHttpHead *head, guint8 *cookie)
{
  const char *value;
  gsize length;

  return sp_http_head_cookie (head, SP_TUNNEL_COOKIE, &value, &length) &&
         sp_hex_decode (value, length, cookie, SP_COOKIE_SIZE);
}

static void
read_compression (const SpHttpField *field, SpCompressionOffer *offer)
{
  if (field != NULL)
    sp_compression_offer_read (field->value, field->value_length, offer);
}

void
sp_tunnel_offer_read (const SpHttpHead *head, SpTunnelOffer *ret)
{
  memset (ret, 0, sizeof *ret);
  ret->has_cookie = read_cookie (head, ret->cookie);
  read_user_agent (sp_http_head_find (head, "User-Agent"), ret);
  read_families (sp_http_head_find (head, "X-CSTP-Address-Type"), ret);
  ret->full_ipv6 = value_is (sp_http_head_find (head, "X-CSTP-Full-IPv6-Capability"), "true");
  ret->mobile = sp_http_head_is_mobile (head);
  read_dtls_list (head, SP_DTLS_VIA_CLASSIC, ret);
  read_dtls_list (head, SP_DTLS_VIA_12, ret);
  read_master (sp_http_head_find (head, "X-DTLS-Master-Secret"), ret);
  ret->returns = sp_http_head_find (head, "X-CSTP-Address") != NULL;
  ret->base_mtu = read_mtu (sp_http_head_find (head, "X-CSTP-Base-MTU"));
  ret->cstp_mtu = read_mtu (sp_http_head_find (head, "X-CSTP-MTU"));
  read_hostname (sp_http_head_find (head, "X-CSTP-Hostname"), ret->hostname);
  read_compression (sp_http_head_find (head, "X-CSTP-Accept-Encoding"), &ret->cstp_compression);
  read_compression (sp_http_head_find (head, "X-DTLS-Accept-Encoding"), &ret->dtls_compression);
}

gboolean
sp_tunnel_target_is_ours (const SpHttpHead *head)
{
  return sp_http_head_path_is (head, SP_TUNNEL_PATH) ||
         sp_http_head_path_is (head, SP_TUNNEL_PATH_BARE);
}
