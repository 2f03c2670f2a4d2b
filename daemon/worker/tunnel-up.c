/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/log.h"
#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "codec/ip-packet.h"

#include <netinet/in.h>
#include <string.h>

/* Of a turn: so much that packets become few writes, and so little that neither what goes to the
 * client nor a ping in the queue waits for long. */
#define HARVESTS_MAX   4
#define TURN_BYTES_MAX (128 * 1024)

/* Client to TUN.  The order of the checks is the argument: authentic, a frame, a packet, of this
 * session's address, small enough, then delivered; each refusal has its own counter. */

typedef struct
{
  SpTunnelWay way;
  SpOrigin origin;
  guint8 *frame; /* as it came, header included: an answer may reuse it */
  gsize frame_size;
  guint8 *payload; /* SP_PACKET_HEADROOM bytes into the place for the next packet */
  gsize size;
} Frame;

static gboolean
is_own_source (const SpTunnel *self, const SpIpPacket *packet)
{
  const guint8 *own = packet->version == 4 ? self->plan.ipv4 : self->plan.ipv6;

  if (memcmp (packet->source, own, SP_ADDRESS_SIZE) == 0)
    return TRUE;
  for (guint i = 0; i < self->plan.n_behind; i++)
    if (sp_network_contains (&self->plan.behind[i], packet->source))
      return TRUE;
  return FALSE;
}

/* A ping alone does not make a session busy. */
static gboolean
counts_as_use (const SpIpPacket *packet)
{
  return packet->protocol != IPPROTO_ICMP && packet->protocol != IPPROTO_ICMPV6;
}

/* A packet counts as carried when it has passed the checks; what the device does not take is taken
 * back. */
void
sp_tunnel_deliver (SpTunnel *self)
{
  SpDeliveryLoss loss;

  self->expects_answers |= sp_delivery_has_packets (&self->delivery);
  loss = sp_delivery_flush (&self->delivery, self->tun_fd);
  self->traffic.drops[SP_DROP_TUN] += loss.packets;
  self->traffic.rx_packets -= loss.packets;
  self->traffic.rx_bytes -= loss.bytes;
}

static guint8 *
get_place (SpTunnel *self)
{
  if (sp_delivery_is_full (&self->delivery))
    sp_tunnel_deliver (self);
  return sp_delivery_get_place (&self->delivery);
}

/* The packet stays where it is until the turn ends. */
static void
queue (SpTunnel *self, const SpIpPacket *packet)
{
  sp_delivery_add (&self->delivery, packet->total_length);
  self->traffic.rx_packets++;
  self->traffic.rx_bytes += packet->total_length;
  if (sp_tunnel_is_spent (self))
    self->reporter.urgent = TRUE;
  if (counts_as_use (packet))
    sp_liveness_carried (&self->liveness, self->worker->now);
}

static void
carry_packet (SpTunnel *self, const Frame *frame)
{
  SpIpPacket packet;

  if (frame->size == 0)
    return;
  if (frame->way == SP_WAY_STREAM)
    sp_path_choice_stream_carried (&self->path);
  if (!sp_ip_packet_read (frame->payload, frame->size, &packet))
    self->traffic.drops[SP_DROP_MALFORMED]++;
  else if (!is_own_source (self, &packet))
    self->traffic.drops[SP_DROP_SOURCE]++;
  else if (packet.total_length > self->plan.mtu)
    self->traffic.drops[SP_DROP_TOO_BIG]++;
  else if (self->paused)
    self->traffic.drops[SP_DROP_PAUSED]++;
  else if (sp_tunnel_is_spent (self))
    self->traffic.drops[SP_DROP_QUOTA]++;
  else
    queue (self, &packet);
}

static void
answer_by_datagram (SpTunnel *self, const Frame *frame)
{
  SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];
  gsize frame_max = sp_dtls_channel_get_frame_max (channel);
  gsize size = frame->frame_size;

  sp_tunnel_raise_mtu (self, (guint32) frame->size);
  if (size > frame_max)
    {
      size = SP_DTLS_HEADER_SIZE;
      sp_tunnel_fit_mtu (self, (guint32) frame_max - SP_DTLS_HEADER_SIZE);
    }
  sp_dtls_frame_write_header (frame->frame, SP_FRAME_DPD_RESPONSE);
  if (!sp_dtls_channel_send (channel, frame->frame, size))
    self->traffic.drops[SP_DROP_QUEUE]++;
}

/* The same bytes back, on the channel they came by; if that is on its way to another address, it is
 * the one that is sure. */
static void
answer_liveness (SpTunnel *self, const Frame *frame)
{
  if (frame->way == SP_WAY_DATAGRAM)
    {
      answer_by_datagram (self, frame);
      return;
    }
  sp_cstp_write_header (frame->frame, SP_FRAME_DPD_RESPONSE, (guint16) frame->size);
  if (!sp_tls_session_send (self->worker->tls, frame->frame, frame->frame_size))
    self->traffic.drops[SP_DROP_QUEUE]++;
}

static void
hear_answer (SpTunnel *self, const Frame *frame)
{
  if (frame->way != SP_WAY_DATAGRAM)
    return;
  if (frame->origin == SP_ORIGIN_KNOWN)
    sp_roaming_question_answered (&self->roaming);
  else if (frame->origin == SP_ORIGIN_TRIAL)
    sp_tunnel_hear_trial_answer (self);
}

static void
hear_farewell (SpTunnel *self, const Frame *frame)
{
  guint8 reason = sp_bye_read (frame->payload, frame->size);
  SpLeft how = sp_bye_keeps_cookie (reason) ? SP_LEFT_RECONNECTING : SP_LEFT_LOGOUT;
  char text[SP_REASON_MAX + 1] = "";

  for (gsize i = 1; i < frame->size && i < sizeof text; i++)
    text[i - 1] = g_ascii_isprint ((char) frame->payload[i]) ? (char) frame->payload[i] : '?';
  sp_worker_leave_literal (self->worker, how, reason, text);
}

/* A packet like any other when it has been made large again. */
static void
unpack_packet (SpTunnel *self, const Frame *frame)
{
  SpCompression kind = self->plan.compression[frame->way];
  Frame unpacked = *frame;
  SpPacket packet;

  if (kind == SP_COMPRESSION_NONE)
    {
      sp_worker_leave (self->worker, SP_LEFT_GARBAGE, 0, "compressed frame without an agreement");
      return;
    }
  if (!sp_compressor_unpack (&self->compressor, kind, frame->payload, frame->size, self->plan.mtu,
                             &packet))
    {
      self->traffic.drops[SP_DROP_COMPRESSION]++;
      return;
    }
  memcpy (frame->payload, packet.bytes, packet.size);
  unpacked.size = packet.size;
  carry_packet (self, &unpacked);
}

typedef void (*FrameHandler) (SpTunnel *self, const Frame *frame);

/* Keepalives are signs of life, which every record is; unknown types are ignored. */
static const FrameHandler handlers[] = {
  [SP_FRAME_DATA] = carry_packet,        [SP_FRAME_DPD_REQUEST] = answer_liveness,
  [SP_FRAME_DPD_RESPONSE] = hear_answer, [SP_FRAME_DISCONNECT] = hear_farewell,
  [SP_FRAME_COMPRESSED] = unpack_packet,
};

static void
handle_frame (SpTunnel *self, guint8 type, const Frame *frame)
{
  if (type < G_N_ELEMENTS (handlers) && handlers[type] != NULL)
    handlers[type](self, frame);
}

static void
handle_stream_record (SpTunnel *self, guint8 *record, gsize size)
{
  Frame frame = { .way = SP_WAY_STREAM, .frame = record, .frame_size = size };
  const guint8 *payload;
  guint8 type;
  SpCstpVerdict verdict = sp_cstp_read (record, size, &type, &payload, &frame.size);

  if (verdict == SP_CSTP_EMPTY)
    return;
  if (verdict != SP_CSTP_FRAME)
    {
      sp_worker_leave_literal (self->worker, SP_LEFT_GARBAGE, 0,
                               sp_cstp_verdict_to_string (verdict));
      return;
    }
  frame.payload = record + (payload - record);
  sp_liveness_stream_heard (&self->liveness, self->worker->now);
  handle_frame (self, type, &frame);
}

void
sp_tunnel_serve_stream (SpTunnel *self)
{
  SpTlsSession *tls = self->worker->tls;

  while (!self->closed && sp_tls_session_has_room (tls))
    {
      guint8 *record = get_place (self) + SP_PACKET_HEADROOM - SP_CSTP_HEADER_SIZE;
      gsize size;
      SpTlsResult result = sp_tls_session_receive (tls, record, &size);

      if (result == SP_TLS_AGAIN)
        break;
      if (result == SP_TLS_OK)
        handle_stream_record (self, record, size);
      else if (result == SP_TLS_HELLO)
        sp_tunnel_answer_hello (self);
      else
        sp_tunnel_lose_stream (self, result);
    }
  sp_tunnel_deliver (self);
  sp_tunnel_note_rekeying (self);
}

/* What comes from elsewhere says nothing about the path that packets take to the client, nor what
 * was on its way while the client moved. */
static void
note_heard (SpTunnel *self, SpDtlsChannel *channel, SpOrigin origin)
{
  if (origin != SP_ORIGIN_KNOWN)
    {
      sp_dtls_channel_note_elsewhere (channel);
      return;
    }
  sp_liveness_datagram_heard (&self->liveness, self->worker->now);
  if (!sp_dtls_channel_was_overtaken (channel))
    sp_path_choice_datagram_heard (&self->path, self->worker->now);
}

static void
handle_datagram_record (SpTunnel *self, SpDtlsChannel *channel, Frame *frame)
{
  const guint8 *payload;
  guint8 type;

  if (channel == self->channels[SP_TUNNEL_CANDIDATE])
    sp_tunnel_note_candidate (self, SP_CANDIDACY_RECORD);
  note_heard (self, channel, frame->origin);
  if (!sp_dtls_frame_read (frame->frame, frame->frame_size, &type, &payload, &frame->size))
    return;
  frame->payload = frame->frame + (payload - frame->frame);
  handle_frame (self, type, frame);
}

/* The client does not listen for packets there while it renegotiates; when it sends the next one it
 * does again, with a cipher that may be another. */
static void
note_renewal (SpTunnel *self, const SpDtlsChannel *channel, gboolean was_renewing)
{
  gboolean is_renewing = sp_dtls_channel_is_renewing (channel);

  if (is_renewing)
    sp_path_choice_datagram_lost (&self->path);
  else if (was_renewing && sp_dtls_channel_get_state (channel) == SP_DTLS_FINISHED)
    {
      sp_log (SP_LOG_DEBUG, "rekey", "the datagram channel has new keys");
      sp_tunnel_fit_mtu (self,
                         (guint32) sp_dtls_channel_get_frame_max (channel) - SP_DTLS_HEADER_SIZE);
    }
}

guint
sp_tunnel_take_datagram (
    SpTunnel *self, SpDtlsChannel *channel, SpOrigin origin, const guint8 *datagram, gsize size)
{
  Frame frame = { .way = SP_WAY_DATAGRAM, .origin = origin };
  gboolean was_renewing = sp_dtls_channel_is_renewing (channel);
  guint n_records = 0;

  if (!sp_dtls_channel_feed (channel, datagram, size, self->worker->now))
    {
      self->traffic.drops[SP_DROP_DATAGRAM]++;
      return 0;
    }
  if (channel == self->channels[SP_TUNNEL_CANDIDATE] &&
      sp_dtls_channel_get_state (channel) == SP_DTLS_FINISHED)
    sp_tunnel_note_candidate (self, SP_CANDIDACY_FINISHED);
  while (!self->closed)
    {
      frame.frame = get_place (self) + SP_PACKET_HEADROOM - SP_DTLS_HEADER_SIZE;
      if (!sp_dtls_channel_receive (channel, frame.frame, &frame.frame_size))
        break;
      handle_datagram_record (self, channel, &frame);
      n_records++;
    }
  if (!self->closed)
    note_renewal (self, channel, was_renewing);
  return n_records;
}

/* A client that lost its channel and says hello anew from the same port is heard by nobody else:
 * the port's datagrams come here.  If it answers no question in the channel, the door gets the
 * port, and with it the client's next hello. */
static void
note_hello (SpTunnel *self, SpTunnelSlot slot)
{
  if (slot == SP_TUNNEL_CANDIDATE)
    sp_candidacy_hurry (&self->candidacy, self->worker->now);
  else if (!sp_dtls_channel_is_renewing (self->channels[slot]) &&
           sp_liveness_datagram_doubted (&self->liveness, self->worker->now))
    sp_path_choice_datagram_lost (&self->path);
}

/* Closing the tunnel ends the channel, too. */
static void
take_harvest (SpTunnel *self, SpTunnelSlot slot, SpDtlsChannel *channel)
{
  const guint8 *datagram;
  gsize size;

  while (!self->closed && sp_inbox_take (&self->inbox, &datagram, &size))
    {
      if (sp_dtls_channel_is_other_hello (channel, datagram, size))
        note_hello (self, slot);
      (void) sp_tunnel_take_datagram (self, channel, SP_ORIGIN_KNOWN, datagram, size);
    }
}

/* As long as harvests are full, up to a turn's share: what comes to the TUN together is joined. */
void
sp_tunnel_serve_datagrams (SpTunnel *self, SpTunnelSlot slot)
{
  SpDtlsChannel *channel = self->channels[slot];
  gsize bytes = 0;

  for (guint i = 0; i < HARVESTS_MAX && bytes < TURN_BYTES_MAX && !self->closed; i++)
    {
      if (!sp_inbox_fill (&self->inbox, sp_dtls_channel_get_fd (channel)))
        break;
      bytes += sp_inbox_get_size (&self->inbox);
      take_harvest (self, slot, channel);
      if (!sp_inbox_was_full (&self->inbox))
        break;
    }
  if (self->closed)
    return;
  sp_tunnel_deliver (self);
  sp_tunnel_drop_ended (self);
}
