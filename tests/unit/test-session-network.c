/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "base/error.h"
#include "network-ranges.h"
#include "platform/fake.h"

#include <string.h>

/* What the network does for sessions, as their user's values say. */

static void
set_value (Fixture *self, SpUser *user, SpUserValue which, const char *text)
{
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  sp_user_values_set (&record->values, which, g_variant_parse (NULL, text, NULL, NULL, NULL));
  sp_user_change (user, record);
  g_signal_emit_by_name (self->users, "changed", user);
}

static void
test_network_follows_the_user (Fixture *self, gconstpointer data)
{
  SpConnection *connection = open_session (self, 1, anna);
  SpConnection *other = open_session (self, 2, bert);
  SpTun *tun = estate_of (self, connection)->tun;
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);
  const SpFirewallSession *seen = sp_fake_firewall_find (sp_tun_get_name (tun));

  g_assert_cmpint (seen->reach, ==, SP_REACH_HOME);
  g_assert_cmpuint (seen->n_name_servers, ==, 1);
  g_assert_null (sp_fake_shaper_find (sp_tun_get_index (tun)));
  set_value (self, user, SP_USER_RATE_DOWN, "@t 64000");
  set_value (self, user, SP_USER_REACH, "'hosts'");
  set_value (self, user, SP_USER_REACH_HOSTS, "['192.168.77.9 tcp 80', 'fd00::/64']");
  set_value (self, user, SP_USER_SEES_OTHER_DEVICES, "'yes'");
  seen = sp_fake_firewall_find (sp_tun_get_name (tun));
  g_assert_cmpint (seen->reach, ==, SP_REACH_HOSTS);
  g_assert_cmpuint (seen->n_hosts, ==, 2);
  g_assert_cmpuint (seen->hosts[0].first_port, ==, 80);
  g_assert_true (seen->sees_others);
  g_assert_cmpuint (sp_fake_shaper_find (sp_tun_get_index (tun))->down, ==, 64000);
  tun = estate_of (self, other)->tun;
  g_assert_null (sp_fake_shaper_find (sp_tun_get_index (tun)));
  g_assert_cmpint (sp_fake_firewall_find (sp_tun_get_name (tun))->reach, ==, SP_REACH_HOME);
}

/* Together one shaper, which goes with the last. */
static void
test_sessions_share_the_speed (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);

  set_value (self, user, SP_USER_RATE_UP, "@t 64000");
  (void) open_session (self, 2, anna);
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
  leave (self, first, SP_LEFT_LOGOUT);
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
  set_value (self, user, SP_USER_RATE_UP, "@t 0");
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 0);
  sp_fake_fail_next (SP_FAKE_SHAPER, SP_ERROR_NOT_SUPPORTED);
  set_value (self, user, SP_USER_RATE_UP, "@t 128000"); /* is told; the session goes on */
  g_assert_nonnull (sp_network_setup_get_speed_trouble (self->network));
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 0);
  set_value (self, user, SP_USER_RATE_UP, "@t 64000");
  g_assert_null (sp_network_setup_get_speed_trouble (self->network));
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
}

/* They lie behind the first session, and go on to the next; what is used here is left out. */
static void
test_behind (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);
  g_autofree char *first_device = g_strdup (sp_tun_get_name (estate_of (self, first)->tun));
  const char *second_device = sp_tun_get_name (estate_of (self, second)->tun);
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);

  set_value (self, user, SP_USER_NETWORKS_BEHIND,
             "['192.168.70.0/24', '192.168.77.0/25', 'fd70::/64']");
  g_assert_cmpuint (sp_fake_tun_count_networks (first_device), ==, 2);
  g_assert_cmpuint (sp_fake_firewall_find (first_device)->n_behind, ==, 2);
  g_assert_cmpuint (sp_fake_tun_count_networks (second_device), ==, 0);
  g_assert_cmpuint (sp_fake_firewall_find (second_device)->n_behind, ==, 0);
  leave (self, first, SP_LEFT_LOGOUT);
  g_assert_cmpuint (sp_fake_tun_count_networks (second_device), ==, 2);
  g_assert_cmpuint (sp_fake_firewall_find (second_device)->n_behind, ==, 2);
  set_value (self, user, SP_USER_NETWORKS_BEHIND, "@as []");
  g_assert_cmpuint (sp_fake_tun_count_networks (second_device), ==, 0);
  g_assert_cmpuint (sp_fake_firewall_find (second_device)->n_behind, ==, 0);
}

static char *
describe_routes (const guint8 *routes, guint16 length)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < length; i += SP_ROUTE_SIZE)
    {
      SpNetwork network = { .length = routes[i + SP_ADDRESS_SIZE] };
      char one[SP_ENDPOINT_TEXT_MAX];
      memcpy (network.address, routes + i, SP_ADDRESS_SIZE);
      sp_network_to_text (&network, one);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
    }
  return g_string_free (text, FALSE);
}

#define POOLS "10.10.0.0/24 fd01:203:405::/64"
#define HOME  POOLS " 192.168.77.0/24"

/* What is told with these values; the home network is 192.168.77.0/24, its name server .1 there. */
static const struct
{
  const char *values; /* a{sv} */
  const char *routes;
  const char *excluded;
  const char *domain;
  const char *split_dns;
  guint n_name_servers;
} told[] = {
  { "{}", HOME, "", "", "", 1 },
  { "{'Reach': <'all'>}", "", "", "", "", 1 },
  { "{'Reach': <'internet'>}", "", "", "", "", 1 },
  { "{'Reach': <'server'>}", POOLS " 192.168.77.1/32", "", "", "", 1 },
  { "{'Reach': <'hosts'>, 'ReachHosts': <['10.1.0.0/16', '10.1.0.0/16 tcp 80']>}",
    POOLS " 10.1.0.0/16 192.168.77.1/32", "", "", "", 1 },
  { "{'Reach': <'all'>, 'Routes': <['home']>}", HOME, "", "", "", 1 },
  { "{'Reach': <'hosts'>, 'Routes': <['all']>}", "", "", "", "", 1 },
  { "{'Routes': <['all']>, 'ExcludedRoutes': <['10.9.0.0/16', 'fd09::9']>}", "",
    "10.9.0.0/16 fd09::9/128", "", "", 1 },
  { "{'Routes': <['10.9.0.0/16']>, 'Dns': <['10.9.0.1', '2001:db8::53']>}",
    POOLS " 10.9.0.0/16 2001:db8::53/128", "", "", "", 2 },
  { "{'Dns': <['none']>, 'Domains': <['lan', 'home.arpa']>, 'SplitDns': <['lan', 'corp.example']>}",
    HOME, "", "lan home.arpa", "lan corp.example", 0 },
  { "{'Domains': <['none']>, 'SplitDns': <['none']>}", HOME, "", "", "", 1 },
};

static void
assert_told (Fixture *self, guint number)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));
  g_autoptr (GVariant) values = g_variant_ref_sink (
      g_variant_parse (G_VARIANT_TYPE_VARDICT, told[number].values, NULL, NULL, NULL));
  const SpTunnelGranted *granted;
  SpConnection *connection;
  g_autofree char *routes = NULL;
  g_autofree char *excluded = NULL;

  sp_user_values_clear (&record->values);
  sp_user_values_apply (&record->values, values);
  sp_user_change (user, record);
  connection = open_session (self, (guint8) (number + 1), anna);
  granted = &sp_fake_connection (connection)->granted;
  routes = describe_routes (granted->routes, granted->routes_length);
  excluded = describe_routes (granted->excluded, granted->excluded_length);
  g_assert_cmpstr (routes, ==, told[number].routes);
  g_assert_cmpstr (excluded, ==, told[number].excluded);
  g_assert_cmpmem (granted->domain, granted->domain_length, told[number].domain,
                   strlen (told[number].domain));
  g_assert_cmpmem (granted->split_dns, granted->split_dns_length, told[number].split_dns,
                   strlen (told[number].split_dns));
  g_assert_cmpuint (granted->dns_length, ==, told[number].n_name_servers * SP_ADDRESS_SIZE);
  leave (self, connection, SP_LEFT_LOGOUT);
}

static void
test_told (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    assert_told (self, i);
}

static void
assert_given (Fixture *self, SpConnection *connection, const char *ipv4, const char *ipv6)
{
  const SpTunnelGranted *granted = &sp_fake_connection (connection)->granted;
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (granted->ipv4, text);
  g_assert_cmpstr (text, ==, ipv4);
  g_assert_cmpuint (granted->ipv4_prefix, ==, g_str_has_prefix (ipv4, "10.99.") ? 20 : 24);
  sp_address_to_text (estate_of (self, connection)->record.ipv6, text);
  g_assert_cmpstr (text, ==, ipv6);
}

/* Who comes back has the same addresses as ever; who is new has others, and is told the way to
 * both.
 */
static void
test_other_range (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second;
  SpNetwork ipv4;
  SpNetworkSettings settings = { .masquerade = TRUE,
                                 .ipv4_range = &ipv4,
                                 .ipv6_mode = SP_IPV6_OFF };
  const SpTunnelGranted *granted;
  g_autofree char *routes = NULL;

  assert_given (self, first, "10.10.0.2", "fd01:203:405::2");
  g_assert_true (sp_network_from_text ("10.99.0.0/20", &ipv4));
  g_assert_true (sp_network_setup_take_ranges (self->network, &settings, NULL));
  second = open_session (self, 2, bert);
  granted = &sp_fake_connection (second)->granted;
  assert_given (self, second, "10.99.0.2", "::");
  routes = describe_routes (granted->routes, granted->routes_length);
  g_assert_cmpstr (routes, ==, "10.99.0.0/20 192.168.77.0/24 10.10.0.0/24 fd01:203:405::/64");
  leave (self, first, SP_LEFT_CLOSED);
  g_assert_true (sp_network_setup_thin_out (self->network)); /* it may be back */
  first = open_session (self, 1, anna);
  assert_given (self, first, "10.10.0.2", "fd01:203:405::2");
  leave (self, first, SP_LEFT_LOGOUT);
  g_assert_false (sp_network_setup_thin_out (self->network));
  first = open_session (self, 3, anna);
  assert_given (self, first, "10.99.0.3", "::");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("follows-the-user", "", test_network_follows_the_user);
  ADD ("shared-speed", "", test_sessions_share_the_speed);
  ADD ("behind", "", test_behind);
  ADD ("told", "", test_told);
  ADD ("other-range", "", test_other_range);
  return g_test_run ();
}
