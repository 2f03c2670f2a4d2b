/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errand.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/secret.h"
#include "codec/update-answer.h"
#include "codec/update-url.h"

#include <string.h>

#define QUIET_SECONDS    20 /* without a byte */
#define DEADLINE_SECONDS 45 /* main waits for SP_ERRAND_SECONDS */
#define USER_AGENT       "Sallyport"

struct _SpErrand
{
  SpErrandKind kind;
  SoupMessage *message;
  GCancellable *cancellable;
  guint deadline; /* source id, 0 = none */
  gboolean late;
  GInputStream *body;
  guint8 answer[SP_ERRAND_ANSWER_MAX + 1]; /* one more, to notice what is too long */
  gsize length;
  SpErrandEnded ended;
  gpointer user_data;
};

SoupSession *
sp_errand_prepare (GError **error)
{
  GTlsBackend *backend = g_tls_backend_get_default ();
  g_autoptr (GTlsDatabase) trust = NULL;
  SoupSession *session;

  if (!g_tls_backend_supports_tls (backend))
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED,
                           "GIO has no TLS here: glib-networking is missing");
      return NULL;
    }
  trust = g_tls_backend_get_default_database (backend);
  session = soup_session_new_with_options ("proxy-resolver", NULL, "tls-database", trust, "timeout",
                                           QUIET_SECONDS, "user-agent", USER_AGENT, NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

static void
tell (SpErrand *errand, SpErrandDone *done, SpErrandOutcome outcome)
{
  g_clear_handle_id (&errand->deadline, g_source_remove);
  done->outcome = (guint8) outcome;
  done->status = errand->message != NULL ? (guint16) soup_message_get_status (errand->message) : 0;
  errand->ended (errand->user_data, done); /* last: it may free the errand */
}

static void
fail (SpErrand *errand, SpErrandOutcome outcome)
{
  SpErrandDone done = { 0 };

  tell (errand, &done, outcome);
}

/* --- what went wrong --- */

static const struct
{
  int code; /* of G_IO_ERROR */
  SpErrandOutcome outcome;
} io_outcomes[] = {
  { G_IO_ERROR_TIMED_OUT, SP_ERRAND_SILENT },
  { G_IO_ERROR_CONNECTION_REFUSED, SP_ERRAND_UNREACHABLE },
  { G_IO_ERROR_CONNECTION_CLOSED, SP_ERRAND_UNREACHABLE },
  { G_IO_ERROR_HOST_UNREACHABLE, SP_ERRAND_UNREACHABLE },
  { G_IO_ERROR_NETWORK_UNREACHABLE, SP_ERRAND_UNREACHABLE },
  { G_IO_ERROR_HOST_NOT_FOUND, SP_ERRAND_UNREACHABLE },
  { G_IO_ERROR_PARTIAL_INPUT, SP_ERRAND_NOT_UNDERSTOOD },
  { G_IO_ERROR_INVALID_DATA, SP_ERRAND_NOT_UNDERSTOOD },
};

SpErrandOutcome
sp_errand_find_outcome (const GError *error)
{
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return SP_ERRAND_NOT_TRUSTED;
  if (error->domain == G_RESOLVER_ERROR)
    return SP_ERRAND_UNREACHABLE;
  if (error->domain == SOUP_SESSION_ERROR || error->domain == G_TLS_ERROR)
    return SP_ERRAND_NOT_UNDERSTOOD;
  for (guint i = 0; i < G_N_ELEMENTS (io_outcomes); i++)
    if (g_error_matches (error, G_IO_ERROR, io_outcomes[i].code))
      return io_outcomes[i].outcome;
  return SP_ERRAND_FAILED;
}

static SpErrandOutcome
find_outcome (const SpErrand *errand, const GError *error)
{
  return errand->late ? SP_ERRAND_SILENT : sp_errand_find_outcome (error);
}

/* --- what it means --- */

static const SpErrandOutcome meanings[] = {
  [SP_UPDATE_GOOD] = SP_ERRAND_DONE,
  [SP_UPDATE_UNCHANGED] = SP_ERRAND_UNCHANGED,
  [SP_UPDATE_CREDENTIAL] = SP_ERRAND_BAD_CREDENTIAL,
  [SP_UPDATE_NAME] = SP_ERRAND_BAD_NAME,
  [SP_UPDATE_ABUSE] = SP_ERRAND_ABUSE,
  [SP_UPDATE_UNPAID] = SP_ERRAND_UNPAID,
  [SP_UPDATE_PROGRAM] = SP_ERRAND_UNWELCOME,
  [SP_UPDATE_LATER] = SP_ERRAND_LATER,
  [SP_UPDATE_UNKNOWN] = SP_ERRAND_NOT_UNDERSTOOD,
};
G_STATIC_ASSERT (G_N_ELEMENTS (meanings) == SP_UPDATE_LAST + 1);

static SpErrandOutcome
judge_status (guint status)
{
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return SP_ERRAND_DONE;
  if (status == SOUP_STATUS_UNAUTHORIZED)
    return SP_ERRAND_BAD_CREDENTIAL;
  return SOUP_STATUS_IS_REDIRECTION (status) ? SP_ERRAND_REDIRECTED : SP_ERRAND_STATUS;
}

/* A word of the protocol says more than a status that is no success, but cannot make it one. */
static SpErrandOutcome
judge_word (const SpErrand *errand, SpErrandOutcome by_status, SpErrandDone *done)
{
  char word[SP_PROVIDER_WORD_MAX + 1];
  SpUpdateAnswer said = sp_update_answer_read (errand->answer, errand->length, word);

  if (by_status != SP_ERRAND_DONE &&
      (said == SP_UPDATE_UNKNOWN || said == SP_UPDATE_GOOD || said == SP_UPDATE_UNCHANGED))
    return by_status;
  done->word_length = (guint16) strlen (word);
  memcpy (done->word, word, done->word_length);
  return meanings[said];
}

/* libsoup takes the end of a connection for that of an answer whose length was announced. */
static gboolean
is_cut_off (const SpErrand *errand)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (errand->message);

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
         soup_message_headers_get_content_length (headers) != (goffset) errand->length;
}

static void
judge (SpErrand *errand)
{
  SpErrandDone done = { 0 };
  SpErrandOutcome outcome = judge_status (soup_message_get_status (errand->message));

  if (errand->kind != SP_ERRAND_UPDATE && is_cut_off (errand))
    outcome = SP_ERRAND_NOT_UNDERSTOOD;
  else if (errand->kind == SP_ERRAND_DYNDNS2)
    outcome = judge_word (errand, outcome, &done);
  else if (errand->kind == SP_ERRAND_ASK_ADDRESS && outcome == SP_ERRAND_DONE &&
           !sp_address_answer_read (errand->answer, errand->length, done.address))
    {
      memset (done.address, 0, sizeof done.address);
      outcome = SP_ERRAND_NOT_UNDERSTOOD;
    }
  tell (errand, &done, outcome);
}

/* --- on the way --- */

static void read_on (SpErrand *errand);

static void
read_cb (GObject *body, GAsyncResult *result, gpointer user_data)
{
  SpErrand *errand = user_data;
  g_autoptr (GError) error = NULL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (body), result, &error);

  if (size < 0)
    fail (errand, find_outcome (errand, error));
  else if (size == 0)
    judge (errand);
  else
    {
      errand->length += (gsize) size;
      read_on (errand);
    }
}

static void
read_on (SpErrand *errand)
{
  if (errand->length > SP_ERRAND_ANSWER_MAX)
    fail (errand, SP_ERRAND_NOT_UNDERSTOOD);
  else
    g_input_stream_read_async (errand->body, errand->answer + errand->length,
                               sizeof errand->answer - errand->length, G_PRIORITY_DEFAULT,
                               errand->cancellable, read_cb, errand);
}

static void
sent_cb (GObject *session, GAsyncResult *result, gpointer user_data)
{
  SpErrand *errand = user_data;
  g_autoptr (GError) error = NULL;

  errand->body = soup_session_send_finish (SOUP_SESSION (session), result, &error);
  if (errand->body == NULL)
    fail (errand, find_outcome (errand, error));
  else if (errand->kind == SP_ERRAND_UPDATE)
    judge (errand); /* by the status alone */
  else
    read_on (errand);
}

static gboolean
deadline_cb (gpointer user_data)
{
  SpErrand *errand = user_data;

  errand->deadline = 0;
  errand->late = TRUE;
  g_cancellable_cancel (errand->cancellable);
  return G_SOURCE_REMOVE;
}

/* --- the beginning --- */

static void
write_address (const guint8 *address, char text[SP_ENDPOINT_TEXT_MAX])
{
  if (sp_address_is_unset (address))
    text[0] = '\0';
  else
    sp_address_to_text (address, text);
}

/* With one place for an address, the other family's stands there if there is no IPv4. */
static char *
fill_in (const SpRunErrand *order, const char *pattern, const char *password)
{
  g_autofree char *name = g_strndup ((const char *) order->name, order->name_length);
  char ipv4[SP_ENDPOINT_TEXT_MAX];
  char ipv6[SP_ENDPOINT_TEXT_MAX];
  const SpUpdateValues values = { name, ipv4, ipv6, password };

  write_address (order->ipv4, ipv4);
  write_address (order->ipv6, ipv6);
  if (order->kind == SP_ERRAND_DYNDNS2 && ipv4[0] == '\0')
    (void) g_strlcpy (ipv4, ipv6, sizeof ipv4);
  return sp_update_url_fill (pattern, &values);
}

/* RFC 7617 2 */
static void
add_credential (SoupMessage *message, const SpRunErrand *order, const char *password)
{
  g_autofree char *user = g_strndup ((const char *) order->user, order->user_length);
  g_autoptr (SpSecretText) both = g_strdup_printf ("%s:%s", user, password);
  g_autoptr (SpSecretText) encoded = g_base64_encode ((const guchar *) both, strlen (both));
  g_autoptr (SpSecretText) header = g_strconcat ("Basic ", encoded, NULL);

  if (user[0] != '\0')
    soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                  header);
}

/* NULL: nothing may be sent there. */
static SoupMessage *
make_message (const SpRunErrand *order, const char *password)
{
  g_autofree char *pattern = g_strndup ((const char *) order->url, order->url_length);
  gboolean asks = order->kind == SP_ERRAND_ASK_ADDRESS;
  g_autoptr (SpSecretText) url = NULL;
  SoupMessage *message;

  if (order->kind > SP_ERRAND_ASK_ADDRESS || sp_update_url_check (pattern, asks, !asks) != NULL)
    return NULL;
  url = asks ? g_strdup (pattern) : fill_in (order, pattern, password);
  message = soup_message_new (SOUP_METHOD_GET, url);
  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  if (!asks)
    add_credential (message, order, password);
  return message;
}

SpErrand *
sp_errand_start (SoupSession *session,
                 const SpRunErrand *order,
                 char *password,
                 SpErrandEnded ended,
                 gpointer user_data)
{
  g_autoptr (SpSecretText) secret = password;
  SpErrand *errand = g_new0 (SpErrand, 1);

  errand->kind = (SpErrandKind) order->kind;
  errand->ended = ended;
  errand->user_data = user_data;
  errand->cancellable = g_cancellable_new ();
  errand->message = make_message (order, secret);
  if (errand->message == NULL)
    {
      fail (errand, SP_ERRAND_FAILED);
      return errand;
    }
  errand->deadline = g_timeout_add_seconds (DEADLINE_SECONDS, deadline_cb, errand);
  soup_session_send_async (session, errand->message, G_PRIORITY_DEFAULT, errand->cancellable,
                           sent_cb, errand);
  return errand;
}

void
sp_errand_free (SpErrand *errand)
{
  if (errand == NULL)
    return;
  g_clear_handle_id (&errand->deadline, g_source_remove);
  g_clear_object (&errand->body);
  g_clear_object (&errand->message);
  g_clear_object (&errand->cancellable);
  g_free (errand);
}
