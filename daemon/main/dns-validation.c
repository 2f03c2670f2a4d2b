/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns-validation.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "codec/base64url.h"
#include "courier-client.h"
#include "dynamic-dns-record.h"
#include "keyholder-dns.h"
#include "secret-file.h"
#include "server-private.h"
#include "setting-check.h"
#include "zone-order.h"

#include <string.h>

#define PREFIX "_acme-challenge." /* RFC 8555 8.4 */

/* One errand: the order is kept, so that what was put into a zone is taken out of that one. */
typedef struct
{
  SpRunErrand order;
  GTask *task; /* who waits for it, NULL: nobody */
  int file;    /* for the key's secret, -1 = none */
} Job;

struct _SpDnsValidation
{
  SpServer *server; /* the owner */
  SpCourierClient *courier;
  GCancellable *lending; /* lives as long as this */
  Job *job;              /* that is being done, NULL: none */
  GQueue waiting;        /* Job */
  GPtrArray *there;      /* Job: what is in the zone */
};

static void
job_free (Job *job)
{
  if (job == NULL)
    return;
  g_clear_object (&job->task);
  sp_fd_clear (&job->file);
  g_free (job);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static Job *
job_new (void)
{
  Job *job = g_new0 (Job, 1);

  job->file = -1;
  return job;
}

static void
give_up (Job *job)
{
  g_autoptr (GTask) task = g_steal_pointer (&job->task);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "it is not shown any more");
}

static void do_next (SpDnsValidation *self);

static void
take_out (SpDnsValidation *self, const Job *shown)
{
  Job *job = job_new ();

  job->order = shown->order;
  job->order.kind = SP_ERRAND_ZONE_NO_TEXT;
  g_queue_push_tail (&self->waiting, job);
}

/* --- one after the other --- */

/* A record that nobody waits for any more is taken out as soon as it is there. */
static void
finish (SpDnsValidation *self, SpErrandOutcome outcome)
{
  g_autoptr (Job) job = g_steal_pointer (&self->job);
  g_autoptr (GTask) task = g_steal_pointer (&job->task);
  gboolean shows = job->order.kind == SP_ERRAND_ZONE_TEXT;

  sp_fd_clear (&job->file);
  if (outcome != SP_ERRAND_DONE)
    sp_log (SP_LOG_WARNING, "acme", "the record %.*s: %s: %s", job->order.name_length,
            (const char *) job->order.name, sp_dynamic_dns_reason (outcome),
            sp_dynamic_dns_advice (outcome, SP_WORD_RFC2136));
  if (task != NULL && outcome == SP_ERRAND_DONE)
    g_task_return_boolean (task, TRUE);
  else if (task != NULL)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_FAILED, "its record is not in the zone");
  if (shows && task != NULL && outcome == SP_ERRAND_DONE)
    g_ptr_array_add (self->there, g_steal_pointer (&job));
  else if (shows && task == NULL)
    take_out (self, job);
  do_next (self);
}

static void
back_cb (gpointer user_data, const SpErrandDone *done)
{
  finish (user_data, (SpErrandOutcome) done->outcome);
}

static void
lent_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean lent = g_task_propagate_boolean (G_TASK (result), &error);
  SpDnsValidation *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* nobody is there any more */
  if (lent && sp_courier_client_send (self->courier, &self->job->order, self->job->file, back_cb,
                                      self, &error))
    return;
  sp_log (SP_LOG_WARNING, "acme", "sending a courier: %s", error->message);
  finish (self, SP_ERRAND_FAILED);
}

static void
do_next (SpDnsValidation *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  if (self->job != NULL || g_queue_is_empty (&self->waiting))
    return;
  self->job = g_queue_pop_head (&self->waiting);
  self->job->file = sp_secret_file_new (&error);
  task = g_task_new (self->server, self->lending, lent_cb, self);
  if (self->job->file < 0)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    sp_keyholder_client_lend_dns_password (self->server->keyholder, SP_DNS_PASSWORD_KEY,
                                           self->job->file, task);
}

/* --- showing --- */

gboolean
sp_dns_validation_is_set (const SpSettings *settings)
{
  gboolean within = sp_check_within (settings->name, settings->dns_update_zone);

  for (guint i = 0; i < settings->acme_names.n; i++)
    within = within && sp_check_within (settings->acme_names.items[i], settings->dns_update_zone);
  return within && settings->dns_update_zone[0] != '\0' && settings->dns_update_server[0] != '\0' &&
         settings->dns_update_key[0] != '\0';
}

void
sp_dns_validation_show (SpDnsValidation *self, const SpAcmeProof *proof, GTask *task)
{
  const SpSettings *settings = sp_configuration_get (sp_server_get_configuration (self->server));
  g_autofree char *owner = g_strconcat (PREFIX, proof->name, NULL);
  g_autofree char *text = sp_base64url_encode (proof->digest, SP_VALIDATION_SIZE);
  Job *job = job_new ();

  sp_zone_order_fill (&job->order, settings, SP_ERRAND_ZONE_TEXT, owner);
  job->order.text_length = (guint16) MIN (strlen (text), sizeof job->order.text);
  memcpy (job->order.text, text, job->order.text_length);
  job->task = g_object_ref (task);
  g_queue_push_tail (&self->waiting, job);
  do_next (self);
}

void
sp_dns_validation_hide (SpDnsValidation *self)
{
  for (GList *at = self->waiting.head, *next; at != NULL; at = next)
    {
      Job *job = at->data;

      next = at->next;
      if (job->order.kind != SP_ERRAND_ZONE_TEXT)
        continue;
      give_up (job);
      job_free (job);
      g_queue_delete_link (&self->waiting, at);
    }
  if (self->job != NULL)
    give_up (self->job);
  for (guint i = 0; i < self->there->len; i++)
    take_out (self, g_ptr_array_index (self->there, i));
  g_ptr_array_set_size (self->there, 0);
  do_next (self);
}

/* --- life --- */

SpDnsValidation *
sp_dns_validation_new (SpServer *server, const char *libexec_folder)
{
  SpDnsValidation *self = g_new0 (SpDnsValidation, 1);

  self->server = server;
  self->courier = sp_courier_client_new (libexec_folder);
  self->lending = g_cancellable_new ();
  g_queue_init (&self->waiting);
  self->there = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  return self;
}

void
sp_dns_validation_free (SpDnsValidation *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->lending);
  g_object_unref (self->lending);
  sp_courier_client_free (self->courier);
  if (self->job != NULL)
    give_up (self->job);
  job_free (self->job);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) job_free);
  g_ptr_array_unref (self->there);
  g_free (self);
}
