/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-talk.h"

#include "acme-answer.h"
#include "codec/base64url.h"
#include "codec/update-url.h"
#include "errand.h"

#include <string.h>

#define NONCE_TRIES  8
#define SECONDS_MAX  (7 * 24 * 3600)
#define PEM_BEGIN    "-----BEGIN CERTIFICATE-----"
#define SIGNED_TYPE  "application/jose+json" /* RFC 8555 6.2 */
#define HEADER_NONCE "Replay-Nonce"
#define READ_AT_ONCE 4096

typedef enum
{
  GET,
  NONCE,
  POST
} Step;

struct _SpAcmeTalk
{
  SoupSession *session;
  GPtrArray *trust; /* of GTlsCertificate */
  const SpAcmeTalkEvents *events;
  gpointer user_data;
  char *nonces;
  char *account; /* NULL: none yet */
  char *nonce;   /* NULL: none that was not used */
  /* the request in work */
  Step step;
  SpAcmeKind kind;
  char *url;
  guint tries;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
  GCancellable *cancellable;
};

static void send (SpAcmeTalk *self, SoupMessage *message);

static void
read_trust (SpAcmeTalk *self, const char *pem)
{
  for (const char *next = strstr (pem, PEM_BEGIN); next != NULL;
       next = strstr (next + strlen (PEM_BEGIN), PEM_BEGIN))
    {
      GTlsCertificate *one = g_tls_certificate_new_from_pem (next, -1, NULL);

      if (one != NULL)
        g_ptr_array_add (self->trust, one);
    }
}

SpAcmeTalk *
sp_acme_talk_new (SoupSession *session,
                  const char *trust,
                  const SpAcmeTalkEvents *events,
                  gpointer user_data)
{
  SpAcmeTalk *self = g_new0 (SpAcmeTalk, 1);

  self->session = session;
  self->trust = g_ptr_array_new_with_free_func (g_object_unref);
  self->events = events;
  self->user_data = user_data;
  self->body = g_byte_array_new ();
  self->cancellable = g_cancellable_new ();
  read_trust (self, trust);
  return self;
}

void
sp_acme_talk_free (SpAcmeTalk *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->stream);
  g_clear_object (&self->message);
  g_object_unref (self->cancellable);
  g_byte_array_unref (self->body);
  g_ptr_array_unref (self->trust);
  g_free (self->nonces);
  g_free (self->account);
  g_free (self->nonce);
  g_free (self->url);
  g_free (self);
}

void
sp_acme_talk_set_nonces (SpAcmeTalk *self, const char *url)
{
  g_free (self->nonces);
  self->nonces = g_strdup (url);
}

void
sp_acme_talk_set_account (SpAcmeTalk *self, const char *url)
{
  g_free (self->account);
  self->account = g_strdup (url);
}

/* --- the answer --- */

static void
tell (SpAcmeTalk *self, const SpAcmeAnswer *answer)
{
  self->events->answered (self->user_data, answer); /* last: it may free all */
}

static void
fail (SpAcmeTalk *self, SpOrderOutcome outcome)
{
  const SpAcmeAnswer answer = { .outcome = outcome };

  tell (self, &answer);
}

/* RFC 9110 10.2.3: seconds or a date */
static guint32
read_retry_after (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Retry-After");
  g_autoptr (GDateTime) date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;
  gint64 seconds = 0;

  if (date != NULL)
    seconds = g_date_time_to_unix (date) - g_get_real_time () / G_USEC_PER_SEC;
  else if (text != NULL)
    seconds = g_ascii_strtoll (text, NULL, 10);
  return (guint32) CLAMP (seconds, 0, SECONDS_MAX);
}

static void
keep_nonce (SpAcmeTalk *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *nonce = soup_message_headers_get_one (headers, HEADER_NONCE);

  if (nonce == NULL || strlen (nonce) > SP_ACME_NONCE_MAX ||
      !sp_base64url_is_text (nonce, strlen (nonce)))
    return;
  g_free (self->nonce);
  self->nonce = g_strdup (nonce);
}

static void
ask_nonce (SpAcmeTalk *self)
{
  self->step = NONCE;
  if (++self->tries > NONCE_TRIES)
    fail (self, SP_ORDER_NOT_UNDERSTOOD);
  else
    send (self, soup_message_new (SOUP_METHOD_HEAD, self->nonces));
}

static void
ask_signature (SpAcmeTalk *self)
{
  g_autofree SpSignRequest *request = g_new0 (SpSignRequest, 1);
  g_autofree char *nonce = g_steal_pointer (&self->nonce);
  const char *account = self->account != NULL ? self->account : "";

  self->step = POST;
  request->kind = (guint8) self->kind;
  memcpy (request->url, self->url, request->url_length = (guint16) strlen (self->url));
  memcpy (request->nonce, nonce, request->nonce_length = (guint16) strlen (nonce));
  if (self->kind != SP_ACME_NEW_ACCOUNT)
    memcpy (request->account, account, request->account_length = (guint16) strlen (account));
  self->events->sign (self->user_data, request);
}

static void
judge_post (SpAcmeTalk *self, SpAcmeAnswer *answer)
{
  gboolean bad_nonce = FALSE;

  if (SOUP_STATUS_IS_SUCCESSFUL (answer->status))
    answer->outcome = SP_ORDER_DONE;
  else
    answer->outcome = sp_acme_problem_read (self->body->data, self->body->len, &bad_nonce);
  if (bad_nonce && self->nonce != NULL && ++self->tries <= NONCE_TRIES)
    ask_signature (self);
  else if (bad_nonce)
    ask_nonce (self);
  else
    tell (self, answer);
}

static void
judge (SpAcmeTalk *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  SpAcmeAnswer answer = { .status = (guint16) soup_message_get_status (self->message),
                          .seconds = read_retry_after (headers),
                          .body = self->body->data,
                          .size = self->body->len };

  if (location != NULL && strlen (location) <= SP_ERRAND_URL_MAX &&
      sp_update_url_check (location, FALSE, FALSE) == NULL)
    answer.location = location;
  keep_nonce (self);
  if (self->step != NONCE)
    judge_post (self, &answer);
  else if (self->nonce != NULL)
    ask_signature (self);
  else
    fail (self, SP_ORDER_NOT_UNDERSTOOD);
}

/* --- on the way --- */

static const struct
{
  SpErrandOutcome errand;
  SpOrderOutcome order;
} outcomes[] = {
  { SP_ERRAND_SILENT, SP_ORDER_SILENT },
  { SP_ERRAND_UNREACHABLE, SP_ORDER_UNREACHABLE },
  { SP_ERRAND_NOT_TRUSTED, SP_ORDER_NOT_TRUSTED },
  { SP_ERRAND_NOT_UNDERSTOOD, SP_ORDER_NOT_UNDERSTOOD },
};

static void
fail_with (SpAcmeTalk *self, const GError *error)
{
  SpErrandOutcome errand = sp_errand_find_outcome (error);

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (outcomes[i].errand == errand)
      {
        fail (self, outcomes[i].order);
        return;
      }
  fail (self, SP_ORDER_FAILED);
}

static void read_on (SpAcmeTalk *self);

static void
read_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  SpAcmeTalk *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bytes == NULL)
    fail_with (self, error);
  else if (g_bytes_get_size (bytes) == 0)
    judge (self);
  else
    {
      g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL),
                           (guint) g_bytes_get_size (bytes));
      read_on (self);
    }
}

static void
read_on (SpAcmeTalk *self)
{
  if (self->body->len > SP_ACME_ANSWER_MAX)
    fail (self, SP_ORDER_NOT_UNDERSTOOD);
  else
    g_input_stream_read_bytes_async (self->stream, READ_AT_ONCE, G_PRIORITY_DEFAULT,
                                     self->cancellable, read_cb, self);
}

static void
sent_cb (GObject *session, GAsyncResult *result, gpointer user_data)
{
  SpAcmeTalk *self = user_data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (session), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (stream == NULL)
    {
      fail_with (self, error);
      return;
    }
  g_clear_object (&self->stream);
  self->stream = stream;
  read_on (self);
}

/* One of those that the owner named has to have signed it, for this host and now. */
static gboolean
accept_cb (SoupMessage *message,
           GTlsCertificate *certificate,
           GTlsCertificateFlags errors,
           gpointer user_data)
{
  SpAcmeTalk *self = user_data;
  GUri *uri = soup_message_get_uri (message);
  g_autoptr (GSocketConnectable) host =
      g_network_address_new (g_uri_get_host (uri), (guint16) g_uri_get_port (uri));

  for (guint i = 0; i < self->trust->len; i++)
    if (g_tls_certificate_verify (certificate, host, self->trust->pdata[i]) == 0)
      return TRUE;
  return FALSE;
}

static void
send (SpAcmeTalk *self, SoupMessage *message)
{
  if (message == NULL)
    {
      fail (self, SP_ORDER_NOT_UNDERSTOOD);
      return;
    }
  g_clear_object (&self->message);
  self->message = message;
  g_byte_array_set_size (self->body, 0);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_cb), self);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, self->cancellable, sent_cb,
                           self);
}

static void
begin (SpAcmeTalk *self, Step step, const char *url)
{
  char *copy = g_strdup (url);

  g_free (self->url);
  self->url = copy;
  self->step = step;
  self->tries = 0;
}

void
sp_acme_talk_get (SpAcmeTalk *self, const char *url)
{
  begin (self, GET, url);
  send (self, soup_message_new (SOUP_METHOD_GET, url));
}

void
sp_acme_talk_post (SpAcmeTalk *self, SpAcmeKind kind, const char *url)
{
  begin (self, POST, url);
  self->kind = kind;
  if (self->nonce != NULL)
    ask_signature (self);
  else
    ask_nonce (self);
}

void
sp_acme_talk_signed (SpAcmeTalk *self, const guint8 *request, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (request, size);
  SoupMessage *message = size > 0 ? soup_message_new (SOUP_METHOD_POST, self->url) : NULL;

  if (message == NULL)
    {
      fail (self, SP_ORDER_FAILED);
      return;
    }
  soup_message_set_request_body_from_bytes (message, SIGNED_TYPE, bytes);
  send (self, message);
}
