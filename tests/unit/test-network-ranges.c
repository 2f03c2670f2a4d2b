/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-fixture.h"

#include "base/io.h"
#include "network-journal.h"
#include "network-ranges.h"
#include "platform/fake.h"

#include "base/error.h"

/* Other ranges while it is on. */

/* Lent to the settings. */
static void
wish (SpNetworkSettings *settings, SpNetwork *ipv4, const char *text, SpIpv6Mode mode)
{
  g_assert_true (sp_network_from_text (text, ipv4));
  settings->ipv4_range = ipv4;
  settings->ipv6_mode = mode;
}

static void
change (SpNetworkSetup *setup, const SpNetworkSettings *settings)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_network_setup_claim_ranges (setup, settings, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (sp_network_setup_take_ranges (setup, settings, &error));
  g_assert_no_error (error);
}

static SpLease
lease (SpNetworkSetup *setup, guint8 number)
{
  const guint8 session[SP_ID_SIZE] = { number };
  SpLease ret;

  g_assert_true (sp_lease_pool_allocate (sp_network_setup_get_leases (setup), session, NULL, NULL,
                                         &ret, NULL));
  return ret;
}

static void
release (SpNetworkSetup *setup, guint8 number)
{
  const guint8 session[SP_ID_SIZE] = { number };

  g_assert_true (sp_lease_pool_release (sp_network_setup_get_leases (setup), session));
}

static void
assert_ranges (SpNetworkSetup *setup, const char *expected)
{
  g_autoptr (GString) words = g_string_new (NULL);
  guint n = 0;
  const SpClientRange *used = sp_network_setup_get_ranges (setup, &n);

  for (guint i = 0; i < n; i++)
    {
      char text[SP_ENDPOINT_TEXT_MAX];

      sp_network_to_text (&used[i].network, text);
      g_string_append_printf (words, "%s%s%s", i > 0 ? " " : "", text,
                              used[i].is_present ? "" : "-");
    }
  g_assert_cmpstr (words->str, ==, expected);
}

static void
assert_address (const guint8 *address, const char *expected)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (address, text);
  g_assert_cmpstr (text, ==, expected);
}

/* Who has an address keeps it and all that it needs; the last one takes that along. */
static void
test_other_range (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);
  g_autoptr (SpNetworkJournal) journal = NULL;
  SpNetwork ipv4;

  (void) lease (setup, 1);
  wish (&settings, &ipv4, "10.99.0.0/24", SP_IPV6_NAT);
  change (setup, &settings);
  assert_ranges (setup, "10.10.0.0/24- fd01:203:405::/64 10.99.0.0/24");
  assert_address (lease (setup, 1).ipv4, "10.10.0.2");
  assert_address (lease (setup, 2).ipv4, "10.99.0.3"); /* 2 is taken with its IPv6 */
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 3);
  g_assert_cmpuint (sp_fake_firewall_get_plan ()->n_pools, ==, 3);
  journal = sp_network_journal_read (fixture->folder, NULL);
  g_assert_cmpuint (journal->ranges->len, ==, 3);
  g_assert_cmpuint (journal->addresses->len, ==, 3 * SP_ADDRESS_SIZE);
  g_assert_true (sp_network_setup_thin_out (setup));
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 3);
  release (setup, 1);
  g_assert_false (sp_network_setup_thin_out (setup));
  assert_ranges (setup, "fd01:203:405::/64 10.99.0.0/24");
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 2);
  g_assert_cmpuint (sp_fake_firewall_get_plan ()->n_pools, ==, 2);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

static void
test_ipv6_comes_and_goes (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup;
  SpNetwork ipv4;

  wish (&settings, &ipv4, "10.99.0.0/24", SP_IPV6_OFF);
  setup = start (fixture, &settings);
  g_assert_true (sp_address_is_unset (lease (setup, 1).ipv6));
  settings.ipv6_mode = SP_IPV6_NAT;
  change (setup, &settings);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 1);
  g_assert_true (sp_address_is_unset (lease (setup, 1).ipv6));
  assert_address (lease (setup, 2).ipv6, "fd01:203:405::3");
  /* The same range, other means: for everybody. */
  settings.ipv6_mode = SP_IPV6_REFUSED;
  change (setup, &settings);
  assert_fates (SP_FIREWALL_MASQUERADE, SP_FIREWALL_REFUSE);
  settings.ipv6_mode = SP_IPV6_OFF;
  change (setup, &settings);
  g_assert_true (sp_network_setup_thin_out (setup));
  assert_ranges (setup, "10.99.0.0/24 fd01:203:405::/64-");
  g_assert_true (sp_address_is_unset (lease (setup, 3).ipv6));
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 1);
  release (setup, 2);
  g_assert_false (sp_network_setup_thin_out (setup));
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 0);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "eth0"), ==, 1);
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 1);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

/* What cannot be had is refused before anything changes, and what was only claimed goes again. */
static void
test_refused_ranges (Fixture *fixture, gconstpointer data)
{
  static const SpFakePart parts[] = { SP_FAKE_OWN_ADDRESS, SP_FAKE_FORWARDING, SP_FAKE_FIREWALL };
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup;
  g_autoptr (GError) error = NULL;
  SpNetwork ipv4;

  wish (&settings, &ipv4, "10.98.0.0/24", SP_IPV6_OFF);
  setup = start (fixture, &settings);
  wish (&settings, &ipv4, "192.168.77.0/25", SP_IPV6_OFF);
  g_assert_false (sp_network_setup_claim_ranges (setup, &settings, TRUE, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT);
  wish (&settings, &ipv4, "10.99.0.0/24", SP_IPV6_NAT);
  g_assert_true (sp_network_setup_claim_ranges (setup, &settings, TRUE, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_clear_error (&error);
      sp_fake_fail_next (parts[i], SP_ERROR_NOT_AUTHORIZED);
      g_assert_false (sp_network_setup_claim_ranges (setup, &settings, FALSE, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_NOT_AUTHORIZED);
      assert_ranges (setup, "10.98.0.0/24");
      g_assert_cmpuint (sp_fake_own_address_count (), ==, 1);
      g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV6, "all"), ==, 0);
    }
  g_assert_true (sp_network_setup_claim_ranges (setup, &settings, FALSE, NULL));
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 3);
  assert_address (lease (setup, 1).ipv4, "10.98.0.2");
  g_assert_false (sp_network_setup_thin_out (setup));
  assert_ranges (setup, "10.98.0.0/24");
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 1);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

/* A range that was chosen moves out of the way of a network, also without another wish. */
static void
test_chosen_range_moves (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup = start (fixture, &settings);

  (void) lease (setup, 1);
  change (setup, &settings);
  assert_ranges (setup, "10.10.0.0/24 fd01:203:405::/64");
  sp_fake_uplink_add ("wlan1", "10.10.0.99/16", TRUE);
  change (setup, &settings);
  assert_ranges (setup, "10.10.0.0/24- fd01:203:405::/64 10.77.0.0/24");
  g_assert_true (sp_network_setup_refresh (setup, NULL));
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

static void
test_too_many_ranges (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *setup;
  g_autoptr (GError) error = NULL;
  SpNetwork ipv4;

  settings.ipv6_mode = SP_IPV6_OFF;
  setup = start (fixture, &settings);
  for (guint8 i = 0; i < SP_CLIENT_RANGES_MAX; i++)
    {
      g_autofree char *text = g_strdup_printf ("10.99.%u.0/24", i);

      (void) lease (setup, i);
      wish (&settings, &ipv4, text, SP_IPV6_OFF);
      if (i + 1 < SP_CLIENT_RANGES_MAX)
        change (setup, &settings);
    }
  g_assert_false (sp_network_setup_claim_ranges (setup, &settings, FALSE, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  release (setup, 3);
  (void) sp_network_setup_thin_out (setup);
  change (setup, &settings);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
}

/* --- what an earlier run left --- */

static SpTun *
adopt (SpNetworkSetup *setup, const SpLease *had)
{
  SpNetworkSession session = { .user = (const guint8 *) "0123456789abcdef", .lease = *had };
  g_autoptr (GError) error = NULL;
  int pair[2];
  SpTun *tun;

  g_assert_true (sp_socket_pair (pair, NULL));
  tun = sp_network_setup_adopt_session (setup, &session, SP_TUN_OFFLOAD_NONE, &pair[0], &error);
  g_assert_no_error (error);
  g_assert_cmpint (pair[0], ==, -1);
  sp_fd_clear (&pair[1]);
  return tun;
}

/* It is taken over: nothing of it changes before the last session is in its place, and all of it is
 * undone in the end. */
static void
test_adopt (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *earlier = start (fixture, &settings);
  g_autoptr (GError) error = NULL;
  SpLease had = lease (earlier, 1);
  SpNetworkSetup *setup;
  SpTun *tun;

  settings.adopts = TRUE;
  setup = start (fixture, &settings);
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 2);
  g_assert_cmpint (sp_fake_forwarding_get (SP_FORWARDING_IPV4, "eth0"), ==, 1);
  g_assert_true (sp_fake_firewall_is_installed ());
  tun = adopt (setup, &had);
  g_assert_true (sp_network_setup_finish_adoption (setup, &error));
  g_assert_nonnull (sp_fake_firewall_find (sp_tun_get_name (tun)));
  sp_network_setup_close_session (setup, tun);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
  sp_network_setup_stop (earlier);
}

/* Sessions have addresses of two ranges, and settings ask for a third. */
static void
test_adopt_ranges (Fixture *fixture, gconstpointer data)
{
  const guint8 first[SP_ID_SIZE] = { 1 }, second[SP_ID_SIZE] = { 2 };
  SpNetworkSettings settings = usual_settings ();
  SpNetworkSetup *earlier = start (fixture, &settings);
  SpNetworkSetup *setup;
  SpNetwork ipv4;
  SpLease had[2];

  had[0] = lease (earlier, 1);
  wish (&settings, &ipv4, "10.99.0.0/24", SP_IPV6_OFF);
  change (earlier, &settings);
  had[1] = lease (earlier, 2);
  wish (&settings, &ipv4, "10.98.0.0/24", SP_IPV6_OFF);
  settings.adopts = TRUE;
  setup = start (fixture, &settings);
  assert_ranges (setup, "10.10.0.0/24- fd01:203:405::/64- 10.99.0.0/24- 10.98.0.0/24");
  for (guint i = 0; i < 2; i++)
    {
      SpTun *tun = adopt (setup, &had[i]);

      g_assert_true (sp_lease_pool_restore (sp_network_setup_get_leases (setup),
                                            i == 0 ? first : second, &had[i], NULL));
      sp_network_setup_close_session (setup, tun);
    }
  g_assert_true (sp_network_setup_finish_adoption (setup, NULL));
  g_assert_cmpuint (sp_fake_firewall_get_plan ()->n_pools, ==, 4);
  assert_address (lease (setup, 3).ipv4, "10.98.0.2");
  release (setup, 1);
  g_assert_true (sp_network_setup_thin_out (setup));
  assert_ranges (setup, "10.99.0.0/24- 10.98.0.0/24");
  g_assert_cmpuint (sp_fake_own_address_count (), ==, 2);
  sp_network_setup_stop (setup);
  assert_untouched (fixture);
  sp_network_setup_stop (earlier);
}

/* What does not say its ranges cannot be adopted, and nothing is changed. */
static void
test_adopt_nothing (Fixture *fixture, gconstpointer data)
{
  SpNetworkSettings settings = usual_settings ();
  g_autoptr (SpNetworkJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  SpNetworkSetup *earlier;

  settings.adopts = TRUE;
  g_assert_null (sp_network_setup_start (&settings, fixture->folder, &error));
  g_assert_nonnull (error);
  assert_untouched (fixture);
  g_clear_error (&error);
  settings.adopts = FALSE;
  earlier = start (fixture, &settings);
  journal = sp_network_journal_read (fixture->folder, NULL);
  g_array_set_size (journal->ranges, 0);
  g_assert_true (sp_network_journal_write (journal, fixture->folder, NULL));
  settings.adopts = TRUE;
  g_assert_null (sp_network_setup_start (&settings, fixture->folder, &error));
  g_assert_nonnull (error);
  g_assert_true (sp_fake_firewall_is_installed ());
  g_assert_true (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  sp_network_setup_stop (earlier);
  assert_untouched (fixture);
}

static const NetworkTest tests[] = {
  { "/network-ranges/adopt", test_adopt },
  { "/network-ranges/adopt-ranges", test_adopt_ranges },
  { "/network-ranges/adopt-nothing", test_adopt_nothing },
  { "/network-ranges/other-range", test_other_range },
  { "/network-ranges/ipv6-comes-and-goes", test_ipv6_comes_and_goes },
  { "/network-ranges/refused-ranges", test_refused_ranges },
  { "/network-ranges/chosen-range-moves", test_chosen_range_moves },
  { "/network-ranges/too-many-ranges", test_too_many_ranges },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  network_fixture_add (tests, G_N_ELEMENTS (tests));
  return g_test_run ();
}
