/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "standing-row.h"

#include "base/names.h"

struct _SpStandingRow
{
  AdwActionRow parent_instance;
  GtkStack *mark;
  GtkImage *idle;
  GtkButton *act;
};

enum
{
  PROP_IDLE_ICON = 1,
};

G_DEFINE_FINAL_TYPE (SpStandingRow, sp_standing_row, ADW_TYPE_ACTION_ROW)

void
sp_standing_row_show (SpStandingRow *row, SpStanding standing, const char *title, const char *text)
{
  static const char *const marks[] = { [SP_STANDING_IDLE] = "idle",
                                       [SP_STANDING_BUSY] = "busy",
                                       [SP_STANDING_GOOD] = "good",
                                       [SP_STANDING_BAD] = "bad" };

  gtk_stack_set_visible_child_name (row->mark, marks[standing]);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
}

void
sp_standing_row_offer (SpStandingRow *row, const char *label, const char *spoken)
{
  gtk_widget_set_visible (GTK_WIDGET (row->act), label != NULL);
  if (label == NULL)
    return;
  gtk_button_set_label (row->act, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->act), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}

void
sp_standing_row_allow (SpStandingRow *row, gboolean allowed)
{
  gtk_widget_set_sensitive (GTK_WIDGET (row->act), allowed);
}

static void
on_act (SpStandingRow *row)
{
  g_signal_emit_by_name (row, "act");
}

static void
sp_standing_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_IDLE_ICON)
    gtk_image_set_from_icon_name (SP_STANDING_ROW (object)->idle, g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
sp_standing_row_class_init (SpStandingRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->set_property = sp_standing_row_set_property;
  g_object_class_install_property (G_OBJECT_CLASS (class), PROP_IDLE_ICON,
                                   g_param_spec_string ("idle-icon", NULL, NULL, NULL,
                                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  (void) g_signal_new ("act", SP_TYPE_STANDING_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "standing-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SpStandingRow, mark);
  gtk_widget_class_bind_template_child (widget_class, SpStandingRow, idle);
  gtk_widget_class_bind_template_child (widget_class, SpStandingRow, act);
  gtk_widget_class_bind_template_callback (widget_class, on_act);
}

static void
sp_standing_row_init (SpStandingRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}
