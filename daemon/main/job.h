/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Something that takes longer than a caller wants to wait for an answer.  It belongs to the list of
 * jobs until it is finished.  Property: progress (0 to 1; less than 0: not known). */
#define SP_TYPE_JOB (sp_job_get_type ())
G_DECLARE_FINAL_TYPE (SpJob, sp_job, SP, JOB, GObject)

const char *sp_job_get_operation (SpJob *self);
guint sp_job_get_number (SpJob *self);        /* from 1, unique while the program runs */
const char *sp_job_get_starter (SpJob *self); /* on the bus, who may cancel it; or NULL */
gint64 sp_job_get_started_at (SpJob *self);   /* µs since the epoch */
/* Whoever does the work looks at it; NULL: it can not be cancelled. */
GCancellable *sp_job_get_cancellable (SpJob *self);
void sp_job_set_progress (SpJob *self, double progress);
/* Takes `results` (a floating a{sv}, NULL: nothing to tell) and `error` (NULL: it went well).  The
 * last thing that is done with a job. */
void sp_job_finish (SpJob *self, GVariant *results, GError *error);
/* After that; both lent, the error may be NULL. */
GVariant *sp_job_get_results (SpJob *self);
const GError *sp_job_get_error (SpJob *self);

/* All jobs.  Signals: "begun" (SpJob), "ended" (SpJob). */
#define SP_TYPE_JOBS (sp_jobs_get_type ())
G_DECLARE_FINAL_TYPE (SpJobs, sp_jobs, SP, JOBS, GObject)

#define SP_JOBS_MAX 16 /* that run at one time */

SpJobs *sp_jobs_new (void);
guint sp_jobs_get_n (SpJobs *self);
/* `operation` is a word that programs know.  Lent until it is finished.  NULL with SP_ERROR_BUSY
 * when there are too many. */
SpJob *sp_jobs_begin (
    SpJobs *self, const char *operation, const char *starter, gboolean cancelable, GError **error);

G_END_DECLS
