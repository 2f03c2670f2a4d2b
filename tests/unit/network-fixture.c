/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-fixture.h"

#include "platform/fake.h"

#include "base/names.h"

#include <glib/gstdio.h>

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("network-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->journal = g_build_filename (fixture->folder, SP_NETWORK_JOURNAL_FILE, NULL);
  sp_fake_reset ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void) g_unlink (fixture->journal);
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->journal);
}

SpNetworkSettings
usual_settings (void)
{
  SpNetworkSettings settings = { .masquerade = TRUE, .global_id = { 1, 2, 3, 4, 5 } };

  return settings;
}

void
assert_untouched (Fixture *fixture)
{
  g_assert_false (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  g_assert_false (sp_fake_firewall_is_installed ());
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 0);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "eth0"), ==, 0);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 0);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
}

SpNetworkSetup *
start (Fixture *fixture, const SpNetworkSettings *settings)
{
  g_autoptr (GError) error = NULL;
  SpNetworkSetup *setup = sp_network_setup_start (settings, fixture->folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (setup);
  return setup;
}

void
assert_fates (SpFirewallFate ipv4, SpFirewallFate ipv6)
{
  const SpFirewallPlan *plan = sp_fake_firewall_get_plan ();

  g_assert_cmpuint (plan->n_pools, ==, 2);
  g_assert_true (sp_network_is_ipv4 (&plan->pools[0].network));
  g_assert_cmpint (plan->pools[0].fate, ==, ipv4);
  g_assert_cmpint (plan->pools[1].fate, ==, ipv6);
}

void
network_fixture_add (const NetworkTest *tests, guint n)
{
  for (guint i = 0; i < n; i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
}
