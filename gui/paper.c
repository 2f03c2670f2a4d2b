/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "paper.h"

#include "base/secret.h"

typedef struct
{
  char *heading;
  char *lines;
} Sheet;

static void
free_sheet (gpointer data, GClosure *closure)
{
  Sheet *sheet = data;

  g_free (sheet->heading);
  sp_secret_text_free (sheet->lines);
  g_free (sheet);
}

/* Returns how far down it went. */
static double
draw_text (GtkPrintContext *context, const char *text, const char *font, double top)
{
  cairo_t *cairo = gtk_print_context_get_cairo_context (context);
  g_autoptr (PangoLayout) layout = gtk_print_context_create_pango_layout (context);
  PangoFontDescription *description = pango_font_description_from_string (font);
  int height;

  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (layout, (int) (gtk_print_context_get_width (context) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text (layout, text, -1);
  cairo_move_to (cairo, 0, top);
  pango_cairo_show_layout (cairo, layout);
  pango_layout_get_pixel_size (layout, NULL, &height);
  return top + height;
}

static void
on_draw (GtkPrintOperation *operation, GtkPrintContext *context, int page, gpointer data)
{
  const Sheet *sheet = data;
  double top = draw_text (context, sheet->heading, "Sans Bold 16", 0);

  (void) draw_text (context, sheet->lines, "Monospace 12", top + 16);
}

void
sp_paper_print (GtkWindow *parent, const char *heading, const char *lines)
{
  g_autoptr (GtkPrintOperation) operation = gtk_print_operation_new ();
  Sheet *sheet = g_new0 (Sheet, 1);

  sheet->heading = g_strdup (heading);
  sheet->lines = g_strdup (lines);
  gtk_print_operation_set_n_pages (operation, 1);
  gtk_print_operation_set_job_name (operation, heading);
  gtk_print_operation_set_allow_async (operation, TRUE);
  (void) g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw), sheet, free_sheet, 0);
  (void) gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, parent, NULL);
}
