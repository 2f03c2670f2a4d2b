/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "window.h"

G_BEGIN_DECLS

/* Files with people that somebody brings. */

/* Asks which file. */
void sp_user_import_choose (SpWindow *window);
/* Reads it and goes on with what it is: a preview of many, or the dialog for one whose card it
 * is. */
void sp_user_import_open (SpWindow *window, GFile *file);
/* Files may be dropped on the widget, and a card as a text. */
void sp_user_import_accept_drops (GtkWidget *widget);

G_END_DECLS
