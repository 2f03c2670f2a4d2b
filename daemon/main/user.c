/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user.h"
#include "user-group.h"
#include "user-sign-in.h"

#include "base/io.h"

#include <gio/gio.h>
#include <string.h>

struct _SpUser
{
  GObject parent;
  SpUserRecord *record;
  SpBar told; /* what the status was made of */
  guint told_level;
  guint64 told_used;
  char path_element[2 * SP_ID_SIZE + 1];
  gboolean two_step;
  guint recovery_codes;
  gboolean cookies_kept;
};

G_DEFINE_TYPE (SpUser, sp_user, G_TYPE_OBJECT)

enum
{
  PROP_LOGIN = 1,
  PROP_CREATED,
  PROP_FIRST_LOGIN,
  PROP_REMOVED,
  PROP_REMOVED_AT,
  PROP_ENDS_AT,
  PROP_STATUS,
  PROP_TWO_STEP,
  PROP_RECOVERY_CODES,
  PROP_USED,
  PROP_USED_SINCE,
  PROP_QUOTA_LEVEL,
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

static const struct
{
  const char *status;
  const char *reason;
  const char *text;
} bars[] = {
  [SP_BAR_NONE] = { "active", NULL, NULL },
  [SP_BAR_DISABLED] = { "disabled", "user-disabled", "Your access was turned off." },
  [SP_BAR_QUOTA] = { "quota", "quota", "Your traffic for this month is used up." },
  [SP_BAR_REMOVED] = { "removed", "user-removed", "Your access was taken away." },
  [SP_BAR_EXPIRED] = { "expired", "user-expired", "Your access has ended." },
  [SP_BAR_PAUSED] = { "paused", "user-paused", "Your access is paused." },
  [SP_BAR_GROUP] = { NULL, "group", "You may not connect in this group any more." },
};

const char *
sp_bar_to_reason (SpBar bar)
{
  return bars[bar].reason;
}

const char *
sp_bar_to_text (SpBar bar)
{
  return bars[bar].text;
}

gint64
sp_user_record_get_end (const SpUserRecord *record)
{
  gint64 at = (gint64) sp_user_values_get_number (&record->values, SP_USER_EXPIRES_AT);
  gint64 after = (gint64) sp_user_values_get_number (&record->values, SP_USER_EXPIRES_AFTER);
  gint64 end = at != 0 ? at : G_MAXINT64;

  if (after != 0 && record->first_login != 0)
    end = MIN (end, record->first_login + after * G_USEC_PER_SEC);
  return end;
}

/* With the quota of `record`, which may be one to come. */
static guint
get_level (SpUser *self, const SpUserRecord *record)
{
  return sp_quota_get_level (sp_user_values_get_number (&record->values, SP_USER_QUOTA),
                             self->record->used);
}

guint
sp_user_get_quota_level (SpUser *self)
{
  return get_level (self, self->record);
}

/* What the owner or the traffic keeps out, which the keyholder can not know by itself. */
static SpBar
get_word (SpUser *self, const SpUserRecord *record)
{
  if (record->removed_at != 0)
    return SP_BAR_REMOVED;
  if (!sp_user_values_get_flag (&record->values, SP_USER_ENABLED))
    return SP_BAR_DISABLED;
  if (get_level (self, record) == 100)
    return SP_BAR_QUOTA;
  return SP_BAR_NONE;
}

SpBar
sp_user_get_bar (SpUser *self, gint64 now)
{
  SpBar bar = get_word (self, self->record);

  if (bar != SP_BAR_NONE)
    return bar;
  if (sp_user_record_get_end (self->record) <= now)
    return SP_BAR_EXPIRED;
  return (gint64) sp_user_get_number (self, SP_USER_PAUSED_UNTIL) > now ? SP_BAR_PAUSED
                                                                        : SP_BAR_NONE;
}

void
sp_user_set_cookies_kept (SpUser *self, gboolean kept)
{
  self->cookies_kept = kept;
}

void
sp_user_describe (SpUser *self, const SpUserRecord *record, SpPutUser *ret_message)
{
  memset (ret_message, 0, sizeof *ret_message);
  memcpy (ret_message->user, record->id, SP_ID_SIZE);
  ret_message->bar = (guint8) get_word (self, record);
  ret_message->expires_at = sp_user_values_get_number (&record->values, SP_USER_EXPIRES_AT);
  ret_message->expires_after =
      (guint32) sp_user_values_get_number (&record->values, SP_USER_EXPIRES_AFTER);
  ret_message->paused_until = sp_user_values_get_number (&record->values, SP_USER_PAUSED_UNTIL);
  ret_message->keep_cookies = self->cookies_kept ? 1 : 0;
  ret_message->two_step_required =
      sp_user_values_get_flag (&record->values, SP_USER_TWO_STEP_REQUIRED);
  ret_message->sign_in =
      (guint8) sp_sign_in_of_text (sp_user_values_get_text (&record->values, SP_USER_SIGN_IN));
  ret_message->groups_length = sp_user_groups_describe (&record->values, ret_message->groups);
  ret_message->login_length = (guint16) MIN (strlen (record->login), SP_LOGIN_MAX);
  memcpy (ret_message->login, record->login, ret_message->login_length);
}

static void
get_value (SpUser *self, SpUserValue which, GValue *value)
{
  /* An own GValue, since this one has its type already. */
  g_auto (GValue) converted = G_VALUE_INIT;

  g_dbus_gvariant_to_gvalue (sp_user_values_get (&self->record->values, which), &converted);
  g_value_copy (&converted, value);
}

static gint64
get_time (SpUser *self, guint property)
{
  gint64 end = sp_user_record_get_end (self->record);
  const gint64 times[N_PROPS] = {
    [PROP_CREATED] = self->record->created,       [PROP_FIRST_LOGIN] = self->record->first_login,
    [PROP_REMOVED_AT] = self->record->removed_at, [PROP_ENDS_AT] = end == G_MAXINT64 ? 0 : end,
    [PROP_USED_SINCE] = self->record->used_since,
  };

  return times[property];
}

static void
sp_user_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpUser *self = SP_USER (object);

  if (property >= PROP_VALUES)
    get_value (self, property - PROP_VALUES, value);
  else if (property == PROP_LOGIN)
    g_value_set_string (value, self->record->login);
  else if (property == PROP_STATUS)
    g_value_set_static_string (value, bars[self->told].status);
  else if (property == PROP_USED)
    g_value_set_uint64 (value, self->told_used);
  else if (property == PROP_QUOTA_LEVEL)
    g_value_set_uint (value, self->told_level);
  else if (property == PROP_REMOVED)
    g_value_set_boolean (value, self->record->removed_at != 0);
  else if (property == PROP_TWO_STEP)
    g_value_set_boolean (value, self->two_step);
  else if (property == PROP_RECOVERY_CODES)
    g_value_set_uint (value, self->recovery_codes);
  else
    g_value_set_int64 (value, get_time (self, property));
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

static const struct
{
  guint property;
  const char *name;
} times[] = {
  { PROP_CREATED, "created" },       { PROP_FIRST_LOGIN, "first-login" },
  { PROP_REMOVED_AT, "removed-at" }, { PROP_ENDS_AT, "ends-at" },
  { PROP_USED_SINCE, "used-since" },
};

static void
sp_user_class_init (SpUserClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_user_get_property;
  object_class->finalize = sp_user_finalize;
  properties[PROP_LOGIN] = g_param_spec_string ("login", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_USED] = g_param_spec_uint64 ("used", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_QUOTA_LEVEL] = g_param_spec_uint ("quota-level", NULL, NULL, 0, 100, 0, flags);
  properties[PROP_REMOVED] = g_param_spec_boolean ("removed", NULL, NULL, FALSE, flags);
  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    properties[times[i].property] =
        g_param_spec_int64 (times[i].name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_TWO_STEP] = g_param_spec_boolean ("two-step", NULL, NULL, FALSE, flags);
  properties[PROP_RECOVERY_CODES] =
      g_param_spec_uint ("recovery-codes-left", NULL, NULL, 0, G_MAXUINT, 0, flags);
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
  self->told = sp_user_get_bar (self, g_get_real_time ());
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

static void
notify (SpUser *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
sp_user_set_two_step (SpUser *self, gboolean on, guint recovery_codes)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->two_step != on)
    notify (self, PROP_TWO_STEP);
  if (self->recovery_codes != recovery_codes)
    notify (self, PROP_RECOVERY_CODES);
  self->two_step = on;
  self->recovery_codes = recovery_codes;
  g_object_thaw_notify (G_OBJECT (self));
}

void
sp_user_refresh (SpUser *self, gint64 now)
{
  SpBar bar = sp_user_get_bar (self, now);
  guint level = sp_user_get_quota_level (self);

  if (level != self->told_level)
    {
      self->told_level = level;
      sp_user_tell_usage (self);
      notify (self, PROP_QUOTA_LEVEL);
    }
  if (bar == self->told)
    return;
  self->told = bar;
  notify (self, PROP_STATUS);
}

void
sp_user_tell_usage (SpUser *self)
{
  if (self->told_used == self->record->used)
    return;
  self->told_used = self->record->used;
  notify (self, PROP_USED);
}

void
sp_user_set_usage (SpUser *self, gint64 since, guint64 used)
{
  self->record->used = used;
  g_object_freeze_notify (G_OBJECT (self));
  if (self->record->used_since != since)
    {
      self->record->used_since = since;
      notify (self, PROP_USED_SINCE);
      sp_user_tell_usage (self);
    }
  sp_user_refresh (self, g_get_real_time ());
  g_object_thaw_notify (G_OBJECT (self));
}

/* Properties that are made of others. */
static void
follow (SpUser *self, gint64 old_end)
{
  if (sp_user_record_get_end (self->record) != old_end)
    notify (self, PROP_ENDS_AT);
  sp_user_refresh (self, g_get_real_time ());
}

static void
change_removal (SpUser *self, gint64 removed_at)
{
  if (self->record->removed_at == removed_at)
    return;
  self->record->removed_at = removed_at;
  notify (self, PROP_REMOVED);
  notify (self, PROP_REMOVED_AT);
}

void
sp_user_change (SpUser *self, const SpUserRecord *record)
{
  gint64 old_end = sp_user_record_get_end (self->record);
  g_auto (SpUserValues) old = self->record->values;

  sp_user_values_copy (&self->record->values, &record->values);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    if (!g_variant_equal (sp_user_values_get (&old, i),
                          sp_user_values_get (&self->record->values, i)))
      notify (self, PROP_VALUES + i);
  change_removal (self, record->removed_at);
  follow (self, old_end);
  g_object_thaw_notify (G_OBJECT (self));
}

void
sp_user_set_first_login (SpUser *self, gint64 at)
{
  gint64 old_end = sp_user_record_get_end (self->record);

  if (self->record->first_login == at)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  self->record->first_login = at;
  notify (self, PROP_FIRST_LOGIN);
  follow (self, old_end);
  g_object_thaw_notify (G_OBJECT (self));
}
