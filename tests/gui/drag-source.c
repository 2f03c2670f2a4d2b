/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gtk/gtk.h>

/* A window of another program, from which a file can be dragged: drag-source FILE.  It ends when
 * the file was taken, or dropped where nobody takes it. */

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, gpointer file)
{
  GdkFileList *files = gdk_file_list_new_from_array ((GFile **) &file, 1);
  GdkContentProvider *provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);

  g_boxed_free (GDK_TYPE_FILE_LIST, files);
  return provider;
}

static void
end_cb (GtkDragSource *source, GdkDrag *drag, gboolean deleted, gpointer window)
{
  gtk_window_destroy (window);
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = g_file_new_for_path (argc > 1 ? argv[1] : "/");
  GtkDragSource *source = gtk_drag_source_new ();
  GtkWidget *window;
  GtkWidget *label;

  gtk_init ();
  window = gtk_window_new ();
  label = gtk_label_new ("File");
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), file);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (source));
  g_signal_connect (source, "drag-end", G_CALLBACK (end_cb), window);
  gtk_window_set_title (GTK_WINDOW (window), "drag-source");
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 200);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_present (GTK_WINDOW (window));
  while (g_list_model_get_n_items (gtk_window_get_toplevels ()) > 0)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
