/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Whether people reach the server from outside, in words, with a button that tests it.  Not there
 * while the server is off, or of one that does not tell. */
#define SP_TYPE_OUTSIDE_ROW (sp_outside_row_get_type ())
G_DECLARE_FINAL_TYPE (SpOutsideRow, sp_outside_row, SP, OUTSIDE_ROW, AdwActionRow)

/* Shows it as it is now. */
void sp_outside_row_show (SpOutsideRow *row, SpServerConnection *connection);

G_END_DECLS
