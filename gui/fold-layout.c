/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fold-layout.h"

struct _SpFoldLayout
{
  GtkLayoutManager parent_instance;
  int fold_width;
  int spacing;
};

enum
{
  PROP_FOLD_WIDTH = 1,
  PROP_SPACING,
};

G_DEFINE_FINAL_TYPE (SpFoldLayout, sp_fold_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
get_request_mode (GtkLayoutManager *layout, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

typedef struct
{
  int minimum;
  int natural;
} Size;

/* Of a child that may be absent or hidden: nothing then. */
static Size
measure_child (GtkWidget *child, GtkOrientation orientation, int for_size)
{
  Size size = { 0 };

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_measure (child, orientation, for_size, &size.minimum, &size.natural, NULL, NULL);
  return size;
}

static void
get_children (GtkWidget *widget, GtkWidget **first, GtkWidget **second)
{
  *first = gtk_widget_get_first_child (widget);
  *second = *first != NULL ? gtk_widget_get_next_sibling (*first) : NULL;
}

static void
measure (GtkLayoutManager *layout,
         GtkWidget *widget,
         GtkOrientation orientation,
         int for_size,
         int *minimum,
         int *natural,
         int *minimum_baseline,
         int *natural_baseline)
{
  SpFoldLayout *self = SP_FOLD_LAYOUT (layout);
  GtkWidget *first;
  GtkWidget *second;
  Size a;
  Size b;

  get_children (widget, &first, &second);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      a = measure_child (first, orientation, -1);
      b = measure_child (second, orientation, -1);
      *minimum = MAX (a.minimum, b.minimum);
      *natural = MAX (a.natural + self->spacing + b.natural, *minimum);
      return;
    }
  if (for_size < 0 || for_size >= self->fold_width)
    {
      int width = measure_child (second, GTK_ORIENTATION_HORIZONTAL, -1).natural;

      a = measure_child (first, orientation,
                         for_size < 0 ? -1 : MAX (for_size - width - self->spacing, 0));
      b = measure_child (second, orientation, for_size < 0 ? -1 : width);
      *minimum = MAX (a.minimum, b.minimum);
      *natural = MAX (a.natural, b.natural);
      return;
    }
  a = measure_child (first, orientation, for_size);
  b = measure_child (second, orientation, for_size);
  *minimum = a.minimum + (b.natural > 0 ? self->spacing : 0) + b.minimum;
  *natural = a.natural + (b.natural > 0 ? self->spacing : 0) + b.natural;
}

static void
place (GtkWidget *child, GtkWidget *parent, int x, int y, int width, int height)
{
  if (gtk_widget_get_direction (parent) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (parent) - x - width;
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, y, width, height }, -1);
}

static void
allocate (GtkLayoutManager *layout, GtkWidget *widget, int width, int height, int baseline)
{
  SpFoldLayout *self = SP_FOLD_LAYOUT (layout);
  GtkWidget *first;
  GtkWidget *second;

  get_children (widget, &first, &second);
  if (first == NULL)
    return;
  if (second == NULL || !gtk_widget_should_layout (second))
    place (first, widget, 0, 0, width, height);
  else if (width >= self->fold_width)
    {
      int end = measure_child (second, GTK_ORIENTATION_HORIZONTAL, -1).natural;

      end = MIN (end, width);
      place (first, widget, 0, 0, MAX (width - end - self->spacing, 0), height);
      place (second, widget, width - end, 0, end, height);
    }
  else
    {
      int top = measure_child (first, GTK_ORIENTATION_VERTICAL, width).natural;

      place (first, widget, 0, 0, width, top);
      place (second, widget, 0, top + self->spacing, width, MAX (height - top - self->spacing, 0));
    }
}

static void
sp_fold_layout_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpFoldLayout *self = SP_FOLD_LAYOUT (object);

  switch (id)
    {
      case PROP_FOLD_WIDTH:
        self->fold_width = g_value_get_int (value);
        break;
      case PROP_SPACING:
        self->spacing = g_value_get_int (value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  gtk_layout_manager_layout_changed (GTK_LAYOUT_MANAGER (self));
}

static void
sp_fold_layout_class_init (SpFoldLayoutClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sp_fold_layout_set_property;
  layout_class->get_request_mode = get_request_mode;
  layout_class->measure = measure;
  layout_class->allocate = allocate;
  g_object_class_install_property (
      object_class, PROP_FOLD_WIDTH,
      g_param_spec_int ("fold-width", NULL, NULL, 0, G_MAXINT, 400, flags));
  g_object_class_install_property (
      object_class, PROP_SPACING, g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT, 12, flags));
}

static void
sp_fold_layout_init (SpFoldLayout *self)
{
  self->fold_width = 400;
  self->spacing = 12;
}
