/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* From where connections are turned away without anybody having blocked it: a row a network, with a
 * way to block it.  Not visible while there is none. */
#define SP_TYPE_PENALTY_GROUP (sp_penalty_group_get_type ())
G_DECLARE_FINAL_TYPE (SpPenaltyGroup, sp_penalty_group, SP, PENALTY_GROUP, AdwPreferencesGroup)

void sp_penalty_group_set_connection (SpPenaltyGroup *group, SpServerConnection *connection);
/* Whether somebody looks: only then the server is asked, at once and as things change. */
void sp_penalty_group_set_active (SpPenaltyGroup *group, gboolean active);

G_END_DECLS
