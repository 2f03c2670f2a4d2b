/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* One backup that is sealed, opened or prepared for: the passphrase is read in the loop, all that
 * takes long happens in a thread beside it, the answer goes to main.  One at a time; another one is
 * answered as busy. */
typedef struct _SpBackupJob SpBackupJob;

#define SP_BACKUP_PASSPHRASE_MIN 8 /* bytes of a new one */

/* Each takes the descriptors (sp_fd_steal); the job lives in keyholder->backup until it answered.
 */
void sp_backup_job_seal (SpKeyholder *keyholder,
                         guint32 serial,
                         const SpSealBackup *message,
                         int *fds);
void sp_backup_job_open (SpKeyholder *keyholder,
                         guint32 serial,
                         const SpOpenBackup *message,
                         int *fds);
void sp_backup_job_set_key (SpKeyholder *keyholder,
                            guint32 serial,
                            const SpSetBackupKey *message,
                            int *fds);
/* Main does not want what was opened after all. */
void sp_backup_job_drop_restored (SpKeyholder *keyholder);
/* Breaks it off and waits for that; NULL is fine. */
void sp_backup_job_free (SpBackupJob *job);

G_END_DECLS
