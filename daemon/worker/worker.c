/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-private.h"

#include "base/log.h"
#include "base/secret.h"
#include "connect-stage.h"
#include "enrolment-stage.h"
#include "from-keyholder.h"
#include "from-main.h"
#include "login-reply.h"
#include "login-stage.h"
#include "reach-stage.h"
#include "worker-loop.h"

#include <stdlib.h>
#include <string.h>

static const char *const left_names[] = {
  [SP_LEFT_LOGOUT] = "logged out",
  [SP_LEFT_RECONNECTING] = "will be back",
  [SP_LEFT_CLOSED] = "closed the connection",
  [SP_LEFT_SILENT] = "fell silent",
  [SP_LEFT_GARBAGE] = "broke the protocol",
  [SP_LEFT_HANDSHAKE] = "did not finish TLS",
  [SP_LEFT_REQUEST] = "made no usable request",
  [SP_LEFT_DENIED] = "was denied",
  [SP_LEFT_NO_KEYHOLDER] = "got no answer from the keyholder",
  [SP_LEFT_STOPPED] = "was stopped",
  [SP_LEFT_IDLE] = "was idle for too long",
  [SP_LEFT_OVER] = "had its time",
  [SP_LEFT_SERVED] = "got what it asked for",
};

void
sp_worker_enter (SpWorker *self, SpWorkerState state)
{
  const SpWorkerStateRow *row = sp_worker_state_get_row (state);

  g_return_if_fail (sp_worker_state_may_follow (self->state, state));
  sp_log (SP_LOG_DEBUG, "state", "%s -> %s", sp_worker_state_get_row (self->state)->name,
          row->name);
  self->state = state;
  self->state_until = row->seconds > 0 ? self->now + row->seconds * G_USEC_PER_SEC : G_MAXINT64;
  if (row->phase != SP_WORKER_SAME_PHASE)
    sp_permit_enter (&self->main.permit, row->phase);
  if (state == SP_WORKER_GONE && self->has_left)
    sp_main_wall_tell (&self->main, SP_MESSAGE_CLIENT_LEFT, &self->left);
}

static void
remember_reason (SpWorker *self, SpLeft how, guint8 reason, const char *text)
{
  self->has_left = TRUE;
  self->left.how = how;
  self->left.reason = reason;
  self->left.text_length = (guint16) MIN (strlen (text), sizeof self->left.text);
  memcpy (self->left.text, text, self->left.text_length);
  sp_log (SP_LOG_DEBUG, "left", "the client %s: %s", left_names[how], text);
}

/* Nobody waits for last words then. */
static gboolean
client_has_left (SpLeft how)
{
  return how == SP_LEFT_CLOSED || how == SP_LEFT_LOGOUT || how == SP_LEFT_RECONNECTING;
}

void
sp_worker_leave_literal (SpWorker *self, SpLeft how, guint8 reason, const char *text)
{
  if (self->has_left || self->state == SP_WORKER_GONE)
    return;
  if (self->tunnel != NULL)
    sp_tunnel_close (self->tunnel);
  remember_reason (self, how, reason, text);
  if (self->tls != NULL && !self->client_closed && how != SP_LEFT_HANDSHAKE)
    sp_tls_session_say_goodbye (self->tls, how == SP_LEFT_DENIED ? GNUTLS_A_ACCESS_DENIED
                                                                 : GNUTLS_A_CLOSE_NOTIFY);
  if (self->tls == NULL || self->client_closed || client_has_left (how))
    sp_worker_enter (self, SP_WORKER_GONE);
  else
    sp_worker_enter (self, SP_WORKER_FAREWELL);
}

void
sp_worker_leave (SpWorker *self, SpLeft how, guint8 reason, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  sp_worker_leave_literal (self, how, reason, text);
}

void
sp_worker_adopt (SpWorker *self, const SpAdoptClient *message, int fd)
{
  memcpy (self->peer.address, message->peer_address, SP_ADDRESS_SIZE);
  memcpy (self->local.address, message->local_address, SP_ADDRESS_SIZE);
  self->peer.port = message->peer_port;
  self->local.port = message->local_port;
  memcpy (self->stranger_answer, message->stranger_answer, message->stranger_answer_length);
  memcpy (self->login_banner, message->login_banner, message->login_banner_length);
  (void) sp_group_list_read (message->groups, message->groups_length, &self->groups);
  self->sign_in_until = self->now + SP_SIGN_IN_SECONDS * G_USEC_PER_SEC;
  self->tls = sp_tls_session_new (self->equipment, fd);
  self->sign_in.offered = message->sign_in;
  self->validation = sp_validation_show_new (message, fd);
  if (self->validation != NULL)
    {
      sp_validation_show_begin (self->validation, self->tls);
      sp_worker_enter (self, SP_WORKER_HANDSHAKE);
      return;
    }
  if (message->sign_in & SP_ADOPT_CERTIFICATES)
    sp_tls_session_ask_certificate (self->tls, self->equipment);
  sp_server_signature_begin (&self->signature, self->equipment, &self->keyholder,
                             sp_tls_session_get_gnutls (self->tls));
  if (message->sign_in & SP_ADOPT_CERTIFICATES)
    sp_transcript_keep (&self->signature.transcript);
  sp_worker_enter (self, SP_WORKER_HANDSHAKE);
}

static gboolean
serve_handshake (SpWorker *self)
{
  SpTlsResult result = sp_tls_session_handshake (self->tls);

  if (result == SP_TLS_AGAIN)
    return FALSE;
  if (result == SP_TLS_OK && self->validation != NULL)
    sp_worker_leave (self, SP_LEFT_SERVED, 0, "a validation");
  else if (result == SP_TLS_OK)
    {
      self->http = sp_http_stage_new ();
      self->sign_in.handshake = sp_transcript_take (&self->signature.transcript);
      sp_worker_enter (self, SP_WORKER_REQUEST);
    }
  else if (self->signature.refusal != NULL)
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, self->signature.refusal);
  else
    sp_worker_leave_literal (self, SP_LEFT_HANDSHAKE, 0, sp_tls_session_get_failure (self->tls));
  sp_server_signature_end (&self->signature, self->equipment);
  return TRUE;
}

static void
answer_request (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);

  sp_login_stage_look (self);
  if (sp_enrolment_stage_begin (self) || sp_reach_stage_begin (self))
    return;
  if (self->sign_in.stranger)
    sp_login_reply_stranger (self);
  else if (head->method == SP_HTTP_CONNECT)
    sp_connect_stage_begin (self);
  else
    sp_login_stage_begin (self);
}

static gboolean
serve_request (SpWorker *self)
{
  guint8 record[SP_TLS_RECORD_MAX];
  gsize size = 0;
  SpTlsResult result = sp_tls_session_receive (self->tls, record, &size);
  SpRequestProgress progress;
  const char *cause = NULL;

  if (result == SP_TLS_AGAIN)
    return FALSE;
  if (result != SP_TLS_OK)
    {
      sp_worker_leave_literal (self, result == SP_TLS_CLOSED ? SP_LEFT_CLOSED : SP_LEFT_GARBAGE, 0,
                               sp_tls_session_get_failure (self->tls));
      return FALSE;
    }
  progress = sp_http_stage_feed (self->http, record, size, &cause);
  sp_secret_wipe (record, size);
  /* A second record behind a complete request is the beginning of another: refused likewise. */
  if (progress == SP_REQUEST_COMPLETE && sp_tls_session_has_input (self->tls))
    {
      progress = SP_REQUEST_REFUSED;
      cause = "bytes behind the request";
    }
  if (progress == SP_REQUEST_REFUSED)
    sp_worker_leave_literal (self, SP_LEFT_REQUEST, 0, cause);
  else if (progress == SP_REQUEST_COMPLETE)
    answer_request (self);
  return TRUE;
}

static gboolean
serve_tunnel (SpWorker *self)
{
  sp_tunnel_serve_stream (self->tunnel);
  return FALSE;
}

/* Whatever the client still says is not heard; only its end is waited for. */
static gboolean
serve_farewell (SpWorker *self)
{
  sp_tls_session_discard_input (self->tls);
  if (self->client_closed)
    sp_worker_enter (self, SP_WORKER_GONE);
  return FALSE;
}

/* TRUE asks to be called again while input waits in memory. */
typedef gboolean (*ClientServer) (SpWorker *self);

static const ClientServer client_servers[SP_WORKER_STATES] = {
  [SP_WORKER_HANDSHAKE] = serve_handshake,
  [SP_WORKER_REQUEST] = serve_request,
  [SP_WORKER_TUNNEL] = serve_tunnel,
  [SP_WORKER_FAREWELL] = serve_farewell,
};

void
sp_worker_serve_client (SpWorker *self)
{
  gboolean again;

  if (sp_tls_session_fill (self->tls) == SP_TLS_CLOSED)
    self->client_closed = TRUE;
  do
    again = client_servers[self->state] != NULL && client_servers[self->state](self);
  while (again && sp_tls_session_has_input (self->tls));
}

/* The last words are out, or the time for them is over. */
static void
finish_farewell (SpWorker *self)
{
  SpTlsResult result = sp_tls_session_flush (self->tls);

  if (result == SP_TLS_CLOSED)
    sp_worker_enter (self, SP_WORKER_GONE);
  else if (result == SP_TLS_OK && !self->said_goodbye)
    {
      /* Closing while the client's bytes lie unread would reset the connection, and take the last
       * words away from it. */
      self->said_goodbye = TRUE;
      sp_tls_session_shut (self->tls);
    }
}

void
sp_worker_flush (SpWorker *self)
{
  if (self->state == SP_WORKER_FAREWELL)
    finish_farewell (self);
  else if (self->state == SP_WORKER_GONE && self->tls != NULL)
    (void) sp_tls_session_flush (self->tls);
  else if (self->tls != NULL && sp_tls_session_flush (self->tls) == SP_TLS_CLOSED)
    {
      self->client_closed = TRUE;
      sp_worker_leave_literal (self, SP_LEFT_CLOSED, 0, sp_tls_session_get_failure (self->tls));
    }
  sp_main_wall_flush (&self->main);
}

/* Somebody who looks for a password longer than a connection lasts has done nothing wrong, and
 * comes back on another one. */
static void
expire_state (SpWorker *self)
{
  const SpWorkerStateRow *row = sp_worker_state_get_row (self->state);

  if (self->state == SP_WORKER_FAREWELL)
    sp_worker_enter (self, SP_WORKER_GONE);
  else if (self->state == SP_WORKER_REQUEST && sp_http_stage_rests (self->http))
    sp_worker_leave (self, SP_LEFT_SILENT, 0, "no further request within %u s", row->seconds);
  else
    sp_worker_leave (self, row->late, 0, "%s took longer than %u s", row->name, row->seconds);
}

void
sp_worker_expire (SpWorker *self)
{
  const SpWorkerStateRow *row = sp_worker_state_get_row (self->state);

  if (self->now >= self->state_until)
    expire_state (self);
  else if (row->counts && self->now >= self->sign_in_until)
    sp_worker_leave (self, SP_LEFT_REQUEST, 0, "not signed in after %u s", SP_SIGN_IN_SECONDS);
}

gint64
sp_worker_get_deadline (const SpWorker *self)
{
  const SpWorkerStateRow *row = sp_worker_state_get_row (self->state);

  return row->counts ? MIN (self->state_until, self->sign_in_until) : self->state_until;
}

static void
free_worker (SpWorker *self)
{
  sp_server_signature_end (&self->signature, self->equipment);
  sp_login_stage_forget (self);
  g_clear_pointer (&self->sign_in.handshake, g_byte_array_unref);
  sp_tunnel_free (self->tunnel);
  sp_http_stage_free (self->http);
  sp_tls_session_free (self->tls);
  sp_validation_show_free (self->validation);
  sp_main_wall_clear (&self->main);
  sp_keyholder_wall_clear (&self->keyholder);
  g_free (self);
}

int
sp_worker_run (SpEquipment *equipment, int main_wall, int keyholder_wall, gboolean take_apart)
{
  SpWorker *self = g_new0 (SpWorker, 1);

  self->equipment = equipment;
  self->state_until = G_MAXINT64;
  sp_main_wall_init (&self->main, main_wall);
  sp_keyholder_wall_init (&self->keyholder, keyholder_wall);
  sp_worker_loop (self);
  if (take_apart)
    free_worker (self);
  return EXIT_SUCCESS;
}
