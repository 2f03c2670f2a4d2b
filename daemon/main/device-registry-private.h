/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device-registry.h"
#include "keyholder-device.h"
#include "store-devices.h"

G_BEGIN_DECLS

/* For the files that the registry consists of. */

struct _SpDeviceRegistry
{
  GObject parent;
  SpStore *store;
  SpKeyholderClient *keyholder;
  SpUserRegistry *users;
  GPtrArray *devices; /* of SpDevice, in the order in which they were made */
  GHashTable *by_id;  /* the id in it → SpDevice */
  guint announced;    /* how many of them were looked at since the keyholder started */
};

/* device-registry.c: stores the device as it would be with another time, name, … */
gboolean sp_device_registry_store (SpDeviceRegistry *self, SpDeviceRecord record, GError **error);

/* device-block.c: tells the keyholder whether the device is revoked, and until when it is blocked.
 */
void sp_device_registry_tell_bars (SpDeviceRegistry *self,
                                   SpDevice *device,
                                   gboolean revoked,
                                   GTask *task);

G_END_DECLS
