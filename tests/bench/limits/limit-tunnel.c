/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-tunnel.h"

#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "codec/ip-packet.h"
#include "codec/segmenter.h"
#include "limit-datagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define UNSENT_BYTES   (128 * 1024)
#define RECEIVE_BUFFER (256 * 1024)
#define HEADROOM       16           /* for the head of the first packet's frame */
#define TURN_BYTES     (128 * 1024) /* from the device, so that a ping does not wait for long */
#define SMALL          512
#define RECORDS        256 /* opened before they are written to the device */
#define RECORD_PLACE   2048
/* A client that sends packets one by one: for so long a turn lets them come together, if that is
 * what the last one was busy with. */
#define PAUSE_NS 200000
#define FEW      2
#define PLENTY   64
#define SLACK_NS 1

typedef enum
{
  STREAM,
  DATAGRAMS,
  DEVICE,
  ENDS
} End;

typedef struct
{
  LimitStream *stream;
  LimitDatagrams datagrams;
  int device;
  gboolean by_datagram;   /* how packets go to the client */
  gboolean only_receives; /* what is larger than SMALL */
  gboolean is_over;
  guint n_packets; /* that came from the client in this turn */
  SpCoalescer coalescer;
  guint8 from_device[HEADROOM + SP_SEGMENTER_HEADER_SIZE + LIMIT_DEVICE_READ];
  guint8 records[RECORDS][RECORD_PLACE];
  guint n_records; /* in use */
} Tunnel;

int
limit_tunnel_open_socket (guint16 *ret_port)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  socklen_t size = sizeof name;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = RECEIVE_BUFFER;

  (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (bind (fd, (struct sockaddr *) &name, size) != 0 ||
      getsockname (fd, (struct sockaddr *) &name, &size) != 0)
    g_error ("no socket for datagrams: %m");
  *ret_port = ntohs (name.sin_port);
  return fd;
}

/* --- to the device --- */

static void
deliver (Tunnel *self)
{
  SpSuperPacket packet;

  while (sp_coalescer_take (&self->coalescer, &packet))
    limit_device_write (self->device, &packet);
  sp_coalescer_reset (&self->coalescer, TRUE);
  self->n_records = 0;
}

/* Whose address is in it is not looked at. */
static void
carry (Tunnel *self, guint8 *bytes, gsize size)
{
  SpIpPacket packet;

  if (!sp_ip_packet_read (bytes, size, &packet))
    return;
  sp_coalescer_add (&self->coalescer, bytes, packet.total_length);
  self->n_packets++;
}

static void
take_record (Tunnel *self, guint8 *record, gsize size)
{
  const guint8 *payload;
  gsize length;
  guint8 type;

  if (sp_cstp_read (record, size, &type, &payload, &length) != SP_CSTP_FRAME)
    return;
  if (type == SP_FRAME_DATA)
    carry (self, record + (payload - record), length);
  else if (type == SP_FRAME_DPD_REQUEST)
    {
      sp_cstp_write_header (record, SP_FRAME_DPD_RESPONSE, (guint16) length);
      limit_stream_send (self->stream, record, size);
    }
  else if (type == SP_FRAME_DISCONNECT)
    self->is_over = TRUE;
}

static void
serve_stream (Tunnel *self)
{
  self->stream->may_read = TRUE;
  for (;;)
    {
      gssize size;

      if (sp_coalescer_is_full (&self->coalescer) || self->n_records == RECORDS)
        deliver (self);
      size =
          gnutls_record_recv (self->stream->session, self->records[self->n_records], RECORD_PLACE);
      if (size == GNUTLS_E_AGAIN || size == GNUTLS_E_INTERRUPTED)
        break;
      if (size <= 0)
        {
          self->is_over = TRUE;
          break;
        }
      take_record (self, self->records[self->n_records++], (gsize) size);
    }
  deliver (self);
}

static void
take_datagram (Tunnel *self, guint8 *datagram, gsize size)
{
  gsize length;
  const guint8 *frame;

  if (self->only_receives && size > SMALL)
    return;
  frame = load_records_open (&self->datagrams.records, datagram, size, &length);
  if (frame == NULL || length < SP_DTLS_HEADER_SIZE)
    return;
  if (frame[0] == SP_FRAME_DATA)
    carry (self, datagram + (frame - datagram) + SP_DTLS_HEADER_SIZE, length - SP_DTLS_HEADER_SIZE);
  else if (frame[0] == SP_FRAME_DPD_REQUEST)
    {
      sp_dtls_frame_write_header (datagram + (frame - datagram), SP_FRAME_DPD_RESPONSE);
      limit_datagrams_send (&self->datagrams, frame, length);
    }
  self->by_datagram = TRUE;
}

static void
serve_datagrams (Tunnel *self, const LimitHouse *house)
{
  LimitDatagrams *datagrams = &self->datagrams;

  if (!datagrams->is_up)
    {
      limit_datagrams_shake_hands (datagrams, self->stream->session, house->datagram_priority);
      return;
    }
  (void) limit_datagrams_read (datagrams);
  for (guint i = 0; i < datagrams->n_reads; i++)
    for (gsize at = 0; at < datagrams->sizes[i]; at += datagrams->pieces[i])
      {
        if (sp_coalescer_is_full (&self->coalescer))
          deliver (self);
        take_datagram (self, datagrams->in + (gsize) i * LIMIT_DATAGRAM_READ + at,
                       MIN (datagrams->pieces[i], datagrams->sizes[i] - at));
      }
  deliver (self);
}

/* --- to the client --- */

static void
send_packet (Tunnel *self, guint8 *packet, gsize size)
{
  if (self->by_datagram)
    {
      sp_dtls_frame_write_header (packet - SP_DTLS_HEADER_SIZE, SP_FRAME_DATA);
      limit_datagrams_send (&self->datagrams, packet - SP_DTLS_HEADER_SIZE,
                            size + SP_DTLS_HEADER_SIZE);
      return;
    }
  sp_cstp_write_header (packet - SP_CSTP_HEADER_SIZE, SP_FRAME_DATA, (guint16) size);
  limit_stream_send (self->stream, packet - SP_CSTP_HEADER_SIZE, size + SP_CSTP_HEADER_SIZE);
}

static void
serve_device (Tunnel *self)
{
  guint8 *header = self->from_device + HEADROOM;
  guint8 *whole = header + SP_SEGMENTER_HEADER_SIZE, *packet;
  SpSegmenter segmenter;
  gsize size;

  for (gsize turn = 0; turn < TURN_BYTES; turn += size)
    {
      ssize_t got =
          read (self->device, header, SP_SEGMENTER_HEADER_SIZE + (gsize) LIMIT_DEVICE_READ);

      if (got < SP_SEGMENTER_HEADER_SIZE)
        break;
      size = (gsize) got - SP_SEGMENTER_HEADER_SIZE;
      if (!sp_segmenter_begin (&segmenter, header, whole, size))
        continue;
      for (gsize each; sp_segmenter_next (&segmenter, &packet, &each);)
        send_packet (self, packet, each);
    }
}

/* --- turns --- */

/* Few packets a turn and many turns are what singly sent ones look like; one a turn is a ping. */
static void
pause_for_more (guint n_packets)
{
  const struct timespec pause = { .tv_nsec = PAUSE_NS };

  if (n_packets >= FEW && n_packets < PLENTY)
    (void) nanosleep (&pause, NULL);
}

static void
turn (Tunnel *self, const LimitHouse *house)
{
  struct pollfd ends[ENDS] = {
    [STREAM] = { .fd = self->stream->fd, .events = POLLIN },
    [DATAGRAMS] = { .fd = self->datagrams.fd, .events = POLLIN },
    [DEVICE] = { .fd = self->device, .events = POLLIN },
  };

  pause_for_more (self->n_packets);
  self->n_packets = 0;
  if (poll (ends, ENDS, -1) < 0)
    return;
  if (ends[DATAGRAMS].revents != 0)
    serve_datagrams (self, house);
  if (ends[STREAM].revents != 0)
    serve_stream (self);
  if (ends[DEVICE].revents != 0)
    serve_device (self);
  limit_stream_flush (self->stream);
  limit_datagrams_flush (&self->datagrams);
}

void
limit_tunnel_run (const LimitHouse *house, guint session, LimitStream *stream, int datagrams)
{
  Tunnel *self = g_new0 (Tunnel, 1);
  int unsent = UNSENT_BYTES;

  self->stream = stream;
  self->device = house->devices[session];
  self->only_receives = house->shared->only_receives[session];
  self->datagrams.fd = -1;
  if (datagrams >= 0)
    limit_datagrams_init (&self->datagrams, datagrams);
  stream->waits = FALSE;
  sp_coalescer_reset (&self->coalescer, TRUE);
  (void) setsockopt (stream->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  (void) prctl (PR_SET_TIMERSLACK, SLACK_NS);
  while (!self->is_over)
    turn (self, house);
}
