/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-import.h"

#include "add-user-dialog.h"
#include "base/secret.h"
#include "failure.h"
#include "user-import-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

/* A file that is being read. */
typedef struct
{
  SpWindow *window;
  char *name;
  char *bytes; /* SP_USER_FILE_SIZE_MAX + 1; may hold secrets */
} Reading;

static void
free_reading (Reading *reading)
{
  sp_secret_wipe (reading->bytes, SP_USER_FILE_SIZE_MAX + 1);
  g_free (reading->bytes);
  g_free (reading->name);
  g_object_unref (reading->window);
  g_free (reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, free_reading)

static void
show_card (SpWindow *window, SpUserFile *file)
{
  const SpFileUser *person = file->users->pdata[0];
  GtkWindow *dialog =
      sp_add_user_dialog_new (GTK_WINDOW (window), sp_window_get_connection (window));

  sp_add_user_dialog_fill (SP_ADD_USER_DIALOG (dialog), person->full_name);
  gtk_window_present (dialog);
  if (file->has_more)
    sp_window_say (window, _ ("The first of several cards was taken"));
}

/* `name`: what people call where it came from. */
static void
show (SpWindow *window, const char *name, const char *bytes, gsize size)
{
  g_autoptr (SpUserFile) file = sp_user_file_parse (bytes, size);
  g_autofree char *text = g_strdup_printf (
      _ ("%s has nobody in it: a table of logins, an ocserv password file or a card was expected"),
      name);

  if (file == NULL)
    sp_window_say (window, text);
  else if (file->kind == SP_USER_FILE_CARD)
    show_card (window, file);
  else
    gtk_window_present (sp_user_import_dialog_new (
        GTK_WINDOW (window), sp_window_get_connection (window), g_steal_pointer (&file)));
}

static void
on_bytes (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Reading) reading = data;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  if (g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &size, &error))
    show (reading->window, reading->name, reading->bytes, size);
  else
    sp_failure_show (GTK_WIDGET (reading->window), reading->name, error);
}

static void
on_stream (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Reading) reading = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read_finish (G_FILE (source), result, &error);
  Reading *handed;

  if (stream == NULL)
    {
      sp_failure_show (GTK_WIDGET (reading->window), reading->name, error);
      return;
    }
  handed = g_steal_pointer (&reading);
  g_input_stream_read_all_async (G_INPUT_STREAM (stream), handed->bytes, SP_USER_FILE_SIZE_MAX + 1,
                                 G_PRIORITY_DEFAULT, NULL, on_bytes, handed);
}

void
sp_user_import_open (SpWindow *window, GFile *file)
{
  Reading *reading = g_new0 (Reading, 1);
  g_autofree char *base = g_file_get_basename (file);

  reading->window = g_object_ref (window);
  reading->name = g_filename_display_name (base != NULL ? base : "");
  reading->bytes = g_malloc0 (SP_USER_FILE_SIZE_MAX + 1);
  g_file_read_async (file, G_PRIORITY_DEFAULT, NULL, on_stream, reading);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, SpWindow *window)
{
  G_GNUC_UNUSED g_autoptr (GtkNativeDialog) owned = dialog;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && file != NULL)
    sp_user_import_open (window, file);
}

void
sp_user_import_choose (SpWindow *window)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("File with Users"), GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  (void) g_signal_connect_object (chooser, "response", G_CALLBACK (on_chosen), window, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* --- drops --- */

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  SpWindow *window = sp_window_of (data);
  GSList *files = G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST) ? g_value_get_boxed (value) : NULL;

  if (window == NULL || sp_server_connection_get_permission (sp_window_get_connection (window),
                                                             "manage-users") == SP_PERMISSION_NO)
    return FALSE;
  if (files != NULL)
    sp_user_import_open (window, files->data);
  else if (G_VALUE_HOLDS_STRING (value))
    show (window, _ ("What was dropped"), g_value_get_string (value),
          strlen (g_value_get_string (value)));
  return TRUE;
}

void
sp_user_import_accept_drops (GtkWidget *widget)
{
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_STRING };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  (void) g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), widget, 0);
  gtk_widget_add_css_class (widget, "sp-drop-area");
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
