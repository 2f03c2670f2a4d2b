/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a user's devices are told, in the words of networks: routes, name servers, addresses. */
#define SP_TYPE_USER_ADVANCED_GROUP (sp_user_advanced_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpUserAdvancedGroup, sp_user_advanced_group, SP, USER_ADVANCED_GROUP, AdwPreferencesGroup)

GtkWidget *sp_user_advanced_group_new (SpBusUser *user);

G_END_DECLS
