/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What can be done with a session, for everything that shows one. */

/* For how long a session that was disconnected can be let go on.  Seconds. */
#define SP_SESSION_UNDO 6

/* Gives a widget the actions "session.disconnect", "session.block" (s: "device" or "address"),
 * "session.pause" (s: "hour", "day" or "open"), "session.undo", "session.show-user" and
 * "session.copy".  They follow what is possible now. */
void sp_session_actions_attach (GtkWidget *widget, SpLiveSession *live);

/* A menu of them; new. */
GMenuModel *sp_session_actions_create_menu (SpLiveSession *live);

/* Makes a split button for "session.disconnect" that of a session: its menu, and its names for who
 * does not see whose it is. */
void sp_session_actions_fill_button (AdwSplitButton *button, SpLiveSession *live);

G_END_DECLS
