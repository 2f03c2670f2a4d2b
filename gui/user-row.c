/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-row.h"

#include "base/names.h"
#include "server-switch.h"
#include "user-change.h"
#include "user-wording.h"

#include <glib/gi18n.h>

struct _SpUserRow
{
  AdwBin parent_instance;
  GtkCheckButton *check;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *status;
  GtkLabel *connected;
  GtkLabel *used;
  GtkSwitch *enabled;
  SpUserCensus *census;
  SpBusUser *user;
  gboolean selecting;
  gboolean showing; /* the check what is selected, instead of somebody the check */
};

G_DEFINE_FINAL_TYPE (SpUserRow, sp_user_row, ADW_TYPE_BIN)

static char *
name_switch (SpUserRow *row)
{
  /* Translators: a person's name; names a switch. */
  return g_strdup_printf (_ ("%s may connect"), sp_user_get_shown_name (row->user));
}

static void
name_check (SpUserRow *row)
{
  /* Translators: a person's name; names a check box. */
  g_autofree char *select = g_strdup_printf (_ ("Select %s"), sp_user_get_shown_name (row->user));

  gtk_accessible_update_property (GTK_ACCESSIBLE (row->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  select, -1);
}

/* Of what is told here, assistive technology hears each time; a jump in a long list binds two
 * hundred rows at once, so nothing is told that nobody sees. */
static void
name_things (SpUserRow *row)
{
  const char *name = sp_user_get_shown_name (row->user);
  g_autofree char *may = name_switch (row);

  adw_avatar_set_text (row->avatar, name);
  gtk_label_set_label (row->name, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->enabled), GTK_ACCESSIBLE_PROPERTY_LABEL, may,
                                  -1);
  if (row->selecting)
    name_check (row);
}

/* Made when it is looked at. */
static gboolean
on_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, SpUserRow *row)
{
  g_autofree char *may = row->user != NULL ? name_switch (row) : NULL;

  gtk_tooltip_set_text (tooltip, may);
  return may != NULL;
}

static void
word_sessions (SpUserRow *row, guint sessions)
{
  g_autofree char *short_text = g_strdup_printf ("● %u", sessions);
  /* Translators: how many devices of somebody are connected. */
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u device connected", "%u devices connected", sessions), sessions);

  gtk_label_set_label (row->connected, short_text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->connected), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->connected), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

static void
show_sessions (SpUserRow *row)
{
  guint sessions = sp_user_census_count_sessions (row->census, row->user);

  gtk_widget_set_visible (GTK_WIDGET (row->connected), sessions > 0);
  if (sessions > 0)
    word_sessions (row, sessions);
}

static void
show_user (SpUserRow *row)
{
  g_autofree char *status = sp_user_wording_status (row->user);
  g_autofree char *used = g_format_size (sp_bus_user_get_used (row->user));

  name_things (row);
  gtk_label_set_label (row->status, status[0] != '\0' ? status : sp_bus_user_get_login (row->user));
  gtk_widget_set_visible (
      GTK_WIDGET (row->status),
      g_strcmp0 (gtk_label_get_label (row->status), gtk_label_get_label (row->name)) != 0);
  gtk_label_set_label (row->used, sp_bus_user_get_used (row->user) > 0 ? used : "");
  sp_server_switch_show (row->enabled, sp_bus_user_get_enabled (row->user));
  show_sessions (row);
}

static void
on_answered (GtkWidget *near, gboolean done)
{
  SpUserRow *row = SP_USER_ROW (near);

  if (row->user != NULL && !done)
    show_user (row);
}

static void
on_switched (GtkWidget *owner, gboolean wanted)
{
  SpUserRow *row = SP_USER_ROW (owner);

  if (row->user != NULL)
    sp_user_enable (owner, row->user, wanted, on_answered);
}

static void
forget (SpUserRow *row)
{
  if (row->user != NULL)
    (void) g_signal_handlers_disconnect_by_data (row->user, row);
  if (row->census != NULL)
    (void) g_signal_handlers_disconnect_by_data (row->census, row);
  g_clear_object (&row->user);
  g_clear_object (&row->census);
}

void
sp_user_row_set_user (SpUserRow *row, SpUserCensus *census, SpBusUser *user)
{
  forget (row);
  if (user == NULL)
    return;
  row->user = g_object_ref (user);
  row->census = g_object_ref (census);
  (void) g_signal_connect_object (user, "notify", G_CALLBACK (show_user), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (census, "changed", G_CALLBACK (show_user), row,
                                  G_CONNECT_SWAPPED);
  show_user (row);
}

SpBusUser *
sp_user_row_get_user (SpUserRow *row)
{
  return row->user;
}

void
sp_user_row_set_selection (SpUserRow *row, gboolean selecting, gboolean selected)
{
  row->selecting = selecting;
  gtk_widget_set_visible (GTK_WIDGET (row->check), selecting);
  gtk_widget_set_visible (GTK_WIDGET (row->enabled), !selecting);
  row->showing = TRUE;
  gtk_check_button_set_active (row->check, selected);
  row->showing = FALSE;
  if (selecting && row->user != NULL)
    name_check (row);
}

/* By the keyboard; the pointer has the whole row. */
static void
on_toggled (GtkCheckButton *check, SpUserRow *row)
{
  if (!row->showing)
    g_signal_emit_by_name (row, "pick", gtk_check_button_get_active (check));
}

/* Where a click on the list would select, here it opens. */
static void
on_released (GtkGestureClick *gesture, int count, double x, double y, SpUserRow *row)
{
  GdkModifierType keys =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  GtkWidget *hit = gtk_widget_pick (GTK_WIDGET (row), x, y, GTK_PICK_DEFAULT);
  gboolean pick = row->selecting || (keys & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0;

  if (hit == NULL || (!pick && gtk_widget_is_ancestor (hit, GTK_WIDGET (row->enabled))) ||
      (!pick && hit == GTK_WIDGET (row->enabled)))
    return;
  (void) gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (pick)
    g_signal_emit_by_name (row, "pick", !gtk_check_button_get_active (row->check));
  else
    g_signal_emit_by_name (row, "open");
}

GtkWidget *
sp_user_row_new (void)
{
  return g_object_new (SP_TYPE_USER_ROW, NULL);
}

static void
sp_user_row_dispose (GObject *object)
{
  forget (SP_USER_ROW (object));
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_user_row_parent_class)->dispose (object);
}

static void
sp_user_row_class_init (SpUserRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_user_row_dispose;
  (void) g_signal_new ("open", SP_TYPE_USER_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("pick", SP_TYPE_USER_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "user-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, check);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, name);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, status);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, connected);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, used);
  gtk_widget_class_bind_template_child (widget_class, SpUserRow, enabled);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
}

static void
sp_user_row_init (SpUserRow *row)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_init_template (GTK_WIDGET (row));
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->used), _ ("Traffic This Month"));
  (void) g_signal_connect (row->enabled, "query-tooltip", G_CALLBACK (on_query_tooltip), row);
  sp_server_switch_set_up (row->enabled, GTK_WIDGET (row), on_switched);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_PRIMARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  (void) g_signal_connect (click, "released", G_CALLBACK (on_released), row);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (click));
}
