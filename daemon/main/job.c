/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job.h"

#include "base/error.h"

struct _SpJob
{
  GObject parent;
  SpJobs *jobs; /* NULL: they are gone */
  guint number;
  char *operation;
  char *starter;
  gint64 started_at;
  double progress;
  GCancellable *cancellable;
  GVariant *results;
  GError *error;
};

G_DEFINE_FINAL_TYPE (SpJob, sp_job, G_TYPE_OBJECT)

struct _SpJobs
{
  GObject parent;
  GPtrArray *running; /* of SpJob */
  guint last_number;
};

G_DEFINE_FINAL_TYPE (SpJobs, sp_jobs, G_TYPE_OBJECT)

enum
{
  PROP_PROGRESS = 1,
  N_PROPS
};
static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */

enum
{
  BEGUN,
  ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_job_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  g_value_set_double (value, SP_JOB (object)->progress);
}

static void
sp_job_finalize (GObject *object)
{
  SpJob *self = SP_JOB (object);

  g_free (self->operation);
  g_free (self->starter);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->results, g_variant_unref);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (sp_job_parent_class)->finalize (object);
}

static void
sp_job_class_init (SpJobClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = sp_job_get_property;
  object_class->finalize = sp_job_finalize;
  properties[PROP_PROGRESS] =
      g_param_spec_double ("progress", NULL, NULL, -1, 1, -1,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sp_job_init (SpJob *self)
{
  self->progress = -1;
}

const char *
sp_job_get_operation (SpJob *self)
{
  return self->operation;
}

guint
sp_job_get_number (SpJob *self)
{
  return self->number;
}

const char *
sp_job_get_starter (SpJob *self)
{
  return self->starter;
}

gint64
sp_job_get_started_at (SpJob *self)
{
  return self->started_at;
}

GCancellable *
sp_job_get_cancellable (SpJob *self)
{
  return self->cancellable;
}

void
sp_job_set_progress (SpJob *self, double progress)
{
  self->progress = CLAMP (progress, -1, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

GVariant *
sp_job_get_results (SpJob *self)
{
  return self->results;
}

const GError *
sp_job_get_error (SpJob *self)
{
  return self->error;
}

void
sp_job_finish (SpJob *self, GVariant *results, GError *error)
{
  g_autoptr (SpJobs) jobs = self->jobs != NULL ? g_object_ref (self->jobs) : NULL;
  G_GNUC_UNUSED g_autoptr (SpJob) kept = g_object_ref (self);

  self->results = g_variant_ref_sink (
      results != NULL ? results : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  self->error = error;
  if (jobs == NULL)
    return;
  (void) g_ptr_array_remove (jobs->running, self);
  g_signal_emit (jobs, signals[ENDED], 0, self);
}

/* --- all of them --- */

/* Who still works on one finds it cancelled, whatever was promised, and nobody to tell. */
static void
sp_jobs_finalize (GObject *object)
{
  SpJobs *self = SP_JOBS (object);

  for (guint i = 0; i < self->running->len; i++)
    {
      SpJob *job = self->running->pdata[i];

      job->jobs = NULL;
      if (job->cancellable != NULL)
        g_cancellable_cancel (job->cancellable);
    }
  g_ptr_array_unref (self->running);
  G_OBJECT_CLASS (sp_jobs_parent_class)->finalize (object);
}

static void
sp_jobs_class_init (SpJobsClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  G_OBJECT_CLASS (class)->finalize = sp_jobs_finalize;
  signals[BEGUN] = g_signal_new ("begun", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, SP_TYPE_JOB);
  signals[ENDED] = g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, SP_TYPE_JOB);
}

static void
sp_jobs_init (SpJobs *self)
{
  self->running = g_ptr_array_new_with_free_func (g_object_unref);
}

SpJobs *
sp_jobs_new (void)
{
  return g_object_new (SP_TYPE_JOBS, NULL);
}

guint
sp_jobs_get_n (SpJobs *self)
{
  return self->running->len;
}

SpJob *
sp_jobs_begin (
    SpJobs *self, const char *operation, const char *starter, gboolean cancelable, GError **error)
{
  SpJob *job;

  if (self->running->len >= SP_JOBS_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "%u jobs run already", self->running->len);
      return NULL;
    }
  job = g_object_new (SP_TYPE_JOB, NULL);
  job->jobs = self;
  job->number = ++self->last_number;
  job->operation = g_strdup (operation);
  job->starter = g_strdup (starter);
  job->started_at = g_get_real_time ();
  job->cancellable = cancelable ? g_cancellable_new () : NULL;
  g_ptr_array_add (self->running, job);
  g_signal_emit (self, signals[BEGUN], 0, job);
  return job;
}
