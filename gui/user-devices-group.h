/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The devices of a user that are not revoked, and a way to invite another. */
#define SP_TYPE_USER_DEVICES_GROUP (sp_user_devices_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpUserDevicesGroup, sp_user_devices_group, SP, USER_DEVICES_GROUP, AdwPreferencesGroup)

GtkWidget *sp_user_devices_group_new (SpServerConnection *connection, SpBusUser *user);
/* Looks again which devices are to be seen. */
void sp_user_devices_group_refresh (SpUserDevicesGroup *group);

G_END_DECLS
