/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/firewall.h"

#include "base/io.h"
#include "net-world.h"

#include <arpa/inet.h>
#include <sys/socket.h>

/* A room that was taken over has the socket of clients' datagrams, which sends to whom it likes:
 * the filter lets it answer home and this machine, and address neither. */

#define HOME     "192.168.5.9"
#define INTERNET "203.0.113.9"
#define PORT     4443

static void
send_from (int fd, const char *address, guint16 port)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port) };

  to.sin_addr.s_addr = inet_addr (address);
  (void) sendto (fd, "hello", 5, 0, (struct sockaddr *) &to, sizeof to); /* a refusal is fine */
}

static gboolean
hears (int fd)
{
  guint8 bytes[100];

  return net_world_receive (fd, bytes, sizeof bytes) == 5;
}

static void
test_datagram_port (void)
{
  sp_autofd int own = net_world_open_udp (NULL, "0.0.0.0", PORT);
  sp_autofd int other = net_world_open_udp (NULL, "0.0.0.0", PORT + 1);
  sp_autofd int here = net_world_open_udp (NULL, "127.0.0.1", 80);
  sp_autofd int home = net_world_open_udp ("home", HOME, 80);
  sp_autofd int internet = net_world_open_udp ("internet", INTERNET, 80);
  SpNetwork home_network;
  const SpFirewallPlan plan = { .home_networks = &home_network,
                                .n_home_networks = 1,
                                .datagram_ports = { PORT, PORT + 2 } };
  SpFirewall *firewall = sp_firewall_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_network_from_text ("192.168.5.0/24", &home_network));
  g_assert_true (sp_firewall_install (firewall, &plan, &error));
  g_assert_no_error (error);
  send_from (own, HOME, 80);
  send_from (own, "127.0.0.1", 80);
  g_assert_false (hears (home));
  g_assert_false (hears (here));
  /* A client at home, one in the internet, and whatever else this machine does. */
  send_from (home, "192.168.5.1", PORT);
  g_assert_true (hears (own));
  send_from (own, HOME, 80);
  g_assert_true (hears (home));
  send_from (own, INTERNET, 80);
  g_assert_true (hears (internet));
  send_from (other, HOME, 80);
  g_assert_true (hears (home));
  g_assert_true (sp_firewall_remove (firewall, NULL));
  sp_firewall_free (firewall);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  net_world_add_host ("home", "192.168.5.1/24", HOME "/24");
  net_world_add_host ("internet", "203.0.113.1/24", INTERNET "/24");
  g_test_add_func ("/firewall/datagram-port", test_datagram_port);
  return g_test_run ();
}
