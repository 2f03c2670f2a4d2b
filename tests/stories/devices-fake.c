/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "base/io.h"

/* The keyholder of the real registry of devices: it does whatever it is asked. */

gboolean
sp_keyholder_client_is_ready (SpKeyholderClient *self)
{
  return TRUE;
}

void
sp_keyholder_client_revoke_device (SpKeyholderClient *self,
                                   const guint8 *device,
                                   gboolean on,
                                   GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

void
sp_keyholder_client_remove_device (SpKeyholderClient *self, const guint8 *device, GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

void
sp_fake_devices_add (SpDeviceRegistry *self, SpUser *user, const char *name)
{
  guint8 id[SP_ID_SIZE];
  g_autoptr (GError) error = NULL;

  sp_random_bytes (id, sizeof id);
  if (sp_device_registry_add (self, id, user, SP_DEVICE_CERTIFICATE, name, 0, &error) == NULL)
    g_error ("%s", error->message);
}
