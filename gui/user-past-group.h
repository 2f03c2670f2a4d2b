/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a user carried in the last 30 days, and the last connections. */
#define SP_TYPE_USER_PAST_GROUP (sp_user_past_group_get_type ())
G_DECLARE_FINAL_TYPE (SpUserPastGroup, sp_user_past_group, SP, USER_PAST_GROUP, AdwPreferencesGroup)

GtkWidget *sp_user_past_group_new (SpServerConnection *connection, SpBusUser *user);

G_END_DECLS
