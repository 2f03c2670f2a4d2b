/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "device-registry.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* A device as the bus sees it: follows the model's properties and carries out what is asked.
 * Whether the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_DEVICE (sp_exported_device_get_type ())
G_DECLARE_FINAL_TYPE (
    SpExportedDevice, sp_exported_device, SP, EXPORTED_DEVICE, SpBusDeviceSkeleton)

SpExportedDevice *sp_exported_device_new (SpDeviceRegistry *devices, SpDevice *device);

/* The path of a device's object; "/" for none. */
char *sp_exported_device_path (SpDevice *device);

/* AddDevice() of a user; answers the invocation. */
void sp_bus_device_add (SpDeviceRegistry *devices,
                        SpUser *user,
                        GDBusMethodInvocation *invocation,
                        GUnixFDList *descriptors,
                        const char *name,
                        GVariant *options);

/* The server's methods about devices.  Each answers the invocation, the second only if it returns
 * TRUE: the token is that of a revocation. */
void sp_bus_device_list (SpStore *store,
                         GDBusMethodInvocation *invocation,
                         GVariant *filter,
                         const char *cursor,
                         guint limit,
                         GVariant *options);
gboolean sp_bus_device_undo (SpDeviceRegistry *devices,
                             const char *token,
                             GDBusMethodInvocation *invocation);

G_END_DECLS
