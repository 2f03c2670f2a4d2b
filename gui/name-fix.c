/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name-fix.h"

#include "client/server-connection.h"
#include "failure.h"
#include "outside-wording.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

static gboolean
is_dynamic (GVariant *details)
{
  gboolean dynamic = FALSE;

  (void) g_variant_lookup (details, "Dynamic", "b", &dynamic);
  return dynamic;
}

char *
sp_name_fix_describe (GVariant *details, const char *text)
{
  g_autofree char *way = sp_outside_describe_name (details);

  if (is_dynamic (details))
    text = _ ("Its provider has another address than this network has now");
  return g_strdup_printf ("%s\n%s", way, text);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) button = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (button);

  if (!sp_bus_server_call_update_dynamic_dns_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (button, _ ("The provider could not be told"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("The provider is told the address"));
}

static void
update (GtkWidget *button, SpBusServer *server)
{
  sp_bus_server_call_update_dynamic_dns (server, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                         NULL, on_updated, g_object_ref (button));
}

GtkWidget *
sp_name_fix_new (SpBusServer *server, GVariant *details)
{
  GtkWidget *button;

  if (!is_dynamic (details))
    return NULL;
  button = gtk_button_new_with_mnemonic (_ ("_Update Now"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (update), server, 0);
  return button;
}
