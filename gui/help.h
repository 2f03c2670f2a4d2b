/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Opens a page of the help in whatever shows help here: "index", or the name of a file in
 * data/help/C without its ending.  Where nothing does, a dialog above `parent` says so. */
void sp_help_show (GtkWindow *parent, const char *page);

G_END_DECLS
