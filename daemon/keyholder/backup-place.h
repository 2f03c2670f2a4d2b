/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/names.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* Files beside the database, in the current folder: one that a backup left, and the copy that a
 * backup is made of. */
#define SP_RESTORED_DATABASE "restored.db"
#define SP_COPIED_DATABASE   "backup.db"

/* Before the database is opened: puts the one in its place that main wants (SP_ORIGIN_…) and
 * removes whatever else is left.  Killed in between, it does the rest the next time. */
gboolean sp_backup_place_settle (guint8 origin, GError **error);
/* Removes a database and its log; one that is not there is fine. */
gboolean sp_backup_place_remove (const char *file, GError **error);

G_END_DECLS
