/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-past-group.h"

#include "client/format.h"
#include "client/history-list.h"
#include "client/user-census.h"
#include "failure.h"
#include "traffic-plot.h"
#include "user-change.h"
#include "wording.h"

#include <glib/gi18n.h>

#define N_CONNECTIONS 5
#define PLOT_HEIGHT   120 /* pixels */

struct _SpUserPastGroup
{
  AdwPreferencesGroup parent_instance;
  SpTrafficPlot *plot;
  GtkListBox *list;
  SpServerConnection *connection;
  SpBusUser *user;
  GListModel *shown;
  GCancellable *asking;
};

G_DEFINE_FINAL_TYPE (SpUserPastGroup, sp_user_past_group, ADW_TYPE_PREFERENCES_GROUP)

/* --- traffic --- */

static void
on_rows (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpUserPastGroup) group = data;
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GError) error = NULL;
  guint64 now = (guint64) g_get_real_time ();
  SpTrafficSeries *series;

  if (!sp_bus_server_call_query_traffic_finish (SP_BUS_SERVER (source), &rows, result, &error))
    {
      sp_failure_show (GTK_WIDGET (group), _ ("The traffic is not known"), error);
      return;
    }
  series = sp_traffic_series_new (SP_TRAFFIC_MONTH, now);
  sp_traffic_series_fill (series, rows, now);
  sp_traffic_plot_set_series (group->plot, series);
}

static void
ask (SpUserPastGroup *group)
{
  g_autoptr (SpTrafficSeries) series =
      sp_traffic_series_new (SP_TRAFFIC_MONTH, (guint64) g_get_real_time ());

  sp_bus_server_call_query_traffic (
      sp_server_connection_get_server (group->connection), sp_client_id_of (group->user),
      sp_traffic_range_get_resolution (SP_TRAFFIC_MONTH), series->start, 0, sp_no_options (),
      G_DBUS_CALL_FLAGS_NONE, -1, group->asking, on_rows, g_object_ref (group));
}

/* --- connections --- */

static const char *
name_client (SpHistoryEntry *entry)
{
  static const char *const keys[] = { "DeviceName", "ClientName", "UserAgent" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (sp_history_entry_get_text (entry, keys[i])[0] != '\0')
      return sp_history_entry_get_text (entry, keys[i]);
  return _ ("Unknown device");
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  SpHistoryEntry *entry = item;
  guint64 began = sp_history_entry_get_number (entry, "StartedAt");
  guint64 ended = sp_history_entry_get_number (entry, "EndedAt");
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = g_markup_escape_text (name_client (entry), -1);
  g_autofree char *when = sp_wording_moment (began);
  g_autofree char *lasted = ended > began ? sp_format_duration ((ended - began) / G_USEC_PER_SEC)
                                          : sp_format_since (began);
  g_autofree char *text =
      /* Translators: a moment, for how long, and why it ended. */
      g_strdup_printf (_ ("%s · %s · %s"), when, lasted,
                       sp_wording_end (sp_history_entry_get_text (entry, "Reason")));
  g_autofree char *subtitle = g_markup_escape_text (text, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  return row;
}

static void
show_list (SpUserPastGroup *group)
{
  gtk_widget_set_visible (GTK_WIDGET (group->list), g_list_model_get_n_items (group->shown) > 0);
}

GtkWidget *
sp_user_past_group_new (SpServerConnection *connection, SpBusUser *user)
{
  SpUserPastGroup *group =
      g_object_new (SP_TYPE_USER_PAST_GROUP, "title", _ ("Last 30 Days"), NULL);
  SpHistoryList *history = sp_history_list_new (connection, N_CONNECTIONS);

  group->connection = g_object_ref (connection);
  group->user = g_object_ref (user);
  sp_history_list_set_filter (history, sp_client_id_of (user), 0);
  group->shown = G_LIST_MODEL (gtk_slice_list_model_new (G_LIST_MODEL (history), 0, N_CONNECTIONS));
  gtk_list_box_bind_model (group->list, group->shown, create_row, group, NULL);
  (void) g_signal_connect_object (group->shown, "items-changed", G_CALLBACK (show_list), group,
                                  G_CONNECT_SWAPPED);
  show_list (group);
  ask (group);
  return GTK_WIDGET (group);
}

static void
sp_user_past_group_dispose (GObject *object)
{
  SpUserPastGroup *group = SP_USER_PAST_GROUP (object);

  if (group->list != NULL)
    gtk_list_box_bind_model (group->list, NULL, NULL, NULL, NULL);
  group->list = NULL;
  if (group->asking != NULL)
    g_cancellable_cancel (group->asking);
  g_clear_object (&group->asking);
  g_clear_object (&group->shown);
  g_clear_object (&group->user);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_user_past_group_parent_class)->dispose (object);
}

static void
sp_user_past_group_class_init (SpUserPastGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_past_group_dispose;
}

static void
sp_user_past_group_init (SpUserPastGroup *group)
{
  group->asking = g_cancellable_new ();
  group->plot = g_object_new (SP_TYPE_TRAFFIC_PLOT, "height-request", PLOT_HEIGHT, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (group->plot), "card");
  gtk_widget_add_css_class (GTK_WIDGET (group->plot), "sp-card");
  gtk_widget_set_margin_bottom (GTK_WIDGET (group->plot), 12);
  group->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (group->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (group->list), "boxed-list");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (group->plot));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (group->list));
}
