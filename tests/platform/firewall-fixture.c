/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall-fixture.h"

#include "net-world.h"

#include "base/io.h"
#include "platform/own-address.h"

#include <netinet/in.h>

const char *const clients_ipv4[N_CLIENTS] = { "10.10.0.2", "10.10.0.3" };
const char *const clients_ipv6[N_CLIENTS] = { "fd12::2", "fd12::3" };

static void
set_up_client (Fixture *fixture, guint number)
{
  SpTunPlan plan = { .mtu = CLIENT_MTU };
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_address_from_text (SERVER_IPV4, plan.server_ipv4));
  g_assert_true (sp_address_from_text (SERVER_IPV6, plan.server_ipv6));
  g_assert_true (sp_address_from_text (clients_ipv4[number], plan.client_ipv4));
  g_assert_true (sp_address_from_text (clients_ipv6[number], plan.client_ipv6));
  fixture->tuns[number] = sp_tun_open (NULL, &plan, &error);
  g_assert_no_error (error);
  fixture->queues[number] = sp_tun_lend (fixture->tuns[number], &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_true (sp_network_from_text ("192.168.5.0/24", &fixture->home[0]));
  g_assert_true (sp_network_from_text ("fd05::/64", &fixture->home[1]));
  fixture->plan.n_pools = 2;
  g_assert_true (sp_network_from_text ("10.10.0.0/24", &fixture->plan.pools[0].network));
  g_assert_true (sp_network_from_text ("fd12::/64", &fixture->plan.pools[1].network));
  fixture->plan.pools[0].fate = SP_FIREWALL_MASQUERADE;
  fixture->plan.pools[1].fate = SP_FIREWALL_MASQUERADE;
  fixture->plan.home_networks = fixture->home;
  fixture->plan.n_home_networks = G_N_ELEMENTS (fixture->home);
  fixture->firewall = sp_firewall_new ();
  g_assert_true (sp_firewall_install (fixture->firewall, &fixture->plan, NULL));
  for (guint i = 0; i < N_CLIENTS; i++)
    set_up_client (fixture, i);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_firewall_remove (fixture->firewall, &error));
  g_assert_no_error (error);
  sp_firewall_free (fixture->firewall);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      sp_fd_clear (&fixture->queues[i]);
      sp_tun_close (fixture->tuns[i]);
    }
  sp_tun_close_wait ();
}

void
install (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_firewall_install (fixture->firewall, &fixture->plan, &error));
  g_assert_no_error (error);
}

/* The hosts of "hosts": some overlap, one is this machine. */
static void
fill_hosts (Fixture *fixture)
{
  static const struct
  {
    const char *network;
    guint8 protocol;
    guint16 first, last;
  } hosts[] = {
    { "192.168.5.0/24", IPPROTO_UDP, 70, 80 },   { HOME_IPV4 "/32", IPPROTO_UDP, 75, 90 },
    { HOME_IPV4 "/32", IPPROTO_TCP, 1, 65535 },  { HOME_IPV6 "/128", 0, 0, 65535 },
    { SERVER_IPV6 "/128", IPPROTO_UDP, 80, 80 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_assert_true (sp_network_from_text (hosts[i].network, &fixture->hosts[i].network));
      fixture->hosts[i].protocol = hosts[i].protocol;
      fixture->hosts[i].first_port = hosts[i].first;
      fixture->hosts[i].last_port = hosts[i].last;
    }
}

static void
describe_client (Fixture *fixture, guint number, SpReach reach)
{
  SpFirewallSession *session = &fixture->sessions[number];

  memset (session, 0, sizeof *session);
  session->device = sp_tun_get_name (fixture->tuns[number]);
  session->reach = reach;
  g_assert_true (sp_address_from_text (clients_ipv4[number], session->ipv4));
  g_assert_true (sp_address_from_text (clients_ipv6[number], session->ipv6));
  fill_hosts (fixture);
  session->hosts = fixture->hosts;
  session->n_hosts = G_N_ELEMENTS (fixture->hosts);
  g_assert_true (sp_address_from_text (HOME_IPV4, fixture->name_servers[0]));
  g_assert_true (sp_address_from_text (HOME_IPV4, fixture->name_servers[1])); /* told twice */
  session->name_servers = fixture->name_servers[0];
  session->n_name_servers = 2;
}

void
add_client (Fixture *fixture, guint number, SpReach reach)
{
  g_autoptr (GError) error = NULL;

  describe_client (fixture, number, reach);
  g_assert_true (sp_firewall_add_session (fixture->firewall, &fixture->sessions[number], &error));
  g_assert_no_error (error);
}

void
change_client (Fixture *fixture, guint number)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      sp_firewall_change_session (fixture->firewall, &fixture->sessions[number], &error));
  g_assert_no_error (error);
}

/* A port of its own for each walk: the kernel remembers the connections of earlier ones. */
static guint16
take_port (void)
{
  static guint16 last = 4000;

  return ++last;
}

Walk
walk (int queue, const char *source, int service, const char *destination, guint16 port)
{
  guint8 packet[NET_WORLD_PACKET_MAX];
  gsize size = net_world_write_udp (packet, source, take_port (), destination, port, "question");
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  g_autofree char *text = NULL;
  gssize got;

  g_assert_cmpint (write (queue, packet, size), ==, (gssize) size);
  if (!net_world_wait (service) ||
      recvfrom (service, packet, sizeof packet, 0, (struct sockaddr *) &peer, &length) != 8)
    return NOT_HEARD;
  (void) !sendto (service, "answer", 6, 0, (struct sockaddr *) &peer, length);
  got = net_world_receive (queue, packet, sizeof packet);
  text = got > 0 ? net_world_read_udp (packet, (gsize) got) : NULL;
  return g_strcmp0 (text, "answer") == 0 ? ANSWERED : HEARD;
}

Walk
walk_to (Fixture *fixture, const char *host, const char *destination, guint16 port)
{
  sp_autofd int service = net_world_open_udp (host, destination, port);
  const char *source = strchr (destination, ':') != NULL ? clients_ipv6[0] : clients_ipv4[0];

  return walk (fixture->queues[0], source, service, destination, port);
}

/* Linux takes a turn of its own before it answers to a new IPv6 address. */
static void
wait_for_own_addresses (void)
{
  gint64 until = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  gboolean is_there = FALSE;

  while (!is_there)
    {
      g_autofree char *route = net_world_run ("ip -6 route show table local %s", SERVER_IPV6);
      is_there = route[0] != '\0';
      g_assert_cmpint (g_get_monotonic_time (), <, until);
    }
}

static void
make_world (void)
{
  guint8 address[SP_ADDRESS_SIZE];

  net_world_add_host ("home", "192.168.5.1/24 fd05::1/64", HOME_IPV4 "/24 " HOME_IPV6 "/64");
  net_world_add_host ("internet", "203.0.113.1/24 2001:db8:113::1/64",
                      INTERNET_IPV4 "/24 " INTERNET_IPV6 "/64");
  net_world_do ("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
  g_assert_true (sp_address_from_text (SERVER_IPV4, address));
  g_assert_true (sp_own_address_add (address, NULL));
  g_assert_true (sp_address_from_text (SERVER_IPV6, address));
  g_assert_true (sp_own_address_add (address, NULL));
  wait_for_own_addresses ();
}

int
run_firewall_tests (int argc, char **argv, const FirewallTest *tests, guint n)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  make_world ();
  for (guint i = 0; i < n; i++)
    g_test_add (tests[i].path, Fixture, GINT_TO_POINTER (tests[i].data), set_up, tests[i].test,
                tear_down);
  return g_test_run ();
}
