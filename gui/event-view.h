/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What happened beside sessions: who changed the settings, and who could not sign in.  It is read
 * anew whenever it comes into sight. */
#define SP_TYPE_EVENT_VIEW (sp_event_view_get_type ())
G_DECLARE_FINAL_TYPE (SpEventView, sp_event_view, SP, EVENT_VIEW, AdwBin)

void sp_event_view_set_connection (SpEventView *view, SpServerConnection *connection);

G_END_DECLS
