/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a user may: connect or not, until when, how much, what is reached, how fast. */
#define SP_TYPE_USER_ACCESS_GROUP (sp_user_access_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpUserAccessGroup, sp_user_access_group, SP, USER_ACCESS_GROUP, AdwPreferencesGroup)

GtkWidget *sp_user_access_group_new (SpServerConnection *connection, SpBusUser *user);

G_END_DECLS
