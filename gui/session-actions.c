/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-actions.h"

#include "failure.h"
#include "session-details.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

#define HOUR (3600 * (gint64) G_USEC_PER_SEC)

/* The actions of one widget; lives as long as the group. */
typedef struct
{
  GtkWidget *widget; /* lent: the group is its */
  SpLiveSession *live;
  GSimpleActionGroup *group; /* lent */
  gulong handlers[2];
} Actions;

static GVariant *
create_options (const char *block, gint64 until)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "undo-window-s", g_variant_new_uint32 (SP_SESSION_UNDO));
  if (block != NULL)
    g_variant_builder_add (&options, "{sv}", "block", g_variant_new_string (block));
  if (until != 0)
    g_variant_builder_add (&options, "{sv}", "until", g_variant_new_uint64 ((guint64) until));
  return g_variant_builder_end (&options);
}

/* A call under way. */
typedef struct
{
  SpWindow *window;
  SpLiveSession *live;
  char *done; /* what is said when it worked */
} Call;

static void
free_call (Call *call)
{
  g_object_unref (call->window);
  g_object_unref (call->live);
  g_free (call->done);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, free_call)

static void
on_disconnected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  if (!sp_bus_session_call_disconnect_finish (SP_BUS_SESSION (source), &token, result, &error))
    {
      g_autofree char *title = sp_live_session_dup_title (call->live);
      g_autofree char *what = g_strdup_printf (_ ("%s could not be disconnected"), title);

      sp_failure_show (GTK_WIDGET (call->window), what, error);
      return;
    }
  sp_live_session_set_undo (call->live, token,
                            g_get_monotonic_time () + SP_SESSION_UNDO * G_USEC_PER_SEC);
  sp_window_offer_undo_for (call->window, call->done, token, SP_SESSION_UNDO);
}

/* Takes `done`. */
static void
disconnect (Actions *actions, const char *block, gint64 until, char *done)
{
  SpWindow *window = sp_window_of (actions->widget);
  Call *call;

  if (window == NULL)
    {
      g_free (done);
      return;
    }
  call = g_new0 (Call, 1);
  call->window = g_object_ref (window);
  call->live = g_object_ref (actions->live);
  call->done = done;
  sp_bus_session_call_disconnect (sp_live_session_get_session (actions->live),
                                  create_options (block, until), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                  NULL, on_disconnected, call);
}

static void
on_disconnect (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  g_autofree char *title = sp_live_session_dup_title (actions->live);

  disconnect (actions, NULL, 0, g_strdup_printf (_ ("%s was disconnected"), title));
}

static void
on_block (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  const char *block = g_variant_get_string (parameter, NULL);
  g_autofree char *title = sp_live_session_dup_title (actions->live);
  g_autofree char *address = sp_wording_address (
      sp_bus_session_get_remote_address (sp_live_session_get_session (actions->live)));

  if (g_str_equal (block, "address"))
    disconnect (actions, block, 0,
                g_strdup_printf (_ ("%s was disconnected, and %s blocked"), title, address));
  else
    disconnect (actions, block, 0, g_strdup_printf (_ ("%s was disconnected and blocked"), title));
}

/* The next midnight here, in microseconds since 1970. */
static gint64
find_tomorrow (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) later = g_date_time_add_days (now, 1);
  g_autoptr (GDateTime) midnight =
      g_date_time_new_local (g_date_time_get_year (later), g_date_time_get_month (later),
                             g_date_time_get_day_of_month (later), 0, 0, 0);

  return midnight != NULL ? g_date_time_to_unix (midnight) * G_USEC_PER_SEC
                          : g_get_real_time () + 24 * HOUR;
}

static void
on_pause (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  const char *how_long = g_variant_get_string (parameter, NULL);
  const char *person = sp_live_session_get_person (actions->live);

  if (g_str_equal (how_long, "hour"))
    disconnect (actions, "user", g_get_real_time () + HOUR,
                g_strdup_printf (_ ("%s is paused for 1 hour"), person));
  else if (g_str_equal (how_long, "day"))
    disconnect (actions, "user", find_tomorrow (),
                g_strdup_printf (_ ("%s is paused until tomorrow"), person));
  else
    disconnect (actions, "user", 0,
                g_strdup_printf (_ ("%s is turned off until you turn them on again"), person));
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
on_undo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  SpWindow *window = sp_window_of (actions->widget);
  const char *token = sp_live_session_get_undo_token (actions->live);

  if (window == NULL || token == NULL)
    return;
  sp_window_withdraw_undo (window, token);
  sp_bus_server_call_undo (
      sp_server_connection_get_server (sp_live_session_get_connection (actions->live)), token,
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
      on_undone, g_object_ref (window));
}

static void
on_show_user (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  SpWindow *window = sp_window_of (actions->widget);

  if (window != NULL)
    sp_window_show_user (window, sp_live_session_get_user (actions->live));
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Actions *actions = data;
  SpWindow *window = sp_window_of (actions->widget);
  g_autofree char *text = sp_session_details_create_text (actions->live);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (actions->widget), text);
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

static void
set_enabled (Actions *actions, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (actions->group), name)), enabled);
}

static void
show_possible (Actions *actions)
{
  SpServerConnection *connection = sp_live_session_get_connection (actions->live);
  gboolean may =
      sp_server_connection_get_permission (connection, "manage-sessions") != SP_PERMISSION_NO;
  gboolean open = may && !sp_live_session_has_ended (actions->live) &&
                  !sp_live_session_is_disconnecting (actions->live);

  set_enabled (actions, "disconnect", open);
  set_enabled (actions, "block", open);
  set_enabled (actions, "pause", open);
  set_enabled (actions, "undo", may && sp_live_session_get_undo_token (actions->live) != NULL);
  set_enabled (actions, "show-user", sp_live_session_get_user (actions->live) != NULL);
}

static void
free_actions (gpointer data, GObject *group)
{
  Actions *actions = data;

  g_signal_handler_disconnect (actions->live, actions->handlers[0]);
  g_signal_handler_disconnect (sp_live_session_get_connection (actions->live),
                               actions->handlers[1]);
  g_object_unref (actions->live);
  g_free (actions);
}

void
sp_session_actions_attach (GtkWidget *widget, SpLiveSession *live)
{
  const GActionEntry entries[] = {
    { .name = "disconnect", .activate = on_disconnect },
    { .name = "block", .activate = on_block, .parameter_type = "s" },
    { .name = "pause", .activate = on_pause, .parameter_type = "s" },
    { .name = "undo", .activate = on_undo },
    { .name = "show-user", .activate = on_show_user },
    { .name = "copy", .activate = on_copy },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  Actions *actions = g_new0 (Actions, 1);

  actions->widget = widget;
  actions->live = g_object_ref (live);
  actions->group = group;
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), actions);
  g_object_weak_ref (G_OBJECT (group), free_actions, actions);
  actions->handlers[0] =
      g_signal_connect_swapped (live, "changed", G_CALLBACK (show_possible), actions);
  actions->handlers[1] =
      g_signal_connect_swapped (sp_live_session_get_connection (live), "notify::permissions",
                                G_CALLBACK (show_possible), actions);
  show_possible (actions);
  gtk_widget_insert_action_group (widget, "session", G_ACTION_GROUP (group));
}

/* A name inside a label of a menu, where "_" would mark a key. */
static char *
escape_label (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}

static GMenuModel *
create_pauses (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("For 1 _Hour"), "session.pause::hour");
  g_menu_append (menu, _ ("Until _Tomorrow"), "session.pause::day");
  g_menu_append (menu, _ ("Until Turned _On Again"), "session.pause::open");
  return G_MENU_MODEL (menu);
}

static GMenuModel *
create_blocks (SpLiveSession *live)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenuModel) pauses = create_pauses ();
  g_autofree char *person = escape_label (sp_live_session_get_person (live));
  g_autofree char *address =
      sp_wording_address (sp_bus_session_get_remote_address (sp_live_session_get_session (live)));
  g_autofree char *pause = g_strdup_printf (_ ("Disconnect and _Pause %s"), person);
  g_autofree char *block = g_strdup_printf (_ ("Disconnect and Block _Address %s"), address);

  if (sp_live_session_get_device (live) != NULL)
    g_menu_append (menu, _ ("Disconnect and _Block Device"), "session.block::device");
  g_menu_append_submenu (menu, pause, pauses);
  g_menu_append (menu, block, "session.block::address");
  return G_MENU_MODEL (menu);
}

static GMenuModel *
create_looks (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("Show _User"), "session.show-user");
  g_menu_append (menu, _ ("_Copy Details"), "session.copy");
  return G_MENU_MODEL (menu);
}

GMenuModel *
sp_session_actions_create_menu (SpLiveSession *live)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) first = g_menu_new ();
  g_autoptr (GMenuModel) looks = create_looks ();

  g_menu_append (first, _ ("_Disconnect"), "session.disconnect");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
  if (sp_server_connection_has_feature (sp_live_session_get_connection (live), "blocks"))
    {
      g_autoptr (GMenuModel) blocks = create_blocks (live);

      /* The commonest surprise: it is only sent away. */
      g_menu_append_section (menu, _ ("It may connect again unless you block it"), blocks);
    }
  g_menu_append_section (menu, NULL, looks);
  return G_MENU_MODEL (menu);
}

static void
name_widget (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* Of the buttons that a split button is made of, the one of the menu has no word on it. */
static void
name_menu (AdwSplitButton *button, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (button)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      {
        name_widget (child, name);
        name_widget (gtk_widget_get_first_child (child), name);
      }
}

void
sp_session_actions_fill_button (AdwSplitButton *button, SpLiveSession *live)
{
  GtkPopover *popover = adw_split_button_get_popover (button);
  g_autofree char *title = sp_live_session_dup_title (live);
  g_autofree char *disconnect = g_strdup_printf (_ ("Disconnect %s"), title);
  g_autofree char *more = g_strdup_printf (_ ("More for %s"), title);
  g_autoptr (GMenuModel) menu = NULL;

  name_widget (GTK_WIDGET (button), disconnect);
  name_menu (button, more);
  adw_split_button_set_dropdown_tooltip (button, more);
  /* It names the person and the address, which may change; but not under the pointer. */
  if (popover != NULL && gtk_widget_get_mapped (GTK_WIDGET (popover)))
    return;
  menu = sp_session_actions_create_menu (live);
  adw_split_button_set_menu_model (button, menu);
}
