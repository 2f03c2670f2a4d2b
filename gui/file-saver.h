/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks where, and writes the bytes there; tells in a toast how that went.  `near`: the widget that
 * wants it; `title` of the question; `name`: what the file is called unless the person says
 * otherwise; `said`: what is said when it is written. */
void sp_file_saver_save (
    GtkWidget *near, const char *title, const char *name, GBytes *bytes, const char *said);

G_END_DECLS
