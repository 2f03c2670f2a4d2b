/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "base/error.h"
#include "platform/fake.h"

/* What the network does for sessions, as their user's values say. */

static void
set_value (Fixture *self, SpUser *user, SpUserValue which, const char *text)
{
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  sp_user_values_set (&record->values, which, g_variant_parse (NULL, text, NULL, NULL, NULL));
  sp_user_change (user, record);
  g_signal_emit_by_name (self->users, "changed", user);
}

static void
test_network_follows_the_user (Fixture *self, gconstpointer data)
{
  SpConnection *connection = open_session (self, 1, anna);
  SpConnection *other = open_session (self, 2, bert);
  SpTun *tun = estate_of (self, connection)->tun;
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);
  const SpFirewallSession *seen = sp_fake_firewall_find (sp_tun_get_name (tun));

  g_assert_cmpint (seen->reach, ==, SP_REACH_HOME);
  g_assert_cmpuint (seen->n_name_servers, ==, 1);
  g_assert_null (sp_fake_shaper_find (sp_tun_get_index (tun)));
  set_value (self, user, SP_USER_RATE_DOWN, "@t 64000");
  set_value (self, user, SP_USER_REACH, "'hosts'");
  set_value (self, user, SP_USER_REACH_HOSTS, "['192.168.77.9 tcp 80', 'fd00::/64']");
  set_value (self, user, SP_USER_SEES_OTHER_DEVICES, "'yes'");
  seen = sp_fake_firewall_find (sp_tun_get_name (tun));
  g_assert_cmpint (seen->reach, ==, SP_REACH_HOSTS);
  g_assert_cmpuint (seen->n_hosts, ==, 2);
  g_assert_cmpuint (seen->hosts[0].first_port, ==, 80);
  g_assert_true (seen->sees_others);
  g_assert_cmpuint (sp_fake_shaper_find (sp_tun_get_index (tun))->down, ==, 64000);
  tun = estate_of (self, other)->tun;
  g_assert_null (sp_fake_shaper_find (sp_tun_get_index (tun)));
  g_assert_cmpint (sp_fake_firewall_find (sp_tun_get_name (tun))->reach, ==, SP_REACH_HOME);
}

/* Together one shaper, which goes with the last. */
static void
test_sessions_share_the_speed (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);

  set_value (self, user, SP_USER_RATE_UP, "@t 64000");
  (void) open_session (self, 2, anna);
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
  leave (self, first, SP_LEFT_LOGOUT);
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
  set_value (self, user, SP_USER_RATE_UP, "@t 0");
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 0);
  sp_fake_fail_next (SP_FAKE_SHAPER, SP_ERROR_NOT_SUPPORTED);
  set_value (self, user, SP_USER_RATE_UP, "@t 128000"); /* is logged; the session goes on */
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 0);
  set_value (self, user, SP_USER_RATE_UP, "@t 64000");
  g_assert_cmpuint (sp_fake_shaper_count (), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("follows-the-user", "", test_network_follows_the_user);
  ADD ("shared-speed", "", test_sessions_share_the_speed);
  return g_test_run ();
}
