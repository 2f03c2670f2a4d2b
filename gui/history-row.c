/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-row.h"

#include "base/names.h"
#include "client/format.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpHistoryRow
{
  AdwBin parent_instance;
  GtkLabel *day;
  GtkLabel *time;
  GtkLabel *who;
  GtkLabel *facts;
  GtkLabel *amount;
};

G_DEFINE_FINAL_TYPE (SpHistoryRow, sp_history_row, ADW_TYPE_BIN)

static void
show_day (SpHistoryRow *row, SpHistoryEntry *entry, SpHistoryEntry *before)
{
  g_autofree char *day = sp_wording_day (sp_history_entry_get_number (entry, "StartedAt"));
  g_autofree char *above =
      before != NULL ? sp_wording_day (sp_history_entry_get_number (before, "StartedAt")) : NULL;

  gtk_label_set_label (row->day, day);
  gtk_widget_set_visible (GTK_WIDGET (row->day), g_strcmp0 (day, above) != 0);
}

/* "192.0.2.1 · 14 min · signed out" */
static char *
word_facts (SpHistoryEntry *entry)
{
  guint64 started = sp_history_entry_get_number (entry, "StartedAt");
  guint64 ended = sp_history_entry_get_number (entry, "EndedAt");
  guint64 until = ended != 0 ? ended : (guint64) g_get_real_time ();
  g_autofree char *duration = sp_format_duration ((until - MIN (until, started)) / G_USEC_PER_SEC);
  g_autofree char *address =
      sp_wording_address (sp_history_entry_get_text (entry, "RemoteAddress"));

  return g_strdup_printf ("%s · %s · %s", address, duration,
                          sp_wording_end (sp_history_entry_get_text (entry, "Reason")));
}

static char *
word_amount (SpHistoryEntry *entry)
{
  g_autofree char *down = g_format_size (sp_history_entry_get_number (entry, "TxBytes"));
  g_autofree char *up = g_format_size (sp_history_entry_get_number (entry, "RxBytes"));

  return g_strdup_printf ("↓ %s  ↑ %s", down, up);
}

/* A person has devices with names; a client without one may have told its own. */
static char *
word_who (SpHistoryEntry *entry)
{
  const char *device = sp_history_entry_get_text (entry, "DeviceName");
  const char *name = device[0] != '\0' ? device : sp_history_entry_get_text (entry, "ClientName");
  const char *full_name = sp_history_entry_get_text (entry, "FullName");
  const char *person =
      full_name[0] != '\0' ? full_name : sp_history_entry_get_text (entry, "Login");

  return name[0] != '\0' ? g_strdup_printf ("%s · %s", person, name) : g_strdup (person);
}

void
sp_history_row_show (SpHistoryRow *row, SpHistoryEntry *entry, SpHistoryEntry *before)
{
  guint64 started = sp_history_entry_get_number (entry, "StartedAt");
  g_autofree char *when = sp_format_time (started);
  g_autofree char *time = sp_format_clock (started);
  g_autofree char *who = word_who (entry);
  g_autofree char *facts = word_facts (entry);
  g_autofree char *amount = word_amount (entry);

  show_day (row, entry, before);
  gtk_label_set_label (row->time, time);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->time), when);
  gtk_label_set_label (row->who, who);
  gtk_label_set_label (row->facts, facts);
  gtk_label_set_label (row->amount, amount);
}

GtkWidget *
sp_history_row_new (void)
{
  return g_object_new (SP_TYPE_HISTORY_ROW, NULL);
}

static void
sp_history_row_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_history_row_parent_class)->dispose (object);
}

static void
sp_history_row_class_init (SpHistoryRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_history_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SpHistoryRow, day);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryRow, time);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryRow, who);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryRow, facts);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryRow, amount);
}

static void
sp_history_row_init (SpHistoryRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}
