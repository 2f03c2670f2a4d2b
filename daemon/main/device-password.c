/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-registry-private.h"

#include "base/error.h"
#include "base/io.h"
#include "secret-file.h"

#include <string.h>

/* One password for a program on its way: a device that signs in with it. */
typedef struct
{
  guint8 id[SP_ID_SIZE];
  SpUser *user;
  char *name;
  int file; /* the keyholder writes it, the caller gets it, main does not read it */
} Making;

static void
making_free (Making *making)
{
  g_object_unref (making->user);
  g_free (making->name);
  sp_fd_clear (&making->file);
  g_free (making);
}

static SpDevice *
store (SpDeviceRegistry *self, const Making *making, GError **error)
{
  SpDevice *device = sp_device_registry_add (self, making->id, making->user, SP_DEVICE_PASSWORD,
                                             making->name, 0, NULL, NULL, error);
  g_autoptr (GTask) ignored = NULL;

  if (device != NULL)
    return device;
  /* nobody gets the password, so it may as well not be good */
  ignored = g_task_new (self, NULL, NULL, NULL);
  sp_keyholder_client_remove_device (self->keyholder, making->id, ignored);
  return NULL;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  Making *making = g_task_get_task_data (task);
  SpDevice *device = NULL;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) &&
      sp_secret_file_seal (making->file, &error))
    device = store (self, making, &error);
  if (device != NULL)
    g_task_return_pointer (task, device, NULL);
  else
    g_task_return_error (task, error);
}

static gboolean
check (SpDeviceRegistry *self, const Making *making, GError **error)
{
  guint most = (guint) sp_user_get_number (making->user, SP_USER_DEVICES_MAX);

  if (sp_device_registry_count_of (self, making->user) < most)
    return sp_device_name_check (making->name, error);
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "the user has %u devices, and may not have more; revoke one first", most);
  return FALSE;
}

void
sp_device_registry_add_password_async (SpDeviceRegistry *self,
                                       SpUser *user,
                                       const char *name,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  Making *making = g_new0 (Making, 1);
  GError *error = NULL;

  sp_random_bytes (making->id, sizeof making->id);
  making->user = g_object_ref (user);
  making->name = g_strdup (name);
  making->file = -1;
  g_task_set_task_data (task, making, (GDestroyNotify) making_free);
  if (check (self, making, &error))
    making->file = sp_secret_file_new (&error);
  if (making->file < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  inner = g_task_new (self, NULL, added_cb, g_object_ref (task));
  sp_keyholder_client_add_app_password (self->keyholder, making->id, sp_user_get_id (user),
                                        making->file, inner);
}

SpDevice *
sp_device_registry_add_password_finish (SpDeviceRegistry *self,
                                        GAsyncResult *result,
                                        int *ret_file,
                                        GError **error)
{
  SpDevice *device = g_task_propagate_pointer (G_TASK (result), error);
  Making *making = g_task_get_task_data (G_TASK (result));

  *ret_file = device != NULL ? sp_fd_steal (&making->file) : -1;
  return device;
}
