/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "welcome-page.h"

#include "base/names.h"

struct _SpWelcomePage
{
  AdwBin parent_instance;
  GtkWidget *set_up;
};

G_DEFINE_FINAL_TYPE (SpWelcomePage, sp_welcome_page, ADW_TYPE_BIN)

gboolean
sp_welcome_page_is_called_for (SpServerConnection *connection)
{
  SpBusServer *server = sp_server_connection_get_server (connection);
  GListModel *users = G_LIST_MODEL (sp_server_connection_get_users (connection));

  return sp_server_connection_get_state (connection) == SP_CONNECTION_READY &&
         g_strcmp0 (sp_bus_server_get_state (server), "off") == 0 &&
         g_list_model_get_n_items (users) == 0;
}

static void
on_set_up (SpWelcomePage *page)
{
  g_signal_emit_by_name (page, "set-up");
}

static void
on_restore (SpWelcomePage *page)
{
  g_signal_emit_by_name (page, "restore");
}

static void
on_skip (SpWelcomePage *page)
{
  g_signal_emit_by_name (page, "skip");
}

void
sp_welcome_page_take_focus (SpWelcomePage *page)
{
  (void) gtk_widget_grab_focus (page->set_up);
}

static void
sp_welcome_page_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_welcome_page_parent_class)->dispose (object);
}

static void
sp_welcome_page_class_init (SpWelcomePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  static const char *const signals[] = { "set-up", "restore", "skip" };

  G_OBJECT_CLASS (class)->dispose = sp_welcome_page_dispose;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    (void) g_signal_new (signals[i], SP_TYPE_WELCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                         G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpWelcomePage, set_up);
  gtk_widget_class_bind_template_callback (widget_class, on_set_up);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_bind_template_callback (widget_class, on_skip);
}

static void
sp_welcome_page_init (SpWelcomePage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
