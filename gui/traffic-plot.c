/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic-plot.h"

#include "client/format.h"

#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>
#include <math.h>

#define HEIGHT 140
#define WIDTH  160
#define LINES  2 /* of the grid, above the ground */
#define GAP    4 /* pixels between a word and what it is beside of */
#define SPEAK  (10 * G_USEC_PER_SEC)

struct _SpTrafficPlot
{
  GtkWidget parent_instance;
  SpTrafficSeries *series;
  int cursor; /* the step that is looked at, or -1 */
  gint64 spoke_at;
  SpTrafficRange spoke_of;
  GtkPopover *menu; /* made when it is asked for */
};

G_DEFINE_FINAL_TYPE (SpTrafficPlot, sp_traffic_plot, GTK_TYPE_WIDGET)

/* What the range is called, and where it begins. */
static const struct
{
  const char *title;
  const char *start;
} words[] = {
  [SP_TRAFFIC_MINUTE] = { N_ ("Traffic, last minute"), N_ ("1 min ago") },
  [SP_TRAFFIC_HOUR] = { N_ ("Traffic, last hour"), N_ ("1 h ago") },
  [SP_TRAFFIC_DAY] = { N_ ("Traffic, last 24 hours"), N_ ("24 h ago") },
  [SP_TRAFFIC_MONTH] = { N_ ("Traffic, last 30 days"), N_ ("30 days ago") },
};

static char *
create_moment (SpTrafficPlot *self, guint index)
{
  guint64 begin = self->series->start + index * self->series->step;
  guint64 now = (guint64) g_get_real_time ();
  guint ago = (guint) ((now - MIN (now, begin)) / G_USEC_PER_SEC);

  if (self->series->range != SP_TRAFFIC_MINUTE)
    return sp_wording_moment (begin);
  /* Translators: seconds. */
  return g_strdup_printf (ngettext ("%u s ago", "%u s ago", ago), ago);
}

/* "10:15 · ↓ 1.2 MB/s  ↑ 80 kB/s" */
static char *
create_cursor_text (SpTrafficPlot *self)
{
  SpTrafficRate rate = self->series->rates[self->cursor];
  g_autofree char *moment = create_moment (self, (guint) self->cursor);
  g_autofree char *rates = sp_format_rates (rate.down, rate.up);

  return g_strjoin (" · ", moment, rates, NULL);
}

/* For who does not see it: the step that is looked at, or what there is now and was at most. */
static char *
create_description (SpTrafficPlot *self)
{
  SpTrafficRate now = self->series->rates[self->series->count - 1];
  SpTrafficRate most = { 0 };
  g_autofree char *now_text = NULL;
  g_autofree char *most_text = NULL;

  if (self->cursor >= 0)
    return create_cursor_text (self);
  for (guint i = 0; i < self->series->count; i++)
    {
      most.down = MAX (most.down, self->series->rates[i].down);
      most.up = MAX (most.up, self->series->rates[i].up);
    }
  now_text = sp_format_rates (now.down, now.up);
  most_text = sp_format_rates (most.down, most.up);
  /* Translators: the name of the range of time, the traffic now, and the most of it. */
  return g_strdup_printf (_ ("%s: now %s, at most %s"), _ (words[self->series->range].title),
                          now_text, most_text);
}

static void
speak (SpTrafficPlot *self)
{
  g_autofree char *text = create_description (self);

  self->spoke_at = g_get_monotonic_time ();
  self->spoke_of = self->series->range;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
add_text (SpTrafficPlot *self,
          GtkSnapshot *snapshot,
          const char *text,
          double x,
          double y,
          double align, /* of the text at x: 0 begins there, 1 ends there */
          const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - width * align), (float) y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static int
get_line_height (SpTrafficPlot *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height + GAP;
}

static void
trace (SpTrafficPlot *self, cairo_t *cr, gboolean down, double scale, double width, double height)
{
  for (guint i = 0; i < self->series->count; i++)
    {
      SpTrafficRate rate = self->series->rates[i];
      double x = width * i / (self->series->count - 1);

      cairo_line_to (cr, x, 1 + (height - 2) * (1 - (down ? rate.down : rate.up) / scale));
    }
}

static void
draw_grid (cairo_t *cr, double width, double height, GdkRGBA color)
{
  color.alpha *= 0.2F;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i <= LINES; i++)
    {
      double y = CLAMP (floor (height * i / LINES) + 0.5, 0.5, height - 0.5);

      cairo_move_to (cr, 0, y);
      cairo_line_to (cr, width, y);
    }
  cairo_stroke (cr);
}

static void
draw_curves (SpTrafficPlot *self, cairo_t *cr, double width, double height, GdkRGBA line)
{
  double scale = sp_traffic_series_find_scale (self->series);
  GdkRGBA fill = line;

  (void) gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)),
                                         "accent_color", &fill);
  cairo_move_to (cr, 0, height);
  trace (self, cr, TRUE, scale, width, height);
  cairo_line_to (cr, width, height);
  cairo_close_path (cr);
  fill.alpha *= 0.4F;
  gdk_cairo_set_source_rgba (cr, &fill);
  cairo_fill (cr);
  trace (self, cr, FALSE, scale, width, height);
  cairo_set_line_width (cr, 1.5);
  line.alpha *= 0.8F;
  gdk_cairo_set_source_rgba (cr, &line);
  cairo_stroke (cr);
}

static void
draw_cursor (SpTrafficPlot *self, cairo_t *cr, double width, double height, const GdkRGBA *color)
{
  double x = width * self->cursor / (self->series->count - 1);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, CLAMP (floor (x) + 0.5, 0.5, width - 0.5), 0);
  cairo_rel_line_to (cr, 0, height);
  cairo_stroke (cr);
}

static void
add_words (SpTrafficPlot *self, GtkSnapshot *snapshot, double width, double bottom, GdkRGBA color)
{
  g_autofree char *scale = sp_format_rate (sp_traffic_series_find_scale (self->series));

  color.alpha *= 0.7F;
  add_text (self, snapshot, scale, 0, 0, 0, &color);
  add_text (self, snapshot, _ (words[self->series->range].start), 0, bottom + GAP, 0, &color);
  add_text (self, snapshot, _ ("now"), width, bottom + GAP, 1, &color);
}

static void
sp_traffic_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (widget);
  int line = get_line_height (self);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget) - 2 * line;
  GdkRGBA color;
  cairo_t *cr;

  if (self->series == NULL || width <= 0 || height <= 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, (float) line, (float) width, (float) height));
  cairo_translate (cr, 0, line);
  draw_grid (cr, width, height, color);
  draw_curves (self, cr, width, height, color);
  if (self->cursor >= 0)
    draw_cursor (self, cr, width, height, &color);
  cairo_destroy (cr);
  add_words (self, snapshot, width, line + height, color);
  if (self->cursor >= 0)
    {
      g_autofree char *text = create_cursor_text (self);

      add_text (self, snapshot, text, width, 0, 1, &color);
    }
}

static void
sp_traffic_plot_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                            ? WIDTH
                            : HEIGHT + 2 * get_line_height (SP_TRAFFIC_PLOT (widget));
}

static void
set_cursor (SpTrafficPlot *self, int cursor)
{
  if (self->series == NULL || cursor == self->cursor)
    return;
  self->cursor = CLAMP (cursor, -1, (int) self->series->count - 1);
  speak (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
sp_traffic_plot_set_series (SpTrafficPlot *self, SpTrafficSeries *series)
{
  if (self->series != NULL)
    sp_traffic_series_free (self->series);
  self->series = series;
  self->cursor = MIN (self->cursor, (int) series->count - 1);
  if (self->spoke_at == 0 || self->spoke_of != series->range ||
      g_get_monotonic_time () - self->spoke_at >= SPEAK)
    speak (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, SpTrafficPlot *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  if (self->series != NULL && width > 0)
    set_cursor (self,
                CLAMP ((int) (x / width * self->series->count), 0, (int) self->series->count - 1));
}

static void
on_leave (GtkEventControllerMotion *controller, SpTrafficPlot *self)
{
  set_cursor (self, -1);
}

static void
on_focus_out (GtkEventControllerFocus *controller, SpTrafficPlot *self)
{
  set_cursor (self, -1);
}

/* The keys: by how much, or to an end. */
static gboolean
on_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (widget);
  int step = g_variant_get_int32 (arguments);
  int last = self->series != NULL ? (int) self->series->count - 1 : 0;
  int from = self->cursor >= 0 ? self->cursor : last;

  set_cursor (self, CLAMP (from + CLAMP (step, -last - 1, last + 1), 0, last));
  return TRUE;
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (widget);
  gboolean looked = self->cursor >= 0;

  set_cursor (self, -1);
  return looked;
}

static void
copy (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (widget);
  SpWindow *window = sp_window_of (widget);
  g_autofree char *text = NULL;

  if (self->series == NULL)
    return;
  text = sp_traffic_series_create_csv (self->series);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

static void
open_menu (SpTrafficPlot *self, double x, double y)
{
  if (self->menu == NULL)
    {
      g_autoptr (GMenu) menu = g_menu_new ();

      g_menu_append (menu, _ ("_Copy as CSV"), "plot.copy");
      self->menu = GTK_POPOVER (gtk_popover_menu_new_from_model (G_MENU_MODEL (menu)));
      gtk_popover_set_has_arrow (self->menu, FALSE);
      gtk_widget_set_halign (GTK_WIDGET (self->menu), GTK_ALIGN_START);
      gtk_widget_set_parent (GTK_WIDGET (self->menu), GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (self->menu, &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (self->menu);
}

static void
on_pressed (GtkGestureClick *gesture, int count, double x, double y, SpTrafficPlot *self)
{
  open_menu (self, x, y);
}

static gboolean
on_menu_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  open_menu (SP_TRAFFIC_PLOT (widget), gtk_widget_get_width (widget) / 2.0,
             gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

static void
sp_traffic_plot_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (widget);

  if (self->menu != NULL)
    gtk_popover_present (self->menu);
}

static void
sp_traffic_plot_dispose (GObject *object)
{
  SpTrafficPlot *self = SP_TRAFFIC_PLOT (object);

  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->menu)));
  g_clear_pointer (&self->series, sp_traffic_series_free);
  G_OBJECT_CLASS (sp_traffic_plot_parent_class)->dispose (object);
}

static void
bind_keys (GtkWidgetClass *class)
{
  const struct
  {
    guint key;
    int step;
  } keys[] = {
    { GDK_KEY_Left, -1 },     { GDK_KEY_KP_Left, -1 },       { GDK_KEY_Right, 1 },
    { GDK_KEY_KP_Right, 1 },  { GDK_KEY_Home, -G_MAXINT32 }, { GDK_KEY_End, G_MAXINT32 },
    { GDK_KEY_Page_Up, -10 }, { GDK_KEY_Page_Down, 10 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (class, keys[i].key, 0, on_key, "i", keys[i].step);
  gtk_widget_class_add_binding (class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding (class, GDK_KEY_Menu, 0, on_menu_key, NULL);
  gtk_widget_class_add_binding (class, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key, NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_c, GDK_CONTROL_MASK, "plot.copy", NULL);
}

static void
sp_traffic_plot_class_init (SpTrafficPlotClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_traffic_plot_dispose;
  widget_class->snapshot = sp_traffic_plot_snapshot;
  widget_class->measure = sp_traffic_plot_measure;
  widget_class->size_allocate = sp_traffic_plot_size_allocate;
  gtk_widget_class_install_action (widget_class, "plot.copy", NULL, copy);
  bind_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
sp_traffic_plot_init (SpTrafficPlot *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->cursor = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  (void) g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  (void) g_signal_connect (motion, "enter", G_CALLBACK (on_motion), self);
  (void) g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  (void) g_signal_connect (focus, "leave", G_CALLBACK (on_focus_out), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  (void) g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
