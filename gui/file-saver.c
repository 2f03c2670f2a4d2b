/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file-saver.h"

#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkFileChooserNative *chooser;
  GtkWidget *near;
  GBytes *bytes;
  char *said;
} Saving;

static void
saving_free (Saving *saving)
{
  g_object_unref (saving->chooser);
  g_object_unref (saving->near);
  g_bytes_unref (saving->bytes);
  g_free (saving->said);
  g_free (saving);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  Saving *saving = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (saving->near);

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    sp_failure_show (saving->near, _ ("The file was not written"), error);
  else if (window != NULL)
    sp_window_say (window, saving->said);
  saving_free (saving);
}

static void
on_chosen (GtkNativeDialog *chooser, int response, Saving *saving)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

  if (response == GTK_RESPONSE_ACCEPT && file != NULL)
    g_file_replace_contents_bytes_async (file, saving->bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                         on_written, saving);
  else
    saving_free (saving);
}

void
sp_file_saver_save (
    GtkWidget *near, const char *title, const char *name, GBytes *bytes, const char *said)
{
  GtkRoot *root = gtk_widget_get_root (near);
  Saving *saving = g_new0 (Saving, 1);

  saving->near = g_object_ref (near);
  saving->bytes = g_bytes_ref (bytes);
  saving->said = g_strdup (said);
  saving->chooser =
      gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (saving->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (saving->chooser), name);
  (void) g_signal_connect (saving->chooser, "response", G_CALLBACK (on_chosen), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (saving->chooser));
}
