/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-registry-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "store-undo.h"
#include "user-conflict.h"
#include "user-group.h"

#include <string.h>

/* A change on its way: the keyholder agrees first, then it is stored, then it is told. */
typedef struct
{
  SpUser *user; /* the one to change, or a new one */
  gboolean is_new;
  GVariant *changes;    /* a{sv}, NULL: it is removed for good */
  gint64 *removed_at;   /* when it goes into the bin, 0: it comes back; NULL: neither */
  char *token;          /* that takes it out again; NULL: none */
  SpUserRecord *record; /* what it will be; made when its turn comes */
} Change;

static void
change_free (Change *change)
{
  g_clear_object (&change->user);
  g_clear_pointer (&change->changes, g_variant_unref);
  g_free (change->removed_at);
  g_free (change->token);
  sp_user_record_free (change->record);
  g_free (change);
}

static void run_next (SpUserRegistry *self);

/* The first change is over: `error` (taken) says how.  It is in the queue until that was told, so
 * that who is told may ask for another, which then waits for its turn. */
static void
end_first (SpUserRegistry *self, GError *error)
{
  GTask *task = g_queue_peek_head (&self->changes);
  Change *change = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (change->is_new)
    g_task_return_pointer (task, g_object_ref (change->user), g_object_unref);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (g_queue_pop_head (&self->changes));
}

static void
repaired_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    sp_log (SP_LOG_ERROR, "users",
            "the keyholder goes on with a change that could not be stored: %s", error->message);
}

/* The keyholder agreed to what could not be stored: it hears what was before. */
static void
repair (SpUserRegistry *self, const Change *change)
{
  const SpUserRecord *record = sp_user_get_record (change->user);
  g_autoptr (GTask) task = g_task_new (self, NULL, repaired_cb, NULL);
  SpPutUser message;

  if (change->is_new)
    sp_keyholder_client_remove_user (self->keyholder, record->id, task);
  else
    {
      sp_user_describe (change->user, record, &message);
      sp_keyholder_client_put_user (self->keyholder, &message, task);
    }
}

/* --- add and update --- */

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  GTask *task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) &&
      !sp_store_put_user (self->store, change->record, &error))
    repair (self, change);
  if (error == NULL && change->is_new)
    sp_user_registry_take_new (self, change->user);
  else if (error == NULL)
    sp_user_registry_take_record (self, change->user, change->record);
  end_first (self, error);
  run_next (self);
}

static gboolean
login_is_valid (const char *login)
{
  gsize length = strlen (login);

  if (length == 0 || length > SP_LOGIN_MAX || !g_utf8_validate (login, length, NULL) ||
      !sp_text_is_line (login))
    return FALSE;
  for (const char *next = login; *next != '\0'; next = g_utf8_next_char (next))
    if (!g_unichar_isgraph (g_utf8_get_char (next)))
      return FALSE;
  return TRUE;
}

static gboolean
check_login (SpUserRegistry *self, const char *login, GError **error)
{
  if (!login_is_valid (login))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "“Login” must have 1 to %d bytes, all of visible characters and no blank",
                   SP_LOGIN_MAX);
      return FALSE;
    }
  if (sp_user_registry_find_by_login (self, login) != NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_EXISTS,
                   sp_user_get_record (sp_user_registry_find_by_login (self, login))->removed_at !=
                           0
                       ? "a removed user is named “%s”: restore or purge it"
                       : "there is a user named “%s”",
                   login);
      return FALSE;
    }
  return TRUE;
}

/* Into the bin once, and out of it. */
static gboolean
check_removal (const Change *change, GError **error)
{
  gboolean is_removed = sp_user_get_record (change->user)->removed_at != 0;

  if (change->removed_at == NULL || is_removed == (*change->removed_at == 0))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               is_removed ? "the user is removed already" : "the user is not removed");
  return FALSE;
}

static gboolean
check_still_there (SpUserRegistry *self, SpUser *user, GError **error)
{
  if (sp_user_registry_find_by_id (self, sp_user_get_id (user)) != NULL)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "the user was removed");
  return FALSE;
}

/* Of what belongs to one user alone. */
static gboolean
check_claims (SpUserRegistry *self, const Change *change, GError **error)
{
  static const SpUserRecord nothing = { .login = NULL };
  const SpUserRecord *before = change->is_new ? &nothing : sp_user_get_record (change->user);

  return !sp_user_conflict_is_possible (before, change->record) ||
         (sp_user_conflict_check (self, change->record, error) &&
          (self->judge == NULL || self->judge (self->judge_data, change->record, error)));
}

/* Who asks for a group that is not there is told; a group that is gone is dropped silently. */
static gboolean
take_groups (SpUserRegistry *self, const Change *change, GError **error)
{
  SpUserValues *values = &change->record->values;
  gboolean asked = g_variant_lookup (change->changes, "Groups", "as", NULL);

  if (self->group_known == NULL)
    return TRUE;
  if (asked)
    return sp_user_groups_check (values, self->group_known, self->group_data, error);
  (void) sp_user_groups_prune (values, self->group_known, self->group_data);
  return TRUE;
}

/* Before it is of use, so that nobody has one that the next main does not know. */
static gboolean
keep_token (SpUserRegistry *self, const Change *change, GError **error)
{
  return change->token == NULL ||
         sp_store_put_undo (self->store, change->token, sp_user_get_id (change->user), G_MAXINT64,
                            error);
}

static gboolean
put (SpUserRegistry *self, GTask *task, Change *change, GError **error)
{
  g_autoptr (GTask) inner = NULL;
  SpPutUser message;

  if (change->is_new
          ? !check_login (self, sp_user_get_login (change->user), error)
          : !check_still_there (self, change->user, error) || !check_removal (change, error))
    return FALSE;
  change->record = sp_user_record_copy (sp_user_get_record (change->user));
  sp_user_values_apply (&change->record->values, change->changes);
  if (!take_groups (self, change, error) || !check_claims (self, change, error) ||
      !keep_token (self, change, error))
    return FALSE;
  if (change->removed_at != NULL)
    change->record->removed_at = *change->removed_at;
  sp_user_describe (change->user, change->record, &message);
  inner = g_task_new (self, NULL, put_cb, task);
  sp_keyholder_client_put_user (self->keyholder, &message, inner);
  return TRUE;
}

/* --- remove --- */

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  GTask *task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    g_clear_error (&error);
  if (error == NULL && sp_store_remove_user (self->store, sp_user_get_id (change->user), &error))
    sp_user_registry_drop (self, change->user);
  end_first (self, error);
  run_next (self);
}

static gboolean
take_away (SpUserRegistry *self, GTask *task, const Change *change)
{
  g_autoptr (GTask) inner = g_task_new (self, NULL, removed_cb, task);

  sp_keyholder_client_remove_user (self->keyholder, sp_user_get_id (change->user), inner);
  return TRUE;
}

/* --- the queue --- */

static void
run_next (SpUserRegistry *self)
{
  GTask *task;

  while ((task = g_queue_peek_head (&self->changes)) != NULL)
    {
      Change *change = g_task_get_task_data (task);
      GError *error = NULL;

      if (change->changes != NULL ? put (self, task, change, &error)
                                  : take_away (self, task, change))
        return; /* goes on with the keyholder's answer */
      end_first (self, error);
    }
}

static void
queue (SpUserRegistry *self, GTask *task, Change *change)
{
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  g_queue_push_tail (&self->changes, g_object_ref (task));
  if (self->changes.length == 1)
    run_next (self);
}

void
sp_user_registry_add_async (SpUserRegistry *self,
                            const char *login,
                            GVariant *values,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  SpUserRecord record = { .login = (char *) login, .created = g_get_real_time () };
  Change *change = g_new0 (Change, 1);

  sp_random_bytes (record.id, SP_ID_SIZE);
  sp_user_values_apply (&record.values, values);
  change->user = sp_user_new (&record);
  sp_user_values_clear (&record.values);
  change->is_new = TRUE;
  change->changes = g_variant_ref_sink (values);
  queue (self, task, change);
}

SpUser *
sp_user_registry_add_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sp_user_registry_update_async (SpUserRegistry *self,
                               SpUser *user,
                               GVariant *changes,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Change *change = g_new0 (Change, 1);

  change->user = g_object_ref (user);
  change->changes = g_variant_ref_sink (changes);
  queue (self, task, change);
}

static void
announced_one_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_user_registry_update_finish (SP_USER_REGISTRY (source), result, &error))
    sp_log (SP_LOG_NOTICE, "users", "the keyholder hears of a user later: %s", error->message);
}

/* A change of nothing, in its turn among the others. */
void
sp_user_registry_announce_one (SpUserRegistry *self, SpUser *user)
{
  sp_user_registry_update_async (self, user, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                 NULL, announced_one_cb, NULL);
}

gboolean
sp_user_registry_update_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
change_removal (SpUserRegistry *self, SpUser *user, GTask *task, gint64 removed_at)
{
  Change *change = g_new0 (Change, 1);

  change->user = g_object_ref (user);
  change->changes = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  change->removed_at = g_memdup2 (&removed_at, sizeof removed_at);
  change->token = removed_at != 0 ? g_uuid_string_random () : NULL;
  queue (self, task, change);
}

void
sp_user_registry_remove_async (SpUserRegistry *self,
                               SpUser *user,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  change_removal (self, user, task, g_get_real_time ());
}

char *
sp_user_registry_remove_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  const Change *change = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_strdup (change->token) : NULL;
}

void
sp_user_registry_restore_async (SpUserRegistry *self,
                                SpUser *user,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  change_removal (self, user, task, 0);
}

SpUser *
sp_user_registry_find_by_token (SpUserRegistry *self, const char *token)
{
  guint8 id[SP_ID_SIZE];

  return sp_store_find_undo (self->store, token, id, NULL) ? sp_user_registry_find_by_id (self, id)
                                                           : NULL;
}

void
sp_user_registry_purge_async (SpUserRegistry *self,
                              SpUser *user,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Change *change;

  if (sp_user_get_record (user)->removed_at == 0)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                               "the user is not removed");
      return;
    }
  change = g_new0 (Change, 1);
  change->user = g_object_ref (user);
  queue (self, task, change);
}
