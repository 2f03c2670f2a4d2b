/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-datagrams.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define PSK_LABEL     "EXPORTER-openconnect-psk"
#define PSK_SIZE      32
#define LINK_PAYLOAD  1472
#define RUN_BYTES_MAX 65000
#define RUN_MAX       64
#define RUNS_MAX      32

typedef union
{
  struct cmsghdr header;
  guint8 space[CMSG_SPACE (sizeof (int))];
} Control;

void
limit_datagrams_init (LimitDatagrams *self, int fd)
{
  gsize in = (gsize) LIMIT_DATAGRAM_READS * LIMIT_DATAGRAM_READ;

  *self = (LimitDatagrams){ .fd = fd };
  self->in = mmap (NULL, in + LIMIT_DATAGRAM_OUT, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (self->in == MAP_FAILED)
    g_error ("no memory: %m");
  self->out = self->in + in;
}

/* --- the handshake --- */

static int
key_cb (gnutls_session_t session, const char *name, gnutls_datum_t *key)
{
  key->data = gnutls_malloc (PSK_SIZE);
  key->size = PSK_SIZE;
  return gnutls_prf_rfc5705 (gnutls_session_get_ptr (session), strlen (PSK_LABEL), PSK_LABEL, 0,
                             NULL, PSK_SIZE, (char *) key->data);
}

/* Whoever sends the first datagram is the client. */
static void
begin (LimitDatagrams *self, gnutls_session_t stream, gnutls_priority_t priority)
{
  gnutls_psk_server_credentials_t credentials = NULL;
  struct sockaddr_in name;
  socklen_t size = sizeof name;

  if (recvfrom (self->fd, NULL, 0, MSG_PEEK, (struct sockaddr *) &name, &size) < 0 ||
      connect (self->fd, (struct sockaddr *) &name, size) != 0)
    g_error ("no client: %m");
  if (gnutls_psk_allocate_server_credentials (&credentials) != 0 ||
      gnutls_init (&self->session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) != 0 ||
      gnutls_priority_set (self->session, priority) != 0 ||
      gnutls_credentials_set (self->session, GNUTLS_CRD_PSK, credentials) != 0)
    g_error ("no DTLS session");
  gnutls_psk_set_server_credentials_function (credentials, key_cb);
  gnutls_session_set_ptr (self->session, stream);
  gnutls_dtls_set_mtu (self->session, LINK_PAYLOAD);
  gnutls_transport_set_int (self->session, self->fd);
}

void
limit_datagrams_shake_hands (LimitDatagrams *self,
                             gnutls_session_t stream,
                             gnutls_priority_t priority)
{
  int code, on = 1;

  if (self->session == NULL)
    begin (self, stream, priority);
  code = gnutls_handshake (self->session);
  if (code < 0 && gnutls_error_is_fatal (code))
    g_error ("the datagram channel: %s", gnutls_strerror (code));
  if (code < 0)
    return;
  if (!load_records_init (&self->records, self->session))
    g_error ("the datagram channel has no AES-GCM");
  (void) setsockopt (self->fd, SOL_UDP, UDP_GRO, &on, sizeof on);
  self->is_up = TRUE;
}

/* --- in --- */

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

guint
limit_datagrams_read (LimitDatagrams *self)
{
  struct mmsghdr messages[LIMIT_DATAGRAM_READS];
  struct iovec parts[LIMIT_DATAGRAM_READS];
  Control controls[LIMIT_DATAGRAM_READS];
  guint n_datagrams = 0;
  int n;

  for (guint i = 0; i < LIMIT_DATAGRAM_READS; i++)
    {
      parts[i] = (struct iovec){ self->in + (gsize) i * LIMIT_DATAGRAM_READ, LIMIT_DATAGRAM_READ };
      messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i],
                                             .msg_iovlen = 1,
                                             .msg_control = controls[i].space,
                                             .msg_controllen = sizeof controls[i].space };
    }
  n = recvmmsg (self->fd, messages, LIMIT_DATAGRAM_READS, MSG_DONTWAIT, NULL);
  self->n_reads = n > 0 ? (guint) n : 0;
  for (guint i = 0; i < self->n_reads; i++)
    {
      self->sizes[i] = messages[i].msg_len;
      self->pieces[i] = get_piece_size (&messages[i].msg_hdr, messages[i].msg_len);
      n_datagrams +=
          (guint) (self->pieces[i] > 0 ? (self->sizes[i] + self->pieces[i] - 1) / self->pieces[i]
                                       : 0);
    }
  return n_datagrams;
}

/* --- out --- */

void
limit_datagrams_send (LimitDatagrams *self, const guint8 *frame, gsize size)
{
  if (self->out_size + size + LOAD_RECORD_OVERHEAD > LIMIT_DATAGRAM_OUT ||
      self->n_out == LIMIT_DATAGRAMS_MAX)
    limit_datagrams_flush (self);
  size = load_records_seal (&self->records, self->out + self->out_size, frame, size);
  self->out_size += size;
  self->out_sizes[self->n_out++] = (guint16) size;
}

/* So many of one size from the next on; the last may be shorter. */
static guint
measure_run (const LimitDatagrams *self, guint first, gsize *ret_bytes)
{
  gsize bytes = self->out_sizes[first];
  guint n = 1;

  while (first + n < self->n_out && n < RUN_MAX &&
         self->out_sizes[first + n] <= self->out_sizes[first] &&
         bytes + self->out_sizes[first + n] <= RUN_BYTES_MAX)
    {
      bytes += self->out_sizes[first + n];
      if (self->out_sizes[first + n++] < self->out_sizes[first])
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

void
limit_datagrams_flush (LimitDatagrams *self)
{
  gsize at = 0;

  for (guint next = 0; next < self->n_out;)
    {
      struct mmsghdr messages[RUNS_MAX];
      struct iovec parts[RUNS_MAX];
      Control controls[RUNS_MAX];
      guint n = 0;

      for (; next < self->n_out && n < RUNS_MAX; n++)
        {
          guint run = measure_run (self, next, &parts[n].iov_len);

          parts[n].iov_base = self->out + at;
          messages[n].msg_hdr = (struct msghdr){ .msg_iov = &parts[n], .msg_iovlen = 1 };
          if (run > 1)
            ask_for_segments (&messages[n].msg_hdr, &controls[n], self->out_sizes[next]);
          at += parts[n].iov_len;
          next += run;
        }
      /* What the socket refuses is lost, as in any network. */
      (void) sendmmsg (self->fd, messages, n, MSG_NOSIGNAL);
    }
  self->out_size = 0;
  self->n_out = 0;
}
