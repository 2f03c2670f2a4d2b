/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-errand.h"

#include "acme-answer.h"
#include "base/io.h"
#include "codec/update-url.h"

#include <string.h>
#include <unistd.h>

#define DEADLINE_SECONDS (SP_ACME_SECONDS - 20) /* main waits a little longer */
#define PAUSE_FIRST      1 /* seconds between two looks at what takes a while */
#define PAUSE_MOST       10

typedef void (*Next) (SpAcmeErrand *self, const SpAcmeAnswer *answer);

struct _SpAcmeErrand
{
  SpAcmeTalk *talk;
  int file;
  gboolean agreed;
  GBytes *ways; /* an SpAcmeWay each, that which is liked best first */
  const SpAcmeErrandEvents *events;
  gpointer user_data;
  guint deadline; /* source ids, 0 = none */
  guint pause;
  guint n_pauses;
  gboolean over;
  Next next; /* what the answer that is awaited goes to */
  SpAcmeDirectory directory;
  char *url; /* of the order */
  SpAcmeOrder order;
  guint n_valid; /* of its authorizations */
  SpAcmeAuthorization authorization;
  SpAcmeWay way; /* that the authority is shown it in */
  gboolean responded;
  gboolean finalized;
};

static void
end (SpAcmeErrand *self, SpOrderOutcome outcome, const SpAcmeAnswer *answer)
{
  SpOrderDone done = { .outcome = (guint8) outcome };

  if (self->over)
    return;
  self->over = TRUE;
  if (answer != NULL)
    {
      done.status = answer->status;
      done.seconds = answer->seconds;
    }
  self->events->ended (self->user_data, &done);
}

static void
post (SpAcmeErrand *self, SpAcmeKind kind, const char *url, Next next)
{
  self->next = next;
  sp_acme_talk_post (self->talk, kind, url);
}

/* --- what takes a while --- */

static void on_order (SpAcmeErrand *self, const SpAcmeAnswer *answer);
static void on_authorization (SpAcmeErrand *self, const SpAcmeAnswer *answer);

static gboolean
pause_cb (gpointer user_data)
{
  SpAcmeErrand *self = user_data;

  self->pause = 0;
  if (self->order.authorizations[self->n_valid] != NULL)
    post (self, SP_ACME_FETCH, self->order.authorizations[self->n_valid], on_authorization);
  else
    post (self, SP_ACME_FETCH, self->url, on_order);
  return G_SOURCE_REMOVE;
}

static void
look_later (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  guint seconds = answer->seconds > 0 ? answer->seconds : PAUSE_FIRST + self->n_pauses++ / 4;

  self->pause = g_timeout_add_seconds (MIN (seconds, PAUSE_MOST), pause_cb, self);
}

/* --- the certificate --- */

static void
on_certificate (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  gboolean written =
      answer->size > 0 && write (self->file, answer->body, answer->size) == (ssize_t) answer->size;

  end (self, written ? SP_ORDER_DONE : SP_ORDER_FAILED, answer);
}

static void
finalize (SpAcmeErrand *self)
{
  self->finalized = TRUE;
  post (self, SP_ACME_FINALIZE, self->order.finalize, on_order);
}

/* --- names --- */

static void look_at_names (SpAcmeErrand *self);

static void
on_responded (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  self->responded = TRUE;
  look_later (self, answer);
}

/* The best that the authority offers. */
static gboolean
choose_way (SpAcmeErrand *self)
{
  gsize n;
  const guint8 *ways = g_bytes_get_data (self->ways, &n);

  for (gsize i = 0; i < n; i++)
    if (ways[i] < SP_ACME_WAYS_N && self->authorization.challenges[ways[i]].url != NULL)
      {
        self->way = (SpAcmeWay) ways[i];
        return TRUE;
      }
  return FALSE;
}

static void
show (SpAcmeErrand *self)
{
  g_autofree SpShowValidation *validation = g_new0 (SpShowValidation, 1);
  const char *name = self->authorization.name;
  const char *token = self->authorization.challenges[self->way].token;

  validation->way = (guint8) self->way;
  memcpy (validation->name, name, validation->name_length = (guint16) strlen (name));
  memcpy (validation->token, token, validation->token_length = (guint16) strlen (token));
  self->events->show (self->user_data, validation);
}

static void
on_authorization (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  SpAcmeAuthorization *authorization = &self->authorization;

  sp_acme_authorization_clear (authorization);
  if (!sp_acme_authorization_read (answer->body, answer->size, authorization))
    end (self, SP_ORDER_NOT_UNDERSTOOD, answer);
  else if (authorization->status == SP_ACME_VALID)
    {
      self->n_valid++;
      self->responded = FALSE;
      look_at_names (self);
    }
  else if (authorization->status == SP_ACME_INVALID)
    end (self, authorization->problem, answer);
  else if (self->responded || authorization->status == SP_ACME_PROCESSING)
    look_later (self, answer);
  else if (choose_way (self))
    show (self);
  else
    end (self, SP_ORDER_NO_WAY, answer);
}

static void
look_at_names (SpAcmeErrand *self)
{
  if (self->order.authorizations[self->n_valid] != NULL)
    post (self, SP_ACME_FETCH, self->order.authorizations[self->n_valid], on_authorization);
  else
    post (self, SP_ACME_FETCH, self->url, on_order);
}

/* --- the order --- */

static void
on_order (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  SpAcmeOrder *order = &self->order;
  guint n_names = g_strv_length (order->authorizations);

  sp_acme_order_clear (order);
  if (!sp_acme_order_read (answer->body, answer->size, order) ||
      g_strv_length (order->authorizations) != n_names)
    {
      sp_acme_order_clear (order);
      end (self, SP_ORDER_NOT_UNDERSTOOD, answer);
    }
  else if (order->status == SP_ACME_VALID)
    post (self, SP_ACME_FETCH, order->certificate, on_certificate);
  else if (order->status == SP_ACME_INVALID)
    end (self, order->problem, answer);
  else if (order->status == SP_ACME_READY && !self->finalized)
    finalize (self);
  else
    look_later (self, answer);
}

static void
on_new_order (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  if (answer->location == NULL || !sp_acme_order_read (answer->body, answer->size, &self->order))
    {
      end (self, SP_ORDER_NOT_UNDERSTOOD, answer);
      return;
    }
  self->url = g_strdup (answer->location);
  look_at_names (self);
}

/* 7.3.1: whoever has an account with this key already is told which it is. */
static void
on_account (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  if (answer->location == NULL)
    {
      end (self, SP_ORDER_NOT_UNDERSTOOD, answer);
      return;
    }
  sp_acme_talk_set_account (self->talk, answer->location);
  post (self, SP_ACME_NEW_ORDER, self->directory.new_order, on_new_order);
}

static void
on_directory (SpAcmeErrand *self, const SpAcmeAnswer *answer)
{
  SpAcmeDirectory *directory = &self->directory;

  if (!sp_acme_directory_read (answer->body, answer->size, directory))
    end (self, SP_ORDER_NOT_UNDERSTOOD, answer);
  else if (directory->wants_external_account)
    end (self, SP_ORDER_EXTERNAL_ACCOUNT, answer);
  else if (directory->has_terms && !self->agreed)
    end (self, SP_ORDER_TERMS, answer);
  else
    {
      sp_acme_talk_set_nonces (self->talk, directory->new_nonce);
      post (self, SP_ACME_NEW_ACCOUNT, directory->new_account, on_account);
    }
}

/* --- who signs and shows --- */

static void
sign_cb (gpointer user_data, const SpSignRequest *request)
{
  SpAcmeErrand *self = user_data;

  if (!self->over)
    self->events->sign (self->user_data, request);
}

static void
answered_cb (gpointer user_data, const SpAcmeAnswer *answer)
{
  SpAcmeErrand *self = user_data;

  if (self->over)
    return;
  if (answer->outcome == SP_ORDER_DONE)
    self->next (self, answer);
  else
    end (self, answer->outcome, answer);
}

void
sp_acme_errand_signed (SpAcmeErrand *self, const SpRequestSigned *answer)
{
  if (!self->over)
    sp_acme_talk_signed (self->talk, answer->request, answer->request_length);
}

void
sp_acme_errand_shown (SpAcmeErrand *self, gboolean shown)
{
  if (self->over)
    return;
  if (shown)
    post (self, SP_ACME_RESPOND, self->authorization.challenges[self->way].url, on_responded);
  else
    end (self, SP_ORDER_NOT_SHOWN, NULL);
}

/* --- life --- */

static gboolean
deadline_cb (gpointer user_data)
{
  SpAcmeErrand *self = user_data;

  self->deadline = 0;
  end (self, SP_ORDER_SILENT, NULL);
  return G_SOURCE_REMOVE;
}

SpAcmeErrand *
sp_acme_errand_start (SoupSession *session,
                      const SpRunOrder *order,
                      const char *trust,
                      int file,
                      const SpAcmeErrandEvents *events,
                      gpointer user_data)
{
  static const SpAcmeTalkEvents talk_events = { .sign = sign_cb, .answered = answered_cb };
  g_autofree char *directory = g_strndup ((const char *) order->directory, order->directory_length);
  SpAcmeErrand *self = g_new0 (SpAcmeErrand, 1);

  self->events = events;
  self->user_data = user_data;
  self->file = file;
  self->agreed = order->agreed != 0;
  self->ways = g_bytes_new (order->ways, order->ways_length);
  self->talk = sp_acme_talk_new (session, trust, &talk_events, self);
  if (sp_update_url_check (directory, FALSE, FALSE) != NULL)
    {
      end (self, SP_ORDER_FAILED, NULL);
      return self;
    }
  self->deadline = g_timeout_add_seconds (DEADLINE_SECONDS, deadline_cb, self);
  self->next = on_directory;
  sp_acme_talk_get (self->talk, directory);
  return self;
}

void
sp_acme_errand_free (SpAcmeErrand *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_handle_id (&self->pause, g_source_remove);
  sp_acme_talk_free (self->talk);
  sp_acme_directory_clear (&self->directory);
  sp_acme_order_clear (&self->order);
  sp_acme_authorization_clear (&self->authorization);
  g_bytes_unref (self->ways);
  g_free (self->url);
  sp_fd_clear (&self->file);
  g_free (self);
}
