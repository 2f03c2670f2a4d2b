/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "removed-users-page.h"

#include "client/user-census.h"
#include "failure.h"
#include "user-change.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

#define KEPT_DAYS 30

struct _SpRemovedUsersPage
{
  SpSubpage parent_instance;
  SpUserCensus *census;
  GListModel *removed;
  GtkFilter *filter;
  GtkStack *states;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (SpRemovedUsersPage, sp_removed_users_page, SP_TYPE_SUBPAGE)

static gboolean
is_removed (gpointer user, gpointer data)
{
  return sp_bus_user_get_removed (user);
}

/* --- for good --- */

static void
on_purged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;

  if (sp_bus_user_call_purge_finish (SP_BUS_USER (source), result, &error))
    return;
  /* Translators: a person's name; why follows. */
  what = g_strdup_printf (_ ("%s was not deleted"), sp_user_get_shown_name (SP_BUS_USER (source)));
  sp_failure_show (near, what, error);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, SpBusUser *user)
{
  GtkWidget *page = g_object_get_data (G_OBJECT (dialog), "page");

  if (g_strcmp0 (response, "delete") == 0)
    sp_bus_user_call_purge (user, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_purged,
                            g_object_ref (page));
}

static void
ask (SpRemovedUsersPage *page, SpBusUser *user)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page)));
  /* Translators: a person's name. */
  g_autofree char *heading =
      g_strdup_printf (_ ("Delete %s Permanently?"), sp_user_get_shown_name (user));
  GtkWidget *dialog =
      adw_message_dialog_new (window, heading,
                              _ ("The devices of this user can never connect again with their "
                                 "certificates. This cannot be undone."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "delete",
                                    _ ("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  sp_window_name_server (sp_window_of (GTK_WIDGET (page)), dialog);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "page", g_object_ref (page), g_object_unref);
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), user, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- rows --- */

static SpBusUser *
get_user_of (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (gtk_widget_get_ancestor (button, ADW_TYPE_ACTION_ROW)),
                            "user");
}

static void
on_restore (GtkWidget *button, SpRemovedUsersPage *page)
{
  sp_user_restore (GTK_WIDGET (page), get_user_of (button));
}

static void
on_delete (GtkWidget *button, SpRemovedUsersPage *page)
{
  ask (page, get_user_of (button));
}

static void
add_button (AdwActionRow *row, const char *label, char *name, GCallback clicked, gpointer page)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  g_autofree char *taken = name;

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, taken,
                                  -1);
  (void) g_signal_connect_object (button, "clicked", clicked, page, 0);
  adw_action_row_add_suffix (row, button);
}

static char *
word_days_left (SpBusUser *user)
{
  gint64 gone = g_get_real_time () - (gint64) sp_bus_user_get_removed_at (user);
  gint64 days = KEPT_DAYS - gone / (24 * G_TIME_SPAN_HOUR);
  guint left = (guint) MAX (days, 0);
  g_autofree char *when = sp_wording_moment (sp_bus_user_get_removed_at (user));

  /* Translators: a moment, and for how many days there is a way back. */
  return g_strdup_printf (
      ngettext ("Removed: %s · kept for %u day", "Removed: %s · kept for %u days", left), when,
      left);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  SpBusUser *user = item;
  const char *name = sp_user_get_shown_name (user);
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *markup = g_markup_escape_text (name, -1);
  g_autofree char *subtitle = word_days_left (user);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), markup);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  g_object_set_data_full (G_OBJECT (row), "user", g_object_ref (user), g_object_unref);
  /* Translators: a person's name. */
  add_button (ADW_ACTION_ROW (row), C_ ("user", "Restore"),
              g_strdup_printf (_ ("Restore %s"), name), G_CALLBACK (on_restore), data);
  /* Translators: a person's name. */
  add_button (ADW_ACTION_ROW (row), _ ("Delete Now…"), g_strdup_printf (_ ("Delete %s Now"), name),
              G_CALLBACK (on_delete), data);
  return row;
}

static void
show_state (SpRemovedUsersPage *page)
{
  gtk_stack_set_visible_child_name (
      page->states, g_list_model_get_n_items (page->removed) > 0 ? "list" : "empty");
}

static void
on_changed (SpRemovedUsersPage *page)
{
  gtk_filter_changed (page->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static GtkWidget *
create_list (SpRemovedUsersPage *page)
{
  GtkWidget *preferences = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();

  page->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (page->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (page->list), "boxed-list");
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("Whoever is restored has everything back: password, devices and settings."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (page->list));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (preferences), ADW_PREFERENCES_GROUP (group));
  return preferences;
}

static GtkWidget *
create_content (SpRemovedUsersPage *page)
{
  GtkWidget *empty = adw_status_page_new ();

  page->states = GTK_STACK (gtk_stack_new ());
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (empty), "user-trash-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (empty), _ ("No One Was Removed"));
  (void) gtk_stack_add_named (page->states, create_list (page), "list");
  (void) gtk_stack_add_named (page->states, empty, "empty");
  return GTK_WIDGET (page->states);
}

SpSubpage *
sp_removed_users_page_new (SpServerConnection *connection, SpUserCensus *census)
{
  SpRemovedUsersPage *page =
      g_object_new (SP_TYPE_REMOVED_USERS_PAGE, "title", _ ("Removed in the Last 30 Days"), NULL);
  GListModel *users = G_LIST_MODEL (sp_server_connection_get_users (connection));

  g_object_set (page, "content", create_content (page), NULL);
  page->filter = GTK_FILTER (gtk_custom_filter_new (is_removed, NULL, NULL));
  page->removed =
      G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (users), g_object_ref (page->filter)));
  gtk_list_box_bind_model (page->list, page->removed, create_row, page, NULL);
  (void) g_signal_connect_object (page->removed, "items-changed", G_CALLBACK (show_state), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (census, "changed", G_CALLBACK (on_changed), page,
                                  G_CONNECT_SWAPPED);
  page->census = g_object_ref (census);
  show_state (page);
  return SP_SUBPAGE (page);
}

static void
sp_removed_users_page_dispose (GObject *object)
{
  SpRemovedUsersPage *page = SP_REMOVED_USERS_PAGE (object);

  if (page->list != NULL)
    gtk_list_box_bind_model (page->list, NULL, NULL, NULL, NULL);
  page->list = NULL;
  g_clear_object (&page->removed);
  g_clear_object (&page->filter);
  g_clear_object (&page->census);
  G_OBJECT_CLASS (sp_removed_users_page_parent_class)->dispose (object);
}

static void
sp_removed_users_page_class_init (SpRemovedUsersPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_removed_users_page_dispose;
}

static void
sp_removed_users_page_init (SpRemovedUsersPage *page)
{
}
