/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic-group.h"

#include "base/names.h"

#include "failure.h"
#include "traffic-plot.h"

#include <glib/gi18n.h>

struct _SpTrafficGroup
{
  AdwPreferencesGroup parent_instance;
  GtkToggleButton *minute;
  GtkToggleButton *hour;
  GtkToggleButton *day;
  GtkToggleButton *month;
  SpTrafficPlot *plot;
  GtkLabel *trouble;
  SpServerConnection *connection;
  SpTrafficRange range;
  GCancellable *asking; /* the question under way, or NULL */
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpTrafficGroup, sp_traffic_group, ADW_TYPE_PREFERENCES_GROUP)

/* How often what is drawn is asked for anew, in seconds. */
static const guint intervals[] = {
  [SP_TRAFFIC_MINUTE] = 1, [SP_TRAFFIC_HOUR] = 10, [SP_TRAFFIC_DAY] = 60, [SP_TRAFFIC_MONTH] = 300
};

static void
on_rows (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpTrafficGroup) group = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = NULL;
  g_autofree char *reason = NULL;

  if (sp_bus_server_call_query_traffic_finish (SP_BUS_SERVER (source), &rows, result, &error))
    {
      guint64 now = (guint64) g_get_real_time ();
      SpTrafficSeries *series = sp_traffic_series_new (group->range, now);

      sp_traffic_series_fill (series, rows, now);
      sp_traffic_plot_set_series (group->plot, series);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  else
    {
      g_autofree char *why = sp_failure_describe (error);

      reason = g_strdup_printf (_ ("The traffic is not known: %s"), why);
    }
  g_clear_object (&group->asking);
  gtk_label_set_label (group->trouble, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (group->trouble), reason != NULL);
}

static void
forget_question (SpTrafficGroup *group)
{
  if (group->asking != NULL)
    g_cancellable_cancel (group->asking);
  g_clear_object (&group->asking);
}

static void
ask (SpTrafficGroup *group)
{
  SpBusServer *server = sp_server_connection_get_server (group->connection);
  guint64 now = (guint64) g_get_real_time ();
  g_autoptr (SpTrafficSeries) series = sp_traffic_series_new (group->range, now);

  if (group->asking != NULL || server == NULL ||
      sp_server_connection_get_state (group->connection) != SP_CONNECTION_READY)
    return;
  group->asking = g_cancellable_new ();
  sp_bus_server_call_query_traffic (
      server, "", sp_traffic_range_get_resolution (group->range), series->start, 0,
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), G_DBUS_CALL_FLAGS_NONE, -1,
      group->asking, on_rows, g_object_ref (group));
}

static gboolean
on_timer (gpointer data)
{
  ask (data);
  return G_SOURCE_CONTINUE;
}

/* Asks now and from now on, if it is to be seen. */
static void
begin (SpTrafficGroup *group)
{
  g_clear_handle_id (&group->timer, g_source_remove);
  forget_question (group);
  if (group->connection == NULL || !gtk_widget_get_mapped (GTK_WIDGET (group)))
    return;
  group->timer = g_timeout_add_seconds (intervals[group->range], on_timer, group);
  ask (group);
}

static void
on_range (SpTrafficGroup *group, GtkToggleButton *button)
{
  GtkToggleButton *const buttons[] = { group->minute, group->hour, group->day, group->month };

  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    if (buttons[i] == button)
      group->range = (SpTrafficRange) i;
  begin (group);
}

static void
sp_traffic_group_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sp_traffic_group_parent_class)->map (widget);
  begin (SP_TRAFFIC_GROUP (widget));
}

static void
sp_traffic_group_unmap (GtkWidget *widget)
{
  SpTrafficGroup *group = SP_TRAFFIC_GROUP (widget);

  g_clear_handle_id (&group->timer, g_source_remove);
  forget_question (group);
  GTK_WIDGET_CLASS (sp_traffic_group_parent_class)->unmap (widget);
}

void
sp_traffic_group_set_connection (SpTrafficGroup *group, SpServerConnection *connection)
{
  g_set_object (&group->connection, connection);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (begin), group,
                                  G_CONNECT_SWAPPED);
  begin (group);
}

static void
sp_traffic_group_dispose (GObject *object)
{
  SpTrafficGroup *group = SP_TRAFFIC_GROUP (object);

  g_clear_handle_id (&group->timer, g_source_remove);
  forget_question (group);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_traffic_group_parent_class)->dispose (object);
}

static void
sp_traffic_group_class_init (SpTrafficGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_traffic_group_dispose;
  widget_class->map = sp_traffic_group_map;
  widget_class->unmap = sp_traffic_group_unmap;
  g_type_ensure (SP_TYPE_TRAFFIC_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "traffic-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, minute);
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, hour);
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, day);
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, month);
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, plot);
  gtk_widget_class_bind_template_child (widget_class, SpTrafficGroup, trouble);
  gtk_widget_class_bind_template_callback (widget_class, on_range);
}

static void
sp_traffic_group_init (SpTrafficGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
}
