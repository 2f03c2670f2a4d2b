/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-registry-private.h"

#include "base/error.h"
#include "base/log.h"

#include <string.h>

/* Changes of a device, of which one keeps it out for a while. */

typedef struct
{
  SpDevice *device;
  char *old_name;
  gint64 old_until;
} Change;

static void
change_free (Change *change)
{
  g_object_unref (change->device);
  g_free (change->old_name);
  g_free (change);
}

void
sp_device_registry_tell_bars (SpDeviceRegistry *self,
                              SpDevice *device,
                              gboolean revoked,
                              GTask *task)
{
  SpRevokeDevice message = {
    .on = revoked ? 1 : 0,
    .blocked_until = (guint64) sp_device_get_record (device)->blocked_until,
    .keep_cookies = sp_device_get_cookies_kept (device) && !revoked ? 1 : 0,
  };

  memcpy (message.device, sp_device_get_id (device), SP_ID_SIZE);
  sp_keyholder_client_revoke_device (self->keyholder, &message, task);
}

static gboolean
apply (SpDeviceRegistry *self, SpDevice *device, const char *name, gint64 until, GError **error)
{
  SpDeviceRecord record = *sp_device_get_record (device);

  record.name = (char *) name;
  record.blocked_until = until;
  if (!sp_device_registry_store (self, record, error))
    return FALSE;
  g_object_freeze_notify (G_OBJECT (device));
  sp_device_set_name (device, name);
  sp_device_set_blocked_until (device, until);
  g_object_thaw_notify (G_OBJECT (device));
  return TRUE;
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  const Change *change = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GError) kept = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (!apply (self, change->device, change->old_name, change->old_until, &kept))
    sp_log (SP_LOG_ERROR, "devices", "one is half changed: %s", kept->message);
  g_task_return_error (task, error);
}

static gboolean
check (SpDevice *device, const SpDeviceChange *change, GError **error)
{
  if (change->name != NULL && !sp_device_name_check (change->name, error))
    return FALSE;
  if (change->blocked_until < 0 || !sp_device_is_revoked (device))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "the device is revoked");
  return FALSE;
}

/* Stored first: a keyholder that is started again is told of it (announce). */
void
sp_device_registry_update_async (SpDeviceRegistry *self,
                                 SpDevice *device,
                                 const SpDeviceChange *change,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  const SpDeviceRecord *record = sp_device_get_record (device);
  Change *old = g_new0 (Change, 1);
  gint64 until = change->blocked_until >= 0 ? change->blocked_until : record->blocked_until;
  GError *error = NULL;

  old->device = g_object_ref (device);
  old->old_name = g_strdup (record->name);
  old->old_until = record->blocked_until;
  g_task_set_task_data (task, old, (GDestroyNotify) change_free);
  if (!check (device, change, &error) ||
      !apply (self, device, change->name != NULL ? change->name : old->old_name, until, &error))
    g_task_return_error (task, error);
  else if (until == old->old_until)
    g_task_return_boolean (task, TRUE);
  else
    {
      g_autoptr (GTask) inner = g_task_new (self, NULL, told_cb, g_steal_pointer (&task));

      sp_device_set_cookies_kept (device, change->keep);
      sp_device_registry_tell_bars (self, device, FALSE, inner);
    }
}

gboolean
sp_device_registry_update_finish (SpDeviceRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
released_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    sp_log (SP_LOG_NOTICE, "devices", "the keyholder hears of one later: %s", error->message);
}

void
sp_device_registry_release (SpDeviceRegistry *self, SpDevice *device)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, released_cb, NULL);

  sp_device_set_cookies_kept (device, FALSE);
  sp_device_registry_tell_bars (self, device, sp_device_is_revoked (device), task);
}
