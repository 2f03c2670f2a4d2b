/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-job.h"

#include "base/names.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

struct _SpExportedJob
{
  SpBusJobSkeleton parent_instance;
  SpJob *job;
};

static gboolean
handle_cancel (SpBusJob *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  GCancellable *cancellable = sp_job_get_cancellable (SP_EXPORTED_JOB (object)->job);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && cancellable == NULL)
    g_set_error (&error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_SUPPORTED, "this job can not be cancelled");
  if (error == NULL)
    g_cancellable_cancel (cancellable);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static void
sp_exported_job_iface_init (SpBusJobIface *iface)
{
  iface->handle_cancel = handle_cancel;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedJob,
                               sp_exported_job,
                               SP_BUS_TYPE_JOB_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_JOB, sp_exported_job_iface_init))

static void
sp_exported_job_dispose (GObject *object)
{
  g_clear_object (&SP_EXPORTED_JOB (object)->job);
  G_OBJECT_CLASS (sp_exported_job_parent_class)->dispose (object);
}

static void
sp_exported_job_class_init (SpExportedJobClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_job_dispose;
}

static void
sp_exported_job_init (SpExportedJob *self)
{
}

static void
follow_progress (SpJob *job, GParamSpec *property, gpointer data)
{
  double progress;

  g_object_get (job, "progress", &progress, NULL);
  sp_bus_job_set_progress_valid (SP_BUS_JOB (data), progress >= 0);
  sp_bus_job_set_progress (SP_BUS_JOB (data), MAX (progress, 0));
}

SpExportedJob *
sp_exported_job_new (SpJob *job)
{
  SpExportedJob *self = g_object_new (SP_TYPE_EXPORTED_JOB, NULL);
  SpBusJob *bus = SP_BUS_JOB (self);

  self->job = g_object_ref (job);
  sp_bus_job_set_operation (bus, sp_job_get_operation (job));
  sp_bus_job_set_cancelable (bus, sp_job_get_cancellable (job) != NULL);
  sp_bus_job_set_started_at (bus, (guint64) sp_job_get_started_at (job));
  g_signal_connect_object (job, "notify::progress", G_CALLBACK (follow_progress), self, 0);
  follow_progress (job, NULL, self);
  return self;
}

char *
sp_exported_job_path (SpJob *job)
{
  return g_strdup_printf (SP_BUS_JOBS_PATH "/%u", sp_job_get_number (job));
}

GVariant *
sp_exported_job_outcome (SpJob *job)
{
  const GError *error = sp_job_get_error (job);
  g_autoptr (GError) told = error != NULL ? sp_bus_error_from (error) : NULL;

  return g_variant_new ("(bss@a{sv})", told == NULL,
                        told != NULL ? sp_bus_error_name (told->code) : "",
                        told != NULL ? told->message : "", sp_job_get_results (job));
}
