/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/names.h"
#include "platform/firewall.h"
#include "platform/foreign-filter.h"

#include <glib/gstdio.h>
#include <netinet/in.h>

/* What others' rules do with packets of ours, told from the rules alone. */

static const SpForeignPacket packets[] = {
  { .in = "sally0", .out = "home", .protocol = IPPROTO_TCP },
  { .in = "home", .out = "sally0", .protocol = IPPROTO_TCP, .is_answer = TRUE },
  { .in = "sally0", .out = "home", .protocol = IPPROTO_TCP, .is_ipv6 = TRUE },
  { .in = "home", .protocol = IPPROTO_TCP, .port = 443 },
  { .in = "home", .protocol = IPPROTO_UDP, .port = 443 },
};

#define FILTER(chain) "add table inet other\nadd chain inet other " chain " { type filter hook "
#define FORWARDING    FILTER ("through") "forward priority 0; policy drop; }\n"
#define RULE          "add rule inet other through "
#define COMING_IN     FILTER ("in") "input priority 0; policy drop; }\n"
#define IN_RULE       "add rule inet other in "

/* A digit for each packet: 1 = it is certainly dropped. */
static const struct
{
  const char *name;
  const char *commands; /* of nft */
  const char *dropped;
} cases[] = {
  { "nothing", "", "00000" },
  { "policy", FORWARDING, "11100" },
  { "other-family",
    "add table ip6 other\nadd chain ip6 other c { type filter hook forward "
    "priority 0; policy drop; }\n",
    "00100" },
  { "not-a-filter",
    "add table ip other\nadd chain ip other c { type nat hook postrouting "
    "priority 100; policy drop; }\n",
    "00000" },
  { "ours-is-not-looked-at",
    "add table inet " SP_FIREWALL_TABLE "\nadd chain inet " SP_FIREWALL_TABLE
    " c { type filter hook forward priority 0; policy drop; }\n",
    "00000" },
  { "answers-pass", FORWARDING RULE "ct state established,related accept\n", "10100" },
  { "answers-pass-by-map",
    FORWARDING RULE "ct state vmap { established : accept, related : accept, invalid : drop }\n",
    "10100" },
  { "dropped-by-map", FORWARDING RULE "ct state vmap { new : drop }\n" RULE "accept\n", "10100" },
  { "let-through", FORWARDING RULE "iifname \"sally*\" accept\n" RULE "oifname \"sally*\" accept\n",
    "00000" },
  { "let-one-way", FORWARDING RULE "iifname \"sally*\" accept\n", "01000" },
  { "by-a-list-of-devices", FORWARDING RULE "iifname { \"home\", \"sally0\" } accept\n", "00000" },
  { "others-devices",
    FORWARDING RULE "iifname \"docker0\" accept\n" RULE
                    "oifname != { \"sally0\", \"home\" } accept\n",
    "11100" },
  { "unknown-may-pass", FORWARDING RULE "ip saddr 10.0.0.0/8 accept\n", "00100" },
  { "unknown-may-be-dropped", FORWARDING RULE "meta mark 7 drop\n" RULE "accept\n", "00000" },
  { "a-limit-may-pass", FORWARDING RULE "limit rate 5/second accept\n", "00000" },
  { "rejected-at-the-end",
    FILTER ("through") "forward priority 0; policy accept; }\n" RULE
                       "oifname \"sally*\" accept\n" RULE
                       "reject with icmpx type admin-prohibited\n",
    "10100" },
  { "named-set-may-pass",
    FORWARDING "add set inet other s { type ifname; }\n" RULE "iifname @s accept\n", "00000" },
  { "jump-and-return",
    FORWARDING "add chain inet other user\n"
               "add rule inet other user iifname \"x\" accept\n"
               "add rule inet other user return\n" RULE "jump user\n",
    "11100" },
  { "jump-accepts",
    FORWARDING "add chain inet other user\n"
               "add rule inet other user accept\n" RULE "meta nfproto ipv6 jump user\n",
    "11000" },
  { "goto-drops",
    FILTER ("through") "forward priority 0; policy accept; }\n"
                       "add chain inet other user\n"
                       "add rule inet other user drop\n" RULE "iifname \"sally*\" goto user\n",
    "10100" },
  { "perhaps-returned",
    FORWARDING "add chain inet other user\n"
               "add rule inet other user meta mark 7 return\n"
               "add rule inet other user drop\n" RULE "jump user\n" RULE "accept\n",
    "00000" },
  { "later-table",
    "add table ip a\nadd chain ip a c { type filter hook forward priority 0; policy accept; }\n"
    "add table ip b\nadd chain ip b c { type filter hook forward priority 9; policy drop; }\n",
    "11000" },
  { "port-closed", COMING_IN, "00011" },
  { "port-open", COMING_IN IN_RULE "tcp dport { 22, 443 } accept\n", "00001" },
  { "port-in-range", COMING_IN IN_RULE "udp dport 400-500 accept\n", "00010" },
  { "another-port-open", COMING_IN IN_RULE "tcp dport 80 accept\n", "00011" },
  { "open-for-some", COMING_IN IN_RULE "ip saddr 192.0.2.0/24 tcp dport 443 accept\n", "00001" },
};

static void
clear (void)
{
  net_world_do ("nft flush ruleset");
}

static void
judge (const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpForeignFilter) filter = sp_foreign_filter_read (&error);
  char seen[G_N_ELEMENTS (packets) + 1] = "";

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      SpForeignDrop drop;

      seen[i] = sp_foreign_filter_drops (filter, &packets[i], &drop) ? '1' : '0';
    }
  g_assert_cmpstr (seen, ==, expected);
}

static void
load (const char *commands)
{
  g_autoptr (GError) error = NULL;

  (void) g_file_set_contents ("/run/rules", commands, -1, &error);
  g_assert_no_error (error);
  net_world_do ("nft -f /run/rules");
}

static void
test_case (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data);

  clear ();
  load (cases[number].commands);
  judge (cases[number].dropped);
  clear ();
}

static void
assert_drop (const SpForeignPacket *packet, const char *place, SpForeignKeeper keeper)
{
  g_autoptr (SpForeignFilter) filter = sp_foreign_filter_read (NULL);
  g_autofree char *seen = NULL;
  SpForeignDrop drop;

  g_assert_true (sp_foreign_filter_drops (filter, packet, &drop));
  seen = g_strdup_printf ("%s %s %s", drop.family, drop.table, drop.chain);
  g_assert_cmpstr (seen, ==, place);
  g_assert_cmpuint (drop.keeper, ==, keeper);
}

/* As a container engine leaves them. */
static void
test_docker (void)
{
  static const char *const commands[] = {
    "-N DOCKER-USER",
    "-N DOCKER-ISOLATION-STAGE-1",
    "-P FORWARD DROP",
    "-A FORWARD -j DOCKER-USER",
    "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
    "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
    "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -m comment --comment out -j RETURN",
    "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
    "-A DOCKER-USER -j RETURN",
  };

  clear ();
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    net_world_do ("iptables-nft %s", commands[i]);
  judge ("11000");
  assert_drop (&packets[0], "ip filter FORWARD", SP_FOREIGN_DOCKER);
  net_world_do ("iptables-nft -I DOCKER-USER -i sally+ -j ACCEPT");
  judge ("01000");
  net_world_do ("iptables-nft -I DOCKER-USER -o sally+ -m conntrack --ctstate "
                "RELATED,ESTABLISHED -j ACCEPT");
  judge ("00000");
  clear ();
}

/* Its chains are some 50; of them those that matter. */
static void
test_ufw (void)
{
  static const char *const commands[] = {
    "-N ufw-before-forward",
    "-N ufw-user-forward",
    "-N ufw-before-input",
    "-P FORWARD DROP",
    "-P INPUT DROP",
    "-A FORWARD -j ufw-before-forward",
    "-A INPUT -j ufw-before-input",
    "-A ufw-before-input -i lo -j ACCEPT",
    "-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A ufw-before-input -p udp --sport 67 --dport 68 -j ACCEPT",
    "-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A ufw-before-forward -p icmp --icmp-type 8 -j ACCEPT",
    "-A ufw-before-forward -j ufw-user-forward",
  };

  clear ();
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    net_world_do ("iptables-nft %s", commands[i]);
  judge ("10011");
  assert_drop (&packets[0], "ip filter FORWARD", SP_FOREIGN_UFW);
  assert_drop (&packets[3], "ip filter INPUT", SP_FOREIGN_UFW);
  net_world_do ("iptables-nft -A ufw-user-forward -i sally+ -j ACCEPT");
  net_world_do ("iptables-nft -A ufw-before-input -p tcp --dport 443 -j ACCEPT");
  judge ("00001");
  clear ();
}

static void
count (gpointer counter)
{
  (*(guint *) counter)++;
}

static gboolean
give_up (gpointer late)
{
  *(gboolean *) late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_for_tidings (const guint *counter, guint expected)
{
  gboolean late = FALSE;
  guint timer = g_timeout_add_seconds (30, give_up, &late);

  while (*counter < expected && !late)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (*counter, ==, expected);
  (void) g_source_remove (timer);
}

static void
test_watch (void)
{
  g_autoptr (GError) error = NULL;
  guint counter = 0;
  G_GNUC_UNUSED g_autoptr (SpForeignFilterWatch) watch =
      sp_foreign_filter_watch_new (count, &counter, &error);
  g_autoptr (SpFirewall) own = sp_firewall_new ();
  const SpFirewallPlan plan = { .n_pools = 0 };

  g_assert_no_error (error);
  clear ();
  load (FORWARDING);
  wait_for_tidings (&counter, 1);
  load (RULE "accept\n");
  wait_for_tidings (&counter, 2);
  /* Only others' changes are told: what comes next is the second of these. */
  g_assert_true (sp_firewall_install (own, &plan, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (sp_firewall_remove (own, NULL));
  load ("delete table inet other\n");
  wait_for_tidings (&counter, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  net_world_add_host ("home", "192.168.5.1/24", "192.168.5.9/24");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/foreign-filter/%s", cases[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/foreign-filter/docker", test_docker);
  g_test_add_func ("/foreign-filter/ufw", test_ufw);
  g_test_add_func ("/foreign-filter/watch", test_watch);
  return g_test_run ();
}
