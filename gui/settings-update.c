/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings-update.h"

#include "client/server-connection.h"
#include "failure.h"
#include "user-change.h"

#include <glib/gi18n.h>

void
sp_settings_update (SpBusSettings *settings,
                    GVariant *changes,
                    GAsyncReadyCallback answered,
                    gpointer data)
{
  sp_bus_settings_call_update (settings, changes, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                               NULL, answered, data);
}

static void
on_put_back (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    sp_failure_show (near, _ ("It could not be undone"), error);
}

void
sp_settings_put_back (GtkWidget *near, SpBusSettings *settings, GVariant *changes)
{
  sp_settings_update (settings, changes, on_put_back, g_object_ref (near));
}
