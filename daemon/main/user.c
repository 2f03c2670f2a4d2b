/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user.h"

#include "base/io.h"

#include <gio/gio.h>

struct _SpUser
{
  GObject parent;
  SpUserRecord *record;
  char path_element[2 * SP_ID_SIZE + 1];
};

G_DEFINE_TYPE (SpUser, sp_user, G_TYPE_OBJECT)

enum
{
  PROP_LOGIN = 1,
  PROP_CREATED,
  PROP_VALUES, /* and on: one for each */
  N_PROPS = PROP_VALUES + SP_USER_N_VALUES
};

static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */

SpUserRecord *
sp_user_record_copy (const SpUserRecord *record)
{
  SpUserRecord *copy = g_memdup2 (record, sizeof *record);

  copy->login = g_strdup (record->login);
  sp_user_values_copy (&copy->values, &record->values);
  return copy;
}

void
sp_user_record_free (SpUserRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->login);
  sp_user_values_clear (&record->values);
  g_free (record);
}

static void
sp_user_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpUser *self = SP_USER (object);

  switch (property)
    {
      case PROP_LOGIN:
        g_value_set_string (value, self->record->login);
        break;
      case PROP_CREATED:
        g_value_set_int64 (value, self->record->created);
        break;
      default:
        {
          /* An own GValue, since this one has its type already. */
          g_auto (GValue) converted = G_VALUE_INIT;

          g_dbus_gvariant_to_gvalue (
              sp_user_values_get (&self->record->values, property - PROP_VALUES), &converted);
          g_value_copy (&converted, value);
        }
    }
}

static void
sp_user_finalize (GObject *object)
{
  sp_user_record_free (SP_USER (object)->record);
  G_OBJECT_CLASS (sp_user_parent_class)->finalize (object);
}

/* "FullName" becomes "full-name". */
static const char *
property_name (const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *next = name; *next != '\0'; next++)
    {
      if (g_ascii_isupper (*next) && next > name)
        g_string_append_c (text, '-');
      g_string_append_c (text, g_ascii_tolower (*next));
    }
  return g_intern_string (text->str);
}

static GParamSpec *
value_property (const SpBusKey *key)
{
  const char *name = property_name (key->name);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  switch (*key->type)
    {
      case 's':
        return g_param_spec_string (name, NULL, NULL, NULL, flags);
      case 'b':
        return g_param_spec_boolean (name, NULL, NULL, FALSE, flags);
      case 'u':
        return g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, flags);
      case 't':
        return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0, flags);
      default:
        return g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, flags);
    }
}

static void
sp_user_class_init (SpUserClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_user_get_property;
  object_class->finalize = sp_user_finalize;
  properties[PROP_LOGIN] = g_param_spec_string ("login", NULL, NULL, NULL, flags);
  properties[PROP_CREATED] =
      g_param_spec_int64 ("created", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    properties[PROP_VALUES + i] = value_property (&sp_user_value_keys[i]);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sp_user_init (SpUser *self)
{
}

SpUser *
sp_user_new (const SpUserRecord *record)
{
  SpUser *self = g_object_new (SP_TYPE_USER, NULL);

  self->record = sp_user_record_copy (record);
  sp_hex_encode (record->id, SP_ID_SIZE, self->path_element);
  return self;
}

const SpUserRecord *
sp_user_get_record (SpUser *self)
{
  return self->record;
}

const guint8 *
sp_user_get_id (SpUser *self)
{
  return self->record->id;
}

const char *
sp_user_get_login (SpUser *self)
{
  return self->record->login;
}

const char *
sp_user_get_path_element (SpUser *self)
{
  return self->path_element;
}

const char *
sp_user_get_property_name (SpUserValue which)
{
  GTypeClass *class = g_type_class_ref (SP_TYPE_USER); /* makes the properties */

  g_type_class_unref (class);
  return properties[PROP_VALUES + which]->name;
}

guint64
sp_user_get_number (SpUser *self, SpUserValue which)
{
  return sp_user_values_get_number (&self->record->values, which);
}

gboolean
sp_user_get_flag (SpUser *self, SpUserValue which)
{
  return sp_user_values_get_flag (&self->record->values, which);
}

const char *
sp_user_get_text (SpUser *self, SpUserValue which)
{
  return sp_user_values_get_text (&self->record->values, which);
}

const char **
sp_user_get_texts (SpUser *self, SpUserValue which)
{
  return sp_user_values_get_texts (&self->record->values, which);
}

void
sp_user_change (SpUser *self, const SpUserValues *values)
{
  g_auto (SpUserValues) old = self->record->values;

  sp_user_values_copy (&self->record->values, values);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    if (!g_variant_equal (sp_user_values_get (&old, i),
                          sp_user_values_get (&self->record->values, i)))
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES + i]);
  g_object_thaw_notify (G_OBJECT (self));
}
