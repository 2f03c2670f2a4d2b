/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Who is connected: all of them, or when they are many the fastest and a way to the others; and
 * what to do when nobody is.  Follows the connection. */
#define SP_TYPE_SESSION_GROUP (sp_session_group_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionGroup, sp_session_group, SP, SESSION_GROUP, AdwPreferencesGroup)

void sp_session_group_set_connection (SpSessionGroup *group, SpServerConnection *connection);

G_END_DECLS
