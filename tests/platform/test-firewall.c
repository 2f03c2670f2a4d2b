/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall-fixture.h"

#include "net-world.h"

#include "base/error.h"
#include "base/io.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

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

static const FirewallTest tests[] = {
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
  return run_firewall_tests (argc, argv, tests, G_N_ELEMENTS (tests));
}
