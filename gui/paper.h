/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Prints a few lines under a heading on one sheet, after asking where. */
void sp_paper_print (GtkWindow *parent, const char *heading, const char *lines);

G_END_DECLS
