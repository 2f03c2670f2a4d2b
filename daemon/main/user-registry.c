/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-registry-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "user-group.h"

#include <string.h>

#define FIRST_LOGIN_SECONDS 1 /* until a first sign-in is stored */

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

  sp_user_registry_write_first_logins (self);
  g_ptr_array_unref (self->first_logins);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_login);
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

/* Ids are random. */
static guint
hash_id (gconstpointer id)
{
  guint hash;

  memcpy (&hash, id, sizeof hash);
  return hash;
}

static gboolean
equal_ids (gconstpointer left, gconstpointer right)
{
  return memcmp (left, right, SP_ID_SIZE) == 0;
}

static void
sp_user_registry_init (SpUserRegistry *self)
{
  self->users = g_ptr_array_new_with_free_func (g_object_unref);
  self->first_logins = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (hash_id, equal_ids, g_free, NULL);
  self->by_login = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Takes `user`. */
static void
take (SpUserRegistry *self, SpUser *user)
{
  g_ptr_array_add (self->users, user);
  (void) g_hash_table_replace (self->by_id, g_memdup2 (sp_user_get_id (user), SP_ID_SIZE), user);
  (void) g_hash_table_replace (self->by_login, g_strdup (sp_user_get_login (user)), user);
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
    take (self, sp_user_new (g_ptr_array_index (records, i)));
  return g_steal_pointer (&self);
}

void
sp_user_registry_set_judge (SpUserRegistry *self, SpUserJudge judge, gpointer user_data)
{
  self->judge = judge;
  self->judge_data = user_data;
}

void
sp_user_registry_set_groups (SpUserRegistry *self, SpUserGroupKnown known, gpointer user_data)
{
  self->group_known = known;
  self->group_data = user_data;
  for (guint i = 0; i < self->users->len; i++)
    {
      g_autoptr (SpUserRecord) record =
          sp_user_record_copy (sp_user_get_record (self->users->pdata[i]));

      if (sp_user_groups_prune (&record->values, known, user_data))
        sp_user_change (self->users->pdata[i], record);
    }
}

void
sp_user_registry_leave_group (SpUserRegistry *self, const char *name)
{
  for (guint i = 0; i < self->users->len; i++)
    if (sp_user_groups_have (&sp_user_get_record (self->users->pdata[i])->values, name))
      sp_user_registry_announce_one (self, self->users->pdata[i]);
}

gboolean
sp_user_registry_has_group (SpUserRegistry *self, const char *name)
{
  for (guint i = 0; i < self->users->len; i++)
    if (sp_user_groups_have (&sp_user_get_record (self->users->pdata[i])->values, name))
      return TRUE;
  return FALSE;
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
  return g_hash_table_lookup (self->by_id, id);
}

SpUser *
sp_user_registry_find_by_login (SpUserRegistry *self, const char *login)
{
  return g_hash_table_lookup (self->by_login, login);
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
  SpPutUser message;
  SpUser *user;

  if (self->announced >= self->users->len)
    return;
  user = self->users->pdata[self->announced++];
  sp_user_describe (user, sp_user_get_record (user), &message);
  task = g_task_new (self, NULL, announced_cb, NULL);
  sp_keyholder_client_put_user (self->keyholder, &message, task);
}

void
sp_user_registry_announce (SpUserRegistry *self)
{
  self->announced = 0;
  announce_next (self);
}

void
sp_user_registry_take_new (SpUserRegistry *self, SpUser *user)
{
  take (self, g_object_ref (user));
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, user);
}

/* In one write. */
static gboolean
store_first_logins (SpUserRegistry *self, GError **error)
{
  if (!sp_store_begin_soon (self->store, error))
    return FALSE;
  for (guint i = 0; i < self->first_logins->len; i++)
    {
      const SpUserRecord *record = sp_user_get_record (self->first_logins->pdata[i]);

      if (!sp_store_set_first_login (self->store, record->id, record->first_login, error))
        {
          (void) sp_store_end (self->store, NULL);
          return FALSE;
        }
    }
  return sp_store_end (self->store, error);
}

void
sp_user_registry_write_first_logins (SpUserRegistry *self)
{
  g_autoptr (GError) error = NULL;

  if (self->first_login_timer == 0)
    return;
  g_clear_handle_id (&self->first_login_timer, g_source_remove);
  if (!store_first_logins (self, &error))
    sp_log (SP_LOG_ERROR, "users", "first sign-ins could not be stored: %s", error->message);
  g_ptr_array_set_size (self->first_logins, 0);
}

static gboolean
first_logins_cb (gpointer user_data)
{
  sp_user_registry_write_first_logins (user_data);
  return G_SOURCE_REMOVE;
}

/* The keyholder has it stored, and tells it again after each of its starts. */
void
sp_user_registry_first_login (SpUserRegistry *self, const guint8 *id, gint64 at)
{
  SpUser *user = sp_user_registry_find_by_id (self, id);
  gint64 end;

  if (user == NULL || sp_user_get_record (user)->first_login == at)
    return;
  end = sp_user_record_get_end (sp_user_get_record (user));
  sp_user_set_first_login (user, at);
  g_ptr_array_add (self->first_logins, g_object_ref (user));
  if (self->first_login_timer == 0)
    self->first_login_timer = g_timeout_add_seconds (FIRST_LOGIN_SECONDS, first_logins_cb, self);
  if (sp_user_record_get_end (sp_user_get_record (user)) != end)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0, user);
}

void
sp_user_registry_take_record (SpUserRegistry *self, SpUser *user, const SpUserRecord *record)
{
  sp_user_change (user, record);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, user);
}

void
sp_user_registry_drop (SpUserRegistry *self, SpUser *user)
{
  if (sp_user_registry_find_by_id (self, sp_user_get_id (user)) != user)
    return;
  (void) g_hash_table_remove (self->by_id, sp_user_get_id (user));
  (void) g_hash_table_remove (self->by_login, sp_user_get_login (user));
  (void) g_ptr_array_remove (self->users, user);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, user);
}

void
sp_user_registry_set_password_async (SpUserRegistry *self,
                                     SpUser *user,
                                     int fd,
                                     gboolean hashed,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  sp_keyholder_client_set_password (self->keyholder, sp_user_get_id (user), fd, hashed, task);
  sp_fd_clear (&fd);
}

gboolean
sp_user_registry_set_password_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
