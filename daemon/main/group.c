/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "group.h"

#include "base/error.h"
#include "base/hex.h"
#include "user-network.h"

#include <string.h>

struct _SpGroup
{
  GObject parent;
  SpGroupRecord *record;
  char path_element[2 * SP_ID_SIZE + 1];
};

G_DEFINE_FINAL_TYPE (SpGroup, sp_group, G_TYPE_OBJECT)

SpGroupRecord *
sp_group_record_copy (const SpGroupRecord *record)
{
  SpGroupRecord *copy = g_memdup2 (record, sizeof *record);

  copy->name = g_strdup (record->name);
  copy->label = g_strdup (record->label);
  copy->banner = g_strdup (record->banner);
  sp_user_values_copy (&copy->values, &record->values);
  return copy;
}

void
sp_group_record_free (SpGroupRecord *record)
{
  g_free (record->name);
  g_free (record->label);
  g_free (record->banner);
  sp_user_values_clear (&record->values);
  g_free (record);
}

static void
sp_group_finalize (GObject *object)
{
  sp_group_record_free (SP_GROUP (object)->record);
  G_OBJECT_CLASS (sp_group_parent_class)->finalize (object);
}

static void
sp_group_class_init (SpGroupClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_group_finalize;
}

static void
sp_group_init (SpGroup *self)
{
}

SpGroup *
sp_group_new (const SpGroupRecord *record)
{
  SpGroup *self = g_object_new (SP_TYPE_GROUP, NULL);

  self->record = sp_group_record_copy (record);
  sp_hex_encode (record->id, SP_ID_SIZE, self->path_element);
  return self;
}

const SpGroupRecord *
sp_group_get_record (SpGroup *self)
{
  return self->record;
}

const char *
sp_group_get_name (SpGroup *self)
{
  return self->record->name;
}

const char *
sp_group_get_label (SpGroup *self)
{
  return self->record->label[0] != '\0' ? self->record->label : self->record->name;
}

const char *
sp_group_get_path_element (SpGroup *self)
{
  return self->path_element;
}

void
sp_group_change (SpGroup *self, const SpGroupRecord *record)
{
  sp_group_record_free (self->record);
  self->record = sp_group_record_copy (record);
}

/* --- what can be set --- */

/* Clients send the label back, some without the blanks around it. */
static gboolean
check_label (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  g_autofree char *bare = g_strstrip (g_strdup (text));

  if (g_str_equal (bare, text))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must not begin or end with a blank", key->name);
  return FALSE;
}

static gboolean
check_reach (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  SpReach reach;

  if (*text == '\0' || (sp_user_read_reach (text, &reach) && reach != SP_REACH_HOSTS))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be “all”, “home”, “server”, “internet”, or empty for what each user may "
               "reach",
               key->name);
  return FALSE;
}

const SpUserValue sp_group_values[SP_GROUP_N_VALUES] = {
  SP_USER_ROUTES,  SP_USER_EXCLUDED_ROUTES, SP_USER_DNS,
  SP_USER_DOMAINS, SP_USER_SPLIT_DNS,       SP_USER_REACH,
};

const SpBusKey sp_group_keys[SP_GROUP_N_KEYS] = {
  { "Label", "s", 0, SP_GROUP_LABEL_MAX, FALSE, check_label },
  { "Banner", "s", 0, SP_BANNER_MAX, FALSE, NULL },
  { "Routes", "as", 0, SP_USER_ROUTES_MAX, FALSE, sp_user_check_routes },
  { "ExcludedRoutes", "as", 0, SP_USER_ROUTES_MAX, FALSE, sp_user_check_excluded },
  { "Dns", "as", 0, SP_DNS_SERVERS_MAX, FALSE, sp_user_check_dns },
  { "Domains", "as", 0, SP_SPLIT_DNS_DOMAINS, FALSE, sp_user_check_domains },
  { "SplitDns", "as", 0, SP_SPLIT_DNS_DOMAINS, FALSE, sp_user_check_split_dns },
  { "Reach", "s", 0, 8, FALSE, check_reach },
};

static void
take_text (char **text, GVariant *changes, const char *key)
{
  const char *changed;

  if (!g_variant_lookup (changes, key, "&s", &changed))
    return;
  g_free (*text);
  *text = g_strdup (changed);
}

void
sp_group_record_apply (SpGroupRecord *record, GVariant *changes)
{
  take_text (&record->label, changes, "Label");
  take_text (&record->banner, changes, "Banner");
  sp_user_values_apply (&record->values, changes);
}
