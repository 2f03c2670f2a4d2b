/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-view.h"

#include "base/names.h"
#include "client/history-list.h"
#include "failure.h"
#include "history-export.h"
#include "history-row.h"
#include "window.h"

#include <glib/gi18n.h>

#define PAGE 50 /* rows that are asked for at a time */

struct _SpHistoryView
{
  AdwBin parent_instance;
  GtkStack *stack;
  AdwStatusPage *error;
  GtkListView *list_view;
  GtkWidget *export;
  SpServerConnection *connection;
  SpHistoryList *list;
  GtkFileChooserNative *chooser; /* while it is open */
};

G_DEFINE_FINAL_TYPE (SpHistoryView, sp_history_view, ADW_TYPE_BIN)

static void
show_list (SpHistoryView *view)
{
  const GError *error = sp_history_list_get_error (view->list);
  guint entries = g_list_model_get_n_items (G_LIST_MODEL (view->list));
  const char *page = "list";

  if (entries == 0 && error != NULL)
    {
      g_autofree char *reason = sp_failure_describe (error);

      adw_status_page_set_description (view->error, reason);
      page = "error";
    }
  else if (entries == 0)
    page = sp_history_list_is_complete (view->list) ? "empty" : "loading";
  gtk_stack_set_visible_child_name (view->stack, page);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, sp_history_row_new ());
  gtk_list_item_set_activatable (item, FALSE);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, SpHistoryView *view)
{
  guint position = gtk_list_item_get_position (item);
  g_autoptr (SpHistoryEntry) before =
      position > 0 ? g_list_model_get_item (G_LIST_MODEL (view->list), position - 1) : NULL;

  sp_history_row_show (SP_HISTORY_ROW (gtk_list_item_get_child (item)),
                       gtk_list_item_get_item (item), before);
}

static void
on_edge_reached (SpHistoryView *view, GtkPositionType edge)
{
  if (edge == GTK_POS_BOTTOM)
    sp_history_list_load_more (view->list);
}

static void
on_try_again (SpHistoryView *view)
{
  sp_history_list_reload (view->list);
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHistoryView) view = data;
  g_autoptr (GError) error = NULL;
  guint rows = 0;
  g_autofree char *text = NULL;

  if (view->connection != NULL)
    gtk_widget_set_sensitive (view->export, TRUE);
  if (!sp_history_export_finish (result, &rows, &error))
    {
      sp_failure_show (GTK_WIDGET (view), _ ("The history could not be exported"), error);
      return;
    }
  text = g_strdup_printf (
      ngettext ("%u connection was written", "%u connections were written", rows), rows);
  if (sp_window_of (GTK_WIDGET (view)) != NULL)
    sp_window_say (sp_window_of (GTK_WIDGET (view)), text);
}

static void
on_file_chosen (SpHistoryView *view, int response)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&view->chooser);
  g_autoptr (GFile) file = NULL;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  gtk_widget_set_sensitive (view->export, FALSE);
  sp_history_export (view->connection, file, on_exported, g_object_ref (view));
}

static void
on_export (SpHistoryView *view)
{
  g_clear_object (&view->chooser);
  view->chooser = gtk_file_chooser_native_new (_ ("Export the History"),
                                               GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (view))),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (view->chooser), TRUE);
  /* Translators: the proposed name of a file. */
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (view->chooser), _ ("connections.csv"));
  (void) g_signal_connect_object (view->chooser, "response", G_CALLBACK (on_file_chosen), view,
                                  G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (view->chooser));
}

void
sp_history_view_set_connection (SpHistoryView *view, SpServerConnection *connection)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_set_object (&view->connection, connection);
  view->list = sp_history_list_new (connection, PAGE);
  (void) g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  (void) g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), view, 0);
  gtk_list_view_set_factory (view->list_view, factory);
  gtk_list_view_set_model (view->list_view, GTK_SELECTION_MODEL (gtk_no_selection_new (
                                                g_object_ref (G_LIST_MODEL (view->list)))));
  g_object_unref (factory);
  (void) g_signal_connect_object (view->list, "notify", G_CALLBACK (show_list), view,
                                  G_CONNECT_SWAPPED);
  show_list (view);
}

static void
sp_history_view_dispose (GObject *object)
{
  SpHistoryView *view = SP_HISTORY_VIEW (object);

  g_clear_object (&view->chooser);
  adw_bin_set_child (ADW_BIN (object), NULL);
  g_clear_object (&view->list);
  g_clear_object (&view->connection);
  G_OBJECT_CLASS (sp_history_view_parent_class)->dispose (object);
}

static void
sp_history_view_class_init (SpHistoryViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_history_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "history-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SpHistoryView, stack);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryView, error);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryView, list_view);
  gtk_widget_class_bind_template_child (widget_class, SpHistoryView, export);
  gtk_widget_class_bind_template_callback (widget_class, on_edge_reached);
  gtk_widget_class_bind_template_callback (widget_class, on_try_again);
  gtk_widget_class_bind_template_callback (widget_class, on_export);
}

static void
sp_history_view_init (SpHistoryView *view)
{
  gtk_widget_init_template (GTK_WIDGET (view));
}
