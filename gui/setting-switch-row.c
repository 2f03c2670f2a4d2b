/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-switch-row.h"

#include "failure.h"
#include "setting-link.h"

#include <glib/gi18n.h>

struct _SpSettingSwitchRow
{
  AdwActionRow parent_instance;
  GtkSwitch *toggle;
  SpSettingLink *link;
  char *name;
  char *on_word;
  char *off_word;
  gboolean showing; /* the switch is being set to what the server has */
};

enum
{
  PROP_SETTING_NAME = 1,
  PROP_ON_WORD,
  PROP_OFF_WORD,
};

G_DEFINE_FINAL_TYPE (SpSettingSwitchRow, sp_setting_switch_row, ADW_TYPE_ACTION_ROW)

static void
show (SpSettingSwitchRow *row)
{
  gboolean on = g_strcmp0 (sp_setting_link_get_value (row->link), row->on_word) == 0;

  gtk_widget_set_sensitive (GTK_WIDGET (row->toggle), sp_setting_link_is_editable (row->link));
  if (sp_setting_link_is_pending (row->link))
    return;
  row->showing = TRUE;
  gtk_switch_set_active (row->toggle, on);
  gtk_switch_set_state (row->toggle, on);
  row->showing = FALSE;
}

static void
on_refused (SpSettingSwitchRow *row, const char *words)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  g_autofree char *what = g_strdup_printf (_ ("%s was not changed"), title);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, words);

  sp_failure_show (GTK_WIDGET (row), what, error);
}

static gboolean
on_state_set (GtkSwitch *toggle, gboolean on, SpSettingSwitchRow *row)
{
  if (row->showing || row->link == NULL)
    return FALSE;
  sp_setting_link_change (row->link, on ? row->on_word : row->off_word,
                          adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
  return TRUE;
}

void
sp_setting_switch_row_bind (SpSettingSwitchRow *row, SpSettingList *list)
{
  g_clear_object (&row->link);
  row->link = sp_setting_link_new (GTK_WIDGET (row), list, row->name);
  (void) g_signal_connect_object (row->link, "changed", G_CALLBACK (show), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (row->link, "refused", G_CALLBACK (on_refused), row,
                                  G_CONNECT_SWAPPED);
  show (row);
}

static void
sp_setting_switch_row_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *spec)
{
  SpSettingSwitchRow *row = SP_SETTING_SWITCH_ROW (object);
  char **texts[] = {
    [PROP_SETTING_NAME] = &row->name,
    [PROP_ON_WORD] = &row->on_word,
    [PROP_OFF_WORD] = &row->off_word,
  };

  if (id == 0 || id >= G_N_ELEMENTS (texts))
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  g_free (*texts[id]);
  *texts[id] = g_value_dup_string (value);
}

static void
sp_setting_switch_row_dispose (GObject *object)
{
  g_clear_object (&SP_SETTING_SWITCH_ROW (object)->link);
  G_OBJECT_CLASS (sp_setting_switch_row_parent_class)->dispose (object);
}

static void
sp_setting_switch_row_finalize (GObject *object)
{
  SpSettingSwitchRow *row = SP_SETTING_SWITCH_ROW (object);

  g_free (row->name);
  g_free (row->on_word);
  g_free (row->off_word);
  G_OBJECT_CLASS (sp_setting_switch_row_parent_class)->finalize (object);
}

static void
sp_setting_switch_row_class_init (SpSettingSwitchRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sp_setting_switch_row_set_property;
  object_class->dispose = sp_setting_switch_row_dispose;
  object_class->finalize = sp_setting_switch_row_finalize;
  g_object_class_install_property (object_class, PROP_SETTING_NAME,
                                   g_param_spec_string ("setting-name", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_ON_WORD,
                                   g_param_spec_string ("on-word", NULL, NULL, "yes", flags));
  g_object_class_install_property (object_class, PROP_OFF_WORD,
                                   g_param_spec_string ("off-word", NULL, NULL, "no", flags));
}

static void
name_switch (SpSettingSwitchRow *row)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);
}

static void
sp_setting_switch_row_init (SpSettingSwitchRow *row)
{
  row->toggle = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (row->toggle), GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (row->toggle, "state-set", G_CALLBACK (on_state_set), row, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (row->toggle));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (row->toggle));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  (void) g_signal_connect (row, "notify::title", G_CALLBACK (name_switch), NULL);
}
