/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/unlock.h"

/* What one question is asked for; the service's policy says what it implies. */
static const char *const implied[] = { "control", "manage-users", "manage-sessions", "configure" };

gboolean
sp_unlock_is_called_for (SpServerConnection *connection)
{
  gboolean locked = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (implied); i++)
    locked |= sp_server_connection_get_permission (connection, implied[i]) == SP_PERMISSION_ASK;
  return locked &&
         sp_server_connection_get_permission (connection, "administer") == SP_PERMISSION_ASK &&
         sp_server_connection_has_feature (connection, "unlock");
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (sp_bus_server_call_unlock_finish (SP_BUS_SERVER (source), result, &error))
    {
      sp_server_connection_look_at_permissions (g_task_get_source_object (task));
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, error);
}

void
sp_unlock_async (SpServerConnection *connection, GAsyncReadyCallback callback, gpointer data)
{
  sp_bus_server_call_unlock (sp_server_connection_get_server (connection),
                             g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
                             SP_CALL_TIMEOUT, NULL, on_unlocked,
                             g_task_new (connection, NULL, callback, data));
}

gboolean
sp_unlock_finish (SpServerConnection *connection, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
