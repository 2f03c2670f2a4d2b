/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-devices-group.h"

#include "client/user-census.h"
#include "device-page.h"
#include "invite-dialog.h"
#include "user-wording.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpUserDevicesGroup
{
  AdwPreferencesGroup parent_instance;
  GtkListBox *list;
  SpServerConnection *connection;
  SpBusUser *user;
  GListModel *devices;
  GtkFilter *filter;
};

G_DEFINE_FINAL_TYPE (SpUserDevicesGroup, sp_user_devices_group, ADW_TYPE_PREFERENCES_GROUP)

static gboolean
is_theirs (gpointer item, gpointer data)
{
  SpUserDevicesGroup *group = data;

  return sp_bus_device_get_revoked_at (item) == 0 &&
         g_strcmp0 (sp_bus_device_get_user (item), sp_client_path_of (group->user)) == 0;
}

static gboolean
is_connected (SpUserDevicesGroup *group, SpBusDevice *device)
{
  GListModel *sessions = G_LIST_MODEL (sp_server_connection_get_sessions (group->connection));
  guint n = g_list_model_get_n_items (sessions);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusSession) session = g_list_model_get_item (sessions, i);

      if (g_strcmp0 (sp_bus_session_get_device (session), sp_client_path_of (device)) == 0)
        return TRUE;
    }
  return FALSE;
}

static char *
word_device (SpUserDevicesGroup *group, SpBusDevice *device)
{
  guint64 seen = sp_bus_device_get_last_seen_at (device);
  guint64 end = sp_bus_device_get_not_after (device);
  g_autofree char *when = seen != 0 ? sp_wording_day (seen) : NULL;
  g_autofree char *until = sp_user_wording_date (end);
  const char *state = when != NULL ? when : _ ("never connected");

  if (is_connected (group, device))
    state = _ ("connected");
  if (end == 0)
    return g_strdup (state);
  /* Translators: "connected", or when it last was; and a date. */
  return g_strdup_printf (_ ("%s · certificate until %s"), state, until);
}

static void
show_device (GtkWidget *row)
{
  SpBusDevice *device = g_object_get_data (G_OBJECT (row), "device");
  GtkWidget *group = gtk_widget_get_ancestor (row, SP_TYPE_USER_DEVICES_GROUP);
  g_autofree char *title = g_markup_escape_text (sp_bus_device_get_name (device), -1);
  g_autofree char *subtitle = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (group == NULL)
    return;
  subtitle = word_device (SP_USER_DEVICES_GROUP (group), device);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
}

static void
open_device (GtkWidget *row)
{
  SpUserDevicesGroup *group =
      SP_USER_DEVICES_GROUP (gtk_widget_get_ancestor (row, SP_TYPE_USER_DEVICES_GROUP));
  SpBusDevice *device = g_object_get_data (G_OBJECT (row), "device");

  sp_window_push (sp_window_of (row), sp_device_page_new (group->connection, device));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  SpUserDevicesGroup *group = data;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

  g_object_set_data_full (G_OBJECT (row), "device", g_object_ref (item), g_object_unref);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  (void) g_signal_connect (row, "activated", G_CALLBACK (open_device), NULL);
  (void) g_signal_connect (row, "map", G_CALLBACK (show_device), NULL);
  (void) g_signal_connect_object (item, "notify", G_CALLBACK (show_device), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_sessions (group->connection),
                                  "items-changed", G_CALLBACK (show_device), row,
                                  G_CONNECT_SWAPPED);
  show_device (row);
  return row;
}

static void
on_devices_changed (SpUserDevicesGroup *group)
{
  gtk_widget_set_visible (GTK_WIDGET (group->list), g_list_model_get_n_items (group->devices) > 0);
}

static void
on_invite (SpUserDevicesGroup *group)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (group)));

  gtk_window_present (sp_invite_dialog_new (window, group->connection, group->user));
}

static GtkWidget *
create_invite_button (SpUserDevicesGroup *group)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = adw_button_content_new ();
  g_autofree char *name =
      /* Translators: a person's name. */
      g_strdup_printf (_ ("Invite a Device of %s"), sp_user_get_shown_name (group->user));

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "list-add-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _ ("Invite"));
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (on_invite), group,
                                  G_CONNECT_SWAPPED);
  return button;
}

GtkWidget *
sp_user_devices_group_new (SpServerConnection *connection, SpBusUser *user)
{
  SpUserDevicesGroup *group =
      g_object_new (SP_TYPE_USER_DEVICES_GROUP, "title", _ ("Devices"), NULL);
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_devices (connection));

  group->connection = g_object_ref (connection);
  group->user = g_object_ref (user);
  group->filter = GTK_FILTER (gtk_custom_filter_new (is_theirs, group, NULL));
  group->devices =
      G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (all), g_object_ref (group->filter)));
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group),
                                           create_invite_button (group));
  gtk_list_box_bind_model (group->list, group->devices, create_row, group, NULL);
  (void) g_signal_connect_object (group->devices, "items-changed", G_CALLBACK (on_devices_changed),
                                  group, G_CONNECT_SWAPPED);
  on_devices_changed (group);
  return GTK_WIDGET (group);
}

/* Whose they are never changes; that one is revoked, or given back, the list does not say. */
void
sp_user_devices_group_refresh (SpUserDevicesGroup *group)
{
  gtk_filter_changed (group->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
sp_user_devices_group_dispose (GObject *object)
{
  SpUserDevicesGroup *group = SP_USER_DEVICES_GROUP (object);

  if (group->list != NULL)
    gtk_list_box_bind_model (group->list, NULL, NULL, NULL, NULL);
  group->list = NULL;
  g_clear_object (&group->devices);
  g_clear_object (&group->filter);
  g_clear_object (&group->user);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_user_devices_group_parent_class)->dispose (object);
}

static void
sp_user_devices_group_class_init (SpUserDevicesGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_devices_group_dispose;
}

static void
sp_user_devices_group_init (SpUserDevicesGroup *group)
{
  group->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (group->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (group->list), "boxed-list");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (group->list));
}
