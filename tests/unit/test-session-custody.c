/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "platform/fake.h"
#include "session-registry-private.h"

/* Workers that go on, and what main does about it; the timers are real. */

#define MIB (G_GUINT64_CONSTANT (1) << 20)

static void
set_quota (Fixture *self, guint64 bytes)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  sp_user_values_set (&record->values, SP_USER_QUOTA, g_variant_new_uint64 (bytes));
  sp_user_change (user, record);
  sp_session_registry_deal_quota (self->sessions, user);
}

static const char *
device_of (Fixture *self, SpConnection *connection)
{
  return sp_tun_get_name (estate_of (self, connection)->tun);
}

/* Until main has looked; a look is every five seconds. */
static void
await_look (Fixture *self, SpConnection *connection)
{
  guint before = estate_of (self, connection)->custody_timer;

  g_assert_cmpuint (before, !=, 0);
  while (estate_of (self, connection)->custody_timer == before)
    (void) g_main_context_iteration (NULL, TRUE);
}

static void
report (Fixture *self, SpConnection *connection, guint64 rx_bytes, guint64 tx_bytes)
{
  const SpReport told = { .rx_bytes = rx_bytes, .tx_bytes = tx_bytes };

  sp_session_registry_reported (self->sessions, connection, &told);
}

/* Its counts stand still; the kernel's do not.  All of it is the user's. */
static void
test_quota (Fixture *self, gconstpointer data)
{
  SpConnection *first;

  set_quota (self, 100 * MIB);
  first = open_session (self, 1, anna);
  report (self, first, 10 * MIB, 20 * MIB);
  sp_fake_tun_carry (device_of (self, first), 200 * MIB);
  await_look (self, first);
  g_assert_true (sp_fake_connection (first)->killed);
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 200 * MIB);
  g_assert_true (sp_fake_connection (first)->stopped);
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, "01 quota");
}

/* What the kernel counted before, and what a slow client never got, is nothing to end it for. */
static void
test_tolerance (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second;

  sp_fake_tun_carry (device_of (self, first), 5000 * MIB);
  leave (self, first, SP_LEFT_CLOSED);
  set_quota (self, 100 * MIB);
  second = open_session (self, 1, anna);
  sp_fake_tun_carry (device_of (self, second), 180 * MIB);
  report (self, second, 0, 90 * MIB);
  await_look (self, second);
  g_assert_false (sp_fake_connection (second)->killed);
  /* It is looked at again. */
  sp_fake_tun_carry (device_of (self, second), 20 * MIB);
  await_look (self, second);
  g_assert_true (sp_fake_connection (second)->killed);
}

/* A quota that is set while the session lasts: what it carried before is nobody's fault. */
static void
test_later_quota (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  sp_fake_tun_carry (device_of (self, first), 5000 * MIB);
  set_quota (self, 100 * MIB);
  await_look (self, first);
  g_assert_false (sp_fake_connection (first)->killed);
  sp_fake_tun_carry (device_of (self, first), 200 * MIB);
  await_look (self, first);
  g_assert_true (sp_fake_connection (first)->killed);
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 200 * MIB);
}

static void
test_time (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  gint64 left = estate_of (self, first)->over_at - g_get_monotonic_time ();

  g_assert_cmpint (left, >, 60 * SECOND);
  g_assert_cmpint (left, <, 70 * SECOND);
  leave (self, first, SP_LEFT_CLOSED);
  set_quota (self, 100 * MIB);
  first = open_session (self, 1, anna);
  estate_of (self, first)->over_at = g_get_monotonic_time () + SECOND;
  await_look (self, first);
  g_assert_true (sp_fake_connection (first)->killed);
}

static void
test_nothing_to_guard (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  g_assert_cmpuint (estate_of (self, first)->custody_timer, ==, 0);
  sp_fake_tun_carry (device_of (self, first), 5000 * MIB);
  g_assert_false (sp_fake_connection (first)->killed);
}

/* The device itself carries nothing while the end of its session can be undone. */
static void
test_undo_window (Fixture *self, gconstpointer data)
{
  static const SpSuspension tea = { .token = "token", .text = "Tea", .reason = "disconnected" };
  SpConnection *first = open_session (self, 1, anna);
  const char *device = device_of (self, first);
  SpSession *session = sp_session_registry_get (self->sessions, 0);

  g_assert_false (sp_fake_tun_is_silent (device));
  g_assert_false (sp_fake_firewall_find (device)->silent);
  g_assert_true (sp_session_registry_suspend (self->sessions, session, &tea, NULL));
  g_assert_true (sp_fake_tun_is_silent (device));
  g_assert_true (sp_fake_firewall_find (device)->silent);
  sp_session_network_follow_user (self->sessions, sp_session_get_user (session));
  g_assert_true (sp_fake_firewall_find (device)->silent);
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, tea.token), ==, 1);
  g_assert_false (sp_fake_tun_is_silent (device));
  g_assert_false (sp_fake_firewall_find (device)->silent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("custody/quota", "", test_quota);
  ADD ("custody/tolerance", "", test_tolerance);
  ADD ("custody/later-quota", "", test_later_quota);
  ADD ("custody/time", "session-timeout = 60\n", test_time);
  ADD ("custody/nothing-to-guard", "", test_nothing_to_guard);
  ADD ("custody/undo-window", "", test_undo_window);
  return g_test_run ();
}
