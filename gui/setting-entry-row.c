/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-entry-row.h"

#include "base/names.h"
#include "setting-link.h"

#include <glib/gi18n.h>
#include <string.h>

#define CHECK_DELAY 300 /* ms after the last key */
#define WIDE_MARGIN 9   /* pixels */

struct _SpSettingEntryRow
{
  AdwPreferencesRow parent_instance;
  GtkBox *box;
  GtkBox *field;
  GtkLabel *subtitle;
  GtkLabel *wrong;
  GtkEntry *entry;
  GtkButton *apply;
  SpSettingLink *link;
  char *name;
  const char *const *words;
  guint check;      /* a timer */
  gboolean showing; /* the field is being set to what the server has */
  gboolean edited;  /* by the person, and not taken yet */
};

enum
{
  PROP_SETTING_NAME = 1,
  PROP_SUBTITLE,
  PROP_WIDE,
};

G_DEFINE_FINAL_TYPE (SpSettingEntryRow, sp_setting_entry_row, ADW_TYPE_PREFERENCES_ROW)

/* What the server has, as the field shows it. */
static const char *
get_shown (SpSettingEntryRow *row)
{
  const char *value = row->link != NULL ? sp_setting_link_get_value (row->link) : "";

  return row->words != NULL && g_strv_contains (row->words, value) ? "" : value;
}

static void
show_wrong (SpSettingEntryRow *row, const char *words)
{
  gboolean wrong = words[0] != '\0';
  g_autofree char *first = wrong ? g_utf8_substring (words, 0, 1) : NULL;
  g_autofree char *capital = wrong ? g_utf8_strup (first, -1) : NULL;
  g_autofree char *text =
      wrong ? g_strconcat (capital, words + strlen (first), ".", NULL) : g_strdup ("");

  gtk_label_set_label (row->wrong, text);
  gtk_widget_set_visible (GTK_WIDGET (row->wrong), wrong);
  gtk_widget_set_visible (GTK_WIDGET (row->subtitle),
                          !wrong && gtk_label_get_label (row->subtitle)[0] != '\0');
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (row->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
set_edited (SpSettingEntryRow *row, gboolean edited)
{
  row->edited = edited;
  gtk_widget_set_visible (GTK_WIDGET (row->apply), edited);
}

/* Forgets what was typed. */
static void
revert (SpSettingEntryRow *row)
{
  g_clear_handle_id (&row->check, g_source_remove);
  row->showing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (row->entry), get_shown (row));
  row->showing = FALSE;
  set_edited (row, FALSE);
  show_wrong (row, "");
}

/* The values that others change do not go over what is being typed. */
static void
show (SpSettingEntryRow *row)
{
  gboolean pending = sp_setting_link_is_pending (row->link);

  gtk_editable_set_editable (GTK_EDITABLE (row->entry), !pending);
  gtk_widget_set_sensitive (GTK_WIDGET (row->entry),
                            pending || sp_setting_link_is_editable (row->link));
  gtk_widget_set_sensitive (GTK_WIDGET (row->apply), !pending);
  if (!row->edited)
    revert (row);
}

static void
on_taken (SpSettingEntryRow *row)
{
  set_edited (row, FALSE);
  revert (row);
  g_signal_emit_by_name (row, "applied");
}

static gboolean
on_check (gpointer data)
{
  SpSettingEntryRow *row = data;

  row->check = 0;
  sp_setting_link_check (row->link, gtk_editable_get_text (GTK_EDITABLE (row->entry)));
  return G_SOURCE_REMOVE;
}

static void
on_typed (SpSettingEntryRow *row)
{
  if (row->showing || row->link == NULL)
    return;
  g_clear_handle_id (&row->check, g_source_remove);
  if (g_str_equal (gtk_editable_get_text (GTK_EDITABLE (row->entry)), get_shown (row)))
    {
      set_edited (row, FALSE);
      show_wrong (row, "");
      return;
    }
  set_edited (row, TRUE);
  row->check = g_timeout_add (CHECK_DELAY, on_check, row);
}

static void
on_apply (SpSettingEntryRow *row)
{
  if (!row->edited || row->link == NULL)
    return;
  g_clear_handle_id (&row->check, g_source_remove);
  sp_setting_link_change (row->link, gtk_editable_get_text (GTK_EDITABLE (row->entry)),
                          adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
}

static gboolean
on_key (SpSettingEntryRow *row, guint key, guint code, GdkModifierType state)
{
  if (key != GDK_KEY_Escape || !row->edited)
    return GDK_EVENT_PROPAGATE;
  revert (row);
  return GDK_EVENT_STOP;
}

static void
on_refused (SpSettingEntryRow *row, const char *words)
{
  if (row->edited)
    show_wrong (row, words);
}

void
sp_setting_entry_row_bind (SpSettingEntryRow *row, SpSettingList *list)
{
  g_clear_object (&row->link);
  row->link = sp_setting_link_new (GTK_WIDGET (row), list, row->name);
  (void) g_signal_connect_object (row->link, "changed", G_CALLBACK (show), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (row->link, "refused", G_CALLBACK (on_refused), row,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (row->link, "taken", G_CALLBACK (on_taken), row,
                                  G_CONNECT_SWAPPED);
  show (row);
}

void
sp_setting_entry_row_set_words (SpSettingEntryRow *row, const char *const *words)
{
  row->words = words;
}

void
sp_setting_entry_row_set_subtitle (SpSettingEntryRow *row, const char *subtitle)
{
  gtk_label_set_label (row->subtitle, subtitle != NULL ? subtitle : "");
  gtk_widget_set_visible (GTK_WIDGET (row->subtitle),
                          !gtk_widget_get_visible (GTK_WIDGET (row->wrong)) && subtitle != NULL &&
                              subtitle[0] != '\0');
}

void
sp_setting_entry_row_begin (SpSettingEntryRow *row)
{
  (void) gtk_widget_grab_focus (GTK_WIDGET (row->entry));
}

void
sp_setting_entry_row_propose (SpSettingEntryRow *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (row->entry), -1);
  sp_setting_entry_row_begin (row);
}

static void
set_wide (SpSettingEntryRow *row, gboolean wide)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (row->box),
                                  wide ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_box_set_spacing (row->box, wide ? 6 : 12);
  gtk_widget_set_hexpand (GTK_WIDGET (row->entry), wide);
  gtk_widget_set_margin_bottom (GTK_WIDGET (row->field), wide ? WIDE_MARGIN : 0);
}

static void
sp_setting_entry_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpSettingEntryRow *row = SP_SETTING_ENTRY_ROW (object);

  switch (id)
    {
      case PROP_SETTING_NAME:
        g_free (row->name);
        row->name = g_value_dup_string (value);
        break;
      case PROP_SUBTITLE:
        sp_setting_entry_row_set_subtitle (row, g_value_get_string (value));
        break;
      case PROP_WIDE:
        set_wide (row, g_value_get_boolean (value));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_setting_entry_row_dispose (GObject *object)
{
  SpSettingEntryRow *row = SP_SETTING_ENTRY_ROW (object);

  g_clear_handle_id (&row->check, g_source_remove);
  g_clear_object (&row->link);
  G_OBJECT_CLASS (sp_setting_entry_row_parent_class)->dispose (object);
}

static void
sp_setting_entry_row_finalize (GObject *object)
{
  g_free (SP_SETTING_ENTRY_ROW (object)->name);
  G_OBJECT_CLASS (sp_setting_entry_row_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "setting-entry-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, box);
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, field);
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, wrong);
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, entry);
  gtk_widget_class_bind_template_child (widget_class, SpSettingEntryRow, apply);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_key);
}

static void
sp_setting_entry_row_class_init (SpSettingEntryRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sp_setting_entry_row_set_property;
  object_class->dispose = sp_setting_entry_row_dispose;
  object_class->finalize = sp_setting_entry_row_finalize;
  g_object_class_install_property (object_class, PROP_SETTING_NAME,
                                   g_param_spec_string ("setting-name", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_SUBTITLE,
                                   g_param_spec_string ("subtitle", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_WIDE,
                                   g_param_spec_boolean ("wide", NULL, NULL, FALSE, flags));
  (void) g_signal_new ("applied", SP_TYPE_SETTING_ENTRY_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  bind_template (GTK_WIDGET_CLASS (class));
}

static void
sp_setting_entry_row_init (SpSettingEntryRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}
