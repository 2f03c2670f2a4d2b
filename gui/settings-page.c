/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings-page.h"

#include "base/names.h"

struct _SpSettingsPage
{
  AdwBin parent_instance;
  GtkListBox *list;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpSettingsPage, sp_settings_page, ADW_TYPE_BIN)

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new ();

  (void) g_object_bind_property (item, "subject", row, "title", G_BINDING_SYNC_CREATE);
  (void) g_object_bind_property (item, "issuer", row, "subtitle", G_BINDING_SYNC_CREATE);
  return row;
}
void
sp_settings_page_set_connection (SpSettingsPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  gtk_list_box_bind_model (page->list,
                           G_LIST_MODEL (sp_server_connection_get_certificates (connection)),
                           create_row, NULL, NULL);
}

static void
sp_settings_page_dispose (GObject *object)
{
  g_clear_object (&SP_SETTINGS_PAGE (object)->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_settings_page_parent_class)->dispose (object);
}

static void
sp_settings_page_class_init (SpSettingsPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_settings_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "settings-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, list);
}

static void
sp_settings_page_init (SpSettingsPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
