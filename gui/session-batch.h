/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Disconnects several sessions, one after the other, so that a password is asked for once at most,
 * and offers to let all of them go on.  One that ended meanwhile is passed over; any other refusal
 * ends it.  `near`: a widget of the window; `sessions`: of SpLiveSession; taken. */
void sp_session_batch_disconnect (GtkWidget *near, GPtrArray *sessions);

G_END_DECLS
