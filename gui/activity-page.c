/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "activity-page.h"

#include "base/names.h"

struct _SpActivityPage
{
  AdwBin parent_instance;
  GtkListBox *list;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpActivityPage, sp_activity_page, ADW_TYPE_BIN)

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new ();

  (void) g_object_bind_property (item, "address", row, "title", G_BINDING_SYNC_CREATE);
  (void) g_object_bind_property (item, "reason", row, "subtitle", G_BINDING_SYNC_CREATE);
  return row;
}
void
sp_activity_page_set_connection (SpActivityPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  gtk_list_box_bind_model (page->list, G_LIST_MODEL (sp_server_connection_get_bans (connection)),
                           create_row, NULL, NULL);
}

static void
sp_activity_page_dispose (GObject *object)
{
  g_clear_object (&SP_ACTIVITY_PAGE (object)->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_activity_page_parent_class)->dispose (object);
}

static void
sp_activity_page_class_init (SpActivityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_activity_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, list);
}

static void
sp_activity_page_init (SpActivityPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
