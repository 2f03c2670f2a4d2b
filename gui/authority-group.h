/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The certificate that an authority gives: the way to one, how it is with it, and the end of it. */
#define SP_TYPE_AUTHORITY_GROUP (sp_authority_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpAuthorityGroup, sp_authority_group, SP, AUTHORITY_GROUP, AdwPreferencesGroup)

/* To be called once. */
void sp_authority_group_set_connection (SpAuthorityGroup *group, SpServerConnection *connection);

G_END_DECLS
