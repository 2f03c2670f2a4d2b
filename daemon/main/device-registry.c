/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-registry-private.h"

#include "base/error.h"
#include "base/label.h"
#include "base/log.h"
#include "store-undo.h"

#include <string.h>

#define DAY ((gint64) 24 * 60 * 60 * G_USEC_PER_SEC)

G_DEFINE_TYPE (SpDeviceRegistry, sp_device_registry, G_TYPE_OBJECT)

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static guint
hash_id (gconstpointer id)
{
  guint hash;

  memcpy (&hash, id, sizeof hash); /* it is random */
  return hash;
}

static gboolean
is_same_id (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SP_ID_SIZE) == 0;
}

static void
sp_device_registry_finalize (GObject *object)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (object);

  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->devices);
  G_OBJECT_CLASS (sp_device_registry_parent_class)->finalize (object);
}

static void
sp_device_registry_class_init (SpDeviceRegistryClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  G_OBJECT_CLASS (class)->finalize = sp_device_registry_finalize;
  signals[SIGNAL_ADDED] = g_signal_new ("added", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, SP_TYPE_DEVICE);
  signals[SIGNAL_REMOVED] = g_signal_new ("removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, SP_TYPE_DEVICE);
}

static void
sp_device_registry_init (SpDeviceRegistry *self)
{
  self->devices = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (hash_id, is_same_id);
}

static SpDevice *
insert (SpDeviceRegistry *self, const SpDeviceRecord *record, SpUser *user)
{
  SpDevice *device = sp_device_new (record, user);

  g_ptr_array_add (self->devices, device);
  (void) g_hash_table_insert (self->by_id, (gpointer) sp_device_get_id (device), device);
  return device;
}

static void
drop (SpDeviceRegistry *self, SpDevice *device)
{
  g_autoptr (SpDevice) kept = g_object_ref (device);

  (void) g_hash_table_remove (self->by_id, sp_device_get_id (device));
  (void) g_ptr_array_remove (self->devices, device);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, kept);
}

/* The keyholder's part went with the user. */
static void
user_removed_cb (SpUserRegistry *users, SpUser *user, SpDeviceRegistry *self)
{
  g_autoptr (GError) error = NULL;

  if (!sp_store_remove_devices_of (self->store, sp_user_get_id (user), &error))
    sp_log (SP_LOG_ERROR, "devices", "those of a user stay: %s", error->message);
  for (guint i = self->devices->len; i > 0; i--)
    if (sp_device_get_user (self->devices->pdata[i - 1]) == user)
      drop (self, self->devices->pdata[i - 1]);
}

SpDeviceRegistry *
sp_device_registry_new (SpStore *store,
                        SpKeyholderClient *keyholder,
                        SpUserRegistry *users,
                        GError **error)
{
  g_autoptr (SpDeviceRegistry) self = g_object_new (SP_TYPE_DEVICE_REGISTRY, NULL);
  g_autoptr (GPtrArray) records = sp_store_read_devices (store, error);

  if (records == NULL)
    return NULL;
  self->store = store;
  self->keyholder = keyholder;
  self->users = users;
  for (guint i = 0; i < records->len; i++)
    {
      const SpDeviceRecord *record = records->pdata[i];
      SpUser *user = sp_user_registry_find_by_id (users, record->user);

      if (user != NULL)
        (void) insert (self, record, user);
    }
  g_signal_connect_object (users, "removed", G_CALLBACK (user_removed_cb), self, 0);
  return g_steal_pointer (&self);
}

guint
sp_device_registry_get_n (SpDeviceRegistry *self)
{
  return self->devices->len;
}

SpDevice *
sp_device_registry_get (SpDeviceRegistry *self, guint position)
{
  return g_ptr_array_index (self->devices, position);
}

SpDevice *
sp_device_registry_find_by_id (SpDeviceRegistry *self, const guint8 *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

guint
sp_device_registry_count_of (SpDeviceRegistry *self, SpUser *user)
{
  guint n = 0;

  for (guint i = 0; i < self->devices->len; i++)
    n += sp_device_get_user (self->devices->pdata[i]) == user &&
         !sp_device_is_revoked (self->devices->pdata[i]);
  return n;
}

/* --- what the keyholder has to know --- */

static void announce_next (SpDeviceRegistry *self);

static gboolean
is_history (SpDevice *device)
{
  gint64 revoked = sp_device_get_record (device)->revoked;

  return revoked != 0 && g_get_real_time () - revoked > SP_DEVICE_REVOKED_DAYS * DAY;
}

static void
announced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (SpDevice) device = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error) ||
                  g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND);

  if (!done)
    sp_log (SP_LOG_WARNING, "devices", "the keyholder did not take one: %s", error->message);
  g_clear_error (&error);
  if (done && is_history (device))
    {
      self->announced--;
      if (sp_store_remove_device (self->store, sp_device_get_id (device), &error))
        drop (self, device);
      else
        sp_log (SP_LOG_ERROR, "devices", "one stays: %s", error->message);
    }
  /* Another keyholder hears it from the beginning. */
  if (sp_keyholder_client_is_ready (self->keyholder))
    announce_next (self);
}

/* One after the other, since the wall bounds how many questions are open. */
static void
announce_next (SpDeviceRegistry *self)
{
  SpDevice *device;
  g_autoptr (GTask) task = NULL;

  if (self->announced >= self->devices->len)
    return;
  device = self->devices->pdata[self->announced++];
  task = g_task_new (self, NULL, announced_cb, g_object_ref (device));
  if (is_history (device))
    sp_keyholder_client_remove_device (self->keyholder, sp_device_get_id (device), task);
  else
    sp_device_registry_tell_bars (self, device, sp_device_is_revoked (device), task);
}

void
sp_device_registry_announce (SpDeviceRegistry *self)
{
  self->announced = 0;
  announce_next (self);
}

/* --- changes --- */

SpDevice *
sp_device_registry_add (SpDeviceRegistry *self,
                        const guint8 *id,
                        SpUser *user,
                        SpDeviceKind kind,
                        const char *name,
                        gint64 not_after,
                        const guint8 *fingerprint,
                        const char *label,
                        GError **error)
{
  SpDeviceRecord record = {
    .kind = kind, .name = (char *) name, .created = g_get_real_time (), .not_after = not_after
  };
  SpDevice *device;

  if (fingerprint != NULL)
    {
      record.issued = record.created;
      memcpy (record.fingerprint, fingerprint, SP_FINGERPRINT_SIZE);
    }
  if (label != NULL)
    (void) g_strlcpy (record.label, label, sizeof record.label);
  else
    sp_label_make (record.label);
  memcpy (record.id, id, SP_ID_SIZE);
  memcpy (record.user, sp_user_get_id (user), SP_ID_SIZE);
  if (!sp_store_put_device (self->store, &record, error))
    return NULL;
  device = insert (self, &record, user);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, device);
  return device;
}

gboolean
sp_device_registry_store (SpDeviceRegistry *self, SpDeviceRecord record, GError **error)
{
  return sp_store_put_device (self->store, &record, error);
}

gboolean
sp_device_registry_renew_label (SpDeviceRegistry *self, SpDevice *device, GError **error)
{
  SpDeviceRecord record = *sp_device_get_record (device);

  if (sp_device_is_revoked (device))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "the device is revoked");
      return FALSE;
    }
  sp_label_make (record.label);
  if (!sp_device_registry_store (self, record, error))
    return FALSE;
  sp_device_set_label (device, record.label);
  return TRUE;
}

/* Without a flush: its client waits for what comes next. */
static gboolean
store_seen (SpDeviceRegistry *self, SpDeviceRecord record, GError **error)
{
  gboolean stored;

  if (!sp_store_begin_soon (self->store, error))
    return FALSE;
  stored = sp_device_registry_store (self, record, error);
  return sp_store_end (self->store, stored ? error : NULL) && stored;
}

void
sp_device_registry_note_seen (SpDeviceRegistry *self, const guint8 *id)
{
  SpDevice *device = sp_device_registry_find_by_id (self, id);
  SpDeviceRecord record;
  g_autoptr (GError) error = NULL;

  if (device == NULL)
    return;
  record = *sp_device_get_record (device);
  record.seen = g_get_real_time ();
  if (store_seen (self, record, &error))
    sp_device_set_seen (device, record.seen);
  else
    sp_log (SP_LOG_ERROR, "devices", "cannot be stored: %s", error->message);
}

gboolean
sp_device_name_check (const char *name, GError **error)
{
  gsize length = strlen (name);
  gboolean visible = FALSE;

  if (length > SP_DEVICE_NAME_MAX || !g_utf8_validate (name, -1, NULL))
    length = 0;
  for (const char *next = name; length > 0 && *next != '\0'; next = g_utf8_next_char (next))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (next)))
        length = 0;
      visible = visible || g_unichar_isgraph (g_utf8_get_char (next));
    }
  if (length > 0 && visible)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "a device's name has 1 to %d bytes in one line", SP_DEVICE_NAME_MAX);
  return FALSE;
}

/* --- revoking --- */

typedef struct
{
  SpDevice *device;
  char *token; /* that takes it back */
} Revocation;

static void
revocation_free (gpointer data)
{
  Revocation *revocation = data;

  g_object_unref (revocation->device);
  g_free (revocation->token);
  g_free (revocation);
}

/* For ten seconds, whichever main there is by then. */
static gboolean
open_window (SpDeviceRegistry *self, const Revocation *revocation, GError **error)
{
  return sp_store_put_undo (self->store, revocation->token, sp_device_get_id (revocation->device),
                            g_get_real_time () + SP_DEVICE_UNDO_SECONDS * G_USEC_PER_SEC, error);
}

static gboolean
set_revoked (SpDeviceRegistry *self, SpDevice *device, gint64 when, GError **error)
{
  SpDeviceRecord record = *sp_device_get_record (device);

  record.revoked = when;
  if (!sp_device_registry_store (self, record, error))
    return FALSE;
  sp_device_set_revoked (device, when);
  return TRUE;
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  const Revocation *revocation = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GError) kept = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_pointer (task, g_strdup (revocation->token), g_free);
      return;
    }
  if (!set_revoked (self, revocation->device, 0, &kept))
    sp_log (SP_LOG_ERROR, "devices", "one is half revoked: %s", kept->message);
  g_task_return_error (task, error);
}

/* Stored first: a keyholder that is started again is told of it (announce). */
void
sp_device_registry_revoke_async (SpDeviceRegistry *self,
                                 SpDevice *device,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  Revocation *revocation = g_new0 (Revocation, 1);
  GError *error = NULL;

  revocation->device = g_object_ref (device);
  revocation->token = g_uuid_string_random ();
  g_task_set_task_data (task, revocation, revocation_free);
  if (sp_device_is_revoked (device))
    g_set_error (&error, SP_ERROR, SP_ERROR_NOT_FOUND, "the device is revoked already");
  else if (open_window (self, revocation, &error))
    (void) set_revoked (self, device, g_get_real_time (), &error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  inner = g_task_new (self, NULL, revoked_cb, g_steal_pointer (&task));
  sp_device_registry_tell_bars (self, device, TRUE, inner);
}

char *
sp_device_registry_revoke_finish (SpDeviceRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static SpDevice *
find_of_token (SpDeviceRegistry *self, const char *token)
{
  guint8 id[SP_ID_SIZE];

  return sp_store_find_undo (self->store, token, id, NULL)
             ? sp_device_registry_find_by_id (self, id)
             : NULL;
}

gboolean
sp_device_registry_has_token (SpDeviceRegistry *self, const char *token)
{
  return find_of_token (self, token) != NULL;
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  SpDevice *device = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) && set_revoked (self, device, 0, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sp_device_registry_undo_async (SpDeviceRegistry *self,
                               const char *token,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  SpDevice *device = find_of_token (self, token);

  if (device == NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "it is too late to undo this");
      return;
    }
  g_task_set_task_data (task, g_object_ref (device), g_object_unref);
  inner = g_task_new (self, NULL, undone_cb, g_steal_pointer (&task));
  sp_device_registry_tell_bars (self, device, FALSE, inner);
}

gboolean
sp_device_registry_undo_finish (SpDeviceRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
