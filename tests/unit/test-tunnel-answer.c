/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/tunnel-answer.h"

#include <string.h>

static void
fill (SpTunnelAnswer *answer)
{
  *answer = (SpTunnelAnswer){
    .client = SP_CLIENT_OPENCONNECT,
    .full_ipv6 = TRUE,
    .ipv4_prefix = 24,
    .ipv6_prefix = 64,
    .n_dns = 2,
    .n_routes = 2,
    .n_excluded = 2,
    .domain = "home.example",
    .split_dns = "home.example lan",
    .hostname = "laptop",
    .mtu = 1434,
    .link_mtu = 1500,
    .dpd = 90,
    .keepalive = 32400,
    .rekey = 172800,
    .idle_timeout = 1200,
    .session_timeout = 86400,
    .session_remaining = 3600,
    .dtls_port = 8443,
  };
  memset (answer->app_id, 0xa5, sizeof answer->app_id);
  g_assert_true (sp_address_from_text ("192.168.77.60", answer->ipv4));
  g_assert_true (sp_address_from_text ("fd00:77:0:1::60", answer->ipv6));
  g_assert_true (sp_address_from_text ("192.168.77.1", answer->dns[0]));
  g_assert_true (sp_address_from_text ("fd00:77::1", answer->dns[1]));
  g_assert_true (sp_network_from_text ("10.10.0.0/16", &answer->routes[0]));
  g_assert_true (sp_network_from_text ("fd00:10::/48", &answer->routes[1]));
  g_assert_true (sp_network_from_text ("10.10.9.0/24", &answer->excluded[0]));
  g_assert_true (sp_network_from_text ("fd00:10:0:9::/64", &answer->excluded[1]));
}

static GStrv
write_lines (const SpTunnelAnswer *answer)
{
  g_autoptr (GString) head = g_string_new (NULL);
  GStrv lines;

  sp_tunnel_answer_write (answer, head);
  g_assert_true (g_str_has_suffix (head->str, "\r\n\r\n"));
  g_assert_null (strstr (head->str, " \r\n"));
  g_assert_null (strstr (head->str, "\t"));
  g_string_truncate (head, head->len - 4);
  lines = g_strsplit (head->str, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_assert_null (strpbrk (lines[i], "\r\n"));
      if (i > 0)
        g_assert_nonnull (strstr (lines[i], ": "));
    }
  return lines;
}

static void
assert_line (GStrv lines, const char *line)
{
  if (!g_strv_contains ((const char *const *) lines, line))
    g_error ("No line \"%s\" in\n%s", line, g_strjoinv ("\n", lines));
}

static void
assert_no_header (GStrv lines, const char *name)
{
  g_autofree char *start = g_strconcat (name, ":", NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], start))
      g_error ("There should be no line \"%s\"", lines[i]);
}

/* Spelling to the letter, as openconnect compares it. */
static void
test_full (void)
{
  static const char *const expected[] = {
    "X-CSTP-Version: 1",
    "X-CSTP-Server-Name: Sallyport",
    "X-CSTP-Hostname: laptop",
    "X-CSTP-Default-Domain: home.example",
    "X-CSTP-Address: 192.168.77.60",
    "X-CSTP-Netmask: 255.255.255.0",
    "X-CSTP-Address-IP6: fd00:77:0:1::60/64",
    "X-CSTP-DNS: 192.168.77.1",
    "X-CSTP-DNS: fd00:77::1",
    "X-CSTP-Split-DNS: home.example",
    "X-CSTP-Split-DNS: lan",
    "X-CSTP-Split-Include: 10.10.0.0/255.255.0.0",
    "X-CSTP-Split-Include-IP6: fd00:10::/48",
    "X-CSTP-Tunnel-All-DNS: false",
    "X-CSTP-Client-Bypass-Protocol: false",
    "X-CSTP-Split-Exclude: 10.10.9.0/255.255.255.0",
    "X-CSTP-Split-Exclude-IP6: fd00:10:0:9::/64",
    "X-CSTP-DPD: 90",
    "X-CSTP-Keepalive: 32400",
    "X-CSTP-Idle-Timeout: 1200",
    "X-CSTP-Rekey-Time: 172800",
    "X-CSTP-Rekey-Method: new-tunnel",
    "X-CSTP-Session-Timeout: 86400",
    "X-CSTP-Session-Timeout-Remaining: 3600",
    "X-CSTP-Disconnected-Timeout: none",
    "X-CSTP-Keep: true",
    "X-CSTP-TCP-Keepalive: true",
    "X-CSTP-Smartcard-Removal-Disconnect: true",
    "X-CSTP-License: accept",
    "X-DTLS-App-ID: a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5",
    "X-DTLS-Port: 8443",
    "X-DTLS-CipherSuite: PSK-NEGOTIATE",
    "X-DTLS-DPD: 90",
    "X-DTLS-Keepalive: 32400",
    "X-CSTP-Base-MTU: 1500",
    "X-CSTP-MTU: 1434",
  };
  SpTunnelAnswer answer;
  g_auto (GStrv) lines = NULL;

  fill (&answer);
  lines = write_lines (&answer);
  g_assert_cmpstr (lines[0], ==, "HTTP/1.1 200 CONNECTED");
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    assert_line (lines, expected[i]);
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (expected) + 1);
}

/* For a client that resumes a session: the suite in the header that it was offered in, and no word
 * of new keys, which that client could not agree on. */
static void
test_resumption (void)
{
  static const struct
  {
    SpDtlsVia via;
    const char *name;
    const char *line;
  } rows[] = {
    { SP_DTLS_VIA_12, "AES256-GCM-SHA384", "X-DTLS12-CipherSuite: AES256-GCM-SHA384" },
    { SP_DTLS_VIA_CLASSIC, "AES128-SHA", "X-DTLS-CipherSuite: AES128-SHA" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpTunnelAnswer answer;
      g_auto (GStrv) lines = NULL;

      fill (&answer);
      answer.dtls_suite = sp_dtls_suite_choose (
          sp_dtls_suites_read (rows[i].via, rows[i].name, strlen (rows[i].name)), NULL);
      answer.dtls_rekey = 172800;
      lines = write_lines (&answer);
      assert_line (
          lines,
          "X-DTLS-Session-ID: a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
      assert_line (lines, rows[i].line);
      assert_line (lines, "X-DTLS-MTU: 1434");
      assert_line (lines, "X-DTLS-Port: 8443");
      assert_no_header (lines, "X-DTLS-App-ID");
      assert_no_header (lines, "X-DTLS-Rekey-Time");
      assert_no_header (lines, i == 0 ? "X-DTLS-CipherSuite" : "X-DTLS12-CipherSuite");
    }
}

static void
test_least (void)
{
  static const char *const absent[] = {
    "X-CSTP-Hostname",
    "X-CSTP-Default-Domain",
    "X-CSTP-Address-IP6",
    "X-CSTP-DNS",
    "X-CSTP-Split-Include",
    "X-CSTP-Split-Exclude",
    "X-CSTP-Session-Timeout-Remaining",
    "X-CSTP-Banner",
    "X-DTLS-Port",
    "X-DTLS-App-ID",
    "X-DTLS-Session-ID",
    "X-DTLS-CipherSuite",
    "X-DTLS12-CipherSuite",
    "X-DTLS-DPD",
    "X-DTLS-MTU",
    "X-CSTP-Lease-Duration",
    "X-CSTP-Content-Encoding",
    "X-DTLS-Content-Encoding",
  };
  SpTunnelAnswer answer = {
    .mtu = 1000, .link_mtu = 1066, .ipv4_prefix = 32, .domain = " ", .banner = ""
  };
  g_auto (GStrv) lines = NULL;

  g_assert_true (sp_address_from_text ("10.0.0.2", answer.ipv4));
  lines = write_lines (&answer);
  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    assert_no_header (lines, absent[i]);
  assert_line (lines, "X-CSTP-Netmask: 255.255.255.255");
  assert_line (lines, "X-CSTP-Tunnel-All-DNS: true");
  assert_line (lines, "X-CSTP-DPD: 0");
  assert_line (lines, "X-CSTP-Idle-Timeout: none");
  assert_line (lines, "X-CSTP-Session-Timeout: none");
  assert_line (lines, "X-CSTP-Rekey-Time: 31536000");
  assert_line (lines, "X-CSTP-Rekey-Method: new-tunnel");
}

static void
test_anyconnect (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) lines = NULL;

  fill (&answer);
  answer.client = SP_CLIENT_ANYCONNECT;
  lines = write_lines (&answer);
  assert_line (lines, "X-CSTP-DNS: 192.168.77.1");
  assert_line (lines, "X-CSTP-DNS-IP6: fd00:77::1");
}

static void
test_ios (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) everything = NULL;
  g_auto (GStrv) split = NULL;

  fill (&answer);
  answer.client = SP_CLIENT_ANYCONNECT_IOS;
  split = write_lines (&answer);
  answer.n_routes = 0;
  everything = write_lines (&answer);
  assert_line (everything, "X-CSTP-Split-Include-IP6: 2000::/3");
  assert_line (everything, "X-CSTP-DNS-IP6: fd00:77::1");
  g_assert_false (
      g_strv_contains ((const char *const *) split, "X-CSTP-Split-Include-IP6: 2000::/3"));
}

/* Without Full-IPv6-Capability a second address and a network in place of the mask. */
static void
test_old_ipv6 (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) lines = NULL;

  fill (&answer);
  answer.full_ipv6 = FALSE;
  lines = write_lines (&answer);
  assert_line (lines, "X-CSTP-Address: 192.168.77.60");
  assert_line (lines, "X-CSTP-Netmask: 255.255.255.0");
  assert_line (lines, "X-CSTP-Address: fd00:77:0:1::60");
  assert_line (lines, "X-CSTP-Netmask: fd00:77:0:1::/64");
  assert_line (lines, "X-CSTP-Split-Include: fd00:10::/48");
  assert_no_header (lines, "X-CSTP-Address-IP6");
  assert_no_header (lines, "X-CSTP-Split-Include-IP6");
}

static void
assert_only_one_family (GStrv lines, gboolean ipv4)
{
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *value = strstr (lines[i], ": ");

      if (value == NULL || g_str_has_prefix (lines[i], "X-CSTP-Server"))
        continue;
      if (ipv4)
        g_assert_null (strchr (value + 2, ':'));
      else
        g_assert_null (strstr (value, "192."));
    }
}

static void
test_one_family (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) ipv4 = NULL;
  g_auto (GStrv) ipv6 = NULL;
  g_auto (GStrv) small = NULL;

  fill (&answer);
  memset (answer.ipv6, 0, sizeof answer.ipv6);
  ipv4 = write_lines (&answer);
  assert_only_one_family (ipv4, TRUE);

  fill (&answer);
  memset (answer.ipv4, 0, sizeof answer.ipv4);
  ipv6 = write_lines (&answer);
  assert_only_one_family (ipv6, FALSE);
  assert_no_header (ipv6, "X-CSTP-Address");
  assert_no_header (ipv6, "X-CSTP-Netmask");
  assert_no_header (ipv6, "X-CSTP-Split-Include");

  fill (&answer);
  answer.mtu = 1279;
  g_assert_false (sp_tunnel_answer_has_ipv6 (&answer));
  small = write_lines (&answer);
  assert_only_one_family (small, TRUE);
  answer.mtu = 1280;
  g_assert_true (sp_tunnel_answer_has_ipv6 (&answer));
}

static void
test_rekey_ssl (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) lines = NULL;

  fill (&answer);
  answer.rekey_method = SP_REKEY_SSL;
  answer.dtls_rekey = 172800;
  lines = write_lines (&answer);
  assert_line (lines, "X-CSTP-Rekey-Method: ssl");
  assert_line (lines, "X-DTLS-Rekey-Time: 172810");
  assert_line (lines, "X-DTLS-Rekey-Method: ssl");
}

/* The server renews the keys of the stream, the client those of the datagram channel. */
static void
test_rekey_by_server (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) lines = NULL;

  fill (&answer);
  answer.rekey = 0;
  answer.rekey_method = SP_REKEY_SSL;
  answer.dtls_rekey = 5;
  lines = write_lines (&answer);
  assert_line (lines, "X-CSTP-Rekey-Time: 31536000");
  assert_line (lines, "X-CSTP-Rekey-Method: ssl");
  assert_line (lines, "X-DTLS-Rekey-Time: 8");
  assert_line (lines, "X-DTLS-Rekey-Method: ssl");
}

/* What people typed stays on its line and cannot add one. */
static void
test_texts (void)
{
  SpTunnelAnswer answer;
  g_autofree char *long_text = g_strnfill (1000, 'x');
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) long_lines = NULL;

  fill (&answer);
  answer.banner = "\t Hello\r\nX-CSTP-MTU: 1\033\r\n ";
  answer.domain = "a.example b.example ";
  answer.hostname = "\r\n";
  lines = write_lines (&answer);
  assert_line (lines, "X-CSTP-Banner: Hello  X-CSTP-MTU: 1");
  assert_line (lines, "X-CSTP-Default-Domain: a.example b.example");
  assert_no_header (lines, "X-CSTP-Hostname");

  answer.banner = long_text;
  long_lines = write_lines (&answer);
  for (guint i = 0; long_lines[i] != NULL; i++)
    g_assert_cmpuint (strlen (long_lines[i]), <, 300);
}

static void
test_masks (void)
{
  static const struct
  {
    const char *network;
    const char *line;
  } masks[] = {
    { "0.0.0.0/0", "X-CSTP-Split-Include: 0.0.0.0/0.0.0.0" },
    { "128.0.0.0/1", "X-CSTP-Split-Include: 128.0.0.0/128.0.0.0" },
    { "10.20.30.40/29", "X-CSTP-Split-Include: 10.20.30.40/255.255.255.248" },
    { "10.20.30.41/32", "X-CSTP-Split-Include: 10.20.30.41/255.255.255.255" },
    { "::/0", "X-CSTP-Split-Include-IP6: ::/0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      SpTunnelAnswer answer;
      g_auto (GStrv) lines = NULL;

      fill (&answer);
      answer.n_routes = 1;
      g_assert_true (sp_network_from_text (masks[i].network, &answer.routes[0]));
      lines = write_lines (&answer);
      assert_line (lines, masks[i].line);
    }
}

static void
test_compression (void)
{
  SpTunnelAnswer answer;
  g_auto (GStrv) none = NULL, both = NULL, stream = NULL;

  fill (&answer);
  none = write_lines (&answer);
  assert_no_header (none, "X-CSTP-Content-Encoding");
  assert_no_header (none, "X-DTLS-Content-Encoding");
  answer.cstp_compression = SP_COMPRESSION_LZ4;
  answer.dtls_compression = SP_COMPRESSION_LZS;
  both = write_lines (&answer);
  assert_line (both, "X-CSTP-Content-Encoding: oc-lz4");
  assert_line (both, "X-DTLS-Content-Encoding: lzs");
  answer.dtls_port = 0;
  stream = write_lines (&answer);
  assert_line (stream, "X-CSTP-Content-Encoding: oc-lz4");
  assert_no_header (stream, "X-DTLS-Content-Encoding");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tunnel-answer/full", test_full);
  g_test_add_func ("/tunnel-answer/least", test_least);
  g_test_add_func ("/tunnel-answer/resumption", test_resumption);
  g_test_add_func ("/tunnel-answer/anyconnect", test_anyconnect);
  g_test_add_func ("/tunnel-answer/ios", test_ios);
  g_test_add_func ("/tunnel-answer/old-ipv6", test_old_ipv6);
  g_test_add_func ("/tunnel-answer/one-family", test_one_family);
  g_test_add_func ("/tunnel-answer/rekey-ssl", test_rekey_ssl);
  g_test_add_func ("/tunnel-answer/rekey-by-server", test_rekey_by_server);
  g_test_add_func ("/tunnel-answer/texts", test_texts);
  g_test_add_func ("/tunnel-answer/masks", test_masks);
  g_test_add_func ("/tunnel-answer/compression", test_compression);
  return g_test_run ();
}
