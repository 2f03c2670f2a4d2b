/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What an AdwPasswordEntryRow needs up to libadwaita 1.2, as soon as it is made: its eye gets a
 * name, and it stops listening to its text in time.  That one outlives it when Escape, typed into
 * it, closes the dialog, and the row was asked then that was gone. */
void sp_password_row_mend (AdwPasswordEntryRow *row);

G_END_DECLS
