/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-choice-row.h"

#include "combo-row.h"
#include "failure.h"
#include "setting-link.h"
#include "client/format.h"

#include <glib/gi18n.h>

struct _SpSettingChoiceRow
{
  AdwComboRow parent_instance;
  SpSettingLink *link;
  char *name;
  GtkStringList *labels;
  GPtrArray *values; /* char *, by position; NULL: that which is typed */
  guint n_offered;   /* without a value that the server has and nobody offered */
  SpSettingEntryRow *custom;
  gboolean showing; /* the row is being set to what the server has */
  gboolean typing;  /* the person chose to type a value, which the server does not have yet */
};

enum
{
  PROP_SETTING_NAME = 1,
};

G_DEFINE_FINAL_TYPE (SpSettingChoiceRow, sp_setting_choice_row, ADW_TYPE_COMBO_ROW)

static char *
describe_value (const char *value)
{
  guint64 seconds;

  return g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT32, &seconds, NULL)
             ? sp_format_duration (seconds)
             : g_strdup (value);
}

static void
add_choice (SpSettingChoiceRow *row, const char *value, const char *label)
{
  g_autofree char *described = label == NULL ? describe_value (value) : NULL;

  g_ptr_array_add (row->values, g_strdup (value));
  gtk_string_list_append (row->labels, label != NULL ? label : described);
}

static gboolean
find_value (SpSettingChoiceRow *row, const char *value, guint *ret)
{
  for (*ret = 0; *ret < row->values->len; (*ret)++)
    if (g_strcmp0 (row->values->pdata[*ret], value) == 0)
      return TRUE;
  return FALSE;
}

/* The position that is to be selected; adds a value that nobody offered. */
static guint
locate (SpSettingChoiceRow *row, const char *value)
{
  SpSetting *setting = sp_setting_link_get_setting (row->link);
  guint position;

  if (find_value (row, row->typing ? NULL : value, &position) || find_value (row, NULL, &position))
    return position;
  add_choice (row, value, g_str_equal (sp_setting_get_unit (setting), "seconds") ? NULL : value);
  return row->values->len - 1;
}

static void
forget_extra (SpSettingChoiceRow *row)
{
  if (row->values->len <= row->n_offered)
    return;
  gtk_string_list_splice (row->labels, row->n_offered, row->values->len - row->n_offered, NULL);
  g_ptr_array_set_size (row->values, row->n_offered);
}

static void
show (SpSettingChoiceRow *row)
{
  guint position;

  gtk_widget_set_sensitive (GTK_WIDGET (row), sp_setting_link_is_editable (row->link));
  if (sp_setting_link_get_setting (row->link) == NULL || sp_setting_link_is_pending (row->link))
    return;
  row->showing = TRUE;
  forget_extra (row);
  position = locate (row, sp_setting_link_get_value (row->link));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), position);
  if (row->custom != NULL)
    gtk_widget_set_visible (GTK_WIDGET (row->custom), row->values->pdata[position] == NULL);
  row->showing = FALSE;
}

static void
on_selected (SpSettingChoiceRow *row)
{
  guint position = adw_combo_row_get_selected (ADW_COMBO_ROW (row));
  const char *value;

  if (row->showing || row->link == NULL || position >= row->values->len)
    return;
  value = row->values->pdata[position];
  row->typing = value == NULL;
  if (value == NULL)
    {
      show (row);
      sp_setting_entry_row_begin (row->custom);
      return;
    }
  sp_setting_link_change (row->link, value,
                          adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
}

static void
on_refused (SpSettingChoiceRow *row, const char *words)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  g_autofree char *what = g_strdup_printf (_ ("%s was not changed"), title);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, words);

  sp_failure_show (GTK_WIDGET (row), what, error);
}

static void
on_custom_applied (SpSettingChoiceRow *row)
{
  row->typing = FALSE;
  show (row);
}

void
sp_setting_choice_row_set_choices (SpSettingChoiceRow *row,
                                   const SpSettingChoice *choices,
                                   guint n_choices)
{
  row->showing = TRUE;
  gtk_string_list_splice (row->labels, 0, row->values->len, NULL);
  g_ptr_array_set_size (row->values, 0);
  for (guint i = 0; i < n_choices; i++)
    add_choice (row, choices[i].value, choices[i].label != NULL ? _ (choices[i].label) : NULL);
  row->n_offered = row->values->len;
  row->showing = FALSE;
  if (row->link != NULL)
    show (row);
}

void
sp_setting_choice_row_set_custom (SpSettingChoiceRow *row,
                                  const char *label,
                                  SpSettingEntryRow *custom)
{
  row->showing = TRUE;
  row->custom = custom;
  add_choice (row, NULL, label);
  row->n_offered = row->values->len;
  row->showing = FALSE;
  (void) g_signal_connect_object (custom, "applied", G_CALLBACK (on_custom_applied), row,
                                  G_CONNECT_SWAPPED);
}

void
sp_setting_choice_row_bind (SpSettingChoiceRow *row, SpSettingList *list)
{
  g_clear_object (&row->link);
  if (row->custom != NULL)
    sp_setting_entry_row_bind (row->custom, list);
  row->link = sp_setting_link_new (GTK_WIDGET (row), list, row->name);
  (void) g_signal_connect_object (row->link, "changed", G_CALLBACK (show), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (row->link, "refused", G_CALLBACK (on_refused), row,
                                  G_CONNECT_SWAPPED);
  show (row);
}

static void
sp_setting_choice_row_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *spec)
{
  SpSettingChoiceRow *row = SP_SETTING_CHOICE_ROW (object);

  if (id != PROP_SETTING_NAME)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  g_free (row->name);
  row->name = g_value_dup_string (value);
}

static void
sp_setting_choice_row_dispose (GObject *object)
{
  g_clear_object (&SP_SETTING_CHOICE_ROW (object)->link);
  G_OBJECT_CLASS (sp_setting_choice_row_parent_class)->dispose (object);
}

static void
sp_setting_choice_row_finalize (GObject *object)
{
  SpSettingChoiceRow *row = SP_SETTING_CHOICE_ROW (object);

  g_ptr_array_unref (row->values);
  g_object_unref (row->labels);
  g_free (row->name);
  G_OBJECT_CLASS (sp_setting_choice_row_parent_class)->finalize (object);
}

static void
sp_setting_choice_row_class_init (SpSettingChoiceRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->set_property = sp_setting_choice_row_set_property;
  object_class->dispose = sp_setting_choice_row_dispose;
  object_class->finalize = sp_setting_choice_row_finalize;
  g_object_class_install_property (object_class, PROP_SETTING_NAME,
                                   g_param_spec_string ("setting-name", NULL, NULL, "",
                                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
sp_setting_choice_row_init (SpSettingChoiceRow *row)
{
  row->values = g_ptr_array_new_with_free_func (g_free);
  row->labels = gtk_string_list_new (NULL);
  row->showing = TRUE;
  sp_combo_row_show_whole (ADW_COMBO_ROW (row));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (row->labels));
  row->showing = FALSE;
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  (void) g_signal_connect (row, "notify::selected", G_CALLBACK (on_selected), NULL);
}
