/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "swarm-client.h"

#include "base/io.h"
#include "codec/dtls-frame.h"

#include <gnutls/dtls.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define PSK_LABEL            "EXPORTER-openconnect-psk"
#define RETRANSMIT_MS        1000
#define HANDSHAKE_TIMEOUT_MS 12000
#define LINK_PAYLOAD         1472

void
swarm_datagram_end (SwarmClient *self)
{
  g_clear_pointer (&self->datagram.session, gnutls_deinit);
  g_clear_pointer (&self->key, gnutls_psk_free_client_credentials);
  sp_fd_clear (&self->datagram.fd);
  self->channel = SWARM_NO_DATAGRAMS;
}

static gnutls_psk_client_credentials_t
derive_key (SwarmClient *self)
{
  gnutls_psk_client_credentials_t key = NULL;
  guint8 psk[SP_PSK_SIZE];
  gnutls_datum_t bytes = { psk, sizeof psk };

  if (gnutls_prf_rfc5705 (self->stream.session, strlen (PSK_LABEL), PSK_LABEL, 0, NULL, sizeof psk,
                          (char *) psk) != 0 ||
      gnutls_psk_allocate_client_credentials (&key) != 0 ||
      gnutls_psk_set_client_credentials (key, "psk", &bytes, GNUTLS_PSK_KEY_RAW) != 0)
    g_error ("client %u: no key", self->number);
  return key;
}

static int
open_socket (SwarmClient *self)
{
  if (self->plan->open_datagrams != NULL)
    return self->plan->open_datagrams (self);
  return swarm_client_open_socket (self, SOCK_DGRAM, self->facts.datagram_port);
}

void
swarm_datagram_begin (SwarmClient *self)
{
  gnutls_datum_t id = { self->facts.app_id, SP_APP_ID_SIZE };
  gnutls_session_t session = NULL;

  self->key = derive_key (self);
  self->datagram.fd = open_socket (self);
  if (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) != 0 ||
      gnutls_priority_set (session, self->plan->datagram_priority) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_PSK, self->key) != 0 ||
      gnutls_session_set_id (session, &id) != 0)
    g_error ("client %u: no DTLS session", self->number);
  gnutls_dtls_set_mtu (session, LINK_PAYLOAD);
  gnutls_dtls_set_timeouts (session, RETRANSMIT_MS, HANDSHAKE_TIMEOUT_MS);
  gnutls_transport_set_int (session, self->datagram.fd);
  if (self->plan->push_datagram != NULL)
    {
      gnutls_transport_set_push_function (session, self->plan->push_datagram);
      gnutls_transport_set_ptr2 (session, GINT_TO_POINTER (self->datagram.fd), &self->datagram);
    }
  self->datagram.session = session;
  self->channel = SWARM_DATAGRAM_HANDSHAKE;
  swarm_client_watch (&self->datagram, EPOLLIN);
  swarm_datagram_ready (self); /* its hello */
}

static void
shake_hands (SwarmClient *self)
{
  int code = gnutls_handshake (self->datagram.session);

  if (code == GNUTLS_E_SUCCESS)
    {
      self->channel = SWARM_DATAGRAMS;
      self->has_datagrams = self->datagram.heard = g_get_monotonic_time ();
      /* The server believes in the channel when a record came over it. */
      swarm_client_send (&self->datagram, SP_FRAME_DPD_REQUEST, NULL, 0);
    }
  else if (gnutls_error_is_fatal (code))
    swarm_datagram_end (self);
}

void
swarm_datagram_ready (SwarmClient *self)
{
  guint8 record[SP_PACKET_MAX];
  const guint8 *payload;
  gsize length;
  gssize size;
  guint8 type;

  if (self->channel == SWARM_DATAGRAM_HANDSHAKE)
    shake_hands (self);
  while (self->channel == SWARM_DATAGRAMS)
    {
      size = gnutls_record_recv (self->datagram.session, record, sizeof record);
      if (size == GNUTLS_E_AGAIN)
        return;
      if (size == 0 || (size < 0 && gnutls_error_is_fatal ((int) size)))
        swarm_datagram_end (self);
      else if (size > 0 && sp_dtls_frame_read (record, (gsize) size, &type, &payload, &length))
        swarm_client_take (&self->datagram, type, payload, length);
    }
}

void
swarm_client_tick (SwarmClient *self)
{
  /* The first may have come before the server's routes. */
  if (self->plan->greets && self->state == SWARM_TUNNEL && self->ponged == 0 &&
      g_get_monotonic_time () - self->pinged > G_USEC_PER_SEC)
    swarm_client_ping (self);
  if (self->channel == SWARM_DATAGRAM_HANDSHAKE &&
      gnutls_dtls_get_timeout (self->datagram.session) == 0)
    swarm_datagram_ready (self);
}
