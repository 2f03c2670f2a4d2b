/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-network.h"

#include "base/error.h"
#include "user-value.h"

#include <string.h>

static const struct
{
  const char *text;
  const char *network; /* NULL: is refused */
  guint8 protocol;
  guint16 first, last;
} hosts[] = {
  { "192.168.1.20", "192.168.1.20/32", 0, 0, 65535 },
  { "192.168.1.0/24", "192.168.1.0/24", 0, 0, 65535 },
  { "192.168.1.0/24 tcp 443", "192.168.1.0/24", 6, 443, 443 },
  { "192.168.1.20 udp", "192.168.1.20/32", 17, 0, 65535 },
  { "[2001:db8::1] udp 53", "2001:db8::1/128", 17, 53, 53 },
  { "2001:db8::1 tcp 1-65535", "2001:db8::1/128", 6, 1, 65535 },
  { "[2001:db8::/64] tcp 80-81", "2001:db8::/64", 6, 80, 81 },
  { "0.0.0.0/0 tcp 22", "0.0.0.0/0", 6, 22, 22 },
  { "", NULL, 0, 0, 0 },
  { "home", NULL, 0, 0, 0 },
  { "0.0.0.0.0", NULL, 0, 0, 0 },
  { "::", NULL, 0, 0, 0 },
  { "192.168.1.1/24", NULL, 0, 0, 0 },
  { "192.168.1.0/33", NULL, 0, 0, 0 },
  { "[192.168.1.1]", NULL, 0, 0, 0 },
  { "[2001:db8::1", NULL, 0, 0, 0 },
  { "[2001:db8::1]/64", NULL, 0, 0, 0 },
  { "192.168.1.20:443", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 0", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 65536", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 443-80", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 80-", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 1-2-3", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp +80", NULL, 0, 0, 0 },
  { "192.168.1.20 icmp", NULL, 0, 0, 0 },
  { "192.168.1.20 443", NULL, 0, 0, 0 },
  { "192.168.1.20  tcp", NULL, 0, 0, 0 },
  { "192.168.1.20 tcp 80 ", NULL, 0, 0, 0 },
  { " 192.168.1.20", NULL, 0, 0, 0 },
};

static void
test_hosts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      SpFirewallHost host;
      char text[SP_ENDPOINT_TEXT_MAX];

      if (sp_user_read_host (hosts[i].text, &host) != (hosts[i].network != NULL))
        g_error ("%s: unexpected", hosts[i].text);
      if (hosts[i].network == NULL)
        continue;
      sp_network_to_text (&host.network, text);
      g_assert_cmpstr (text, ==, hosts[i].network);
      g_assert_cmpuint (host.protocol, ==, hosts[i].protocol);
      g_assert_cmpuint (host.first_port, ==, hosts[i].first);
      g_assert_cmpuint (host.last_port, ==, hosts[i].last);
    }
}

/* {key, value, words of the error; NULL: is taken} */
static const struct
{
  SpUserValue which;
  const char *value;
  const char *error;
} values[] = {
  { SP_USER_RATE_UP, "@t 0", NULL },
  { SP_USER_RATE_UP, "@t 64000", NULL },
  { SP_USER_RATE_UP, "@t 63999", "“RateUp” must be 0 (no limit) or at least 64000" },
  { SP_USER_RATE_DOWN, "@t 1000000000001", "“RateDown” must be a number from 0 to 1000000000000" },
  { SP_USER_REACH, "''", NULL },
  { SP_USER_REACH, "'internet'", NULL },
  { SP_USER_REACH, "'moon'", "“Reach” must be “all”" },
  { SP_USER_SEES_OTHER_DEVICES, "'no'", NULL },
  { SP_USER_SEES_OTHER_DEVICES, "'nah'", "“SeesOtherDevices” must be “yes”" },
  { SP_USER_ROUTES, "['home']", NULL },
  { SP_USER_ROUTES, "['10.0.0.0/8', '[2001:db8::]', 'fd00::/8']", NULL },
  { SP_USER_ROUTES, "['home', '10.0.0.0/8']", "“Routes” must be “home”, “all”, or networks" },
  { SP_USER_ROUTES, "['none']", "“Routes” must be" },
  { SP_USER_ROUTES, "['10.0.0.1/8']", "“Routes” must be" },
  { SP_USER_EXCLUDED_ROUTES, "['none']", NULL },
  { SP_USER_EXCLUDED_ROUTES, "['all']", "“ExcludedRoutes” must be “none”, or networks" },
  { SP_USER_DNS, "['auto']", NULL },
  { SP_USER_DNS, "['192.0.2.1', '2001:db8::1']", NULL },
  { SP_USER_DNS, "['::']", "“Dns” must be “auto”, “none”, or addresses" },
  { SP_USER_DNS, "['192.0.2.0/24']", "“Dns” must be" },
  { SP_USER_DNS, "['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4']", "“Dns” must have 0 to 3 entries" },
  { SP_USER_DOMAINS, "['home.example', 'lan']", NULL },
  { SP_USER_DOMAINS, "['home example']", "“Domains” must be “auto”, “none”, or domains" },
  { SP_USER_SPLIT_DNS, "['none']", NULL },
  { SP_USER_SPLIT_DNS, "['auto.', '-']", "“SplitDns” must be “none”, or domains" },
  { SP_USER_FIXED_ADDRESSES, "['10.1.0.2', 'fd00::2']", NULL },
  { SP_USER_FIXED_ADDRESSES, "['10.1.0.2', '10.1.0.3']", "“FixedAddresses” must have at most one" },
  { SP_USER_FIXED_ADDRESSES, "['10.1.0.2/32']", "“FixedAddresses” must have at most one" },
  { SP_USER_NETWORKS_BEHIND, "['192.168.70.0/24', 'fd70::/64']", NULL },
  { SP_USER_NETWORKS_BEHIND, "['192.168.70.0/24', '::/0']", "“NetworksBehind”: entry 2 must be" },
  { SP_USER_REACH_HOSTS, "['10.0.0.1', '10.0.0.0/8 tcp']", NULL },
  { SP_USER_REACH_HOSTS, "['10.0.0.1', '10.0.0.0/8 ftp']", "“ReachHosts”: entry 2 must be like" },
};

static void
test_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      const SpBusKey *key = &sp_user_value_keys[values[i].which];
      GVariantDict dictionary;
      g_autoptr (GVariant) changes = NULL;
      g_autoptr (GError) error = NULL;
      gboolean good;

      g_variant_dict_init (&dictionary, NULL);
      g_variant_dict_insert_value (&dictionary, key->name,
                                   g_variant_parse (NULL, values[i].value, NULL, NULL, NULL));
      changes = g_variant_ref_sink (g_variant_dict_end (&dictionary));
      good = sp_bus_options_check (changes, sp_user_value_keys, SP_USER_N_VALUES, &error);
      g_assert_cmpint (good, ==, values[i].error == NULL);
      if (!good && strstr (error->message, values[i].error) == NULL)
        g_error ("%s: %s", values[i].value, error->message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-network/hosts", test_hosts);
  g_test_add_func ("/user-network/values", test_values);
  return g_test_run ();
}
