/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "base/io.h"
#include "base/names.h"
#include "platform/fake.h"
#include "store-history.h"

#include <sqlite3.h>
#include <string.h>

/* What is kept of sessions for the next main, and what that makes of it. */

/* Nothing of it is looked at here. */
static void
have_holder (Fixture *self)
{
  sp_session_registry_set_holding (self->sessions, (SpHolding *) self);
}

static guint
count_kept (SpConnection *connection)
{
  return sp_fake_connection (connection)->n_kept;
}

static void
report (Fixture *self, SpConnection *connection, guint8 transport)
{
  const SpReport message = { .rx_bytes = 1000, .tx_bytes = 2000, .transport = transport };

  sp_session_registry_reported (self->sessions, connection, &message);
}

static void
test_what_changes_is_kept (Fixture *self, gconstpointer data)
{
  static const SpSuspension tea = { .token = "token", .text = "Tea", .reason = "disconnected" };
  SpConnection *first, *second;
  const SpKeepSession *kept;

  first = open_session (self, 1, anna);
  g_assert_cmpuint (count_kept (first), ==, 0); /* there is no holder */
  have_holder (self);
  second = open_session (self, 2, bert);
  kept = &sp_fake_connection (second)->kept;
  g_assert_cmpuint (count_kept (second), ==, 1);
  g_assert_cmpuint (kept->mtu, ==, 1400);
  g_assert_cmpuint (kept->transport, ==, SP_TRANSPORT_TLS);
  g_assert_cmpuint (kept->attachment, ==, estate_of (self, second)->attachment);
  g_assert_cmpmem (kept->ipv4, SP_ADDRESS_SIZE, estate_of (self, second)->record.ipv4,
                   SP_ADDRESS_SIZE);
  sp_session_registry_mtu_changed (self->sessions, second, 1300);
  g_assert_cmpuint (kept->mtu, ==, 1300);
  report (self, second, SP_TRANSPORT_DTLS);
  g_assert_cmpuint (kept->transport, ==, SP_TRANSPORT_DTLS);
  g_assert_cmpuint (count_kept (second), ==, 3);
  report (self, second, SP_TRANSPORT_DTLS); /* counters are stored elsewhere */
  g_assert_cmpuint (count_kept (second), ==, 3);
  /* Not while it can be undone, and again afterwards. */
  g_assert_true (sp_session_registry_suspend (
      self->sessions, sp_session_registry_get (self->sessions, 1), &tea, NULL));
  sp_session_registry_mtu_changed (self->sessions, second, 1200);
  g_assert_cmpuint (count_kept (second), ==, 3);
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, "token"), ==, 1);
  g_assert_cmpuint (count_kept (second), ==, 4);
}

/* A session of anna's that was stored, and what was kept of it. */
static SpKeptSession *
make_kept (Fixture *self, SpConnection *connection)
{
  SpKeptSession *kept = g_new0 (SpKeptSession, 1);
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpSessionRecord record = { .created = 5, .rx_bytes = 700, .tx_bytes = 800 };
  SpLease own;
  int pair[2];

  memcpy (record.id, facts->session, SP_ID_SIZE);
  memcpy (record.user, facts->user, SP_ID_SIZE);
  g_assert_true (sp_store_put_session (self->store, &record, NULL));
  memcpy (kept->said.session, facts->session, SP_ID_SIZE);
  memcpy (kept->said.user, facts->user, SP_ID_SIZE);
  sp_lease_pool_get_server (sp_network_setup_get_leases (self->network), &own);
  own.ipv4[SP_ADDRESS_SIZE - 1] = own.ipv6[SP_ADDRESS_SIZE - 1] = 77;
  memcpy (kept->said.ipv4, own.ipv4, SP_ADDRESS_SIZE);
  memcpy (kept->said.ipv6, own.ipv6, SP_ADDRESS_SIZE);
  kept->said.attachment = 12345;
  kept->said.place = 9;
  kept->said.mtu = 1350;
  kept->said.transport = SP_TRANSPORT_DTLS;
  kept->said.connected_at = 777;
  kept->said.over_at = G_MAXINT64;
  g_assert_true (sp_socket_pair (pair, NULL));
  kept->fds[SP_KEPT_TUN] = pair[0];
  sp_fd_clear (&pair[1]);
  return kept;
}

static void
kept_free (SpKeptSession *kept)
{
  sp_fd_clear (&kept->fds[SP_KEPT_TUN]);
  g_free (kept);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpKeptSession, kept_free)

static void
test_a_session_goes_on (Fixture *self, gconstpointer data)
{
  SpConnection *connection = make (self, 3, anna);
  g_autoptr (SpKeptSession) kept = make_kept (self, connection);
  g_autoptr (GError) error = NULL;
  g_autofree char *transport = NULL;
  SpSession *session;
  gint64 connected_at;
  guint mtu;

  g_assert_true (sp_session_registry_adopt (self->sessions, connection, kept, &error));
  g_assert_no_error (error);
  session = sp_session_registry_get (self->sessions, 0);
  g_assert_cmpint (sp_session_get_state (session), ==, SP_SESSION_CONNECTED);
  g_assert_true (sp_session_is_announced (session));
  g_object_get (session, "transport", &transport, "connected-at", &connected_at, "mtu", &mtu, NULL);
  g_assert_cmpstr (transport, ==, "dtls");
  g_assert_cmpint (connected_at, ==, 777);
  g_assert_cmpuint (mtu, ==, 1350);
  g_assert_true (estate_of (self, connection)->holder == connection);
  g_assert_cmpint (estate_of (self, connection)->phase, ==, SP_LOAN_ATTACHED);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  g_assert_cmpint (kept->fds[SP_KEPT_TUN], ==, -1);
  /* Counters go on where they were stored. */
  g_assert_cmpuint (estate_of (self, connection)->record.rx_bytes, ==, 700);
  report (self, connection, SP_TRANSPORT_DTLS);
  g_assert_cmpuint (estate_of (self, connection)->record.rx_bytes, ==, 1000);
  /* And it ends as any. */
  leave (self, connection, SP_LEFT_LOGOUT);
  expect_closed (self, "03 logout");
}

/* Whoever wants the same session gets it from it. */
static void
test_a_newer_one_takes_it (Fixture *self, gconstpointer data)
{
  SpConnection *connection = make (self, 3, anna);
  g_autoptr (SpKeptSession) kept = make_kept (self, connection);
  SpConnection *newer = make (self, 3, anna);

  g_assert_true (sp_session_registry_adopt (self->sessions, connection, kept, NULL));
  sp_connection_get_facts (newer)->turn = 1;
  sp_session_registry_attach (self->sessions, newer);
  g_assert_cmpuint (sp_fake_connection (connection)->n_recalls, ==, 1);
}

static void
refuse (Fixture *self, SpConnection *connection, SpKeptSession *kept, guint n_expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sp_session_registry_adopt (self->sessions, connection, kept, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, n_expected);
}

static void
test_what_does_not_fit_is_refused (Fixture *self, gconstpointer data)
{
  SpConnection *connection = make (self, 3, anna);
  g_autoptr (SpKeptSession) kept = make_kept (self, connection);
  SpSessionKept said = kept->said;
  SpConnection *other;

  kept->said.user[0] = bert[0]; /* the session is anna's */
  refuse (self, connection, kept, 0);
  kept->said.user[0] = 0xee; /* nobody */
  refuse (self, connection, kept, 0);
  kept->said = said;
  kept->said.session[0] = 0x33; /* never stored */
  refuse (self, connection, kept, 0);
  kept->said = said;
  memset (kept->said.ipv4, 0xee, SP_ADDRESS_SIZE); /* out of the range */
  refuse (self, connection, kept, 0);
  kept->said = said;
  other = open_session (self, 4, bert);
  memcpy (kept->said.ipv4, estate_of (self, other)->record.ipv4, SP_ADDRESS_SIZE);
  memcpy (kept->said.ipv6, estate_of (self, other)->record.ipv6, SP_ADDRESS_SIZE);
  refuse (self, connection, kept, 1);
  g_assert_cmpuint (sp_fake_tun_count (), ==, 1);
  /* Nothing of all that is in the way of the true one, and it is adopted once. */
  kept->said = said;
  g_assert_true (sp_session_registry_adopt (self->sessions, connection, kept, NULL));
  refuse (self, connection, kept, 2);
}

/* The keyholder has to name the cookie. */
static void
test_an_unknown_cookie_is_noticed (Fixture *self, gconstpointer data)
{
  SpConnection *connection = make (self, 3, anna);
  g_autoptr (SpKeptSession) kept = make_kept (self, connection);

  g_assert_true (sp_session_registry_adopt (self->sessions, connection, kept, NULL));
  g_assert_true (estate_of (self, connection)->unconfirmed);
  sp_session_registry_known (self->sessions, kept->said.session, kept->said.user);
  g_assert_false (estate_of (self, connection)->unconfirmed);
}

/* What the history tells of the only session. */
static char *
read_address (Fixture *self)
{
  const SpHistoryFilter all = { 0 };
  g_autofree char *cursor = NULL;
  g_autoptr (GPtrArray) rows = sp_store_list_history (self->store, &all, "", 2, &cursor, NULL);

  g_assert_cmpuint (rows->len, ==, 1);
  return g_strdup (((SpHistoryRow *) rows->pdata[0])->remote_address);
}

static void
expect_address (Fixture *self, const char *expected)
{
  g_autofree char *address = read_address (self);

  g_assert_cmpstr (address, ==, expected);
}

static void
return_from (Fixture *self, guint32 address)
{
  SpConnection *connection = make (self, 1, anna);

  sp_address_from_ipv4 (sp_connection_get_facts (connection)->peer.address, address);
  sp_connection_get_facts (connection)->turn = 1;
  attach (self, connection);
}

/* Many may come back at one time; their rows are written together, and before they are read. */
static void
test_returns_are_written_together (Fixture *self, gconstpointer data)
{
  g_autofree char *first = NULL;
  gint64 until;

  leave (self, open_session (self, 1, anna), SP_LEFT_CLOSED);
  first = read_address (self);
  return_from (self, 0xc0000207);
  expect_address (self, first);
  sp_session_registry_write_returns (self->sessions);
  expect_address (self, "192.0.2.7:50000");
  leave (self, g_ptr_array_index (self->connections, 1), SP_LEFT_CLOSED);
  return_from (self, 0xc0000208);
  until = g_get_monotonic_time () + 5 * SECOND; /* before the counters are stored */
  while (g_main_context_iteration (NULL, TRUE) && g_get_monotonic_time () < until)
    {
      g_autofree char *address = read_address (self);

      if (g_str_equal (address, "192.0.2.8:50000"))
        return;
    }
  g_assert_not_reached ();
}

/* Somebody else has the database when the server goes off; who asks for the history afterwards gets
 * what is there. */
static void
test_a_return_that_cannot_be_written (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->folder, SP_DATABASE_FILE, NULL);
  g_autofree char *first = NULL;
  sqlite3 *other;

  leave (self, open_session (self, 1, anna), SP_LEFT_CLOSED);
  first = read_address (self);
  return_from (self, 0xc0000207);
  g_assert_cmpint (sqlite3_open (file, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  sp_session_registry_close (self->sessions);
  g_assert_cmpint (sqlite3_close (other), ==, SQLITE_OK);
  sp_session_registry_write_returns (self->sessions);
  expect_address (self, first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("keeping/changes", "", test_what_changes_is_kept);
  ADD ("keeping/goes-on", "", test_a_session_goes_on);
  ADD ("keeping/newer", "", test_a_newer_one_takes_it);
  ADD ("keeping/refused", "", test_what_does_not_fit_is_refused);
  ADD ("keeping/cookie", "", test_an_unknown_cookie_is_noticed);
  ADD ("keeping/returns", "", test_returns_are_written_together);
  ADD ("keeping/return-lost", "", test_a_return_that_cannot_be_written);
  return g_test_run ();
}
