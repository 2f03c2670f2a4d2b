/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qr-picture.h"

#include "base/secret.h"

#include <qrencode.h>

#define LEAST_SIZE 220 /* pixels */
#define MARGIN     4   /* modules */

struct _SpQrPicture
{
  GtkWidget parent_instance;
  QRcode *code; /* NULL: nothing yet */
};

G_DEFINE_FINAL_TYPE (SpQrPicture, sp_qr_picture, GTK_TYPE_WIDGET)

static void
forget (SpQrPicture *picture)
{
  if (picture->code == NULL)
    return;
  sp_secret_wipe (picture->code->data, (gsize) (picture->code->width * picture->code->width));
  QRcode_free (picture->code);
  picture->code = NULL;
}

void
sp_qr_picture_show (SpQrPicture *picture, const char *text, const char *description)
{
  forget (picture);
  picture->code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  description, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (picture), description);
  gtk_widget_queue_draw (GTK_WIDGET (picture));
}

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  return (code->data[y * code->width + x] & 1) != 0;
}

/* Neighbours are one rectangle, so that no line of light is left between them. */
static void
draw_row (GtkSnapshot *snapshot, const QRcode *code, int y, int module, graphene_point_t corner)
{
  const GdkRGBA black = { 0, 0, 0, 1 };

  for (int x = 0; x < code->width; x++)
    {
      int first = x;

      while (x < code->width && is_dark (code, x, y))
        x++;
      if (x > first)
        gtk_snapshot_append_color (snapshot, &black,
                                   &GRAPHENE_RECT_INIT (corner.x + (float) (first * module),
                                                        corner.y + (float) (y * module),
                                                        (float) ((x - first) * module),
                                                        (float) module));
    }
}

static void
sp_qr_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SpQrPicture *picture = SP_QR_PICTURE (widget);
  const GdkRGBA white = { 1, 1, 1, 1 };
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  graphene_point_t corner;
  int modules;
  int module;

  gtk_snapshot_append_color (snapshot, &white,
                             &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  if (picture->code == NULL)
    return;
  modules = picture->code->width + 2 * MARGIN;
  module = MAX (MIN (width, height) / modules, 1);
  corner.x = (float) ((width - module * picture->code->width) / 2);
  corner.y = (float) ((height - module * picture->code->width) / 2);
  for (int y = 0; y < picture->code->width; y++)
    draw_row (snapshot, picture->code, y, module, corner);
}

static void
sp_qr_picture_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  SpQrPicture *picture = SP_QR_PICTURE (widget);
  int modules = picture->code != NULL ? picture->code->width + 2 * MARGIN : 1;

  *minimum = MAX (LEAST_SIZE, 2 * modules);
  *natural = MAX (LEAST_SIZE, 6 * modules);
}

static void
sp_qr_picture_finalize (GObject *object)
{
  forget (SP_QR_PICTURE (object));
  G_OBJECT_CLASS (sp_qr_picture_parent_class)->finalize (object);
}

static void
sp_qr_picture_class_init (SpQrPictureClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = sp_qr_picture_finalize;
  widget_class->snapshot = sp_qr_picture_snapshot;
  widget_class->measure = sp_qr_picture_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
sp_qr_picture_init (SpQrPicture *picture)
{
  gtk_widget_set_focusable (GTK_WIDGET (picture), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (picture), "card");
  gtk_widget_set_overflow (GTK_WIDGET (picture), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_halign (GTK_WIDGET (picture), GTK_ALIGN_CENTER);
}
