/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-page.h"

#include "base/names.h"
#include "client/user-census.h"
#include "failure.h"
#include "property-row.h"
#include "peek-icon.h"
#include "user-change.h"
#include "user-wording.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpDevicePage
{
  SpSubpage parent_instance;
  AdwEntryRow *name;
  SpPropertyRow *user_row;
  SpPropertyRow *kind;
  SpPropertyRow *seen;
  SpPropertyRow *added;
  SpPropertyRow *until;
  SpPropertyRow *blocked;
  SpPropertyRow *address;
  GtkWidget *revoke;
  SpServerConnection *connection;
  SpBusDevice *device;
};

G_DEFINE_FINAL_TYPE (SpDevicePage, sp_device_page, SP_TYPE_SUBPAGE)

/* --- what is --- */

/* Lent by the list. */
static SpBusSession *
find_session (SpDevicePage *page)
{
  GListModel *sessions = G_LIST_MODEL (sp_server_connection_get_sessions (page->connection));
  guint n = g_list_model_get_n_items (sessions);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusSession) session = g_list_model_get_item (sessions, i);

      if (g_strcmp0 (sp_bus_session_get_device (session), sp_client_path_of (page->device)) == 0)
        return session;
    }
  return NULL;
}

static void
show_moment (SpPropertyRow *row, guint64 moment, const char *otherwise)
{
  g_autofree char *text = moment != 0 ? sp_wording_moment (moment) : NULL;

  sp_property_row_set_value (row, text != NULL ? text : otherwise);
}

static void
show_sessions (SpDevicePage *page)
{
  SpBusSession *session = find_session (page);

  sp_property_row_set_value (page->address,
                             session != NULL ? sp_bus_session_get_remote_address (session) : NULL);
  if (session != NULL)
    sp_property_row_set_value (page->seen, _ ("Connected"));
  else
    show_moment (page->seen, sp_bus_device_get_last_seen_at (page->device), _ ("Never"));
}

static void
show_device (SpDevicePage *page)
{
  guint64 end = sp_bus_device_get_not_after (page->device);
  gboolean revoked = sp_bus_device_get_revoked_at (page->device) != 0;
  SpBusUser *user = sp_object_list_find (sp_server_connection_get_users (page->connection),
                                         sp_bus_device_get_user (page->device));
  const char *kind = sp_bus_device_get_kind (page->device);
  g_autofree char *until = end != 0 ? sp_user_wording_date (end) : NULL;

  sp_subpage_set_title (SP_SUBPAGE (page), sp_bus_device_get_name (page->device));
  sp_subpage_set_subtitle (SP_SUBPAGE (page), revoked ? _ ("Revoked") : NULL);
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (page->name)))))
    gtk_editable_set_text (GTK_EDITABLE (page->name), sp_bus_device_get_name (page->device));
  sp_property_row_set_value (page->user_row, user != NULL ? sp_user_get_shown_name (user) : NULL);
  sp_property_row_set_value (page->kind, g_strcmp0 (kind, "password") == 0
                                             ? _ ("A password of its own")
                                             : _ ("A certificate"));
  sp_property_row_set_value (page->until, until);
  show_moment (page->added, sp_bus_device_get_created_at (page->device), NULL);
  show_moment (page->blocked, sp_bus_device_get_blocked_until (page->device), NULL);
  show_sessions (page);
  gtk_widget_set_sensitive (GTK_WIDGET (page->name), !revoked);
  gtk_widget_set_sensitive (page->revoke, !revoked);
}

/* --- what is wanted --- */

static void
on_renamed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDevicePage) page = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_device_call_update_finish (SP_BUS_DEVICE (source), result, &error))
    sp_failure_show (GTK_WIDGET (page), _ ("The name was not changed"), error);
  if (page->device != NULL)
    gtk_editable_set_text (GTK_EDITABLE (page->name), sp_bus_device_get_name (page->device));
}

static void
on_name (SpDevicePage *page)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "Name",
                         g_variant_new_string (gtk_editable_get_text (GTK_EDITABLE (page->name))));
  sp_bus_device_call_update (page->device, g_variant_builder_end (&changes), sp_no_options (),
                             SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_renamed, g_object_ref (page));
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDevicePage) page = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  g_autofree char *text = NULL;

  if (!sp_bus_device_call_revoke_finish (SP_BUS_DEVICE (source), &token, result, &error))
    {
      sp_failure_show (GTK_WIDGET (page), _ ("The device was not revoked"), error);
      return;
    }
  /* Translators: what a device is called. */
  text = g_strdup_printf (_ ("%s was revoked"), sp_bus_device_get_name (SP_BUS_DEVICE (source)));
  if (sp_window_of (GTK_WIDGET (page)) != NULL)
    sp_window_offer_undo (sp_window_of (GTK_WIDGET (page)), text, token);
}

static void
on_revoke (SpDevicePage *page)
{
  sp_bus_device_call_revoke (page->device, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                             on_revoked, g_object_ref (page));
}

static void
on_rename (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void) gtk_widget_grab_focus (GTK_WIDGET (SP_DEVICE_PAGE (widget)->name));
}

/* --- the page --- */

static SpPropertyRow *
add_row (AdwPreferencesGroup *group, const char *title)
{
  GtkWidget *row = sp_property_row_new (title, NULL);

  adw_preferences_group_add (group, row);
  return SP_PROPERTY_ROW (row);
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *content)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_page_add (content, group);
  return group;
}

static GtkWidget *
create_content (SpDevicePage *page)
{
  AdwPreferencesPage *content = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = add_group (content);

  page->name = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->name), _ ("Name"));
  adw_entry_row_set_show_apply_button (page->name, TRUE);
  sp_peek_icon_name (GTK_WIDGET (page->name));
  (void) g_signal_connect_object (page->name, "apply", G_CALLBACK (on_name), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, GTK_WIDGET (page->name));
  group = add_group (content);
  page->user_row = add_row (group, _ ("User"));
  page->seen = add_row (group, _ ("Last Seen"));
  page->address = add_row (group, _ ("Connected From"));
  page->blocked = add_row (group, _ ("Blocked Until"));
  page->kind = add_row (group, _ ("Signs In With"));
  page->until = add_row (group, _ ("Certificate Good Until"));
  page->added = add_row (group, _ ("Added"));
  group = add_group (content);
  page->revoke = gtk_button_new_with_label (_ ("Revoke This Device"));
  gtk_widget_set_halign (page->revoke, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (page->revoke, "clicked", G_CALLBACK (on_revoke), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, page->revoke);
  return GTK_WIDGET (content);
}

SpSubpage *
sp_device_page_new (SpServerConnection *connection, SpBusDevice *device)
{
  SpDevicePage *page = g_object_new (SP_TYPE_DEVICE_PAGE, NULL);

  page->connection = g_object_ref (connection);
  page->device = g_object_ref (device);
  g_object_set (page, "content", create_content (page), NULL);
  (void) g_signal_connect_object (device, "notify", G_CALLBACK (show_device), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_sessions (connection), "items-changed",
                                  G_CALLBACK (show_sessions), page, G_CONNECT_SWAPPED);
  show_device (page);
  return SP_SUBPAGE (page);
}

static void
sp_device_page_dispose (GObject *object)
{
  SpDevicePage *page = SP_DEVICE_PAGE (object);

  g_clear_object (&page->device);
  g_clear_object (&page->connection);
  G_OBJECT_CLASS (sp_device_page_parent_class)->dispose (object);
}

static void
sp_device_page_class_init (SpDevicePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_device_page_dispose;
  gtk_widget_class_install_action (widget_class, "device.rename", NULL, on_rename);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "device.rename", NULL);
}

static void
sp_device_page_init (SpDevicePage *page)
{
}
