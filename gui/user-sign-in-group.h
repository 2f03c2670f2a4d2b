/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How a user proves who they are: password and second step. */
#define SP_TYPE_USER_SIGN_IN_GROUP (sp_user_sign_in_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpUserSignInGroup, sp_user_sign_in_group, SP, USER_SIGN_IN_GROUP, AdwPreferencesGroup)

GtkWidget *sp_user_sign_in_group_new (SpBusUser *user);

G_END_DECLS
