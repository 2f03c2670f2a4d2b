/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The eye in an AdwPasswordEntryRow is a button without a name for those who do not see it, up to
 * libadwaita 1.2; this gives it one. */
void sp_peek_icon_name (GtkWidget *row);

G_END_DECLS
