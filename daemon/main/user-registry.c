/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-registry.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <string.h>

struct _SpUserRegistry
{
  GObject parent;
  SpStore *store;
  SpKeyholderClient *keyholder;
  GPtrArray *users; /* of SpUser */
  guint announced;  /* how many of them the keyholder was told about since it started */
};

G_DEFINE_TYPE (SpUserRegistry, sp_user_registry, G_TYPE_OBJECT)

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_user_registry_finalize (GObject *object)
{
  SpUserRegistry *self = SP_USER_REGISTRY (object);

  g_ptr_array_unref (self->users);
  G_OBJECT_CLASS (sp_user_registry_parent_class)->finalize (object);
}

static guint
new_signal (GObjectClass *class, const char *name)
{
  return g_signal_new (name, G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, SP_TYPE_USER);
}

static void
sp_user_registry_class_init (SpUserRegistryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = sp_user_registry_finalize;
  signals[SIGNAL_ADDED] = new_signal (object_class, "added");
  signals[SIGNAL_REMOVED] = new_signal (object_class, "removed");
  signals[SIGNAL_CHANGED] = new_signal (object_class, "changed");
}

static void
sp_user_registry_init (SpUserRegistry *self)
{
  self->users = g_ptr_array_new_with_free_func (g_object_unref);
}

SpUserRegistry *
sp_user_registry_new (SpStore *store, SpKeyholderClient *keyholder, GError **error)
{
  g_autoptr (SpUserRegistry) self = g_object_new (SP_TYPE_USER_REGISTRY, NULL);
  g_autoptr (GPtrArray) records = sp_store_list_users (store, error);

  if (records == NULL)
    return NULL;
  self->store = store;
  self->keyholder = keyholder;
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (self->users, sp_user_new (g_ptr_array_index (records, i)));
  return g_steal_pointer (&self);
}

guint
sp_user_registry_get_n (SpUserRegistry *self)
{
  return self->users->len;
}

SpUser *
sp_user_registry_get (SpUserRegistry *self, guint position)
{
  return g_ptr_array_index (self->users, position);
}

SpUser *
sp_user_registry_find_by_id (SpUserRegistry *self, const guint8 *id)
{
  for (guint i = 0; i < self->users->len; i++)
    if (memcmp (sp_user_get_id (self->users->pdata[i]), id, SP_ID_SIZE) == 0)
      return self->users->pdata[i];
  return NULL;
}

SpUser *
sp_user_registry_find_by_login (SpUserRegistry *self, const char *login)
{
  for (guint i = 0; i < self->users->len; i++)
    if (strcmp (sp_user_get_login (self->users->pdata[i]), login) == 0)
      return self->users->pdata[i];
  return NULL;
}

SpUser *
sp_user_registry_find_by_path (SpUserRegistry *self, const char *element)
{
  guint8 id[SP_ID_SIZE];

  if (!sp_hex_decode (element, strlen (element), id, sizeof id))
    return NULL;
  return sp_user_registry_find_by_id (self, id);
}

static void announce_next (SpUserRegistry *self);

static void
announced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    sp_log (SP_LOG_WARNING, "users", "the keyholder did not take a user: %s", error->message);
  /* Another keyholder hears it from the beginning. */
  if (sp_keyholder_client_is_ready (self->keyholder))
    announce_next (self);
}

/* One after the other, since the wall bounds how many questions are open. */
static void
announce_next (SpUserRegistry *self)
{
  g_autoptr (GTask) task = NULL;
  const SpUserRecord *record;

  if (self->announced >= self->users->len)
    return;
  record = sp_user_get_record (self->users->pdata[self->announced++]);
  task = g_task_new (self, NULL, announced_cb, NULL);
  sp_keyholder_client_put_user (self->keyholder, record->id, record->login, record->enabled, task);
}

void
sp_user_registry_announce (SpUserRegistry *self)
{
  self->announced = 0;
  announce_next (self);
}

/* A change on its way through the keyholder: what to do when it agreed. */
typedef struct
{
  SpUser *user; /* the one to change, or a new one */
  SpUserRecord *record;
} Change;

static void
change_free (Change *change)
{
  g_clear_object (&change->user);
  sp_user_record_free (change->record);
  g_free (change);
}

static SpUserRecord *
copy_record (const SpUserRecord *record, const char *full_name, gboolean enabled)
{
  SpUserRecord *copy = g_new0 (SpUserRecord, 1);

  *copy = *record;
  copy->login = g_strdup (record->login);
  copy->full_name = g_strdup (full_name);
  copy->enabled = enabled;
  return copy;
}

/* The keyholder's answer arrives at an inner task whose data is the outer one. */
static GTask *
inner_task (GTask *outer, GAsyncReadyCallback answered)
{
  return g_task_new (g_task_get_source_object (outer), NULL, answered, g_object_ref (outer));
}

static gboolean
login_is_valid (const char *login)
{
  gsize length = strlen (login);

  if (length == 0 || length > SP_LOGIN_MAX || !g_utf8_validate (login, length, NULL))
    return FALSE;
  for (const char *next = login; *next != '\0'; next = g_utf8_next_char (next))
    if (!g_unichar_isgraph (g_utf8_get_char (next)))
      return FALSE;
  return TRUE;
}

static gboolean
check_names (SpUserRegistry *self, const char *login, const char *full_name, GError **error)
{
  if (!login_is_valid (login))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "a user name has 1 to %d visible characters and no blank", SP_LOGIN_MAX);
      return FALSE;
    }
  if (strlen (full_name) > SP_FULL_NAME_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "a full name has at most %d bytes",
                   SP_FULL_NAME_MAX);
      return FALSE;
    }
  if (sp_user_registry_find_by_login (self, login) != NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_EXISTS, "there is a user named “%s”", login);
      return FALSE;
    }
  return TRUE;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) ||
      !sp_store_put_user (self->store, change->record, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_add (self->users, g_object_ref (change->user));
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, change->user);
  g_task_return_pointer (task, g_object_ref (change->user), g_object_unref);
}

void
sp_user_registry_add_async (SpUserRegistry *self,
                            const char *login,
                            const char *full_name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  Change *change;
  GError *error = NULL;

  if (!check_names (self, login, full_name, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  change = g_new0 (Change, 1);
  change->record = g_new0 (SpUserRecord, 1);
  sp_random_bytes (change->record->id, SP_ID_SIZE);
  change->record->login = g_strdup (login);
  change->record->full_name = g_strdup (full_name);
  change->record->enabled = TRUE;
  change->record->created = g_get_real_time ();
  change->user = sp_user_new (change->record);
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  inner = inner_task (task, added_cb);
  sp_keyholder_client_put_user (self->keyholder, change->record->id, login, TRUE, inner);
}

SpUser *
sp_user_registry_add_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sp_user_registry_set_password_async (SpUserRegistry *self,
                                     SpUser *user,
                                     int fd,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  sp_keyholder_client_set_password (self->keyholder, sp_user_get_id (user), fd, task);
  sp_fd_clear (&fd);
}

gboolean
sp_user_registry_set_password_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
updated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) ||
      !sp_store_put_user (self->store, change->record, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  sp_user_change (change->user, change->record->full_name, change->record->enabled);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, change->user);
  g_task_return_boolean (task, TRUE);
}

void
sp_user_registry_update_async (SpUserRegistry *self,
                               SpUser *user,
                               const char *full_name,
                               gboolean enabled,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  Change *change;

  if (strlen (full_name) > SP_FULL_NAME_MAX)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                               "a full name has at most %d bytes", SP_FULL_NAME_MAX);
      return;
    }
  change = g_new0 (Change, 1);
  change->user = g_object_ref (user);
  change->record = copy_record (sp_user_get_record (user), full_name, enabled);
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  inner = inner_task (task, updated_cb);
  sp_keyholder_client_put_user (self->keyholder, change->record->id, change->record->login, enabled,
                                inner);
}

gboolean
sp_user_registry_update_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpUserRegistry *self = SP_USER_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  SpUser *user = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      !g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);
  if (!sp_store_remove_user (self->store, sp_user_get_id (user), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_ptr_array_remove (self->users, user))
    g_signal_emit (self, signals[SIGNAL_REMOVED], 0, user);
  g_task_return_boolean (task, TRUE);
}

void
sp_user_registry_remove_async (SpUserRegistry *self,
                               SpUser *user,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = inner_task (task, removed_cb);

  g_task_set_task_data (task, g_object_ref (user), g_object_unref);
  sp_keyholder_client_remove_user (self->keyholder, sp_user_get_id (user), inner);
}

gboolean
sp_user_registry_remove_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
