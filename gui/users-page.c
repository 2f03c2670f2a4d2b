/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users-page.h"

#include "add-user-dialog.h"
#include "base/names.h"
#include "client/user-census.h"
#include "removed-users-page.h"
#include "user-batch.h"
#include "user-change.h"
#include "user-import.h"
#include "user-page.h"
#include "user-row.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpUsersPage
{
  AdwBin parent_instance;
  GtkStack *states;
  GtkSearchEntry *search;
  GtkToggleButton *select;
  GtkBox *chips;
  GtkStack *results;
  GtkListView *list;
  AdwStatusPage *nothing;
  GtkRevealer *action_bar;
  GtkLabel *chosen;
  GtkToggleButton *chip_of[SP_USERS_REMOVED];
  GtkButton *removed;

  SpServerConnection *connection;
  SpUserCensus *census;
  GtkFilter *filter;
  GtkSorter *sorter;
  GtkSelectionModel *shown; /* what the list has */
  SpUsersKind kind;
  char *wanted; /* folded, of the search */
};

G_DEFINE_FINAL_TYPE (SpUsersPage, sp_users_page, ADW_TYPE_BIN)

/* --- what is shown --- */

static gboolean
fits (gpointer item, gpointer data)
{
  SpUsersPage *page = data;

  return sp_user_census_is_of (page->census, item, page->kind) &&
         sp_user_census_matches (page->census, item, page->wanted);
}

static char *
name_for_sorting (gpointer item, gpointer data)
{
  return g_strdup (sp_user_get_shown_name (item));
}

static void
show_results (SpUsersPage *page)
{
  guint all = sp_user_census_count (page->census, SP_USERS_ALL);
  guint removed = sp_user_census_count (page->census, SP_USERS_REMOVED);
  guint found = page->shown != NULL ? g_list_model_get_n_items (G_LIST_MODEL (page->shown)) : 0;
  gboolean searching = page->wanted[0] != '\0';

  if (page->shown == NULL)
    return;
  gtk_stack_set_visible_child_name (page->states, all + removed > 0 ? "users" : "empty");
  gtk_stack_set_visible_child_name (page->results, found > 0 ? "list" : "nothing");
  adw_status_page_set_title (page->nothing, searching ? _ ("No Results") : _ ("No One Here"));
  adw_status_page_set_description (page->nothing, searching ? _ ("Try a different search.") : NULL);
}

static void
refilter (SpUsersPage *page)
{
  gtk_filter_changed (page->filter, GTK_FILTER_CHANGE_DIFFERENT);
  show_results (page);
}

/* A chip, with how many there are. */
static char *
label_chip (SpUsersPage *page, SpUsersKind kind)
{
  static const char *const labels[SP_USERS_REMOVED] = {
    [SP_USERS_ALL] = NC_ ("users", "All"),
    [SP_USERS_CONNECTED] = NC_ ("users", "Connected"),
    /* Translators: those who may not connect. */
    [SP_USERS_OFF] = NC_ ("users", "Off"),
    /* Translators: those whose access ends soon. */
    [SP_USERS_EXPIRING] = NC_ ("users", "Expiring"),
  };

  /* Translators: which users are shown, and how many they are. */
  return g_strdup_printf (_ ("%s %u"), g_dpgettext2 (NULL, "users", labels[kind]),
                          sp_user_census_count (page->census, kind));
}

static void
on_census_changed (SpUsersPage *page)
{
  guint removed = sp_user_census_count (page->census, SP_USERS_REMOVED);
  /* Translators: how many users were removed in the last 30 days. */
  g_autofree char *text = g_strdup_printf (_ ("Removed in the Last 30 Days (%u)"), removed);

  for (SpUsersKind kind = 0; kind < SP_USERS_REMOVED; kind++)
    {
      g_autofree char *label = label_chip (page, kind);

      gtk_button_set_label (GTK_BUTTON (page->chip_of[kind]), label);
    }
  gtk_button_set_label (page->removed, text);
  gtk_widget_set_visible (GTK_WIDGET (page->removed), removed > 0);
  refilter (page);
}

static void
on_renamed (SpUsersPage *page)
{
  gtk_sorter_changed (page->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* --- selecting --- */

static gboolean
is_selecting (SpUsersPage *page)
{
  return gtk_toggle_button_get_active (page->select);
}

/* Of SpBusUser; new. */
static GPtrArray *
get_chosen (SpUsersPage *page)
{
  GPtrArray *users = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) chosen = gtk_selection_model_get_selection (page->shown);
  GtkBitsetIter next;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&next, chosen, &position); more;
       more = gtk_bitset_iter_next (&next, &position))
    g_ptr_array_add (users, g_list_model_get_item (G_LIST_MODEL (page->shown), position));
  return users;
}

static void
show_chosen (SpUsersPage *page)
{
  g_autoptr (GtkBitset) chosen = gtk_selection_model_get_selection (page->shown);
  guint n = (guint) gtk_bitset_get_size (chosen);
  g_autofree char *text = g_strdup_printf (ngettext ("%u selected", "%u selected", n), n);
  gboolean some = is_selecting (page) && n > 0;

  gtk_label_set_label (page->chosen, text);
  gtk_revealer_set_reveal_child (page->action_bar, is_selecting (page));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "users.turn-off", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "users.extend", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "users.remove", some);
}

static void
show_selection_of_rows (SpUsersPage *page)
{
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (page->list)); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *row = gtk_widget_get_first_child (item);

      if (row != NULL && SP_IS_USER_ROW (row))
        sp_user_row_set_selection (SP_USER_ROW (row), is_selecting (page),
                                   (gtk_widget_get_state_flags (item) & GTK_STATE_FLAG_SELECTED) !=
                                       0);
    }
}

static void
on_select_toggled (SpUsersPage *page)
{
  (void) gtk_selection_model_unselect_all (page->shown);
  if (is_selecting (page))
    gtk_widget_remove_css_class (GTK_WIDGET (page->list), "sp-quiet");
  else
    gtk_widget_add_css_class (GTK_WIDGET (page->list), "sp-quiet");
  show_selection_of_rows (page);
  show_chosen (page);
}

static void
on_selection_changed (SpUsersPage *page)
{
  show_chosen (page);
}

static void
on_items_changed (SpUsersPage *page)
{
  show_chosen (page);
  show_results (page);
}

/* A list stays where the rows are that it showed first, also when others come above them: whoever
 * did not scroll sees those. */
static void
stay_at_beginning (SpUsersPage *page)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (page->list));

  if (g_list_model_get_n_items (G_LIST_MODEL (page->shown)) > 0 &&
      gtk_adjustment_get_value (adjustment) <= gtk_adjustment_get_lower (adjustment))
    (void) gtk_widget_activate_action (GTK_WIDGET (page->list), "list.scroll-to-item", "u", 0);
}

static void
stop_selecting (SpUsersPage *page)
{
  gtk_toggle_button_set_active (page->select, FALSE);
}

static void
on_turn_off (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpUsersPage *page = SP_USERS_PAGE (widget);

  sp_user_batch_turn_off (widget, get_chosen (page));
  stop_selecting (page);
}

static void
on_extend (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpUsersPage *page = SP_USERS_PAGE (widget);

  sp_user_batch_extend (widget, get_chosen (page), g_variant_get_uint32 (parameter));
  stop_selecting (page);
}

static void
on_remove (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpUsersPage *page = SP_USERS_PAGE (widget);

  sp_user_batch_remove (widget, get_chosen (page));
  stop_selecting (page);
}

/* --- rows --- */

void
sp_users_page_open_user (SpUsersPage *page, SpBusUser *user)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (page));

  if (window != NULL && user != NULL)
    sp_window_push (window, sp_user_page_new (page->connection, page->census, user));
}

static void
on_activate (SpUsersPage *page, guint position)
{
  g_autoptr (SpBusUser) user = g_list_model_get_item (G_LIST_MODEL (page->shown), position);

  if (!is_selecting (page))
    sp_users_page_open_user (page, user);
  else if (gtk_selection_model_is_selected (page->shown, position))
    (void) gtk_selection_model_unselect_item (page->shown, position);
  else
    (void) gtk_selection_model_select_item (page->shown, position, FALSE);
}

static void
on_row_open (GtkListItem *item, SpUserRow *row)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (row), SP_TYPE_USERS_PAGE);

  if (page != NULL)
    sp_users_page_open_user (SP_USERS_PAGE (page), sp_user_row_get_user (row));
}

static void
on_row_pick (GtkListItem *item, gboolean selected, SpUserRow *row)
{
  GtkWidget *ancestor = gtk_widget_get_ancestor (GTK_WIDGET (row), SP_TYPE_USERS_PAGE);
  SpUsersPage *page = SP_USERS_PAGE (ancestor);
  guint position = gtk_list_item_get_position (item);

  if (!is_selecting (page))
    gtk_toggle_button_set_active (page->select, TRUE);
  if (selected)
    (void) gtk_selection_model_select_item (page->shown, position, FALSE);
  else
    (void) gtk_selection_model_unselect_item (page->shown, position);
}

static void
on_item_selected (GtkListItem *item, GParamSpec *property, SpUsersPage *page)
{
  sp_user_row_set_selection (SP_USER_ROW (gtk_list_item_get_child (item)), is_selecting (page),
                             gtk_list_item_get_selected (item));
}

static void
on_set_up (GtkListItemFactory *factory, GtkListItem *item, SpUsersPage *page)
{
  GtkWidget *row = sp_user_row_new ();

  (void) g_signal_connect_object (row, "open", G_CALLBACK (on_row_open), item, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (row, "pick", G_CALLBACK (on_row_pick), item, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (item, "notify::selected", G_CALLBACK (on_item_selected), page, 0);
  gtk_list_item_set_child (item, row);
}

static void
on_bind (GtkListItemFactory *factory, GtkListItem *item, SpUsersPage *page)
{
  SpUserRow *row = SP_USER_ROW (gtk_list_item_get_child (item));

  sp_user_row_set_user (row, page->census, gtk_list_item_get_item (item));
  sp_user_row_set_selection (row, is_selecting (page), gtk_list_item_get_selected (item));
}

static void
on_unbind (GtkListItemFactory *factory, GtkListItem *item, SpUsersPage *page)
{
  sp_user_row_set_user (SP_USER_ROW (gtk_list_item_get_child (item)), NULL, NULL);
}

static GtkListItemFactory *
create_factory (SpUsersPage *page)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  (void) g_signal_connect_object (factory, "setup", G_CALLBACK (on_set_up), page, 0);
  (void) g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), page, 0);
  (void) g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), page, 0);
  return factory;
}

/* --- searching --- */

static void
on_search_changed (SpUsersPage *page)
{
  g_free (page->wanted);
  page->wanted = sp_user_census_fold (gtk_editable_get_text (GTK_EDITABLE (page->search)));
  refilter (page);
}

static void
on_stop_search (SpUsersPage *page)
{
  gtk_editable_set_text (GTK_EDITABLE (page->search), "");
  (void) gtk_widget_grab_focus (GTK_WIDGET (page->list));
}

static void
on_chip (GtkToggleButton *chip, SpUsersPage *page)
{
  if (!gtk_toggle_button_get_active (chip))
    return;
  for (SpUsersKind kind = 0; kind < SP_USERS_REMOVED; kind++)
    if (page->chip_of[kind] == chip)
      page->kind = kind;
  refilter (page);
}

static void
create_chips (SpUsersPage *page)
{
  for (SpUsersKind kind = 0; kind < SP_USERS_REMOVED; kind++)
    {
      page->chip_of[kind] = GTK_TOGGLE_BUTTON (gtk_toggle_button_new ());
      if (kind != SP_USERS_ALL)
        gtk_toggle_button_set_group (page->chip_of[kind], page->chip_of[SP_USERS_ALL]);
      (void) g_signal_connect_object (page->chip_of[kind], "toggled", G_CALLBACK (on_chip), page,
                                      0);
      gtk_box_append (page->chips, GTK_WIDGET (page->chip_of[kind]));
    }
  gtk_toggle_button_set_active (page->chip_of[SP_USERS_ALL], TRUE);
}

/* --- the page --- */

static SpBusUser *
get_focused_user (SpUsersPage *page)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (page));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *row = focus != NULL && gtk_widget_get_parent (focus) == GTK_WIDGET (page->list)
                       ? gtk_widget_get_first_child (focus)
                       : NULL;

  return row != NULL && SP_IS_USER_ROW (row) ? sp_user_row_get_user (SP_USER_ROW (row)) : NULL;
}

static gboolean
on_delete (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  SpUsersPage *page = data;
  SpBusUser *user = get_focused_user (page);

  if (user != NULL)
    sp_user_remove (GTK_WIDGET (page), user);
  return user != NULL;
}

static void
on_show_removed (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpUsersPage *page = SP_USERS_PAGE (widget);

  sp_window_push (sp_window_of (widget),
                  sp_removed_users_page_new (page->connection, page->census));
}

void
sp_users_page_add_user (SpUsersPage *page)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (page));

  gtk_window_present (sp_add_user_dialog_new (GTK_WINDOW (root), page->connection));
}

void
sp_users_page_search (SpUsersPage *page)
{
  (void) gtk_widget_grab_focus (GTK_WIDGET (page->search));
}

static GListModel *
create_model (SpUsersPage *page, GListModel *users)
{
  GtkExpression *name = gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 0, NULL,
                                                     G_CALLBACK (name_for_sorting), NULL, NULL);
  GtkSortListModel *sorted;

  page->sorter = GTK_SORTER (gtk_string_sorter_new (name));
  page->filter = GTK_FILTER (gtk_custom_filter_new (fits, page, NULL));
  /* Sorted first, so that who is searched among ten thousand is not sorted anew, and some at a
   * time, so that the window draws meanwhile.  Filtered at once: some at a time, the list would be
   * empty first, and whoever scrolled be at its beginning, whenever anybody connects. */
  sorted = gtk_sort_list_model_new (g_object_ref (users), g_object_ref (page->sorter));
  gtk_sort_list_model_set_incremental (sorted, TRUE);
  return G_LIST_MODEL (
      gtk_filter_list_model_new (G_LIST_MODEL (sorted), g_object_ref (page->filter)));
}

void
sp_users_page_set_connection (SpUsersPage *page, SpServerConnection *connection)
{
  GListModel *users = G_LIST_MODEL (sp_server_connection_get_users (connection));
  g_autoptr (GtkListItemFactory) factory = create_factory (page);

  page->connection = g_object_ref (connection);
  page->census =
      sp_user_census_new (users, G_LIST_MODEL (sp_server_connection_get_sessions (connection)),
                          G_LIST_MODEL (sp_server_connection_get_devices (connection)));
  page->shown = GTK_SELECTION_MODEL (gtk_multi_selection_new (create_model (page, users)));
  (void) g_signal_connect_object (page->shown, "selection-changed",
                                  G_CALLBACK (on_selection_changed), page, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (page->shown, "items-changed", G_CALLBACK (on_items_changed), page,
                                  G_CONNECT_SWAPPED);
  /* After the list itself, which has the rows then. */
  (void) g_signal_connect_object (page->shown, "items-changed", G_CALLBACK (stay_at_beginning),
                                  page, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  (void) g_signal_connect_object (page->census, "changed", G_CALLBACK (on_census_changed), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (page->census, "renamed", G_CALLBACK (on_renamed), page,
                                  G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (page->list, factory);
  gtk_list_view_set_model (page->list, page->shown);
  create_chips (page);
  on_select_toggled (page);
  on_census_changed (page);
}

static void
sp_users_page_dispose (GObject *object)
{
  SpUsersPage *page = SP_USERS_PAGE (object);

  if (page->list != NULL)
    gtk_list_view_set_model (page->list, NULL);
  page->list = NULL;
  g_clear_object (&page->shown);
  g_clear_object (&page->filter);
  g_clear_object (&page->sorter);
  g_clear_object (&page->census);
  g_clear_object (&page->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_users_page_parent_class)->dispose (object);
}

static void
sp_users_page_finalize (GObject *object)
{
  g_free (SP_USERS_PAGE (object)->wanted);
  G_OBJECT_CLASS (sp_users_page_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, states);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, search);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, select);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, chips);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, results);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, list);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, nothing);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, removed);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, action_bar);
  gtk_widget_class_bind_template_child (widget_class, SpUsersPage, chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_select_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
sp_users_page_class_init (SpUsersPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_users_page_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_users_page_finalize;
  gtk_widget_class_install_action (widget_class, "users.turn-off", NULL, on_turn_off);
  gtk_widget_class_install_action (widget_class, "users.extend", "u", on_extend);
  gtk_widget_class_install_action (widget_class, "users.remove", NULL, on_remove);
  gtk_widget_class_install_action (widget_class, "users.show-removed", NULL, on_show_removed);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "users-page.ui");
  bind_children (widget_class);
}

static void
sp_users_page_init (SpUsersPage *page)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  page->wanted = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (page));
  sp_user_import_accept_drops (GTK_WIDGET (page));
  gtk_search_entry_set_key_capture_widget (page->search, GTK_WIDGET (page));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Delete, 0),
                        gtk_callback_action_new (on_delete, page, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (page->list), keys);
}
