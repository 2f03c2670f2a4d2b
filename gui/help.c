/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
on_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  GtkWindow *parent = GTK_WINDOW (source);
  g_autoptr (GError) error = NULL;
  GtkWidget *dialog;

  if (gtk_show_uri_full_finish (parent, result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_debug ("help: %s", error->message);
  dialog = adw_message_dialog_new (
      parent, _ ("The Help Could Not Be Opened"),
      _ ("A help viewer shows it, such as the one in the package yelp. None could be started."));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
sp_help_show (GtkWindow *parent, const char *page)
{
  g_autofree char *uri = g_strconcat ("help:sallyport/", page, NULL);

  gtk_show_uri_full (parent, uri, GDK_CURRENT_TIME, NULL, on_shown, NULL);
}
