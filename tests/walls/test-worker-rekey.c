/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loopback.h"
#include "vpn-client.h"

#include "base/io.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>
#include <sys/socket.h>

/* Keys are renewed under a running tunnel, and every packet still arrives. */

#define OFFERS_PSK "X-DTLS-CipherSuite: PSK-NEGOTIATE:AES256-SHA\r\n"

typedef struct
{
  const char *priority;
  guint32 rekey;
  gboolean ssl;
} Plan;

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  char *answer;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const Plan *plan = data;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->worker->grant.rekey = plan->rekey;
  self->worker->grant.rekey_ssl = plan->ssl;
  self->client = sp_vpn_client_new (self->worker, plan->priority);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  self->answer = sp_vpn_client_connect (self->client, OFFERS_PSK);
  g_assert_true (g_str_has_prefix (self->answer, "HTTP/1.1 200 "));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->answer);
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static void
expect_line (const Fixture *self, const char *line)
{
  g_autofree char *whole = g_strdup_printf ("\r\n%s\r\n", line);

  g_assert_nonnull (strstr (self->answer, whole));
}

/* The next frame of that type, after questions whether we are there. */
static void
expect_at_client (Fixture *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size;

  do
    received_size = sp_vpn_client_receive_frame (self->client, &received_type, received);
  while (type != SP_FRAME_DPD_REQUEST && received_type == SP_FRAME_DPD_REQUEST);
  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

/* One packet each way. */
static void
exchange (Fixture *self)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 100);

  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);
  sp_house_put_packet (self->worker, packet, size);
  expect_at_client (self, SP_FRAME_DATA, packet, size);
}

static guint n_updates;

static int
count_update (gnutls_session_t session,
              unsigned int type,
              unsigned int when,
              unsigned int incoming,
              const gnutls_datum_t *body)
{
  if (incoming)
    n_updates++;
  return 0;
}

static void
watch_updates (Fixture *self)
{
  n_updates = 0;
  gnutls_handshake_set_hook_function (self->client->session, GNUTLS_HANDSHAKE_KEY_UPDATE,
                                      GNUTLS_HOOK_POST, count_update);
}

static const Plan tls13 = { SP_CLIENT_TLS13, 1, TRUE };

static void
test_server_updates (Fixture *self, gconstpointer data)
{
  expect_line (self, "X-CSTP-Rekey-Time: 31536000");
  expect_line (self, "X-CSTP-Rekey-Method: ssl");
  watch_updates (self);
  for (guint i = 1; i <= 3; i++)
    {
      expect_at_client (self, SP_FRAME_DPD_REQUEST, NULL, 0);
      g_assert_cmpuint (n_updates, ==, i);
      sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_RESPONSE, NULL, 0);
      exchange (self);
    }
}

/* A client that says nothing is not asked again and again, and still gets new keys. */
static void
test_client_does_not_answer (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);

  watch_updates (self);
  expect_at_client (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  g_assert_cmpuint (n_updates, ==, 1);
  while (n_updates < 3)
    {
      sp_house_put_packet (self->worker, packet, size);
      expect_at_client (self, SP_FRAME_DATA, packet, size);
      g_usleep (100 * 1000);
    }
  exchange (self);
}

static const Plan tls13_slow = { SP_CLIENT_TLS13, 172800, TRUE };

/* GnuTLS calls it a handshake. */
static void
test_client_updates (Fixture *self, gconstpointer data)
{
  watch_updates (self);
  for (guint i = 1; i <= 5; i++)
    {
      g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
      exchange (self);
      g_assert_cmpuint (n_updates, ==, i);
    }
}

static const Plan new_tunnel = { SP_CLIENT_TLS13, 1, FALSE };

static void
test_new_tunnel (Fixture *self, gconstpointer data)
{
  expect_line (self, "X-CSTP-Rekey-Time: 1");
  expect_line (self, "X-CSTP-Rekey-Method: new-tunnel");
  watch_updates (self);
  g_assert_false (sp_vpn_client_has_input (self->client, 1500));
  g_assert_cmpuint (n_updates, ==, 0);
  exchange (self);
}

static const Plan tls12 = { SP_CLIENT_TLS12, 1, TRUE };
static const Plan tls12_slow = { SP_CLIENT_TLS12, 172800, TRUE };
static const Plan tls12_new_tunnel = { SP_CLIENT_TLS12, 1, FALSE };

/* Half a period, before which no renegotiation is served. */
static void
wait_for_turn (Fixture *self)
{
  gint64 until = g_get_monotonic_time () + 600 * 1000;

  while (g_get_monotonic_time () < until)
    sp_house_turn (self->worker, 20);
}

/* Our hello is out and the worker's first flight is here, but not taken. */
static void
begin_renegotiation (Fixture *self)
{
  g_assert_cmpint (gnutls_handshake (self->client->session), ==, GNUTLS_E_AGAIN);
  g_assert_true (sp_vpn_client_has_input (self->client, 5000));
}

static void
test_renegotiation (Fixture *self, gconstpointer data)
{
  expect_line (self, "X-CSTP-Rekey-Time: 1");
  expect_line (self, "X-CSTP-Rekey-Method: ssl");
  for (guint i = 1; i <= 3; i++)
    {
      wait_for_turn (self);
      g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
      g_assert_cmpuint (self->worker->n_renewal_signatures, ==, i);
      exchange (self);
    }
  g_assert_cmpuint (self->worker->n_digest_signatures, ==, 1);
}

/* What waits for the client meanwhile comes afterwards: in the middle it would end GnuTLS. */
static void
test_packets_wait (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 900);

  wait_for_turn (self);
  begin_renegotiation (self);
  for (guint32 i = 0; i < 50; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_house_put_packet (self->worker, packet, size);
      sp_house_turn (self->worker, 1);
    }
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  for (guint32 i = 0; i < 50; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      expect_at_client (self, SP_FRAME_DATA, packet, size);
    }
}

/* What the client sends between its hello and its Finished is carried like everything else. */
static void
test_client_goes_on (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 900);

  wait_for_turn (self);
  g_assert_cmpint (gnutls_handshake (self->client->session), ==, GNUTLS_E_AGAIN);
  /* The answer would end us. */
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, NULL, 0);
  for (guint32 i = 0; i < 50; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
    }
  for (guint32 i = 0; i < 50; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_house_expect_packet (self->worker, packet, size);
    }
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  exchange (self);
}

/* A hello that offers TLS 1.3 now breaks GnuTLS's server, unless TLS 1.3 is off by then. */
static void
test_stays_tls12 (Fixture *self, gconstpointer data)
{
  wait_for_turn (self);
  g_assert_cmpint (gnutls_priority_set_direct (self->client->session, "NORMAL", NULL), ==, 0);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  g_assert_cmpint (gnutls_protocol_get_version (self->client->session), ==, GNUTLS_TLS1_2);
  exchange (self);
}

static void
expect_left (Fixture *self, SpLeft how)
{
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (self->worker->left.how, ==, how);
}

/* Told so by the end of the connection: an alert would leave GnuTLS's client waiting. */
static void
test_out_of_turn (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  expect_left (self, SP_LEFT_GARBAGE);
  g_assert_cmpuint (self->worker->n_renewal_signatures, ==, 0);
}

static void
test_refused_signature (Fixture *self, gconstpointer data)
{
  wait_for_turn (self);
  self->worker->refuses_to_sign = TRUE;
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  expect_left (self, SP_LEFT_NO_KEYHOLDER);
  g_assert_cmpuint (self->worker->n_renewal_signatures, ==, 1);
}

static void
test_dead_keyholder (Fixture *self, gconstpointer data)
{
  wait_for_turn (self);
  sp_fd_clear (&self->worker->keyholder_wall);
  exchange (self);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  expect_left (self, SP_LEFT_NO_KEYHOLDER);
}

/* Somebody who has not signed in gets his one signature. */
static void
test_before_sign_in (Fixture *self, gconstpointer data)
{
  g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
  g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS12);

  g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
  g_assert_cmpint (sp_vpn_client_handshake (client), <, 0);
  (void) shutdown (client->fd, SHUT_RDWR);
  sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (worker->n_digest_signatures + worker->n_renewal_signatures, ==, 1);
}

/* A hello and no more: packets do not wait for ever. */
static void
test_unfinished (Fixture *self, gconstpointer data)
{
  gint64 until = g_get_monotonic_time () + 8 * G_USEC_PER_SEC;

  wait_for_turn (self);
  begin_renegotiation (self);
  while (g_get_monotonic_time () < until)
    sp_house_turn (self->worker, 100);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CLIENT_LEFT], ==, 0);
  expect_left (self, SP_LEFT_GARBAGE);
}

static void
test_record_too_long (Fixture *self, gconstpointer data)
{
  static const guint8 header[] = { 22, 3, 3, 0xff, 0xff, 1, 2, 3 };

  wait_for_turn (self);
  begin_renegotiation (self);
  g_assert_cmpint (send (self->client->fd, header, sizeof header, 0), ==, sizeof header);
  expect_left (self, SP_LEFT_GARBAGE);
}

/* The key of datagrams is made from the stream as it is now, by stock clients. */
static void
test_key_of_datagrams (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams;

  wait_for_turn (self);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  exchange (self);
  datagrams = sp_dtls_client_new (self->client, 7);
  g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
  sp_dtls_client_send_frame (datagrams, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 1);
  sp_dtls_client_free (datagrams);
}

static SpDtlsClient *
open_datagrams (Fixture *self)
{
  SpDtlsClient *datagrams = sp_dtls_client_new (self->client, 7);

  g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
  sp_dtls_client_send_frame (datagrams, SP_FRAME_KEEPALIVE, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 1);
  return datagrams;
}

static void
expect_datagram (SpDtlsClient *datagrams, const guint8 *packet, gsize size)
{
  guint8 received[16384];
  guint8 type;
  gsize received_size;

  do
    received_size = sp_dtls_client_receive_frame (datagrams, &type, received);
  while (type == SP_FRAME_DPD_REQUEST);
  g_assert_cmpuint (type, ==, SP_FRAME_DATA);
  g_assert_cmpmem (received, received_size, packet, size);
}

/* One packet each way, both by datagrams. */
static void
exchange_datagrams (Fixture *self, SpDtlsClient *datagrams)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 100);

  sp_dtls_client_send_frame (datagrams, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);
  sp_house_put_packet (self->worker, packet, size);
  expect_datagram (datagrams, packet, size);
}

static const Plan datagrams_only = { SP_CLIENT_TLS13, 2, TRUE };
static const Plan datagrams_slow = { SP_CLIENT_TLS13, 172800, TRUE };

static void
wait_for_datagram_turn (Fixture *self)
{
  wait_for_turn (self);
  wait_for_turn (self);
}

static void
test_datagram_renegotiation (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams = open_datagrams (self);

  expect_line (self, "X-DTLS-Rekey-Time: 3");
  expect_line (self, "X-DTLS-Rekey-Method: ssl");
  for (guint i = 0; i < 3; i++)
    {
      exchange_datagrams (self, datagrams);
      wait_for_datagram_turn (self);
      g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
    }
  exchange_datagrams (self, datagrams);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED], ==, 0);
  sp_dtls_client_free (datagrams);
}

/* What it says goes out, and nothing comes in: a worker that is fast, or a client that is slow,
 * would have the whole handshake done in this call. */
static void
say_without_hearing (SpDtlsClient *datagrams)
{
  sp_autofd int nobody = -1;
  sp_autofd int silence = -1;

  loopback_pair (&nobody, &silence);
  gnutls_transport_set_int2 (datagrams->session, silence, datagrams->fd);
  g_assert_cmpint (gnutls_handshake (datagrams->session), ==, GNUTLS_E_AGAIN);
  gnutls_transport_set_int (datagrams->session, datagrams->fd);
}

/* Meanwhile what is for the client goes over the stream, and what it sends arrives. */
static void
test_datagram_detour (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams = open_datagrams (self);
  guint8 packet[2048];
  gsize size;

  wait_for_datagram_turn (self);
  say_without_hearing (datagrams);
  g_assert_true (sp_dtls_client_has_input (datagrams, 5000));
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);
  for (guint i = 0; i < 20; i++)
    {
      sp_house_put_packet (self->worker, packet, size);
      expect_at_client (self, SP_FRAME_DATA, packet, size);
    }
  size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 100);
  for (guint i = 0; i < 20; i++)
    {
      sp_dtls_client_send_frame (datagrams, SP_FRAME_DATA, packet, size);
      sp_house_expect_packet (self->worker, packet, size);
    }
  g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
  exchange_datagrams (self, datagrams);
  sp_dtls_client_free (datagrams);
}

static void
forget_input (SpDtlsClient *datagrams)
{
  guint8 bytes[2048];

  while (recv (datagrams->fd, bytes, sizeof bytes, 0) >= 0)
    ;
}

/* Either flight of the worker is lost, and comes again. */
static void
test_datagram_flights_lost (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams = open_datagrams (self);

  gnutls_dtls_set_timeouts (datagrams->session, 200, 60000);
  wait_for_datagram_turn (self);
  for (guint i = 0; i < 2; i++)
    {
      say_without_hearing (datagrams);
      g_assert_true (sp_dtls_client_has_input (datagrams, 5000));
      forget_input (datagrams);
    }
  g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
  exchange_datagrams (self, datagrams);
  sp_dtls_client_free (datagrams);
}

/* Refused, and nothing is lost. */
static void
test_datagram_too_soon (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams = open_datagrams (self);
  int code;

  /* The worker may have answered before the first call is over. */
  while ((code = gnutls_handshake (datagrams->session)) == GNUTLS_E_AGAIN)
    g_assert_true (sp_dtls_client_has_input (datagrams, 5000));
  g_assert_cmpint (code, ==, GNUTLS_E_WARNING_ALERT_RECEIVED);
  g_assert_cmpint (gnutls_alert_get (datagrams->session), ==, GNUTLS_A_NO_RENEGOTIATION);
  exchange_datagrams (self, datagrams);
  sp_dtls_client_free (datagrams);
}

/* A hello and no more: only the datagram channel ends. */
static void
test_datagram_unfinished (Fixture *self, gconstpointer data)
{
  SpDtlsClient *datagrams = open_datagrams (self);
  gint64 until;

  wait_for_datagram_turn (self);
  say_without_hearing (datagrams);
  until = g_get_monotonic_time () + 12 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < until)
    sp_house_turn (self->worker, 100);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED], ==, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  exchange (self);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CLIENT_LEFT], ==, 0);
  sp_dtls_client_free (datagrams);
}

/* Records that do not authenticate or tile do not disturb it. */
static void
test_datagram_noise (Fixture *self, gconstpointer data)
{
  static const guint8 forged[] = { 22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 99, 0, 3, 1, 2, 3 };
  static const guint8 alert[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40 };
  SpDtlsClient *datagrams = open_datagrams (self);

  wait_for_datagram_turn (self);
  say_without_hearing (datagrams);
  for (gsize i = 0; i <= sizeof forged; i++)
    {
      g_assert_cmpint (send (datagrams->fd, forged, i, 0), ==, i);
      g_assert_cmpint (send (datagrams->fd, alert, MIN (i, sizeof alert), 0), >=, 0);
      sp_house_turn (self->worker, 1);
    }
  g_assert_cmpint (sp_dtls_client_handshake (datagrams), ==, 0);
  exchange_datagrams (self, datagrams);
  sp_dtls_client_free (datagrams);
}

static void
add (const char *path, const Plan *plan, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, plan, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  add ("/worker-rekey/tls13/server-updates", &tls13, test_server_updates);
  add ("/worker-rekey/tls13/client-does-not-answer", &tls13, test_client_does_not_answer);
  add ("/worker-rekey/tls13/client-updates", &tls13_slow, test_client_updates);
  add ("/worker-rekey/tls12/renegotiation", &tls12, test_renegotiation);
  add ("/worker-rekey/tls12/packets-wait", &tls12, test_packets_wait);
  add ("/worker-rekey/tls12/client-goes-on", &tls12, test_client_goes_on);
  add ("/worker-rekey/tls12/stays-tls12", &tls12, test_stays_tls12);
  add ("/worker-rekey/tls12/too-soon", &tls12_slow, test_out_of_turn);
  add ("/worker-rekey/tls12/not-agreed", &tls12_new_tunnel, test_out_of_turn);
  add ("/worker-rekey/tls12/refused-signature", &tls12, test_refused_signature);
  add ("/worker-rekey/tls12/dead-keyholder", &tls12, test_dead_keyholder);
  add ("/worker-rekey/tls12/before-sign-in", &tls12, test_before_sign_in);
  add ("/worker-rekey/tls12/unfinished", &tls12, test_unfinished);
  add ("/worker-rekey/tls12/record-too-long", &tls12, test_record_too_long);
  add ("/worker-rekey/tls12/key-of-datagrams", &tls12, test_key_of_datagrams);
  add ("/worker-rekey/datagrams/renegotiation", &datagrams_only, test_datagram_renegotiation);
  add ("/worker-rekey/datagrams/detour", &datagrams_only, test_datagram_detour);
  add ("/worker-rekey/datagrams/flights-lost", &datagrams_only, test_datagram_flights_lost);
  add ("/worker-rekey/datagrams/too-soon", &datagrams_slow, test_datagram_too_soon);
  add ("/worker-rekey/datagrams/not-agreed", &new_tunnel, test_datagram_too_soon);
  add ("/worker-rekey/datagrams/unfinished", &datagrams_only, test_datagram_unfinished);
  add ("/worker-rekey/datagrams/noise", &datagrams_only, test_datagram_noise);
  add ("/worker-rekey/new-tunnel", &new_tunnel, test_new_tunnel);
  return g_test_run ();
}
