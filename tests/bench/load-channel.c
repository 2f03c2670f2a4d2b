/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-channel.h"

#include "codec/dtls-frame.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define OUT_SIZE      (1024 * 1024)
#define IN_SIZE       ((gsize) LOAD_READS * LOAD_READ_SIZE)
#define RUN_BYTES_MAX 65000
#define RUN_MAX       64
#define RUNS_MAX      32
#define SUPER_ROOM    (192 * 1024) /* for what a super-packet of small segments becomes */
#define SEGMENTS_MAX  160          /* likewise */
#define UNSENT_BYTES  (256 * 1024)
#define BUFFER_BYTES  (1024 * 1024)
#define DRAIN_MS      100

typedef union
{
  struct cmsghdr header;
  guint8 space[CMSG_SPACE (sizeof (int))];
} Control;

/* --- what GnuTLS calls --- */

static ssize_t
push_cb (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  LoadChannel *self = pointer;
  gboolean datagram = self->end->is_datagram;

  if (self->out_size + size > OUT_SIZE || (datagram && self->n_datagrams == LOAD_DATAGRAMS_MAX))
    load_channel_flush (self);
  if (self->out_size + size > OUT_SIZE || (datagram && self->n_datagrams == LOAD_DATAGRAMS_MAX))
    {
      if (!datagram)
        {
          gnutls_transport_set_errno (self->end->session, EAGAIN);
          return -1;
        }
      self->n_lost++;
      return (ssize_t) size;
    }
  memcpy (self->out + self->out_size, bytes, size);
  self->out_size += size;
  if (datagram)
    self->sizes[self->n_datagrams++] = (guint16) size;
  return (ssize_t) size;
}

static gsize
get_piece_size (struct msghdr *message, gsize whole)
{
  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL;
       header = CMSG_NXTHDR (message, header))
    if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO)
      {
        int size;

        memcpy (&size, CMSG_DATA (header), sizeof size);
        return size > 0 ? (gsize) size : whole;
      }
  return whole;
}

static void
fill_with_datagrams (LoadChannel *self)
{
  struct mmsghdr messages[LOAD_READS];
  struct iovec parts[LOAD_READS];
  Control controls[LOAD_READS];
  int n;

  for (guint i = 0; i < LOAD_READS; i++)
    {
      parts[i] = (struct iovec){ self->in + (gsize) i * LOAD_READ_SIZE, LOAD_READ_SIZE };
      messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i],
                                             .msg_iovlen = 1,
                                             .msg_control = controls[i].space,
                                             .msg_controllen = sizeof controls[i].space };
    }
  n = recvmmsg (self->end->fd, messages, LOAD_READS, MSG_DONTWAIT, NULL);
  self->n_reads = n > 0 ? (guint) n : 0;
  for (guint i = 0; i < self->n_reads; i++)
    {
      self->lengths[i] = messages[i].msg_len;
      self->pieces[i] = get_piece_size (&messages[i].msg_hdr, messages[i].msg_len);
    }
}

/* -1 with errno, or 0 at the stream's end. */
static ssize_t
fill_from_stream (LoadChannel *self)
{
  ssize_t size = recv (self->end->fd, self->in, IN_SIZE, MSG_DONTWAIT);

  self->n_reads = size > 0;
  self->lengths[0] = self->pieces[0] = size > 0 ? (gsize) size : 0;
  return size;
}

static ssize_t
pull_cb (gnutls_transport_ptr_t pointer, void *bytes, size_t room)
{
  LoadChannel *self = pointer;
  ssize_t size = -1;

  if (self->read == self->n_reads)
    {
      int cause = EAGAIN;

      self->n_reads = self->read = 0;
      self->offset = 0;
      if (self->may_fill && self->end->is_datagram)
        fill_with_datagrams (self);
      else if (self->may_fill && (size = fill_from_stream (self)) < 0)
        cause = errno;
      self->may_fill = FALSE;
      if (size == 0)
        return 0;
      if (self->n_reads == 0)
        {
          gnutls_transport_set_errno (self->end->session, cause);
          return -1;
        }
    }
  size = (ssize_t) MIN (room,
                        MIN (self->pieces[self->read], self->lengths[self->read] - self->offset));
  memcpy (bytes, self->in + (gsize) self->read * LOAD_READ_SIZE + self->offset, (gsize) size);
  /* What of a datagram has no room is gone, of a stream it is next. */
  self->offset += self->end->is_datagram ? self->pieces[self->read] : (gsize) size;
  if (self->offset >= self->lengths[self->read])
    {
      self->read++;
      self->offset = 0;
    }
  return size;
}

/* --- records of our own --- */

static gboolean
has_datagram_room (LoadChannel *self, gsize size)
{
  return self->out_size + size <= OUT_SIZE && self->n_datagrams < LOAD_DATAGRAMS_MAX;
}

static void
send_own (gpointer data, const guint8 *frame, gsize size)
{
  LoadChannel *self = data;

  if (!has_datagram_room (self, size + LOAD_RECORD_OVERHEAD))
    load_channel_flush (self);
  if (!has_datagram_room (self, size + LOAD_RECORD_OVERHEAD))
    {
      self->n_lost++;
      return;
    }
  size = load_records_seal (&self->records, self->out + self->out_size, frame, size);
  self->out_size += size;
  self->sizes[self->n_datagrams++] = (guint16) size;
}

/* What is no data, such as an alert, is nothing that a load client minds. */
static void
take_own (LoadChannel *self, guint8 *datagram, gsize size)
{
  gsize length;
  const guint8 *frame = load_records_open (&self->records, datagram, size, &length), *payload;
  guint8 type;

  if (frame != NULL && sp_dtls_frame_read (frame, length, &type, &payload, &length))
    swarm_client_take (self->end, type, payload, length);
}

static void
receive_own (LoadChannel *self)
{
  fill_with_datagrams (self);
  for (guint i = 0; i < self->n_reads; i++)
    for (gsize at = 0; at < self->lengths[i]; at += self->pieces[i])
      take_own (self, self->in + (gsize) i * LOAD_READ_SIZE + at,
                MIN (self->pieces[i], self->lengths[i] - at));
}

/* --- the socket --- */

static void
watch (LoadChannel *self, gboolean also_room)
{
  struct epoll_event event = { .events = EPOLLIN | (also_room ? EPOLLOUT : 0),
                               .data.ptr = self->end };

  self->is_waiting = also_room;
  if (epoll_ctl (self->end->client->plan->epoll, EPOLL_CTL_MOD, self->end->fd, &event) != 0)
    g_error ("epoll_ctl: %m");
}

void
load_channel_init (LoadChannel *self, SwarmEnd *end)
{
  int on = 1, unsent = UNSENT_BYTES, room = BUFFER_BYTES;

  *self = (LoadChannel){ .end = end, .out = g_malloc (OUT_SIZE), .in = g_malloc (IN_SIZE) };
  if (end->is_datagram)
    {
      if (setsockopt (end->fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0)
        g_error ("UDP_GRO: %m");
      (void) setsockopt (end->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
      (void) setsockopt (end->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    }
  else
    (void) setsockopt (end->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  gnutls_transport_set_ptr (end->session, self);
  gnutls_transport_set_push_function (end->session, push_cb);
  gnutls_transport_set_pull_function (end->session, pull_cb);
  self->is_own = end->is_datagram && load_records_init (&self->records, end->session);
  if (self->is_own)
    {
      end->send = send_own;
      end->send_data = self;
    }
  watch (self, FALSE);
}

void
load_channel_clear (LoadChannel *self)
{
  load_records_clear (&self->records);
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->in, g_free);
}

void
load_channel_receive (LoadChannel *self)
{
  if (self->is_own)
    {
      receive_own (self);
      return;
    }
  self->may_fill = TRUE;
  swarm_client_ready (self->end);
}

gboolean
load_channel_has_room (const LoadChannel *self)
{
  return !self->is_waiting && self->out_size + SUPER_ROOM <= OUT_SIZE &&
         self->n_datagrams + SEGMENTS_MAX <= LOAD_DATAGRAMS_MAX;
}

/* So many datagrams of one size from the next on; the last may be shorter. */
static guint
measure_run (const LoadChannel *self, guint first, gsize *ret_bytes)
{
  gsize bytes = self->sizes[first];
  guint n = 1;

  while (!self->by_itself && first + n < self->n_datagrams && n < RUN_MAX &&
         self->sizes[first + n] <= self->sizes[first] &&
         bytes + self->sizes[first + n] <= RUN_BYTES_MAX)
    {
      bytes += self->sizes[first + n];
      if (self->sizes[first + n++] < self->sizes[first])
        break;
    }
  *ret_bytes = bytes;
  return n;
}

static void
ask_for_segments (struct msghdr *message, Control *control, guint16 size)
{
  struct cmsghdr *header;

  message->msg_control = control->space;
  message->msg_controllen = CMSG_SPACE (sizeof size);
  header = CMSG_FIRSTHDR (message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (header), &size, sizeof size);
}

/* Returns how many datagrams went; 0 with errno. */
static guint
send_some_datagrams (LoadChannel *self)
{
  struct mmsghdr messages[RUNS_MAX];
  struct iovec parts[RUNS_MAX];
  Control controls[RUNS_MAX];
  guint runs[RUNS_MAX], n = 0, sent = 0;
  gsize at = self->out_sent;
  int done;

  for (guint i = self->next; i < self->n_datagrams && n < RUNS_MAX; i += runs[n++])
    {
      runs[n] = measure_run (self, i, &parts[n].iov_len);
      parts[n].iov_base = self->out + at;
      messages[n].msg_hdr = (struct msghdr){ .msg_iov = &parts[n], .msg_iovlen = 1 };
      if (runs[n] > 1)
        ask_for_segments (&messages[n].msg_hdr, &controls[n], self->sizes[i]);
      at += parts[n].iov_len;
    }
  done = sendmmsg (self->end->fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
  for (int i = 0; i < done; i++)
    {
      self->out_sent += parts[i].iov_len;
      sent += runs[i];
    }
  return sent;
}

static void
forget (LoadChannel *self)
{
  self->out_size = self->out_sent = 0;
  self->n_datagrams = self->next = 0;
}

/* FALSE when the socket takes no more. */
static gboolean
flush_datagrams (LoadChannel *self)
{
  while (self->next < self->n_datagrams)
    {
      guint sent = send_some_datagrams (self);

      self->next += sent;
      if (sent > 0 || errno == ECONNREFUSED || errno == EINTR)
        continue;
      if (errno == EAGAIN || errno == ENOBUFS)
        return FALSE;
      g_error ("a datagram cannot be sent: %m");
    }
  return TRUE;
}

static gboolean
flush_stream (LoadChannel *self)
{
  while (self->out_sent < self->out_size)
    {
      ssize_t sent = send (self->end->fd, self->out + self->out_sent,
                           self->out_size - self->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (sent < 0 && errno == EAGAIN)
        return FALSE;
      if (sent < 0 && errno != EINTR)
        break; /* the other half finds out why */
      self->out_sent += sent > 0 ? (gsize) sent : 0;
    }
  return TRUE;
}

void
load_channel_flush (LoadChannel *self)
{
  gboolean all;

  if (self->end->fd < 0)
    forget (self);
  if (self->out_size == 0)
    return;
  all = self->end->is_datagram ? flush_datagrams (self) : flush_stream (self);
  if (all)
    forget (self);
  if (all == self->is_waiting)
    watch (self, !all);
}

void
load_channel_drain (LoadChannel *self)
{
  load_channel_flush (self);
  while (self->is_waiting && self->end->fd >= 0)
    {
      struct pollfd room = { .fd = self->end->fd, .events = POLLOUT };

      (void) poll (&room, 1, DRAIN_MS);
      load_channel_flush (self);
    }
}
