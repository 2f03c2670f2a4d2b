/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-connection-private.h"

#include "base/names.h"
#include "bus/error.h"

#define START_TIMEOUT       30000 /* ms; a service manager gives a service about as long */
#define STATISTICS_INTERVAL 1000  /* ms */

/* The steps of an attempt, each in the answer of the one before; so the last stands first. */

static void
on_permissions (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GVariant) permissions = NULL;

  /* Without an answer nothing is known to be allowed, and asking tells. */
  if (!sp_bus_server_call_get_permissions_finish (SP_BUS_SERVER (source), &permissions, result,
                                                  NULL))
    return;
  g_clear_pointer (&connection->permissions, g_variant_unref);
  connection->permissions = g_steal_pointer (&permissions);
  sp_server_connection_notify (connection, "permissions");
}

void
sp_server_connection_look_at_permissions (SpServerConnection *connection)
{
  sp_bus_server_call_get_permissions (
      connection->server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_permissions, g_object_ref (connection));
}

static void
fill_lists (SpServerConnection *connection, GDBusObjectManager *manager)
{
  g_set_object (&connection->manager, manager);
  for (guint i = 0; i < SP_SERVER_LISTS; i++)
    sp_object_list_set_manager (connection->lists[i], manager);
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (GDBusObjectManager) manager = sp_bus_object_manager_client_new_finish (result, &error);

  if (!sp_server_connection_goes_on (connection, error))
    return;
  g_clear_object (&connection->attempt);
  fill_lists (connection, manager);
  sp_server_connection_look_at_permissions (connection);
  sp_server_connection_set_state (connection, SP_CONNECTION_READY, NULL);
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (SpBusSettings) settings = sp_bus_settings_proxy_new_finish (result, &error);

  if (!sp_server_connection_goes_on (connection, error))
    return;
  g_set_object (&connection->settings, settings);
  sp_server_connection_notify (connection, "settings");
  sp_bus_object_manager_client_new (
      connection->bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
      SP_BUS_ROOT_PATH, connection->attempt, on_manager, g_object_ref (connection));
}

static void
on_subscribed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;

  (void) sp_bus_server_call_subscribe_finish (SP_BUS_SERVER (source), &handle, &descriptors, result,
                                              &error);
  /* Where no descriptor comes from, what is asked for still does. */
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NOT_SUPPORTED))
    g_clear_error (&error);
  if (!sp_server_connection_goes_on (connection, error))
    return;
  /* Lasts until the list of descriptors is freed, with the descriptor in it. */
  g_set_object (&connection->subscription, descriptors);
  sp_bus_settings_proxy_new (connection->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
                             SP_BUS_SERVER_PATH, connection->attempt, on_settings,
                             g_object_ref (connection));
}

static void
subscribe (SpServerConnection *connection)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "statistics-interval-ms",
                         g_variant_new_uint32 (STATISTICS_INTERVAL));
  sp_bus_server_call_subscribe (connection->server, g_variant_builder_end (&options),
                                connection->asking, SP_CALL_TIMEOUT, NULL, connection->attempt,
                                on_subscribed, g_object_ref (connection));
}

/* Who authenticates for looking does so for all that follows; where that is not allowed, looking
 * may be. */
static void
on_unlocked_to_look (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;

  (void) sp_bus_server_call_unlock_finish (SP_BUS_SERVER (source), result, &error);
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      (void) sp_server_connection_goes_on (connection, error);
      return;
    }
  g_clear_error (&error);
  subscribe (connection);
}

static void
ask_to_look (SpServerConnection *connection)
{
  if (connection->asking != SP_CALL_FLAGS ||
      !sp_server_connection_has_feature (connection, "unlock"))
    subscribe (connection);
  else
    sp_bus_server_call_unlock (
        connection->server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
        SP_CALL_TIMEOUT, connection->attempt, on_unlocked_to_look, g_object_ref (connection));
}

static void
on_server (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (SpBusServer) server = sp_bus_server_proxy_new_finish (result, &error);

  if (!sp_server_connection_goes_on (connection, error))
    return;
  g_set_object (&connection->server, server);
  sp_server_connection_notify (connection, "server");
  if (sp_bus_server_get_api_version (server) >= SP_API_VERSION_NEEDED)
    {
      ask_to_look (connection);
      return;
    }
  g_clear_object (&connection->attempt);
  sp_server_connection_set_state (connection, SP_CONNECTION_OUTDATED,
                                  sp_bus_server_get_version (server));
}

static void
create_server (SpServerConnection *connection)
{
  sp_bus_server_proxy_new (connection->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
                           SP_BUS_SERVER_PATH, connection->attempt, on_server,
                           g_object_ref (connection));
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (sp_server_connection_goes_on (connection, error))
    create_server (connection);
}

/* An explicit start has an error that tells why, which a proxy has not. */
static void
call_bus (SpServerConnection *connection,
          const char *method,
          GVariant *parameters,
          GAsyncReadyCallback callback)
{
  g_dbus_connection_call (connection->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT, connection->attempt, callback, g_object_ref (connection));
}

static void
on_owner (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !connection->follows &&
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    call_bus (connection, "StartServiceByName", g_variant_new ("(su)", SP_BUS_NAME, 0), on_started);
  else if (sp_server_connection_goes_on (connection, g_steal_pointer (&error)))
    create_server (connection);
}

/* Asks first who is there: a bus does not tell of a service that runs when it could not start it.
 */
void
sp_server_connection_look_for_service (SpServerConnection *connection)
{
  call_bus (connection, "GetNameOwner", g_variant_new ("(s)", SP_BUS_NAME), on_owner);
}
