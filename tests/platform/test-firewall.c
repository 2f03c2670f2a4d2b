/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/error.h"
#include "base/io.h"
#include "platform/firewall.h"
#include "platform/own-address.h"
#include "platform/tun.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* The world: this machine, a host at home, a host in the internet that both know nothing of the
 * clients' range, and two clients, played by the test on the queues of their devices. */

#define SERVER_IPV4   "10.10.0.1"
#define SERVER_IPV6   "fd12::1"
#define HOME_IPV4     "192.168.5.9"
#define HOME_IPV6     "fd05::9"
#define INTERNET_IPV4 "203.0.113.9"
#define INTERNET_IPV6 "2001:db8:113::9"
#define CLIENT_MTU    1300
#define N_CLIENTS     2

static const char *const clients_ipv4[N_CLIENTS] = { "10.10.0.2", "10.10.0.3" };
static const char *const clients_ipv6[N_CLIENTS] = { "fd12::2", "fd12::3" };

typedef struct
{
  SpFirewall *firewall;
  SpFirewallPlan plan;
  SpNetwork home[2];
  SpTun *tuns[N_CLIENTS];
  int queues[N_CLIENTS];
  SpFirewallSession sessions[N_CLIENTS];
  SpFirewallHost hosts[5];
  guint8 name_servers[2][SP_ADDRESS_SIZE];
} Fixture;

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

static void
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

static void
add_client (Fixture *fixture, guint number, SpReach reach)
{
  g_autoptr (GError) error = NULL;

  describe_client (fixture, number, reach);
  g_assert_true (sp_firewall_add_session (fixture->firewall, &fixture->sessions[number], &error));
  g_assert_no_error (error);
}

static void
change_client (Fixture *fixture, guint number)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      sp_firewall_change_session (fixture->firewall, &fixture->sessions[number], &error));
  g_assert_no_error (error);
}

/* Sends a question from the client, hears it at the socket, answers, hears the answer in the
 * tunnel. Returns how far it went. */
typedef enum
{
  NOT_HEARD,
  HEARD,
  ANSWERED
} Walk;

/* A port of its own for each walk: the kernel remembers the connections of earlier ones. */
static guint16
take_port (void)
{
  static guint16 last = 4000;

  return ++last;
}

static Walk
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

static Walk
walk_to (Fixture *fixture, const char *host, const char *destination, guint16 port)
{
  sp_autofd int service = net_world_open_udp (host, destination, port);
  const char *source = strchr (destination, ':') != NULL ? clients_ipv6[0] : clients_ipv4[0];

  return walk (fixture->queues[0], source, service, destination, port);
}

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

/* A router's kernel reports the groups that it listens to (RFC 3810): nothing that a client wants.
 */
static void
test_kernel_is_quiet (Fixture *fixture, gconstpointer data)
{
  guint8 packet[NET_WORLD_PACKET_MAX];
  SpTunPlan plan = { .mtu = CLIENT_MTU };
  g_autoptr (SpTun) tun = NULL;
  sp_autofd int queue = -1;

  install (fixture);
  g_assert_true (sp_address_from_text ("fd12::77", plan.client_ipv6));
  tun = sp_tun_open (NULL, &plan, NULL);
  queue = sp_tun_lend (tun, NULL);
  for (guint i = 0; i < 4; i++) /* reports are repeated within a second */
    g_assert_cmpint (net_world_receive (queue, packet, sizeof packet), ==, -1);
}

/* A host that knows a way to the clients opens no connection to them. */
static void
test_nobody_calls_clients (Fixture *fixture, gconstpointer data)
{
  sp_autofd int home = net_world_open_udp ("home", HOME_IPV4, 80);
  struct sockaddr_in client = { .sin_family = AF_INET, .sin_port = htons (4000) };
  guint8 packet[NET_WORLD_PACKET_MAX];

  net_world_do ("ip -n home route add 10.10.0.0/24 via 192.168.5.1");
  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  client.sin_addr.s_addr = inet_addr (clients_ipv4[0]);
  g_assert_cmpint (sendto (home, "hello", 5, 0, (struct sockaddr *) &client, sizeof client), ==, 5);
  g_assert_cmpint (net_world_receive (fixture->queues[0], packet, sizeof packet), ==, -1);
  net_world_do ("ip -n home route del 10.10.0.0/24");
}

/* What the host in the internet is offered in a SYN, 0 = nothing came. */
static guint
read_segment_size (int capture)
{
  guint8 frame[NET_WORLD_PACKET_MAX];
  gssize got;

  while ((got = net_world_receive (capture, frame, sizeof frame)) > 0)
    {
      const guint8 *tcp = frame + sizeof (struct iphdr);
      if (got >= 44 && frame[9] == IPPROTO_TCP && tcp[13] == TH_SYN && tcp[20] == 2)
        return (guint) (tcp[22] << 8 | tcp[23]);
    }
  return 0;
}

static void
test_segment_size (Fixture *fixture, gconstpointer data)
{
  sp_autofd int capture =
      net_world_open_socket ("internet", AF_PACKET, SOCK_DGRAM, htons (ETH_P_IP));
  guint8 packet[NET_WORLD_PACKET_MAX];
  gsize size = net_world_write_syn (packet, clients_ipv4[0], INTERNET_IPV4, 80, 1460);

  install (fixture);
  add_client (fixture, 0, SP_REACH_EVERYTHING);
  g_assert_cmpint (write (fixture->queues[0], packet, size), ==, (gssize) size);
  g_assert_cmpuint (read_segment_size (capture), ==, CLIENT_MTU - 40);
  size = net_world_write_syn (packet, clients_ipv4[0], INTERNET_IPV4, 81, 800);
  g_assert_cmpint (write (fixture->queues[0], packet, size), ==, (gssize) size);
  g_assert_cmpuint (read_segment_size (capture), ==, 800); /* never raised */
}

static void
test_others_are_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_firewall_remove (fixture->firewall, &error));
  net_world_do ("nft add table inet other");
  net_world_do ("nft add chain inet other forward '{ type filter hook forward priority 0; }'");
  before = net_world_run ("nft list ruleset");
  install (fixture);
  add_client (fixture, 0, SP_REACH_INTERNET);
  g_assert_true (sp_firewall_remove (fixture->firewall, &error));
  after = net_world_run ("nft list ruleset");
  g_assert_cmpstr (after, ==, before);
  g_assert_true (sp_firewall_remove (fixture->firewall, &error)); /* none there: fine */
  net_world_do ("nft delete table inet other");
}

/* A table of a run that was killed, even one that says something else, is replaced. */
static void
test_stale_table (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fresh = NULL;
  g_autofree char *again = NULL;

  install (fixture);
  fresh = net_world_run ("nft list ruleset");
  net_world_do ("nft delete table inet sallyport");
  net_world_do ("nft add table inet sallyport");
  net_world_do ("nft add map inet sallyport sources4 '{ type ipv4_addr : verdict; }'");
  net_world_do ("nft add chain inet sallyport forward '{ type filter hook forward priority 7; "
                "policy drop; }'");
  install (fixture);
  install (fixture);
  again = net_world_run ("nft list ruleset");
  g_assert_cmpstr (again, ==, fresh);
}

static void
test_transaction_is_all_or_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  SpFirewallSession session = { .device = "sally77" };

  install (fixture);
  /* the second element of the transaction is there already, with another verdict */
  net_world_do ("nft add element inet sallyport reach '{ sally77 : drop }'");
  before = net_world_run ("nft list ruleset");
  g_assert_true (sp_address_from_text ("10.10.0.77", session.ipv4));
  g_assert_false (sp_firewall_add_session (fixture->firewall, &session, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_EXISTS);
  g_clear_error (&error);
  after = net_world_run ("nft list ruleset");
  g_assert_cmpstr (after, ==, before);
  g_assert_false (sp_firewall_remove_session (fixture->firewall, "sally77", &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
}

static const char *const bad_devices[] = {
  "eth0", "sally", "sally*", "sally1\"},{\"x\":\"", "sally-1", "sally99999999", "sallyx"
};

static void
test_device_names (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_devices); i++)
    {
      SpFirewallSession session = { .device = bad_devices[i] };
      g_autoptr (GError) error = NULL;

      g_assert_true (sp_address_from_text ("10.10.0.77", session.ipv4));
      g_assert_false (sp_firewall_add_session (fixture->firewall, &session, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
}

/* More descriptors than select() knows. */
static void
test_full_house (Fixture *fixture, gconstpointer data)
{
  SpFirewallSession session = { .device = "sally77" };
  g_autoptr (GError) error = NULL;
  struct rlimit limit;
  int fds[FD_SETSIZE];

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_max < 2 * FD_SETSIZE)
    {
      g_test_skip ("so many descriptors are not allowed here");
      return;
    }
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_true (sp_address_from_text ("10.10.0.77", session.ipv4));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = dup (STDERR_FILENO);
      g_assert_cmpint (fds[i], >=, 0);
    }
  (void) sp_firewall_add_session (fixture->firewall, &session, &error);
  g_assert_no_error (error);
  (void) sp_firewall_remove_session (fixture->firewall, "sally77", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    sp_fd_clear (&fds[i]);
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

static const struct
{
  const char *path;
  void (*test) (Fixture *, gconstpointer);
  gint data;
} tests[] = {
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
  { "/firewall/nobody-calls-clients", test_nobody_calls_clients, 0 },
  { "/firewall/kernel-is-quiet", test_kernel_is_quiet, 0 },
  { "/firewall/segment-size", test_segment_size, 0 },
  { "/firewall/others-are-left-alone", test_others_are_left_alone, 0 },
  { "/firewall/stale-table", test_stale_table, 0 },
  { "/firewall/all-or-nothing", test_transaction_is_all_or_nothing, 0 },
  { "/firewall/device-names", test_device_names, 0 },
  { "/firewall/full-house", test_full_house, 0 },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  make_world ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, GINT_TO_POINTER (tests[i].data), set_up, tests[i].test,
                tear_down);
  return g_test_run ();
}
