/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/error.h"

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
  sp_user_registry_leave_group (self->users, sp_group_get_name (group));
}

gboolean
sp_server_open_groups (SpServer *self, GError **error)
{
  self->groups = sp_group_registry_new (self->store, error);
  if (self->groups == NULL)
    return FALSE;
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

SpGroup *
sp_server_add_group (SpServer *self, const char *name, GVariant *values, GError **error)
{
  if (sp_group_registry_find (self->groups, name) == NULL &&
      sp_user_registry_has_group (self->users, name))
    {
      sp_user_registry_leave_group (self->users, name);
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
                   "users are still leaving the group of that name; try again");
      return NULL;
    }
  return sp_group_registry_add (self->groups, name, values, error);
}
