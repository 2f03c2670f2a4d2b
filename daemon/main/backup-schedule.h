/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* A backup each week, by itself, into the folder of the settings:
 * "sallyport-20260131-040000.backup" (UTC), sealed with the key that the keyholder keeps.  The
 * oldest ones beyond a number are removed; nothing else in the folder is touched.  What is due is
 * told by the names alone, so that a restart changes nothing. */
typedef struct _SpBackupSchedule SpBackupSchedule;

#define SP_BACKUP_INTERVAL (7 * 24 * 3600 * (gint64) G_USEC_PER_SEC)

/* `changed` is called when what the two getters say may be another.  The server is the owner. */
typedef void (*SpBackupChanged) (SpServer *server);
SpBackupSchedule *sp_backup_schedule_new (SpServer *server, SpBackupChanged changed);
void sp_backup_schedule_free (SpBackupSchedule *schedule);

/* Makes one if it is due: when the settings or the key changed, or the keyholder is there again. */
void sp_backup_schedule_look (SpBackupSchedule *schedule);

/* Microseconds since the epoch, 0: there is none in the folder, or no folder. */
gint64 sp_backup_schedule_get_last (SpBackupSchedule *schedule);
/* Why the last attempt failed; empty: it did not. */
const char *sp_backup_schedule_get_failure (SpBackupSchedule *schedule);

/* When a backup of that name was made, or -1: not such a name. */
gint64 sp_backup_name_read (const char *name);
char *sp_backup_name_write (gint64 when);

G_END_DECLS
