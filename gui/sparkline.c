/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sparkline.h"

#include "client/format.h"

#include <glib/gi18n.h>

#define WIDTH  72
#define HEIGHT 24
#define FLOOR  10000.0 /* bytes a second that fill it: less is drawn flat */
#define SPEAK  (10 * G_USEC_PER_SEC)

struct _SpSparkline
{
  GtkWidget parent_instance;
  SpTrafficMeter *meter;
  gint64 spoke_at;
};

G_DEFINE_FINAL_TYPE (SpSparkline, sp_sparkline, GTK_TYPE_WIDGET)

static double
find_scale (SpTrafficMeter *meter)
{
  double most = FLOOR;

  for (guint i = 0; i < SP_TRAFFIC_METER_SECONDS; i++)
    {
      SpTrafficRate rate = sp_traffic_meter_get_second (meter, i);

      most = MAX (most, MAX (rate.down, rate.up));
    }
  return most;
}

/* Along the values, from the left; the newest is at the right whatever the direction of writing. */
static void
trace (SpSparkline *self, cairo_t *cr, gboolean down, double scale, double width, double height)
{
  for (guint i = 0; i < SP_TRAFFIC_METER_SECONDS; i++)
    {
      SpTrafficRate rate = sp_traffic_meter_get_second (self->meter, i);
      double x = width * i / (SP_TRAFFIC_METER_SECONDS - 1);
      double y = 1 + (height - 2) * (1 - (down ? rate.down : rate.up) / scale);

      cairo_line_to (cr, x, y);
    }
}

static void
draw (SpSparkline *self, cairo_t *cr, double width, double height)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  double scale = find_scale (self->meter);
  GdkRGBA line;
  GdkRGBA fill;

  gtk_style_context_get_color (style, &line);
  if (!gtk_style_context_lookup_color (style, "accent_color", &fill))
    fill = line;
  cairo_move_to (cr, 0, height);
  trace (self, cr, TRUE, scale, width, height);
  cairo_line_to (cr, width, height);
  cairo_close_path (cr);
  fill.alpha *= 0.45F;
  gdk_cairo_set_source_rgba (cr, &fill);
  cairo_fill (cr);
  cairo_set_line_width (cr, 1);
  trace (self, cr, FALSE, scale, width, height);
  line.alpha *= 0.7F;
  gdk_cairo_set_source_rgba (cr, &line);
  cairo_stroke (cr);
}

static void
sp_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SpSparkline *self = SP_SPARKLINE (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (self->meter == NULL || width <= 0 || height <= 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  draw (self, cr, width, height);
  cairo_destroy (cr);
}

static void
sp_sparkline_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
speak (SpSparkline *self)
{
  SpTrafficRate rate = { 0 };
  g_autofree char *rates = NULL;
  g_autofree char *text = NULL;

  if (self->meter != NULL)
    rate = sp_traffic_meter_get_rate (self->meter);
  rates = sp_format_rates (rate.down, rate.up);
  text = g_strdup_printf (_ ("Traffic of the last minute; now %s"), rates);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  self->spoke_at = g_get_monotonic_time ();
}

static void
on_changed (SpSparkline *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (g_get_monotonic_time () - self->spoke_at >= SPEAK)
    speak (self);
}

void
sp_sparkline_set_meter (SpSparkline *self, SpTrafficMeter *meter)
{
  if (self->meter != NULL)
    (void) g_signal_handlers_disconnect_by_data (self->meter, self);
  g_set_object (&self->meter, meter);
  if (meter != NULL)
    (void) g_signal_connect_object (meter, "changed", G_CALLBACK (on_changed), self,
                                    G_CONNECT_SWAPPED);
  speak (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
sp_sparkline_new (void)
{
  return g_object_new (SP_TYPE_SPARKLINE, NULL);
}

static void
sp_sparkline_dispose (GObject *object)
{
  SpSparkline *self = SP_SPARKLINE (object);

  if (self->meter != NULL)
    (void) g_signal_handlers_disconnect_by_data (self->meter, self);
  g_clear_object (&self->meter);
  G_OBJECT_CLASS (sp_sparkline_parent_class)->dispose (object);
}

static void
sp_sparkline_class_init (SpSparklineClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_sparkline_dispose;
  widget_class->snapshot = sp_sparkline_snapshot;
  widget_class->measure = sp_sparkline_measure;
  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
sp_sparkline_init (SpSparkline *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}
