/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-list-page.h"

#include "base/names.h"

#include "session-batch.h"
#include "session-page.h"
#include "session-row.h"
#include "window.h"

#include <glib/gi18n.h>

#define SORT 5 /* s: how often it is looked who is faster */

struct _SpSessionListPage
{
  SpSubpage parent_instance;
  GtkSearchEntry *search;
  GtkDropDown *order;
  GtkStack *stack;
  GtkListView *list;
  GtkFilter *filter;
  GtkSorter *sorter;
  GtkToggleButton *select;
  GtkWidget *action_bar;
  GtkLabel *count;
  GListModel *shown;
  GHashTable *chosen; /* a set of SpLiveSession: its order changes while they are chosen */
  char *text;         /* what is looked for, folded */
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpSessionListPage, sp_session_list_page, SP_TYPE_SUBPAGE)

static int
compare_rates (SpLiveSession *a, SpLiveSession *b)
{
  SpTrafficRate first = sp_traffic_meter_get_rate (sp_live_session_get_meter (a));
  SpTrafficRate second = sp_traffic_meter_get_rate (sp_live_session_get_meter (b));
  double difference = second.down + second.up - first.down - first.up;

  return difference < 0 ? -1 : difference > 0;
}

/* The newest first. */
static int
compare_begins (SpLiveSession *a, SpLiveSession *b)
{
  guint64 first = sp_bus_session_get_connected_at (sp_live_session_get_session (a));
  guint64 second = sp_bus_session_get_connected_at (sp_live_session_get_session (b));

  return first > second ? -1 : first < second;
}

static int
compare_names (SpLiveSession *a, SpLiveSession *b)
{
  g_autofree char *first = sp_live_session_dup_title (a);
  g_autofree char *second = sp_live_session_dup_title (b);

  return g_utf8_collate (first, second);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  /* In the order of the words in the list that one chooses from. */
  static int (*const orders[]) (SpLiveSession *, SpLiveSession *) = { compare_rates, compare_begins,
                                                                      compare_names };
  SpSessionListPage *page = data;
  guint order = page->order != NULL ? gtk_drop_down_get_selected (page->order) : 0;

  return orders[MIN (order, G_N_ELEMENTS (orders) - 1)]((SpLiveSession *) a, (SpLiveSession *) b);
}

/* Whether one of the words that one sees has the text in it. */
static gboolean
matches (gpointer item, gpointer data)
{
  SpSessionListPage *page = data;
  SpBusSession *session = sp_live_session_get_session (item);
  g_auto (GStrv) addresses = sp_bus_session_dup_addresses (session);
  g_autofree char *title = sp_live_session_dup_title (item);
  g_autofree char *inside = addresses != NULL ? g_strjoinv (" ", addresses) : g_strdup ("");
  g_autofree char *all = NULL;
  g_autofree char *folded = NULL;

  if (page->text == NULL || page->text[0] == '\0')
    return TRUE;
  all = g_strjoin (" ", title, sp_bus_session_get_login (session),
                   sp_bus_session_get_remote_address (session), inside, NULL);
  folded = g_utf8_casefold (all, -1);
  return strstr (folded, page->text) != NULL;
}

static void
on_search (SpSessionListPage *page)
{
  g_free (page->text);
  page->text = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (page->search)), -1);
  gtk_filter_changed (page->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_order (SpSessionListPage *page)
{
  if (page->sorter != NULL)
    gtk_sorter_changed (page->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* Who is faster changes; the other orders stay. */
static gboolean
on_timer (gpointer data)
{
  SpSessionListPage *page = data;

  if (gtk_drop_down_get_selected (page->order) == 0)
    on_order (page);
  return G_SOURCE_CONTINUE;
}

/* --- choosing several --- */

static gboolean
is_selecting (SpSessionListPage *page)
{
  return gtk_toggle_button_get_active (page->select);
}

static void
show_chosen (SpSessionListPage *page)
{
  guint n = g_hash_table_size (page->chosen);
  g_autofree char *text = g_strdup_printf (ngettext ("%u selected", "%u selected", n), n);

  gtk_label_set_label (page->count, text);
  gtk_widget_set_visible (page->action_bar, is_selecting (page));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "sessions.disconnect", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "sessions.leave", is_selecting (page));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "sessions.select-all", is_selecting (page));
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (page->list)); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *row = gtk_widget_get_first_child (item);
      SpLiveSession *live = row != NULL && SP_IS_SESSION_ROW (row)
                                ? sp_session_row_get_session (SP_SESSION_ROW (row))
                                : NULL;

      if (live != NULL)
        sp_session_row_set_selection (SP_SESSION_ROW (row), is_selecting (page),
                                      g_hash_table_contains (page->chosen, live));
    }
}

static void
choose (SpSessionListPage *page, SpLiveSession *live, gboolean chosen)
{
  if (!chosen)
    (void) g_hash_table_remove (page->chosen, live);
  else
    (void) g_hash_table_add (page->chosen, g_object_ref (live));
  if (!is_selecting (page))
    gtk_toggle_button_set_active (page->select, TRUE);
  else
    show_chosen (page);
}

/* Whoever was chosen and turned it off again meanwhile is gone. */
static void
on_select_toggled (SpSessionListPage *page)
{
  if (!is_selecting (page))
    g_hash_table_remove_all (page->chosen);
  show_chosen (page);
}

static gboolean
has_ended (gpointer live, gpointer value, gpointer data)
{
  return sp_live_session_has_ended (live);
}

static void
drop_ended (SpSessionListPage *page)
{
  if (g_hash_table_foreach_remove (page->chosen, has_ended, NULL) > 0)
    show_chosen (page);
}

static void
on_pick (SpSessionListPage *page, gboolean chosen, SpSessionRow *row)
{
  choose (page, sp_session_row_get_session (row), chosen);
}

static void
on_select_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpSessionListPage *page = SP_SESSION_LIST_PAGE (widget);
  guint n = g_list_model_get_n_items (page->shown);

  for (guint i = 0; i < n; i++)
    (void) g_hash_table_add (page->chosen, g_list_model_get_item (page->shown, i));
  show_chosen (page);
}

static void
on_leave (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_toggle_button_set_active (SP_SESSION_LIST_PAGE (widget)->select, FALSE);
}

static void
on_disconnect (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpSessionListPage *page = SP_SESSION_LIST_PAGE (widget);
  GPtrArray *sessions = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter next;
  gpointer live;

  g_hash_table_iter_init (&next, page->chosen);
  while (g_hash_table_iter_next (&next, &live, NULL))
    g_ptr_array_add (sessions, g_object_ref (live));
  sp_session_batch_disconnect (widget, sessions);
  gtk_toggle_button_set_active (page->select, FALSE);
}

/* --- rows --- */

/* A new row for each: the buttons of one that was used before do not find its new actions. */
static void
on_bind (SpSessionListPage *page, GtkListItem *item)
{
  GtkWidget *row = sp_session_row_new ();
  GtkWidget *holder;

  sp_session_row_set_session (SP_SESSION_ROW (row), gtk_list_item_get_item (item));
  sp_session_row_set_selection (
      SP_SESSION_ROW (row), is_selecting (page),
      g_hash_table_contains (page->chosen, gtk_list_item_get_item (item)));
  (void) g_signal_connect_object (row, "pick", G_CALLBACK (on_pick), page, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (item, row);
  holder = gtk_widget_get_parent (row);
  if (holder != NULL)
    g_object_set_data (G_OBJECT (row), "keys",
                       sp_session_row_add_keys (SP_SESSION_ROW (row), holder));
}

static void
on_unbind (SpSessionListPage *page, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);
  GtkWidget *holder = row != NULL ? gtk_widget_get_parent (row) : NULL;

  if (holder != NULL && g_object_get_data (G_OBJECT (row), "keys") != NULL)
    gtk_widget_remove_controller (holder, g_object_get_data (G_OBJECT (row), "keys"));
  gtk_list_item_set_child (item, NULL);
}

static void
on_activate (SpSessionListPage *page, guint position)
{
  g_autoptr (SpLiveSession) live = g_list_model_get_item (page->shown, position);
  SpWindow *window = sp_window_of (GTK_WIDGET (page));

  if (live != NULL && is_selecting (page))
    choose (page, live, !g_hash_table_contains (page->chosen, live));
  else if (live != NULL && window != NULL)
    sp_window_push (window, sp_session_page_new (live));
}

static void
show_count (SpSessionListPage *page)
{
  guint count = g_list_model_get_n_items (page->shown);
  g_autofree char *subtitle = g_strdup_printf (ngettext ("%u device", "%u devices", count), count);

  gtk_stack_set_visible_child_name (page->stack, count > 0 ? "list" : "nothing");
  sp_subpage_set_subtitle (SP_SUBPAGE (page), subtitle);
  drop_ended (page);
}

static void
create_model (SpSessionListPage *page, SpLiveSessionList *sessions)
{
  GtkFilterListModel *filtered = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (sessions)),
                                                            g_object_ref (page->filter));
  GtkSortListModel *sorted =
      gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (page->sorter));
  g_autoptr (GtkNoSelection) selection =
      gtk_no_selection_new (G_LIST_MODEL (g_object_ref (sorted)));

  page->shown = G_LIST_MODEL (sorted);
  gtk_list_view_set_model (page->list, GTK_SELECTION_MODEL (selection));
  (void) g_signal_connect_object (sorted, "items-changed", G_CALLBACK (show_count), page,
                                  G_CONNECT_SWAPPED);
  show_count (page);
}

SpSubpage *
sp_session_list_page_new (SpLiveSessionList *sessions)
{
  SpSessionListPage *page = g_object_new (SP_TYPE_SESSION_LIST_PAGE, NULL);

  create_model (page, sessions);
  show_chosen (page);
  page->timer = g_timeout_add_seconds (SORT, on_timer, page);
  return SP_SUBPAGE (page);
}

static void
sp_session_list_page_dispose (GObject *object)
{
  SpSessionListPage *page = SP_SESSION_LIST_PAGE (object);

  g_clear_handle_id (&page->timer, g_source_remove);
  if (page->list != NULL)
    gtk_list_view_set_model (page->list, NULL);
  page->list = NULL;
  page->order = NULL;
  g_clear_object (&page->shown);
  g_clear_object (&page->filter);
  g_clear_object (&page->sorter);
  g_clear_pointer (&page->text, g_free);
  g_clear_pointer (&page->chosen, g_hash_table_unref);
  G_OBJECT_CLASS (sp_session_list_page_parent_class)->dispose (object);
}

static void
sp_session_list_page_class_init (SpSessionListPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_session_list_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "session-list-page.ui");
  gtk_widget_class_install_action (widget_class, "sessions.disconnect", NULL, on_disconnect);
  gtk_widget_class_install_action (widget_class, "sessions.leave", NULL, on_leave);
  gtk_widget_class_install_action (widget_class, "sessions.select-all", NULL, on_select_all);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "sessions.leave", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, GDK_CONTROL_MASK,
                                       "sessions.select-all", NULL);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, select);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, action_bar);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, count);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, search);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, order);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SpSessionListPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_order);
  gtk_widget_class_bind_template_callback (widget_class, on_select_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
sp_session_list_page_init (SpSessionListPage *page)
{
  page->chosen = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  page->filter = GTK_FILTER (gtk_custom_filter_new (matches, page, NULL));
  page->sorter = GTK_SORTER (gtk_custom_sorter_new (compare, page, NULL));
  gtk_widget_init_template (GTK_WIDGET (page));
  sp_subpage_set_title (SP_SUBPAGE (page), _ ("Connected Devices"));
}
