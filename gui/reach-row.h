/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What has to be done so that devices reach the server from outside: nothing here does it or looks
 * whether it was done, so it says that, and what to enter in the router. */
#define SP_TYPE_REACH_ROW (sp_reach_row_get_type ())
G_DECLARE_FINAL_TYPE (SpReachRow, sp_reach_row, SP, REACH_ROW, AdwExpanderRow)

/* Shows what the server says now; hidden while it is off. */
void sp_reach_row_set_server (SpReachRow *row, SpBusServer *server);

G_END_DECLS
