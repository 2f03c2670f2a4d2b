/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/setting.h"

#include <string.h>

struct _SpSetting
{
  GObject parent_instance;
  char *name;
  char *key;
  char *group;
  char *type;
  char *written;
  char *standard;
  char *unit;
  char *expects;
  char *about;
  GStrv words;
  guint least, most;
  gboolean is_set;
  gboolean needs_restart;
  gboolean restart_needed;
  char *staged; /* NULL: nothing waits */
};

enum
{
  PROP_VALUE = 1,
  PROP_STAGED,
  PROP_RESTART_NEEDED,
};

G_DEFINE_FINAL_TYPE (SpSetting, sp_setting, G_TYPE_OBJECT)

static void
take_text (GVariant *description, const char *key, char **text)
{
  g_free (*text);
  *text = NULL;
  if (!g_variant_lookup (description, key, "s", text))
    *text = g_strdup ("");
}

void
sp_setting_describe (SpSetting *setting, GVariant *description)
{
  g_autofree char *before = g_strdup (sp_setting_get_value (setting));
  g_autofree char *applies = NULL;

  take_text (description, "Key", &setting->key);
  take_text (description, "Group", &setting->group);
  take_text (description, "Type", &setting->type);
  take_text (description, "Written", &setting->written);
  take_text (description, "Default", &setting->standard);
  take_text (description, "Unit", &setting->unit);
  take_text (description, "Expects", &setting->expects);
  take_text (description, "About", &setting->about);
  take_text (description, "Applies", &applies);
  setting->needs_restart = g_str_equal (applies, "restart");
  g_clear_pointer (&setting->words, g_strfreev);
  if (!g_variant_lookup (description, "Words", "^as", &setting->words))
    setting->words = g_new0 (char *, 1);
  (void) g_variant_lookup (description, "Least", "u", &setting->least);
  (void) g_variant_lookup (description, "Most", "u", &setting->most);
  (void) g_variant_lookup (description, "IsSet", "b", &setting->is_set);
  if (setting->staged != NULL)
    sp_setting_stage (setting, setting->staged);
  if (g_strcmp0 (before, sp_setting_get_value (setting)) != 0)
    g_object_notify (G_OBJECT (setting), "value");
}

gboolean
sp_setting_is_restart_needed (SpSetting *setting)
{
  return setting->restart_needed;
}

void
sp_setting_set_restart_needed (SpSetting *setting, gboolean needed)
{
  if (setting->restart_needed == needed)
    return;
  setting->restart_needed = needed;
  g_object_notify (G_OBJECT (setting), "restart-needed");
}

const char *
sp_setting_get_name (SpSetting *setting)
{
  return setting->name;
}

const char *
sp_setting_get_key (SpSetting *setting)
{
  return setting->key;
}

const char *
sp_setting_get_group (SpSetting *setting)
{
  return setting->group;
}

/* A bound of a choice is of no use, so it has none. */
SpSettingKind
sp_setting_get_kind (SpSetting *setting)
{
  if (g_str_equal (setting->type, "b"))
    return SP_SETTING_KIND_SWITCH;
  if (g_str_equal (setting->type, "as"))
    return SP_SETTING_KIND_LIST;
  if (setting->words[0] != NULL && setting->most == 0)
    return SP_SETTING_KIND_CHOICE;
  if (g_str_equal (setting->type, "u") || (setting->words[0] != NULL && setting->most > 1))
    return SP_SETTING_KIND_NUMBER;
  return SP_SETTING_KIND_TEXT;
}

const char *
sp_setting_get_value (SpSetting *setting)
{
  return setting->staged != NULL ? setting->staged : setting->written;
}

const char *
sp_setting_get_written (SpSetting *setting)
{
  return setting->written;
}

const char *
sp_setting_get_default (SpSetting *setting)
{
  return setting->standard;
}

gboolean
sp_setting_is_set (SpSetting *setting)
{
  return setting->is_set;
}

const char *const *
sp_setting_get_words (SpSetting *setting)
{
  return (const char *const *) setting->words;
}

const char *
sp_setting_get_unit (SpSetting *setting)
{
  return setting->unit;
}

gboolean
sp_setting_needs_restart (SpSetting *setting)
{
  return setting->needs_restart;
}

gboolean
sp_setting_is_of_address (SpSetting *setting)
{
  static const char *const names[] = { "Name", "Port", NULL };

  return g_strv_contains (names, setting->name);
}

const char *
sp_setting_get_expects (SpSetting *setting)
{
  return setting->expects;
}

const char *
sp_setting_get_about (SpSetting *setting)
{
  return setting->about;
}

char *
sp_setting_check (SpSetting *setting, const char *text)
{
  guint64 number;

  if (sp_setting_get_kind (setting) != SP_SETTING_KIND_NUMBER ||
      g_strv_contains (sp_setting_get_words (setting), text) ||
      g_ascii_string_to_unsigned (text, 10, setting->least, setting->most, &number, NULL))
    return NULL;
  return g_strdup_printf ("write %s", setting->expects);
}

/* `text` may be the one that is staged. */
void
sp_setting_stage (SpSetting *setting, const char *text)
{
  g_autofree char *before = setting->staged;

  setting->staged = g_strcmp0 (text, setting->written) != 0 ? g_strdup (text) : NULL;
  if (g_strcmp0 (before, setting->staged) == 0)
    return;
  g_object_notify (G_OBJECT (setting), "value");
  g_object_notify (G_OBJECT (setting), "staged");
}

gboolean
sp_setting_is_staged (SpSetting *setting)
{
  return setting->staged != NULL;
}

SpSetting *
sp_setting_new (const char *name)
{
  SpSetting *setting = g_object_new (SP_TYPE_SETTING, NULL);

  setting->name = g_strdup (name);
  return setting;
}

static void
sp_setting_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SpSetting *setting = SP_SETTING (object);

  switch (id)
    {
      case PROP_VALUE:
        g_value_set_string (value, sp_setting_get_value (setting));
        break;
      case PROP_STAGED:
        g_value_set_boolean (value, setting->staged != NULL);
        break;
      case PROP_RESTART_NEEDED:
        g_value_set_boolean (value, setting->restart_needed);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_setting_finalize (GObject *object)
{
  SpSetting *setting = SP_SETTING (object);

  g_free (setting->name);
  g_free (setting->key);
  g_free (setting->group);
  g_free (setting->type);
  g_free (setting->written);
  g_free (setting->standard);
  g_free (setting->unit);
  g_free (setting->expects);
  g_free (setting->about);
  g_free (setting->staged);
  g_strfreev (setting->words);
  G_OBJECT_CLASS (sp_setting_parent_class)->finalize (object);
}

static void
sp_setting_class_init (SpSettingClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_setting_get_property;
  object_class->finalize = sp_setting_finalize;
  g_object_class_install_property (object_class, PROP_VALUE,
                                   g_param_spec_string ("value", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_STAGED,
                                   g_param_spec_boolean ("staged", NULL, NULL, FALSE, flags));
  g_object_class_install_property (
      object_class, PROP_RESTART_NEEDED,
      g_param_spec_boolean ("restart-needed", NULL, NULL, FALSE, flags));
}

static void
sp_setting_init (SpSetting *setting)
{
  setting->type = g_strdup ("s");
  setting->words = g_new0 (char *, 1);
}
