/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contender.h"

#include "swarm-packet.h"
#include "base/io.h"
#include "codec/cstp-frame.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define NETWORK_SIZE 256 /* each has a network of its own */

static void
finish (Contender *self)
{
  if (self->state == CONTENDER_OVER)
    return;
  self->state = CONTENDER_OVER;
  self->ended = g_get_monotonic_time ();
  g_clear_pointer (&self->session, gnutls_deinit);
  sp_fd_clear (&self->fd);
}

static int
open_socket (const Contender *self)
{
  const ContenderPlan *plan = self->plan;
  SpEndpoint source = { 0 };
  struct sockaddr_storage name;
  socklen_t size;
  int on = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  sp_address_from_ipv4 (source.address, plan->first_source + self->number * NETWORK_SIZE);
  size = sp_endpoint_to_sockaddr (&source, AF_INET, &name);
  if (fd < 0 || (plan->first_source != 0 && bind (fd, (struct sockaddr *) &name, size) != 0))
    g_error ("contender %u: no socket: %m", self->number);
  size = sp_endpoint_to_sockaddr (&plan->server, AF_INET, &name);
  if (connect (fd, (struct sockaddr *) &name, size) != 0 && errno != EINPROGRESS)
    g_error ("contender %u: no connection: %m", self->number);
  (void) setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Contender *
contender_new (const ContenderPlan *plan, guint number)
{
  Contender *self = g_new0 (Contender, 1);

  self->plan = plan;
  self->number = number;
  self->facts = plan->facts;
  self->answer = g_string_new (NULL);
  self->fd = open_socket (self);
  if (gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0 ||
      gnutls_set_default_priority (self->session) != 0 ||
      gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, plan->credentials) != 0)
    g_error ("contender %u: no TLS session", number);
  gnutls_transport_set_int (self->session, self->fd);
  return self;
}

void
contender_free (Contender *self)
{
  finish (self);
  (void) g_string_free (self->answer, TRUE);
  g_free (self);
}

short
contender_get_events (const Contender *self)
{
  if (self->state != CONTENDER_HANDSHAKE)
    return POLLIN;
  return !self->has_begun || gnutls_record_get_direction (self->session) == 1 ? POLLOUT : POLLIN;
}

static void
note_name (Contender *self)
{
  struct sockaddr_storage name;
  socklen_t size = sizeof name;

  if (getsockname (self->fd, (struct sockaddr *) &name, &size) == 0)
    (void) sp_endpoint_from_sockaddr ((struct sockaddr *) &name, size, &self->local);
}

static void
shake_hands (Contender *self)
{
  int code = gnutls_handshake (self->session);

  self->has_begun = TRUE;
  if (code == GNUTLS_E_SUCCESS)
    {
      note_name (self);
      self->state = CONTENDER_READY;
    }
  else if (gnutls_error_is_fatal (code))
    finish (self);
}

static void
send_frame (Contender *self, guint8 type, const guint8 *payload, gsize length)
{
  guint8 frame[SP_CSTP_HEADER_SIZE + SWARM_PING_SIZE];

  g_return_if_fail (length <= SWARM_PING_SIZE);
  sp_cstp_write_header (frame, type, (guint16) length);
  if (length > 0)
    memcpy (frame + SP_CSTP_HEADER_SIZE, payload, length);
  (void) gnutls_record_send (self->session, frame, SP_CSTP_HEADER_SIZE + length);
}

void
contender_connect (Contender *self)
{
  g_autofree char *request = swarm_document_connect (&self->facts, FALSE);

  if (self->state != CONTENDER_READY)
    return;
  self->asked = g_get_monotonic_time ();
  self->state = CONTENDER_ASKED;
  if (gnutls_record_send (self->session, request, strlen (request)) != (gssize) strlen (request))
    finish (self);
}

void
contender_ask (Contender *self)
{
  guint8 packet[SWARM_PING_SIZE];

  if (self->state != CONTENDER_TUNNEL)
    return;
  self->answers = FALSE;
  if (self->plan->target == 0)
    {
      send_frame (self, SP_FRAME_DPD_REQUEST, NULL, 0);
      return;
    }
  swarm_packet_write_ping (packet, self->facts.address, self->plan->target, (guint16) self->number);
  send_frame (self, SP_FRAME_DATA, packet, sizeof packet);
}

void
contender_leave (Contender *self)
{
  const guint8 reason = SP_BYE_USER;

  if (self->state == CONTENDER_TUNNEL)
    send_frame (self, SP_FRAME_DISCONNECT, &reason, sizeof reason);
  finish (self);
}

static void
copy_text (char *to, const char *from, gsize length)
{
  length = MIN (length, CONTENDER_TEXT_MAX);
  for (gsize i = 0; i < length; i++) /* it becomes a string of JSON */
    to[i] = g_ascii_isprint (from[i]) && from[i] != '"' && from[i] != '\\' ? from[i] : '?';
  to[length] = '\0';
}

static void
take_frame (Contender *self, guint8 type, const guint8 *payload, gsize length)
{
  if (type == SP_FRAME_DPD_REQUEST)
    send_frame (self, SP_FRAME_DPD_RESPONSE, payload, MIN (length, SWARM_PING_SIZE));
  else if (type == SP_FRAME_DPD_RESPONSE)
    self->answers |= self->plan->target == 0;
  else if (type == SP_FRAME_DATA)
    self->answers |=
        swarm_packet_is_pong (payload, length, self->plan->target, self->facts.address);
  else if (type == SP_FRAME_DISCONNECT || type == SP_FRAME_TERMINATE)
    {
      self->was_told = TRUE;
      if (length > 1)
        copy_text (self->goodbye, (const char *) payload + 1, length - 1);
      finish (self);
    }
}

static void
hear_answer (Contender *self)
{
  const char *reason;

  if (!swarm_document_is_whole (self->answer))
    return;
  self->answered = g_get_monotonic_time ();
  self->status = swarm_document_read (self->answer, &self->facts);
  reason = strstr (self->answer->str, "\r\nX-Reason: ");
  if (reason != NULL)
    copy_text (self->reason, strchr (reason, ':') + 2, strcspn (strchr (reason, ':') + 2, "\r"));
  if (self->status == 200)
    self->state = CONTENDER_TUNNEL;
  else
    finish (self);
}

static void
hear_record (Contender *self, const guint8 *record, gsize size)
{
  const guint8 *payload;
  gsize length;
  guint8 type;

  if (self->state == CONTENDER_ASKED)
    {
      (void) g_string_append_len (self->answer, (const char *) record, (gssize) size);
      hear_answer (self);
    }
  else if (sp_cstp_read (record, size, &type, &payload, &length) == SP_CSTP_FRAME)
    take_frame (self, type, payload, length);
}

void
contender_ready (Contender *self)
{
  guint8 record[SP_PACKET_MAX];
  gssize size;

  if (self->state == CONTENDER_HANDSHAKE)
    shake_hands (self);
  while (self->state > CONTENDER_HANDSHAKE && self->state < CONTENDER_OVER)
    {
      size = gnutls_record_recv (self->session, record, sizeof record);
      if (size > 0)
        hear_record (self, record, (gsize) size);
      else if (size == GNUTLS_E_AGAIN)
        return;
      else if (size == 0 || gnutls_error_is_fatal ((int) size))
        finish (self);
    }
}

void
contender_print (const Contender *self)
{
  static const char *const states[] = { "handshake", "ready", "asked", "tunnel", "over" };
  char name[SP_ENDPOINT_TEXT_MAX];

  sp_endpoint_to_text (&self->local, name);
  (void) printf ("{\"number\": %u, \"name\": \"%s\", \"state\": \"%s\", \"status\": %u, "
                 "\"reason\": \"%s\", \"told\": %s, \"goodbye\": \"%s\", \"answers\": %s, "
                 "\"address\": %u, \"asked\": %" G_GINT64_FORMAT ", \"answered\": %" G_GINT64_FORMAT
                 ", \"ended\": %" G_GINT64_FORMAT "}",
                 self->number, name, states[self->state], self->status, self->reason,
                 self->was_told ? "true" : "false", self->goodbye, self->answers ? "true" : "false",
                 self->facts.address, self->asked, self->answered, self->ended);
}
