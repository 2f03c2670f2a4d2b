/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The part of the activity page with who was connected, when, for how long and why it ended. */
#define SP_TYPE_HISTORY_VIEW (sp_history_view_get_type ())
G_DECLARE_FINAL_TYPE (SpHistoryView, sp_history_view, SP, HISTORY_VIEW, AdwBin)

void sp_history_view_set_connection (SpHistoryView *view, SpServerConnection *connection);

G_END_DECLS
