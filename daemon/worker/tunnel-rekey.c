/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/log.h"
#include "base/secret.h"
#include "codec/frame-type.h"

#define RENEGOTIATION_SECONDS 10

/* Under TLS 1.3 the keys of the stream are ours to renew: clients are told of a time far away,
 * since those that cannot do it by themselves would make a new connection instead.  Under TLS 1.2
 * the client renegotiates. */

void
sp_tunnel_begin_rekeying (SpTunnel *self)
{
  sp_rekey_init (&self->rekey, self->plan.rekey, self->worker->now);
  self->renegotiation_ends_at = G_MAXINT64;
  if (sp_tls_session_is_tls13 (self->worker->tls))
    sp_tls_session_watch_updates (self->worker->tls);
  sp_tls_session_enter_tunnel (self->worker->tls);
}

/* The signature's refusal explains more than what GnuTLS makes of it. */
void
sp_tunnel_lose_stream (SpTunnel *self, SpTlsResult result)
{
  SpWorker *worker = self->worker;

  if (result == SP_TLS_CLOSED)
    sp_worker_leave_literal (worker, SP_LEFT_CLOSED, 0, sp_tls_session_get_failure (worker->tls));
  else if (worker->signature.refusal != NULL)
    sp_worker_leave_literal (worker, SP_LEFT_NO_KEYHOLDER, 0, worker->signature.refusal);
  else
    sp_worker_leave_literal (worker, SP_LEFT_GARBAGE, 0, sp_tls_session_get_failure (worker->tls));
}

/* To be refused by an alert makes GnuTLS's client wait for ever; when the connection ends it comes
 * back with its cookie. */
void
sp_tunnel_answer_hello (SpTunnel *self)
{
  SpWorker *worker = self->worker;
  SpTlsResult result;

  if (!sp_tls_session_can_renegotiate (worker->tls) ||
      !sp_rekey_may_renegotiate (&self->rekey, worker->now))
    {
      sp_worker_leave (worker, SP_LEFT_GARBAGE, 0, "renegotiation out of turn");
      return;
    }
  sp_server_signature_begin_renewal (&worker->signature, worker->equipment, &worker->keyholder,
                                     sp_tls_session_get_gnutls (worker->tls));
  self->renegotiation_ends_at = worker->now + RENEGOTIATION_SECONDS * G_USEC_PER_SEC;
  result = sp_tls_session_renegotiate (worker->tls, worker->equipment);
  if (result != SP_TLS_OK && result != SP_TLS_AGAIN)
    sp_tunnel_lose_stream (self, result);
}

static void
renew_datagram_key (SpTunnel *self)
{
  guint8 psk[SP_PSK_SIZE];

  if (!sp_tls_session_export_psk (self->worker->tls, psk))
    return;
  sp_dtls_keys_renew (&self->plan.keys, psk);
  sp_secret_wipe (psk, sizeof psk);
}

static void
note_renegotiation (SpTunnel *self)
{
  SpWorker *worker = self->worker;

  if (self->closed || self->renegotiation_ends_at == G_MAXINT64 ||
      sp_tls_session_is_renegotiating (worker->tls))
    return;
  self->renegotiation_ends_at = G_MAXINT64;
  sp_server_signature_end (&worker->signature, worker->equipment);
  sp_rekey_renegotiated (&self->rekey, worker->now);
  renew_datagram_key (self);
  sp_log (SP_LOG_DEBUG, "rekey", "the stream has new keys");
}

void
sp_tunnel_note_rekeying (SpTunnel *self)
{
  SpTlsUpdate update = sp_tls_session_take_update (self->worker->tls);

  note_renegotiation (self);
  if (update == SP_TLS_NO_UPDATE)
    return;
  sp_log (SP_LOG_DEBUG, "rekey", "the client changed its keys%s",
          update == SP_TLS_UPDATED_ASKING ? " and asks for ours" : "");
  sp_rekey_client_updated (&self->rekey, update == SP_TLS_UPDATED_ASKING, self->worker->now);
}

/* A client answers with the next record that it sends.  Asked whether it is there, it sends one at
 * once, so that the request does not stay open until it asks for new keys itself. */
static void
update_if_due (SpTunnel *self)
{
  SpTlsSession *tls = self->worker->tls;
  SpRekeyAction action = sp_rekey_due (&self->rekey, self->worker->now);

  if (action == SP_REKEY_NOTHING)
    return;
  if (!sp_tls_session_update_keys (tls, action == SP_REKEY_ASK))
    {
      sp_worker_leave (self->worker, SP_LEFT_CLOSED, 0, "keys could not be renewed");
      return;
    }
  sp_log (SP_LOG_DEBUG, "rekey", "our keys changed%s",
          action == SP_REKEY_ASK ? ", the client is asked for new ones" : "");
  if (action == SP_REKEY_ASK)
    (void) sp_tunnel_send_stream_frame (self, SP_FRAME_DPD_REQUEST, NULL, 0);
}

/* Without room, the socket's readiness makes the next turn. */
static gboolean
can_update (const SpTunnel *self)
{
  return sp_tls_session_is_tls13 (self->worker->tls) && sp_tls_session_has_room (self->worker->tls);
}

void
sp_tunnel_rekey_if_due (SpTunnel *self)
{
  if (self->worker->now >= self->renegotiation_ends_at)
    sp_worker_leave (self->worker, SP_LEFT_GARBAGE, 0, "renegotiation took longer than %u s",
                     RENEGOTIATION_SECONDS);
  else if (can_update (self))
    update_if_due (self);
}

gint64
sp_tunnel_get_rekey_deadline (const SpTunnel *self)
{
  return can_update (self) ? sp_rekey_get_deadline (&self->rekey) : self->renegotiation_ends_at;
}
