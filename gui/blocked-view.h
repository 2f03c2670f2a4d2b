/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The part of the activity page with the addresses from which nobody is let in. */
#define SP_TYPE_BLOCKED_VIEW (sp_blocked_view_get_type ())
G_DECLARE_FINAL_TYPE (SpBlockedView, sp_blocked_view, SP, BLOCKED_VIEW, AdwBin)

void sp_blocked_view_set_connection (SpBlockedView *view, SpServerConnection *connection);

G_END_DECLS
