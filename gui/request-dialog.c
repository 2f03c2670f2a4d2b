/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request-dialog.h"

#include "certificate-row.h"
#include "failure.h"
#include "name-list.h"
#include "window.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *near;
  SpServerConnection *connection;
  GtkEditable *names;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->near);
  g_object_unref (question->connection);
  g_free (question);
}

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SpBusCertificate) certificate = sp_bus_certificate_proxy_new_finish (result, &error);

  if (certificate != NULL)
    sp_certificate_row_save_request (near, certificate);
  else
    sp_failure_show (near, _ ("There is no request"), error);
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_request_certificate_finish (SP_BUS_SERVER (source), &path, result,
                                                      &error))
    {
      sp_failure_show (near, _ ("There is no request"), error);
      return;
    }
  sp_bus_certificate_proxy_new (
      g_dbus_proxy_get_connection (G_DBUS_PROXY (source)), G_DBUS_PROXY_FLAGS_NONE,
      g_dbus_proxy_get_name (G_DBUS_PROXY (source)), path, NULL, on_proxy, g_object_ref (near));
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  g_auto (GStrv) names = sp_name_list_read (gtk_editable_get_text (question->names));

  if (g_strcmp0 (response, "request") != 0)
    return;
  sp_bus_server_call_request_certificate (
      sp_server_connection_get_server (question->connection), (const char *const *) names,
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
      on_requested, g_object_ref (question->near));
}

static void
on_typed (GtkEditable *names, AdwMessageDialog *dialog)
{
  g_auto (GStrv) some = sp_name_list_read (gtk_editable_get_text (names));

  adw_message_dialog_set_response_enabled (dialog, "request", some[0] != NULL);
}

void
sp_request_dialog_present (GtkWidget *near, SpServerConnection *connection)
{
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (sp_window_of (near)), _ ("Request a Certificate"),
                              _ ("The names that devices connect to, the most important one "
                                 "first. What the authority answers is given to this page."));
  GtkWidget *names = gtk_entry_new ();
  SpBusSettings *settings = sp_server_connection_get_settings (connection);
  const char *name = settings != NULL ? sp_bus_settings_get_name (settings) : NULL;
  Question *question = g_new0 (Question, 1);

  question->near = g_object_ref (near);
  question->connection = g_object_ref (connection);
  question->names = GTK_EDITABLE (names);
  gtk_accessible_update_property (GTK_ACCESSIBLE (names), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Names"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), names);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "request",
                                    _ ("_Request"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "request",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "request");
  gtk_entry_set_activates_default (GTK_ENTRY (names), TRUE);
  (void) g_signal_connect_object (names, "changed", G_CALLBACK (on_typed), dialog, 0);
  (void) g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question, question_free,
                                0);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "request", FALSE);
  gtk_editable_set_text (GTK_EDITABLE (names), name != NULL ? name : "");
  gtk_window_present (GTK_WINDOW (dialog));
}
