/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-dialog.h"

#include "base/limits.h"
#include "base/password.h"
#include "client/sealed-text.h"
#include "client/server-connection.h"
#include "client/user-census.h"
#include "failure.h"
#include "password-row.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  GtkWidget *near;
  SpBusUser *user;
  AdwPasswordEntryRow *password; /* lent by the dialog */
  AdwMessageDialog *dialog;      /* likewise */
} Question;

static void
free_question (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->near);
  g_object_unref (question->user);
  g_free (question);
}

static void
on_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (near);

  if (!sp_bus_user_call_set_password_finish (SP_BUS_USER (source), NULL, result, &error))
    sp_failure_show (near, _ ("The password was not changed"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("The password was changed"));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  const Question *question = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;

  if (g_strcmp0 (response, "set") != 0)
    return;
  descriptors =
      sp_sealed_text_write (gtk_editable_get_text (GTK_EDITABLE (question->password)), &error);
  if (descriptors == NULL)
    sp_failure_show (question->near, _ ("The password was not changed"), error);
  else
    sp_bus_user_call_set_password (question->user, g_variant_new_handle (0), sp_no_options (),
                                   SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL, on_set,
                                   g_object_ref (question->near));
}

static void
on_changed (Question *question)
{
  gsize length = strlen (gtk_editable_get_text (GTK_EDITABLE (question->password)));

  adw_message_dialog_set_response_enabled (question->dialog, "set",
                                           length > 0 && length <= SP_PASSWORD_MAX);
}

static void
on_generate (Question *question)
{
  g_autoptr (SpSecretText) password = sp_password_generate ();
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (question->password));

  gtk_editable_set_text (GTK_EDITABLE (question->password), password);
  /* It has to be told to somebody. */
  if (GTK_IS_TEXT (text))
    gtk_text_set_visibility (GTK_TEXT (text), TRUE);
}

static GtkWidget *
create_content (Question *question)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *make = gtk_button_new_from_icon_name ("view-refresh-symbolic");

  question->password = ADW_PASSWORD_ENTRY_ROW (adw_password_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (question->password), _ ("New Password"));
  gtk_widget_set_valign (make, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (make, "flat");
  gtk_widget_set_tooltip_text (make, _ ("Make a Password"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (make), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Make a Password"), -1);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (question->password), make);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (question->password), TRUE);
  sp_password_row_mend (question->password);
  (void) g_signal_connect_swapped (make, "clicked", G_CALLBACK (on_generate), question);
  (void) g_signal_connect_swapped (question->password, "changed", G_CALLBACK (on_changed),
                                   question);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (question->password));
  return list;
}

void
sp_password_dialog_show (GtkWidget *near, SpBusUser *user)
{
  Question *question = g_new0 (Question, 1);
  /* Translators: a person's name. */
  g_autofree char *heading = g_strdup_printf (_ ("Password of %s"), sp_user_get_shown_name (user));
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (near)), heading,
      _ ("Whoever is connected stays so. The next sign-in needs the new password."));

  question->near = g_object_ref (near);
  question->user = g_object_ref (user);
  question->dialog = ADW_MESSAGE_DIALOG (dialog);
  adw_message_dialog_add_responses (question->dialog, "cancel", _ ("_Cancel"), "set", _ ("_Change"),
                                    NULL);
  adw_message_dialog_set_response_appearance (question->dialog, "set", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (question->dialog, "set");
  adw_message_dialog_set_response_enabled (question->dialog, "set", FALSE);
  adw_message_dialog_set_extra_child (question->dialog, create_content (question));
  (void) g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question,
                                free_question, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
