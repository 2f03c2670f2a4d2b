/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value-dialog.h"

#include <glib/gi18n.h>

#define NUMBER_MAX 100000

typedef struct
{
  GtkWidget *owner;
  SpValueChosen chosen;
  GtkCalendar *day;
  GtkSpinButton *hour;
  GtkSpinButton *minute;
  GtkSpinButton *number;
} Question;

static void
free_question (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->owner);
  g_free (question);
}

static Question *
new_question (GtkWidget *owner, SpValueChosen chosen)
{
  Question *question = g_new0 (Question, 1);

  question->owner = g_object_ref (owner);
  question->chosen = chosen;
  return question;
}

static guint64
read_moment (const Question *question)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (question->day);
  g_autoptr (GDateTime) moment = g_date_time_new_local (
      g_date_time_get_year (day), g_date_time_get_month (day), g_date_time_get_day_of_month (day),
      gtk_spin_button_get_value_as_int (question->hour),
      gtk_spin_button_get_value_as_int (question->minute), 0);

  return moment != NULL ? (guint64) g_date_time_to_unix (moment) * G_USEC_PER_SEC : 0;
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  const Question *question = data;
  guint64 value;

  if (g_strcmp0 (response, "set") != 0)
    return;
  value = question->day != NULL ? read_moment (question)
                                : (guint64) gtk_spin_button_get_value_as_int (question->number);
  question->chosen (question->owner, value);
}

static void
ask (Question *question, const char *heading, GtkWidget *content)
{
  GtkRoot *window = gtk_widget_get_root (question->owner);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (window), heading, NULL);

  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), content);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "set",
                                    _ ("_Set"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "set",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "set");
  (void) g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question,
                                free_question, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkSpinButton *
create_spin (const char *label, double least, double most, double value)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (least, most, 1);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_SPIN_BUTTON (spin);
}

/* 5 is written "05". */
static gboolean
on_output (GtkSpinButton *spin)
{
  g_autofree char *text = g_strdup_printf ("%02d", gtk_spin_button_get_value_as_int (spin));

  gtk_editable_set_text (GTK_EDITABLE (spin), text);
  return TRUE;
}

static GtkWidget *
create_time (Question *question, GDateTime *moment)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  question->hour = create_spin (_ ("Hour"), 0, 23, g_date_time_get_hour (moment));
  question->minute = create_spin (_ ("Minute"), 0, 59, g_date_time_get_minute (moment));
  (void) g_signal_connect (question->hour, "output", G_CALLBACK (on_output), NULL);
  (void) g_signal_connect (question->minute, "output", G_CALLBACK (on_output), NULL);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (question->hour));
  gtk_box_append (GTK_BOX (box), gtk_label_new (":"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (question->minute));
  return box;
}

void
sp_value_dialog_ask_moment (GtkWidget *owner,
                            const char *heading,
                            guint64 moment,
                            SpValueChosen chosen)
{
  Question *question = new_question (owner, chosen);
  g_autoptr (GDateTime) local =
      g_date_time_new_from_unix_local ((gint64) (moment / G_USEC_PER_SEC));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  question->day = GTK_CALENDAR (gtk_calendar_new ());
  gtk_calendar_select_day (question->day, local);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (question->day));
  gtk_box_append (GTK_BOX (box), create_time (question, local));
  ask (question, heading, box);
}

void
sp_value_dialog_ask_number (
    GtkWidget *owner, const char *heading, const char *unit, guint64 number, SpValueChosen chosen)
{
  Question *question = new_question (owner, chosen);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  question->number = create_spin (heading, 1, NUMBER_MAX, (double) CLAMP (number, 1, NUMBER_MAX));
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (question->number));
  gtk_box_append (GTK_BOX (box), gtk_label_new (unit));
  ask (question, heading, box);
}
