/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/user-census.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A user in the list: who, connected or not, how much this month, until when, and a switch.
 *
 * Signals: "open" (the person wants to see more of the user), "pick" (b, TRUE: begin to select if
 * nobody does yet: the row is to be selected, or no more). */
#define SP_TYPE_USER_ROW (sp_user_row_get_type ())
G_DECLARE_FINAL_TYPE (SpUserRow, sp_user_row, SP, USER_ROW, AdwBin)

GtkWidget *sp_user_row_new (void);
/* NULL: nobody, for a row that is not on the screen. */
void sp_user_row_set_user (SpUserRow *row, SpUserCensus *census, SpBusUser *user);
/* Lent; NULL if there is none. */
SpBusUser *sp_user_row_get_user (SpUserRow *row);
/* Whether rows are being selected, and whether this one is. */
void sp_user_row_set_selection (SpUserRow *row, gboolean selecting, gboolean selected);

G_END_DECLS
