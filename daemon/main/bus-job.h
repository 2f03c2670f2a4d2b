/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "job.h"

G_BEGIN_DECLS

/* A job as the bus sees it.  Whether the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_JOB (sp_exported_job_get_type ())
G_DECLARE_FINAL_TYPE (SpExportedJob, sp_exported_job, SP, EXPORTED_JOB, SpBusJobSkeleton)

SpExportedJob *sp_exported_job_new (SpJob *job);

/* The path of a job's object. */
char *sp_exported_job_path (SpJob *job);

/* Of a finished one, the arguments of its signal Completed: floating. */
GVariant *sp_exported_job_outcome (SpJob *job);

G_END_DECLS
