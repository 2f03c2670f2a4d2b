/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/tunnel-answer.h"

#include "base/hex.h"
#include "base/names.h"
#include "codec/mtu.h"

#include <string.h>

#define REKEY_FAR_AWAY      31536000 /* a year */
#define REKEY_DTLS_LATER    10       /* at most: both channels never rekey at one time */
#define IOS_IPV6_EVERYTHING "2000::/3"
#define TEXT_VALUE_MAX      255

/* One header; the value must not be empty. */
static void G_GNUC_PRINTF (3, 4) put (GString *head, const char *name, const char *format, ...)
{
  va_list arguments;

  g_string_append (head, name);
  g_string_append (head, ": ");
  va_start (arguments, format);
  g_string_append_vprintf (head, format, arguments);
  va_end (arguments);
  g_string_append (head, "\r\n");
}

/* A text of the owner's or the client's on one line, without blanks at its ends; nothing if there
 * is nothing to say. */
static void
put_text (GString *head, const char *name, const char *text)
{
  char line[TEXT_VALUE_MAX + 1];

  if (text == NULL)
    return;
  g_strlcpy (line, text, sizeof line);
  for (char *at = line; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  g_strstrip (line);
  if (line[0] != '\0')
    put (head, name, "%s", line);
}

static void
put_seconds_or_none (GString *head, const char *name, guint32 seconds)
{
  if (seconds == 0)
    put (head, name, "none");
  else
    put (head, name, "%u", seconds);
}

/* "255.255.255.0" */
static void
mask_to_text (guint prefix, char *text)
{
  guint8 mask[SP_ADDRESS_SIZE];

  sp_address_from_ipv4 (mask, prefix == 0 ? 0 : G_MAXUINT32 << (32 - prefix));
  sp_address_to_text (mask, text);
}

static gboolean
has_ipv4 (const SpTunnelAnswer *answer)
{
  return !sp_address_is_unset (answer->ipv4);
}

gboolean
sp_tunnel_answer_has_ipv6 (const SpTunnelAnswer *answer)
{
  return !sp_address_is_unset (answer->ipv6) && sp_mtu_carries_ipv6 (answer->mtu);
}

static void
write_ipv6_address (const SpTunnelAnswer *answer, GString *head)
{
  char address[SP_ENDPOINT_TEXT_MAX];
  SpNetwork network = { .length = answer->ipv6_prefix };

  sp_address_to_text (answer->ipv6, address);
  if (answer->full_ipv6)
    {
      put (head, "X-CSTP-Address-IP6", "%s/%u", address, answer->ipv6_prefix);
      return;
    }
  put (head, "X-CSTP-Address", "%s", address);
  for (guint bit = 0; bit < answer->ipv6_prefix; bit++)
    network.address[bit / 8] |= answer->ipv6[bit / 8] & (0x80 >> (bit % 8));
  sp_network_to_text (&network, address);
  put (head, "X-CSTP-Netmask", "%s", address);
}

static void
write_addresses (const SpTunnelAnswer *answer, GString *head)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (has_ipv4 (answer))
    {
      sp_address_to_text (answer->ipv4, text);
      put (head, "X-CSTP-Address", "%s", text);
      mask_to_text (answer->ipv4_prefix, text);
      put (head, "X-CSTP-Netmask", "%s", text);
    }
  if (sp_tunnel_answer_has_ipv6 (answer))
    write_ipv6_address (answer, head);
}

static gboolean
has_family (const SpTunnelAnswer *answer, gboolean ipv4)
{
  return ipv4 ? has_ipv4 (answer) : sp_tunnel_answer_has_ipv6 (answer);
}

/* openconnect knows no header of its own for IPv6 name servers; AnyConnect takes no other. */
static void
write_dns (const SpTunnelAnswer *answer, GString *head)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  for (guint i = 0; i < MIN (answer->n_dns, SP_DNS_SERVERS_MAX); i++)
    {
      gboolean ipv4 = sp_address_is_ipv4 (answer->dns[i]);

      if (!has_family (answer, ipv4))
        continue;
      sp_address_to_text (answer->dns[i], text);
      if (ipv4 || !sp_client_kind_is_anyconnect (answer->client))
        put (head, "X-CSTP-DNS", "%s", text);
      else
        put (head, "X-CSTP-DNS-IP6", "%s", text);
    }
}

/* Name servers are asked for these domains alone; the client asks its own for all others. */
static void
write_split_dns (const SpTunnelAnswer *answer, GString *head)
{
  g_auto (GStrv) domains = g_strsplit (answer->split_dns != NULL ? answer->split_dns : "", " ", -1);

  for (guint i = 0; domains[i] != NULL; i++)
    put_text (head, "X-CSTP-Split-DNS", domains[i]);
}

static gboolean
has_split_dns (const SpTunnelAnswer *answer)
{
  return answer->split_dns != NULL && *answer->split_dns != '\0';
}

static void
write_route (const SpTunnelAnswer *answer, GString *head, const char *name, const SpNetwork *route)
{
  char network[SP_ENDPOINT_TEXT_MAX], mask[SP_ENDPOINT_TEXT_MAX];
  g_autofree char *name_ipv6 = g_strconcat (name, "-IP6", NULL);

  if (!has_family (answer, sp_network_is_ipv4 (route)))
    return;
  if (!sp_network_is_ipv4 (route))
    {
      sp_network_to_text (route, network);
      put (head, answer->full_ipv6 ? name_ipv6 : name, "%s", network);
      return;
    }
  sp_address_to_text (route->address, network);
  mask_to_text (sp_network_prefix (route), mask);
  put (head, name, "%s/%s", network, mask);
}

static void
write_routes (const SpTunnelAnswer *answer, GString *head)
{
  for (guint i = 0; i < MIN (answer->n_routes, SP_ROUTES_MAX); i++)
    write_route (answer, head, "X-CSTP-Split-Include", &answer->routes[i]);
  /* AnyConnect on iOS takes "everything" for IPv4 only. */
  if (answer->n_routes == 0 && answer->client == SP_CLIENT_ANYCONNECT_IOS && answer->full_ipv6 &&
      sp_tunnel_answer_has_ipv6 (answer))
    put (head, "X-CSTP-Split-Include-IP6", IOS_IPV6_EVERYTHING);
  put (head, "X-CSTP-Tunnel-All-DNS", "%s",
       answer->n_routes == 0 && !has_split_dns (answer) ? "true" : "false");
  put (head, "X-CSTP-Client-Bypass-Protocol", "false");
  for (guint i = 0; i < MIN (answer->n_excluded, SP_ROUTES_MAX); i++)
    write_route (answer, head, "X-CSTP-Split-Exclude", &answer->excluded[i]);
}

static const char *
rekey_method_name (SpRekeyMethod method)
{
  return method == SP_REKEY_SSL ? "ssl" : "new-tunnel";
}

static void
write_times (const SpTunnelAnswer *answer, GString *head)
{
  put (head, "X-CSTP-DPD", "%u", answer->dpd);
  put (head, "X-CSTP-Keepalive", "%u", answer->keepalive);
  put_seconds_or_none (head, "X-CSTP-Idle-Timeout", answer->idle_timeout);
  put (head, "X-CSTP-Rekey-Time", "%u", answer->rekey == 0 ? REKEY_FAR_AWAY : answer->rekey);
  put (head, "X-CSTP-Rekey-Method", "%s", rekey_method_name (answer->rekey_method));
  put_seconds_or_none (head, "X-CSTP-Session-Timeout", answer->session_timeout);
  if (answer->session_remaining != 0)
    put (head, "X-CSTP-Session-Timeout-Remaining", "%u", answer->session_remaining);
  put (head, "X-CSTP-Disconnected-Timeout", "none");
}

static void
write_fixed (const SpTunnelAnswer *answer, GString *head)
{
  put (head, "X-CSTP-Keep", "true");
  put (head, "X-CSTP-TCP-Keepalive", "true");
  put (head, "X-CSTP-Smartcard-Removal-Disconnect", "true");
  put (head, "X-CSTP-License", "accept");
}

/* Absent means none: clients know no word for that. */
static void
write_compression (GString *head, const char *name, SpCompression kind)
{
  if (kind != SP_COMPRESSION_NONE)
    put (head, name, "%s", sp_compression_to_string (kind));
}

/* X-DTLS-MTU is left out in PSK mode: the cipher is not known yet. */
static void
write_dtls_mode (const SpTunnelAnswer *answer, GString *head)
{
  char id[2 * SP_APP_ID_SIZE + 1];

  sp_hex_encode (answer->app_id, SP_APP_ID_SIZE, id);
  if (answer->dtls_suite == NULL)
    {
      put (head, "X-DTLS-App-ID", "%s", id);
      put (head, "X-DTLS-CipherSuite", "PSK-NEGOTIATE");
      return;
    }
  put (head, "X-DTLS-Session-ID", "%s", id);
  put (head, sp_dtls_via_header (answer->dtls_suite->via), "%s", answer->dtls_suite->name);
  put (head, "X-DTLS-MTU", "%u", answer->mtu);
}

/* A resumed session has no key exchange to repeat, so its client is not asked for one. */
static void
write_dtls (const SpTunnelAnswer *answer, GString *head)
{
  if (answer->dtls_port == 0)
    return;
  write_dtls_mode (answer, head);
  put (head, "X-DTLS-Port", "%u", answer->dtls_port);
  put (head, "X-DTLS-DPD", "%u", answer->dpd);
  put (head, "X-DTLS-Keepalive", "%u", answer->keepalive);
  write_compression (head, "X-DTLS-Content-Encoding", answer->dtls_compression);
  if (answer->dtls_rekey == 0 || answer->dtls_suite != NULL)
    return;
  put (head, "X-DTLS-Rekey-Time", "%u",
       answer->dtls_rekey + MIN (REKEY_DTLS_LATER, (answer->dtls_rekey + 1) / 2));
  put (head, "X-DTLS-Rekey-Method", "%s", rekey_method_name (SP_REKEY_SSL));
}

void
sp_tunnel_answer_write (const SpTunnelAnswer *answer, GString *head)
{
  g_string_append (head, "HTTP/1.1 200 CONNECTED\r\n");
  put (head, "X-CSTP-Version", "1");
  put (head, "X-CSTP-Server-Name", SP_PRODUCT_NAME);
  put_text (head, "X-CSTP-Hostname", answer->hostname);
  put_text (head, "X-CSTP-Default-Domain", answer->domain);
  write_addresses (answer, head);
  write_dns (answer, head);
  write_split_dns (answer, head);
  write_routes (answer, head);
  write_times (answer, head);
  write_fixed (answer, head);
  write_dtls (answer, head);
  write_compression (head, "X-CSTP-Content-Encoding", answer->cstp_compression);
  put (head, "X-CSTP-Base-MTU", "%u", answer->link_mtu);
  put (head, "X-CSTP-MTU", "%u", answer->mtu);
  put_text (head, "X-CSTP-Banner", answer->banner);
  g_string_append (head, "\r\n");
}
