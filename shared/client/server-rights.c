/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"
#include "client/server-connection.h"

SpPermission
sp_server_connection_get_permission (SpServerConnection *connection, const char *action)
{
  g_autofree char *name = g_strconcat (SP_POLKIT_PREFIX, action, NULL);
  g_autoptr (GVariant) permissions = NULL;
  const char *answer = NULL;

  g_object_get (connection, "permissions", &permissions, NULL);
  if (permissions == NULL || !g_variant_lookup (permissions, name, "&s", &answer))
    return SP_PERMISSION_NO;
  if (g_str_equal (answer, "yes"))
    return SP_PERMISSION_YES;
  return g_str_equal (answer, "auth") ? SP_PERMISSION_ASK : SP_PERMISSION_NO;
}

gboolean
sp_server_connection_has_feature (SpServerConnection *connection, const char *feature)
{
  SpBusServer *server = sp_server_connection_get_server (connection);
  g_auto (GStrv) features = server != NULL ? sp_bus_server_dup_features (server) : NULL;

  return features != NULL && g_strv_contains ((const char *const *) features, feature);
}
