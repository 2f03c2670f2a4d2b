/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-support.h"
#include "setting-row.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static SpSettings *
parse (const char *text, GError **error)
{
  return sp_settings_parse ("sallyport.conf", text, strlen (text), error);
}

/* A file that must be refused, and what the owner is told behind "sallyport.conf:". */
static const struct
{
  const char *text;
  const char *message;
} bad_files[] = {
  /* lines */
  { "port = 443\n", "1: a setting stands before the first [group]" },
  { "[server\n", "1: a group is written as [name]" },
  { "[]\n", "1: a group is written as [name]" },
  { "[server] # main\n", "1: a group is written as [name]" },
  { "[server]\nport 443\n", "2: a setting is written as key = value" },
  { "[server]\n= 443\n", "2: a setting is written as key = value" },
  { "[server]\nname = \xff\n", "2: this line is not UTF-8 text" },
  { "[tunnel]\nbanner = a\x1b[31mb\n", "2: this line has a control character in it" },
  { "[server]\nport = 443 # ours\n",
    "2: [server] port: '443 # ours' is not a number; write a number from 1 to 65535" },
  /* a name that follows the address */
  { "[dynamic-dns]\nmode = on\n",
    "2: [dynamic-dns] mode: 'on' is none of the choices; write off, dyndns2, url or "
    "rfc2136" },
  { "[dynamic-dns]\nmode = dyndns2\nhost = home.test\nuser = anna\n",
    "2: [dynamic-dns] mode: the address of the provider does not begin with https://; set url as "
    "in "
    "https://members.example.net, or write off" },
  { "[dynamic-dns]\nmode = url\nurl = http://example.net/\n",
    "2: [dynamic-dns] mode: the address of the provider does not begin with https://; set url as "
    "in "
    "https://example.net/?name={name}&ip={ip}, or write off" },
  { "[dynamic-dns]\nmode = url\nurl = https://{name}.example.net/\n",
    "2: [dynamic-dns] mode: the address of the provider has no host where it should be; set url as "
    "in https://example.net/?name={name}&ip={ip}, or write off" },
  { "[dynamic-dns]\nmode = url\nurl = https://example.net/{name}\n",
    "2: [dynamic-dns] mode: there is no name that could lead here; set host to one, or write off" },
  { "[dynamic-dns]\nmode = dyndns2\nurl = https://example.net\nhost = home.test\n",
    "2: [dynamic-dns] mode: dyndns2 needs the name of an account; set user to it, or write off" },
  { "[dynamic-dns]\nuser = an:na\n",
    "2: [dynamic-dns] user: no account has a colon in it; write it without" },
  { "[dynamic-dns]\naddress-check-url = ftp://example.net/\n",
    "2: [dynamic-dns] address-check-url: it does not begin with https:// or http://; write "
    "nothing, "
    "or as in https://checkip.example.net/" },
  { "[dynamic-dns]\nmode = rfc2136\nhost = home.test\n[dns-update]\nserver = ns.test\nkey = k\n",
    "2: [dynamic-dns] mode: rfc2136 needs a name server and a key; set server, zone and key of "
    "[dns-update], or write off" },
  { "[dynamic-dns]\nmode = rfc2136\nhost = myhome.test\n[dns-update]\nserver = ns.test\nkey = k\n"
    "zone = home.test\n",
    "2: [dynamic-dns] mode: myhome.test is not in the zone home.test; set host, or zone of "
    "[dns-update]" },
  { "[dns-update]\nserver = ns.test/a\n",
    "2: [dns-update] server: it is neither a name nor an address; write nothing, or as in "
    "ns1.example.net or 192.0.2.53:5353" },
  { "[dns-update]\nserver = 192.0.2.53:port\n",
    "2: [dns-update] server: it is neither a name nor an address; write nothing, or as in "
    "ns1.example.net or 192.0.2.53:5353" },
  { "[dns-update]\nkey = our..key\n",
    "2: [dns-update] key: no key is called so; write letters, digits, dots, - and _" },
  { "[dns-update]\nkey = our key\n",
    "2: [dns-update] key: no key is called so; write letters, digits, dots, - and _" },
  /* a certificate that everybody trusts */
  { "[server]\nname = vpn.home.test\n[acme]\ndirectory = https://a.test/\nproof = dns-01\n",
    "5: [acme] proof: dns-01 needs a name server and a key; set server, zone and key of "
    "[dns-update], or write auto" },
  { "[server]\nname = vpn.home.test\n[acme]\ndirectory = https://a.test/\nproof = dns-01\n"
    "names = a.test\n[dns-update]\nserver = ns.test\nzone = home.test\nkey = k\n",
    "5: [acme] proof: a.test is not in the zone home.test; set zone of [dns-update], or write "
    "auto" },
  { "[server]\nname = vpn.test\n[acme]\ndirectory = http://example.net/\n",
    "4: [acme] directory: it does not begin with https://; write nothing, or as in "
    "https://acme.example.net/directory" },
  { "[acme]\ndirectory = https://example.net/\n",
    "2: [acme] directory: there is no name to certify; set name of [server] to one, or write "
    "nothing" },
  { "[server]\nname = 192.0.2.1\n[acme]\ndirectory = https://example.net/\n",
    "4: [acme] directory: there is no name to certify; set name of [server] to one, or write "
    "nothing" },
  { "[server]\nname = vpn.test\n[security]\nname-gate = label\n[acme]\n"
    "directory = https://example.net/\n",
    "6: [acme] directory: an authority does not certify the labels that name-gate of [security] "
    "asks for; set that to another word, or write nothing" },
  { "[acme]\ncontact = nobody\n",
    "2: [acme] contact: that is no address of mail; write one, as in admin@example.net, or "
    "nothing" },
  { "[acme]\ncontact = a\"b@example.net\n",
    "2: [acme] contact: that is no address of mail; write one, as in admin@example.net, or "
    "nothing" },
  { "[acme]\nproof = dns\n",
    "2: [acme] proof: 'dns' is none of the choices; write auto, tls-alpn-01, dns-01, "
    "http-01 or hook" },
  { "[server]\nname = vpn.home.test\n[acme]\ndirectory = https://a.test/\nproof = hook\n",
    "5: [acme] proof: there is no program for that; set hook to one, or write auto" },
  { "[acme]\nhook = dns-hook\n",
    "2: [acme] hook: a program is written from the root on, as /etc/sallyport/dns-hook" },
  { "[acme]\ndns-wait = 121\n",
    "2: [acme] dns-wait: '121' is out of range; write a number from 0 to 120" },
  { "[acme]\nauthorities = roots.pem\n",
    "2: [acme] authorities: a file is written from the root on, as /etc/ssl/our-house.pem" },
  /* the gate */
  { "[security]\nname-gate = on\n",
    "2: [security] name-gate: 'on' is none of the choices; write off, name or label" },
  { "[security]\nname-gate = name\n",
    "2: [security] name-gate: the server has no name that devices could call it by; set name of "
    "[server] to one, or write off" },
  { "[server]\nname = 192.0.2.1\n[security]\nname-gate = label\n",
    "4: [security] name-gate: the server has no name that devices could call it by; set name of "
    "[server] to one, or write off" },
  /* names */
  { "[sever]\n", "1: [sever]: there is no such group; is [server] meant?" },
  { "[Server]\n", "1: [Server]: there is no such group; is [server] meant?" },
  { "[database]\n", "1: [database]: there is no such group; see sallyport.conf(5)" },
  { "[server]\nprot = 1\n", "2: [server] prot: there is no such setting; is port meant?" },
  { "[server]\nudp port = 1\n",
    "2: [server] udp port: there is no such setting; is udp-port meant?" },
  { "[network]\nmasqerade = yes\n",
    "2: [network] masqerade: there is no such setting; is masquerade meant?" },
  { "[server]\n\n# comment\nmtu = 1400\n",
    "4: [server] mtu: there is no such setting; it belongs to [tunnel]" },
  { "[log]\ncolour = red\n", "2: [log] colour: there is no such setting; see sallyport.conf(5)" },
  { "[server]\nport = 1\n[log]\n[server]\nport = 2\n",
    "5: [server] port: is set in line 2 already" },
  /* numbers */
  { "[server]\nport = 0\n",
    "2: [server] port: '0' is out of range; write a number from 1 to 65535" },
  { "[server]\nport = 65536\n",
    "2: [server] port: '65536' is out of range; write a number from 1 to 65535" },
  { "[server]\nport = 99999999999999999999999\n",
    "2: [server] port: '99999999999999999999999' is out of range; write a number from 1 to 65535" },
  { "[server]\nport = -1\n",
    "2: [server] port: '-1' is not a number; write a number from 1 to 65535" },
  { "[server]\nport = 0x1bb\n",
    "2: [server] port: '0x1bb' is not a number; write a number from 1 to 65535" },
  { "[server]\nport =\n", "2: [server] port: '' is not a number; write a number from 1 to 65535" },
  { "[server]\nport = off\n",
    "2: [server] port: 'off' is not a number; write a number from 1 to 65535" },
  { "[server]\nudp-port = 0\n", "2: [server] udp-port: '0' is out of range; write a number from 1 "
                                "to 65535, or same, or off" },
  { "[tunnel]\nmtu = 500\n",
    "2: [tunnel] mtu: '500' is out of range; write a number from 800 to 16384, or auto" },
  /* switches and choices */
  { "[network]\nmasquerade = true\n",
    "2: [network] masquerade: 'true' is neither yes nor no; write yes or no" },
  { "[network]\nipv6 = on\n",
    "2: [network] ipv6: 'on' is none of the choices; write nat, routed, refused or off" },
  { "[tunnel]\nlegacy-dtls = yes\n",
    "2: [tunnel] legacy-dtls: 'yes' is none of the choices; write all, dtls12 or off" },
  { "[tunnel]\ncompression = yes\n",
    "2: [tunnel] compression: 'yes' is none of the choices; write off, lz4, lzs or any" },
  { "[security]\ntls = 1.1\n",
    "2: [security] tls: '1.1' is none of the choices; write 1.3 or 1.2" },
  { "[log]\nlevel = all\n", "2: [log] level: 'all' is none of the choices; write error, warning, "
                            "notice or debug" },
  /* texts */
  { "[server]\nname = home_server\n", "2: [server] name: 'home_server' is not a host name; write a "
                                      "name such as home.example.net, or an address" },
  { "[server]\nname = a..b\n", "2: [server] name: 'a..b' is not a host name; write a name such as "
                               "home.example.net, or an address" },
  { "[server]\nname = -a.net\n", "2: [server] name: '-a.net' is not a host name; write a name such "
                                 "as home.example.net, or an address" },
  /* lists */
  { "[network]\ndns = foo\n", "2: [network] dns: 'foo' is not an address; write up to 3 addresses "
                              "separated by commas, or auto, or none" },
  { "[network]\ndns = 192.0.2.1, auto\n",
    "2: [network] dns: 'auto' is not an address; write up to 3 addresses separated by commas, or "
    "auto, or none" },
  { "[network]\ndns = 192.0.2.1,,192.0.2.2\n",
    "2: [network] dns: '192.0.2.1,,192.0.2.2' has nothing in a place of the list; write up to 3 "
    "addresses separated by commas, or auto, or none" },
  { "[network]\ndns =\n", "2: [network] dns: '' has nothing in a place of the list; write up to 3 "
                          "addresses separated by commas, or auto, or none" },
  { "[network]\ndns = 192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4\n",
    "2: [network] dns: '192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4' is too long a list; write up to 3 "
    "addresses separated by commas, or auto, or none" },
  { "[network]\ndomains = lan, a b\n", "2: [network] domains: 'a b' is not a domain; write up to "
                                       "16 domains separated by commas, or auto, or none" },
  /* places */
  { "[server]\nalso-listen = 8443\n",
    "2: [server] also-listen: '8443' is not an address with a port; write up to 7 places such as "
    "192.0.2.1:8443, [2001:db8::1]:8443 or *:8443 separated by commas, or none" },
  { "[server]\nalso-listen = *:8443, 2001:db8::1:8443\n",
    "2: [server] also-listen: '2001:db8::1:8443' is not an address with a port; write up to 7 "
    "places such as 192.0.2.1:8443, [2001:db8::1]:8443 or *:8443 separated by commas, or none" },
  { "[server]\nalso-listen = [192.0.2.1]:8443\n",
    "2: [server] also-listen: '[192.0.2.1]:8443' is not an address with a port; write up to 7 "
    "places such as 192.0.2.1:8443, [2001:db8::1]:8443 or *:8443 separated by commas, or none" },
  { "[server]\nalso-listen = 192.0.2.1:0\n",
    "2: [server] also-listen: '192.0.2.1:0' is not an address with a port; write up to 7 places "
    "such as 192.0.2.1:8443, [2001:db8::1]:8443 or *:8443 separated by commas, or none" },
  { "[server]\nalso-listen = 192.0.2.1:443\n",
    "2: [server] also-listen: the server answers at 192.0.2.1:443 already, by port, udp-port or "
    "another place of the list; leave it out" },
  { "[server]\nlisten-addresses = 192.0.2.1\nalso-listen = 192.0.2.2:443, *:443\n",
    "3: [server] also-listen: the server answers at [::]:443 already, by port, udp-port or "
    "another place of the list; leave it out" },
  { "[server]\nudp-port = 4443\nalso-listen = [2001:db8::1]:4443\n",
    "3: [server] also-listen: the server answers at [2001:db8::1]:4443 already, by port, udp-port "
    "or another place of the list; leave it out" },
  { "[server]\nalso-listen = 192.0.2.1:8443, 192.0.2.1:8443\n",
    "2: [server] also-listen: the server answers at 192.0.2.1:8443 already, by port, udp-port or "
    "another place of the list; leave it out" },
  { "[server]\nlisten-device = eth0/1\n",
    "2: [server] listen-device: that is not the name of a network device; write one that “ip "
    "link” lists" },
  { "[server]\nlisten-device = a-very-long-name\n",
    "2: [server] listen-device: 'a-very-long-name' is too long; write at most 15 bytes of text" },
  { "[log]\nmetrics = 192.0.2.1:9464\n",
    "2: [log] metrics: 192.0.2.1:9464 can be reached from other computers; write 127.0.0.1 or "
    "[::1] and a port" },
  { "[log]\nmetrics = 127.0.0.1:9464, *:9465\n",
    "2: [log] metrics: [::]:9465 can be reached from other computers; write 127.0.0.1 or [::1] and "
    "a port" },
  { "[log]\nmetrics = yes\n",
    "2: [log] metrics: 'yes' is not an address with a port; write up to 2 places such as "
    "192.0.2.1:8443, [2001:db8::1]:8443 or *:8443 separated by commas, or off" },
  /* networks */
  { "[network]\nroutes = 192.168.1.5/24\n",
    "2: [network] routes: '192.168.1.5/24' is an address in the network 192.168.1.0/24; write up "
    "to 62 networks such as 192.168.1.0/24 separated by commas, or home, or all" },
  { "[network]\nroutes = 192.168.1.0\n",
    "2: [network] routes: '192.168.1.0' is not a network; write up to 62 networks such as "
    "192.168.1.0/24 separated by commas, or home, or all" },
  { "[network]\nroutes = home, 10.0.0.0/8\n",
    "2: [network] routes: 'home' is not a network; write up to 62 networks such as 192.168.1.0/24 "
    "separated by commas, or home, or all" },
  { "[network]\nipv4-range = 10.0.0.0/30\n",
    "2: [network] ipv4-range: '10.0.0.0/30' is too small; write an IPv4 network such as "
    "10.10.0.0/24, or auto" },
  { "[network]\nipv4-range = 10.0.0.0/15\n",
    "2: [network] ipv4-range: '10.0.0.0/15' is too large; write an IPv4 network such as "
    "10.10.0.0/24, or auto" },
  { "[network]\nipv4-range = 127.0.0.0/24\n",
    "2: [network] ipv4-range: '127.0.0.0/24' has addresses in it that no device can have; write an "
    "IPv4 network such as 10.10.0.0/24, or auto" },
  { "[network]\nipv4-range = fd00::/64\n",
    "2: [network] ipv4-range: 'fd00::/64' is of the other address family; write an IPv4 network "
    "such as 10.10.0.0/24, or auto" },
  { "[network]\nipv6-range = 10.0.0.0/24\n",
    "2: [network] ipv6-range: '10.0.0.0/24' is of the other address family; write an IPv6 network "
    "such as fd12:3456:789a::/64, or auto" },
  { "[network]\nipv6-range = fe80::/64\n",
    "2: [network] ipv6-range: 'fe80::/64' has addresses in it that no device can have; write an "
    "IPv6 network such as fd12:3456:789a::/64, or auto" },
  { "[network]\nipv4-range = 10.0.0.0/24, 10.0.1.0/24\n",
    "2: [network] ipv4-range: '10.0.0.0/24, 10.0.1.0/24' is more than one; write an IPv4 network "
    "such as 10.10.0.0/24, or auto" },
  /* what cannot go together */
  { "[tunnel]\nmtu = 1000\n",
    "2: [tunnel] mtu: 1000 is too small for IPv6; write at least 1280, or ipv6 = off" },
  { "[tunnel]\nsession-timeout = 3600\nidle-timeout = 7200\n",
    "3: [tunnel] idle-timeout: 7200 is longer than session-timeout, so it would never matter; "
    "write at most 3600, or never" },
  { "[tunnel]\nsession-timeout = 3600\nmobile-idle-timeout = 7200\n",
    "3: [tunnel] mobile-idle-timeout: 7200 is longer than session-timeout, so it would never "
    "matter; write at most 3600, or never" },
  { "[tunnel]\nmobile-dpd = 5\n",
    "2: [tunnel] mobile-dpd: '5' is out of range; write a number from 10 to 86400, or same, or "
    "off" },
  { "[tunnel]\nmobile-idle-timeout = off\n",
    "2: [tunnel] mobile-idle-timeout: 'off' is not a number; write a number from 60 to 2592000, or "
    "same, or never" },
  { "[tunnel]\nsessions-per-user = 0\n",
    "2: [tunnel] sessions-per-user: '0' is out of range; write a number from 1 to 2000, or off" },
  { "[tunnel]\nroaming = maybe\n",
    "2: [tunnel] roaming: 'maybe' is neither yes nor no; write yes or no" },
  { "[backup]\nfolder = backups\n",
    "2: [backup] folder: a folder is written from the root on, as /mnt/backups" },
  { "[network]\nexcluded-routes = 192.168.0.0/16, 10.0.0.0/8\nipv4-range = 10.7.0.0/24\n",
    "2: [network] excluded-routes: 10.0.0.0/8 overlaps with ipv4-range, where devices have their "
    "addresses; write networks outside it" },
};

static void
test_bad_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SpSettings) settings = parse (bad_files[i].text, &error);
      g_autofree char *expected = g_strconcat ("sallyport.conf:", bad_files[i].message, NULL);

      g_assert_null (settings);
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* What an outsider wrote is quoted shortened, and at a character's end. */
static void
test_long_texts (void)
{
  static const struct
  {
    const char *before;
    const char *piece;
    const char *after;
    const char *expected;
  } rows[] = {
    { "[", "ä", "]\n", "1: [%s…]: there is no such group; see sallyport.conf(5)" },
    { "[log]\n", "ä", " = 1\n", "2: [log] %s…: there is no such setting; see sallyport.conf(5)" },
    { "[server]\nname = ", "ä", "\n",
      "2: [server] name: '%s…' is too long; write a name such as home.example.net, or an address" },
    { "[tunnel]\nbanner = ", "ä", "\n",
      "2: [tunnel] banner: '%s…' is too long; write at most 255 bytes of text" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (rows[i].before);
      g_autoptr (GString) expected = g_string_new ("sallyport.conf:");
      g_autoptr (GString) quoted = g_string_new (NULL);

      for (guint j = 0; j < 150; j++)
        g_string_append (j < 60 ? quoted : text, rows[i].piece);
      g_string_append (text, quoted->str);
      g_string_append (text, rows[i].after);
      g_string_append (expected, rows[i].expected);
      g_string_replace (expected, "%s", quoted->str, 1);
      g_assert_null (parse (text->str, &error));
      g_assert_cmpstr (error->message, ==, expected->str);
    }
}

static void
test_defaults (void)
{
  g_autoptr (SpSettings) settings = sp_settings_new_default ();

  g_assert_cmpuint (settings->port, ==, 443);
  g_assert_cmpuint (settings->udp_port, ==, 443);
  g_assert_cmpint (settings->listen_addresses.word, ==, SP_WORD_ALL);
  g_assert_cmpuint (settings->listen_addresses.n, ==, 0);
  g_assert_cmpint (settings->also_listen.word, ==, SP_WORD_NONE);
  g_assert_cmpuint (settings->also_listen.n, ==, 0);
  g_assert_cmpstr (settings->listen_device, ==, "");
  g_assert_cmpstr (settings->name, ==, "");
  g_assert_cmpint (settings->ipv4_range.word, ==, SP_WORD_AUTO);
  g_assert_cmpint (settings->ipv6, ==, SP_WORD_NAT);
  g_assert_cmpint (settings->routes.word, ==, SP_WORD_HOME);
  g_assert_cmpint (settings->excluded_routes.word, ==, SP_WORD_NONE);
  g_assert_true (settings->masquerade);
  g_assert_false (settings->clients_see_each_other);
  g_assert_cmpuint (settings->mtu, ==, 0);
  g_assert_cmpuint (settings->dpd, ==, 90);
  g_assert_cmpuint (settings->keepalive, ==, 32400);
  g_assert_cmpuint (settings->rekey, ==, 172800);
  g_assert_cmpuint (settings->idle_timeout, ==, 0);
  g_assert_cmpuint (settings->mobile_dpd, ==, 1800);
  g_assert_cmpuint (settings->mobile_idle_timeout, ==, 0);
  g_assert_cmpuint (settings->cookie_timeout, ==, 300);
  g_assert_true (settings->roaming);
  g_assert_cmpuint (settings->sessions_per_user, ==, 10);
  g_assert_cmpint (settings->compression, ==, SP_WORD_OFF);
  g_assert_cmpint (sp_settings_get_log_level (settings), ==, SP_LOG_NOTICE);
}

static void
test_phones_are_like_others (void)
{
  static const char text[] = "[tunnel]\ndpd = 30\nmobile-dpd = same\nidle-timeout = 600\n";
  g_autoptr (SpSettings) settings = sp_settings_parse ("test", text, strlen (text), NULL);

  g_assert_nonnull (settings);
  g_assert_cmpuint (settings->mobile_dpd, ==, 30);
  g_assert_cmpuint (settings->mobile_idle_timeout, ==, 600);
}

static void
test_values (void)
{
  static const char text[] = "# ours\r\n"
                             "[server]\r\n"
                             "  port=4443\r\n"
                             "listen-addresses = 192.0.2.1 ,2001:db8::1\r\n"
                             "also-listen = 192.0.2.2:443 , [2001:db8::2]:8443,*:993\r\n"
                             "listen-device = eth0\r\n"
                             "name = home.example.net\r\n"
                             "\r\n"
                             "[network]\n"
                             "ipv4-range = 10.7.0.0/24\n"
                             "ipv6 = off\n"
                             "routes = 192.168.1.0/24, fd00::/8\n"
                             "dns = none\n"
                             "domains = lan,home.arpa\n"
                             "masquerade = no\n"
                             "[tunnel]\n"
                             "mtu = 1000\n"
                             "dpd = off\n"
                             "compression = lzs\n"
                             "banner = a = b # c\n"
                             "[server]\n"
                             "udp-port = off\n"
                             "[log]\n"
                             "level = debug"; /* no line end */
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings = parse (text, &error);
  char address[SP_ENDPOINT_TEXT_MAX];

  g_assert_no_error (error);
  g_assert_cmpuint (settings->port, ==, 4443);
  g_assert_cmpuint (settings->udp_port, ==, 0);
  g_assert_cmpuint (settings->listen_addresses.n, ==, 2);
  sp_address_to_text (settings->listen_addresses.items[1], address);
  g_assert_cmpstr (address, ==, "2001:db8::1");
  g_assert_cmpuint (settings->also_listen.n, ==, 3);
  sp_endpoint_to_text (&settings->also_listen.items[1], address);
  g_assert_cmpstr (address, ==, "[2001:db8::2]:8443");
  g_assert_true (sp_address_is_unset (settings->also_listen.items[2].address));
  g_assert_cmpuint (settings->also_listen.items[2].port, ==, 993);
  g_assert_cmpstr (settings->listen_device, ==, "eth0");
  g_assert_cmpstr (settings->name, ==, "home.example.net");
  g_assert_cmpint (settings->ipv4_range.word, ==, SP_WORD_ABSENT);
  g_assert_cmpuint (settings->ipv4_range.n, ==, 1);
  g_assert_cmpint (settings->ipv6, ==, SP_WORD_OFF);
  g_assert_cmpuint (settings->routes.n, ==, 2);
  sp_network_to_text (&settings->routes.items[1], address);
  g_assert_cmpstr (address, ==, "fd00::/8");
  g_assert_cmpint (settings->dns.word, ==, SP_WORD_NONE);
  g_assert_cmpuint (settings->domains.n, ==, 2);
  g_assert_cmpstr (settings->domains.items[1], ==, "home.arpa");
  g_assert_false (settings->masquerade);
  g_assert_cmpuint (settings->mtu, ==, 1000);
  g_assert_cmpuint (settings->dpd, ==, 0);
  g_assert_cmpint (settings->compression, ==, SP_WORD_LZS);
  g_assert_cmpstr (settings->banner, ==, "a = b # c");
  g_assert_cmpint (sp_settings_get_log_level (settings), ==, SP_LOG_DEBUG);
}

static void
test_same_port (void)
{
  g_autoptr (SpSettings) settings = parse ("[server]\nport = 8443\n", NULL);

  g_assert_cmpuint (settings->udp_port, ==, 8443);
}

/* The default file parses as it is, and with every setting uncommented, to the same settings. */
static void
test_default_file (void)
{
  g_autofree char *file = sp_setting_write_file ();
  g_autoptr (GString) uncommented = g_string_new (file);
  g_autoptr (SpSettings) standard = sp_settings_new_default ();

  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      g_autofree char *commented = g_strdup_printf ("\n#%s =", sp_setting_rows[i].key);
      g_autofree char *plain = g_strdup_printf ("\n%s =", sp_setting_rows[i].key);

      g_assert_cmpuint (g_string_replace (uncommented, commented, plain, 0), ==, 1);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SpSettings) settings = parse (i == 0 ? file : uncommented->str, &error);
      g_auto (GStrv) changes = NULL;

      g_assert_no_error (error);
      changes = sp_settings_list_changes (standard, settings);
      g_assert_cmpuint (g_strv_length (changes), ==, 0);
    }
}

static void
test_manual (void)
{
  g_autofree char *manual = sp_setting_write_manual ();
  g_auto (GStrv) lines = g_strsplit (manual, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_false (g_str_has_prefix (lines[i], "'")); /* roff would take it for a request */
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      g_auto (GStrv) parts = g_strsplit (sp_setting_rows[i].key, "-", -1);
      g_autofree char *key = g_strjoinv ("\\-", parts);
      g_autofree char *heading = g_strdup_printf (".B %s\n", key);

      g_assert_nonnull (strstr (manual, heading));
    }
}

/* Every row: its default is legal, its sentences end, its names are as short as the search for
 * similar ones assumes. */
static void
test_rows (void)
{
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];

      g_test_message ("[%s] %s", row->group, row->key);
      g_assert_cmpuint (strlen (row->key), <=, 40);
      g_assert_cmpuint (strlen (row->group), <=, 40);
      g_assert_true (g_str_has_suffix (row->text, "."));
      g_assert_true (row->minimum <= row->maximum);
      g_assert_cmpstr (sp_setting_nearest_key (row->group, row->key), ==, row->key);
      for (guint j = 0; j < i; j++)
        g_assert_false (strcmp (row->group, sp_setting_rows[j].group) == 0 &&
                        strcmp (row->key, sp_setting_rows[j].key) == 0);
    }
}

static void
test_changes (void)
{
  g_autoptr (SpSettings) before = parse ("[network]\ndns = 192.0.2.1\ndomains = a\n", NULL);
  g_autoptr (SpSettings) after = parse ("[network]\ndns = 192.0.2.2\ndomains = b\n"
                                        "routes = 10.0.0.0/8\nipv4-range = 10.9.0.0/24\n"
                                        "[server]\nname = x\nport = 444\n",
                                        NULL);
  g_auto (GStrv) all = sp_settings_list_changes (before, after);
  g_auto (GStrv) nothing = sp_settings_list_changes (after, after);
  g_autofree char *all_text = g_strjoinv (", ", all);

  /* the UDP port follows the other one */
  g_assert_cmpstr (all_text, ==,
                   "[server] port, [server] udp-port, [server] name, [network] ipv4-range, "
                   "[network] routes, [network] dns, [network] domains");
  g_assert_cmpuint (g_strv_length (nothing), ==, 0);
}

static void
test_references (void)
{
  SpSettings *settings = sp_settings_new_default ();

  g_assert_true (sp_settings_ref (settings) == settings);
  sp_settings_unref (settings);
  g_assert_cmpuint (settings->port, ==, 443);
  sp_settings_unref (settings);
  sp_settings_unref (NULL);
}

typedef struct
{
  char *folder;
  char *path;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("sallyport-settings-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "sallyport.conf", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  (void) g_unlink (place->path);
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->path);
  g_free (place->folder);
}

static void
test_load (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) missing = sp_settings_load (place->path, &error);
  g_autoptr (SpSettings) settings = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (missing->port, ==, 443);
  g_assert_true (g_file_set_contents (place->path, "[server]\nport = 1\n", -1, NULL));
  settings = sp_settings_load (place->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (settings->port, ==, 1);
}

static void
test_load_too_large (Place *place, gconstpointer data)
{
  g_autofree char *text = g_strnfill (SP_SETTINGS_FILE_MAX + 1, '#');
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings = NULL;

  g_assert_true (g_file_set_contents (place->path, text, SP_SETTINGS_FILE_MAX, NULL));
  settings = sp_settings_load (place->path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (place->path, text, SP_SETTINGS_FILE_MAX + 1, NULL));
  g_assert_null (sp_settings_load (place->path, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_assert_cmpstr (error->message, ==, "sallyport.conf: is larger than 256 KiB");
}

static void
test_load_pipe (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strdup_printf ("%s: is not a file", place->path);

  g_assert_cmpint (mkfifo (place->path, 0600), ==, 0);
  g_assert_null (sp_settings_load (place->path, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_assert_cmpstr (error->message, ==, expected);
}

/* Not every build can do it: then it is refused where it stands. */
static void
test_pam (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings = parse ("[security]\nsign-in = pam\n", &error);

  if (sp_pam_is_built ())
    {
      g_assert_no_error (error);
      g_assert_cmpint (settings->sign_in, ==, SP_WORD_PAM);
      return;
    }
  g_assert_null (settings);
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_assert_cmpstr (error->message, ==,
                   "sallyport.conf:2: [security] sign-in: this server was built without PAM; "
                   "write another word");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/bad-files", test_bad_files);
  g_test_add_func ("/settings/pam", test_pam);
  g_test_add_func ("/settings/long-texts", test_long_texts);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/phones-are-like-others", test_phones_are_like_others);
  g_test_add_func ("/settings/same-port", test_same_port);
  g_test_add_func ("/settings/default-file", test_default_file);
  g_test_add_func ("/settings/manual", test_manual);
  g_test_add_func ("/settings/rows", test_rows);
  g_test_add_func ("/settings/changes", test_changes);
  g_test_add_func ("/settings/references", test_references);
#define ADD(name, function) g_test_add (name, Place, NULL, set_up, function, tear_down)
  ADD ("/settings/load", test_load);
  ADD ("/settings/load-too-large", test_load_too_large);
  ADD ("/settings/load-pipe", test_load_pipe);
  return g_test_run ();
}
