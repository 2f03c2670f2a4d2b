/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "passphrase-dialog.h"

#include "password-row.h"

#include <glib/gi18n.h>
#include <string.h>

#define LENGTH_LEAST 8 /* bytes, as the server wants */
#define ACCEPT       "accept"

typedef struct
{
  GtkWidget *near;
  GtkEditable *passphrase;
  GtkEditable *again; /* NULL: asked once */
  GtkLabel *hint;
  SpPassphraseFunc func;
  gpointer data;
  GDestroyNotify free_data;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->near);
  if (question->free_data != NULL)
    question->free_data (question->data);
  g_free (question);
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, Question *question)
{
  if (g_str_equal (response, ACCEPT))
    question->func (question->near, gtk_editable_get_text (question->passphrase), question->data);
}

/* What is still missing; "": nothing. */
static const char *
find_hint (Question *question)
{
  const char *passphrase = gtk_editable_get_text (question->passphrase);

  if (question->again == NULL)
    return "";
  if (strlen (passphrase) < LENGTH_LEAST)
    return _ ("At least 8 characters");
  if (!g_str_equal (passphrase, gtk_editable_get_text (question->again)))
    return _ ("Write it a second time");
  return "";
}

static void
show_hint (AdwMessageDialog *dialog, Question *question)
{
  const char *hint = find_hint (question);

  gtk_label_set_label (question->hint, hint);
  adw_message_dialog_set_response_enabled (
      dialog, ACCEPT, hint[0] == '\0' && gtk_editable_get_text (question->passphrase)[0] != '\0');
}

static void
on_typed (Question *question)
{
  show_hint (ADW_MESSAGE_DIALOG (gtk_widget_get_root (GTK_WIDGET (question->hint))), question);
}

static GtkEditable *
add_field (GtkWidget *list, const char *title, Question *question)
{
  GtkWidget *row = adw_password_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  sp_password_row_mend (ADW_PASSWORD_ENTRY_ROW (row));
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  (void) g_signal_connect_swapped (row, "changed", G_CALLBACK (on_typed), question);
  (void) g_signal_connect (row, "entry-activated", G_CALLBACK (gtk_widget_activate_default), NULL);
  return GTK_EDITABLE (row);
}

static GtkWidget *
create_fields (Question *question, gboolean new_one)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *list = gtk_list_box_new ();

  question->hint = GTK_LABEL (gtk_label_new (""));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_add_css_class (GTK_WIDGET (question->hint), "dim-label");
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (question->hint));
  question->passphrase = add_field (list, _ ("Passphrase"), question);
  if (new_one)
    question->again = add_field (list, _ ("Passphrase Again"), question);
  gtk_widget_set_visible (GTK_WIDGET (question->hint), new_one);
  return box;
}

void
sp_passphrase_dialog_ask (GtkWidget *near,
                          const char *heading,
                          const char *body,
                          const char *accept,
                          gboolean new_one,
                          SpPassphraseFunc func,
                          gpointer data,
                          GDestroyNotify free_data)
{
  GtkRoot *root = gtk_widget_get_root (near);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, heading, body));
  Question *question = g_new0 (Question, 1);

  question->near = g_object_ref (near);
  question->func = func;
  question->data = data;
  question->free_data = free_data;
  adw_message_dialog_set_extra_child (dialog, create_fields (question, new_one));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), ACCEPT, accept, NULL);
  adw_message_dialog_set_response_appearance (dialog, ACCEPT, ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, ACCEPT);
  (void) g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question, question_free,
                                0);
  show_hint (dialog, question);
  gtk_window_present (GTK_WINDOW (dialog));
}
