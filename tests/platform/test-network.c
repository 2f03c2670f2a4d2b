/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/error.h"
#include "base/names.h"
#include "network.h"

#include <glib/gstdio.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* The network set-up on a real kernel: what is there afterwards is what was there before, however
 * it ended. */

typedef struct
{
  char *folder;
  char *journal;
  char *before;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("network-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->journal = g_build_filename (fixture->folder, SP_NETWORK_JOURNAL_FILE, NULL);
  fixture->before = net_world_describe ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *after = net_world_describe ();

  g_assert_cmpstr (after, ==, fixture->before);
  g_assert_no_errno (g_rmdir (fixture->folder)); /* no journal is left */
  g_free (fixture->folder);
  g_free (fixture->journal);
  g_free (fixture->before);
}

static SpNetworkSetup *
start (Fixture *fixture)
{
  SpNetworkSettings settings = { .masquerade = TRUE, .global_id = { 1, 2, 3, 4, 5 } };
  g_autoptr (GError) error = NULL;
  SpNetworkSetup *setup = sp_network_setup_start (&settings, fixture->folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (setup);
  return setup;
}

static SpTun *
open_session (SpNetworkSetup *setup, guint8 number)
{
  guint8 id[SP_ID_SIZE] = { number };
  g_autoptr (GError) error = NULL;
  SpNetworkSession session = { .user = id, .rates = { .up = 64000, .down = 64000 } };
  SpTun *tun;

  g_assert_true (sp_lease_pool_allocate (sp_network_setup_get_leases (setup), id, NULL, NULL,
                                         &session.lease, &error));
  tun = sp_network_setup_open_session (setup, &session, 1400, 0, &error);
  g_assert_no_error (error);
  return tun;
}

static void
assert_knob (const char *name, const char *expected)
{
  g_autofree char *value = net_world_run ("sysctl -n %s", name);

  g_assert_cmpstr (g_strchomp (value), ==, expected);
}

static void
test_start_and_stop (Fixture *fixture, gconstpointer data)
{
  SpNetworkSetup *setup = start (fixture);
  SpTun *first = open_session (setup, 1);
  SpTun *second = open_session (setup, 2);
  g_autofree char *rules = net_world_run ("nft list map inet sallyport sources4");

  assert_knob ("net.ipv4.conf.home.forwarding", "1");
  assert_knob ("net.ipv4.conf.all.forwarding", "0");
  assert_knob ("net.ipv6.conf.all.forwarding", "1");
  assert_knob ("net.ipv6.conf.home.accept_ra", "2");
  g_assert_nonnull (strstr (rules, sp_tun_get_name (first)));
  g_assert_nonnull (strstr (rules, sp_tun_get_name (second)));
  g_assert_cmpuint (if_nametoindex ("sallyq3"), !=, 0); /* two of each user */
  sp_network_setup_close_session (setup, first);
  sp_network_setup_close_session (setup, second);
  sp_network_setup_stop (setup);
  sp_tun_close_wait ();
  sp_shaper_close_wait ();
}

/* A whole run in a process of its own that is killed in the middle. */
static void
run_and_be_killed (Fixture *fixture)
{
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      (void) open_session (start (fixture), 1);
      (void) raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *left = NULL;
  g_autoptr (GError) error = NULL;

  run_and_be_killed (fixture);
  left = net_world_describe ();
  g_assert_cmpstr (left, !=, fixture->before);
  g_assert_true (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  g_assert_no_error (error);
}

/* The next start takes its own changes for no one else's. */
static void
test_killed_and_started (Fixture *fixture, gconstpointer data)
{
  run_and_be_killed (fixture);
  run_and_be_killed (fixture);
  sp_network_setup_stop (start (fixture));
}

/* Killed between journal and change: there is less to undo than it says. */
static void
test_killed_before_change (Fixture *fixture, gconstpointer data)
{
  g_autofree char *journal = NULL;
  g_autoptr (GError) error = NULL;

  run_and_be_killed (fixture);
  g_assert_true (g_file_get_contents (fixture->journal, &journal, NULL, NULL));
  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  g_assert_true (g_file_set_contents (fixture->journal, journal, -1, NULL));
  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  g_assert_no_error (error);
}

static void
test_interface_is_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  net_world_do ("ip link add passing type veth peer name passing-peer");
  net_world_do ("ip link set passing up");
  run_and_be_killed (fixture);
  net_world_do ("ip link del passing");
  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  g_assert_no_error (error);
}

/* What was on stays on, and what others changed meanwhile is theirs. */
static void
test_others_settings (Fixture *fixture, gconstpointer data)
{
  net_world_do ("sysctl -qw net.ipv4.conf.home.forwarding=1 net.ipv6.conf.internet.forwarding=1");
  sp_network_setup_stop (start (fixture));
  assert_knob ("net.ipv4.conf.home.forwarding", "1");
  assert_knob ("net.ipv6.conf.internet.forwarding", "1");
  assert_knob ("net.ipv6.conf.home.forwarding", "0");
  net_world_do ("sysctl -qw net.ipv4.conf.home.forwarding=0 net.ipv6.conf.internet.forwarding=0");
}

static gboolean
seal_settings (void)
{
  return mount ("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0 &&
         mount (NULL, "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

/* As in many containers. */
static void
test_sealed_settings (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = { .masquerade = TRUE, .ipv6_mode = SP_IPV6_OFF };
  g_autoptr (GError) error = NULL;
  SpNetworkSetup *setup;

  g_assert_true (seal_settings ());
  g_assert_null (sp_network_setup_start (&settings, fixture->folder, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_FORWARDING_BLOCKED);
  g_clear_error (&error);
  g_assert_no_errno (umount ("/proc/sys"));

  net_world_do ("sysctl -qw net.ipv4.ip_forward=1");
  g_assert_true (seal_settings ());
  setup = sp_network_setup_start (&settings, fixture->folder, &error);
  g_assert_no_error (error);
  sp_network_setup_stop (setup);
  g_assert_no_errno (umount ("/proc/sys"));
  net_world_do ("sysctl -qw net.ipv4.ip_forward=0");
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  SpNetworkSetup *setup = start (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *homes = NULL;

  net_world_do ("ip link add joined type veth peer name joined-peer");
  net_world_do ("ip link set joined up");
  net_world_do ("ip addr add 192.168.99.7/24 dev joined");
  g_assert_true (sp_network_setup_refresh (setup, &error));
  g_assert_no_error (error);
  assert_knob ("net.ipv4.conf.joined.forwarding", "1");
  homes = net_world_run ("nft list set inet sallyport home4");
  g_assert_nonnull (strstr (homes, "192.168.99.0/24"));
  net_world_do ("ip addr add 10.10.0.50/24 dev joined");
  g_assert_false (sp_network_setup_refresh (setup, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT);
  net_world_do ("ip link del joined");
  sp_network_setup_stop (setup);
}

static void
test_ranges_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpNetworkSetup) setup = NULL;
  SpNetwork first;

  g_assert_true (sp_network_from_text ("10.10.0.0/24", &first));
  net_world_do ("ip route add 10.10.0.0/16 via 192.168.5.9");
  setup = start (fixture);
  g_assert_false (
      sp_network_overlaps (&first, sp_lease_pool_get_ipv4 (sp_network_setup_get_leases (setup))));
  g_clear_pointer (&setup, sp_network_setup_stop);
  net_world_do ("ip route del 10.10.0.0/16");
}

static const struct
{
  const char *path;
  void (*test) (Fixture *, gconstpointer);
} tests[] = {
  { "/network/start-and-stop", test_start_and_stop },
  { "/network/killed", test_killed },
  { "/network/killed-and-started", test_killed_and_started },
  { "/network/killed-before-change", test_killed_before_change },
  { "/network/interface-is-gone", test_interface_is_gone },
  { "/network/others-settings", test_others_settings },
  { "/network/sealed-settings", test_sealed_settings },
  { "/network/refresh", test_refresh },
  { "/network/ranges-in-use", test_ranges_in_use },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  net_world_add_host ("home", "192.168.5.1/24 fd05::1/64", "192.168.5.9/24 fd05::9/64");
  net_world_add_host ("internet", "203.0.113.1/24", "203.0.113.9/24");
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
