/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the tables are: each text takes them from the version before it to its own.  A text that was
 * released is never changed; a new one is added below it. */
extern const char *const sp_schema_migrations[];
extern const guint sp_schema_version;

G_END_DECLS
