/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "loopback.h"

#include "codec/frame-type.h"

#include "base/endpoint.h"
#include "base/io.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10
#define PSK_LABEL        "EXPORTER-openconnect-psk"

static void
set_up_session (SpDtlsClient *self, const guint8 *psk)
{
  gnutls_datum_t key = { (guint8 *) psk, SP_PSK_SIZE };
  guint8 app_id[SP_APP_ID_SIZE] = "the id of the attachment";
  gnutls_datum_t id = { app_id, sizeof app_id };

  g_assert_cmpint (gnutls_psk_allocate_client_credentials (&self->credentials), ==, 0);
  g_assert_cmpint (
      gnutls_psk_set_client_credentials (self->credentials, "psk", &key, GNUTLS_PSK_KEY_RAW), ==,
      0);
  g_assert_cmpint (gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK),
                   ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (self->session,
                                               "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK", NULL),
                   ==, 0);
  g_assert_cmpint (gnutls_credentials_set (self->session, GNUTLS_CRD_PSK, self->credentials), ==,
                   0);
  g_assert_cmpint (gnutls_session_set_id (self->session, &id), ==, 0);
  gnutls_dtls_set_mtu (self->session, 1472);
  gnutls_transport_set_int (self->session, self->fd);
}

static ssize_t
push_to_client (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  const SpDtlsClient *self = transport;

  return send (self->server_fd, bytes, size, 0);
}

static gsize
receive_hello (SpDtlsClient *self, guint8 *datagram, gsize room)
{
  gssize size = recv (self->server_fd, datagram, room, 0);

  g_assert_cmpint (size, >, 0);
  return (gsize) size;
}

/* What the door does with hellos. */
static void
exchange_cookie (SpDtlsClient *self, SpCandidate *candidate)
{
  guint8 secret[GNUTLS_COOKIE_KEY_SIZE] = { 1 };
  gnutls_datum_t key = { secret, sizeof secret };
  gnutls_dtls_prestate_st prestate;
  char peer[] = "peer";
  gsize size;

  memset (&prestate, 0, sizeof prestate);
  g_assert_cmpint (gnutls_handshake (self->session), ==, GNUTLS_E_AGAIN);
  size = receive_hello (self, candidate->datagram, sizeof candidate->datagram);
  g_assert_cmpint (
      gnutls_dtls_cookie_verify (&key, peer, sizeof peer, candidate->datagram, size, &prestate), ==,
      GNUTLS_E_BAD_COOKIE);
  g_assert_cmpint (
      gnutls_dtls_cookie_send (&key, peer, sizeof peer, &prestate, self, push_to_client), >, 0);
  g_assert_cmpint (gnutls_handshake (self->session), ==, GNUTLS_E_AGAIN);
  size = receive_hello (self, candidate->datagram, sizeof candidate->datagram);
  g_assert_cmpint (
      gnutls_dtls_cookie_verify (&key, peer, sizeof peer, candidate->datagram, size, &prestate), ==,
      0);
  candidate->datagram_length = (guint16) size;
  memcpy (candidate->prestate, &prestate, sizeof prestate);
  memcpy (self->hello, candidate->datagram, size);
  self->hello_size = size;
}

static SpDtlsClient *
begin (SpVpnClient *client)
{
  SpDtlsClient *self = g_new0 (SpDtlsClient, 1);

  self->worker = client->worker;
  loopback_pair (&self->server_fd, &self->fd);
  return self;
}

static void
hand_over (SpDtlsClient *self, const SpCandidate *candidate)
{
  sp_house_say (self->worker, SP_MESSAGE_CANDIDATE, candidate, self->server_fd);
  sp_fd_clear (&self->server_fd);
}

SpDtlsClient *
sp_dtls_client_new_with_key (SpVpnClient *client,
                             guint32 association,
                             const guint8 psk[SP_PSK_SIZE])
{
  SpDtlsClient *self = begin (client);
  SpCandidate candidate = { .association = association };

  set_up_session (self, psk);
  exchange_cookie (self, &candidate);
  hand_over (self, &candidate);
  return self;
}

SpDtlsClient *
sp_dtls_client_new (SpVpnClient *client, guint32 association)
{
  guint8 psk[SP_PSK_SIZE];

  g_assert_cmpint (gnutls_prf_rfc5705 (client->session, strlen (PSK_LABEL), PSK_LABEL, 0, NULL,
                                       sizeof psk, (char *) psk),
                   ==, 0);
  return sp_dtls_client_new_with_key (client, association, psk);
}

/* As openconnect does it. */
static void
set_up_resumption (SpDtlsClient *self,
                   const SpDtlsSuite *suite,
                   const guint8 *id,
                   const guint8 *master)
{
  gboolean pre_standard = sp_dtls_suite_get_era (suite) == SP_DTLS_ERA_0_9;
  gboolean ecdhe = suite->key_exchange == SP_DTLS_KX_ECDHE_RSA;
  gnutls_datum_t secret = { (guint8 *) master, SP_DTLS_MASTER_SIZE };
  gnutls_datum_t session_id = { (guint8 *) id, SP_APP_ID_SIZE };
  g_autofree char *priority =
      g_strdup_printf ("NONE:+VERS-DTLS%s:+COMP-NULL:+%s:+%s:+%s:+SIGN-ALL:+GROUP-ALL:%%COMPAT",
                       pre_standard ? "0.9" : "1.2", suite->cipher,
                       suite->mac != NULL ? suite->mac : "AEAD", ecdhe ? "ECDHE-RSA" : "RSA");

  g_assert_cmpint (gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK),
                   ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (self->session, priority, NULL), ==, 0);
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&self->no_certificate), ==, 0);
  g_assert_cmpint (
      gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, self->no_certificate), ==, 0);
  g_assert_cmpint (gnutls_session_set_premaster (
                       self->session, GNUTLS_CLIENT, pre_standard ? GNUTLS_DTLS0_9 : GNUTLS_DTLS1_2,
                       ecdhe ? GNUTLS_KX_ECDHE_RSA : GNUTLS_KX_RSA,
                       gnutls_cipher_get_id (suite->cipher),
                       suite->mac != NULL ? gnutls_mac_get_id (suite->mac) : GNUTLS_MAC_AEAD,
                       GNUTLS_COMP_NULL, &secret, &session_id),
                   ==, 0);
  gnutls_dtls_set_mtu (self->session, 1472);
  gnutls_transport_set_int (self->session, self->fd);
}

SpDtlsClient *
sp_dtls_client_new_resuming (SpVpnClient *client,
                             guint32 association,
                             const SpDtlsSuite *suite,
                             const guint8 id[SP_APP_ID_SIZE],
                             const guint8 master[SP_DTLS_MASTER_SIZE])
{
  SpDtlsClient *self = begin (client);
  SpCandidate candidate = { .association = association };

  set_up_resumption (self, suite, id, master);
  g_assert_cmpint (gnutls_handshake (self->session), ==, GNUTLS_E_AGAIN);
  candidate.datagram_length =
      (guint16) receive_hello (self, candidate.datagram, sizeof candidate.datagram);
  hand_over (self, &candidate);
  return self;
}

void
sp_dtls_client_free (SpDtlsClient *self)
{
  gnutls_deinit (self->session);
  if (self->credentials != NULL)
    gnutls_psk_free_client_credentials (self->credentials);
  if (self->no_certificate != NULL)
    gnutls_certificate_free_credentials (self->no_certificate);
  sp_fd_clear (&self->fd);
  g_free (self);
}

int
sp_dtls_client_handshake (SpDtlsClient *self)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  int code;

  while ((code = gnutls_handshake (self->session)) < 0 && !gnutls_error_is_fatal (code))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 2);
    }
  return code;
}

void
sp_dtls_client_send_frame (SpDtlsClient *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 frame[16384];

  frame[0] = type;
  if (size > 0)
    memcpy (frame + 1, payload, size);
  g_assert_cmpint (gnutls_record_send (self->session, frame, size + 1), ==, size + 1);
}

gssize
sp_dtls_client_receive (SpDtlsClient *self, gpointer frame, gsize size)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
  gssize received;

  while ((received = gnutls_record_recv (self->session, frame, size)) == GNUTLS_E_AGAIN)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 2);
    }
  return received;
}

gsize
sp_dtls_client_receive_frame (SpDtlsClient *self, guint8 *ret_type, guint8 *payload)
{
  guint8 frame[16384];
  gssize size = sp_dtls_client_receive (self, frame, sizeof frame);

  g_assert_cmpint (size, >, 0);
  *ret_type = frame[0];
  memcpy (payload, frame + 1, (gsize) size - 1);
  return (gsize) size - 1;
}

void
sp_dtls_client_speak_first (SpDtlsClient *self, guint32 association)
{
  guint8 type;
  guint8 payload[64];

  sp_dtls_client_send_frame (self, SP_FRAME_DPD_REQUEST, "hello", 5);
  g_assert_cmpuint (sp_dtls_client_receive_frame (self, &type, payload), ==, 5);
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_RESPONSE);
  while (self->worker->current_association != association)
    sp_house_turn (self->worker, 10);
}

void
sp_dtls_client_become_current (SpDtlsClient *self, guint32 association)
{
  g_assert_cmpint (sp_dtls_client_handshake (self), ==, 0);
  sp_dtls_client_speak_first (self, association);
}
