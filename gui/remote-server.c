/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote-server.h"

#include "remote/computer-list.h"
#include "remote/error.h"

char *
sp_remote_server_get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "sallyport", "ssh", NULL);
}

char *
sp_remote_server_get_list_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "sallyport", "computers.ini", NULL);
}

static void
remember (SpContact *contact)
{
  g_autofree char *path = sp_remote_server_get_list_path ();
  g_autofree char *address = sp_target_to_text (sp_contact_get_target (contact));
  g_autoptr (GError) error = NULL;

  if (!sp_computer_list_add (path, address, sp_contact_has_own_key (contact), &error))
    g_message ("%s", error->message);
}

static void
connect_to (GObject *way, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  sp_contact_connect (SP_CONTACT (way), cancellable, callback, data);
}

static GDBusConnection *
finish (GObject *way, GAsyncResult *result, GError **error)
{
  GDBusConnection *bus = sp_contact_connect_finish (SP_CONTACT (way), result, error);

  if (bus != NULL)
    remember (SP_CONTACT (way));
  return bus;
}

static void
end (GObject *way)
{
  sp_contact_end (SP_CONTACT (way));
}

SpServerConnection *
sp_remote_server_new (const SpTarget *target, gboolean own_key)
{
  static const SpBusWay steps = {
    .connect = connect_to, .finish = finish, .is_final = sp_remote_error_is_final, .end = end
  };
  g_autofree char *folder = sp_remote_server_get_folder ();
  g_autofree char *name = sp_target_to_name (target);
  g_autoptr (SpContact) contact = sp_contact_new (target, folder, own_key);

  return sp_server_connection_new_remote (G_OBJECT (contact), &steps, name);
}

SpContact *
sp_remote_server_get_contact (SpServerConnection *connection)
{
  GObject *way = sp_server_connection_get_way (connection);

  return way != NULL ? SP_CONTACT (way) : NULL;
}

char *
sp_remote_server_get_address (SpServerConnection *connection)
{
  SpContact *contact = sp_remote_server_get_contact (connection);

  return contact != NULL ? sp_target_to_text (sp_contact_get_target (contact)) : g_strdup ("");
}

static gboolean
is_address_of (SpBusSession *session, const char *address)
{
  g_auto (GStrv) addresses = sp_bus_session_dup_addresses (session);

  return addresses != NULL && g_strv_contains ((const char *const *) addresses, address);
}

/* Whoever comes in through it has the address of one of its sessions. */
gboolean
sp_remote_server_is_inside (SpServerConnection *connection)
{
  SpContact *contact = sp_remote_server_get_contact (connection);
  g_autofree char *origin = contact != NULL ? sp_contact_get_origin (contact) : NULL;
  GListModel *sessions = G_LIST_MODEL (sp_server_connection_get_sessions (connection));

  if (contact == NULL)
    return FALSE;
  /* It does not say. */
  if (origin == NULL)
    return TRUE;
  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr (SpBusSession) session = g_list_model_get_item (sessions, i);

      if (is_address_of (session, origin))
        return TRUE;
    }
  return FALSE;
}

char *
sp_remote_server_get_remedy (SpServerConnection *connection)
{
  SpContact *contact = sp_remote_server_get_contact (connection);
  const char *account = contact != NULL ? sp_contact_get_account (contact) : NULL;

  return account != NULL ? g_strdup_printf ("sudo usermod -aG sallyport-admin %s", account) : NULL;
}
