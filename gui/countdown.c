/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "countdown.h"

#define SIZE  16
#define LINE  2.5
#define STEP  50   /* ms between two pictures */
#define STEPS 1000 /* the same where people want no movement */

struct _SpCountdown
{
  GtkWidget parent_instance;
  gint64 until;
  gint64 span;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpCountdown, sp_countdown, GTK_TYPE_WIDGET)

static void
sp_countdown_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SpCountdown *self = SP_COUNTDOWN (widget);
  gint64 left = self->until - g_get_monotonic_time ();
  double part;
  cairo_t *cr;
  GdkRGBA color;

  if (self->until == 0 || left <= 0 || self->span <= 0)
    return;
  part = MIN ((double) left / (double) self->span, 1);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, SIZE, SIZE));
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, LINE);
  cairo_arc (cr, SIZE / 2.0, SIZE / 2.0, (SIZE - LINE) / 2, -G_PI / 2, -G_PI / 2 + 2 * G_PI * part);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
sp_countdown_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = *natural = SIZE;
}

static gboolean
on_timer (gpointer data)
{
  SpCountdown *self = data;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (g_get_monotonic_time () < self->until)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

void
sp_countdown_run (SpCountdown *self, gint64 until, gint64 span)
{
  gboolean moves = adw_get_enable_animations (GTK_WIDGET (self));

  if (self->until == until)
    return;
  self->until = until;
  self->span = span;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (until > g_get_monotonic_time ())
    self->timer = g_timeout_add (moves ? STEP : STEPS, on_timer, self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
sp_countdown_new (void)
{
  return g_object_new (SP_TYPE_COUNTDOWN, NULL);
}

static void
sp_countdown_dispose (GObject *object)
{
  g_clear_handle_id (&SP_COUNTDOWN (object)->timer, g_source_remove);
  G_OBJECT_CLASS (sp_countdown_parent_class)->dispose (object);
}

static void
sp_countdown_class_init (SpCountdownClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_countdown_dispose;
  widget_class->snapshot = sp_countdown_snapshot;
  widget_class->measure = sp_countdown_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
sp_countdown_init (SpCountdown *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}
