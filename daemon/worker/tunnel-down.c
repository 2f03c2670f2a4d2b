/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "tun-queue.h"

#include <netinet/in.h>
#include <string.h>

#define PROTOCOL_OFFSET_IPV4 9 /* RFC 791 3.1 */
#define PROTOCOL_OFFSET_IPV6 6 /* RFC 8200 3 */

/* Of a turn: so much that packets of one size become few sends, and so little that neither what the
 * client sends nor a ping in the queue waits for long. */
#define READS_MAX      64
#define TURN_BYTES_MAX (128 * 1024)

/* TUN to client.  Headers are written into the room before each packet, so that a frame is one
 * piece of memory. */

/* A packet as it goes out: as it is, or compressed. */
typedef struct
{
  SpPacket packet;
  SpFrameType type;
} Parcel;

static Parcel
wrap (SpTunnel *self, SpTunnelWay way, const SpPacket *packet)
{
  Parcel parcel = { .type = SP_FRAME_COMPRESSED };

  if (sp_compressor_pack (&self->compressor, self->plan.compression[way], packet, &parcel.packet))
    return parcel;
  return (Parcel){ .packet = *packet, .type = SP_FRAME_DATA };
}

static gboolean
send_by_stream (SpTunnel *self, const Parcel *parcel)
{
  const SpPacket *packet = &parcel->packet;
  guint8 *frame = packet->bytes - SP_CSTP_HEADER_SIZE;

  if (packet->size > SP_CSTP_PAYLOAD_MAX)
    {
      self->traffic.drops[SP_DROP_TOO_BIG]++;
      return FALSE;
    }
  sp_cstp_write_header (frame, parcel->type, (guint16) packet->size);
  if (sp_tls_session_send (self->worker->tls, frame, SP_CSTP_HEADER_SIZE + packet->size))
    return TRUE;
  self->traffic.drops[SP_DROP_QUEUE]++;
  return FALSE;
}

static gboolean
send_by_datagram (SpTunnel *self, SpDtlsChannel *channel, const Parcel *parcel)
{
  const SpPacket *packet = &parcel->packet;
  guint8 *frame = packet->bytes - SP_DTLS_HEADER_SIZE;

  sp_dtls_frame_write_header (frame, parcel->type);
  if (!sp_dtls_channel_has_room (channel))
    sp_tunnel_flush_channel (self, SP_TUNNEL_CURRENT);
  if (sp_dtls_channel_send (channel, frame, SP_DTLS_HEADER_SIZE + packet->size))
    return TRUE;
  self->traffic.drops[SP_DROP_QUEUE]++;
  return FALSE;
}

static void
send_packet (SpTunnel *self, SpDtlsChannel *channel, gsize frame_max, const SpPacket *packet)
{
  const SpCompression *kinds = self->plan.compression;
  Parcel parcel;
  gboolean sent;

  if (sp_tunnel_is_spent (self))
    {
      self->traffic.drops[SP_DROP_QUOTA]++;
      return;
    }
  parcel = wrap (self, channel != NULL ? SP_WAY_DATAGRAM : SP_WAY_STREAM, packet);
  if (channel != NULL && SP_DTLS_HEADER_SIZE + parcel.packet.size <= frame_max)
    sent = send_by_datagram (self, channel, &parcel);
  else
    {
      /* The stream takes what is too large for the datagram path, in its own codec. */
      if (channel != NULL && kinds[SP_WAY_STREAM] != kinds[SP_WAY_DATAGRAM])
        parcel = wrap (self, SP_WAY_STREAM, packet);
      sent = send_by_stream (self, &parcel);
    }
  if (!sent)
    return;
  self->traffic.tx_packets++;
  self->traffic.tx_bytes += packet->size;
  if (sp_tunnel_is_spent (self))
    self->reporter.urgent = TRUE;
}

/* A ping alone does not make a session busy. */
static gboolean
counts_as_use (const SpPacket *packet)
{
  gboolean ipv6 = packet->bytes[0] >> 4 == 6;

  return packet->size > PROTOCOL_OFFSET_IPV4 &&
         packet->bytes[ipv6 ? PROTOCOL_OFFSET_IPV6 : PROTOCOL_OFFSET_IPV4] !=
             (ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

/* How the packets of a turn go: asked once. */
typedef struct
{
  SpDtlsChannel *channel; /* NULL = the stream */
  gsize frame_max;
} Way;

static Way
choose_way (SpTunnel *self)
{
  SpPath path = sp_path_choice_ask (&self->path, self->worker->now);
  Way way = { .channel = path == SP_PATH_STREAM ? NULL : self->channels[SP_TUNNEL_CURRENT] };

  if (way.channel != NULL)
    way.frame_max = sp_dtls_channel_get_frame_max (way.channel);
  if (path == SP_PATH_DATAGRAM_PROBE)
    sp_tunnel_send_datagram_probe (self, 0);
  return way;
}

/* What the kernel left together is of one kind.  Returns the bytes of the packets. */
static gsize
send_batch (SpTunnel *self, const Way *way)
{
  gboolean in_use = FALSE;
  gsize bytes = 0;
  SpPacket packet;

  if (self->paused)
    {
      self->traffic.drops[SP_DROP_PAUSED] += sp_packet_batch_count (&self->batch);
      return 0;
    }
  while (sp_packet_batch_take (&self->batch, &packet))
    {
      in_use = in_use || counts_as_use (&packet);
      bytes += packet.size;
      send_packet (self, way->channel, way->frame_max, &packet);
    }
  if (in_use)
    sp_liveness_carried (&self->liveness, self->worker->now);
  return bytes;
}

/* Main says why it ends a tunnel and takes the device away: it is heard first in the next turn, and
 * the client learns it. */
static void
lose_device (SpTunnel *self)
{
  if (self->device_is_gone)
    sp_worker_leave (self->worker, SP_LEFT_STOPPED, 0, "the network device is gone");
  self->device_is_gone = TRUE;
}

/* FALSE if that was the end of the tunnel. */
static gboolean
send_now (SpTunnel *self, const Way *way)
{
  if (way->channel != NULL)
    sp_tunnel_flush_channel (self, SP_TUNNEL_CURRENT);
  else
    sp_worker_flush (self->worker);
  return !self->closed;
}

/* What was read goes out together at the end of the turn, so that packets of one size are one
 * send.  In quiet times the first one does not wait until it is known whether there are more. */
void
sp_tunnel_serve_tun (SpTunnel *self)
{
  SpTunQueueResult result = SP_TUN_QUEUE_OK;
  gsize bytes = 0;
  Way way = { 0 };

  self->expects_answers = FALSE;
  for (guint i = 0; i < READS_MAX && bytes < TURN_BYTES_MAX && result != SP_TUN_QUEUE_EMPTY; i++)
    {
      result = sp_tun_queue_read (self->tun_fd, &self->batch);
      if (result == SP_TUN_QUEUE_GONE)
        {
          lose_device (self);
          return;
        }
      if (result == SP_TUN_QUEUE_MALFORMED)
        self->traffic.drops[SP_DROP_MALFORMED]++;
      if (result != SP_TUN_QUEUE_OK)
        continue;
      if (bytes == 0 && !self->paused)
        way = choose_way (self);
      bytes += send_batch (self, &way);
      if (i == 0 && sp_turn_pace_is_quiet (&self->pace) && !send_now (self, &way))
        return;
    }
}

gboolean
sp_tunnel_send_stream_frame (SpTunnel *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 frame[SP_CSTP_HEADER_SIZE + SP_REASON_MAX];

  g_return_val_if_fail (size <= SP_REASON_MAX, FALSE);
  sp_cstp_write_header (frame, type, (guint16) size);
  if (size > 0)
    memcpy (frame + SP_CSTP_HEADER_SIZE, payload, size);
  return sp_tls_session_send (self->worker->tls, frame, SP_CSTP_HEADER_SIZE + size);
}

/* A DPD request with `size` bytes of padding: one of full size also tells whether such packets
 * still arrive. */
void
sp_tunnel_send_datagram_probe (SpTunnel *self, gsize size)
{
  SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];
  guint8 *frame = self->record;

  if (channel == NULL)
    return;
  size = MIN (size, sp_dtls_channel_get_frame_max (channel) - SP_DTLS_HEADER_SIZE);
  memset (frame, 0, SP_DTLS_HEADER_SIZE + size);
  sp_dtls_frame_write_header (frame, SP_FRAME_DPD_REQUEST);
  if (sp_dtls_channel_send (channel, frame, SP_DTLS_HEADER_SIZE + size))
    sp_roaming_questioned (&self->roaming, self->worker->now);
}
