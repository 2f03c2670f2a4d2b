/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fakes.h"

#include "base/names.h"
#include "platform/fake.h"

#include <glib/gstdio.h>
#include <string.h>

/* Which sessions are asked about a record of an unknown peer. */

static const guint8 anna[SP_ID_SIZE] = { 0xa };

typedef struct
{
  char *folder;
  SpStore *store;
  SpTrafficLedger *ledger;
  SpUserRegistry *users;
  SpNetworkSetup *network;
  SpSessionRegistry *sessions;
  GPtrArray *connections;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  static const char text[] = "[tunnel]\nsessions-per-user = off\n";
  SpNetworkSettings network = { .masquerade = TRUE, .global_id = { 1, 2, 3, 4, 5 } };
  static const SpDoorListener datagrams = { .kind = SP_LISTENER_UDP,
                                            .local = { .port = 443 },
                                            .fd = -1 };
  SpUserRecord user = { .login = (char *) "anna" };
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings = sp_settings_parse ("test", text, strlen (text), &error);

  g_assert_no_error (error);
  sp_fake_reset ();
  self->folder = g_dir_make_tmp ("roaming-XXXXXX", NULL);
  self->store = sp_store_open (self->folder, NULL);
  self->ledger = sp_traffic_ledger_new (self->store, NULL);
  memcpy (user.id, anna, SP_ID_SIZE);
  g_assert_true (sp_store_put_user (self->store, &user, NULL));
  self->users = sp_user_registry_new (self->store, NULL, NULL);
  self->network = sp_network_setup_start (&network, self->folder, NULL);
  self->sessions = sp_session_registry_new (self->store, NULL, NULL, self->users, self->ledger);
  self->connections =
      g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) sp_fake_connection_free);
  sp_session_registry_open (self->sessions, self->network, settings, &datagrams, 1);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const files[] = { SP_DATABASE_FILE, SP_DATABASE_FILE "-wal",
                                       SP_DATABASE_FILE "-shm" };

  sp_session_registry_close (self->sessions);
  g_object_unref (self->sessions);
  g_object_unref (self->users);
  sp_network_setup_stop (self->network);
  sp_traffic_ledger_free (self->ledger);
  sp_store_free (self->store);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_build_filename (self->folder, files[i], NULL);
      (void) g_unlink (file);
    }
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
  g_ptr_array_unref (self->connections);
  g_free (sp_fakes_take_orders ());
}

/* A session of its own, attached, with its client at this address. */
static void
add (Fixture *self, const char *address)
{
  guint8 id[SP_ID_SIZE] = { (guint8) (self->connections->len + 1) };
  SpConnection *connection = sp_fake_connection_new (id, anna);
  SpFakeConnection *fake = sp_fake_connection (connection);

  g_ptr_array_add (self->connections, connection);
  g_assert_true (sp_address_from_text (address, fake->facts.peer.address));
  sp_session_registry_attach (self->sessions, connection);
  while (fake->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  sp_session_registry_attached (self->sessions, connection, 1400);
}

static SpFakeConnection *
get (Fixture *self, guint i)
{
  return sp_fake_connection (self->connections->pdata[i]);
}

static void
hear (Fixture *self, const char *address)
{
  SpStrayHeard stray = { .peer_port = 4000, .datagram_length = 30 };

  g_assert_true (sp_address_from_text (address, stray.peer_address));
  sp_session_registry_stray (self->sessions, &stray);
}

/* How often each was asked since, in order of their sessions. */
static char *
take_counts (Fixture *self)
{
  GString *counts = g_string_new (NULL);

  for (guint i = 0; i < self->connections->len; i++)
    {
      g_string_append_printf (counts, "%u", get (self, i)->n_strays);
      get (self, i)->n_strays = 0;
    }
  return g_string_free (counts, FALSE);
}

static void
expect_counts (Fixture *self, const char *expected)
{
  g_autofree char *counts = take_counts (self);

  g_assert_cmpstr (counts, ==, expected);
}

/* Who is at the stray's address is asked, and nobody else. */
static void
test_same_address (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1");
  add (self, "192.0.2.2");
  add (self, "192.0.2.1");
  hear (self, "192.0.2.1");
  expect_counts (self, "101");
}

/* Also when none of them takes it now: it is theirs, or nobody's. */
static void
test_same_address_but_deaf (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1");
  add (self, "192.0.2.2");
  get (self, 0)->deaf = TRUE;
  hear (self, "192.0.2.1");
  expect_counts (self, "00");
}

static void
test_other_address (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1");
  add (self, "192.0.2.2");
  hear (self, "203.0.113.9");
  expect_counts (self, "11");
}

/* The owner does not want that anybody moves: only another port is looked for. */
static void
test_roaming_denied (Fixture *self, gconstpointer data)
{
  static const char text[] = "[tunnel]\nroaming = no\n";
  g_autoptr (SpSettings) settings = sp_settings_parse ("test", text, strlen (text), NULL);

  add (self, "192.0.2.1");
  sp_session_registry_take_settings (self->sessions, settings);
  hear (self, "203.0.113.9");
  expect_counts (self, "0");
  hear (self, "192.0.2.1");
  expect_counts (self, "1");
}

/* Strays from nowhere: a few at once; those with an address that is known do not suffer. */
static void
test_budget (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1");
  for (guint i = 0; i < 50; i++)
    hear (self, "203.0.113.9");
  g_assert_cmpuint (get (self, 0)->n_strays, >=, 8);
  g_assert_cmpuint (get (self, 0)->n_strays, <=, 12);
  get (self, 0)->n_strays = 0;
  hear (self, "192.0.2.1");
  expect_counts (self, "1");
  for (guint i = 0; i < 1000; i++)
    hear (self, "192.0.2.1");
  g_assert_cmpuint (get (self, 0)->n_strays, <=, 130);
}

/* Of many behind one address the newest are asked, the next time the others. */
static void
test_many (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 19; i++)
    add (self, "192.0.2.1");
  hear (self, "192.0.2.1");
  expect_counts (self, "0000000000011111111");
  hear (self, "192.0.2.1");
  expect_counts (self, "0001111111100000000");
  hear (self, "192.0.2.1");
  g_assert_cmpuint (get (self, 0)->n_strays, ==, 1);
  g_assert_cmpuint (get (self, 2)->n_strays, ==, 1);
}

/* Without holders there is nobody to ask. */
static void
test_away (Fixture *self, gconstpointer data)
{
  add (self, "192.0.2.1");
  sp_session_registry_connection_ended (self->sessions, self->connections->pdata[0]);
  hear (self, "192.0.2.1");
  expect_counts (self, "0");
}

static void
test_counter (Fixture *self, gconstpointer data)
{
  SpEndpoint peer = { .port = 4000 };
  guint roams = 0;

  add (self, "192.0.2.1");
  memcpy (peer.address, get (self, 0)->facts.peer.address, SP_ADDRESS_SIZE);
  sp_session_registry_roamed (self->sessions, self->connections->pdata[0], &peer);
  g_object_get (sp_session_registry_get (self->sessions, 0), "roams", &roams, NULL);
  g_assert_cmpuint (roams, ==, 1);
}

#define ADD(name, test_)                                                                           \
  g_test_add ("/session-roaming/" name, Fixture, NULL, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("same-address", test_same_address);
  ADD ("same-address-but-deaf", test_same_address_but_deaf);
  ADD ("other-address", test_other_address);
  ADD ("roaming-denied", test_roaming_denied);
  ADD ("budget", test_budget);
  ADD ("many", test_many);
  ADD ("away", test_away);
  ADD ("counter", test_counter);
  return g_test_run ();
}
