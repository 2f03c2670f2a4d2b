/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user.h"

#include "base/io.h"

#include <string.h>

struct _SpUser
{
  GObject parent;
  SpUserRecord record;
  char path_element[2 * SP_ID_SIZE + 1];
};

G_DEFINE_TYPE (SpUser, sp_user, G_TYPE_OBJECT)

enum
{
  PROP_LOGIN = 1,
  PROP_FULL_NAME,
  PROP_ENABLED,
  PROP_CREATED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */

void
sp_user_record_free (SpUserRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->login);
  g_free (record->full_name);
  g_free (record);
}

static void
sp_user_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpUser *self = SP_USER (object);

  switch (property)
    {
      case PROP_LOGIN:
        g_value_set_string (value, self->record.login);
        break;
      case PROP_FULL_NAME:
        g_value_set_string (value, self->record.full_name);
        break;
      case PROP_ENABLED:
        g_value_set_boolean (value, self->record.enabled);
        break;
      case PROP_CREATED:
        g_value_set_int64 (value, self->record.created);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
sp_user_finalize (GObject *object)
{
  SpUser *self = SP_USER (object);

  g_free (self->record.login);
  g_free (self->record.full_name);
  G_OBJECT_CLASS (sp_user_parent_class)->finalize (object);
}

static void
sp_user_class_init (SpUserClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_user_get_property;
  object_class->finalize = sp_user_finalize;
  properties[PROP_LOGIN] = g_param_spec_string ("login", NULL, NULL, NULL, flags);
  properties[PROP_FULL_NAME] = g_param_spec_string ("full-name", NULL, NULL, NULL, flags);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, FALSE, flags);
  properties[PROP_CREATED] =
      g_param_spec_int64 ("created", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
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

  self->record = *record;
  self->record.login = g_strdup (record->login);
  self->record.full_name = g_strdup (record->full_name);
  sp_hex_encode (record->id, SP_ID_SIZE, self->path_element);
  return self;
}

const SpUserRecord *
sp_user_get_record (SpUser *self)
{
  return &self->record;
}

const guint8 *
sp_user_get_id (SpUser *self)
{
  return self->record.id;
}

const char *
sp_user_get_login (SpUser *self)
{
  return self->record.login;
}

const char *
sp_user_get_path_element (SpUser *self)
{
  return self->path_element;
}

void
sp_user_change (SpUser *self, const char *full_name, gboolean enabled)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->record.full_name, full_name) != 0)
    {
      g_free (self->record.full_name);
      self->record.full_name = g_strdup (full_name);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FULL_NAME]);
    }
  if (self->record.enabled != enabled)
    {
      self->record.enabled = enabled;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENABLED]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}
