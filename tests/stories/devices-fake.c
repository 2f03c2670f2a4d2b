/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"
#include "keyholder-device.h"

#include "base/io.h"

#include <unistd.h>

/* The keyholder of the real registry of devices: it does whatever it is asked. */

gboolean
sp_keyholder_client_is_ready (SpKeyholderClient *self)
{
  return TRUE;
}

void
sp_keyholder_client_revoke_device (SpKeyholderClient *self,
                                   const SpRevokeDevice *message,
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
sp_keyholder_client_issue_device (SpKeyholderClient *self,
                                  const SpIssueDevice *message,
                                  const int fds[2],
                                  GTask *task)
{
  const SpDeviceIssued issued = { .not_after = 1 };

  if (write (fds[0], "file", 4) != 4 ||
      (message->passphrase == SP_PASSPHRASE_MADE && write (fds[1], "made", 4) != 4))
    g_error ("the memory file takes nothing");
  g_task_return_pointer (task, g_memdup2 (&issued, sizeof issued), g_free);
}

void
sp_keyholder_client_add_app_password (
    SpKeyholderClient *self, const guint8 *device, const guint8 *user, int file, GTask *task)
{
  if (write (file, "abcde-fghij-kmnpq-rstuv-wxyz2", 29) != 29)
    g_error ("the memory file takes nothing");
  g_task_return_boolean (task, TRUE);
}

void
sp_fake_devices_add (SpDeviceRegistry *self, SpUser *user, const char *name)
{
  guint8 id[SP_ID_SIZE];
  g_autoptr (GError) error = NULL;

  sp_random_bytes (id, sizeof id);
  if (sp_device_registry_add (self, id, user, SP_DEVICE_CERTIFICATE, name, 0, NULL, NULL, &error) ==
      NULL)
    g_error ("%s", error->message);
}
