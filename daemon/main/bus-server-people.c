/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-event.h"
#include "bus-server-private.h"

#include "base/limits.h"
#include "bus-ban.h"
#include "bus-device.h"
#include "bus-group.h"
#include "bus-history.h"
#include "bus-options.h"
#include "bus-penalty.h"
#include "bus-reply.h"
#include "bus-session.h"
#include "bus-traffic.h"
#include "bus-user-list.h"
#include "bus-user.h"
#include "bus/error.h"

#include <string.h>

static const SpBusKey find_keys[] = {
  { "removed", "b", 0, 0, FALSE },
};

/* --- users --- */

static void
on_user_added (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autoptr (SpUser) user = sp_user_registry_add_finish (SP_USER_REGISTRY (users), result, &error);
  g_autofree char *path = NULL;

  if (user == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_user_path (user);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static gboolean
check_new_user (GVariant *values, GError **error)
{
  SpBusKey keys[SP_USER_N_VALUES + 1];

  memcpy (keys, sp_user_value_keys, sizeof sp_user_value_keys);
  keys[SP_USER_N_VALUES] = (SpBusKey){ "Login", "s", 1, SP_LOGIN_MAX, TRUE, NULL };
  return sp_bus_options_check (values, keys, G_N_ELEMENTS (keys), error);
}

static gboolean
handle_add_user (SpBusServer *object,
                 GDBusMethodInvocation *invocation,
                 GVariant *values,
                 GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  const char *login = "";
  GError *error = NULL;

  if (!check_new_user (values, &error) || !sp_bus_options_check_empty (options, &error))
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  (void) g_variant_lookup (values, "Login", "&s", &login);
  sp_user_registry_add_async (sp_server_get_users (self->server), login, values, NULL,
                              on_user_added, invocation);
  return TRUE;
}

static gboolean
handle_find_user (SpBusServer *object,
                  GDBusMethodInvocation *invocation,
                  const char *login,
                  GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_autofree char *path = NULL;
  gboolean removed = FALSE;
  GError *error = NULL;
  SpUser *user = NULL;

  if (sp_bus_options_check (options, find_keys, G_N_ELEMENTS (find_keys), &error))
    {
      (void) g_variant_lookup (options, "removed", "b", &removed);
      user = sp_user_registry_find_by_login (sp_server_get_users (self->server), login);
      if (user == NULL || (sp_user_get_record (user)->removed_at != 0) != removed)
        g_set_error (&error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND, "no user has that login");
    }
  if (error != NULL)
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  path = sp_exported_user_path (user);
  sp_bus_server_complete_find_user (object, invocation, path);
  return TRUE;
}

static gboolean
handle_undo (SpBusServer *object,
             GDBusMethodInvocation *invocation,
             const char *token,
             GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    {
      if (sp_bus_device_undo (sp_server_get_devices (self->server), token, invocation) ||
          sp_bus_user_undo (sp_server_get_users (self->server), token, invocation))
        return TRUE;
      sp_bus_session_undo (self->server, token, invocation);
    }
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_disconnect_all (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  sp_bus_session_disconnect (SP_EXPORTED_SERVER (object)->server, NULL, invocation, options);
  return TRUE;
}

static gboolean
handle_list_users (SpBusServer *object,
                   GDBusMethodInvocation *invocation,
                   GVariant *filter,
                   const char *cursor,
                   guint limit,
                   GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);

  sp_bus_user_list (self->server, self->tree, invocation, filter, cursor, limit, options);
  return TRUE;
}

/* --- bans --- */

static gboolean
handle_restore_group (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *name,
                      GVariant *options)
{
  sp_bus_group_restore (SP_EXPORTED_SERVER (object)->server, invocation, name, options);
  return TRUE;
}

static gboolean
handle_add_group (SpBusServer *object,
                  GDBusMethodInvocation *invocation,
                  GVariant *values,
                  GVariant *options)
{
  sp_bus_group_add (SP_EXPORTED_SERVER (object)->server, invocation, values, options);
  return TRUE;
}

static gboolean
handle_block_address (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *address,
                      GVariant *options)
{
  sp_bus_ban_block (SP_EXPORTED_SERVER (object)->server, invocation, address, options);
  return TRUE;
}

/* --- history --- */

static gboolean
handle_list_events (SpBusServer *object,
                    GDBusMethodInvocation *invocation,
                    GVariant *filter,
                    const char *cursor,
                    guint limit,
                    GVariant *options)
{
  sp_bus_event_list (SP_EXPORTED_SERVER (object)->server, invocation, filter, cursor, limit,
                     options);
  return TRUE;
}

static gboolean
handle_list_penalties (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  sp_bus_penalty_list (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

static gboolean
handle_list_history (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     const char *cursor,
                     guint limit,
                     GVariant *options)
{
  sp_session_registry_write_returns (sp_server_get_sessions (SP_EXPORTED_SERVER (object)->server));
  sp_bus_history_list (SP_EXPORTED_SERVER (object)->server, invocation, filter, cursor, limit,
                       options);
  return TRUE;
}

static gboolean
handle_list_devices (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     const char *cursor,
                     guint limit,
                     GVariant *options)
{
  SpStore *store = sp_server_get_store (SP_EXPORTED_SERVER (object)->server);

  sp_bus_device_list (store, invocation, filter, cursor, limit, options);
  return TRUE;
}

static gboolean
handle_open_history (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *ignored,
                     GVariant *filter,
                     GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);

  sp_session_registry_write_returns (sp_server_get_sessions (self->server));
  sp_bus_history_open (sp_server_get_store (self->server), self->streams, invocation, filter,
                       options);
  return TRUE;
}

static gboolean
handle_query_traffic (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *scope,
                      const char *resolution,
                      guint64 from,
                      guint64 to,
                      GVariant *options)
{
  SpTrafficLedger *ledger = sp_server_get_ledger (SP_EXPORTED_SERVER (object)->server);

  sp_bus_traffic_query (ledger, invocation, scope, resolution, from, to, options);
  return TRUE;
}

static gboolean
handle_erase_history (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *user,
                      GVariant *options)
{
  SpStore *store = sp_server_get_store (SP_EXPORTED_SERVER (object)->server);

  sp_bus_history_erase (store, invocation, user, options);
  return TRUE;
}

static gboolean
handle_forget_history (SpBusServer *object,
                       GDBusMethodInvocation *invocation,
                       GVariant *filter,
                       GVariant *options)
{
  SpServer *server = SP_EXPORTED_SERVER (object)->server;

  sp_bus_history_forget (sp_server_get_store (server), sp_server_get_jobs (server), invocation,
                         filter, options);
  return TRUE;
}

void
sp_exported_server_init_people (SpBusServerIface *iface)
{
  iface->handle_add_user = handle_add_user;
  iface->handle_find_user = handle_find_user;
  iface->handle_undo = handle_undo;
  iface->handle_disconnect_all = handle_disconnect_all;
  iface->handle_list_users = handle_list_users;
  iface->handle_add_group = handle_add_group;
  iface->handle_restore_group = handle_restore_group;
  iface->handle_block_address = handle_block_address;
  iface->handle_list_history = handle_list_history;
  iface->handle_list_events = handle_list_events;
  iface->handle_list_penalties = handle_list_penalties;
  iface->handle_list_devices = handle_list_devices;
  iface->handle_open_history = handle_open_history;
  iface->handle_query_traffic = handle_query_traffic;
  iface->handle_erase_history = handle_erase_history;
  iface->handle_forget_history = handle_forget_history;
}
