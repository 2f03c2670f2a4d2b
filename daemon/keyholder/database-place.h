/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SQLite opens files by absolute paths that it puts together itself, and looks at every folder on
 * the way.  The keyholder stands in its folder, but its account may not be able to look into those
 * above: a state folder may lie wherever the owner wants.  In this place names stay as they are. */

/* Name for sqlite3_open_v2(); the first call makes it known.  NULL: SQLite has no place of its own.
 */
const char *sp_database_place (void);

G_END_DECLS
