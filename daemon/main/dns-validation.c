/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns-validation.h"

#include "acme-error.h"
#include "base/error.h"
#include "base/hook-status.h"
#include "base/log.h"
#include "codec/base64url.h"
#include "dns-leftover.h"
#include "hook-record.h"
#include "server-private.h"
#include "zone-record.h"

#include <string.h>

/* One change of a record. */
typedef struct
{
  SpDnsRecord record;
  gboolean put; /* otherwise it is taken out */
  GTask *task;  /* who waits for it, NULL: nobody */
  guint wait;   /* source id: until all name servers know it, 0 = none */
} Job;

struct _SpDnsValidation
{
  SpServer *server; /* the owner */
  SpZoneRecord *zone;
  SpHookRecord *hook;
  Job *job;         /* that is being done, NULL: none */
  GQueue waiting;   /* Job */
  GPtrArray *there; /* Job: what is in the DNS */
  gboolean tidied;
};

static void
job_free (Job *job)
{
  if (job == NULL)
    return;
  g_clear_handle_id (&job->wait, g_source_remove);
  g_clear_object (&job->task);
  g_free (job);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static void
give_up (Job *job)
{
  g_autoptr (GTask) task = g_steal_pointer (&job->task);

  g_clear_handle_id (&job->wait, g_source_remove);
  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "it is not shown any more");
}

static const SpSettings *
get_settings (SpDnsValidation *self)
{
  return sp_configuration_get (sp_server_get_configuration (self->server));
}

static void do_next (SpDnsValidation *self);

static void
take_out (SpDnsValidation *self, const SpDnsRecord *record)
{
  Job *job = g_new0 (Job, 1);

  job->record = *record;
  g_queue_push_tail (&self->waiting, job);
}

/* For the next main: what is there, or may be. */
static void
remember (SpDnsValidation *self)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  if (self->job != NULL)
    g_ptr_array_add (records, &self->job->record);
  for (guint i = 0; i < self->there->len; i++)
    g_ptr_array_add (records, &((Job *) g_ptr_array_index (self->there, i))->record);
  for (GList *at = self->waiting.head; at != NULL; at = at->next)
    if (!((Job *) at->data)->put)
      g_ptr_array_add (records, &((Job *) at->data)->record);
  sp_dns_leftover_store (records, sp_server_get_store (self->server));
}

/* --- one after the other --- */

static gboolean
wait_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&job->task);

  job->wait = 0;
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* A record that nobody waits for any more is taken out as soon as it is there, and one that could
 * not be put may be there nevertheless, unless nothing was run for that. */
static void
finish (gpointer user_data, const GError *error)
{
  SpDnsValidation *self = user_data;
  g_autoptr (Job) job = g_steal_pointer (&self->job);
  g_autoptr (GTask) failed = NULL;

  if (error != NULL)
    sp_log (SP_LOG_WARNING, "acme", "the record %s: %s", job->record.owner, error->message);
  if (error != NULL)
    failed = g_steal_pointer (&job->task);
  if (job->task != NULL)
    {
      job->wait = g_timeout_add (get_settings (self)->acme_dns_wait * 1000, wait_cb, job);
      g_ptr_array_add (self->there, g_steal_pointer (&job));
    }
  else if (job->put && !g_error_matches (error, SP_ACME_ERROR, SP_ORDER_HOOK_UNFIT))
    take_out (self, &job->record);
  remember (self);
  do_next (self);
  if (failed != NULL)
    g_task_return_error (failed, g_error_copy (error));
}

static void
do_next (SpDnsValidation *self)
{
  Job *job;

  if (self->job != NULL || g_queue_is_empty (&self->waiting))
    return;
  self->job = job = g_queue_pop_head (&self->waiting);
  remember (self);
  if (job->record.program[0] != '\0')
    sp_hook_record_change (self->hook, &job->record, job->put, SP_HOOK_SECONDS, finish, self);
  else
    sp_zone_record_change (self->zone, &job->record, job->put, finish, self);
}

/* --- showing --- */

gboolean
sp_dns_validation_is_set (const SpSettings *settings)
{
  return settings->acme_hook[0] != '\0' || sp_zone_record_is_set (settings);
}

/* By the settings of now.  FALSE: they do not say how. */
static gboolean
note (SpDnsValidation *self, SpDnsRecord *record)
{
  const SpSettings *settings = get_settings (self);
  gboolean has_zone = settings->acme_proof != SP_WORD_HOOK && sp_zone_record_is_set (settings);

  if (has_zone)
    sp_zone_record_note (record, settings);
  else
    (void) g_strlcpy (record->program, settings->acme_hook, sizeof record->program);
  return has_zone || record->program[0] != '\0';
}

void
sp_dns_validation_show (SpDnsValidation *self, const SpAcmeProof *proof, GTask *task)
{
  g_autofree char *text = sp_base64url_encode (proof->digest, SP_VALIDATION_SIZE);
  g_autoptr (Job) job = g_new0 (Job, 1);

  (void) g_snprintf (job->record.owner, sizeof job->record.owner, SP_DNS_PREFIX "%s", proof->name);
  (void) g_strlcpy (job->record.text, text, sizeof job->record.text);
  job->put = TRUE;
  if (!note (self, &job->record))
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_FAILED, "no settings say how any more");
      return;
    }
  job->task = g_object_ref (task);
  g_queue_push_tail (&self->waiting, g_steal_pointer (&job));
  do_next (self);
}

void
sp_dns_validation_hide (SpDnsValidation *self)
{
  for (GList *at = self->waiting.head, *next; at != NULL; at = next)
    {
      Job *job = at->data;

      next = at->next;
      if (!job->put)
        continue;
      give_up (job);
      job_free (job);
      g_queue_delete_link (&self->waiting, at);
    }
  if (self->job != NULL)
    give_up (self->job);
  for (guint i = 0; i < self->there->len; i++)
    {
      Job *job = g_ptr_array_index (self->there, i);

      give_up (job);
      take_out (self, &job->record);
    }
  g_ptr_array_set_size (self->there, 0);
  do_next (self);
}

void
sp_dns_validation_tidy (SpDnsValidation *self)
{
  g_autoptr (GPtrArray) left = NULL;

  if (self->tidied)
    return;
  self->tidied = TRUE;
  left = sp_dns_leftover_load (sp_server_get_store (self->server));
  for (guint i = 0; i < left->len; i++)
    {
      SpDnsRecord *record = g_ptr_array_index (left, i);

      if (note (self, record))
        take_out (self, record);
    }
  do_next (self);
}

/* --- life --- */

SpDnsValidation *
sp_dns_validation_new (SpServer *server, const char *libexec_folder)
{
  SpDnsValidation *self = g_new0 (SpDnsValidation, 1);

  self->server = server;
  self->zone = sp_zone_record_new (server, libexec_folder);
  self->hook = sp_hook_record_new (libexec_folder);
  g_queue_init (&self->waiting);
  self->there = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  return self;
}

void
sp_dns_validation_free (SpDnsValidation *self)
{
  if (self == NULL)
    return;
  sp_zone_record_free (self->zone);
  sp_hook_record_free (self->hook);
  if (self->job != NULL)
    give_up (self->job);
  job_free (self->job);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) job_free);
  g_ptr_array_unref (self->there);
  g_free (self);
}
