/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How much all devices together carried: the last minute as it goes on, or longer.  Asks the server
 * while it is to be seen. */
#define SP_TYPE_TRAFFIC_GROUP (sp_traffic_group_get_type ())
G_DECLARE_FINAL_TYPE (SpTrafficGroup, sp_traffic_group, SP, TRAFFIC_GROUP, AdwPreferencesGroup)

void sp_traffic_group_set_connection (SpTrafficGroup *group, SpServerConnection *connection);

G_END_DECLS
