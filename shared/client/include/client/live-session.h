/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "client/traffic-meter.h"

G_BEGIN_DECLS

/* A session as people see it: who, with what, how fast.  It outlives the session, and shows then
 * what was last known.  Signals: "changed" (a fact is another one), "ended" (once).  The rates are
 * those of the meter. */
#define SP_TYPE_LIVE_SESSION (sp_live_session_get_type ())
G_DECLARE_FINAL_TYPE (SpLiveSession, sp_live_session, SP, LIVE_SESSION, GObject)

SpLiveSession *sp_live_session_new (SpServerConnection *connection, SpBusSession *session);

/* The session goes on under another proxy, as after a reconnect to the service. */
void sp_live_session_continue (SpLiveSession *live, SpBusSession *session);
/* The session is not there any more. */
void sp_live_session_end (SpLiveSession *live);

/* Lent, never NULL. */
SpServerConnection *sp_live_session_get_connection (SpLiveSession *live);
SpBusSession *sp_live_session_get_session (SpLiveSession *live);
SpTrafficMeter *sp_live_session_get_meter (SpLiveSession *live);
const char *sp_live_session_get_path (SpLiveSession *live);
/* Lent; NULL: there is none (any more). */
SpBusUser *sp_live_session_get_user (SpLiveSession *live);
SpBusDevice *sp_live_session_get_device (SpLiveSession *live);
SpBusSessionStatistics *sp_live_session_get_statistics (SpLiveSession *live);

/* Whose it is: the full name, or the login; lent. */
const char *sp_live_session_get_person (SpLiveSession *live);
/* What they connected with: the name of the device, or the one that the client told; "": neither;
 * lent. */
const char *sp_live_session_get_thing (SpLiveSession *live);
/* Both: "Anna · iPhone"; new. */
char *sp_live_session_dup_title (SpLiveSession *live);

/* What was carried in all.  Unit: bytes. */
guint64 sp_live_session_get_down (SpLiveSession *live);
guint64 sp_live_session_get_up (SpLiveSession *live);

gboolean sp_live_session_is_disconnecting (SpLiveSession *live);
/* That this program is who disconnects it, and until when `token` takes that back (time of a clock
 * that never goes back, microseconds; begun now).  Forgotten with the state. */
void sp_live_session_set_undo (SpLiveSession *live, const char *token, gint64 until);
/* NULL: nothing to be taken back here; lent. */
const char *sp_live_session_get_undo_token (SpLiveSession *live);
gint64 sp_live_session_get_undo_until (SpLiveSession *live);

gboolean sp_live_session_has_ended (SpLiveSession *live);
/* Microseconds since 1970 UTC; 0: it goes on. */
guint64 sp_live_session_get_ended_at (SpLiveSession *live);
/* As SessionClosed of the server has it; "": not known; lent. */
const char *sp_live_session_get_reason (SpLiveSession *live);

G_END_DECLS
