/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users-page.h"

#include "base/names.h"

struct _SpUsersPage
{
  AdwBin parent_instance;
  GtkListBox *list;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpUsersPage, sp_users_page, ADW_TYPE_BIN)

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new ();

  (void) g_object_bind_property (item, "login", row, "title", G_BINDING_SYNC_CREATE);
  (void) g_object_bind_property (item, "full-name", row, "subtitle", G_BINDING_SYNC_CREATE);
  return row;
}

void
sp_users_page_add_user (SpUsersPage *page)
{
}

void
sp_users_page_search (SpUsersPage *page)
{
}
void
sp_users_page_set_connection (SpUsersPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  gtk_list_box_bind_model (page->list, G_LIST_MODEL (sp_server_connection_get_users (connection)),
                           create_row, NULL, NULL);
}

static void
sp_users_page_dispose (GObject *object)
{
  g_clear_object (&SP_USERS_PAGE (object)->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_users_page_parent_class)->dispose (object);
}

static void
sp_users_page_class_init (SpUsersPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_users_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "users-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, list);
}

static void
sp_users_page_init (SpUsersPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
