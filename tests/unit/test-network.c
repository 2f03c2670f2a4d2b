/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-fixture.h"

#include "network-journal.h"
#include "platform/fake.h"
#include "platform/own-address.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_start_and_stop (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);
  guint n_home = 0;
  const SpNetwork *home = sp_network_setup_get_home_networks (setup, &n_home);
  char text[SP_ENDPOINT_TEXT_MAX];

  g_assert_true (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  g_assert_true (sp_fake_firewall_is_installed ());
  assert_fates (SP_FIREWALL_MASQUERADE, SP_FIREWALL_MASQUERADE);
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 2);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "eth0"), ==, 1);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 1);
  g_assert_cmpuint (n_home, ==, 1);
  sp_network_to_text (home, text);
  g_assert_cmpstr (text, ==, "192.168.77.0/24");
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

static void
test_masquerade (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_network_setup_set_masquerade (setup, FALSE, &error));
  g_assert_no_error (error);
  assert_fates (SP_FIREWALL_AS_THEY_ARE, SP_FIREWALL_MASQUERADE);
  /* What failed is not done at the next chance, either. */
  sp_fake_fail_next (SP_FAKE_FIREWALL, SP_ERROR_FAILED);
  g_assert_false (sp_network_setup_set_masquerade (setup, TRUE, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (sp_network_setup_set_masquerade (setup, FALSE, &error));
  assert_fates (SP_FIREWALL_AS_THEY_ARE, SP_FIREWALL_MASQUERADE);
  g_assert_true (sp_network_setup_set_masquerade (setup, TRUE, &error));
  assert_fates (SP_FIREWALL_MASQUERADE, SP_FIREWALL_MASQUERADE);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

static const struct
{
  SpFakePart part;
  SpError code;
} failures[] = {
  { SP_FAKE_TUN, SP_ERROR_NO_TUN },
  { SP_FAKE_UPLINK, SP_ERROR_FAILED },
  { SP_FAKE_OWN_ADDRESS, SP_ERROR_NOT_AUTHORIZED },
  { SP_FAKE_FORWARDING, SP_ERROR_FORWARDING_BLOCKED },
  { SP_FAKE_FIREWALL, SP_ERROR_NOT_SUPPORTED },
};

static void
test_failure_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (GError) error = NULL;

      sp_fake_fail_next (failures[i].part, failures[i].code);
      g_assert_null (sp_network_setup_start (&settings, fixture->folder, &error));
      g_assert_error (error, SP_ERROR, (gint) failures[i].code);
      assert_untouched (fixture);
    }
}

static void
test_unwritable_folder (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  g_autoptr (GError) error = NULL;

  g_assert_null (sp_network_setup_start (&settings, "/nonexistent/folder", &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
  assert_untouched (fixture);
}

/* {range, uplink's address, refused} */
static const struct
{
  const char *ipv4;
  const char *ipv6;
  SpIpv6Mode mode;
  gint code; /* -1 = works */
} ranges[] = {
  { NULL, NULL, SP_IPV6_NAT, -1 },
  { "10.99.0.0/16", NULL, SP_IPV6_OFF, -1 },
  { "192.168.77.128/25", NULL, SP_IPV6_OFF, SP_ERROR_ADDRESS_CONFLICT },
  { "192.168.0.0/16", NULL, SP_IPV6_OFF, SP_ERROR_ADDRESS_CONFLICT },
  { "10.99.0.0/30", NULL, SP_IPV6_OFF, SP_ERROR_INVALID_ARGUMENTS },
  { NULL, NULL, SP_IPV6_ROUTED, SP_ERROR_INVALID_ARGUMENTS },
  { NULL, "2001:db8:0:7::/64", SP_IPV6_ROUTED, -1 },
  { NULL, "2001:db8:0:1::/64", SP_IPV6_ROUTED, -1 }, /* a part of what the uplink has */
  { NULL, "2001:db8:0:1::/64", SP_IPV6_NAT, SP_ERROR_ADDRESS_CONFLICT },
};

static void
test_ranges (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      SpNetworkSettings settings = usual_settings ();
      SpNetwork ipv4, ipv6;
      g_autoptr (GError) error = NULL;
      g_autoptr (SpNetworkSetup) setup = NULL;

      sp_fake_reset ();
      sp_fake_uplink_add ("eth1", "2001:db8::5/56", TRUE);
      settings.ipv6_mode = ranges[i].mode;
      if (ranges[i].ipv4 != NULL && sp_network_from_text (ranges[i].ipv4, &ipv4))
        settings.ipv4_range = &ipv4;
      if (ranges[i].ipv6 != NULL && sp_network_from_text (ranges[i].ipv6, &ipv6))
        settings.ipv6_range = &ipv6;
      setup = sp_network_setup_start (&settings, fixture->folder, &error);
      if (ranges[i].code >= 0)
        g_assert_error (error, SP_ERROR, ranges[i].code);
      else
        g_assert_no_error (error);
    }
}

/* The first subnet of a delegated prefix that the machine does not use itself. */
static void
test_delegated_range (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SpNetworkSetup) setup = NULL;
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_fake_reset ();
  sp_fake_uplink_add ("eth1", "2001:db8:5:100::1/64", TRUE);
  sp_fake_uplink_add ("eth2", "2001:db8:5:101::1/64", TRUE);
  sp_fake_uplink_delegate ("2001:db8:5:100::/56");
  settings.ipv6_mode = SP_IPV6_ROUTED;
  setup = sp_network_setup_start (&settings, fixture->folder, &error);
  g_assert_no_error (error);
  sp_network_to_text (sp_lease_pool_get_ipv6 (sp_network_setup_get_leases (setup)), text);
  g_assert_cmpstr (text, ==, "2001:db8:5:102::/64");
}

static void
test_chosen_range_avoids_home (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  g_autoptr (SpNetworkSetup) setup = NULL;
  const SpNetwork *range;
  SpNetwork home;

  sp_fake_uplink_add ("eth1", "10.10.3.7/16", TRUE);
  setup = start (fixture, &settings);
  range = sp_lease_pool_get_ipv4 (sp_network_setup_get_leases (setup));
  g_assert_true (sp_network_from_text ("10.10.0.0/16", &home));
  g_assert_false (sp_network_overlaps (range, &home));
}

static void
test_session (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  g_autoptr (SpNetworkSetup) setup = start (fixture, &settings);
  g_autoptr (GError) error = NULL;
  guint8 id[SP_ID_SIZE] = { 1 };
  const SpFirewallSession *known;
  SpNetworkSession session = { .user = id, .reach = SP_REACH_HOME };
  SpTun *tun;

  g_assert_true (sp_lease_pool_allocate (sp_network_setup_get_leases (setup), id, NULL, NULL,
                                         &session.lease, &error));
  sp_fake_fail_next (SP_FAKE_FIREWALL, SP_ERROR_FAILED);
  g_assert_null (sp_network_setup_open_session (setup, &session, 1400, 0, &error));
  g_clear_error (&error);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
  tun = sp_network_setup_open_session (setup, &session, 1400, 0, &error);
  g_assert_no_error (error);
  known = sp_fake_firewall_find (sp_tun_get_name (tun));
  g_assert_nonnull (known);
  g_assert_cmpint (known->reach, ==, SP_REACH_HOME);
  g_assert_cmpmem (known->ipv4, SP_ADDRESS_SIZE, session.lease.ipv4, SP_ADDRESS_SIZE);
  g_assert_cmpuint (sp_fake_tun_get_mtu (sp_tun_get_name (tun)), ==, 1400);
  sp_network_setup_close_session (setup, tun);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 0);
}

/* The device that was made ahead is the session's, and one that nobody took goes with the setup. */
static void
test_session_that_was_expected (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);
  g_autoptr (GError) error = NULL;
  guint8 id[SP_ID_SIZE] = { 1 };
  SpNetworkSession session = { .user = id, .reach = SP_REACH_HOME };
  SpTun *tun;

  g_assert_true (sp_lease_pool_allocate (sp_network_setup_get_leases (setup), id, NULL, NULL,
                                         &session.lease, &error));
  sp_network_setup_expect_session (setup);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  tun = sp_network_setup_open_session (setup, &session, 1400, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  g_assert_nonnull (sp_fake_firewall_find (sp_tun_get_name (tun)));
  g_assert_cmpuint (sp_fake_tun_get_mtu (sp_tun_get_name (tun)), ==, 1400);
  sp_network_setup_expect_session (setup);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (sp_fake_tun_count (), ==, 2);
  sp_network_setup_close_session (setup, tun);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);
  g_autoptr (GError) error = NULL;
  guint n_home = 0;

  sp_fake_uplink_add ("wlan0", "192.168.88.5/24", TRUE);
  sp_fake_uplink_tell ();
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "wlan0"), ==, 1);
  (void) sp_network_setup_get_home_networks (setup, &n_home);
  g_assert_cmpuint (n_home, ==, 2);
  /* the clients' range comes up in a network that was joined */
  sp_fake_uplink_add ("wlan1", "10.10.0.99/24", TRUE);
  g_assert_false (sp_network_setup_refresh (setup, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "wlan0"), ==, 0);
}

static void
test_recover (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpNetworkJournal) journal = sp_network_journal_new ();
  SpForwardingChange change = { SP_FORWARDING_IPV4, "eth0", 0, 1 };
  guint8 own[SP_ADDRESS_SIZE];
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  g_array_append_val (journal->forwarding, change);
  g_assert_true (sp_address_from_text ("10.10.0.1", own));
  g_byte_array_append (journal->addresses, own, sizeof own);
  g_assert_true (sp_network_journal_write (journal, fixture->folder, &error));
  sp_fake_forwarding_set (SP_FORWARDING_IPV4, "eth0", 1);
  g_assert_true (sp_own_address_add (own, NULL));

  /* what cannot be put back keeps the journal */
  sp_fake_fail_next (SP_FAKE_FIREWALL, SP_ERROR_NOT_AUTHORIZED);
  g_assert_false (sp_network_setup_recover (fixture->folder, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_AUTHORIZED);
  g_clear_error (&error);
  g_assert_true (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));

  g_assert_true (sp_network_setup_recover (fixture->folder, &error));
  assert_untouched (fixture);
}

static const char *const broken_journals[] = {
  "",
  "{",
  "[]",
  "{\"version\":2,\"forwarding\":[],\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":{},\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":[1],\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[\"x\"]}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[7]}",
  "{\"version\":1,\"forwarding\":[{\"switch\":\"other\",\"interface\":\"eth0\",\"before\":0,"
  "\"after\":1}],\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":[{\"switch\":\"ipv4-forwarding\",\"interface\":\"\",\"before\":0,"
  "\"after\":1}],\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":[{\"switch\":\"ipv4-forwarding\",\"interface\":"
  "\"an-interface-too-long\",\"before\":0,\"after\":1}],\"addresses\":[]}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[],\"ranges\":7}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[],\"ranges\":[7]}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[],\"ranges\":[{\"network\":\"10.0.0.0/40\","
  "\"ipv6\":\"off\",\"present\":true}]}",
  "{\"version\":1,\"forwarding\":[],\"addresses\":[],\"ranges\":[{\"network\":\"10.0.0.0/24\","
  "\"ipv6\":\"on\",\"present\":true}]}",
};

static void
test_broken_journal (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken_journals); i++)
    {
      g_autoptr (GError) error = NULL;
      SpNetworkJournal *journal;

      g_assert_true (g_file_set_contents (fixture->journal, broken_journals[i], -1, NULL));
      journal = sp_network_journal_read (fixture->folder, &error);
      g_assert_null (journal);
      g_assert_error (error, SP_ERROR, SP_ERROR_FAILED);
      /* the next start is not barred by it */
      g_clear_error (&error);
      g_assert_true (sp_network_setup_recover (fixture->folder, &error));
      assert_untouched (fixture);
    }
}

static void
test_journal_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpNetworkJournal) journal = sp_network_journal_new ();
  g_autoptr (SpNetworkJournal) again = NULL;
  const SpForwardingChange changes[] = { { SP_FORWARDING_IPV6_HEAR, "eth0.100", 1, 2 },
                                         { SP_FORWARDING_IPV6, "br-lan", 1, 1 },
                                         { SP_FORWARDING_IPV6, "all", 0, 1 } };
  static const char *const networks[] = { "10.10.0.0/24", "10.99.0.0/16", "fd12::/64" };
  g_autoptr (GError) error = NULL;

  g_array_append_vals (journal->forwarding, changes, G_N_ELEMENTS (changes));
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      SpClientRange range = { .mode = i == 2 ? SP_IPV6_REFUSED : SP_IPV6_OFF,
                              .is_present = i != 1 };
      guint8 own[SP_ADDRESS_SIZE];

      g_assert_true (sp_network_from_text (networks[i], &range.network));
      sp_lease_pool_derive_server (&range.network, own);
      g_array_append_val (journal->ranges, range);
      g_byte_array_append (journal->addresses, own, sizeof own);
    }
  g_assert_true (sp_network_journal_write (journal, fixture->folder, &error));
  again = sp_network_journal_read (fixture->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (again->forwarding->data, again->forwarding->len * sizeof changes[0], changes,
                   sizeof changes);
  g_assert_cmpmem (again->addresses->data, again->addresses->len, journal->addresses->data,
                   journal->addresses->len);
  g_assert_cmpuint (again->ranges->len, ==, G_N_ELEMENTS (networks));
  for (guint i = 0; i < again->ranges->len; i++)
    {
      const SpClientRange *range = &g_array_index (again->ranges, SpClientRange, i);
      char text[SP_ENDPOINT_TEXT_MAX];

      sp_network_to_text (&range->network, text);
      g_assert_cmpstr (text, ==, networks[i]);
      g_assert_cmpint (range->mode, ==, i == 2 ? SP_IPV6_REFUSED : SP_IPV6_OFF);
      g_assert_cmpint (range->is_present, ==, i != 1);
    }
}

static const NetworkTest tests[] = {
  { "/network/start-and-stop", test_start_and_stop },
  { "/network/masquerade", test_masquerade },
  { "/network/failure-leaves-nothing", test_failure_leaves_nothing },
  { "/network/unwritable-folder", test_unwritable_folder },
  { "/network/ranges", test_ranges },
  { "/network/chosen-range-avoids-home", test_chosen_range_avoids_home },
  { "/network/delegated-range", test_delegated_range },
  { "/network/session", test_session },
  { "/network/session-that-was-expected", test_session_that_was_expected },
  { "/network/refresh", test_refresh },
  { "/network/recover", test_recover },
  { "/network/broken-journal", test_broken_journal },
  { "/network/journal-round-trip", test_journal_round_trip },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  network_fixture_add (tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
