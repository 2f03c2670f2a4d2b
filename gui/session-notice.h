/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "preferences.h"

G_BEGIN_DECLS

/* Tells a person who does not look at the window that somebody connected: the first time of a
 * device, or each time, as the preferences say.  Many at once are told in one sentence; what is
 * told of a session is taken back when it ends. */
#define SP_TYPE_SESSION_NOTICE (sp_session_notice_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionNotice, sp_session_notice, SP, SESSION_NOTICE, GObject)

/* Sends its notifications as `application`, which has the actions "show" and "block" (object path
 * of a session). */
SpSessionNotice *sp_session_notice_new (GApplication *application,
                                        SpServerConnection *connection,
                                        SpPreferences *preferences);

G_END_DECLS
