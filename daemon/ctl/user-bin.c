/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"

#include "base/names.h"
#include "bus/interfaces.h"

/* Removed users, who stay for a while. */

typedef gboolean (*Call) (SpBusUser *, GVariant *, GDBusCallFlags, gint, GCancellable *, GError **);

static SpBusUser *
find_removed (SpClient *client, const char *login, GError **error)
{
  GVariantDict options;
  g_autofree char *path = NULL;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "removed", "b", TRUE);
  if (!sp_bus_server_call_find_user_sync (client->server, login, g_variant_dict_end (&options),
                                          client->flags, client->timeout, &path, NULL, error))
    return NULL;
  return sp_bus_user_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                     SP_BUS_NAME, path, NULL, error);
}

static SpExitStatus
change (SpControl *control,
        const SpCommand *self,
        char ***arguments,
        Call call,
        const char *done,
        GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusUser) user = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client != NULL)
    user = find_removed (client, (*arguments)[1], error);
  if (user == NULL ||
      !call (user, sp_client_no_options (), client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (!control->json)
    {
      g_print ("%s %s.\n", done, (*arguments)[1]);
      return SP_EXIT_OK;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", sp_client_id_of (user));
  sp_json_text (&json, "login", (*arguments)[1]);
  sp_json_print (&json);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_user_restore (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return change (control, self, arguments, sp_bus_user_call_restore_sync, "Restored", error);
}

SpExitStatus
sp_ctl_user_purge (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return change (control, self, arguments, sp_bus_user_call_purge_sync, "Purged", error);
}
