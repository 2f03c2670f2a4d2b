/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "swarm-document.h"

#include "base/endpoint.h"
#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

#define AGENT "User-Agent: Open AnyConnect VPN Agent v9.01\r\n"
#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

static char *
post (const char *path, const char *context, const char *body)
{
  return g_strdup_printf ("POST %s HTTP/1.1\r\nHost: vpn\r\n" AGENT "%s%s%s"
                          "X-Transcend-Version: 1\r\nX-Aggregate-Auth: 1\r\n"
                          "Content-Type: application/xml; charset=utf-8\r\n"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                          path, context[0] != '\0' ? "Cookie: webvpncontext=" : "", context,
                          context[0] != '\0' ? "\r\n" : "", strlen (body), body);
}

char *
swarm_document_hello (void)
{
  return post ("/", "",
               XML "<config-auth client=\"vpn\" type=\"init\" aggregate-auth-version=\"2\">"
                   "<version who=\"vpn\">v9.01</version><device-id>linux-64</device-id>"
                   "<group-access>https://vpn/</group-access></config-auth>");
}

static char *
field (const char *form, const char *name, const char *value)
{
  g_autofree char *input = g_strdup_printf ("name=\"%s\"", name);

  return strstr (form, input) != NULL ? g_strdup_printf ("<%s>%s</%s>", name, value, name)
                                      : g_strdup ("");
}

char *
swarm_document_sign_in (const SwarmFacts *facts,
                        const char *form,
                        const char *login,
                        const char *password)
{
  g_autofree char *who = field (form, "username", login);
  g_autofree char *proof = field (form, "password", password);
  g_autofree char *body = g_strdup_printf (
      XML "<config-auth client=\"vpn\" type=\"auth-reply\" aggregate-auth-version=\"2\">"
          "<version who=\"vpn\">v9.01</version><device-id>linux-64</device-id>"
          "<auth>%s%s</auth></config-auth>",
      who, proof);

  return post ("/auth", facts->context, body);
}

char *
swarm_document_connect (const SwarmFacts *facts, gboolean datagrams)
{
  return g_strdup_printf (
      "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: vpn\r\n" AGENT "Cookie: webvpn=%s\r\n"
      "X-CSTP-Version: 1\r\nX-CSTP-Hostname: swarm\r\nX-CSTP-Base-MTU: 1500\r\n"
      "X-CSTP-Address-Type: IPv6,IPv4\r\nX-CSTP-Full-IPv6-Capability: true\r\n%s\r\n",
      facts->cookie,
      datagrams ? "X-DTLS-Master-Secret: "
                  "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
                  "202122232425262728292A2B2C2D2E2F\r\nX-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"
                : "");
}

/* What follows `name` up to one of `ends`; FALSE if there is none, or it is empty or too long. */
static gboolean
find_value (const char *head, const char *name, const char *ends, char *value, gsize room)
{
  const char *start = strstr (head, name);
  gsize length = start != NULL ? strcspn (start + strlen (name), ends) : 0;

  if (length == 0 || length >= room)
    return FALSE;
  memcpy (value, start + strlen (name), length);
  value[length] = '\0';
  return TRUE;
}

gboolean
swarm_document_is_whole (const GString *answer)
{
  const char *end = strstr (answer->str, "\r\n\r\n");
  char length[16];

  if (end == NULL)
    return FALSE;
  if (!find_value (answer->str, "\r\nContent-Length: ", "\r", length, sizeof length))
    return TRUE;
  return answer->len >= (gsize) (end - answer->str) + 4 + strtoul (length, NULL, 10);
}

static void
read_tunnel (const char *answer, SwarmFacts *facts)
{
  char text[2 * SP_APP_ID_SIZE + 1];
  guint8 address[SP_ADDRESS_SIZE];

  if (find_value (answer, "\r\nX-CSTP-Address: ", "\r", text, sizeof text) &&
      sp_address_from_text (text, address) && sp_address_is_ipv4 (address))
    facts->address = sp_address_to_ipv4 (address);
  if (find_value (answer, "\r\nX-DTLS-MTU: ", "\r", text, sizeof text) ||
      find_value (answer, "\r\nX-CSTP-MTU: ", "\r", text, sizeof text))
    facts->mtu = (guint16) strtoul (text, NULL, 10);
  facts->datagram_port = 0;
  if (find_value (answer, "\r\nX-DTLS-App-ID: ", "\r", text, sizeof text) &&
      sp_hex_decode (text, strlen (text), facts->app_id, SP_APP_ID_SIZE) &&
      find_value (answer, "\r\nX-DTLS-Port: ", "\r", text, sizeof text))
    facts->datagram_port = (guint16) strtoul (text, NULL, 10);
}

guint
swarm_document_read (const GString *answer, SwarmFacts *facts)
{
  if (!g_str_has_prefix (answer->str, "HTTP/1.1 "))
    return 0;
  (void) find_value (answer->str, "\r\nSet-Cookie: webvpncontext=", ";\r", facts->context,
                     sizeof facts->context);
  (void) find_value (answer->str, "\r\nSet-Cookie: webvpn=", ";\r", facts->cookie,
                     sizeof facts->cookie);
  read_tunnel (answer->str, facts);
  return (guint) strtoul (answer->str + strlen ("HTTP/1.1 "), NULL, 10);
}

gboolean
swarm_document_is_form (const GString *answer)
{
  return strstr (answer->str, "<form") != NULL && strstr (answer->str, "id=\"success\"") == NULL;
}
