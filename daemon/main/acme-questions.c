/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-private.h"

#include "acme-error.h"
#include "acme-way.h"
#include "base/error.h"
#include "base/log.h"
#include "keyholder-acme.h"
#include "server-private.h"

#include <string.h>

/* What a courier asks for while it orders: a signature, and that the authority is shown a name.
 * Nothing of it is believed; the keyholder looks at what it signs, and only what was ordered is
 * shown. */

typedef struct
{
  guint32 serial;
  SpAcmeWay way;
  SpAcmeProof proof;
} Question;

static GTask *
new_question (SpAcme *self, guint32 serial, GAsyncReadyCallback callback)
{
  GTask *task = sp_acme_task_new (self, callback);
  Question *question = g_new0 (Question, 1);

  question->serial = serial;
  g_task_set_task_data (task, question, g_free);
  return task;
}

/* --- signatures --- */

static void
signed_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  SpAcme *self = user_data;
  const Question *question = g_task_get_task_data (G_TASK (result));
  g_autofree SpRequestSigned *answer = g_new0 (SpRequestSigned, 1);
  g_autoptr (GError) error = NULL;
  g_autofree SpAcmeSigned *said = g_task_propagate_pointer (G_TASK (result), &error);

  if (sp_acme_is_stale (error))
    return;
  if (said != NULL)
    memcpy (answer->request, said->request, answer->request_length = said->request_length);
  else
    sp_log (SP_LOG_WARNING, "acme", "the authority's request: %s", error->message);
  sp_courier_client_answer_signed (self->courier, question->serial, answer);
}

/* What is fetched in between belongs to the step of before. */
static void
note_step (SpAcme *self, guint8 kind)
{
  SpAcmeStep step = kind == SP_ACME_RESPOND    ? SP_ACME_PROVING
                    : kind == SP_ACME_FINALIZE ? SP_ACME_CERTIFYING
                                               : self->step;

  if (step == self->step)
    return;
  self->step = step;
  self->changed (self->server);
}

/* Named to an authority that said when to renew it (RFC 9773 5); not again after a failure, which
 * may be that it does not want to hear of that one any more. */
static void
add_replaced (SpAcme *self, SpSignAcme *order)
{
  const SpAcmeRecord *record = &self->record;
  const SpCertificateKnown *known =
      record->certificate[0] != '\0'
          ? sp_certificate_registry_find (self->server->certificates, record->certificate)
          : NULL;

  if (order->kind == SP_ACME_NEW_ORDER && known != NULL && record->window_end != 0 &&
      record->failures == 0 && strcmp (record->asked_with, self->asks_with) == 0)
    order->replaces_length = sp_acme_copy (order->replaces, sizeof order->replaces, known->renewal,
                                           known->renewal_length);
}

void
sp_acme_sign (gpointer user_data, guint32 serial, const SpSignRequest *request)
{
  SpAcme *self = user_data;
  const SpSettings *settings = sp_acme_get_settings (self);
  g_autofree SpSignAcme *order = g_new0 (SpSignAcme, 1);
  g_autoptr (GTask) task = new_question (self, serial, signed_cb);
  gsize names_size;
  gconstpointer names = g_bytes_get_data (self->names, &names_size);

  order->kind = request->kind;
  order->agreed = settings->acme_agree ? 1 : 0;
  memcpy (order->request, self->request, SP_ID_SIZE);
  order->directory_length = sp_acme_copy (order->directory, sizeof order->directory,
                                          self->directory, strlen (self->directory));
  order->url_length =
      sp_acme_copy (order->url, sizeof order->url, request->url, request->url_length);
  order->nonce_length =
      sp_acme_copy (order->nonce, sizeof order->nonce, request->nonce, request->nonce_length);
  order->account_length = sp_acme_copy (order->account, sizeof order->account, request->account,
                                        request->account_length);
  order->contact_length = sp_acme_copy (order->contact, sizeof order->contact,
                                        settings->acme_contact, strlen (settings->acme_contact));
  order->names_length = sp_acme_copy (order->names, sizeof order->names, names, names_size);
  note_step (self, request->kind);
  add_replaced (self, order);
  sp_keyholder_client_sign_acme (self->server->keyholder, order, task);
}

/* --- what is shown --- */

/* The end of the order. */
static void
refuse (SpAcme *self, const GError *error)
{
  SpOrderDone done = { .outcome = SP_ORDER_NOT_SHOWN };

  if (g_error_matches (error, SP_ERROR, SP_ERROR_PORT_IN_USE))
    done.outcome = SP_ORDER_PORT_IN_USE;
  else if (error->domain == SP_ACME_ERROR)
    done.outcome = (guint8) error->code;
  sp_log (SP_LOG_WARNING, "acme", "the authority is not shown a name: %s", error->message);
  sp_acme_end (self, &done);
}

static void
shown_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  SpAcme *self = user_data;
  const Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean shown = g_task_propagate_boolean (G_TASK (result), &error);

  if (sp_acme_is_stale (error))
    return;
  if (shown)
    sp_courier_client_answer_shown (self->courier, question->serial, TRUE);
  else
    refuse (self, error);
}

static void
digested_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  SpAcme *self = user_data;
  Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree SpAcmeDigested *said = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GTask) task = NULL;

  if (sp_acme_is_stale (error))
    return;
  if (said == NULL)
    {
      refuse (self, error);
      return;
    }
  memcpy (question->proof.thumbprint, said->thumbprint, SP_VALIDATION_SIZE);
  memcpy (question->proof.digest, said->digest, SP_VALIDATION_SIZE);
  self->record.way = (guint8) question->way;
  task = new_question (self, question->serial, shown_cb);
  sp_acme_way_show (question->way, self->server, &question->proof, task);
}

/* One of those that we ordered, and no other. */
static gboolean
is_ordered (SpAcme *self, const char *name)
{
  gsize size;
  const char *names = g_bytes_get_data (self->names, &size);

  for (gsize at = 0; at < size; at += strlen (names + at) + 1)
    if (strcmp (names + at, name) == 0)
      return TRUE;
  return FALSE;
}

void
sp_acme_show (gpointer user_data, guint32 serial, const SpShowValidation *asked)
{
  SpAcme *self = user_data;
  g_autoptr (GTask) task = new_question (self, serial, digested_cb);
  Question *question = g_task_get_task_data (task);
  SpDigestAcme order = { 0 };

  question->way = (SpAcmeWay) asked->way;
  memcpy (question->proof.name, asked->name, asked->name_length);
  memcpy (question->proof.token, asked->token, asked->token_length);
  if (!is_ordered (self, question->proof.name) ||
      memchr (self->ways, asked->way, self->n_ways) == NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                               "it, or the way to do so, was not ordered");
      return;
    }
  order.directory_length = sp_acme_copy (order.directory, sizeof order.directory, self->directory,
                                         strlen (self->directory));
  order.token_length =
      sp_acme_copy (order.token, sizeof order.token, asked->token, asked->token_length);
  sp_keyholder_client_digest_acme (self->server->keyholder, &order, task);
}
