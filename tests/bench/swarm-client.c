/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "swarm-client.h"

#include "base/io.h"
#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "swarm-packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define SOURCES_A_NETWORK 50 /* clients of one /24 */
#define SILENCE           (90 * G_USEC_PER_SEC)

static void
end_stream (SwarmClient *self)
{
  g_clear_pointer (&self->stream.session, gnutls_deinit);
  sp_fd_clear (&self->stream.fd); /* leaves the epoll set by itself */
}

static void
finish (SwarmClient *self, SwarmState state, const char *because)
{
  swarm_datagram_end (self);
  end_stream (self);
  self->state = state;
  self->because = because;
}

SwarmClient *
swarm_client_new (const SwarmPlan *plan, guint number)
{
  SwarmClient *self = g_new0 (SwarmClient, 1);

  self->plan = plan;
  self->number = number;
  self->answer = g_string_new (NULL);
  self->stream = (SwarmEnd){ .client = self, .fd = -1 };
  self->datagram = (SwarmEnd){ .client = self, .is_datagram = TRUE, .fd = -1 };
  return self;
}

void
swarm_client_free (SwarmClient *self)
{
  finish (self, SWARM_ENDED, NULL);
  (void) g_string_free (self->answer, TRUE);
  g_free (self);
}

void
swarm_client_watch (SwarmEnd *end, guint32 events)
{
  struct epoll_event event = { .events = events | EPOLLET, .data.ptr = end };

  if (epoll_ctl (end->client->plan->epoll, EPOLL_CTL_ADD, end->fd, &event) != 0)
    g_error ("epoll_ctl: %m");
}

static gboolean
bind_source (const SwarmClient *self, int fd)
{
  SpEndpoint source = { 0 };
  struct sockaddr_storage name;
  socklen_t size;
  guint32 place = self->number / SOURCES_A_NETWORK * 256 + self->number % SOURCES_A_NETWORK;

  if (self->plan->first_source == 0)
    return TRUE;
  sp_address_from_ipv4 (source.address, self->plan->first_source + place);
  size = sp_endpoint_to_sockaddr (&source, AF_INET, &name);
  return bind (fd, (struct sockaddr *) &name, size) == 0;
}

int
swarm_client_open_socket (const SwarmClient *self, int type, guint16 port)
{
  SpEndpoint server = self->plan->server;
  struct sockaddr_storage name;
  socklen_t size;
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  server.port = port;
  size = sp_endpoint_to_sockaddr (&server, AF_INET, &name);
  if (fd < 0 || !bind_source (self, fd) ||
      (connect (fd, (struct sockaddr *) &name, size) != 0 && errno != EINPROGRESS))
    g_error ("client %u: no socket: %m", self->number);
  return fd;
}

void
swarm_client_begin (SwarmClient *self)
{
  gnutls_session_t session = NULL;
  int on = 1;

  g_return_if_fail (self->stream.fd < 0);
  self->began = g_get_monotonic_time ();
  self->connected = self->has_datagrams = self->ponged = 0;
  self->state = SWARM_CONNECTING;
  self->stream.fd = swarm_client_open_socket (self, SOCK_STREAM, self->plan->server.port);
  (void) setsockopt (self->stream.fd, IPPROTO_TCP, TCP_NODELAY, &on,
                     sizeof on); /* as stock ones do */
  if (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0 ||
      gnutls_priority_set (session, self->plan->stream_priority) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, self->plan->credentials) != 0)
    g_error ("client %u: no TLS session", self->number);
  gnutls_transport_set_int (session, self->stream.fd);
  self->stream.session = session;
  swarm_client_watch (&self->stream, EPOLLIN | EPOLLOUT);
}

/* What a client says before its tunnel is up always fits into an empty socket. */
static void
say (SwarmClient *self, char *request)
{
  g_autofree char *words = request;
  gssize size = (gssize) strlen (words);

  (void) g_string_truncate (self->answer, 0);
  if (gnutls_record_send (self->stream.session, words, (gsize) size) != size)
    finish (self, SWARM_ENDED, "a request could not be sent");
}

static void
ask_for_tunnel (SwarmClient *self)
{
  self->state = SWARM_CONNECT;
  say (self, swarm_document_connect (&self->facts, self->plan->datagrams));
}

static void
shake_hands (SwarmClient *self)
{
  int code = gnutls_handshake (self->stream.session);

  if (code == GNUTLS_E_SUCCESS && self->plan->only_shakes)
    {
      self->connected = g_get_monotonic_time ();
      finish (self, SWARM_AWAY, NULL);
    }
  else if (code == GNUTLS_E_SUCCESS && self->facts.cookie[0] != '\0')
    ask_for_tunnel (self);
  else if (code == GNUTLS_E_SUCCESS)
    {
      self->state = SWARM_SIGN_IN;
      say (self, swarm_document_hello ());
    }
  else if (gnutls_error_is_fatal (code))
    finish (self, SWARM_ENDED, "TLS failed");
}

static void
hear_sign_in (SwarmClient *self, guint status)
{
  const SwarmPlan *plan = self->plan;

  if (status == 200 && swarm_document_is_form (self->answer))
    say (self,
         swarm_document_sign_in (&self->facts, self->answer->str,
                                 plan->logins[self->number % plan->n_logins], plan->password));
  else if (status == 200 && self->facts.cookie[0] != '\0')
    {
      self->signed_in = g_get_monotonic_time ();
      ask_for_tunnel (self);
    }
  else
    finish (self, SWARM_ENDED, "the sign-in was refused");
}

static void
hear_answer (SwarmClient *self)
{
  guint status;

  if (!swarm_document_is_whole (self->answer))
    return;
  status = swarm_document_read (self->answer, &self->facts);
  if (self->state == SWARM_SIGN_IN)
    hear_sign_in (self, status);
  else if (status != 200 || self->facts.address == 0)
    finish (self, SWARM_ENDED, status == 401 ? "the cookie was refused" : "no tunnel was given");
  else
    {
      self->state = SWARM_TUNNEL;
      self->connected = self->stream.heard = g_get_monotonic_time ();
      if (self->plan->greets)
        swarm_client_ping (self);
      if (self->plan->datagrams && self->facts.datagram_port != 0)
        swarm_datagram_begin (self);
    }
}

void
swarm_client_send (SwarmEnd *end, guint8 type, const guint8 *payload, gsize length)
{
  guint8 frame[SP_CSTP_HEADER_SIZE + SP_MTU_DEFAULT];
  gsize header = end->is_datagram ? SP_DTLS_HEADER_SIZE : SP_CSTP_HEADER_SIZE;

  g_return_if_fail (length <= SP_MTU_DEFAULT);
  if (end->is_datagram)
    sp_dtls_frame_write_header (frame, type);
  else
    sp_cstp_write_header (frame, type, (guint16) length);
  if (length > 0)
    memcpy (frame + header, payload, length);
  if (end->send != NULL)
    end->send (end->send_data, frame, header + length);
  else /* a full socket loses a packet, as a network does */
    (void) gnutls_record_send (end->session, frame, header + length);
}

void
swarm_client_take (SwarmEnd *end, guint8 type, const guint8 *payload, gsize length)
{
  SwarmClient *self = end->client;

  end->heard = g_get_monotonic_time ();
  if (type == SP_FRAME_DATA && self->plan->packet_cb != NULL)
    self->plan->packet_cb (self, payload, length);
  if (type == SP_FRAME_DPD_REQUEST)
    swarm_client_send (end, SP_FRAME_DPD_RESPONSE, payload, length);
  else if (type == SP_FRAME_DATA &&
           swarm_packet_is_pong (payload, length, self->plan->target, self->facts.address))
    self->ponged = g_get_monotonic_time ();
  else if (type == SP_FRAME_DISCONNECT || type == SP_FRAME_TERMINATE)
    finish (self, SWARM_ENDED, "the server ended the session");
}

static void
hear_record (SwarmClient *self, const guint8 *record, gsize size)
{
  const guint8 *payload;
  gsize length;
  guint8 type;

  if (self->state != SWARM_TUNNEL)
    {
      (void) g_string_append_len (self->answer, (const char *) record, (gssize) size);
      hear_answer (self);
    }
  else if (sp_cstp_read (record, size, &type, &payload, &length) == SP_CSTP_FRAME)
    swarm_client_take (&self->stream, type, payload, length);
}

static void
listen_to_stream (SwarmClient *self)
{
  guint8 record[SP_PACKET_MAX];
  gssize size;

  while (self->stream.session != NULL)
    {
      size = gnutls_record_recv (self->stream.session, record, sizeof record);
      if (size > 0)
        hear_record (self, record, (gsize) size);
      else if (size == GNUTLS_E_AGAIN)
        return;
      else if (size == 0 || gnutls_error_is_fatal ((int) size))
        finish (self, SWARM_ENDED, "the server closed the connection");
    }
}

void
swarm_client_ready (SwarmEnd *end)
{
  SwarmClient *self = end->client;

  if (end->fd < 0)
    return; /* ended by an event before this one */
  if (end->is_datagram)
    {
      swarm_datagram_ready (self);
      return;
    }
  if (self->state == SWARM_CONNECTING)
    self->state = SWARM_HANDSHAKE; /* or the handshake finds out that it failed */
  if (self->state == SWARM_HANDSHAKE)
    shake_hands (self);
  if (self->state > SWARM_HANDSHAKE)
    listen_to_stream (self);
}

static void
probe (SwarmEnd *end)
{
  gint64 now = g_get_monotonic_time ();

  if (now - end->heard < SILENCE)
    return;
  end->heard = now;
  swarm_client_send (end, SP_FRAME_DPD_REQUEST, NULL, 0);
}

void
swarm_client_probe (SwarmClient *self)
{
  if (self->state == SWARM_TUNNEL)
    probe (&self->stream);
  if (self->channel == SWARM_DATAGRAMS)
    probe (&self->datagram);
}

gboolean
swarm_client_is_settled (const SwarmClient *self)
{
  if (self->state != SWARM_TUNNEL)
    return self->state >= SWARM_AWAY;
  return self->channel != SWARM_DATAGRAM_HANDSHAKE && (!self->plan->greets || self->ponged != 0);
}

void
swarm_client_ping (SwarmClient *self)
{
  guint8 packet[SWARM_PING_SIZE];

  if (self->state != SWARM_TUNNEL)
    return;
  swarm_packet_write_ping (packet, self->facts.address, self->plan->target, (guint16) self->number);
  self->ponged = 0;
  self->pinged = g_get_monotonic_time ();
  swarm_client_send (self->channel == SWARM_DATAGRAMS ? &self->datagram : &self->stream,
                     SP_FRAME_DATA, packet, sizeof packet);
}

void
swarm_client_break (SwarmClient *self)
{
  finish (self, SWARM_AWAY, NULL);
}

void
swarm_client_leave (SwarmClient *self)
{
  const guint8 reason = SP_BYE_USER;

  if (self->state == SWARM_TUNNEL)
    swarm_client_send (&self->stream, SP_FRAME_DISCONNECT, &reason, sizeof reason);
  finish (self, SWARM_ENDED, NULL);
}
