/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advanced-page.h"

#include "raw-settings-page.h"
#include "setting-choice-row.h"
#include "setting-entry-row.h"
#include "setting-switch-row.h"
#include "staged-bar.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpAdvancedPage
{
  SpSubpage parent_instance;
  SpSettingList *settings;
  AdwPreferencesPage *page;
  GPtrArray *groups; /* GtkWidget, lent: what is shown */
};

G_DEFINE_FINAL_TYPE (SpAdvancedPage, sp_advanced_page, SP_TYPE_SUBPAGE)

/* What the groups of the file are called; others are called as they are. */
static const struct
{
  const char *group;
  const char *title;
} titles[] = {
  { "server", N_ ("Server") },          { "dynamic-dns", N_ ("Dynamic DNS") },
  { "dns-update", N_ ("DNS updates") }, { "acme", N_ ("Certificate authority") },
  { "network", N_ ("Network") },        { "tunnel", N_ ("Tunnel") },
  { "security", N_ ("Security") },      { "log", N_ ("Log") },
  { "backup", N_ ("Backup") },
};

static const char *
get_group_title (const char *group)
{
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].group, group))
      return _ (titles[i].title);
  return group;
}

/* "Sentence. Write …": what it is for, and what may be written. */
static char *
describe (SpSetting *setting)
{
  const char *unit = sp_setting_get_unit (setting);
  const char *standard = sp_setting_get_default (setting);
  g_autofree char *expects =
      unit[0] != '\0' ? g_strdup_printf ("%s (%s)", sp_setting_get_expects (setting), unit)
                      : g_strdup (sp_setting_get_expects (setting));

  if (sp_setting_get_kind (setting) == SP_SETTING_KIND_SWITCH ||
      sp_setting_get_kind (setting) == SP_SETTING_KIND_CHOICE)
    return g_strdup_printf (_ ("%s Default: %s."), sp_setting_get_about (setting), standard);
  if (standard[0] == '\0')
    return g_strdup_printf (_ ("%s Write %s."), sp_setting_get_about (setting), expects);
  return g_strdup_printf (_ ("%s Write %s. Default: %s."), sp_setting_get_about (setting), expects,
                          standard);
}

static GtkWidget *
create_choice_row (SpSettingList *settings, SpSetting *setting, const char *about)
{
  const char *const *words = sp_setting_get_words (setting);
  guint n = g_strv_length ((char **) words);
  g_autofree SpSettingChoice *choices = g_new0 (SpSettingChoice, n);
  SpSettingChoiceRow *row = g_object_new (
      SP_TYPE_SETTING_CHOICE_ROW, "setting-name", sp_setting_get_name (setting), "use-markup",
      FALSE, "title", sp_setting_get_key (setting), "subtitle", about, NULL);

  for (guint i = 0; i < n; i++)
    choices[i] = (SpSettingChoice){ words[i], words[i] };
  sp_setting_choice_row_set_choices (row, choices, n);
  sp_setting_choice_row_bind (row, settings);
  return GTK_WIDGET (row);
}

static GtkWidget *
create_switch_row (SpSettingList *settings, SpSetting *setting, const char *about)
{
  SpSettingSwitchRow *row = g_object_new (
      SP_TYPE_SETTING_SWITCH_ROW, "setting-name", sp_setting_get_name (setting), "use-markup",
      FALSE, "title", sp_setting_get_key (setting), "subtitle", about, NULL);

  sp_setting_switch_row_bind (row, settings);
  return GTK_WIDGET (row);
}

static GtkWidget *
create_entry_row (SpSettingList *settings, SpSetting *setting, const char *about)
{
  SpSettingKind kind = sp_setting_get_kind (setting);
  SpSettingEntryRow *row =
      g_object_new (SP_TYPE_SETTING_ENTRY_ROW, "setting-name", sp_setting_get_name (setting),
                    "title", sp_setting_get_key (setting), "subtitle", about, "wide",
                    kind != SP_SETTING_KIND_NUMBER, NULL);

  sp_setting_entry_row_bind (row, settings);
  return GTK_WIDGET (row);
}

static GtkWidget *
create_row (SpSettingList *settings, SpSetting *setting)
{
  g_autofree char *about = describe (setting);

  switch (sp_setting_get_kind (setting))
    {
      case SP_SETTING_KIND_SWITCH:
        return create_switch_row (settings, setting, about);
      case SP_SETTING_KIND_CHOICE:
        return create_choice_row (settings, setting, about);
      case SP_SETTING_KIND_NUMBER:
      case SP_SETTING_KIND_TEXT:
      case SP_SETTING_KIND_LIST:
      default:
        return create_entry_row (settings, setting, about);
    }
}

static void
on_show_file (SpAdvancedPage *page)
{
  sp_window_push (sp_window_of (GTK_WIDGET (page)), sp_raw_settings_page_new (page->settings));
}

static AdwPreferencesGroup *
create_file_group (SpAdvancedPage *page)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", _ ("Settings as a File"), "subtitle",
                                 _ ("To be read, copied and exported"), "activatable", TRUE, NULL);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  (void) g_signal_connect_object (row, "activated", G_CALLBACK (on_show_file), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, row);
  return group;
}

static void
add_group (SpAdvancedPage *page, AdwPreferencesGroup *group)
{
  adw_preferences_page_add (page->page, group);
  g_ptr_array_add (page->groups, group);
}

static void
fill (SpAdvancedPage *page)
{
  AdwPreferencesGroup *group = NULL;
  const char *name = "";

  for (guint i = 0; i < page->groups->len; i++)
    adw_preferences_page_remove (page->page, page->groups->pdata[i]);
  g_ptr_array_set_size (page->groups, 0);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (page->settings)); i++)
    {
      g_autoptr (SpSetting) setting = g_list_model_get_item (G_LIST_MODEL (page->settings), i);

      if (group == NULL || !g_str_equal (name, sp_setting_get_group (setting)))
        {
          name = sp_setting_get_group (setting);
          group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
          adw_preferences_group_set_title (group, get_group_title (name));
          add_group (page, group);
        }
      adw_preferences_group_add (group, create_row (page->settings, setting));
    }
  add_group (page, create_file_group (page));
}

SpSubpage *
sp_advanced_page_new (SpSettingList *settings)
{
  SpAdvancedPage *page = g_object_new (SP_TYPE_ADVANCED_PAGE, "title", _ ("Advanced"), NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = sp_staged_bar_new ();

  page->settings = g_object_ref (settings);
  page->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (page->page), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (page->page));
  gtk_box_append (GTK_BOX (box), bar);
  sp_staged_bar_bind (SP_STAGED_BAR (bar), settings);
  g_object_set (page, "content", box, NULL);
  (void) g_signal_connect_object (settings, "items-changed", G_CALLBACK (fill), page,
                                  G_CONNECT_SWAPPED);
  fill (page);
  return SP_SUBPAGE (page);
}

static void
sp_advanced_page_dispose (GObject *object)
{
  SpAdvancedPage *page = SP_ADVANCED_PAGE (object);

  if (page->settings != NULL)
    (void) g_signal_handlers_disconnect_by_data (page->settings, page);
  g_clear_object (&page->settings);
  G_OBJECT_CLASS (sp_advanced_page_parent_class)->dispose (object);
}

static void
sp_advanced_page_finalize (GObject *object)
{
  g_ptr_array_unref (SP_ADVANCED_PAGE (object)->groups);
  G_OBJECT_CLASS (sp_advanced_page_parent_class)->finalize (object);
}

static void
sp_advanced_page_class_init (SpAdvancedPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_advanced_page_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_advanced_page_finalize;
}

static void
sp_advanced_page_init (SpAdvancedPage *page)
{
  page->groups = g_ptr_array_new ();
}
