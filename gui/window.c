/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window.h"

#include "base/names.h"
#include "client/unlock.h"

#include "activity-page.h"
#include "application.h"
#include "attention.h"
#include "banner.h"
#include "connection-page.h"
#include "failure.h"
#include "invite-dialog.h"
#include "navigation-stack.h"
#include "overview-page.h"
#include "remote-server.h"
#include "server-menu.h"
#include "settings-page.h"
#include "setup-dialog.h"
#include "user-import.h"
#include "users-page.h"
#include "welcome-page.h"

#include <glib/gi18n.h>

#define UNDO_SECONDS 10

struct _SpWindow
{
  AdwApplicationWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkStack *states;
  SpConnectionPage *connection_page;
  GtkWidget *welcome;
  SpNavigationStack *navigation;
  AdwViewSwitcherTitle *switcher_title;
  SpServerMenu *computers;
  GtkWidget *add_user;
  SpBanner *lost_banner;
  SpBanner *permission_banner;
  AdwViewStack *views;
  SpOverviewPage *overview;
  SpUsersPage *users;
  SpActivityPage *activity;
  SpSettingsPage *settings;
  SpServerConnection *connection;
  SpAttention *attention;
  gboolean welcomed; /* who was shown the way in needs not be shown it again */

  AdwToast *undo_toast; /* on the screen, or NULL */
  void (*undo) (SpWindow *window, gpointer data);
  gpointer undo_data;
  GDestroyNotify free_undo_data;
};

G_DEFINE_FINAL_TYPE (SpWindow, sp_window, ADW_TYPE_APPLICATION_WINDOW)

SpWindow *
sp_window_of (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  while (root != NULL && !SP_IS_WINDOW (root) && GTK_IS_WINDOW (root))
    root = GTK_ROOT (gtk_window_get_transient_for (GTK_WINDOW (root)));
  return SP_IS_WINDOW (root) ? SP_WINDOW (root) : NULL;
}

SpServerConnection *
sp_window_get_connection (SpWindow *window)
{
  return window->connection;
}

void
sp_window_push (SpWindow *window, SpSubpage *page)
{
  sp_navigation_stack_push (window->navigation, page);
}

void
sp_window_show_view (SpWindow *window, const char *view)
{
  sp_navigation_stack_pop_all (window->navigation);
  adw_view_stack_set_visible_child_name (window->views, view);
}

void
sp_window_show_user (SpWindow *window, SpBusUser *user)
{
  sp_users_page_open_user (window->users, user);
}

void
sp_window_show_blocked (SpWindow *window)
{
  sp_window_show_view (window, "activity");
  sp_activity_page_show (window->activity, "blocked");
}

void
sp_window_show_setting (SpWindow *window, const char *row)
{
  sp_window_show_view (window, "settings");
  sp_settings_page_show (window->settings, row);
}

void
sp_window_show_log (SpWindow *window)
{
  sp_window_show_view (window, "activity");
  sp_activity_page_show (window->activity, "log");
}

void
sp_window_say (SpWindow *window, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (window->toasts, adw_toast_new (markup));
}

static void
forget_undo (SpWindow *window)
{
  gpointer data = g_steal_pointer (&window->undo_data);

  window->undo = NULL;
  if (window->free_undo_data != NULL)
    window->free_undo_data (data);
  window->free_undo_data = NULL;
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "win.undo", FALSE);
}

static void
on_undo_dismissed (AdwToast *toast, SpWindow *window)
{
  if (window->undo_toast != toast)
    return;
  window->undo_toast = NULL;
  forget_undo (window);
}

static void
take_back (SpWindow *window)
{
  void (*undo) (SpWindow *, gpointer) = window->undo;
  AdwToast *toast = g_steal_pointer (&window->undo_toast);

  window->undo = NULL;
  if (undo != NULL)
    undo (window, window->undo_data);
  forget_undo (window);
  if (toast != NULL)
    adw_toast_dismiss (toast);
}

void
sp_window_offer_undo_by (SpWindow *window,
                         const char *text,
                         void (*undo) (SpWindow *window, gpointer data),
                         gpointer data,
                         GDestroyNotify free_data)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);
  AdwToast *before = g_steal_pointer (&window->undo_toast);

  if (before != NULL)
    adw_toast_dismiss (before);
  forget_undo (window);
  window->undo = undo;
  window->undo_data = data;
  window->free_undo_data = free_data;
  window->undo_toast = adw_toast_new (markup);
  adw_toast_set_button_label (window->undo_toast, _ ("Undo"));
  adw_toast_set_action_name (window->undo_toast, "win.undo");
  adw_toast_set_priority (window->undo_toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_timeout (window->undo_toast, UNDO_SECONDS);
  (void) g_signal_connect_object (window->undo_toast, "dismissed", G_CALLBACK (on_undo_dismissed),
                                  window, 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "win.undo", TRUE);
  adw_toast_overlay_add_toast (window->toasts, window->undo_toast);
}

static void
on_undone (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_undo_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (GTK_WIDGET (window), _ ("It could not be undone"), error);
}

static void
undo_by_token (SpWindow *window, gpointer token)
{
  sp_bus_server_call_undo (sp_server_connection_get_server (window->connection), token,
                           g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
                           SP_CALL_TIMEOUT, NULL, on_undone, g_object_ref (window));
}

void
sp_window_offer_undo (SpWindow *window, const char *text, const char *token)
{
  sp_window_offer_undo_by (window, text, undo_by_token, g_strdup (token), g_free);
}

void
sp_window_offer_undo_for (SpWindow *window, const char *text, const char *token, guint seconds)
{
  sp_window_offer_undo (window, text, token);
  sp_window_limit_undo (window, seconds);
}

void
sp_window_limit_undo (SpWindow *window, guint seconds)
{
  if (window->undo_toast != NULL)
    adw_toast_set_timeout (window->undo_toast, seconds);
}

void
sp_window_withdraw_undo (SpWindow *window, const char *token)
{
  AdwToast *toast;

  if (window->undo != undo_by_token || g_strcmp0 (window->undo_data, token) != 0)
    return;
  toast = g_steal_pointer (&window->undo_toast);
  forget_undo (window);
  if (toast != NULL)
    adw_toast_dismiss (toast);
}

static void
on_undo (GtkWidget *widget, const char *action, GVariant *parameter)
{
  take_back (SP_WINDOW (widget));
}

static GtkWidget *
find_active_tab (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (GTK_IS_TOGGLE_BUTTON (widget))
    return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (widget)) ? widget : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_active_tab (child);
  return found;
}

/* A tab that had the keyboard gives it to the one that is in front now. */
static void
move_focus_along (SpWindow *window)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  GtkWidget *tabs = focus != NULL ? gtk_widget_get_ancestor (focus, ADW_TYPE_VIEW_SWITCHER) : NULL;
  GtkWidget *tab = tabs != NULL ? find_active_tab (tabs) : NULL;

  if (tab != NULL)
    (void) gtk_widget_grab_focus (tab);
}

static void
on_show_view (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sp_window_show_view (SP_WINDOW (widget), g_variant_get_string (parameter, NULL));
  move_focus_along (SP_WINDOW (widget));
}

static void
on_go_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void) sp_navigation_stack_pop (SP_WINDOW (widget)->navigation);
}

static void
on_show_computers (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sp_server_menu_popup (SP_WINDOW (widget)->computers);
}

static void
on_add_user (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpWindow *window = SP_WINDOW (widget);

  sp_users_page_add_user (window->users);
}

static void
on_import_users (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sp_user_import_choose (SP_WINDOW (widget));
}

static void
on_search (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpWindow *window = SP_WINDOW (widget);

  sp_window_show_view (window, "users");
  sp_users_page_search (window->users);
}

static void
on_reconnect (SpWindow *window)
{
  sp_server_connection_open (window->connection);
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (!sp_unlock_finish (SP_SERVER_CONNECTION (source), result, &error))
    sp_failure_show (GTK_WIDGET (window), _ ("Nothing was unlocked"), error);
}

static void
on_copy_remedy (SpWindow *window)
{
  g_autofree char *remedy = sp_remote_server_get_remedy (window->connection);

  if (remedy == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (window)), remedy);
  sp_window_say (window, _ ("The command is copied"));
}

static void
on_permission_button (SpWindow *window)
{
  /* Somebody there did what the banner says; nothing there asks for a password. */
  if (sp_server_connection_is_remote (window->connection))
    sp_server_connection_reconnect (window->connection);
  else
    sp_unlock_async (window->connection, on_unlocked, g_object_ref (window));
}

static void
show_remedy (SpWindow *window, gboolean revealed)
{
  g_autofree char *remedy = sp_remote_server_get_remedy (window->connection);
  const char *account = sp_contact_get_account (sp_remote_server_get_contact (window->connection));
  g_autofree char *text = NULL;

  sp_banner_set_revealed (window->permission_banner, revealed && remedy != NULL);
  if (remedy == NULL)
    return;
  /* Translators: an account, the name of a computer, a command. */
  text = g_strdup_printf (_ ("Add %s to the group sallyport-admin on %s to change this server: %s"),
                          account, sp_server_connection_get_name (window->connection), remedy);
  sp_banner_set_title (window->permission_banner, text);
  sp_banner_set_button_label (window->permission_banner, _ ("_Try Again"));
  sp_banner_set_other_label (window->permission_banner, _ ("_Copy Command"));
}

static void
show_lock (SpWindow *window, gboolean ready, SpPermission may)
{
  gboolean locked =
      ready && may != SP_PERMISSION_NO && sp_unlock_is_called_for (window->connection);

  sp_banner_set_title (window->permission_banner,
                       locked
                           ? _ ("Changes need an administrator’s password.")
                           : _ ("You can look, but only an administrator can change this server."));
  sp_banner_set_button_label (window->permission_banner, locked ? _ ("_Unlock…") : "");
  sp_banner_set_revealed (window->permission_banner, locked || (ready && may == SP_PERMISSION_NO));
}

/* What nobody here may do is said once, above everything, and not by each button. */
static void
show_permissions (SpWindow *window)
{
  SpPermission may = sp_server_connection_get_permission (window->connection, "manage-users");
  gboolean ready = sp_server_connection_get_state (window->connection) == SP_CONNECTION_READY;

  if (sp_server_connection_is_remote (window->connection))
    show_remedy (window, ready && may != SP_PERMISSION_YES);
  else
    show_lock (window, ready, may);
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "win.add-user",
                                 ready && may != SP_PERMISSION_NO);
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "win.import-users",
                                 ready && may != SP_PERMISSION_NO);
}

static void
show_state (SpWindow *window)
{
  SpConnectionState state = sp_server_connection_get_state (window->connection);
  gboolean lost = state == SP_CONNECTION_LOST;
  gboolean shown = lost || state == SP_CONNECTION_READY;
  const char *page = shown ? "ready" : "connection";

  if (!window->welcomed && sp_welcome_page_is_called_for (window->connection))
    page = "welcome";
  /* Others may set it up meanwhile; who is in once stays in. */
  else if (shown)
    window->welcomed = TRUE;

  if (lost)
    {
      g_autofree char *text = g_strdup_printf (_ ("The connection to %s was lost. Reconnecting…"),
                                               sp_server_connection_get_name (window->connection));

      sp_banner_set_title (window->lost_banner, text);
    }
  sp_banner_set_revealed (window->lost_banner, lost);
  gtk_widget_set_sensitive (GTK_WIDGET (window->views), !lost);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (window->states), page) != 0)
    {
      gtk_stack_set_visible_child_name (window->states, page);
      if (g_str_equal (page, "welcome"))
        sp_welcome_page_take_focus (SP_WELCOME_PAGE (window->welcome));
    }
  show_permissions (window);
}

static void
on_skip (SpWindow *window)
{
  window->welcomed = TRUE;
  show_state (window);
}

static void
on_restore (SpWindow *window)
{
  on_skip (window);
  sp_window_show_view (window, "settings");
}

static void
on_set_up_done (SpWindow *window, const char *user)
{
  SpObjectList *users = sp_server_connection_get_users (window->connection);
  SpBusUser *first = sp_object_list_find (users, user);

  on_skip (window);
  sp_window_show_view (window, "users");
  if (first != NULL)
    gtk_window_present (sp_invite_dialog_new (GTK_WINDOW (window), window->connection, first));
}

static void
on_set_up (SpWindow *window)
{
  SpSetupDialog *dialog = sp_setup_dialog_new (GTK_WINDOW (window), window->connection);

  (void) g_signal_connect_object (dialog, "done", G_CALLBACK (on_set_up_done), window,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
sp_window_name_server (SpWindow *window, GtkWidget *dialog)
{
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  g_autofree char *where = NULL;
  g_autofree char *body = NULL;

  if (!sp_server_connection_is_remote (window->connection))
    return;
  /* Translators: the name of a computer, at the end of a question. */
  where = g_strdup_printf (_ ("This is about the server on %s."),
                           sp_server_connection_get_name (window->connection));
  body = g_strdup_printf ("%s\n\n%s", adw_message_dialog_get_body (message), where);
  adw_message_dialog_set_body (message, body);
}

/* The radio button of its own in the list of computers. */
static void
on_computer_chosen (GSimpleAction *action, GVariant *address, gpointer window)
{
  g_action_group_activate_action (G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (window))),
                                  "show-computer", address);
}

static void
add_computer_action (SpWindow *window)
{
  g_autofree char *address = sp_remote_server_get_address (window->connection);
  g_autoptr (GSimpleAction) action = g_simple_action_new_stateful (
      "computer", G_VARIANT_TYPE_STRING, g_variant_new_string (address));

  (void) g_signal_connect_object (action, "activate", G_CALLBACK (on_computer_chosen), window, 0);
  g_action_map_add_action (G_ACTION_MAP (window), G_ACTION (action));
}

static void
set_connection (SpWindow *window, SpServerConnection *connection)
{
  g_autofree char *title = NULL;

  window->connection = g_object_ref (connection);
  title = g_strdup_printf (_ ("%s — Sallyport"), sp_server_connection_get_name (connection));
  gtk_window_set_title (GTK_WINDOW (window), title);
  adw_view_switcher_title_set_subtitle (window->switcher_title,
                                        sp_server_connection_get_name (connection));
  sp_server_menu_set_connection (window->computers, connection);
  add_computer_action (window);
  sp_connection_page_set_connection (window->connection_page, connection);
  sp_overview_page_set_connection (window->overview, connection);
  sp_users_page_set_connection (window->users, connection);
  sp_activity_page_set_connection (window->activity, connection);
  sp_settings_page_set_connection (window->settings, connection);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (show_state), window,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_users (connection), "items-changed",
                                  G_CALLBACK (show_state), window, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_permissions),
                                  window, G_CONNECT_SWAPPED);
  window->attention = sp_attention_new (window->views, connection);
  show_state (window);
}

/* Its size is what the person left it at. */
static void
remember_size (SpWindow *window, SpPreferences *preferences)
{
  const GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  (void) g_object_bind_property (preferences, "window-width", window, "default-width", flags);
  (void) g_object_bind_property (preferences, "window-height", window, "default-height", flags);
  (void) g_object_bind_property (preferences, "window-maximized", window, "maximized", flags);
}

SpWindow *
sp_window_new (GtkApplication *application, SpServerConnection *connection)
{
  SpWindow *window = g_object_new (SP_TYPE_WINDOW, "application", application, NULL);

  if (SP_IS_APPLICATION (application))
    remember_size (window, sp_application_get_preferences (SP_APPLICATION (application)));
  set_connection (window, connection);
  return window;
}

static void
sp_window_dispose (GObject *object)
{
  SpWindow *window = SP_WINDOW (object);

  window->undo_toast = NULL;
  if (window->undo != NULL)
    forget_undo (window);
  g_clear_object (&window->attention);
  if (window->connection != NULL)
    sp_server_connection_close (window->connection);
  g_clear_object (&window->connection);
  G_OBJECT_CLASS (sp_window_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, on_undo);
  gtk_widget_class_install_action (widget_class, "win.show-view", "s", on_show_view);
  gtk_widget_class_install_action (widget_class, "win.go-back", NULL, on_go_back);
  gtk_widget_class_install_action (widget_class, "win.add-user", NULL, on_add_user);
  gtk_widget_class_install_action (widget_class, "win.import-users", NULL, on_import_users);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, on_search);
  gtk_widget_class_install_action (widget_class, "win.show-computers", NULL, on_show_computers);
}

static void
sp_window_class_init (SpWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_window_dispose;
  g_type_ensure (SP_TYPE_BANNER);
  g_type_ensure (SP_TYPE_CONNECTION_PAGE);
  g_type_ensure (SP_TYPE_NAVIGATION_STACK);
  g_type_ensure (SP_TYPE_OVERVIEW_PAGE);
  g_type_ensure (SP_TYPE_USERS_PAGE);
  g_type_ensure (SP_TYPE_ACTIVITY_PAGE);
  g_type_ensure (SP_TYPE_SETTINGS_PAGE);
  g_type_ensure (SP_TYPE_SERVER_MENU);
  g_type_ensure (SP_TYPE_WELCOME_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "window.ui");
  gtk_widget_class_bind_template_child (widget_class, SpWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, states);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, connection_page);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, welcome);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, navigation);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, computers);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, add_user);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, lost_banner);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, permission_banner);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, views);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, overview);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, users);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, activity);
  gtk_widget_class_bind_template_child (widget_class, SpWindow, settings);
  gtk_widget_class_bind_template_callback (widget_class, on_reconnect);
  gtk_widget_class_bind_template_callback (widget_class, on_permission_button);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_set_up);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_bind_template_callback (widget_class, on_skip);
  install_actions (widget_class);
}

static void
sp_window_init (SpWindow *window)
{
  gtk_widget_init_template (GTK_WIDGET (window));
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "win.undo", FALSE);
}
