/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "renewal-dialog.h"

#include "file-saver.h"
#include "property-row.h"

#include <glib/gi18n.h>

struct _SpRenewalDialog
{
  AdwWindow parent_instance;
  AdwPreferencesGroup *group;
  GBytes *file;
};

G_DEFINE_FINAL_TYPE (SpRenewalDialog, sp_renewal_dialog, ADW_TYPE_WINDOW)

static void
on_save (SpRenewalDialog *dialog)
{
  sp_file_saver_save (GTK_WIDGET (dialog), _ ("Save the Certificate"), "vpn.p12", dialog->file,
                      _ ("The certificate was saved"));
}

static void
add_file (SpRenewalDialog *dialog)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *save = gtk_button_new_with_label (_ ("Save…"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Certificate and Key"));
  gtk_widget_set_valign (save, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), save);
  (void) g_signal_connect_object (save, "clicked", G_CALLBACK (on_save), dialog, G_CONNECT_SWAPPED);
  adw_preferences_group_add (dialog->group, row);
}

GtkWindow *
sp_renewal_dialog_new (GtkWindow *parent, SpBusDevice *device, GBytes *file, const char *passphrase)
{
  SpRenewalDialog *dialog = g_object_new (SP_TYPE_RENEWAL_DIALOG, "transient-for", parent, NULL);
  g_autofree char *title =
      /* Translators: what a device is called. */
      g_strdup_printf (_ ("New Certificate of %s"), sp_bus_device_get_name (device));

  gtk_window_set_title (GTK_WINDOW (dialog), title);
  dialog->file = g_bytes_ref (file);
  adw_preferences_group_set_description (
      dialog->group,
      _ ("Import this file on the device. What the device has now is good until it connects with "
         "the new certificate. The file and its passphrase are given out this once."));
  add_file (dialog);
  adw_preferences_group_add (dialog->group,
                             sp_property_row_new (_ ("Passphrase of the File"), passphrase));
  return GTK_WINDOW (dialog);
}

static void
sp_renewal_dialog_dispose (GObject *object)
{
  g_clear_pointer (&SP_RENEWAL_DIALOG (object)->file, g_bytes_unref);
  G_OBJECT_CLASS (sp_renewal_dialog_parent_class)->dispose (object);
}

static void
sp_renewal_dialog_class_init (SpRenewalDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_renewal_dialog_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
sp_renewal_dialog_init (SpRenewalDialog *dialog)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  dialog->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_page_add (page, dialog->group);
  gtk_widget_set_vexpand (GTK_WIDGET (page), TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (page));
  adw_window_set_content (ADW_WINDOW (dialog), box);
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (dialog), 420, 320);
}
