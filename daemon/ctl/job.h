/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/* Waits for the end of a job.  Made before the job is begun, so that none is too fast. */
typedef struct _SpJobWait SpJobWait;

SpJobWait *sp_job_wait_new (SpClient *client);
void sp_job_wait_free (SpJobWait *wait);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpJobWait, sp_job_wait_free)

/* FALSE with the job's own error, SP_CTL_ERROR_UNREACHABLE when the service goes, or
 * G_IO_ERROR_TIMED_OUT: then it goes on. */
gboolean sp_job_wait_for (SpJobWait *wait,
                          const char *path,
                          GVariant **ret_results,
                          GError **error);

G_END_DECLS
