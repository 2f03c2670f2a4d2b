/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log-view.h"

#include "base/names.h"
#include "client/log-lines.h"
#include "failure.h"
#include "file-saver.h"
#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SpLogView
{
  AdwBin parent_instance;
  GtkSearchEntry *search;
  GtkDropDown *level;
  GtkStack *stack;
  AdwStatusPage *empty;
  GtkScrolledWindow *scrolled;
  GtkListView *list_view;
  GtkStringFilter *filter;
  GListModel *shown; /* what of the log fits the search */
  SpLogLines *lines;
};

G_DEFINE_FINAL_TYPE (SpLogView, sp_log_view, ADW_TYPE_BIN)

/* In the order of the choices. */
static const char *const levels[] = { "warning", "notice", "debug" };

static gboolean
is_at_end (SpLogView *view)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (view->scrolled);

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >=
         gtk_adjustment_get_upper (adjustment) - 1;
}

static void
scroll_to_end (SpLogView *view)
{
  guint lines = g_list_model_get_n_items (view->shown);

  if (lines > 0)
    (void) gtk_widget_activate_action (GTK_WIDGET (view->list_view), "list.scroll-to-item", "u",
                                       lines - 1);
}

/* Who reads the end goes on reading the end; who scrolled up is left there. */
static void
on_lines_changed (SpLogView *view)
{
  gboolean some = g_list_model_get_n_items (view->shown) > 0;
  gboolean end = is_at_end (view);

  gtk_stack_set_visible_child_name (view->stack, some ? "list" : "empty");
  if (end)
    scroll_to_end (view);
}

static void
show_error (SpLogView *view)
{
  const GError *error = sp_log_lines_get_error (view->lines);
  g_autofree char *reason = error != NULL ? sp_failure_describe (error) : NULL;

  adw_status_page_set_title (view->empty, error != NULL ? _ ("The Log Could Not Be Read")
                                                        : _ ("The Log Is Empty"));
  adw_status_page_set_description (view->empty, reason);
}

static void
on_search (SpLogView *view)
{
  gtk_string_filter_set_search (view->filter, gtk_editable_get_text (GTK_EDITABLE (view->search)));
}

static void
on_level (SpLogView *view)
{
  if (view->lines != NULL)
    sp_log_lines_set_level (view->lines, levels[gtk_drop_down_get_selected (view->level)]);
}

/* What is shown; new. */
static char *
create_text (SpLogView *view)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (view->shown); i++)
    {
      g_autoptr (SpLogLine) line = g_list_model_get_item (view->shown, i);

      g_string_append_printf (text, "%s\n", sp_log_line_get_text (line));
    }
  return g_string_free (text, FALSE);
}

static void
on_copy (SpLogView *view)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (view));
  g_autofree char *text = create_text (view);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (view)), text);
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

static void
on_save (SpLogView *view)
{
  char *text = create_text (view);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  sp_file_saver_save (GTK_WIDGET (view), _ ("Save the Log"), "sallyport.log", bytes,
                      _ ("The log was saved"));
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
  gtk_list_item_set_activatable (item, FALSE);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       sp_log_line_get_text (gtk_list_item_get_item (item)));
}

/* The log is read only while somebody looks at it. */
static void
on_mapped (SpLogView *view)
{
  if (view->lines != NULL)
    sp_log_lines_set_following (view->lines, gtk_widget_get_mapped (GTK_WIDGET (view)));
}

void
sp_log_view_set_connection (SpLogView *view, SpServerConnection *connection)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkExpression *text = gtk_property_expression_new (SP_TYPE_LOG_LINE, NULL, "text");

  view->lines = sp_log_lines_new (connection);
  view->filter = gtk_string_filter_new (text);
  view->shown =
      G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (sp_log_lines_get_model (view->lines)),
                                               GTK_FILTER (g_object_ref (view->filter))));
  (void) g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  (void) g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  gtk_list_view_set_factory (view->list_view, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (view->list_view,
                           GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (view->shown))));
  (void) g_signal_connect_object (view->shown, "items-changed", G_CALLBACK (on_lines_changed), view,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (view->lines, "notify::error", G_CALLBACK (show_error), view,
                                  G_CONNECT_SWAPPED);
  on_mapped (view);
}

static void
sp_log_view_dispose (GObject *object)
{
  SpLogView *view = SP_LOG_VIEW (object);

  adw_bin_set_child (ADW_BIN (object), NULL);
  g_clear_object (&view->shown);
  g_clear_object (&view->filter);
  g_clear_object (&view->lines);
  G_OBJECT_CLASS (sp_log_view_parent_class)->dispose (object);
}

static void
sp_log_view_class_init (SpLogViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_log_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SpLogView, search);
  gtk_widget_class_bind_template_child (widget_class, SpLogView, level);
  gtk_widget_class_bind_template_child (widget_class, SpLogView, stack);
  gtk_widget_class_bind_template_child (widget_class, SpLogView, empty);
  gtk_widget_class_bind_template_child (widget_class, SpLogView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, SpLogView, list_view);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_level);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
}

static void
sp_log_view_init (SpLogView *view)
{
  gtk_widget_init_template (GTK_WIDGET (view));
  (void) g_signal_connect (view, "map", G_CALLBACK (on_mapped), NULL);
  (void) g_signal_connect (view, "unmap", G_CALLBACK (on_mapped), NULL);
}
