/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/io.h"
#include "base/log.h"
#include "codec/cstp-frame.h"
#include "footprint.h"

#include <string.h>

#define REST_SECONDS 5

static gboolean
compresses (const SpTunnelPlan *plan)
{
  for (SpTunnelWay way = 0; way < SP_WAYS; way++)
    if (plan->compression[way] != SP_COMPRESSION_NONE)
      return TRUE;
  return FALSE;
}

SpTunnel *
sp_tunnel_new (SpWorker *worker, const SpTunnelPlan *plan, int tun_fd)
{
  const SpLivenessLimits limits = { .dpd = plan->dpd,
                                    .idle_timeout = plan->idle_timeout,
                                    .session_timeout = plan->session_timeout,
                                    .used_at = plan->used_at };
  SpTunnel *self = g_malloc (sizeof *self);

  memset (self, 0, G_STRUCT_OFFSET (SpTunnel, record)); /* whose pages are not touched until then */
  self->worker = worker;
  self->plan = *plan;
  self->tun_fd = tun_fd;
  self->mtu = plan->mtu;
  self->link_mtu = plan->link_mtu;
  self->mtu_checked_at = worker->now;
  self->rest_at = worker->now + REST_SECONDS * G_USEC_PER_SEC; /* what shaking hands took */
  self->traffic.rx_bytes = plan->rx_bytes;
  self->traffic.tx_bytes = plan->tx_bytes;
  self->reporter.urgent = TRUE;
  sp_tunnel_allow (self, plan->allowance);
  sp_liveness_init (&self->liveness, &limits, worker->now);
  sp_path_choice_init (&self->path);
  sp_tunnel_begin_rekeying (self);
  sp_roaming_init (&self->roaming);
  sp_candidacy_init (&self->candidacy, plan->dtls);
  self->trial_fd = -1;
  sp_inbox_init (&self->inbox);
  sp_delivery_init (&self->delivery);
  sp_packet_batch_init (&self->batch);
  sp_compressor_init (&self->compressor, compresses (plan));
  return self;
}

void
sp_tunnel_free (SpTunnel *self)
{
  if (self == NULL)
    return;
  sp_tunnel_close (self);
  sp_inbox_clear (&self->inbox);
  sp_delivery_clear (&self->delivery);
  sp_packet_batch_clear (&self->batch);
  sp_compressor_clear (&self->compressor);
  g_free (self);
}

void
sp_tunnel_close (SpTunnel *self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  sp_tunnel_deliver (self);
  sp_fd_clear (&self->tun_fd);
  sp_tunnel_note_candidate (self, SP_CANDIDACY_CLOSED);
  sp_tunnel_retire (self, SP_TUNNEL_CURRENT);
  sp_tunnel_report (self, TRUE);
  sp_dtls_keys_wipe (&self->plan.keys);
}

/* Another worker waits for the device, and for the end of this process: what the client has not
 * read by now main keeps for it. */
void
sp_tunnel_recall (SpTunnel *self)
{
  const SpRecalled message = { 0 };
  static const char text[] = "Replaced by a newer connection";
  SpWorker *worker = self->worker;

  sp_fd_clear (&self->tun_fd);
  sp_tunnel_disconnect (self, text, strlen (text));
  sp_worker_leave (worker, SP_LEFT_STOPPED, 0, "replaced by a newer connection");
  sp_worker_flush (worker);
  if (worker->state != SP_WORKER_GONE)
    sp_worker_enter (worker, SP_WORKER_GONE);
  sp_main_wall_tell (&worker->main, SP_MESSAGE_RECALLED, &message);
  sp_main_wall_flush (&worker->main);
}

void
sp_tunnel_allow (SpTunnel *self, guint64 allowance)
{
  self->allowance = allowance != 0 ? allowance : G_MAXUINT64;
}

void
sp_tunnel_pause (SpTunnel *self, gboolean on)
{
  self->paused = on;
}

void
sp_tunnel_disconnect (SpTunnel *self, const char *text, gsize length)
{
  g_autofree char *terminated = g_strndup (text, length);
  guint8 frame[SP_CSTP_HEADER_SIZE + 1 + SP_REASON_MAX];
  gsize size = sp_cstp_write_disconnect (frame, sizeof frame, SP_BYE_USER, terminated);

  if (self->closed) /* the last words were others */
    return;
  /* If it does not fit, the client learns it by the end of the connection. */
  (void) sp_tls_session_send (self->worker->tls, frame, size);
}

int
sp_tunnel_get_tun_fd (const SpTunnel *self)
{
  gboolean can_send;

  if (self->path.state == SP_PATH_ACTIVE)
    can_send = !sp_dtls_channel_is_waiting (self->channels[SP_TUNNEL_CURRENT]);
  else
    can_send = sp_tls_session_get_queued (self->worker->tls) == 0 &&
               !sp_tls_session_is_renegotiating (self->worker->tls);
  return can_send ? self->tun_fd : -1;
}

int
sp_tunnel_get_datagram_fd (const SpTunnel *self, SpTunnelSlot slot)
{
  return self->channels[slot] != NULL ? sp_dtls_channel_get_fd (self->channels[slot]) : -1;
}

gboolean
sp_tunnel_waits_to_write (const SpTunnel *self, SpTunnelSlot slot)
{
  return self->channels[slot] != NULL && sp_dtls_channel_is_waiting (self->channels[slot]);
}

gboolean
sp_tunnel_takes_stream (const SpTunnel *self)
{
  return sp_tls_session_has_room (self->worker->tls);
}

static guint8
get_transport (const SpTunnel *self)
{
  return self->path.state == SP_PATH_ACTIVE ? SP_TRANSPORT_DTLS : SP_TRANSPORT_TLS;
}

void
sp_tunnel_flush (SpTunnel *self)
{
  guint64 packets = self->traffic.rx_packets + self->traffic.tx_packets;

  for (guint slot = 0; slot < SP_TUNNEL_SLOTS; slot++)
    if (self->channels[slot] != NULL)
      sp_tunnel_flush_channel (self, slot);
  if (self->transport_told != get_transport (self))
    self->reporter.urgent = TRUE;
  if (self->rest_at == G_MAXINT64 && self->rest_packets != packets)
    self->rest_at = self->worker->now + REST_SECONDS * G_USEC_PER_SEC;
  sp_turn_pace_note (&self->pace, packets - self->paced_packets, self->worker->now);
  self->paced_packets = packets;
}

guint
sp_tunnel_get_pause (const SpTunnel *self)
{
  return self->pace.waiting ? sp_turn_pace_ask (&self->pace, g_get_monotonic_time ()) : 0;
}

gboolean
sp_tunnel_reads_answers (const SpTunnel *self)
{
  return self->expects_answers && (self->pace.waiting || sp_turn_pace_is_quiet (&self->pace)) &&
         sp_tunnel_get_tun_fd (self) >= 0;
}

/* Gives the pages of the buffers back when nothing was carried for a while. */
static void
rest_if_idle (SpTunnel *self)
{
  guint64 packets = self->traffic.rx_packets + self->traffic.tx_packets;

  if (packets != self->rest_packets)
    {
      self->rest_packets = packets;
      self->rest_at = self->worker->now + REST_SECONDS * G_USEC_PER_SEC;
      return;
    }
  self->rest_at = G_MAXINT64;
  sp_inbox_rest (&self->inbox);
  sp_delivery_rest (&self->delivery);
  sp_packet_batch_rest (&self->batch);
  sp_compressor_rest (&self->compressor);
  sp_tls_session_rest (self->worker->tls);
  for (guint slot = 0; slot < SP_TUNNEL_SLOTS; slot++)
    if (self->channels[slot] != NULL)
      sp_dtls_channel_rest (self->channels[slot]);
  sp_footprint_rest ();
}

gint64
sp_tunnel_get_deadline (const SpTunnel *self)
{
  gint64 deadline;

  if (self->closed)
    return G_MAXINT64;
  deadline = MIN (sp_liveness_get_deadline (&self->liveness), self->rest_at);
  deadline = MIN (deadline, sp_tunnel_get_rekey_deadline (self));
  deadline = MIN (deadline, sp_roaming_get_deadline (&self->roaming));
  deadline = MIN (deadline, sp_candidacy_get_deadline (&self->candidacy));
  deadline = MIN (deadline, sp_reporter_get_deadline (&self->reporter, &self->traffic));
  for (guint slot = 0; slot < SP_TUNNEL_SLOTS; slot++)
    if (self->channels[slot] != NULL)
      deadline = MIN (deadline, sp_dtls_channel_get_deadline (self->channels[slot]));
  return deadline;
}

static void
end (SpTunnel *self, SpLeft how, const char *text)
{
  sp_tunnel_disconnect (self, text, strlen (text));
  sp_worker_leave_literal (self->worker, how, 0, text);
}

static void
act (SpTunnel *self, SpLivenessAction action)
{
  switch (action)
    {
      case SP_LIVENESS_NOTHING:
        break;
      case SP_LIVENESS_PROBE_STREAM:
        (void) sp_tunnel_send_stream_frame (self, SP_FRAME_DPD_REQUEST, NULL, 0);
        break;
      case SP_LIVENESS_PROBE_DATAGRAM:
        sp_tunnel_send_datagram_probe (self, self->mtu);
        break;
      case SP_LIVENESS_DATAGRAM_LOST:
        sp_path_choice_datagram_lost (&self->path);
        break;
      case SP_LIVENESS_ASK_DATAGRAM:
        sp_tunnel_send_datagram_probe (self, 0);
        break;
      case SP_LIVENESS_DATAGRAM_OVER:
        sp_tunnel_retire (self, SP_TUNNEL_CURRENT);
        break;
      case SP_LIVENESS_SILENT:
        sp_worker_leave (self->worker, SP_LEFT_SILENT, 0, "no answer to dead peer detection");
        break;
      case SP_LIVENESS_IDLE:
        end (self, SP_LEFT_IDLE, "Idle for too long");
        break;
      case SP_LIVENESS_OVER:
        end (self, SP_LEFT_OVER, "The session's time is over");
        break;
    }
}

void
sp_tunnel_expire (SpTunnel *self)
{
  gint64 now = self->worker->now;
  SpLivenessAction action;

  while (!self->closed && (action = sp_liveness_due (&self->liveness, now)) != SP_LIVENESS_NOTHING)
    act (self, action);
  if (self->closed)
    return;
  for (guint slot = 0; slot < SP_TUNNEL_SLOTS; slot++)
    if (self->channels[slot] != NULL)
      sp_dtls_channel_expire (self->channels[slot], now);
  sp_tunnel_expire_candidate (self);
  sp_tunnel_expire_trial (self);
  sp_tunnel_drop_ended (self);
  sp_tunnel_rekey_if_due (self);
  if (self->closed)
    return;
  if (now >= self->rest_at)
    rest_if_idle (self);
  if (now >= sp_reporter_get_deadline (&self->reporter, &self->traffic))
    {
      sp_tunnel_check_path (self);
      sp_tunnel_report (self, FALSE);
    }
}
