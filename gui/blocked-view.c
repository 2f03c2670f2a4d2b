/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocked-view.h"

#include "base/names.h"
#include "block-dialog.h"
#include "failure.h"
#include "penalty-group.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpBlockedView
{
  AdwBin parent_instance;
  GtkStack *stack;
  AdwPreferencesGroup *blocked;
  GtkListBox *list;
  SpPenaltyGroup *penalties;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpBlockedView, sp_blocked_view, ADW_TYPE_BIN)

static void
on_lifted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) button = data;
  g_autoptr (GError) error = NULL;

  gtk_widget_set_sensitive (button, TRUE);
  if (!sp_bus_ban_call_lift_finish (SP_BUS_BAN (source), result, &error))
    sp_failure_show (button, _ ("It stays blocked"), error);
}

static void
on_unblock (GtkWidget *button, SpBusBan *ban)
{
  gtk_widget_set_sensitive (button, FALSE);
  sp_bus_ban_call_lift (ban, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
                        SP_CALL_TIMEOUT, NULL, on_lifted, g_object_ref (button));
}

/* "5 wrong passwords · until 14:30" */
static char *
word_ban (SpBusBan *ban)
{
  const char *reason = sp_bus_ban_get_reason (ban);
  guint64 until = sp_bus_ban_get_until (ban);
  g_autofree char *moment = until != 0 ? sp_wording_moment (until) : NULL;
  g_autofree char *end = moment != NULL ? g_strdup_printf (_ ("until %s"), moment)
                                        : g_strdup (_ ("until you unblock it"));

  return reason != NULL && reason[0] != '\0' ? g_strdup_printf ("%s · %s", reason, end)
                                             : g_steal_pointer (&end);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  SpBusBan *ban = item;
  const char *address = sp_bus_ban_get_address (ban);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Unblock"));
  g_autofree char *name = g_strdup_printf (_ ("Unblock %s"), address);
  g_autofree char *words = word_ban (ban);
  g_autofree char *subtitle = g_markup_escape_text (words, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), address);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (on_unblock), ban, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
show_stack (SpBlockedView *view)
{
  GListModel *bans = G_LIST_MODEL (sp_server_connection_get_bans (view->connection));

  gboolean none = g_list_model_get_n_items (bans) == 0;

  gtk_widget_set_visible (GTK_WIDGET (view->list), !none);
  adw_preferences_group_set_description (view->blocked, none ? _ ("No one is blocked.")
                                                             : _ ("Nobody is let in from there."));
  gtk_stack_set_visible_child_name (
      view->stack,
      none && !gtk_widget_get_visible (GTK_WIDGET (view->penalties)) ? "empty" : "list");
}

static void
show_permission (SpBlockedView *view)
{
  SpPermission may = sp_server_connection_get_permission (view->connection, "manage-sessions");

  gtk_widget_action_set_enabled (GTK_WIDGET (view), "blocked.add", may != SP_PERMISSION_NO);
  gtk_widget_set_sensitive (GTK_WIDGET (view->list), may != SP_PERMISSION_NO);
}

static void
on_add (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpBlockedView *view = SP_BLOCKED_VIEW (widget);

  gtk_window_present (GTK_WINDOW (
      sp_block_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), view->connection)));
}

void
sp_blocked_view_set_connection (SpBlockedView *view, SpServerConnection *connection)
{
  GListModel *bans = G_LIST_MODEL (sp_server_connection_get_bans (connection));

  g_set_object (&view->connection, connection);
  sp_penalty_group_set_connection (view->penalties, connection);
  gtk_list_box_bind_model (view->list, bans, create_row, NULL, NULL);
  (void) g_signal_connect_object (bans, "items-changed", G_CALLBACK (show_stack), view,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_permission),
                                  view, G_CONNECT_SWAPPED);
  show_stack (view);
  show_permission (view);
}

static void
sp_blocked_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sp_blocked_view_parent_class)->map (widget);
  sp_penalty_group_set_active (SP_BLOCKED_VIEW (widget)->penalties, TRUE);
}

static void
sp_blocked_view_unmap (GtkWidget *widget)
{
  sp_penalty_group_set_active (SP_BLOCKED_VIEW (widget)->penalties, FALSE);
  GTK_WIDGET_CLASS (sp_blocked_view_parent_class)->unmap (widget);
}

static void
on_penalties_shown (SpBlockedView *view)
{
  if (view->connection != NULL)
    show_stack (view);
}

static void
sp_blocked_view_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  g_clear_object (&SP_BLOCKED_VIEW (object)->connection);
  G_OBJECT_CLASS (sp_blocked_view_parent_class)->dispose (object);
}

static void
sp_blocked_view_class_init (SpBlockedViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_blocked_view_dispose;
  widget_class->map = sp_blocked_view_map;
  widget_class->unmap = sp_blocked_view_unmap;
  g_type_ensure (SP_TYPE_PENALTY_GROUP);
  gtk_widget_class_install_action (widget_class, "blocked.add", NULL, on_add);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "blocked-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SpBlockedView, stack);
  gtk_widget_class_bind_template_child (widget_class, SpBlockedView, list);
  gtk_widget_class_bind_template_child (widget_class, SpBlockedView, blocked);
  gtk_widget_class_bind_template_child (widget_class, SpBlockedView, penalties);
  gtk_widget_class_bind_template_callback (widget_class, on_penalties_shown);
}

static void
sp_blocked_view_init (SpBlockedView *view)
{
  gtk_widget_init_template (GTK_WIDGET (view));
}
