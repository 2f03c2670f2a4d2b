/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-page.h"

#include "base/label.h"
#include "base/names.h"
#include "client/sealed-text.h"
#include "client/user-census.h"
#include "failure.h"
#include "property-row.h"
#include "peek-icon.h"
#include "renewal-dialog.h"
#include "user-change.h"
#include "user-wording.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

#define DIGITS  8                                       /* of a fingerprint, between two blanks */
#define FOREVER G_GUINT64_CONSTANT (253402300799999999) /* as Device.BlockedUntil says */

struct _SpDevicePage
{
  SpSubpage parent_instance;
  AdwEntryRow *name;
  SpPropertyRow *user_row;
  SpPropertyRow *kind;
  SpPropertyRow *seen;
  SpPropertyRow *added;
  AdwPreferencesGroup *certificate;
  SpPropertyRow *issued;
  SpPropertyRow *until;
  SpPropertyRow *fingerprint;
  GtkWidget *renew;
  gboolean renewing;
  SpPropertyRow *blocked;
  GtkWidget *unblock;
  SpPropertyRow *address;
  SpPropertyRow *server_address;
  GtkWidget *relabel;
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
    sp_property_row_set_value (page->seen, C_ ("device", "Connected"));
  else
    show_moment (page->seen, sp_bus_device_get_last_seen_at (page->device),
                 C_ ("last seen", "Never"));
}

/* Only where it has one of its own. */
static void
show_server_address (SpDevicePage *page)
{
  SpBusServer *server = sp_server_connection_get_server (page->connection);
  const char *label = sp_bus_device_get_label (page->device);
  const char *all = server != NULL ? sp_bus_server_get_device_url (server) : NULL;
  g_autofree char *address = label != NULL && all != NULL ? sp_label_insert (all, label) : NULL;

  sp_property_row_set_value (page->server_address,
                             address != NULL && !g_str_equal (address, all) ? address : NULL);
}

/* In groups, so that it wraps, and is compared piece by piece; copied without blanks. */
static char *
group_digits (const char *digits)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; digits != NULL && digits[i] != '\0'; i++)
    {
      if (i > 0 && i % DIGITS == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

static void
show_certificate (SpDevicePage *page)
{
  const char *digits = sp_bus_device_get_fingerprint (page->device);
  guint64 issued = sp_bus_device_get_issued_at (page->device);
  guint64 end = sp_bus_device_get_not_after (page->device);
  g_autofree char *fingerprint = group_digits (digits);
  g_autofree char *until = end != 0 ? sp_user_wording_date (end) : NULL;
  g_autofree char *from = issued != 0 ? sp_user_wording_date (issued) : NULL;

  sp_property_row_set_value (page->issued, from);
  sp_property_row_set_value (page->until, until);
  sp_property_row_set_value (page->fingerprint, digits);
  g_object_set (page->fingerprint, "shown", fingerprint, NULL);
  gtk_widget_set_visible (GTK_WIDGET (page->certificate), end != 0);
}

/* What is over is none. */
static void
show_block (SpDevicePage *page)
{
  guint64 until = sp_bus_device_get_blocked_until (page->device);
  /* Translators: a device. */
  g_autofree char *name = g_strdup_printf (_ ("Unblock %s"), sp_bus_device_get_name (page->device));

  if (until <= (guint64) g_get_real_time ())
    sp_property_row_set_value (page->blocked, NULL);
  else if (until == FOREVER)
    /* Translators: stands below "Blocked Until". */
    sp_property_row_set_value (page->blocked, _ ("You unblock it"));
  else
    show_moment (page->blocked, until, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->unblock), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

static void
show_device (SpDevicePage *page)
{
  gboolean revoked = sp_bus_device_get_revoked_at (page->device) != 0;
  SpBusUser *user = sp_object_list_find (sp_server_connection_get_users (page->connection),
                                         sp_bus_device_get_user (page->device));
  const char *kind = sp_bus_device_get_kind (page->device);

  sp_subpage_set_title (SP_SUBPAGE (page), sp_bus_device_get_name (page->device));
  sp_subpage_set_subtitle (SP_SUBPAGE (page), revoked ? _ ("Revoked") : NULL);
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (page->name)))))
    gtk_editable_set_text (GTK_EDITABLE (page->name), sp_bus_device_get_name (page->device));
  sp_property_row_set_value (page->user_row, user != NULL ? sp_user_get_shown_name (user) : NULL);
  sp_property_row_set_value (page->kind, g_strcmp0 (kind, "password") == 0
                                             ? _ ("A password of its own")
                                             : _ ("A certificate"));
  show_certificate (page);
  show_server_address (page);
  show_moment (page->added, sp_bus_device_get_created_at (page->device), NULL);
  show_block (page);
  show_sessions (page);
  gtk_widget_set_sensitive (GTK_WIDGET (page->name), !revoked);
  gtk_widget_set_sensitive (page->renew, !revoked);
  gtk_widget_set_sensitive (page->relabel, !revoked);
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
on_unblocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDevicePage) page = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_device_call_update_finish (SP_BUS_DEVICE (source), result, &error))
    sp_failure_show (GTK_WIDGET (page), _ ("The device stays blocked"), error);
}

static void
on_unblock (SpDevicePage *page)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "BlockedUntil", g_variant_new_uint64 (0));
  sp_bus_device_call_update (page->device, g_variant_builder_end (&changes), sp_no_options (),
                             SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_unblocked,
                             g_object_ref (page));
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
show_renewal (SpDevicePage *page, GByteArray *file, const char *passphrase)
{
  g_autoptr (GBytes) bytes = g_bytes_new (file->data, file->len);
  SpWindow *window = sp_window_of (GTK_WIDGET (page));

  sp_secret_wipe (file->data, file->len);
  if (window != NULL)
    gtk_window_present (
        sp_renewal_dialog_new (GTK_WINDOW (window), page->device, bytes, passphrase));
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDevicePage) page = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) file = NULL;
  g_autoptr (GVariant) passphrase = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (SpSecretText) text = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_device_call_renew_finish (SP_BUS_DEVICE (source), &file, &passphrase, &descriptors,
                                       result, &error))
    bytes = sp_sealed_text_read_bytes (descriptors, file, SP_DEVICE_FILE_MAX, &error);
  if (bytes != NULL)
    text = sp_sealed_text_read (descriptors, passphrase, SP_PASSPHRASE_MAX, &error);
  page->renewing = FALSE;
  if (page->device == NULL)
    return;
  if (text != NULL)
    show_renewal (page, bytes, text);
  else
    sp_failure_show (GTK_WIDGET (page), _ ("The certificate was not renewed"), error);
}

static void
on_renew (SpDevicePage *page)
{
  if (page->renewing)
    return;
  /* Not made insensitive meanwhile: it would lose the focus. */
  page->renewing = TRUE;
  sp_bus_device_call_renew (page->device, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                            NULL, on_renewed, g_object_ref (page));
}

/* The row has the address by then. */
static void
on_relabelled (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDevicePage) page = data;
  g_autofree char *label = NULL;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (page));

  if (!sp_bus_device_call_renew_label_finish (SP_BUS_DEVICE (source), &label, result, &error))
    sp_failure_show (GTK_WIDGET (page), _ ("The secret address was not replaced"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("Tell the device its new address"));
}

static void
on_relabel_answer (SpDevicePage *page, const char *response)
{
  if (g_str_equal (response, "replace") && page->device != NULL)
    sp_bus_device_call_renew_label (page->device, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                    NULL, on_relabelled, g_object_ref (page));
}

static void
on_relabel (SpDevicePage *page)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page))), _ ("Replace the Secret Address?"),
      _ ("Nobody gets in by the old one any more. The device cannot connect again until somebody "
         "tells it the new one.")));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "replace", _ ("_Replace"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_relabel_answer), page,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
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

static void
add_certificate (SpDevicePage *page, AdwPreferencesPage *content)
{
  page->certificate = add_group (content);
  adw_preferences_group_set_title (page->certificate, _ ("Certificate"));
  page->renew = gtk_button_new_with_label (_ ("Renew…"));
  gtk_widget_add_css_class (page->renew, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->renew), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Renew the Certificate"), -1);
  (void) g_signal_connect_object (page->renew, "clicked", G_CALLBACK (on_renew), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_set_header_suffix (page->certificate, page->renew);
  page->issued = add_row (page->certificate, _ ("Issued"));
  page->until = add_row (page->certificate, _ ("Certificate Good Until"));
  page->fingerprint = add_row (page->certificate, _ ("Fingerprint (SHA-256)"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (page->fingerprint), 0);
}

static void
add_unblock (SpDevicePage *page)
{
  page->unblock = gtk_button_new_with_label (_ ("Unblock"));
  gtk_widget_set_valign (page->unblock, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (page->unblock, "clicked", G_CALLBACK (on_unblock), page,
                                  G_CONNECT_SWAPPED);
  g_object_set (page->blocked, "copyable", FALSE, NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (page->blocked), page->unblock);
}

static void
add_relabel (SpDevicePage *page)
{
  page->relabel = gtk_button_new_with_label (_ ("Replace…"));
  gtk_widget_set_valign (page->relabel, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->relabel), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Replace the Secret Address"), -1);
  (void) g_signal_connect_object (page->relabel, "clicked", G_CALLBACK (on_relabel), page,
                                  G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (page->server_address), page->relabel);
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
  add_unblock (page);
  page->kind = add_row (group, _ ("Signs In With"));
  page->added = add_row (group, _ ("Added"));
  page->server_address = add_row (group, _ ("Secret Address of the Server"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (page->server_address), 0);
  add_relabel (page);
  add_certificate (page, content);
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
