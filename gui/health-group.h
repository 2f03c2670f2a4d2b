/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What the owner should look after, each with one thing that mends it; or that all is well. Follows
 * the connection. */
#define SP_TYPE_HEALTH_GROUP (sp_health_group_get_type ())
G_DECLARE_FINAL_TYPE (SpHealthGroup, sp_health_group, SP, HEALTH_GROUP, AdwPreferencesGroup)

void sp_health_group_set_connection (SpHealthGroup *group, SpServerConnection *connection);

G_END_DECLS
