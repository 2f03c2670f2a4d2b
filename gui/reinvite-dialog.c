/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reinvite-dialog.h"

#include "base/limits.h"
#include "client/sealed-text.h"
#include "client/user-census.h"
#include "failure.h"
#include "user-change.h"

#include <glib/gi18n.h>

#define VALID_SECONDS (7 * 86400) /* several people are not reached within a day */

/* A device, and what came of it. */
typedef struct
{
  SpBusUser *user;
  char *title; /* "Anna · iPhone" */
  char *name;  /* of the device */
  char *link;  /* NULL: none was made */
  AdwActionRow *row;
  GtkCheckButton *check;
} Entry;

struct _SpReinviteDialog
{
  AdwWindow parent_instance;
  AdwToastOverlay *toasts;
  AdwPreferencesGroup *group;
  GtkButton *start;
  GtkButton *copy_all;
  SpServerConnection *connection; /* NULL: the dialog is closed */
  GPtrArray *entries;
  guint next;
};

G_DEFINE_FINAL_TYPE (SpReinviteDialog, sp_reinvite_dialog, ADW_TYPE_WINDOW)

/* --- which devices --- */

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_object_unref (entry->user);
  g_free (entry->title);
  g_free (entry->name);
  sp_secret_text_free (entry->link);
  g_free (entry);
}

/* Lent; NULL: it is not to be invited again. */
static SpBusUser *
find_person (SpServerConnection *connection, SpBusDevice *device)
{
  SpBusUser *user;

  if (sp_bus_device_get_revoked_at (device) != 0 ||
      g_strcmp0 (sp_bus_device_get_kind (device), "certificate") != 0)
    return NULL;
  user = sp_object_list_find (sp_server_connection_get_users (connection),
                              sp_bus_device_get_user (device));
  return user != NULL && !sp_bus_user_get_removed (user) ? user : NULL;
}

guint
sp_reinvite_count (SpServerConnection *connection)
{
  GListModel *devices = G_LIST_MODEL (sp_server_connection_get_devices (connection));
  guint n = g_list_model_get_n_items (devices);
  guint count = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusDevice) device = g_list_model_get_item (devices, i);

      count += find_person (connection, device) != NULL;
    }
  return count;
}

static int
compare_titles (gconstpointer a, gconstpointer b)
{
  const Entry *const *first = a;
  const Entry *const *second = b;

  return g_utf8_collate ((*first)->title, (*second)->title);
}

static GPtrArray *
list_entries (SpServerConnection *connection)
{
  GListModel *devices = G_LIST_MODEL (sp_server_connection_get_devices (connection));
  GPtrArray *entries = g_ptr_array_new_with_free_func (free_entry);
  guint n = g_list_model_get_n_items (devices);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusDevice) device = g_list_model_get_item (devices, i);
      SpBusUser *user = find_person (connection, device);
      Entry *entry;

      if (user == NULL)
        continue;
      entry = g_new0 (Entry, 1);
      entry->user = g_object_ref (user);
      entry->name = sp_bus_device_dup_name (device);
      entry->title = g_strdup_printf ("%s · %s", sp_user_get_shown_name (user), entry->name);
      g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_titles);
  return entries;
}

/* --- links --- */

static void
say (SpReinviteDialog *dialog, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (dialog->toasts, adw_toast_new (markup));
}

static void
copy (SpReinviteDialog *dialog, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)), text);
  say (dialog, _ ("Copied"));
}

static void
on_copy (SpReinviteDialog *dialog, GtkButton *button)
{
  const Entry *entry = g_object_get_data (G_OBJECT (button), "entry");

  copy (dialog, entry->link);
}

static void
on_copy_all (SpReinviteDialog *dialog)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < dialog->entries->len; i++)
    {
      const Entry *entry = dialog->entries->pdata[i];

      if (entry->link != NULL)
        g_string_append_printf (text, "%s: %s\n", entry->title, entry->link);
    }
  copy (dialog, text->str);
}

static void
show_link (SpReinviteDialog *dialog, Entry *entry)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  g_autofree char *markup = g_markup_escape_text (entry->link, -1);
  g_autofree char *name =
      /* Translators: a person, and a device. */
      g_strdup_printf (_ ("Copy the Link for %s"), entry->title);

  adw_action_row_set_subtitle (entry->row, markup);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (button), "entry", entry);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (on_copy), dialog,
                                  G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (entry->row, button);
}

/* --- one after the other --- */

static void invite_next (SpReinviteDialog *dialog);

static void
on_invited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpReinviteDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GError) error = NULL;
  Entry *entry;

  if (dialog->connection == NULL)
    return;
  entry = dialog->entries->pdata[dialog->next++];
  if (sp_bus_user_call_invite_finish (SP_BUS_USER (source), NULL, &handle, &descriptors, result,
                                      &error))
    entry->link = sp_sealed_text_read (descriptors, handle, SP_URL_MAX, &error);
  if (entry->link != NULL)
    show_link (dialog, entry);
  else
    {
      g_autofree char *reason = sp_failure_describe (error);
      g_autofree char *markup = g_markup_escape_text (reason, -1);

      adw_action_row_set_subtitle (entry->row, markup);
    }
  invite_next (dialog);
}

static void
invite_next (SpReinviteDialog *dialog)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  Entry *entry = NULL;

  for (; dialog->next < dialog->entries->len; dialog->next++)
    {
      entry = dialog->entries->pdata[dialog->next];
      if (gtk_check_button_get_active (entry->check))
        break;
    }
  if (dialog->next >= dialog->entries->len)
    {
      g_variant_builder_clear (&options);
      gtk_widget_set_visible (GTK_WIDGET (dialog->copy_all), TRUE);
      return;
    }
  g_variant_builder_add (&options, "{sv}", "device-name", g_variant_new_string (entry->name));
  g_variant_builder_add (&options, "{sv}", "valid-s", g_variant_new_uint32 (VALID_SECONDS));
  sp_bus_user_call_invite (entry->user, g_variant_builder_end (&options), SP_CALL_FLAGS,
                           SP_CALL_TIMEOUT, NULL, NULL, on_invited, g_object_ref (dialog));
}

static void
on_start (SpReinviteDialog *dialog)
{
  gtk_widget_set_visible (GTK_WIDGET (dialog->start), FALSE);
  for (guint i = 0; i < dialog->entries->len; i++)
    gtk_widget_set_sensitive (GTK_WIDGET (((Entry *) dialog->entries->pdata[i])->check), FALSE);
  invite_next (dialog);
}

/* --- the dialog --- */

static void
show_start (SpReinviteDialog *dialog)
{
  g_autofree char *text = NULL;
  guint n = 0;

  for (guint i = 0; i < dialog->entries->len; i++)
    n += gtk_check_button_get_active (((Entry *) dialog->entries->pdata[i])->check);
  text = g_strdup_printf (ngettext ("_Re-Invite %u Device", "_Re-Invite %u Devices", n), n);
  gtk_button_set_label (dialog->start, text);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->start), n > 0);
}

static void
add_row (SpReinviteDialog *dialog, Entry *entry)
{
  g_autofree char *title = g_markup_escape_text (entry->title, -1);

  entry->row = ADW_ACTION_ROW (adw_action_row_new ());
  entry->check = GTK_CHECK_BUTTON (gtk_check_button_new ());
  gtk_check_button_set_active (entry->check, TRUE);
  gtk_widget_set_valign (GTK_WIDGET (entry->check), GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (entry->row), title);
  adw_action_row_set_title_lines (entry->row, 1);
  adw_action_row_set_subtitle_lines (entry->row, 2);
  adw_action_row_add_prefix (entry->row, GTK_WIDGET (entry->check));
  adw_action_row_set_activatable_widget (entry->row, GTK_WIDGET (entry->check));
  (void) g_signal_connect_object (entry->check, "toggled", G_CALLBACK (show_start), dialog,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (dialog->group, GTK_WIDGET (entry->row));
}

GtkWindow *
sp_reinvite_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpReinviteDialog *dialog = g_object_new (SP_TYPE_REINVITE_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  dialog->entries = list_entries (connection);
  for (guint i = 0; i < dialog->entries->len; i++)
    add_row (dialog, dialog->entries->pdata[i]);
  show_start (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_reinvite_dialog_dispose (GObject *object)
{
  g_clear_object (&SP_REINVITE_DIALOG (object)->connection);
  G_OBJECT_CLASS (sp_reinvite_dialog_parent_class)->dispose (object);
}

static void
sp_reinvite_dialog_finalize (GObject *object)
{
  g_clear_pointer (&SP_REINVITE_DIALOG (object)->entries, g_ptr_array_unref);
  G_OBJECT_CLASS (sp_reinvite_dialog_parent_class)->finalize (object);
}

static void
sp_reinvite_dialog_class_init (SpReinviteDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_reinvite_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_reinvite_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkButton *
add_button (SpReinviteDialog *dialog,
            AdwHeaderBar *header,
            const char *label,
            void (*clicked) (SpReinviteDialog *dialog))
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (clicked), dialog,
                                  G_CONNECT_SWAPPED);
  adw_header_bar_pack_start (header, button);
  return GTK_BUTTON (button);
}

static void
sp_reinvite_dialog_init (SpReinviteDialog *dialog)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  AdwHeaderBar *header = ADW_HEADER_BAR (adw_header_bar_new ());
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Re-Invite Devices"));
  dialog->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  dialog->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_description (
      dialog->group,
      _ ("Each gets a link that sets it up anew, with the current address. It is good for a week "
         "and "
         "makes another device; revoke the old one when it is not needed any more."));
  adw_preferences_page_add (page, dialog->group);
  dialog->start = add_button (dialog, header, "", on_start);
  dialog->copy_all = add_button (dialog, header, _ ("_Copy All Links"), on_copy_all);
  gtk_widget_set_visible (GTK_WIDGET (dialog->copy_all), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (dialog->start), "suggested-action");
  adw_toast_overlay_set_child (dialog->toasts, GTK_WIDGET (page));
  gtk_widget_set_vexpand (GTK_WIDGET (dialog->toasts), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (header));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (dialog->toasts));
  adw_window_set_content (ADW_WINDOW (dialog), box);
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (dialog), 480, 480);
}
