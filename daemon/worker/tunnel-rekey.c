/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/log.h"
#include "codec/frame-type.h"

/* Under TLS 1.3 the keys of the stream are ours to renew: clients are told of a time far away,
 * since those that cannot do it by themselves would make a new connection instead. */

void
sp_tunnel_begin_rekeying (SpTunnel *self)
{
  sp_rekey_init (&self->rekey, self->plan.rekey, self->worker->now);
  if (sp_tls_session_is_tls13 (self->worker->tls))
    sp_tls_session_watch_updates (self->worker->tls);
}

void
sp_tunnel_note_rekeying (SpTunnel *self)
{
  SpTlsUpdate update = sp_tls_session_take_update (self->worker->tls);

  if (update == SP_TLS_NO_UPDATE)
    return;
  sp_log (SP_LOG_DEBUG, "rekey", "the client changed its keys%s",
          update == SP_TLS_UPDATED_ASKING ? " and asks for ours" : "");
  sp_rekey_client_updated (&self->rekey, update == SP_TLS_UPDATED_ASKING, self->worker->now);
}

/* A client answers with the next record that it sends.  Asked whether it is there, it sends one at
 * once, so that the request does not stay open until it asks for new keys itself. */
void
sp_tunnel_rekey_if_due (SpTunnel *self)
{
  SpTlsSession *tls = self->worker->tls;
  SpRekeyAction action;

  if (!sp_tls_session_is_tls13 (tls) || !sp_tls_session_has_room (tls))
    return;
  action = sp_rekey_due (&self->rekey, self->worker->now);
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

gint64
sp_tunnel_get_rekey_deadline (const SpTunnel *self)
{
  /* Without room, the socket's readiness makes the next turn. */
  if (!sp_tls_session_is_tls13 (self->worker->tls) || !sp_tls_session_has_room (self->worker->tls))
    return G_MAXINT64;
  return sp_rekey_get_deadline (&self->rekey);
}
