/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include <string.h>

/* How many sessions a user may have, and who may have none any more. */

/* --- how many --- */

/* The cookie is dead before its client hears of it, so that it cannot come back. */
static void
test_newest_device_wins (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);
  SpConnection *third;

  (void) open_session (self, 3, bert);
  expect_orders ("hold 01 hold 02 hold 03");
  third = open_session (self, 4, anna);
  expect_orders ("forget 01 stop 01 hold 04");
  g_assert_cmpstr (sp_fake_connection (first)->text, ==, "Another device of yours took its place");
  g_assert_false (sp_fake_connection (second)->stopped);
  g_assert_false (sp_fake_connection (third)->stopped);
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, "01 replaced");
  expect_orders ("");
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 3);
}

/* Who signed in first, not who came back first. */
static void
test_oldest_by_sign_in (Fixture *self, gconstpointer data)
{
  SpConnection *first = make (self, 1, anna);
  SpConnection *second = make (self, 2, anna);

  sp_connection_get_facts (second)->signed_in -= 60 * SECOND;
  attach (self, first);
  attach (self, second);
  (void) open_session (self, 3, anna);
  g_assert_false (sp_fake_connection (first)->stopped);
  g_assert_true (sp_fake_connection (second)->stopped);
}

static void
test_longest_away_goes_first (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);
  SpConnection *third = open_session (self, 3, anna);

  leave (self, third, SP_LEFT_CLOSED);
  estate_of (self, third)->away_since -= 1; /* so that it is earlier in any case */
  leave (self, second, SP_LEFT_CLOSED);
  (void) open_session (self, 4, anna);
  expect_closed (self, "03 replaced");
  (void) open_session (self, 5, anna);
  expect_closed (self, "02 replaced");
  g_assert_false (sp_fake_connection (first)->stopped);
  (void) open_session (self, 6, anna);
  g_assert_true (sp_fake_connection (first)->stopped);
}

/* Nobody has a tunnel yet, but it is on its way: the cookie dies all the same. */
static void
test_one_that_still_waits (Fixture *self, gconstpointer data)
{
  SpConnection *first = make (self, 1, anna);

  sp_session_registry_attach (self->sessions, first);
  (void) open_session (self, 2, anna);
  g_assert_cmpuint (sp_fake_connection (first)->refused, ==, 401);
  expect_orders ("forget 01 hold 02");
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 1);
}

static void
test_reconnect_is_no_new_session (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);
  SpConnection *again;

  leave (self, second, SP_LEFT_CLOSED);
  again = open_session (self, 2, anna);
  g_assert_false (sp_fake_connection (first)->stopped);
  attach (self, again); /* while it is attached, too */
  g_assert_false (sp_fake_connection (first)->stopped);
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 2);
  expect_closed (self, "");
}

/* A limit that was lowered ends as many as it takes, at the next new session. */
static void
test_lower_limit (Fixture *self, gconstpointer data)
{
  g_autoptr (SpSettings) lower = read_settings ("sessions-per-user = 1\n");
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);

  sp_session_registry_take_settings (self->sessions, lower);
  g_assert_false (sp_fake_connection (first)->stopped);
  (void) open_session (self, 3, anna);
  g_assert_true (sp_fake_connection (first)->stopped);
  g_assert_true (sp_fake_connection (second)->stopped);
}

static const SpSuspension tea = { .token = "token", .text = "Tea", .reason = "disconnected" };

static void
suspend (Fixture *self, const SpSuspension *how)
{
  g_assert_true (sp_session_registry_suspend (
      self->sessions, sp_session_registry_get (self->sessions, 0), how, NULL));
}

/* The owner is ending it: its place is free, and it stays for who wants to undo that. */
static void
test_disconnecting_does_not_count (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = open_session (self, 2, anna);

  suspend (self, &tea);
  (void) open_session (self, 3, anna);
  g_assert_false (sp_fake_connection (first)->stopped);
  g_assert_false (sp_fake_connection (second)->stopped);
}

/* Changes what the user may, as if it was stored. */
static void
set_value (Fixture *self, const guint8 *id, SpUserValue which, GVariant *value)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, id);
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  sp_user_values_set (&record->values, which, value);
  sp_user_change (user, record);
  sp_session_registry_enforce (self->sessions);
}

/* The number of a user goes before that of the server, and is enforced at once. */
static void
test_own_number (Fixture *self, gconstpointer data)
{
  SpConnection *first;
  SpConnection *second;

  set_value (self, anna, SP_USER_SESSIONS_MAX, g_variant_new_uint32 (3));
  first = open_session (self, 1, anna);
  second = open_session (self, 2, anna);
  (void) open_session (self, 3, anna);
  g_assert_false (sp_fake_connection (first)->stopped);
  (void) open_session (self, 4, anna);
  g_assert_true (sp_fake_connection (first)->stopped);
  leave (self, first, SP_LEFT_STOPPED);
  g_free (sp_fakes_take_orders ());
  set_value (self, anna, SP_USER_SESSIONS_MAX, g_variant_new_uint32 (2));
  expect_orders ("forget 02 stop 02");
  leave (self, second, SP_LEFT_STOPPED);
  expect_closed (self, "01 replaced 02 replaced");
}

/* --- who is kept out --- */

static const struct
{
  SpUserValue which;
  const char *value;
  const char *text;
  const char *closed;
} ends[] = {
  { SP_USER_ENABLED, "false", "Your access was turned off.", "02 user-disabled 01 user-disabled" },
  { SP_USER_EXPIRES_AT, "uint64 1", "Your access has ended.", "02 user-expired 01 user-expired" },
};

/* The cookie is dead before the client hears of it; one that is away ends as well; nobody else's
 * does.  Who comes back with a cookie that the keyholder accepted before gets nothing. */
static void
test_kept_out (Fixture *self, gconstpointer data)
{
  guint which = GPOINTER_TO_UINT (data);
  SpConnection *first;
  SpConnection *late;

  set_up (self, "");
  first = open_session (self, 1, anna);
  leave (self, open_session (self, 2, anna), SP_LEFT_CLOSED);
  (void) open_session (self, 3, bert);
  g_free (sp_fakes_take_orders ());
  set_value (self, anna, ends[which].which, g_variant_new_parsed (ends[which].value));
  expect_orders ("forget 01 stop 01 forget 02");
  g_assert_cmpstr (sp_fake_connection (first)->text, ==, ends[which].text);
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, ends[which].closed);
  late = make (self, 4, anna);
  attach (self, late);
  g_assert_cmpuint (sp_fake_connection (late)->refused, ==, 401);
  tear_down (self, data);
}

/* The keyholder was first: it says why. */
static void
test_kept_out_by_the_keyholder (Fixture *self, gconstpointer data)
{
  static const SpBar bars[] = { SP_BAR_DISABLED, SP_BAR_QUOTA, SP_BAR_REMOVED, SP_BAR_EXPIRED };

  for (guint8 i = 0; i < G_N_ELEMENTS (bars); i++)
    {
      guint8 id[SP_ID_SIZE] = { i };
      g_autofree char *closed = g_strdup_printf ("%02x %s", i, sp_bar_to_reason (bars[i]));
      SpConnection *connection = open_session (self, i, anna);

      sp_session_registry_expired (self->sessions, id, bars[i]);
      sp_session_registry_expired (self->sessions, id, bars[i]);
      g_assert_cmpstr (sp_fake_connection (connection)->text, ==, sp_bar_to_text (bars[i]));
      leave (self, connection, SP_LEFT_STOPPED);
      expect_closed (self, closed);
    }
}

/* A worker that does not go is not waited for. */
static void
test_kept_out_against_its_will (Fixture *self, gconstpointer data)
{
  SpConnection *connection = open_session (self, 1, anna);

  set_value (self, anna, SP_USER_ENABLED, g_variant_new_boolean (FALSE));
  while (!sp_fake_connection (connection)->killed)
    (void) g_main_context_iteration (NULL, TRUE);
}

/* What the owner is ending may still be undone; now it may not. */
static void
test_kept_out_within_a_window (Fixture *self, gconstpointer data)
{
  SpConnection *connection = open_session (self, 1, anna);

  suspend (self, &tea);
  set_value (self, anna, SP_USER_ENABLED, g_variant_new_boolean (FALSE));
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, tea.token), ==, 0);
  leave (self, connection, SP_LEFT_STOPPED);
  expect_closed (self, "01 user-disabled");
}

/* What the session is suspended for keeps its user out meanwhile, and may be undone; other things
 * may not. */
static void
test_kept_out_by_what_is_awaited (Fixture *self, gconstpointer data)
{
  static const SpSuspension pause = {
    .token = "token", .text = "Tea", .reason = "user-paused", .awaited = SP_BAR_PAUSED
  };
  guint64 until = (guint64) g_get_real_time () + G_TIME_SPAN_HOUR;
  SpConnection *connection = open_session (self, 1, anna);
  SpSession *session = sp_session_registry_get (self->sessions, 0);

  suspend (self, &pause);
  set_value (self, anna, SP_USER_PAUSED_UNTIL, g_variant_new_uint64 (until));
  g_assert_false (sp_fake_connection (connection)->stopped);
  set_value (self, anna, SP_USER_PAUSED_UNTIL, NULL);
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, "another"), ==, 0);
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, pause.token), ==, 1);
  g_assert_cmpint (sp_session_get_state (session), ==, SP_SESSION_CONNECTED);
  suspend (self, &pause);
  g_assert_false (sp_session_registry_suspend (self->sessions, session, &pause, NULL));
  set_value (self, anna, SP_USER_ENABLED, g_variant_new_boolean (FALSE));
  g_assert_true (sp_fake_connection (connection)->stopped);
  leave (self, connection, SP_LEFT_STOPPED);
  expect_closed (self, "01 user-disabled");
}

/* --- quota --- */

static void
report (Fixture *self, SpConnection *connection, guint64 rx_bytes, guint64 tx_bytes)
{
  const SpReport told = { .rx_bytes = rx_bytes, .tx_bytes = tx_bytes };

  sp_session_registry_reported (self->sessions, connection, &told);
}

static void
set_quota (Fixture *self, guint64 bytes)
{
  set_value (self, anna, SP_USER_QUOTA, g_variant_new_uint64 (bytes));
  sp_session_registry_deal_quota (self->sessions, sp_user_registry_find_by_id (self->users, anna));
}

static void
reached_cb (SpSessionRegistry *sessions, SpUser *user, guint level, gpointer user_data)
{
  g_string_append_printf (user_data, "%s %u ", sp_user_get_login (user), level);
}

/* The worker stops by itself at its allowance; main ends the session when it says so. */
static void
test_quota (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) reached = g_string_new (NULL);
  SpConnection *first;
  SpConnection *late;

  (void) g_signal_connect (self->sessions, "quota-reached", G_CALLBACK (reached_cb), reached);
  set_quota (self, 1000000);
  first = open_session (self, 1, anna);
  (void) open_session (self, 2, bert);
  g_assert_cmpuint (sp_fake_connection (first)->granted.allowance, ==, 1000000);
  report (self, first, 300000, 400000);
  g_assert_cmpstr (reached->str, ==, "");
  report (self, first, 400000, 400000);
  report (self, first, 400000, 550000);
  g_assert_cmpstr (reached->str, ==, "anna 80 anna 95 ");
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 0); /* the first is still right */
  g_free (sp_fakes_take_orders ());
  report (self, first, 450000, 550000);
  g_assert_cmpstr (reached->str, ==, "anna 80 anna 95 anna 100 ");
  expect_orders ("put anna 2 forget 01 stop 01");
  g_assert_cmpstr (sp_fake_connection (first)->text, ==, "Your traffic for this month is used up.");
  report (self, first, 450000, 550100); /* its last */
  expect_orders ("");
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, "01 quota");
  late = make (self, 3, anna);
  attach (self, late);
  g_assert_cmpuint (sp_fake_connection (late)->refused, ==, 401);
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 1000100);
}

/* A reconnect begins where the session stood; what was counted before the quota was set counts. */
static void
test_quota_of_a_running_session (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second;

  g_assert_cmpuint (sp_fake_connection (first)->granted.allowance, ==, 0);
  report (self, first, 1000, 2000);
  set_quota (self, 1000000);
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 1000000);
  leave (self, first, SP_LEFT_CLOSED);
  second = open_session (self, 1, anna);
  g_assert_cmpuint (sp_fake_connection (second)->granted.allowance, ==, 1000000);
  g_assert_cmpuint (sp_fake_connection (second)->granted.rx_bytes, ==, 1000);
  set_quota (self, 2000000);
  g_assert_cmpuint (sp_fake_connection (second)->allowance, ==, 2000000);
  set_quota (self, 0);
  g_assert_cmpuint (sp_fake_connection (second)->allowance, ==, 0);
  report (self, second, 500, 2000); /* a worker that counts backwards takes nothing back */
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 3000);
}

/* Each may carry its share of what is left; shares follow what the others carry. */
static void
test_shared_quota (Fixture *self, gconstpointer data)
{
  SpConnection *first;
  SpConnection *second;

  set_quota (self, 1000000);
  first = open_session (self, 1, anna);
  second = open_session (self, 2, anna);
  g_assert_cmpuint (sp_fake_connection (second)->granted.allowance, ==, 500000);
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 500000);
  report (self, first, 0, 500000);
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 750000);
  g_assert_cmpuint (sp_fake_connection (second)->allowance, ==, 250000);
  report (self, second, 0, 250000);
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 625000);
  report (self, first, 0, 650000);
  g_assert_cmpuint (sp_fake_connection (first)->allowance, ==, 750000); /* a rest for both */
  g_assert_cmpuint (sp_fake_connection (second)->allowance, ==, 350000);
  report (self, first, 0, 750000);
  g_assert_true (sp_fake_connection (first)->stopped);
  g_assert_true (sp_fake_connection (second)->stopped);
}

static void
test_no_limit (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  for (guint8 session = 2; session < 40; session++)
    (void) open_session (self, session, anna);
  g_assert_false (sp_fake_connection (first)->stopped);
}

int
main (int argc, char **argv)
{
  static const char two[] = "sessions-per-user = 2\n";

  g_test_init (&argc, &argv, NULL);
  ADD ("newest-device-wins", two, test_newest_device_wins);
  ADD ("oldest-by-sign-in", two, test_oldest_by_sign_in);
  ADD ("longest-away-goes-first", "sessions-per-user = 3\n", test_longest_away_goes_first);
  ADD ("one-that-still-waits", "sessions-per-user = 1\n", test_one_that_still_waits);
  ADD ("reconnect-is-no-new-session", two, test_reconnect_is_no_new_session);
  ADD ("lower-limit", two, test_lower_limit);
  ADD ("disconnecting-does-not-count", two, test_disconnecting_does_not_count);
  ADD ("own-number", two, test_own_number);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strdup_printf ("/session-registry/kept-out/%u", i);
      g_test_add (path, Fixture, GUINT_TO_POINTER (i), NULL, test_kept_out, NULL);
    }
  ADD ("kept-out-by-the-keyholder", "", test_kept_out_by_the_keyholder);
  ADD ("kept-out-against-its-will", "", test_kept_out_against_its_will);
  ADD ("kept-out-within-a-window", "", test_kept_out_within_a_window);
  ADD ("kept-out-by-what-is-awaited", "", test_kept_out_by_what_is_awaited);
  ADD ("quota", "", test_quota);
  ADD ("quota-of-a-running-session", "", test_quota_of_a_running_session);
  ADD ("shared-quota", "", test_shared_quota);
  ADD ("no-limit", "sessions-per-user = off\n", test_no_limit);
  return g_test_run ();
}
