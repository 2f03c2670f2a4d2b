/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "platform/uplink.h"

#include <glib/gstdio.h>
#include <net/if.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLVER_FILE "/etc/resolv.conf"

static SpUplink *
read_uplink (void)
{
  g_autoptr (GError) error = NULL;
  SpUplink *uplink = sp_uplink_read (NULL, &error);

  g_assert_no_error (error);
  return uplink;
}

static char *
join_servers (const SpUplink *uplink)
{
  g_autoptr (GString) servers = g_string_new (NULL);

  for (guint i = 0; i < uplink->dns->len; i++)
    {
      char text[SP_ENDPOINT_TEXT_MAX];
      sp_address_to_text (g_array_index (uplink->dns, SpEndpoint, i).address, text);
      g_string_append_printf (servers, "%s%s", i > 0 ? " " : "", text);
    }
  return g_strdup (servers->str);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static void
assert_networks (const GArray *networks, const char *expected)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *seen = NULL;

  for (guint i = 0; i < networks->len; i++)
    {
      char text[SP_ENDPOINT_TEXT_MAX];
      sp_network_to_text (&g_array_index (networks, SpNetwork, i), text);
      g_ptr_array_add (texts, g_strdup (text));
    }
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  seen = g_strjoinv (" ", (char **) texts->pdata);
  g_assert_cmpstr (seen, ==, expected);
}

static void
test_nothing (void)
{
  g_autoptr (SpUplink) uplink = read_uplink ();

  g_assert_cmpuint (uplink->interfaces->len, ==, 1);
  g_assert_true (g_array_index (uplink->interfaces, SpUplinkInterface, 0).is_loopback);
  g_assert_cmpuint (uplink->addresses->len, ==, 0);
  g_assert_cmpuint (uplink->default_ipv4, ==, 0);
  g_assert_cmpuint (uplink->default_ipv6, ==, 0);
  assert_networks (uplink->home_networks, "");
  assert_networks (uplink->used_networks, "");
}

static void
test_networks (void)
{
  g_autoptr (SpUplink) uplink = NULL;
  const SpUplinkInterface *home;
  char router[SP_ENDPOINT_TEXT_MAX];

  net_world_add_host ("home", "192.168.5.1/24 fd05::1/64", "192.168.5.9/24");
  net_world_add_host ("wan", "203.0.113.1/24", "203.0.113.9/24");
  net_world_do ("ip route add default via 203.0.113.9 metric 100");
  net_world_do ("ip route add default via 192.168.5.9 metric 600");
  net_world_do ("ip -6 route add default via fd05::9");
  net_world_do ("ip route add 172.20.0.0/16 via 192.168.5.9");
  net_world_do ("ip route add unreachable 198.51.100.0/24");
  net_world_do ("ip -6 route add unreachable 2001:db8:5:100::/56 dev lo");
  net_world_do ("ip -6 route add unreachable fd77::/48 dev lo");        /* nobody delegates such */
  net_world_do ("ip route add 100.64.0.0/10 via 192.168.5.9 table 52"); /* as other tunnels do */
  /* a bridge of containers, one with a "hardware" port, a tunnel, and one of our own devices */
  net_world_do ("ip link add docker0 type bridge");
  net_world_do ("ip addr add 172.17.0.1/16 dev docker0");
  net_world_do ("ip link set docker0 up");
  net_world_do ("ip link add port type veth peer name container");
  net_world_do ("ip link set port master docker0");
  net_world_do ("ip tuntap add tun7 mode tun");
  net_world_do ("ip addr add 10.8.0.2/24 dev tun7");
  net_world_do ("ip link set tun7 up");
  net_world_do ("ip tuntap add sally9 mode tun");
  net_world_do ("ip addr add 10.10.0.1/24 dev sally9");
  net_world_do ("ip link set sally9 up");
  net_world_do ("ip addr add 10.10.0.1/32 dev lo");

  uplink = read_uplink ();
  /* a provider's network is used, but nobody's home */
  assert_networks (uplink->home_networks, "192.168.5.0/24 fd05::/64");
  assert_networks (uplink->delegated_networks, "2001:db8:5:100::/56");
  assert_networks (uplink->used_networks, "10.8.0.0/24 100.64.0.0/10 172.17.0.0/16 172.20.0.0/16 "
                                          "192.168.5.0/24 203.0.113.0/24 fd05::/64");
  g_assert_cmpuint (uplink->default_ipv4, ==, if_nametoindex ("wan"));
  sp_address_to_text (uplink->router, router);
  g_assert_cmpstr (router, ==, "203.0.113.9");
  g_assert_cmpuint (uplink->default_ipv6, ==, if_nametoindex ("home"));
  home = sp_uplink_find_interface (uplink, if_nametoindex ("home"));
  g_assert_cmpstr (home->name, ==, "home");
  g_assert_true (home->is_home && home->is_up && home->has_default);
  g_assert_cmpuint (home->mtu, ==, 1500);
  g_assert_null (sp_uplink_find_interface (uplink, if_nametoindex ("sally9")));
  g_assert_false (sp_uplink_find_interface (uplink, if_nametoindex ("docker0"))->is_home);

  net_world_do ("ip link set home down");
  g_clear_pointer (&uplink, sp_uplink_free);
  uplink = read_uplink ();
  assert_networks (uplink->home_networks, "");
  net_world_do ("ip link set home up");
}

/* {/etc/resolv.conf, systemd-resolved's, NetworkManager's} → */
static const struct
{
  const char *used;
  const char *resolved;
  const char *manager;
  const char *servers;
  gboolean is_local;
  const char *domain;
} resolvers[] = {
  { "nameserver 192.168.5.9\nsearch lan.test\n", NULL, NULL, "192.168.5.9", FALSE, "lan.test" },
  { "nameserver 127.0.0.53\nsearch .\n",
    "nameserver 192.168.5.9\nnameserver fd05::9\nsearch b.test\n", NULL, "192.168.5.9 fd05::9",
    FALSE, "b.test" },
  { "nameserver 127.0.0.1\n", NULL, "nameserver 192.168.5.9\n", "192.168.5.9", FALSE, NULL },
  { "nameserver 127.0.0.1\n", NULL, NULL, "", TRUE, NULL },
  { "", "nameserver 192.168.5.9\n", NULL, "", FALSE, NULL },
};

static void
write_file (const char *folder, const char *path, const char *text)
{
  (void) g_unlink (path);
  if (text == NULL)
    return;
  g_assert_no_errno (g_mkdir_with_parents (folder, 0755));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_resolvers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (resolvers); i++)
    {
      g_autoptr (SpUplink) uplink = NULL;
      g_autofree char *servers = NULL;

      write_file ("/etc", RESOLVER_FILE, resolvers[i].used);
      write_file ("/run/systemd/resolve", "/run/systemd/resolve/resolv.conf",
                  resolvers[i].resolved);
      write_file ("/run/NetworkManager", "/run/NetworkManager/no-stub-resolv.conf",
                  resolvers[i].manager);
      uplink = read_uplink ();
      servers = join_servers (uplink);
      g_assert_cmpstr (servers, ==, resolvers[i].servers);
      g_assert_cmpint (uplink->dns_is_local, ==, resolvers[i].is_local);
      g_assert_cmpstr (uplink->domains, ==, resolvers[i].domain);
    }
}

static void
count_change (gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
run_loop (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (2000);
}

static void
test_watch (void)
{
  g_autoptr (GError) error = NULL;
  guint changes = 0;
  SpUplinkWatch *watch;

  run_loop (1200); /* what the tests before did comes late, too */
  watch = sp_uplink_watch_new (NULL, count_change, &changes, &error);
  g_assert_no_error (error);
  run_loop (700);
  g_assert_cmpuint (changes, ==, 0);
  /* own devices and own addresses are no news */
  net_world_do ("ip tuntap add sally8 mode tun");
  net_world_do ("ip link set sally8 up");
  net_world_do ("ip route add 10.10.0.8/32 dev sally8");
  net_world_do ("ip tuntap del sally8 mode tun");
  net_world_do ("ip addr add 10.10.0.77/32 dev lo");
  run_loop (700);
  g_assert_cmpuint (changes, ==, 0);
  /* many changes are one */
  net_world_do ("ip addr add 192.168.6.1/24 dev home");
  net_world_do ("ip addr add 192.168.7.1/24 dev home");
  run_loop (900);
  g_assert_cmpuint (changes, ==, 1);
  net_world_do ("ip route add 172.21.0.0/16 via 192.168.5.9");
  run_loop (900);
  g_assert_cmpuint (changes, ==, 2);
  sp_uplink_watch_free (watch);
}

static void
hide_resolver_file (void)
{
  g_assert_no_errno (mkdir ("/run/etc", 0755));
  g_assert_no_errno (mkdir ("/run/etc.w", 0755));
  g_assert_no_errno (mount ("overlay", "/etc", "overlay", 0,
                            "lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc.w"));
  (void) g_unlink (RESOLVER_FILE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  hide_resolver_file ();
  g_test_add_func ("/uplink/nothing", test_nothing);
  g_test_add_func ("/uplink/networks", test_networks);
  g_test_add_func ("/uplink/resolvers", test_resolvers);
  g_test_add_func ("/uplink/watch", test_watch);
  return g_test_run ();
}
