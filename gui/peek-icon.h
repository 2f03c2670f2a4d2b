/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The eye in an AdwPasswordEntryRow and the tick in an AdwEntryRow are buttons without a name for
 * those who do not see them, up to libadwaita 1.2; this gives them one. */
void sp_peek_icon_name (GtkWidget *row);

G_END_DECLS
