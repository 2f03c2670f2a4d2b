/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the whole of what is chosen where there is room for it, and never less than a word; by
 * itself an AdwComboRow cuts everything off after 20 letters, and in a narrow window much earlier.
 * Its model is a GtkStringList. */
void sp_combo_row_show_whole (AdwComboRow *row);

G_END_DECLS
