/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device.h"

#include "base/io.h"

#include <string.h>

struct _SpDevice
{
  GObject parent;
  SpDeviceRecord record;
  SpUser *user;
  char path_element[2 * SP_ID_SIZE + 1];
  char fingerprint[2 * SP_FINGERPRINT_SIZE + 1];
  gboolean cookies_kept;
};

G_DEFINE_TYPE (SpDevice, sp_device, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_KIND,
  PROP_FINGERPRINT,
  PROP_LABEL,
  PROP_CREATED,
  PROP_LAST_SEEN,
  PROP_ISSUED_AT,
  PROP_NOT_AFTER,
  PROP_REVOKED_AT,
  PROP_BLOCKED_UNTIL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */

static const char *const kinds[] = { "certificate", "password" };

const char *
sp_device_kind_to_string (SpDeviceKind kind)
{
  return kinds[kind];
}

gboolean
sp_device_kind_from_string (const char *text, SpDeviceKind *ret_kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (text, kinds[i]) == 0)
      {
        *ret_kind = (SpDeviceKind) i;
        return TRUE;
      }
  return FALSE;
}

void
sp_device_record_free (SpDeviceRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->name);
  g_free (record);
}

static void
sp_device_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpDevice *self = SP_DEVICE (object);
  const gint64 times[N_PROPS] = {
    [PROP_CREATED] = self->record.created,    [PROP_LAST_SEEN] = self->record.seen,
    [PROP_ISSUED_AT] = self->record.issued,   [PROP_NOT_AFTER] = self->record.not_after,
    [PROP_REVOKED_AT] = self->record.revoked, [PROP_BLOCKED_UNTIL] = self->record.blocked_until,
  };

  if (property == PROP_NAME)
    g_value_set_string (value, self->record.name);
  else if (property == PROP_KIND)
    g_value_set_static_string (value, kinds[self->record.kind]);
  else if (property == PROP_FINGERPRINT)
    g_value_set_string (value, self->fingerprint);
  else if (property == PROP_LABEL)
    g_value_set_string (value, self->record.label);
  else
    g_value_set_int64 (value, times[property]);
}

static void
sp_device_finalize (GObject *object)
{
  SpDevice *self = SP_DEVICE (object);

  g_clear_object (&self->user);
  g_free (self->record.name);
  G_OBJECT_CLASS (sp_device_parent_class)->finalize (object);
}

static void
sp_device_class_init (SpDeviceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  static const char *const times[N_PROPS] = {
    [PROP_CREATED] = "created",       [PROP_LAST_SEEN] = "last-seen",
    [PROP_ISSUED_AT] = "issued-at",   [PROP_NOT_AFTER] = "not-after",
    [PROP_REVOKED_AT] = "revoked-at", [PROP_BLOCKED_UNTIL] = "blocked-until",
  };

  object_class->get_property = sp_device_get_property;
  object_class->finalize = sp_device_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_FINGERPRINT] = g_param_spec_string ("fingerprint", NULL, NULL, NULL, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  for (guint i = PROP_CREATED; i < N_PROPS; i++)
    properties[i] = g_param_spec_int64 (times[i], NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sp_device_init (SpDevice *self)
{
}

static void
write_fingerprint (SpDevice *self)
{
  static const guint8 none[SP_FINGERPRINT_SIZE];

  if (memcmp (self->record.fingerprint, none, sizeof none) == 0)
    self->fingerprint[0] = '\0';
  else
    sp_hex_encode (self->record.fingerprint, SP_FINGERPRINT_SIZE, self->fingerprint);
}

SpDevice *
sp_device_new (const SpDeviceRecord *record, SpUser *user)
{
  SpDevice *self = g_object_new (SP_TYPE_DEVICE, NULL);

  self->record = *record;
  self->record.name = g_strdup (record->name);
  self->user = g_object_ref (user);
  sp_hex_encode (record->id, SP_ID_SIZE, self->path_element);
  write_fingerprint (self);
  return self;
}

const SpDeviceRecord *
sp_device_get_record (SpDevice *self)
{
  return &self->record;
}

const guint8 *
sp_device_get_id (SpDevice *self)
{
  return self->record.id;
}

SpUser *
sp_device_get_user (SpDevice *self)
{
  return self->user;
}

const char *
sp_device_get_name (SpDevice *self)
{
  return self->record.name;
}

const char *
sp_device_get_label (SpDevice *self)
{
  return self->record.label;
}

gboolean
sp_device_is_revoked (SpDevice *self)
{
  return self->record.revoked != 0;
}

gboolean
sp_device_is_barred (SpDevice *self, gint64 now)
{
  return self->record.revoked != 0 || self->record.blocked_until > now;
}

gboolean
sp_device_get_cookies_kept (SpDevice *self)
{
  return self->cookies_kept;
}

void
sp_device_set_cookies_kept (SpDevice *self, gboolean kept)
{
  self->cookies_kept = kept;
}

const char *
sp_device_get_path_element (SpDevice *self)
{
  return self->path_element;
}

void
sp_device_set_name (SpDevice *self, const char *name)
{
  if (strcmp (self->record.name, name) == 0)
    return;
  g_free (self->record.name);
  self->record.name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

void
sp_device_set_label (SpDevice *self, const char *label)
{
  if (strcmp (self->record.label, label) == 0)
    return;
  memcpy (self->record.label, label, sizeof self->record.label);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
}

static void
set_time (SpDevice *self, gint64 *time, gint64 when, guint property)
{
  if (*time == when)
    return;
  *time = when;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
sp_device_set_seen (SpDevice *self, gint64 when)
{
  set_time (self, &self->record.seen, when, PROP_LAST_SEEN);
}

void
sp_device_set_certificate (SpDevice *self, const SpDeviceRecord *record)
{
  if (memcmp (self->record.fingerprint, record->fingerprint, SP_FINGERPRINT_SIZE) != 0)
    {
      memcpy (self->record.fingerprint, record->fingerprint, SP_FINGERPRINT_SIZE);
      write_fingerprint (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINGERPRINT]);
    }
  set_time (self, &self->record.issued, record->issued, PROP_ISSUED_AT);
  set_time (self, &self->record.not_after, record->not_after, PROP_NOT_AFTER);
}

void
sp_device_set_revoked (SpDevice *self, gint64 when)
{
  set_time (self, &self->record.revoked, when, PROP_REVOKED_AT);
}

void
sp_device_set_blocked_until (SpDevice *self, gint64 when)
{
  set_time (self, &self->record.blocked_until, when, PROP_BLOCKED_UNTIL);
}
