/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "group-registry.h"

#include "base/error.h"
#include "base/io.h"
#include "codec/group-list.h"

struct _SpGroupRegistry
{
  GObject parent;
  SpStore *store;
  GPtrArray *groups; /* of SpGroup */
};

G_DEFINE_FINAL_TYPE (SpGroupRegistry, sp_group_registry, G_TYPE_OBJECT)

enum
{
  ADDED,
  CHANGED,
  REMOVED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_group_registry_finalize (GObject *object)
{
  g_ptr_array_unref (SP_GROUP_REGISTRY (object)->groups);
  G_OBJECT_CLASS (sp_group_registry_parent_class)->finalize (object);
}

static void
sp_group_registry_class_init (SpGroupRegistryClass *class)
{
  static const char *const names[N_SIGNALS] = { "added", "changed", "removed" };

  G_OBJECT_CLASS (class)->finalize = sp_group_registry_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], SP_TYPE_GROUP_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, SP_TYPE_GROUP);
}

static void
sp_group_registry_init (SpGroupRegistry *self)
{
  self->groups = g_ptr_array_new_with_free_func (g_object_unref);
}

SpGroupRegistry *
sp_group_registry_new (SpStore *store, GError **error)
{
  g_autoptr (SpGroupRegistry) self = g_object_new (SP_TYPE_GROUP_REGISTRY, NULL);
  g_autoptr (GPtrArray) records = sp_store_list_groups (store, error);

  if (records == NULL)
    return NULL;
  self->store = store;
  for (guint i = 0; i < records->len && i < SP_GROUPS_MAX; i++)
    g_ptr_array_add (self->groups, sp_group_new (records->pdata[i]));
  return g_steal_pointer (&self);
}

guint
sp_group_registry_get_n (SpGroupRegistry *self)
{
  return self->groups->len;
}

SpGroup *
sp_group_registry_get (SpGroupRegistry *self, guint position)
{
  return self->groups->pdata[position];
}

SpGroup *
sp_group_registry_find (SpGroupRegistry *self, const char *name)
{
  for (guint i = 0; i < self->groups->len; i++)
    if (g_str_equal (sp_group_get_name (self->groups->pdata[i]), name))
      return self->groups->pdata[i];
  return NULL;
}

/* --- changes --- */

static gboolean
is_either (const char *text, SpGroup *group)
{
  return g_ascii_strcasecmp (text, sp_group_get_name (group)) == 0 ||
         g_ascii_strcasecmp (text, sp_group_get_label (group)) == 0;
}

/* Clients send a name or a label, and each must be of one group alone. */
static gboolean
check_words (SpGroupRegistry *self, const SpGroupRecord *record, SpGroup *itself, GError **error)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      SpGroup *other = self->groups->pdata[i];

      if (other == itself || (!is_either (record->name, other) &&
                              (record->label[0] == '\0' || !is_either (record->label, other))))
        continue;
      g_set_error (error, SP_ERROR, SP_ERROR_EXISTS,
                   "the group “%s” has that name or label, in whatever case",
                   sp_group_get_name (other));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_new (SpGroupRegistry *self, const char *name, GError **error)
{
  if (!sp_group_name_is_valid (name))
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                 "“name” must have 1 to %d letters, digits, “-” and “_”, and be none of the words "
                 "that addresses of the server begin with",
                 SP_GROUP_NAME_MAX);
  else if (self->groups->len >= SP_GROUPS_MAX)
    g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "there are %d groups, which is the most",
                 SP_GROUPS_MAX);
  else
    return TRUE;
  return FALSE;
}

SpGroup *
sp_group_registry_restore (SpGroupRegistry *self, const SpGroupRecord *record, GError **error)
{
  SpGroup *group;

  if (!check_new (self, record->name, error) || !check_words (self, record, NULL, error) ||
      !sp_store_put_group (self->store, record, error))
    return NULL;
  group = sp_group_new (record);
  g_ptr_array_add (self->groups, group);
  g_signal_emit (self, signals[ADDED], 0, group);
  return group;
}

SpGroup *
sp_group_registry_add (SpGroupRegistry *self, const char *name, GVariant *values, GError **error)
{
  g_autoptr (SpGroupRecord) record = g_new0 (SpGroupRecord, 1);

  sp_random_bytes (record->id, SP_ID_SIZE);
  record->name = g_strdup (name);
  record->label = g_strdup ("");
  record->banner = g_strdup ("");
  record->created = g_get_real_time ();
  sp_group_record_apply (record, values);
  return sp_group_registry_restore (self, record, error);
}

static gboolean
check_there (SpGroupRegistry *self, SpGroup *group, GError **error)
{
  if (g_ptr_array_find (self->groups, group, NULL))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "the group was removed");
  return FALSE;
}

gboolean
sp_group_registry_update (SpGroupRegistry *self, SpGroup *group, GVariant *changes, GError **error)
{
  g_autoptr (SpGroupRecord) record = sp_group_record_copy (sp_group_get_record (group));

  sp_group_record_apply (record, changes);
  if (!check_there (self, group, error) || !check_words (self, record, group, error) ||
      !sp_store_put_group (self->store, record, error))
    return FALSE;
  sp_group_change (group, record);
  g_signal_emit (self, signals[CHANGED], 0, group);
  return TRUE;
}

gboolean
sp_group_registry_remove (SpGroupRegistry *self, SpGroup *group, GError **error)
{
  g_autoptr (SpGroup) kept = g_object_ref (group);

  if (!check_there (self, group, error) ||
      !sp_store_remove_group (self->store, sp_group_get_record (group)->id, error))
    return FALSE;
  (void) g_ptr_array_remove (self->groups, group);
  g_signal_emit (self, signals[REMOVED], 0, kept);
  return TRUE;
}

char *
sp_group_registry_describe (SpGroupRegistry *self, const char *none)
{
  GString *text = g_string_new (NULL);

  if (self->groups->len > 0)
    sp_group_list_append (text, SP_GROUP_NONE, none);
  for (guint i = 0; i < self->groups->len; i++)
    sp_group_list_append (text, sp_group_get_name (self->groups->pdata[i]),
                          sp_group_get_label (self->groups->pdata[i]));
  return g_string_free (text, FALSE);
}
