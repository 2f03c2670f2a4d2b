/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/error.h"
#include "base/log.h"
#include "user-group.h"

/* What was removed, and who could choose it: what takes it back. */
typedef struct
{
  SpGroupRecord *record;
  GPtrArray *users; /* of SpUser */
} Removed;

static void
free_removed (gpointer data)
{
  Removed *removed = data;

  sp_group_record_free (removed->record);
  g_ptr_array_unref (removed->users);
  g_free (removed);
}

/* Not more than there can be groups. */
static void
remember (SpServer *self, SpGroup *group)
{
  Removed *removed = g_new0 (Removed, 1);
  guint n = sp_user_registry_get_n (self->users);

  removed->record = sp_group_record_copy (sp_group_get_record (group));
  removed->users = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      SpUser *user = sp_user_registry_get (self->users, i);

      if (sp_user_groups_have (&sp_user_get_record (user)->values, removed->record->name))
        g_ptr_array_add (removed->users, g_object_ref (user));
    }
  if (self->removed_groups->len >= SP_GROUPS_MAX)
    g_ptr_array_remove_index (self->removed_groups, 0);
  g_ptr_array_add (self->removed_groups, removed);
}

static gboolean
is_known (gpointer groups, const char *name)
{
  return sp_group_registry_find (groups, name) != NULL;
}

static void
offer (SpGroupRegistry *groups, SpGroup *group, SpServer *self)
{
  if (self->state == SP_SERVER_ON)
    sp_server_tell_texts (self);
}

/* Its sessions end when the keyholder hears of its users. */
static void
removed_cb (SpGroupRegistry *groups, SpGroup *group, SpServer *self)
{
  offer (groups, group, self);
  remember (self, group);
  sp_user_registry_leave_group (self->users, sp_group_get_name (group));
}

gboolean
sp_server_open_groups (SpServer *self, GError **error)
{
  self->groups = sp_group_registry_new (self->store, error);
  if (self->groups == NULL)
    return FALSE;
  self->removed_groups = g_ptr_array_new_with_free_func (free_removed);
  sp_user_registry_set_groups (self->users, is_known, self->groups);
  sp_session_registry_set_groups (self->sessions, self->groups);
  g_signal_connect_object (self->groups, "added", G_CALLBACK (offer), self, 0);
  g_signal_connect_object (self->groups, "changed", G_CALLBACK (offer), self, 0);
  g_signal_connect_object (self->groups, "removed", G_CALLBACK (removed_cb), self, 0);
  return TRUE;
}

SpGroupRegistry *
sp_server_get_groups (SpServer *self)
{
  return self->groups;
}

static gboolean
check_left (SpServer *self, const char *name, GError **error)
{
  if (sp_group_registry_find (self->groups, name) != NULL ||
      !sp_user_registry_has_group (self->users, name))
    return TRUE;
  sp_user_registry_leave_group (self->users, name);
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "users are still leaving the group of that name; try again");
  return FALSE;
}

SpGroup *
sp_server_add_group (SpServer *self, const char *name, GVariant *values, GError **error)
{
  return check_left (self, name, error) ? sp_group_registry_add (self->groups, name, values, error)
                                        : NULL;
}

/* --- back again --- */

static void
joined_cb (GObject *users, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_user_registry_update_finish (SP_USER_REGISTRY (users), result, &error))
    sp_log (SP_LOG_WARNING, "groups", "a user is not in the group again: %s", error->message);
}

static void
join (SpServer *self, SpUser *user, const char *name)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree const char **now =
      sp_user_values_get_texts (&sp_user_get_record (user)->values, SP_USER_GROUPS);
  g_autoptr (GVariant) values = NULL;

  for (guint i = 0; now[i] != NULL; i++)
    g_ptr_array_add (names, (gpointer) now[i]);
  g_ptr_array_add (names, (gpointer) name);
  g_variant_dict_insert_value (&changes, "Groups",
                               g_variant_new_strv ((const char *const *) names->pdata, names->len));
  values = g_variant_ref_sink (g_variant_dict_end (&changes));
  sp_user_registry_update_async (self->users, user, values, NULL, joined_cb, NULL);
}

static Removed *
find_removed (SpServer *self, const char *name, guint *ret_position)
{
  for (guint i = self->removed_groups->len; i > 0; i--)
    {
      Removed *removed = self->removed_groups->pdata[i - 1];

      *ret_position = i - 1;
      if (g_str_equal (removed->record->name, name))
        return removed;
    }
  return NULL;
}

SpGroup *
sp_server_restore_group (SpServer *self, const char *name, GError **error)
{
  guint position;
  const Removed *removed = find_removed (self, name, &position);
  SpGroup *group;

  if (removed == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND,
                   "no group of that name was removed since the service began");
      return NULL;
    }
  group = check_left (self, name, error)
              ? sp_group_registry_restore (self->groups, removed->record, error)
              : NULL;
  if (group == NULL)
    return NULL;
  for (guint i = 0; i < removed->users->len; i++)
    if (sp_user_registry_find_by_id (self->users, sp_user_get_id (removed->users->pdata[i])) !=
        NULL)
      join (self, removed->users->pdata[i], name);
  g_ptr_array_remove_index (self->removed_groups, position);
  return group;
}
