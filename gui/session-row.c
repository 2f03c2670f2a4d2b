/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-row.h"

#include "base/names.h"
#include "client/format.h"

#include "countdown.h"
#include "fold-layout.h"
#include "session-actions.h"
#include "sparkline.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpSessionRow
{
  AdwBin parent_instance;
  GtkCheckButton *check;
  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *rates_box;
  SpSparkline *sparkline;
  GtkLabel *rates;
  AdwSplitButton *button;
  GtkWidget *leaving;
  SpCountdown *countdown;
  GtkButton *undo;
  GtkPopoverMenu *menu; /* at the pointer; made when it is asked for */
  SpLiveSession *live;
  gboolean pickable;
  gboolean selecting;
  gboolean showing; /* the check what is selected, instead of somebody the check */
};

G_DEFINE_FINAL_TYPE (SpSessionRow, sp_session_row, ADW_TYPE_BIN)

SpLiveSession *
sp_session_row_get_session (SpSessionRow *row)
{
  return row->live;
}

/* "203.0.113.7 · 10.10.0.12 · 14 min · fast (UDP)" */
static char *
create_subtitle (SpLiveSession *live)
{
  SpBusSession *session = sp_live_session_get_session (live);
  g_auto (GStrv) inside = sp_bus_session_dup_addresses (session);
  g_autofree char *address = sp_wording_address (sp_bus_session_get_remote_address (session));
  guint64 begin = sp_bus_session_get_connected_at (session);
  guint64 now = (guint64) g_get_real_time ();
  g_autofree char *since = sp_format_duration (now > begin ? (now - begin) / G_USEC_PER_SEC : 0);
  const char *transport = sp_wording_transport (sp_bus_session_get_transport (session));

  if (inside != NULL && inside[0] != NULL)
    return g_strjoin (" · ", inside[0], address, since, transport, NULL);
  return g_strjoin (" · ", address, since, transport, NULL);
}

static void
show_rates (SpSessionRow *row)
{
  SpTrafficRate rate = sp_traffic_meter_get_rate (sp_live_session_get_meter (row->live));
  g_autofree char *rates = sp_format_rates (rate.down, rate.up);
  g_autofree char *subtitle = create_subtitle (row->live);

  gtk_label_set_label (row->rates, rates);
  gtk_label_set_label (row->subtitle, subtitle);
}

static void
show_leaving (SpSessionRow *row)
{
  gboolean leaving = sp_live_session_is_disconnecting (row->live);
  const char *token = sp_live_session_get_undo_token (row->live);

  gtk_widget_set_visible (row->leaving, leaving);
  gtk_widget_set_visible (row->rates_box, !leaving);
  gtk_widget_set_visible (GTK_WIDGET (row->button), !leaving && !row->selecting);
  gtk_widget_set_visible (GTK_WIDGET (row->undo), token != NULL);
  gtk_widget_set_visible (GTK_WIDGET (row->countdown), token != NULL);
  sp_countdown_run (row->countdown, token != NULL ? sp_live_session_get_undo_until (row->live) : 0,
                    SP_SESSION_UNDO * G_USEC_PER_SEC);
  if (leaving)
    gtk_widget_add_css_class (GTK_WIDGET (row->avatar), "dim-label");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row->avatar), "dim-label");
}

static void
show_facts (SpSessionRow *row)
{
  g_autofree char *title = sp_live_session_dup_title (row->live);
  g_autofree char *undo = g_strdup_printf (_ ("Let %s go on"), title);
  /* Translators: a person, and a device; names a check box. */
  g_autofree char *select = g_strdup_printf (_ ("Select %s"), title);

  adw_avatar_set_text (row->avatar, sp_live_session_get_person (row->live));
  gtk_label_set_label (row->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->title), title);
  sp_session_actions_fill_button (row->button, row->live);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->undo), GTK_ACCESSIBLE_PROPERTY_LABEL, undo,
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  select, -1);
  show_rates (row);
  show_leaving (row);
}

static void
forget_session (SpSessionRow *row)
{
  if (row->live == NULL)
    return;
  (void) g_signal_handlers_disconnect_by_data (row->live, row);
  (void) g_signal_handlers_disconnect_by_data (sp_live_session_get_meter (row->live), row);
  sp_sparkline_set_meter (row->sparkline, NULL);
  gtk_widget_insert_action_group (GTK_WIDGET (row), "session", NULL);
  g_clear_object (&row->live);
}

void
sp_session_row_set_session (SpSessionRow *row, SpLiveSession *live)
{
  forget_session (row);
  if (live == NULL)
    return;
  row->live = g_object_ref (live);
  (void) g_signal_connect_swapped (live, "changed", G_CALLBACK (show_facts), row);
  (void) g_signal_connect_swapped (sp_live_session_get_meter (live), "changed",
                                   G_CALLBACK (show_rates), row);
  sp_sparkline_set_meter (row->sparkline, sp_live_session_get_meter (live));
  sp_session_actions_attach (GTK_WIDGET (row), live);
  show_facts (row);
}

void
sp_session_row_set_selection (SpSessionRow *row, gboolean selecting, gboolean selected)
{
  row->pickable = TRUE;
  row->selecting = selecting;
  gtk_widget_set_visible (GTK_WIDGET (row->check), selecting);
  row->showing = TRUE;
  gtk_check_button_set_active (row->check, selected);
  row->showing = FALSE;
  if (row->live != NULL)
    show_leaving (row);
}

/* By the keyboard; the pointer has the whole row. */
static void
on_toggled (GtkCheckButton *check, SpSessionRow *row)
{
  if (!row->showing)
    g_signal_emit_by_name (row, "pick", gtk_check_button_get_active (check));
}

/* Before the list has it, which would open the row. */
static void
on_picked (GtkGestureClick *gesture, int count, double x, double y, SpSessionRow *row)
{
  GdkModifierType keys =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  if (!row->pickable || (!row->selecting && (keys & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0))
    return;
  (void) gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  g_signal_emit_by_name (row, "pick", !gtk_check_button_get_active (row->check));
}

static void
open_menu (SpSessionRow *row, double x, double y)
{
  g_autoptr (GMenuModel) menu = NULL;

  if (row->live == NULL)
    return;
  menu = sp_session_actions_create_menu (row->live);
  if (row->menu == NULL)
    {
      row->menu = GTK_POPOVER_MENU (gtk_popover_menu_new_from_model (menu));
      gtk_popover_set_has_arrow (GTK_POPOVER (row->menu), FALSE);
      gtk_widget_set_halign (GTK_WIDGET (row->menu), GTK_ALIGN_START);
      gtk_widget_set_parent (GTK_WIDGET (row->menu), GTK_WIDGET (row));
    }
  gtk_popover_menu_set_menu_model (row->menu, menu);
  gtk_popover_set_pointing_to (GTK_POPOVER (row->menu), &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (row->menu));
}

static void
on_pressed (GtkGestureClick *gesture, int count, double x, double y, SpSessionRow *row)
{
  (void) gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (row, x, y);
}

static void
on_long_press (GtkGestureLongPress *gesture, double x, double y, SpSessionRow *row)
{
  open_menu (row, x, y);
}

static gboolean
on_menu_key (GtkWidget *holder, GVariant *arguments, gpointer data)
{
  GtkWidget *row = data;

  open_menu (SP_SESSION_ROW (row), gtk_widget_get_width (row) / 2.0, gtk_widget_get_height (row));
  return TRUE;
}

static gboolean
on_delete_key (GtkWidget *holder, GVariant *arguments, gpointer data)
{
  return gtk_widget_activate_action (data, "session.disconnect", NULL);
}

GtkEventController *
sp_session_row_add_keys (SpSessionRow *row, GtkWidget *holder)
{
  const struct
  {
    const char *trigger;
    GtkShortcutFunc function;
  } keys[] = {
    { "Menu|<Shift>F10", on_menu_key },
    { "Delete|KP_Delete", on_delete_key },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i].trigger),
                          gtk_callback_action_new (keys[i].function, row, NULL)));
  gtk_widget_add_controller (holder, controller);
  return controller;
}

GtkWidget *
sp_session_row_new (void)
{
  return g_object_new (SP_TYPE_SESSION_ROW, NULL);
}

static void
sp_session_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  SpSessionRow *row = SP_SESSION_ROW (widget);

  GTK_WIDGET_CLASS (sp_session_row_parent_class)->size_allocate (widget, width, height, baseline);
  if (row->menu != NULL)
    gtk_popover_present (GTK_POPOVER (row->menu));
}

static void
sp_session_row_dispose (GObject *object)
{
  SpSessionRow *row = SP_SESSION_ROW (object);

  forget_session (row);
  if (row->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&row->menu)));
  adw_bin_set_child (ADW_BIN (row), NULL);
  G_OBJECT_CLASS (sp_session_row_parent_class)->dispose (object);
}

static void
sp_session_row_class_init (SpSessionRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_session_row_dispose;
  widget_class->size_allocate = sp_session_row_size_allocate;
  g_type_ensure (SP_TYPE_COUNTDOWN);
  g_type_ensure (SP_TYPE_FOLD_LAYOUT);
  g_type_ensure (SP_TYPE_SPARKLINE);
  (void) g_signal_new ("pick", SP_TYPE_SESSION_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "session-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, check);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, title);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, rates_box);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, sparkline);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, rates);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, button);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, leaving);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, countdown);
  gtk_widget_class_bind_template_child (widget_class, SpSessionRow, undo);
  gtk_widget_class_bind_template_callback (widget_class, on_pressed);
  gtk_widget_class_bind_template_callback (widget_class, on_long_press);
  gtk_widget_class_bind_template_callback (widget_class, on_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
}

static void
sp_session_row_init (SpSessionRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}
