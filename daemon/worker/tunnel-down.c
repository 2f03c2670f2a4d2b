/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "tun-queue.h"

#include <netinet/in.h>
#include <string.h>

#define PROTOCOL_OFFSET_IPV4 9 /* RFC 791 3.1 */
#define PROTOCOL_OFFSET_IPV6 6 /* RFC 8200 3 */

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

static void
note_use (SpTunnel *self)
{
  for (guint i = 0; i < self->batch.n_packets; i++)
    if (counts_as_use (&self->batch.packets[i]))
      {
        sp_liveness_carried (&self->liveness, self->worker->now);
        return;
      }
}

/* One question and one answer for all packets of a turn. */
static void
send_batch (SpTunnel *self)
{
  SpPath path = sp_path_choice_ask (&self->path, self->worker->now);
  SpDtlsChannel *channel = path == SP_PATH_STREAM ? NULL : self->channels[SP_TUNNEL_CURRENT];
  gsize frame_max = channel != NULL ? sp_dtls_channel_get_frame_max (channel) : 0;

  if (path == SP_PATH_DATAGRAM_PROBE)
    sp_tunnel_send_datagram_probe (self, 0);
  for (guint i = 0; i < self->batch.n_packets; i++)
    send_packet (self, channel, frame_max, &self->batch.packets[i]);
  note_use (self);
}

void
sp_tunnel_serve_tun (SpTunnel *self)
{
  guint32 malformed;
  SpTunQueueResult result;

  sp_packet_batch_reset (&self->batch);
  result = sp_tun_queue_read (self->tun_fd, &self->batch, &malformed);
  self->traffic.drops[SP_DROP_MALFORMED] += malformed;
  if (self->paused)
    self->traffic.drops[SP_DROP_PAUSED] += self->batch.n_packets;
  else if (self->batch.n_packets > 0)
    send_batch (self);
  if (result == SP_TUN_QUEUE_GONE)
    sp_worker_leave (self->worker, SP_LEFT_STOPPED, 0, "the network device is gone");
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
