/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "base/io.h"
#include "platform/listener.h"

#include <stdio.h>
#include <string.h>

/* Sessions from the first tunnel to the end, with fakes for who uses and guards them. */

/* --- from where --- */

static void
move (SpConnection *connection, const char *address)
{
  g_assert_true (
      sp_address_from_text (address, sp_connection_get_facts (connection)->peer.address));
}

static void
test_roaming_denied (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *thief = make (self, 1, anna);
  SpConnection *stranger = make (self, 2, anna);
  SpConnection *unknown = make (self, 3, anna);

  move (thief, "192.0.2.66");
  move (stranger, "192.0.2.66");
  memset (sp_connection_get_facts (unknown)->signed_in_from, 0, SP_ADDRESS_SIZE);
  attach (self, thief);
  attach (self, stranger);
  attach (self, unknown);
  g_assert_cmpuint (sp_fake_connection (thief)->refused, ==, 401);
  g_assert_cmpuint (sp_fake_connection (stranger)->refused, ==, 401);
  g_assert_cmpuint (sp_fake_connection (unknown)->refused, ==, 401);
  g_assert_cmpuint (sp_fake_connection (first)->n_recalls, ==, 0);
  g_assert_false (sp_fake_connection (first)->stopped); /* nobody had to make room */
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 1);
  leave (self, first, SP_LEFT_CLOSED);
  (void) open_session (self, 1, anna); /* another port of the same address will do */
}

static void
test_roaming (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *moved = make (self, 1, anna);

  leave (self, first, SP_LEFT_CLOSED);
  move (moved, "2001:db8::1");
  attach (self, moved);
  g_assert_cmpuint (sp_fake_connection (moved)->n_grants, ==, 1);
}

/* --- how long --- */

static void
report_use (Fixture *self, SpConnection *connection, gint64 used_at)
{
  SpReport report = { .used_at = (guint64) used_at };

  sp_session_registry_reported (self->sessions, connection, &report);
}

static void
test_idle_time_survives_a_reconnect (Fixture *self, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second;
  SpConnection *third;
  gint64 used_at = (gint64) sp_fake_connection (first)->granted.used_at;

  g_assert_cmpuint (sp_fake_connection (first)->granted.idle_timeout, ==, 600);
  g_assert_cmpint (used_at, >=, begin);
  second = make (self, 1, anna);
  sp_session_registry_attach (self->sessions, second); /* while the first is there */
  leave (self, first, SP_LEFT_STOPPED);
  while (sp_fake_connection (second)->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  sp_session_registry_attached (self->sessions, second, 1400);
  g_assert_cmpint ((gint64) sp_fake_connection (second)->granted.used_at, ==, used_at);
  used_at = g_get_monotonic_time ();
  report_use (self, second, used_at);
  report_use (self, second, 1); /* time does not go backwards */
  leave (self, second, SP_LEFT_CLOSED);
  estate_of (self, second)->away_since -= 1000 * SECOND;
  third = open_session (self, 1, anna);
  /* Time away is no idle time. */
  g_assert_cmpint ((gint64) sp_fake_connection (third)->granted.used_at, >=,
                   used_at + 1000 * SECOND);
}

/* A worker cannot claim to be used in the future. */
static void
test_use_in_the_future (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  report_use (self, first, -1);
  g_assert_cmpint (estate_of (self, first)->used_at, <=, g_get_monotonic_time ());
}

/* The door hears which ids are old: when a connection is gone, when it is replaced, when the
 * session ends. */
static void
test_attachments_end (Fixture *self, gconstpointer data)
{
  const guint8 id[SP_ID_SIZE] = { 1 };
  SpConnection *first = open_session (self, 1, anna);
  guint64 old = sp_fake_connection (first)->facts.attachment;
  SpConnection *second;

  g_assert_cmpuint (sp_fakes_get_ended_attachment (), !=, old);
  leave (self, first, SP_LEFT_CLOSED);
  g_assert_cmpuint (sp_fakes_get_ended_attachment (), ==, old);
  second = open_session (self, 1, anna);
  old = sp_fake_connection (second)->facts.attachment;
  g_assert_cmpuint (sp_fakes_get_ended_attachment (), !=, old);
  sp_session_registry_expired (self->sessions, id, SP_BAR_NONE);
  g_assert_cmpuint (sp_fakes_get_ended_attachment (), ==, old);
}

/* Nor count backwards, or more than a wire carries. */
static void
test_counters_of_a_liar (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  const SpSessionRecord *record = &estate_of (self, first)->record;
  SpReport report = { .rx_bytes = 1000, .tx_bytes = 2000 };

  sp_session_registry_reported (self->sessions, first, &report);
  report.rx_bytes = 10;
  report.tx_bytes = G_MAXUINT64;
  sp_session_registry_reported (self->sessions, first, &report);
  g_assert_cmpuint (record->rx_bytes, ==, 1000);
  g_assert_cmpuint (record->tx_bytes, >, 2000);
  g_assert_cmpuint (record->tx_bytes, <, G_GUINT64_CONSTANT (1) << 45);
  report.tx_bytes = 0;
  sp_session_registry_reported (self->sessions, first, &report);
  g_assert_cmpuint (record->tx_bytes, >, 2000);
}

static void
test_idle_end_keeps_the_cookie (Fixture *self, gconstpointer data)
{
  const guint8 id[SP_ID_SIZE] = { 1 };
  const guint8 other[SP_ID_SIZE] = { 2 };
  SpConnection *first = open_session (self, 1, anna);

  leave (self, first, SP_LEFT_IDLE);
  expect_orders ("hold 01 release 01 300");
  leave (self, open_session (self, 1, anna), SP_LEFT_IDLE);
  expect_closed (self, "");
  sp_session_registry_expired (self->sessions, id, SP_BAR_NONE);
  expect_closed (self, "01 idle");
  leave (self, open_session (self, 2, anna), SP_LEFT_CLOSED);
  sp_session_registry_expired (self->sessions, other, SP_BAR_NONE);
  expect_closed (self, "02 expired");
}

/* Revoked: the keyholder tells which cookies died of it. */
static void
test_revoked_device (Fixture *self, gconstpointer data)
{
  const guint8 id[SP_ID_SIZE] = { 1 };
  const guint8 phone[SP_ID_SIZE] = { 0xd };
  SpUser *user = sp_user_registry_find_by_id (self->users, anna);
  SpConnection *connection = make (self, 1, anna);
  SpSession *session;

  g_assert_nonnull (sp_device_registry_add (self->devices, phone, user, SP_DEVICE_CERTIFICATE,
                                            "phone", 0, NULL, NULL, NULL));
  memcpy (sp_connection_get_facts (connection)->device, phone, SP_ID_SIZE);
  attach (self, connection);
  session = sp_session_registry_find_by_id (self->sessions, id);
  g_assert_cmpstr (sp_device_get_name (sp_session_get_device (session)), ==, "phone");
  sp_device_registry_revoke_async (
      self->devices, sp_device_registry_find_by_id (self->devices, phone), NULL, NULL, NULL);
  sp_session_registry_expired (self->sessions, id, SP_BAR_NONE);
  expect_closed (self, "01 revoked");
  g_assert_true (sp_fake_connection (connection)->stopped);
}

/* The keyholder accepted each cookie just before it died; the worker asks just after. */
static void
test_request_after_the_cookie_died (Fixture *self, gconstpointer data)
{
  const guint8 never_seen[SP_ID_SIZE] = { 1 };
  SpConnection *late = make (self, 1, anna);

  sp_session_registry_expired (self->sessions, never_seen, SP_BAR_NONE);
  attach (self, late);
  g_assert_cmpuint (sp_fake_connection (late)->refused, ==, 401);
  leave (self, open_session (self, 2, anna), SP_LEFT_LOGOUT);
  late = make (self, 2, anna);
  attach (self, late);
  g_assert_cmpuint (sp_fake_connection (late)->refused, ==, 401);
  (void) open_session (self, 3, anna);
  sp_session_registry_end_all (self->sessions, "turned-off");
  late = make (self, 3, anna);
  attach (self, late);
  g_assert_cmpuint (sp_fake_connection (late)->refused, ==, 401);
  (void) open_session (self, 4, anna);
}

static void
test_age_counts_from_the_sign_in (Fixture *self, gconstpointer data)
{
  SpConnection *first = make (self, 1, anna);
  SpConnection *again = make (self, 1, anna);
  gint64 signed_in = g_get_real_time () - 3000 * SECOND;

  sp_connection_get_facts (first)->signed_in = signed_in;
  sp_connection_get_facts (again)->signed_in = signed_in;
  attach (self, first);
  g_assert_cmpuint (sp_fake_connection (first)->granted.session_timeout, <=, 600);
  g_assert_cmpuint (sp_fake_connection (first)->granted.session_timeout, >, 500);
  leave (self, first, SP_LEFT_CLOSED);
  attach (self, again);
  g_assert_cmpuint (sp_fake_connection (again)->granted.session_timeout, <=, 600);
  g_free (sp_fakes_take_orders ());
  leave (self, again, SP_LEFT_OVER);
  expect_orders ("forget 01");
  expect_closed (self, "01 session-timeout");
}

static void
test_late_cookie (Fixture *self, gconstpointer data)
{
  SpConnection *first = make (self, 1, anna);

  sp_connection_get_facts (first)->signed_in -= 3601 * SECOND;
  attach (self, first);
  g_assert_cmpuint (sp_fake_connection (first)->refused, ==, 401);
  expect_orders ("forget 01");
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 0);
}

/* The owner shortened the time: it takes effect with the next connection, for who is there, too. */
static void
test_shortened (Fixture *self, gconstpointer data)
{
  g_autoptr (SpSettings) shorter = read_settings ("session-timeout = 60\n");
  SpConnection *first = make (self, 1, anna);
  SpConnection *again = make (self, 1, anna);

  sp_connection_get_facts (first)->signed_in -= 61 * SECOND;
  sp_connection_get_facts (again)->signed_in -= 61 * SECOND;
  attach (self, first);
  sp_session_registry_take_settings (self->sessions, shorter);
  attach (self, again);
  g_assert_cmpuint (sp_fake_connection (again)->refused, ==, 401);
  expect_orders ("hold 01 forget 01 stop 01");
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, "01 session-timeout");
}

/* No cookie is good for longer than its session. */
static void
test_last_minutes (Fixture *self, gconstpointer data)
{
  SpConnection *first = make (self, 1, anna);
  g_autofree char *orders = NULL;
  guint seconds;

  sp_connection_get_facts (first)->signed_in -= 3500 * SECOND;
  attach (self, first);
  g_free (sp_fakes_take_orders ());
  leave (self, first, SP_LEFT_CLOSED);
  orders = sp_fakes_take_orders ();
  g_assert_cmpint (sscanf (orders, "release 01 %u", &seconds), ==, 1);
  g_assert_cmpuint (seconds, <=, 100);
}

static void
test_mobile (Fixture *self, gconstpointer data)
{
  SpConnection *desktop = open_session (self, 1, anna);
  SpConnection *phone = make (self, 2, anna);

  sp_connection_get_facts (phone)->request.flags |= SP_TUNNEL_MOBILE;
  attach (self, phone);
  g_assert_cmpuint (sp_fake_connection (desktop)->granted.dpd, ==, 30);
  g_assert_cmpuint (sp_fake_connection (desktop)->granted.idle_timeout, ==, 600);
  g_assert_cmpuint (sp_fake_connection (phone)->granted.dpd, ==, 1800);
  g_assert_cmpuint (sp_fake_connection (phone)->granted.idle_timeout, ==, 1200);
}

/* --- what comes early --- */

/* A datagram socket on the loopback, as main keeps open for associations. */
static int
listen_for_datagrams (SpEndpoint *ret_local)
{
  g_autoptr (GError) error = NULL;
  SpEndpoint local = { 0 };
  int fd;

  sp_address_from_ipv4 (local.address, 0x7f000001);
  fd = sp_listener_open (SP_LISTENER_DATAGRAM, &local, &error);
  g_assert_no_error (error);
  g_assert_true (sp_listener_get_local (fd, ret_local, NULL));
  return fd;
}

static void
make_hello (SpHelloVerified *hello, const SpEndpoint *local, guint64 attachment)
{
  memset (hello, 0, sizeof *hello);
  hello->attachment = attachment;
  memcpy (hello->peer_address, local->address, SP_ADDRESS_SIZE);
  hello->peer_port = 9;
  memcpy (hello->local_address, local->address, SP_ADDRESS_SIZE);
  hello->local_port = local->port;
}

/* The client's hello and its worker's ATTACHED come by different walls. */
static void
test_hello_before_attached (Fixture *self, gconstpointer data)
{
  SpConnection *connection = make (self, 1, anna);
  SpFakeConnection *fake = sp_fake_connection (connection);
  g_autoptr (SpSettings) settings = read_settings (data);
  g_autofree SpHelloVerified *hello = g_new (SpHelloVerified, 1);
  SpEndpoint local;
  sp_autofd int listener = listen_for_datagrams (&local);
  const SpDoorListener datagrams = { .kind = SP_LISTENER_UDP, .local = local, .fd = listener };

  sp_session_registry_close (self->sessions);
  sp_session_registry_open (self->sessions, self->network, settings, &datagrams, 1);
  sp_session_registry_attach (self->sessions, connection);
  while (fake->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  make_hello (hello, &local, fake->facts.attachment);
  sp_session_registry_hello (self->sessions, hello);
  g_assert_cmpuint (fake->n_candidates, ==, 0);
  fake->attached = TRUE;
  sp_session_registry_attached (self->sessions, connection, 1400);
  g_assert_cmpuint (fake->n_candidates, ==, 1);
  /* Once; and a repetition is too early. */
  sp_session_registry_hello (self->sessions, hello);
  g_assert_cmpuint (fake->n_candidates, ==, 1);
}

/* One for an earlier tunnel of the session leads nowhere. */
static void
test_hello_of_an_earlier_tunnel (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = make (self, 1, anna);
  g_autofree SpHelloVerified *hello = g_new (SpHelloVerified, 1);
  const SpEndpoint local = { .port = 443 };

  make_hello (hello, &local, sp_fake_connection (first)->facts.attachment);
  sp_session_registry_hello (self->sessions, hello);
  leave (self, first, SP_LEFT_CLOSED);
  sp_fake_connection (second)->attached = TRUE;
  attach (self, second);
  sp_session_registry_hello (self->sessions, hello);
  g_assert_cmpuint (sp_fake_connection (second)->n_candidates, ==, 0);
}

int
main (int argc, char **argv)
{
  static const char hour[] = "session-timeout = 3600\n";

  g_test_init (&argc, &argv, NULL);
  ADD ("roaming-denied", "roaming = no\nsessions-per-user = 1\n", test_roaming_denied);
  ADD ("roaming", "", test_roaming);
  ADD ("idle-time-survives-a-reconnect", "idle-timeout = 600\n",
       test_idle_time_survives_a_reconnect);
  ADD ("use-in-the-future", "idle-timeout = 600\n", test_use_in_the_future);
  ADD ("counters-of-a-liar", "", test_counters_of_a_liar);
  ADD ("idle-end-keeps-the-cookie", "idle-timeout = 600\n", test_idle_end_keeps_the_cookie);
  ADD ("attachments-end", "", test_attachments_end);
  ADD ("revoked-device", "", test_revoked_device);
  ADD ("request-after-the-cookie-died", "", test_request_after_the_cookie_died);
  ADD ("age-counts-from-the-sign-in", hour, test_age_counts_from_the_sign_in);
  ADD ("late-cookie", hour, test_late_cookie);
  ADD ("shortened", hour, test_shortened);
  ADD ("last-minutes", hour, test_last_minutes);
  ADD ("mobile", "dpd = 30\nidle-timeout = 600\nmobile-idle-timeout = 1200\n", test_mobile);
  ADD ("hello-before-attached", "", test_hello_before_attached);
  ADD ("hello-of-an-earlier-tunnel", "", test_hello_of_an_earlier_tunnel);
  return g_test_run ();
}
