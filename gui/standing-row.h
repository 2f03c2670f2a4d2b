/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "standing.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Tells how it is with something, by a mark and in words, with a button for what is to be done.
 * Property: "idle-icon" (s), the mark while it is idle.  Signal: "act", the button was pressed. */
#define SP_TYPE_STANDING_ROW (sp_standing_row_get_type ())
G_DECLARE_FINAL_TYPE (SpStandingRow, sp_standing_row, SP, STANDING_ROW, AdwActionRow)

void sp_standing_row_show (SpStandingRow *row,
                           SpStanding standing,
                           const char *title,
                           const char *text);
/* `label`: of the button; NULL: there is nothing to do.  `spoken`: its name for those who hear it
 * without the row. */
void sp_standing_row_offer (SpStandingRow *row, const char *label, const char *spoken);
void sp_standing_row_allow (SpStandingRow *row, gboolean allowed);

G_END_DECLS
