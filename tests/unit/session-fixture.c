/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

#include "base/names.h"
#include "platform/fake.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD "[tunnel]\n"

static void
put_user (Fixture *self, const guint8 *id, const char *login)
{
  SpUserRecord record = { .login = (char *) login };

  memcpy (record.id, id, SP_ID_SIZE);
  g_assert_true (sp_store_put_user (self->store, &record, NULL));
}

static void
closed_cb (SpSessionRegistry *sessions, SpSession *session, const char *reason, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->closed, "%s%02x %s", self->closed->len > 0 ? " " : "",
                          sp_session_get_id (session)[0], reason);
}

SpSettings *
read_settings (const char *tunnel)
{
  g_autofree char *text = g_strconcat (HEAD, tunnel, NULL);
  g_autoptr (GError) error = NULL;
  SpSettings *settings = sp_settings_parse ("test", text, strlen (text), &error);

  g_assert_no_error (error);
  return settings;
}

void
set_up (Fixture *self, gconstpointer data)
{
  static const SpDoorListener datagrams = { .kind = SP_LISTENER_UDP,
                                            .local = { .port = 443 },
                                            .fd = -1 };
  SpNetworkSettings network = { .masquerade = TRUE, .global_id = { 1, 2, 3, 4, 5 } };
  g_autoptr (SpSettings) settings = read_settings (data);

  sp_fake_reset ();
  g_free (sp_fakes_take_orders ());
  self->folder = g_dir_make_tmp ("sessions-XXXXXX", NULL);
  self->store = sp_store_open (self->folder, NULL);
  self->ledger = sp_traffic_ledger_new (self->store, NULL);
  put_user (self, anna, "anna");
  put_user (self, bert, "bert");
  self->users = sp_user_registry_new (self->store, NULL, NULL);
  self->network = sp_network_setup_start (&network, self->folder, NULL);
  self->sessions = sp_session_registry_new (self->store, NULL, NULL, self->users, self->ledger);
  self->devices = sp_device_registry_new (self->store, NULL, self->users, NULL);
  sp_session_registry_set_devices (self->sessions, self->devices);
  self->connections =
      g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) sp_fake_connection_free);
  self->closed = g_string_new (NULL);
  (void) g_signal_connect (self->sessions, "closed", G_CALLBACK (closed_cb), self);
  sp_session_registry_open (self->sessions, self->network, settings, &datagrams, 1);
}

void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const files[] = { SP_DATABASE_FILE, SP_DATABASE_FILE "-wal",
                                       SP_DATABASE_FILE "-shm" };

  sp_session_registry_close (self->sessions);
  g_object_unref (self->sessions);
  g_object_unref (self->devices);
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
  (void) g_string_free (self->closed, TRUE);
}

SpConnection *
make (Fixture *self, guint8 session, const guint8 *user)
{
  guint8 id[SP_ID_SIZE] = { session };
  SpConnection *connection = sp_fake_connection_new (id, user);

  g_ptr_array_add (self->connections, connection);
  return connection;
}

/* Asks for the tunnel, and acknowledges it if it is granted. */
void
attach (Fixture *self, SpConnection *connection)
{
  SpFakeConnection *fake = sp_fake_connection (connection);

  sp_session_registry_attach (self->sessions, connection);
  while (fake->n_grants == 0 && fake->refused == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  if (fake->n_grants > 0)
    sp_session_registry_attached (self->sessions, connection, 1400);
}

SpConnection *
open_session (Fixture *self, guint8 session, const guint8 *user)
{
  SpConnection *connection = make (self, session, user);

  attach (self, connection);
  g_assert_cmpuint (sp_fake_connection (connection)->n_grants, ==, 1);
  return connection;
}

void
leave (Fixture *self, SpConnection *connection, SpLeft how)
{
  sp_connection_get_facts (connection)->left = how;
  sp_session_registry_connection_ended (self->sessions, connection);
}

void
expect_orders (const char *expected)
{
  g_autofree char *orders = sp_fakes_take_orders ();

  g_assert_cmpstr (orders, ==, expected);
}

void
expect_closed (Fixture *self, const char *expected)
{
  g_assert_cmpstr (self->closed->str, ==, expected);
  g_string_truncate (self->closed, 0);
}

SpSessionEstate *
estate_of (Fixture *self, SpConnection *connection)
{
  const guint8 *id = sp_connection_get_facts (connection)->session;

  return sp_session_get_estate (sp_session_registry_find_by_id (self->sessions, id));
}
