/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "platform/own-address.h"
#include "platform/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_IPV4 "10.10.0.1"
#define SERVER_IPV6 "fd12::1"
#define CLIENT_IPV4 "10.10.0.2"
#define CLIENT_IPV6 "fd12::2"

static SpTunPlan
usual_plan (void)
{
  SpTunPlan plan = { .mtu = 1400 };

  g_assert_true (sp_address_from_text (SERVER_IPV4, plan.server_ipv4));
  g_assert_true (sp_address_from_text (SERVER_IPV6, plan.server_ipv6));
  g_assert_true (sp_address_from_text (CLIENT_IPV4, plan.client_ipv4));
  g_assert_true (sp_address_from_text (CLIENT_IPV6, plan.client_ipv6));
  return plan;
}

static SpTun *
open_tun (const SpTunPlan *plan)
{
  g_autoptr (GError) error = NULL;
  SpTun *prepared = sp_tun_prepare (&error);
  SpTun *tun;

  g_assert_no_error (error);
  tun = sp_tun_open (prepared, plan, &error);
  g_assert_no_error (error);
  g_assert_nonnull (tun);
  return tun;
}

static int
lend (SpTun *tun)
{
  g_autoptr (GError) error = NULL;
  int fd = sp_tun_lend (tun, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
assert_contains (const char *command, const char *expected)
{
  g_autofree char *output = net_world_run ("%s", command);

  if (strstr (output, expected) == NULL)
    g_error ("%s: no \"%s\" in: %s", command, expected, output);
}

static void
test_device (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  const char *name = sp_tun_get_name (tun);
  g_autofree char *link = net_world_run ("ip -d link show dev %s", name);
  g_autofree char *route =
      g_strdup_printf (CLIENT_IPV4 " dev %s proto static scope link src " SERVER_IPV4, name);
  g_autofree char *route6 =
      g_strdup_printf (CLIENT_IPV6 " dev %s proto static src " SERVER_IPV6, name);
  g_autofree char *forwarding = net_world_run ("cat /proc/sys/net/ipv4/conf/%s/forwarding", name);
  g_autofree char *addresses = net_world_run ("ip addr show dev %s", name);

  g_assert_true (g_str_has_prefix (name, "sally"));
  g_assert_cmpuint (sp_tun_get_index (tun), ==, if_nametoindex (name));
  g_assert_nonnull (strstr (link, "UP,LOWER_UP"));
  g_assert_nonnull (strstr (link, "mtu 1400"));
  g_assert_nonnull (strstr (link, "qlen 500"));
  g_assert_nonnull (strstr (link, "tun type tun pi off vnet_hdr on persist off"));
  g_assert_null (strstr (link, "multi_queue on"));
  assert_contains ("ip route", route);
  assert_contains ("ip -6 route", route6);
  g_assert_cmpstr (forwarding, ==, "1\n");
  g_assert_null (strstr (addresses, "inet6"));
}

static gboolean
kernel_has_fair_queues (void)
{
  g_autofree char *told =
      net_world_run ("sh -c 'tc qdisc add dev lo root fq_codel 2>&1 && echo yes || true'");

  return g_str_has_suffix (told, "yes\n");
}

static void
test_fair_queue (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  g_autofree char *told = net_world_run ("tc qdisc show dev %s", sp_tun_get_name (tun));

  if (!kernel_has_fair_queues ())
    {
      g_test_skip ("this kernel has no fq_codel");
      return;
    }
  g_assert_true (g_str_has_prefix (told, "qdisc fq_codel"));
  g_assert_nonnull (strstr (told, " root "));
}

/* The kernel itself has nothing to say to a client. */
static void
test_quiet (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  sp_autofd int queue = lend (tun);
  guint8 packet[NET_WORLD_PACKET_MAX];

  g_assert_cmpint (net_world_receive (queue, packet, sizeof packet), ==, -1);
}

static const struct
{
  const char *server;
  const char *client;
} families[] = { { SERVER_IPV4, CLIENT_IPV4 }, { SERVER_IPV6, CLIENT_IPV6 } };

static void
exchange (SpTun *tun, int queue, const char *server, const char *client)
{
  sp_autofd int service = net_world_open_udp (NULL, server, 5353);
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  guint8 packet[NET_WORLD_PACKET_MAX];
  g_autofree char *text = NULL;
  gssize got;
  gsize size = net_world_write_udp (packet, client, 4000, server, 5353, "question");

  g_assert_cmpint (write (queue, packet, size), ==, (gssize) size);
  g_assert_cmpint (recvfrom (service, packet, sizeof packet, 0, (struct sockaddr *) &peer, &length),
                   ==, 8);
  g_assert_cmpint (sendto (service, "answer", 6, 0, (struct sockaddr *) &peer, length), ==, 6);
  got = net_world_receive (queue, packet, sizeof packet);
  g_assert_cmpint (got, >, 0);
  text = net_world_read_udp (packet, (gsize) got);
  g_assert_cmpstr (text, ==, "answer");
}

static void
test_packets (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  sp_autofd int queue = lend (tun);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    exchange (tun, queue, families[i].server, families[i].client);
}

static void
test_packets_wait (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  int queue = lend (tun);
  sp_autofd int service = net_world_open_udp (NULL, SERVER_IPV4, 5353);
  SpEndpoint client = { .port = 4000 };
  struct sockaddr_storage name;
  socklen_t length;
  guint8 packet[NET_WORLD_PACKET_MAX];
  guint received = 0;

  memcpy (client.address, plan.client_ipv4, SP_ADDRESS_SIZE);
  length = sp_endpoint_to_sockaddr (&client, AF_INET, &name);
  sp_fd_clear (&queue);
  for (guint i = 0; i < 50; i++)
    g_assert_cmpint (sendto (service, "x", 1, 0, (struct sockaddr *) &name, length), ==, 1);
  queue = lend (tun);
  while (read (queue, packet, sizeof packet) > 0)
    received++;
  g_assert_cmpuint (received, ==, 50);
  sp_fd_clear (&queue);
}

/* A borrower needs no privilege for any of this. */
static void
test_flags_are_set_anew (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (SpTun) tun = open_tun (&plan);
  sp_autofd int first = lend (tun);
  sp_autofd int second = -1;
  struct ifreq request = { .ifr_flags = 0 };
  int header_size = 10;
  int off = 0;

  g_assert_no_errno (ioctl (first, TUNSETPERSIST, 1));
  g_assert_no_errno (ioctl (first, TUNSETVNETHDRSZ, &header_size));
  g_assert_no_errno (ioctl (first, TUNSETVNETLE, &off));
  g_assert_no_errno (ioctl (first, TUNSETCARRIER, &off));
  g_assert_no_errno (ioctl (first, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4));
  g_assert_no_errno (fcntl (first, F_SETFL, O_RDWR));
  second = lend (tun);
  g_assert_no_errno (ioctl (second, TUNGETIFF, &request));
  g_assert_false (request.ifr_flags & IFF_PERSIST);
  g_assert_no_errno (ioctl (second, TUNGETVNETHDRSZ, &header_size));
  g_assert_cmpint (header_size, ==, SP_TUN_HEADER_SIZE);
  g_assert_no_errno (ioctl (second, TUNGETVNETLE, &off));
  g_assert_cmpint (off, ==, 1);
  g_assert_true (fcntl (second, F_GETFL) & O_NONBLOCK);
  g_assert_true (fcntl (second, F_GETFD) & FD_CLOEXEC);
  assert_contains ("ip link show up type tun", "LOWER_UP");
}

static gboolean
has_offload (SpTun *tun, const char *feature)
{
  g_autofree char *output = net_world_run ("ethtool -k %s", sp_tun_get_name (tun));
  g_autofree char *line = g_strdup_printf ("%s: on", feature);

  return strstr (output, line) != NULL;
}

static void
test_offloads (void)
{
  SpTunPlan plan = usual_plan ();
  SpTun *plain, *full;

  if (g_find_program_in_path ("ethtool") == NULL)
    {
      g_test_skip ("needs ethtool");
      return;
    }
  plain = open_tun (&plan);
  g_assert_false (has_offload (plain, "tcp-segmentation-offload"));
  sp_tun_close (plain);
  plan.offloads = SP_TUN_OFFLOAD_CHECKSUM | SP_TUN_OFFLOAD_TCP | SP_TUN_OFFLOAD_UDP;
  full = open_tun (&plan);
  g_assert_true (has_offload (full, "tcp-segmentation-offload"));
  sp_tun_close (full);
}

/* A device lives until its owner closes it, whoever holds its queue. */
static void
test_close (void)
{
  SpTunPlan plan = usual_plan ();
  SpTun *tun = open_tun (&plan);
  sp_autofd int borrowed = lend (tun);
  g_autofree char *name = g_strdup (sp_tun_get_name (tun));
  g_autofree char *routes = NULL;
  guint8 packet[NET_WORLD_PACKET_MAX];
  gint64 before = g_get_monotonic_time ();

  sp_tun_close (tun);
  g_test_message ("closing took %" G_GINT64_FORMAT " us", g_get_monotonic_time () - before);
  sp_tun_close_wait ();
  g_test_message ("gone after %" G_GINT64_FORMAT " us", g_get_monotonic_time () - before);
  g_assert_cmpuint (if_nametoindex (name), ==, 0);
  g_assert_cmpint (read (borrowed, packet, sizeof packet), ==, -1);
  g_assert_cmpint (errno, ==, EBADFD);
  routes = net_world_run ("ip route show " CLIENT_IPV4);
  g_assert_cmpstr (routes, ==, "");
}

/* The session's address goes to another device at once, and stays when the first is gone. */
static void
test_address_moves (void)
{
  SpTunPlan plan = usual_plan ();
  SpTun *first = open_tun (&plan);
  g_autoptr (SpTun) second = open_tun (&plan);
  sp_autofd int queue = lend (second);

  sp_tun_close (first);
  exchange (second, queue, SERVER_IPV4, CLIENT_IPV4);
  sp_tun_close_wait ();
  exchange (second, queue, SERVER_IPV4, CLIENT_IPV4);
  exchange (second, queue, SERVER_IPV6, CLIENT_IPV6);
}

static guint
read_mtu (SpTun *tun)
{
  sp_autofd int fd = net_world_open_socket (NULL, AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = { .ifr_mtu = 0 };

  g_strlcpy (request.ifr_name, sp_tun_get_name (tun), sizeof request.ifr_name);
  g_assert_no_errno (ioctl (fd, SIOCGIFMTU, &request));
  return (guint) request.ifr_mtu;
}

static void
test_mtu (void)
{
  SpTunPlan plan = usual_plan ();
  SpTunPlan ipv4_plan = { .mtu = 1200 };
  g_autoptr (SpTun) both = open_tun (&plan);
  g_autoptr (SpTun) ipv4 = NULL;
  sp_autofd int queue = lend (both);

  g_assert_true (sp_tun_set_mtu (both, 1300, NULL));
  g_assert_cmpuint (read_mtu (both), ==, 1300);
  /* with less there would be no IPv6 any more */
  g_assert_true (sp_tun_set_mtu (both, 900, NULL));
  g_assert_cmpuint (read_mtu (both), ==, 1280);
  exchange (both, queue, SERVER_IPV6, CLIENT_IPV6);
  memcpy (ipv4_plan.client_ipv4, plan.client_ipv4, SP_ADDRESS_SIZE);
  ipv4 = open_tun (&ipv4_plan);
  g_assert_true (sp_tun_set_mtu (ipv4, 900, NULL));
  g_assert_cmpuint (read_mtu (ipv4), ==, 900);
}

static void
test_failure_leaves_nothing (void)
{
  SpTunPlan plan = usual_plan ();
  g_autoptr (GError) error = NULL;
  g_autofree char *links = NULL;

  g_assert_true (sp_address_from_text ("10.99.99.99", plan.server_ipv4)); /* not this machine's */
  g_assert_null (sp_tun_open (NULL, &plan, &error));
  g_assert_nonnull (error);
  sp_tun_close_wait ();
  links = net_world_run ("ip -br link show type tun");
  g_assert_cmpstr (links, ==, "");
}

/* One that is nobody's yet: the machine's network is as it was. */
static void
test_prepared (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *routes = net_world_run ("ip -details route show table all");
  SpTun *tun = sp_tun_prepare (&error);
  g_autofree char *still = NULL;
  g_autofree char *link = NULL;
  g_autofree char *links = NULL;

  g_assert_no_error (error);
  still = net_world_run ("ip -details route show table all");
  g_assert_cmpstr (still, ==, routes);
  link = net_world_run ("ip link show dev %s", sp_tun_get_name (tun));
  g_assert_nonnull (strstr (link, "state DOWN"));
  g_assert_null (strstr (link, "UP"));
  sp_tun_close (tun);
  sp_tun_close_wait ();
  links = net_world_run ("ip -br link show type tun");
  g_assert_cmpstr (links, ==, "");
}

static void
add_own_addresses (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_assert_true (sp_address_from_text (families[i].server, address));
      g_assert_true (sp_own_address_add (address, &error));
      g_assert_true (sp_own_address_add (address, &error)); /* there already */
    }
}

static void
test_own_address (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  g_autoptr (GError) error = NULL;

  assert_contains ("ip -br addr show dev lo", SERVER_IPV4 "/32");
  assert_contains ("ip -br addr show dev lo", SERVER_IPV6 "/128");
  g_assert_true (sp_address_from_text ("10.10.0.99", address));
  g_assert_true (sp_own_address_add (address, &error));
  g_assert_true (sp_own_address_remove (address, &error));
  g_assert_true (sp_own_address_remove (address, &error)); /* gone already */
  g_assert_no_error (error);
}

static const struct
{
  const char *path;
  GTestFunc test;
} tests[] = {
  { "/tun/own-address", test_own_address },
  { "/tun/device", test_device },
  { "/tun/prepared", test_prepared },
  { "/tun/fair-queue", test_fair_queue },
  { "/tun/quiet", test_quiet },
  { "/tun/packets", test_packets },
  { "/tun/packets-wait", test_packets_wait },
  { "/tun/flags-are-set-anew", test_flags_are_set_anew },
  { "/tun/offloads", test_offloads },
  { "/tun/close", test_close },
  { "/tun/address-moves", test_address_moves },
  { "/tun/mtu", test_mtu },
  { "/tun/failure-leaves-nothing", test_failure_leaves_nothing },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  add_own_addresses ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, tests[i].test);
  return g_test_run ();
}
