/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-group.h"

#include "base/names.h"

#include "failure.h"
#include "session-actions.h"
#include "session-list-page.h"
#include "session-page.h"
#include "session-row.h"
#include "window.h"

#include <glib/gi18n.h>

#define MANY  20 /* more are not all shown here */
#define FIRST 10 /* but so many, the fastest first */
#define SORT  5  /* s: how often it is looked which those are */

struct _SpSessionGroup
{
  AdwPreferencesGroup parent_instance;
  GtkButton *disconnect_all;
  GtkListBox *list;
  GtkButton *show_all;
  GtkWidget *nobody;
  AdwStatusPage *invitation;
  GtkButton *invite;
  SpServerConnection *connection;
  SpLiveSessionList *sessions;
  GListModel *shown;
  GtkSorter *sorter;
  guint sort;
};

G_DEFINE_FINAL_TYPE (SpSessionGroup, sp_session_group, ADW_TYPE_PREFERENCES_GROUP)

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GtkWidget *holder = gtk_list_box_row_new ();
  GtkWidget *row = sp_session_row_new ();
  g_autofree char *title = sp_live_session_dup_title (item);

  sp_session_row_set_session (SP_SESSION_ROW (row), item);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (holder), row);
  (void) sp_session_row_add_keys (SP_SESSION_ROW (row), holder);
  gtk_accessible_update_property (GTK_ACCESSIBLE (holder), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  return holder;
}

/* The faster first. */
static int
compare_rates (gconstpointer a, gconstpointer b, gpointer data)
{
  SpTrafficRate first = sp_traffic_meter_get_rate (sp_live_session_get_meter ((gpointer) a));
  SpTrafficRate second = sp_traffic_meter_get_rate (sp_live_session_get_meter ((gpointer) b));
  double difference = second.down + second.up - first.down - first.up;

  return difference < 0 ? -1 : difference > 0;
}

static gboolean
on_sort (gpointer data)
{
  gtk_sorter_changed (SP_SESSION_GROUP (data)->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  return G_SOURCE_CONTINUE;
}

/* Shows all in the order in which they came, or the fastest. */
static void
show_model (SpSessionGroup *group, gboolean many)
{
  g_clear_handle_id (&group->sort, g_source_remove);
  g_clear_object (&group->shown);
  if (many)
    {
      GtkSortListModel *sorted = gtk_sort_list_model_new (
          G_LIST_MODEL (g_object_ref (group->sessions)), g_object_ref (group->sorter));

      group->shown = G_LIST_MODEL (gtk_slice_list_model_new (G_LIST_MODEL (sorted), 0, FIRST));
      group->sort = g_timeout_add_seconds (SORT, on_sort, group);
    }
  else
    group->shown = G_LIST_MODEL (g_object_ref (group->sessions));
  gtk_list_box_bind_model (group->list, group->shown, create_row, NULL, NULL);
}

/* Those who were removed do not count. */
static gboolean
has_users (SpSessionGroup *group)
{
  GListModel *users = G_LIST_MODEL (sp_server_connection_get_users (group->connection));
  guint count = g_list_model_get_n_items (users);
  gboolean found = FALSE;

  for (guint i = 0; i < count && !found; i++)
    {
      g_autoptr (SpBusUser) user = g_list_model_get_item (users, i);

      found = !sp_bus_user_get_removed (user);
    }
  return found;
}

static void
show_nobody (SpSessionGroup *group)
{
  gboolean first = !has_users (group);

  adw_status_page_set_icon_name (group->invitation,
                                 first ? "contact-new-symbolic" : "network-wireless-symbolic");
  adw_status_page_set_title (group->invitation,
                             first ? _ ("Add the First User") : _ ("No One Is Connected"));
  adw_status_page_set_description (group->invitation,
                                   first ? _ ("Then invite their devices.")
                                         : _ ("Devices appear here when they connect."));
  gtk_button_set_label (group->invite, first ? _ ("_Add User") : _ ("_Invite a Device"));
  /* An action is looked up with each of the two: never with the target of the other. */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (group->invite), NULL);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (group->invite),
                                          first ? NULL : g_variant_new_string ("users"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (group->invite),
                                  first ? "win.add-user" : "win.show-view");
}

static void
show_count (SpSessionGroup *group)
{
  guint count = g_list_model_get_n_items (G_LIST_MODEL (group->sessions));
  gboolean many = count > MANY;
  gboolean may = sp_server_connection_get_permission (group->connection, "manage-sessions") !=
                 SP_PERMISSION_NO;
  g_autofree char *all = g_strdup_printf (_ ("Show _All %u"), count);

  if (many != (group->sort != 0) || group->shown == NULL)
    show_model (group, many);
  gtk_button_set_label (group->show_all, all);
  gtk_widget_set_visible (GTK_WIDGET (group->show_all), many);
  gtk_widget_set_visible (GTK_WIDGET (group->list), count > 0);
  gtk_widget_set_visible (group->nobody, count == 0);
  gtk_widget_set_sensitive (GTK_WIDGET (group->disconnect_all), may && count > 0);
  show_nobody (group);
}

static void
on_all_disconnected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSessionGroup) group = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (!sp_bus_server_call_disconnect_all_finish (SP_BUS_SERVER (source), &token, result, &error))
    sp_failure_show (GTK_WIDGET (group), _ ("Not all devices could be disconnected"), error);
  else if (window != NULL)
    sp_window_offer_undo_for (window, _ ("All devices were disconnected"), token, SP_SESSION_UNDO);
}

static void
on_disconnect_all (SpSessionGroup *group)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "undo-window-s", g_variant_new_uint32 (SP_SESSION_UNDO));
  sp_bus_server_call_disconnect_all (
      sp_server_connection_get_server (group->connection), g_variant_builder_end (&options),
      SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_all_disconnected, g_object_ref (group));
}

static void
on_show_all (SpSessionGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_push (window, sp_session_list_page_new (group->sessions));
}

static void
on_row_activated (SpSessionGroup *group, GtkListBoxRow *holder)
{
  SpSessionRow *row = SP_SESSION_ROW (gtk_list_box_row_get_child (holder));
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_push (window, sp_session_page_new (sp_session_row_get_session (row)));
}

void
sp_session_group_set_connection (SpSessionGroup *group, SpServerConnection *connection)
{
  g_set_object (&group->connection, connection);
  g_clear_object (&group->sessions);
  group->sessions = sp_live_session_list_new (connection);
  (void) g_signal_connect_object (group->sessions, "items-changed", G_CALLBACK (show_count), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_users (connection), "items-changed",
                                  G_CALLBACK (show_nobody), group, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (group->nobody, "map", G_CALLBACK (show_nobody), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_count), group,
                                  G_CONNECT_SWAPPED);
  show_count (group);
}

static void
sp_session_group_dispose (GObject *object)
{
  SpSessionGroup *group = SP_SESSION_GROUP (object);

  g_clear_handle_id (&group->sort, g_source_remove);
  if (group->list != NULL)
    gtk_list_box_bind_model (group->list, NULL, NULL, NULL, NULL);
  g_clear_object (&group->shown);
  g_clear_object (&group->sessions);
  g_clear_object (&group->sorter);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_session_group_parent_class)->dispose (object);
}

static void
sp_session_group_class_init (SpSessionGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_session_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "session-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, disconnect_all);
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, list);
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, show_all);
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, nobody);
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, invitation);
  gtk_widget_class_bind_template_child (widget_class, SpSessionGroup, invite);
  gtk_widget_class_bind_template_callback (widget_class, on_disconnect_all);
  gtk_widget_class_bind_template_callback (widget_class, on_show_all);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
sp_session_group_init (SpSessionGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
  group->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_rates, NULL, NULL));
}
