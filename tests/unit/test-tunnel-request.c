/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/tunnel-request.h"

#include "hex.h"

#define COOKIE "abababababababababababababababababababababababababababababababab"

/* As openconnect 9.01 sent it, without the parts that nobody reads. */
static const char openconnect[] =
    "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n"
    "Host: home.example.net:8443\r\n"
    "User-Agent: Open AnyConnect VPN Agent v9.01-3\r\n"
    "Cookie: webvpn=" COOKIE "\r\n"
    "X-CSTP-Version: 1\r\n"
    "X-CSTP-Hostname: lap-top.example.org\r\n"
    "X-CSTP-Accept-Encoding: oc-lz4,lzs\r\n"
    "X-CSTP-Base-MTU: 1500\r\n"
    "X-CSTP-MTU: 1390\r\n"
    "X-CSTP-Address-Type: IPv6,IPv4\r\n"
    "X-CSTP-Full-IPv6-Capability: true\r\n"
    "X-DTLS-Accept-Encoding: oc-lz4,lzs\r\n"
    "X-DTLS-CipherSuite: PSK-NEGOTIATE:OC-DTLS1_2-AES256-GCM:AES128-SHA\r\n"
    "X-DTLS12-CipherSuite: ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA\r\n"
    "\r\n";

static void
read_offer (const char *text, SpTunnelOffer *offer)
{
  SpHttpHead head;

  g_assert_cmpint (sp_http_head_parse (text, strlen (text), &head), ==, SP_HTTP_COMPLETE);
  sp_tunnel_offer_read (&head, offer);
}

/* One request with these fields. */
static void
read_fields (const char *fields, SpTunnelOffer *offer)
{
  g_autofree char *text =
      g_strconcat ("CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n", fields, "\r\n", NULL);

  say (fields);
  read_offer (text, offer);
}

static void
expect_compression (const SpCompressionOffer *offer, SpCompression first, SpCompression second)
{
  g_assert_cmpuint (offer->n, ==, (first != SP_COMPRESSION_NONE) + (second != SP_COMPRESSION_NONE));
  g_assert_cmpint (offer->kinds[0], ==, first);
  g_assert_cmpint (offer->kinds[1], ==, second);
}

static void
test_openconnect (void)
{
  SpTunnelOffer offer;
  guint8 cookie[SP_COOKIE_SIZE];

  memset (cookie, 0xab, sizeof cookie);
  read_offer (openconnect, &offer);
  g_assert_true (offer.has_cookie);
  g_assert_cmpmem (offer.cookie, sizeof offer.cookie, cookie, sizeof cookie);
  g_assert_cmpint (offer.client, ==, SP_CLIENT_OPENCONNECT);
  g_assert_true (offer.ipv4);
  g_assert_true (offer.ipv6);
  g_assert_true (offer.full_ipv6);
  g_assert_false (offer.mobile);
  g_assert_true (offer.dtls_psk);
  g_assert_cmpuint (offer.base_mtu, ==, 1500);
  g_assert_cmpuint (offer.cstp_mtu, ==, 1390);
  expect_compression (&offer.cstp_compression, SP_COMPRESSION_LZ4, SP_COMPRESSION_LZS);
  expect_compression (&offer.dtls_compression, SP_COMPRESSION_LZ4, SP_COMPRESSION_LZS);
  g_assert_cmpstr (offer.hostname, ==, "lap-top");
  g_assert_cmpstr (offer.user_agent, ==, "Open AnyConnect VPN Agent v9.01-3");
}

static void
test_nothing (void)
{
  SpTunnelOffer offer;

  read_fields ("", &offer);
  g_assert_false (offer.has_cookie);
  g_assert_cmpint (offer.client, ==, SP_CLIENT_UNKNOWN);
  g_assert_true (offer.ipv4);
  g_assert_true (offer.ipv6);
  g_assert_false (offer.full_ipv6);
  g_assert_false (offer.mobile);
  g_assert_false (offer.dtls_psk);
  expect_compression (&offer.cstp_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
  expect_compression (&offer.dtls_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
  g_assert_cmpuint (offer.base_mtu, ==, 0);
  g_assert_cmpuint (offer.cstp_mtu, ==, 0);
  g_assert_cmpstr (offer.hostname, ==, "");
  g_assert_cmpstr (offer.user_agent, ==, "");
}

static void
test_target (void)
{
  static const struct
  {
    const char *target;
    gboolean ours;
  } targets[] = {
    { "/CSCOSSLC/tunnel", TRUE },
    { "CSCOSSLC/tunnel", TRUE },
    { "/CSCOSSLC/tunnel?x", TRUE },
    { "/CSCOSSLC/tunnel/", FALSE },
    { "//CSCOSSLC/tunnel", FALSE },
    { "/cscosslc/tunnel", FALSE },
    { "/", FALSE },
    { "/CSCOSSLC/tunne", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *text = g_strdup_printf ("CONNECT %s HTTP/1.1\r\n\r\n", targets[i].target);
      SpHttpHead head;

      g_assert_cmpint (sp_http_head_parse (text, strlen (text), &head), ==, SP_HTTP_COMPLETE);
      g_assert_cmpint (sp_tunnel_target_is_ours (&head), ==, targets[i].ours);
    }
}

static void
test_mtu (void)
{
  static const struct
  {
    const char *value;
    guint32 mtu;
  } values[] = {
    { "0", 0 },     { "1", 1 },     { "799", 799 },   { "800", 800 },        { "16384", 16384 },
    { "16385", 0 }, { "65535", 0 }, { "99999", 0 },   { "100000", 0 },       { "4294968796", 0 },
    { "abc", 0 },   { "-1", 0 },    { "+1", 0 },      { "1500x", 0 },        { "0x5dc", 0 },
    { "1 500", 0 }, { "", 0 },      { "00800", 800 }, { "000000001500", 0 }, { "1500,1400", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *fields = g_strdup_printf ("X-CSTP-Base-MTU: %s\r\nx-cstp-mtu: %s\r\n",
                                                 values[i].value, values[i].value);
      SpTunnelOffer offer;

      read_fields (fields, &offer);
      g_assert_cmpuint (offer.base_mtu, ==, values[i].mtu);
      g_assert_cmpuint (offer.cstp_mtu, ==, values[i].mtu);
    }
}

static void
test_cookie (void)
{
  static const struct
  {
    const char *field;
    gboolean found;
  } cookies[] = {
    { "Cookie: webvpn=" COOKIE "\r\n", TRUE },
    { "Cookie: webvpncontext=YWJj; webvpn=" COOKIE "; webvpnc=bu:/&p:t&iu:1/\r\n", TRUE },
    { "Cookie: webvpnc=x;webvpn=" COOKIE "\r\n", TRUE },
    { "Cookie: a=b\r\nCookie: webvpn=" COOKIE "\r\n", TRUE },
    { "Cookie: webvpn=ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\r\n", TRUE },
    { "Cookie: webvpn=(null)\r\n", FALSE },
    { "Cookie: webvpn=\r\n", FALSE },
    { "Cookie: webvpn\r\n", FALSE },
    { "Cookie: webvpn=" COOKIE "00\r\n", FALSE },
    { "Cookie: webvpn=ab\r\n", FALSE },
    { "Cookie: webvpncontext=" COOKIE "\r\n", FALSE },
    { "Cookie: WEBVPN=" COOKIE "\r\n", FALSE },
    { "Cookie2: webvpn=" COOKIE "\r\n", FALSE },
    { "Cookie: x=webvpn=" COOKIE "\r\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cookies); i++)
    {
      SpTunnelOffer offer;

      read_fields (cookies[i].field, &offer);
      g_assert_cmpint (offer.has_cookie, ==, cookies[i].found);
      if (offer.has_cookie)
        g_assert_cmpuint (offer.cookie[31], ==, 0xab);
    }
}

static void
test_agents (void)
{
  static const struct
  {
    const char *agent;
    SpClientKind kind;
  } agents[] = {
    { "Open AnyConnect VPN Agent v9.01-3", SP_CLIENT_OPENCONNECT },
    { "open anyconnect vpn agent V9.12", SP_CLIENT_OPENCONNECT },
    { "Open AnyConnect VPN Agent v3.20", SP_CLIENT_OPENCONNECT_LEGACY },
    { "Open AnyConnect VPN Agent v3", SP_CLIENT_OPENCONNECT_LEGACY },
    { "Open AnyConnect VPN Agent v2.26", SP_CLIENT_OPENCONNECT_LEGACY },
    { "Open AnyConnect VPN Agent v4.00", SP_CLIENT_OPENCONNECT },
    { "Open AnyConnect VPN Agent v30.1", SP_CLIENT_OPENCONNECT },
    { "Open AnyConnect VPN Agent v", SP_CLIENT_OPENCONNECT },
    { "Open AnyConnect VPN Agent 1.5.3", SP_CLIENT_OPENCONNECT },
    { "OpenConnect VPN Agent (NetworkManager) v9.12", SP_CLIENT_OPENCONNECT },
    { "AnyConnect-compatible OpenConnect VPN Agent v9.21", SP_CLIENT_OPENCONNECT },
    { "AnyConnect Windows 4.10.07073", SP_CLIENT_ANYCONNECT },
    { "AnyConnect Linux_64 4.10.05111", SP_CLIENT_ANYCONNECT },
    { "Cisco AnyConnect VPN Agent for Windows 4.10", SP_CLIENT_ANYCONNECT },
    { "Cisco AnyConnect VPN Agent for Apple iPhone 5.0", SP_CLIENT_ANYCONNECT_IOS },
    { "Clavister OneConnect VPN 1.0", SP_CLIENT_OPENCONNECT },
    { "AnyLink Secure Client 0.1", SP_CLIENT_OPENCONNECT },
    { "Cisco SVC IPPhone Client v1.0", SP_CLIENT_IP_PHONE },
    { "Mozilla/5.0", SP_CLIENT_UNKNOWN },
    { " AnyConnect", SP_CLIENT_ANYCONNECT }, /* the blank belongs to the field, not the value */
    { "xAnyConnect", SP_CLIENT_UNKNOWN },
    { "AnyConnec", SP_CLIENT_UNKNOWN },
    { "", SP_CLIENT_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (agents); i++)
    {
      g_autofree char *field = g_strdup_printf ("user-agent: %s\r\n", agents[i].agent);
      SpTunnelOffer offer;

      read_fields (field, &offer);
      g_test_message ("%s", sp_client_kind_to_string (offer.client));
      g_assert_cmpint (offer.client, ==, agents[i].kind);
      g_assert_cmpint (offer.ipv6, ==, agents[i].kind != SP_CLIENT_OPENCONNECT_LEGACY);
    }
}

static void
test_long_agent (void)
{
  g_autofree char *agent = g_strnfill (SP_USER_AGENT_MAX + 9, 'a');
  g_autofree char *field = g_strdup_printf ("User-Agent: \xc3\xa9%s\r\n", agent);
  SpTunnelOffer offer;

  read_fields (field, &offer);
  g_assert_cmpuint (strlen (offer.user_agent), ==, SP_USER_AGENT_MAX);
  g_assert_true (g_str_has_prefix (offer.user_agent, "??aaa"));
}

static void
test_hostnames (void)
{
  static const struct
  {
    const char *value;
    const char *hostname;
  } values[] = {
    { "laptop", "laptop" },
    { "Laptop-2.local.lan", "Laptop-2" },
    { ".local", "" },
    { "lap top", "" },
    { "lap;top", "" },
    { "\xc3\xa9", "" },
    { "", "" },
    { "a23456789-123456789-123456789-123456789-123456789-123456789-123",
      "a23456789-123456789-123456789-123456789-123456789-123456789-123" },
    { "a23456789-123456789-123456789-123456789-123456789-123456789-1234", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *field = g_strdup_printf ("X-CSTP-Hostname: %s\r\n", values[i].value);
      SpTunnelOffer offer;

      read_fields (field, &offer);
      g_assert_cmpstr (offer.hostname, ==, values[i].hostname);
    }
}

static void
test_families (void)
{
  static const struct
  {
    const char *value;
    gboolean ipv4, ipv6;
  } values[] = {
    { "IPv6,IPv4", TRUE, TRUE },  { "IPv4", TRUE, FALSE }, { "IPv6", FALSE, TRUE },
    { "IPv4, IPv6", TRUE, TRUE }, { "", TRUE, TRUE },      { "IPv5", TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *field = g_strdup_printf ("X-CSTP-Address-Type: %s\r\n", values[i].value);
      SpTunnelOffer offer;

      read_fields (field, &offer);
      g_assert_cmpint (offer.ipv4, ==, values[i].ipv4);
      g_assert_cmpint (offer.ipv6, ==, values[i].ipv6);
    }
}

static void
test_flags (void)
{
  static const struct
  {
    const char *field;
    gboolean psk, mobile, full_ipv6;
  } values[] = {
    { "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n", TRUE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: AES128-SHA:PSK-NEGOTIATE\r\n", TRUE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: A:PSK-NEGOTIATE:B\r\n", TRUE, FALSE, FALSE },
    { "X-DTLS12-CipherSuite: A:PSK-NEGOTIATE\r\n", TRUE, FALSE, FALSE },
    { "X-DTLS12-CipherSuite: PSK-NEGOTIATE\r\nX-DTLS-CipherSuite: A\r\n", TRUE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: PSK-NEGOTIATE2\r\n", FALSE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: XPSK-NEGOTIATE\r\n", FALSE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: PSK-NEGOTIAT:E\r\n", FALSE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: psk-negotiate\r\n", FALSE, FALSE, FALSE },
    { "X-DTLS-CipherSuite: :::\r\n", FALSE, FALSE, FALSE },
    { "X-DTLS-CipherSuite:\r\n", FALSE, FALSE, FALSE },
    { "X-AnyConnect-Identifier-Platform: apple-ios\r\n", FALSE, TRUE, FALSE },
    { "X-AnyConnect-Identifier-Platform: Android\r\n", FALSE, TRUE, FALSE },
    { "X-AnyConnect-Identifier-Platform: linux-64\r\n", FALSE, FALSE, FALSE },
    { "X-CSTP-License: mobile\r\n", FALSE, TRUE, FALSE },
    { "X-CSTP-License: mobiles\r\n", FALSE, FALSE, FALSE },
    { "X-CSTP-Full-IPv6-Capability: true\r\n", FALSE, FALSE, TRUE },
    { "X-CSTP-Full-IPv6-Capability: false\r\n", FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      SpTunnelOffer offer;

      read_fields (values[i].field, &offer);
      g_assert_cmpint (offer.dtls_psk, ==, values[i].psk);
      g_assert_cmpint (offer.mobile, ==, values[i].mobile);
      g_assert_cmpint (offer.full_ipv6, ==, values[i].full_ipv6);
    }
}

#define MASTER                                                                                     \
  "9491B34DB2176DA747DE6D89F66C0A0B867BCA2EE315508AB56097B6960A98710975064201CD0B8C774E73FFC52469" \
  "c7"

static void
test_master (void)
{
  static const struct
  {
    const char *field;
    gboolean has_master;
  } values[] = {
    { "X-DTLS-Master-Secret: " MASTER "\r\n", TRUE },
    { "X-DTLS-Master-Secret: " MASTER "AA\r\n", TRUE },
    { "X-DTLS-Master-Secret: " MASTER "zz\r\n", TRUE },
    { "X-DTLS-Master-Secret: 9491B34D\r\n", FALSE },
    { "X-DTLS-Master-Secret: z" MASTER "\r\n", FALSE },
    { "X-DTLS-Master-Secret:\r\n", FALSE },
    { "", FALSE },
  };
  static const guint8 none[SP_DTLS_MASTER_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      SpTunnelOffer offer;

      read_fields (values[i].field, &offer);
      g_assert_cmpint (offer.has_master, ==, values[i].has_master);
      if (!offer.has_master)
        {
          g_assert_cmpmem (offer.master, sizeof offer.master, none, sizeof none);
          continue;
        }
      g_assert_cmpuint (offer.master[0], ==, 0x94);
      g_assert_cmpuint (offer.master[SP_DTLS_MASTER_SIZE - 1], ==, 0xc7);
    }
}

/* The suites of either header, and what tells that a client is built on OpenSSL and comes back. */
static void
test_resumption (void)
{
  static const struct
  {
    const char *field;
    const char *suite; /* the best */
    gboolean psk_last, returns;
  } values[] = {
    { "X-DTLS-CipherSuite: PSK-NEGOTIATE:OC-DTLS1_2-AES256-GCM\r\n", "OC-DTLS1_2-AES256-GCM", FALSE,
      FALSE },
    { "X-DTLS-CipherSuite: OC-DTLS1_2-AES128-GCM:PSK-NEGOTIATE\r\n", "OC-DTLS1_2-AES128-GCM", TRUE,
      FALSE },
    { "X-DTLS12-CipherSuite: AES128-GCM-SHA256\r\nX-DTLS-CipherSuite: AES256-SHA\r\n",
      "AES128-GCM-SHA256", FALSE, FALSE },
    { "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\nX-CSTP-Address: 10.1.2.3\r\n", NULL, FALSE, TRUE },
    { "X-DTLS-CipherSuite: AES256-GCM-SHA384\r\n", NULL, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      SpTunnelOffer offer;
      const SpDtlsSuite *suite;

      read_fields (values[i].field, &offer);
      suite = sp_dtls_suite_choose (offer.dtls_suites, NULL);
      g_assert_cmpstr (suite != NULL ? suite->name : NULL, ==, values[i].suite);
      g_assert_cmpint (offer.dtls_psk_last, ==, values[i].psk_last);
      g_assert_cmpint (offer.returns, ==, values[i].returns);
    }
}

/* The two channels have nothing to do with each other. */
static void
test_compression (void)
{
  SpTunnelOffer offer;

  read_fields ("X-CSTP-Accept-Encoding: lzs,deflate\r\n", &offer);
  expect_compression (&offer.cstp_compression, SP_COMPRESSION_LZS, SP_COMPRESSION_NONE);
  expect_compression (&offer.dtls_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
  read_fields ("x-dtls-accept-encoding:  LZS , OC-LZ4 \r\n", &offer);
  expect_compression (&offer.cstp_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
  expect_compression (&offer.dtls_compression, SP_COMPRESSION_LZS, SP_COMPRESSION_LZ4);
  read_fields ("X-CSTP-Accept-Encoding: \r\nX-DTLS-Accept-Encoding: identity\r\n", &offer);
  expect_compression (&offer.cstp_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
  expect_compression (&offer.dtls_compression, SP_COMPRESSION_NONE, SP_COMPRESSION_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tunnel-request/openconnect", test_openconnect);
  g_test_add_func ("/tunnel-request/nothing", test_nothing);
  g_test_add_func ("/tunnel-request/target", test_target);
  g_test_add_func ("/tunnel-request/mtu", test_mtu);
  g_test_add_func ("/tunnel-request/cookie", test_cookie);
  g_test_add_func ("/tunnel-request/agents", test_agents);
  g_test_add_func ("/tunnel-request/long-agent", test_long_agent);
  g_test_add_func ("/tunnel-request/hostnames", test_hostnames);
  g_test_add_func ("/tunnel-request/families", test_families);
  g_test_add_func ("/tunnel-request/flags", test_flags);
  g_test_add_func ("/tunnel-request/master", test_master);
  g_test_add_func ("/tunnel-request/resumption", test_resumption);
  g_test_add_func ("/tunnel-request/compression", test_compression);
  return g_test_run ();
}
