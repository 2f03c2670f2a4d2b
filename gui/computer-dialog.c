/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "computer-dialog.h"

#include "base/label.h"
#include "client/sealed-text.h"
#include "client/user-census.h"
#include "computer-profile.h"
#include "failure.h"
#include "file-saver.h"
#include "paper.h"
#include "property-row.h"
#include "user-change.h"

#include <glib/gi18n.h>
#include <string.h>

#define CERTIFICATE_FILE "vpn.p12"

struct _SpComputerDialog
{
  AdwWindow parent_instance;
  AdwPreferencesPage *page;
  AdwEntryRow *device;
  GtkWidget *make;
  GtkWidget *save;
  SpPropertyRow *address;
  SpPropertyRow *command;
  SpPropertyRow *passphrase;
  SpPropertyRow *certificate_command;
  GtkLabel *problem;
  SpServerConnection *connection;
  SpBusUser *user;
  char *url;
  GBytes *certificate; /* NULL: none was made */
};

G_DEFINE_FINAL_TYPE (SpComputerDialog, sp_computer_dialog, ADW_TYPE_WINDOW)

/* Once there is a device it may have an address of its own. */
static void
find_url (SpComputerDialog *dialog, SpBusDevice *device)
{
  SpBusServer *server = sp_server_connection_get_server (dialog->connection);
  const char *const *urls = sp_bus_server_get_urls (server);
  const char *of_devices = sp_bus_server_get_device_url (server);

  g_free (dialog->url);
  if (device != NULL && of_devices != NULL && sp_bus_device_get_label (device) != NULL)
    dialog->url = sp_label_insert (of_devices, sp_bus_device_get_label (device));
  else
    dialog->url = g_strdup (urls != NULL && urls[0] != NULL ? urls[0] : "");
}

/* Lent by the proxies; the URL is empty while the server is off. */
static SpComputerProfile
describe (SpComputerDialog *dialog)
{
  SpBusServer *server = sp_server_connection_get_server (dialog->connection);

  return (SpComputerProfile){
    .name = sp_server_connection_get_name (dialog->connection),
    .url = dialog->url,
    .login = sp_bus_user_get_login (dialog->user),
    .pin = sp_bus_server_get_certificate_pin (server),
  };
}

static void
say_problem (SpComputerDialog *dialog, const char *text)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
}

/* --- files --- */

static void
on_keyfile (SpComputerDialog *dialog)
{
  const SpComputerProfile profile = describe (dialog);
  g_autoptr (GError) error = NULL;
  char *text = sp_computer_profile_create_keyfile (&profile, &error);
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new_take (text, strlen (text)) : NULL;

  if (bytes == NULL)
    say_problem (dialog, error->message);
  else
    sp_file_saver_save (GTK_WIDGET (dialog), _ ("Save the Connection"), "vpn.nmconnection", bytes,
                        _ ("The connection was saved"));
}

static void
on_import (SpComputerDialog *dialog)
{
  const SpComputerProfile profile = describe (dialog);
  char *text = sp_computer_profile_create_import (&profile);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  sp_file_saver_save (GTK_WIDGET (dialog), _ ("Save the File to Import"), "vpn.ini", bytes,
                      _ ("The file was saved"));
}

/* --- the certificate --- */

static void
show_certificate (SpComputerDialog *dialog, GByteArray *file, const char *passphrase)
{
  const SpComputerProfile profile = describe (dialog);
  g_autofree char *command = sp_computer_profile_get_command (&profile, CERTIFICATE_FILE);

  g_clear_pointer (&dialog->certificate, g_bytes_unref);
  dialog->certificate = g_bytes_new (file->data, file->len);
  sp_secret_wipe (file->data, file->len);
  sp_property_row_set_value (dialog->passphrase, passphrase);
  sp_property_row_set_value (dialog->certificate_command, command);
  gtk_widget_set_visible (dialog->save, TRUE);
  gtk_widget_set_visible (dialog->make, FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->device), FALSE);
}

static void
show_address_of (SpComputerDialog *dialog, const char *path)
{
  SpBusDevice *device =
      sp_object_list_find (sp_server_connection_get_devices (dialog->connection), path);
  g_autofree char *command = NULL;
  SpComputerProfile profile;

  find_url (dialog, device);
  profile = describe (dialog);
  command = sp_computer_profile_get_command (&profile, NULL);
  sp_property_row_set_value (dialog->address, profile.url);
  sp_property_row_set_value (dialog->command, command);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpComputerDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) file = NULL;
  g_autoptr (GVariant) passphrase = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (SpSecretText) text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *reason = NULL;

  if (sp_bus_user_call_add_device_finish (SP_BUS_USER (source), &path, &file, &passphrase,
                                          &descriptors, result, &error))
    bytes = sp_sealed_text_read_bytes (descriptors, file, SP_DEVICE_FILE_MAX, &error);
  if (bytes != NULL)
    text = sp_sealed_text_read (descriptors, passphrase, SP_PASSPHRASE_MAX, &error);
  gtk_widget_set_sensitive (dialog->make, TRUE);
  if (text != NULL)
    {
      show_address_of (dialog, path);
      show_certificate (dialog, bytes, text);
      return;
    }
  reason = sp_failure_describe (error);
  say_problem (dialog, reason);
}

static void
on_make (SpComputerDialog *dialog)
{
  say_problem (dialog, NULL);
  gtk_widget_set_sensitive (dialog->make, FALSE);
  sp_bus_user_call_add_device (dialog->user, gtk_editable_get_text (GTK_EDITABLE (dialog->device)),
                               sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, NULL,
                               on_made, g_object_ref (dialog));
}

static void
on_save (SpComputerDialog *dialog)
{
  sp_file_saver_save (GTK_WIDGET (dialog), _ ("Save the Certificate"), CERTIFICATE_FILE,
                      dialog->certificate, _ ("The certificate was saved"));
}

/* --- paper --- */

static void
on_print (SpComputerDialog *dialog)
{
  const SpComputerProfile profile = describe (dialog);
  g_autofree char *command = sp_computer_profile_get_command (&profile, NULL);
  g_autofree char *heading =
      /* Translators: a person's name. */
      g_strdup_printf (_ ("VPN Connection of %s"), sp_user_get_shown_name (dialog->user));
  g_autofree char *lines =
      /* Translators: a card on paper: an address, a login, a fingerprint, a command. */
      g_strdup_printf (_ ("Address: %s\n\nLogin: %s\n\nFingerprint: %s\n\n%s\n"), profile.url,
                       profile.login, profile.pin, command);

  sp_paper_print (GTK_WINDOW (dialog), heading, lines);
}

/* --- the dialog --- */

static AdwPreferencesGroup *
add_group (SpComputerDialog *dialog, const char *title, const char *description)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_group_set_description (group, description);
  adw_preferences_page_add (dialog->page, group);
  return group;
}

static SpPropertyRow *
add_value (AdwPreferencesGroup *group, const char *title, const char *value)
{
  GtkWidget *row = sp_property_row_new (title, value);

  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_preferences_group_add (group, row);
  return SP_PROPERTY_ROW (row);
}

static GtkWidget *
add_button (AdwPreferencesGroup *group,
            const char *title,
            const char *label,
            void (*clicked) (SpComputerDialog *dialog),
            SpComputerDialog *dialog)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (label);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (clicked), dialog,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, row);
  return row;
}

static void
add_basics (SpComputerDialog *dialog)
{
  const SpComputerProfile profile = describe (dialog);
  g_autofree char *command = sp_computer_profile_get_command (&profile, NULL);
  AdwPreferencesGroup *group = add_group (dialog, _ ("Any Program"),
                                          _ ("What a program for AnyConnect or OpenConnect asks "
                                             "for. The fingerprint shows that it is this server."));

  dialog->address = add_value (group, _ ("Address"), profile.url);
  (void) add_value (group, _ ("Login"), profile.login);
  (void) add_value (group, _ ("Fingerprint"), profile.pin);
  dialog->command = add_value (group, _ ("In a Terminal"), command);
}

static void
add_certificate (SpComputerDialog *dialog)
{
  AdwPreferencesGroup *group =
      add_group (dialog, _ ("Certificate"),
                 _ ("With a certificate the computer signs in without the password."));

  dialog->device = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->device), _ ("Name of the Computer"));
  /* Translators: what a device is called until somebody gives it a name. */
  gtk_editable_set_text (GTK_EDITABLE (dialog->device), _ ("Laptop"));
  adw_preferences_group_add (group, GTK_WIDGET (dialog->device));
  dialog->make = add_button (group, _ ("Certificate and Key"), _ ("Make"), on_make, dialog);
  dialog->save = add_button (group, _ ("Certificate and Key"), _ ("Save…"), on_save, dialog);
  dialog->passphrase = add_value (group, _ ("Passphrase of the File"), NULL);
  dialog->certificate_command = add_value (group, _ ("In a Terminal"), NULL);
  gtk_widget_set_visible (dialog->save, FALSE);
}

static void
add_network_manager (SpComputerDialog *dialog)
{
  AdwPreferencesGroup *group = add_group (
      dialog, "NetworkManager",
      _ ("Linux desktops connect with NetworkManager and its plugin for OpenConnect. Its settings "
         "import the first file; the second is copied into its folder by an administrator."));

  (void) add_button (group, _ ("File to Import"), _ ("Save the File…"), on_import, dialog);
  (void) add_button (group, _ ("Connection"), _ ("Save the Connection…"), on_keyfile, dialog);
}

static void
add_end (SpComputerDialog *dialog)
{
  AdwPreferencesGroup *group = add_group (dialog, "", NULL);

  (void) add_button (group, _ ("On Paper"), _ ("Print a Card…"), on_print, dialog);
  dialog->problem = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                             GTK_ACCESSIBLE_ROLE_ALERT, "wrap", TRUE, NULL));
  gtk_widget_add_css_class (GTK_WIDGET (dialog->problem), "error");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), FALSE);
  adw_preferences_group_add (group, GTK_WIDGET (dialog->problem));
}

GtkWindow *
sp_computer_dialog_new (GtkWindow *parent, SpServerConnection *connection, SpBusUser *user)
{
  SpComputerDialog *dialog = g_object_new (SP_TYPE_COMPUTER_DIALOG, "transient-for", parent, NULL);
  g_autofree char *title =
      /* Translators: a person's name. */
      g_strdup_printf (_ ("Computer of %s"), sp_user_get_shown_name (user));

  gtk_window_set_title (GTK_WINDOW (dialog), title);
  dialog->connection = g_object_ref (connection);
  dialog->user = g_object_ref (user);
  find_url (dialog, NULL);
  add_basics (dialog);
  add_certificate (dialog);
  add_network_manager (dialog);
  add_end (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_computer_dialog_dispose (GObject *object)
{
  SpComputerDialog *dialog = SP_COMPUTER_DIALOG (object);

  g_clear_pointer (&dialog->certificate, g_bytes_unref);
  g_clear_pointer (&dialog->url, g_free);
  g_clear_object (&dialog->user);
  g_clear_object (&dialog->connection);
  G_OBJECT_CLASS (sp_computer_dialog_parent_class)->dispose (object);
}

static void
sp_computer_dialog_class_init (SpComputerDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_computer_dialog_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
sp_computer_dialog_init (SpComputerDialog *dialog)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  dialog->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (dialog->page), TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (dialog->page));
  adw_window_set_content (ADW_WINDOW (dialog), box);
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (dialog), 480, 600);
}
