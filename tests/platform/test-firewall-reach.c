/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall-fixture.h"

#include "net-world.h"

#include "base/io.h"

#include <arpa/inet.h>

/* {host, address, port, what passes for each reach} */
static const struct
{
  const char *host;
  const char *address;
  guint16 port;
  gboolean passes[SP_REACH_LAST + 1]; /* everything, home, computer, internet, hosts */
} destinations[] = {
  { "home", HOME_IPV4, 80, { TRUE, TRUE, FALSE, FALSE, TRUE } },
  { "home", HOME_IPV4, 69, { TRUE, TRUE, FALSE, FALSE, FALSE } },
  { "home", HOME_IPV4, 90, { TRUE, TRUE, FALSE, FALSE, TRUE } },
  { "home", HOME_IPV4, 91, { TRUE, TRUE, FALSE, FALSE, FALSE } },
  { "home", HOME_IPV6, 80, { TRUE, TRUE, FALSE, FALSE, TRUE } },
  { "home", HOME_IPV4, 53, { TRUE, TRUE, TRUE, TRUE, TRUE } }, /* the name server is at home */
  { "internet", INTERNET_IPV4, 80, { TRUE, FALSE, FALSE, TRUE, FALSE } },
  { "internet", INTERNET_IPV6, 80, { TRUE, FALSE, FALSE, TRUE, FALSE } },
  { "internet", INTERNET_IPV4, 53, { TRUE, FALSE, FALSE, TRUE, FALSE } }, /* no one told of it */
  { NULL, SERVER_IPV4, 80, { TRUE, TRUE, TRUE, FALSE, FALSE } },
  { NULL, SERVER_IPV6, 80, { TRUE, TRUE, TRUE, FALSE, TRUE } },
  { NULL, SERVER_IPV4, 53, { TRUE, TRUE, TRUE, TRUE, TRUE } },
  { NULL,
    "192.168.5.1",
    81,
    { TRUE, TRUE, TRUE, FALSE, FALSE } }, /* this machine's address at home */
};

static void
assert_reach (Fixture *fixture, SpReach reach)
{
  for (guint i = 0; i < G_N_ELEMENTS (destinations); i++)
    {
      Walk expected = destinations[i].passes[reach] ? ANSWERED : NOT_HEARD;
      Walk seen =
          walk_to (fixture, destinations[i].host, destinations[i].address, destinations[i].port);

      if (seen != expected)
        g_error ("%s port %u: %d, expected %d", destinations[i].address, destinations[i].port, seen,
                 expected);
    }
}

static void
test_reach (Fixture *fixture, gconstpointer data)
{
  SpReach reach = (SpReach) GPOINTER_TO_INT (data);

  install (fixture);
  add_client (fixture, 0, reach);
  assert_reach (fixture, reach);
}

/* From each to the next and back to the first; what is left of an earlier one would be seen. */
static void
test_reach_changes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  install (fixture);
  before = net_world_run ("nft list ruleset");
  add_client (fixture, 0, SP_REACH_HOSTS);
  for (SpReach reach = 0; reach <= SP_REACH_LAST; reach++)
    {
      fixture->sessions[0].reach = reach;
      change_client (fixture, 0);
      change_client (fixture, 0);
      g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==,
                       destinations[0].passes[reach] ? ANSWERED : NOT_HEARD);
    }
  fixture->sessions[0].n_hosts = 1;
  change_client (fixture, 0);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 90), ==, NOT_HEARD);
  install (fixture); /* with the chain of its own */
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==, ANSWERED);
  g_assert_true (
      sp_firewall_remove_session (fixture->firewall, fixture->sessions[0].device, &error));
  after = net_world_run ("nft list ruleset");
  g_assert_cmpstr (after, ==, before);
}

/* What is refused is told at once, so that the client goes on by IPv4; this machine is reached. */
static void
test_refused_ipv6 (Fixture *fixture, gconstpointer data)
{
  guint8 packet[SP_TUN_HEADER_SIZE + 1500];
  const guint8 *ipv6 = packet + SP_TUN_HEADER_SIZE;

  fixture->plan.pools[1].fate = SP_FIREWALL_REFUSE;
  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  g_assert_cmpint (walk_to (fixture, NULL, SERVER_IPV6, 80), ==, ANSWERED);
  g_assert_cmpint (walk_to (fixture, "internet", INTERNET_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV6, 80), ==, NOT_HEARD);
  g_assert_cmpint (read (fixture->queues[0], packet, sizeof packet), >, SP_TUN_HEADER_SIZE + 48);
  g_assert_cmpint (ipv6[6], ==, IPPROTO_ICMPV6);
  g_assert_cmpint (ipv6[40], ==, 1); /* RFC 4443 3.1: destination unreachable */
  g_assert_cmpint (ipv6[41], ==, 0); /* no route */
  g_assert_cmpint (walk_to (fixture, "internet", INTERNET_IPV6, 80), ==, NOT_HEARD);
}

/* Neither before its session was added, nor with another's address, nor after it was removed. */
static void
test_source_check (Fixture *fixture, gconstpointer data)
{
  sp_autofd int home = net_world_open_udp ("home", HOME_IPV4, 80);
  sp_autofd int here = net_world_open_udp (NULL, SERVER_IPV4, 80);
  g_autoptr (GError) error = NULL;

  install (fixture);
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[0], home, HOME_IPV4, 80), ==, NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[0], here, SERVER_IPV4, 80), ==,
                   NOT_HEARD);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  add_client (fixture, 1, SP_REACH_EVERYTHING);
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[0], home, HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[1], home, HOME_IPV4, 80), ==, NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[1], here, SERVER_IPV4, 80), ==,
                   NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[0], "192.168.5.77", here, SERVER_IPV4, 80), ==, NOT_HEARD);
  g_assert_true (
      sp_firewall_remove_session (fixture->firewall, sp_tun_get_name (fixture->tuns[0]), &error));
  g_assert_cmpint (walk (fixture->queues[0], clients_ipv4[0], home, HOME_IPV4, 80), ==, NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[1], clients_ipv4[1], home, HOME_IPV4, 80), ==, ANSWERED);
}

static void
test_masquerade (Fixture *fixture, gconstpointer data)
{
  fixture->plan.pools[0].fate = SP_FIREWALL_AS_THEY_ARE;
  fixture->plan.pools[1].fate = SP_FIREWALL_AS_THEY_ARE;
  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  /* heard under its own address, to which the host knows no way */
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==, HEARD);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV6, 80), ==, HEARD);
}

/* Clients have addresses of three ranges, and of each its own fate. */
static void
test_earlier_ranges (Fixture *fixture, gconstpointer data)
{
  fixture->plan.n_pools = 4;
  fixture->plan.pools[2] = fixture->plan.pools[0];
  fixture->plan.pools[3] = fixture->plan.pools[1];
  g_assert_true (sp_network_from_text ("10.99.0.0/16", &fixture->plan.pools[0].network));
  g_assert_true (sp_network_from_text ("fd99::/64", &fixture->plan.pools[1].network));
  fixture->plan.pools[1].fate = SP_FIREWALL_REFUSE;
  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV6, 80), ==, ANSWERED);
  fixture->plan.pools[3].fate = SP_FIREWALL_REFUSE;
  install (fixture);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk_to (fixture, "home", HOME_IPV6, 80), ==, NOT_HEARD);
}

static gboolean
client_hears_client (Fixture *fixture)
{
  guint8 packet[NET_WORLD_PACKET_MAX];
  gsize size = net_world_write_udp (packet, clients_ipv4[0], 4000, clients_ipv4[1], 80, "question");

  g_assert_cmpint (write (fixture->queues[0], packet, size), ==, (gssize) size);
  return net_world_receive (fixture->queues[1], packet, sizeof packet) > 0;
}

static void
test_clients_and_each_other (Fixture *fixture, gconstpointer data)
{
  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  add_client (fixture, 1, SP_REACH_EVERYTHING);
  g_assert_false (client_hears_client (fixture));
  fixture->sessions[0].sees_others = TRUE;
  change_client (fixture, 0);
  g_assert_false (client_hears_client (fixture)); /* the other one does not want it */
  fixture->sessions[1].sees_others = TRUE;
  change_client (fixture, 1);
  g_assert_true (client_hears_client (fixture));
  install (fixture); /* with the sessions that are there */
  g_assert_true (client_hears_client (fixture));
}

/* Networks behind a client: it sends from them, and home opens connections to them; nobody else
 * does, and nobody else sends from them. */
static void
test_behind (Fixture *fixture, gconstpointer data)
{
  sp_autofd int home = net_world_open_udp ("home", HOME_IPV4, 80);
  sp_autofd int home6 = net_world_open_udp ("home", HOME_IPV6, 80);
  sp_autofd int internet = net_world_open_udp ("internet", INTERNET_IPV4, 80);
  struct sockaddr_in behind = { .sin_family = AF_INET, .sin_port = htons (4000) };
  SpNetwork networks[3];
  guint8 packet[NET_WORLD_PACKET_MAX];

  behind.sin_addr.s_addr = inet_addr ("10.70.0.5");
  g_assert_true (sp_network_from_text ("10.70.0.0/24", &networks[0]));
  g_assert_true (sp_network_from_text ("10.70.0.0/25", &networks[1])); /* a part of it */
  g_assert_true (sp_network_from_text ("fd70::/64", &networks[2]));
  net_world_do ("ip route add 10.70.0.0/24 dev %s", sp_tun_get_name (fixture->tuns[0]));
  net_world_do ("ip -6 route add fd70::/64 dev %s", sp_tun_get_name (fixture->tuns[0]));
  net_world_do ("ip -n home route add 10.70.0.0/24 via 192.168.5.1");
  net_world_do ("ip -n internet route add 10.70.0.0/24 via 203.0.113.1");
  install (fixture);
  add_client (fixture, 0, SP_REACH_HOME);
  add_client (fixture, 1, SP_REACH_HOME);
  g_assert_cmpint (walk (fixture->queues[0], "10.70.0.5", home, HOME_IPV4, 80), ==, NOT_HEARD);
  fixture->sessions[0].behind = networks;
  fixture->sessions[0].n_behind = G_N_ELEMENTS (networks);
  change_client (fixture, 0);
  g_assert_cmpint (walk (fixture->queues[0], "10.70.0.5", home, HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk (fixture->queues[0], "10.70.0.200", home, HOME_IPV4, 80), ==, ANSWERED);
  g_assert_cmpint (walk (fixture->queues[0], "fd70::5", home6, HOME_IPV6, 80), ==, ANSWERED);
  g_assert_cmpint (walk (fixture->queues[0], "10.71.0.5", home, HOME_IPV4, 80), ==, NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[1], "10.70.0.5", home, HOME_IPV4, 80), ==, NOT_HEARD);
  g_assert_cmpint (walk (fixture->queues[0], "10.70.0.5", internet, INTERNET_IPV4, 80), ==,
                   NOT_HEARD);
  g_assert_cmpint (sendto (home, "hello", 5, 0, (struct sockaddr *) &behind, sizeof behind), ==, 5);
  g_assert_cmpint (net_world_receive (fixture->queues[0], packet, sizeof packet), >, 0);
  g_assert_cmpint (sendto (internet, "hello", 5, 0, (struct sockaddr *) &behind, sizeof behind), ==,
                   5);
  g_assert_cmpint (net_world_receive (fixture->queues[0], packet, sizeof packet), ==, -1);
  net_world_do ("ip -n home route del 10.70.0.0/24");
  net_world_do ("ip -n internet route del 10.70.0.0/24");
}

static const FirewallTest tests[] = {
  { "/firewall/reach/everything", test_reach, SP_REACH_EVERYTHING },
  { "/firewall/reach/home", test_reach, SP_REACH_HOME },
  { "/firewall/reach/computer", test_reach, SP_REACH_COMPUTER },
  { "/firewall/reach/internet", test_reach, SP_REACH_INTERNET },
  { "/firewall/reach/hosts", test_reach, SP_REACH_HOSTS },
  { "/firewall/reach/changes", test_reach_changes, 0 },
  { "/firewall/behind", test_behind, 0 },
  { "/firewall/refused-ipv6", test_refused_ipv6, 0 },
  { "/firewall/source-check", test_source_check, 0 },
  { "/firewall/masquerade", test_masquerade, 0 },
  { "/firewall/earlier-ranges", test_earlier_ranges, 0 },
  { "/firewall/clients-and-each-other", test_clients_and_each_other, 0 },
};

int
main (int argc, char **argv)
{
  return run_firewall_tests (argc, argv, tests, G_N_ELEMENTS (tests));
}
