/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"

G_BEGIN_DECLS

/* The sessions of a server as a list model of SpLiveSession.  One that the service still has after
 * a reconnect is the same item as before.  While there are any, the meters of all are moved on once
 * a second. */
#define SP_TYPE_LIVE_SESSION_LIST (sp_live_session_list_get_type ())
G_DECLARE_FINAL_TYPE (SpLiveSessionList, sp_live_session_list, SP, LIVE_SESSION_LIST, GObject)

SpLiveSessionList *sp_live_session_list_new (SpServerConnection *connection);
/* Lent, or NULL. */
SpLiveSession *sp_live_session_list_find (SpLiveSessionList *list, const char *path);

G_END_DECLS
