/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a program is, if it may be run: named from the root on, a file and no link, which root owns
 * and nobody else may change, in folders of which the same is true.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS, with what is wrong. */
char *sp_program_find (const char *path, GError **error);

G_END_DECLS
