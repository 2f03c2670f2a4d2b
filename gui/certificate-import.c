/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-import.h"

#include "base/names.h"
#include "certificate-files.h"
#include "certificate-row.h"
#include "certificate-verdict.h"
#include "failure.h"
#include "password-row.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpCertificateImport
{
  AdwBin parent_instance;
  GtkStack *stack;
  GtkListBox *findings;
  GtkWidget *passphrase_list;
  AdwPasswordEntryRow *passphrase;
  GtkSpinner *spinner;
  GtkButton *use;
  SpServerConnection *connection;
  GtkFileChooserNative *chooser; /* on the screen, or NULL */
  GPtrArray *files;              /* SpCertificateFile, NULL: none */
  GCancellable *cancellable;     /* of what is under way for these files */
};

G_DEFINE_FINAL_TYPE (SpCertificateImport, sp_certificate_import, ADW_TYPE_BIN)

static void
set_busy (SpCertificateImport *import, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (import->spinner), busy);
  gtk_spinner_set_spinning (import->spinner, busy);
  gtk_widget_set_sensitive (GTK_WIDGET (import->passphrase), !busy);
  if (busy)
    gtk_widget_set_sensitive (GTK_WIDGET (import->use), FALSE);
}

/* Forgets the files, with what is under way for them. */
static void
forget (SpCertificateImport *import)
{
  if (import->cancellable != NULL)
    g_cancellable_cancel (import->cancellable);
  g_clear_object (&import->cancellable);
  g_clear_pointer (&import->files, g_ptr_array_unref);
}

static void
reset (SpCertificateImport *import)
{
  forget (import);
  set_busy (import, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (import->passphrase), "");
  gtk_widget_set_visible (import->passphrase_list, FALSE);
  gtk_stack_set_visible_child_name (import->stack, "empty");
}

static GPtrArray *
list_names (SpCertificateImport *import)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < import->files->len; i++)
    g_ptr_array_add (names, ((SpCertificateFile *) import->files->pdata[i])->name);
  return names;
}

/* --- what the server says --- */

static void
show_verdict (SpCertificateImport *import,
              gboolean usable,
              GVariant *certificate,
              GVariant *findings)
{
  g_autoptr (GPtrArray) names = list_names (import);
  gboolean closed = sp_certificate_verdict_show (import->findings, names, certificate, findings);

  gtk_widget_set_sensitive (GTK_WIDGET (import->use), usable);
  gtk_stack_set_visible_child_name (import->stack, "verdict");
  if (closed == gtk_widget_get_visible (import->passphrase_list))
    return;
  gtk_widget_set_visible (import->passphrase_list, closed);
  if (closed)
    (void) gtk_widget_grab_focus (GTK_WIDGET (import->passphrase));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCertificateImport) import = data;
  g_autoptr (GVariant) certificate = NULL;
  g_autoptr (GVariant) findings = NULL;
  g_autoptr (GError) error = NULL;
  gboolean usable;

  if (!sp_bus_server_call_check_certificate_finish (SP_BUS_SERVER (source), &usable, &certificate,
                                                    &findings, NULL, result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      sp_failure_show (GTK_WIDGET (import), _ ("The files were not looked at"), error);
      reset (import);
      return;
    }
  set_busy (import, FALSE);
  show_verdict (import, usable, certificate, findings);
}

static const char *
get_passphrase (SpCertificateImport *import)
{
  return gtk_editable_get_text (GTK_EDITABLE (import->passphrase));
}

static void
check (SpCertificateImport *import)
{
  GVariant *handles, *options;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = sp_certificate_files_hand_over (
      import->files, get_passphrase (import), &handles, &options, &error);

  if (descriptors == NULL)
    {
      sp_failure_show (GTK_WIDGET (import), _ ("The files were not looked at"), error);
      return;
    }
  set_busy (import, TRUE);
  sp_bus_server_call_check_certificate (
      sp_server_connection_get_server (import->connection), handles, options, SP_CALL_FLAGS,
      SP_CALL_TIMEOUT, descriptors, import->cancellable, on_checked, g_object_ref (import));
}

static void
on_passphrase (SpCertificateImport *import)
{
  if (import->files != NULL)
    check (import);
}

/* --- files --- */

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCertificateImport) import = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *files = sp_certificate_files_read_finish (result, &error);

  if (files == NULL)
    {
      sp_failure_show (GTK_WIDGET (import), _ ("The certificate was not read"), error);
      return;
    }
  import->files = files;
  check (import);
}

void
sp_certificate_import_look_at (SpCertificateImport *import, GListModel *files)
{
  reset (import);
  if (g_list_model_get_n_items (files) == 0)
    return;
  import->cancellable = g_cancellable_new ();
  sp_certificate_files_read (files, import->cancellable, on_read, g_object_ref (import));
}

static void
on_chosen (SpCertificateImport *import, int response)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (import->chooser));

  g_clear_object (&import->chooser);
  if (response == GTK_RESPONSE_ACCEPT)
    sp_certificate_import_look_at (import, files);
}

static void
on_choose (SpCertificateImport *import)
{
  g_clear_object (&import->chooser);
  import->chooser = gtk_file_chooser_native_new (_ ("Certificate and Key"),
                                                 GTK_WINDOW (sp_window_of (GTK_WIDGET (import))),
                                                 GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (import->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (import->chooser), TRUE);
  (void) g_signal_connect_object (import->chooser, "response", G_CALLBACK (on_chosen), import,
                                  G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (import->chooser));
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  GSList *dropped = g_value_get_boxed (value);

  for (; dropped != NULL; dropped = dropped->next)
    g_list_store_append (files, dropped->data);
  sp_certificate_import_look_at (data, G_LIST_MODEL (files));
  return TRUE;
}

void
sp_certificate_import_accept_drops (SpCertificateImport *import, GtkWidget *widget)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  (void) g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), import, 0);
  gtk_widget_add_css_class (widget, "sp-drop-area");
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

/* --- its use --- */

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCertificateImport) import = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SpBusCertificate) certificate = sp_bus_certificate_proxy_new_finish (result, &error);

  reset (import);
  if (certificate != NULL)
    sp_certificate_row_use (GTK_WIDGET (import), import->connection, certificate);
  else
    sp_failure_show (GTK_WIDGET (import), _ ("The certificate is not in use"), error);
}

static void
on_imported (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCertificateImport) import = data;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_import_certificate_finish (SP_BUS_SERVER (source), &path, NULL, NULL,
                                                     result, &error))
    {
      set_busy (import, FALSE);
      gtk_widget_set_sensitive (GTK_WIDGET (import->use), TRUE);
      sp_failure_show (GTK_WIDGET (import), _ ("The certificate was not taken"), error);
      return;
    }
  sp_bus_certificate_proxy_new (
      g_dbus_proxy_get_connection (G_DBUS_PROXY (source)), G_DBUS_PROXY_FLAGS_NONE,
      g_dbus_proxy_get_name (G_DBUS_PROXY (source)), path, NULL, on_proxy, g_object_ref (import));
}

static void
on_use (SpCertificateImport *import)
{
  GVariant *handles, *options;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = sp_certificate_files_hand_over (
      import->files, get_passphrase (import), &handles, &options, &error);

  if (descriptors == NULL)
    {
      sp_failure_show (GTK_WIDGET (import), _ ("The certificate was not taken"), error);
      return;
    }
  set_busy (import, TRUE);
  sp_bus_server_call_import_certificate (sp_server_connection_get_server (import->connection),
                                         handles, options, SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                         descriptors, NULL, on_imported, g_object_ref (import));
}

static void
on_cancel (SpCertificateImport *import)
{
  reset (import);
}

/* --- life --- */

static void
show_permission (SpCertificateImport *import)
{
  gtk_widget_set_sensitive (GTK_WIDGET (import),
                            sp_server_connection_get_permission (import->connection, "secrets") !=
                                SP_PERMISSION_NO);
}

void
sp_certificate_import_set_connection (SpCertificateImport *import, SpServerConnection *connection)
{
  g_set_object (&import->connection, connection);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_permission),
                                  import, G_CONNECT_SWAPPED);
  show_permission (import);
}

static void
sp_certificate_import_dispose (GObject *object)
{
  SpCertificateImport *import = SP_CERTIFICATE_IMPORT (object);

  forget (import);
  g_clear_object (&import->chooser);
  g_clear_object (&import->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_certificate_import_parent_class)->dispose (object);
}

static void
sp_certificate_import_class_init (SpCertificateImportClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_certificate_import_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "certificate-import.ui");
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, stack);
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, findings);
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, passphrase_list);
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, passphrase);
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpCertificateImport, use);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_passphrase);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_use);
}

static void
sp_certificate_import_init (SpCertificateImport *import)
{
  gtk_widget_init_template (GTK_WIDGET (import));
  sp_password_row_mend (import->passphrase);
}
