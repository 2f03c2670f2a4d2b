/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>
#include <sys/socket.h>

/* The datagram channel: candidates, change-over, fallback and return, hostile datagrams. */

#define HEADER_SIZE 12
#define OFFERS_PSK  "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"
#define MTU         1434

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  SpDtlsClient *dtls; /* association 1, current unless a test says otherwise */
} Fixture;

/* The first record after the handshake. */
static void
speak_first (SpDtlsClient *dtls, guint32 association)
{
  guint8 type;
  guint8 payload[64];

  sp_dtls_client_send_frame (dtls, SP_FRAME_DPD_REQUEST, "hello", 5);
  g_assert_cmpuint (sp_dtls_client_receive_frame (dtls, &type, payload), ==, 5);
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_RESPONSE);
  while (dtls->worker->current_association != association)
    sp_house_turn (dtls->worker, 10);
}

static void
become_current (SpDtlsClient *dtls, guint32 association)
{
  g_assert_cmpint (sp_dtls_client_handshake (dtls), ==, 0);
  speak_first (dtls, association);
}

static void
set_up_stream (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer = NULL;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, priority != NULL ? priority : SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  answer = sp_vpn_client_connect (self->client, OFFERS_PSK);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  self->dtls = sp_dtls_client_new (self->client, 1);
}

static void
set_up (Fixture *self, gconstpointer priority)
{
  set_up_stream (self, priority);
  become_current (self->dtls, 1);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_dtls_client_free (self->dtls);
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static void
put_into_tun (Fixture *self, const guint8 *packet, gsize size)
{
  guint8 bytes[HEADER_SIZE + 2048] = { 0 };

  memcpy (bytes + HEADER_SIZE, packet, size);
  while (send (self->worker->tun, bytes, HEADER_SIZE + size, 0) < 0)
    {
      g_assert_cmpint (errno, ==, EAGAIN);
      sp_house_turn (self->worker, 1);
    }
}

static void
expect_from_tun (Fixture *self, const guint8 *packet, gsize size)
{
  guint8 bytes[HEADER_SIZE + 2048];
  gssize got;

  while ((got = recv (self->worker->tun, bytes, sizeof bytes, 0)) < 0 && errno == EAGAIN)
    sp_house_turn (self->worker, 5);
  g_assert_cmpint (got, >, HEADER_SIZE);
  g_assert_cmpmem (bytes + HEADER_SIZE, got - HEADER_SIZE, packet, size);
}

static void
expect_by_datagram (SpDtlsClient *dtls, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size = sp_dtls_client_receive_frame (dtls, &received_type, received);

  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

static void
expect_by_stream (Fixture *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size = sp_vpn_client_receive_frame (self->client, &received_type, received);

  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

/* A packet each way by the datagram channel. */
static void
exchange (Fixture *self, SpDtlsClient *dtls)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 500);

  sp_dtls_client_send_frame (dtls, SP_FRAME_DATA, packet, size);
  expect_from_tun (self, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);
  put_into_tun (self, packet, size);
  expect_by_datagram (dtls, SP_FRAME_DATA, packet, size);
}

static void
await_report (Fixture *self)
{
  sp_house_await (self->worker, SP_MESSAGE_REPORT, self->worker->heard[SP_MESSAGE_REPORT] + 1);
}

static void
test_packets (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (gnutls_protocol_get_version (self->dtls->session), ==, GNUTLS_DTLS1_2);
  exchange (self, self->dtls);
  while (self->worker->report.tx_packets < 1)
    await_report (self);
  g_assert_cmpuint (self->worker->report.transport, ==, SP_TRANSPORT_DTLS);
  g_assert_true (g_str_has_prefix ((const char *) self->worker->report.cipher, "DTLS1.2 "));
}

/* Nothing goes to a candidate before it has spoken. */
static void
test_silent_candidate (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);

  g_assert_cmpint (sp_dtls_client_handshake (self->dtls), ==, 0);
  put_into_tun (self, packet, size);
  expect_by_stream (self, SP_FRAME_DATA, packet, size);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 0);
  speak_first (self->dtls, 1);
  exchange (self, self->dtls);
}

/* Byte by byte, up to a full packet: clients find the MTU by it. */
static void
test_padded_probe (Fixture *self, gconstpointer data)
{
  guint8 payload[MTU];

  for (gsize i = 0; i < sizeof payload; i++)
    payload[i] = (guint8) (i * 13);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_REQUEST, payload, sizeof payload);
  expect_by_datagram (self->dtls, SP_FRAME_DPD_RESPONSE, payload, sizeof payload);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_KEEPALIVE, NULL, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_REQUEST, payload, 4);
  expect_by_datagram (self->dtls, SP_FRAME_DPD_RESPONSE, payload, 4);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_MTU_CHANGED], ==, 0);
}

static void
test_too_big (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 1472);

  put_into_tun (self, packet, size);
  expect_by_stream (self, SP_FRAME_DATA, packet, size);
  exchange (self, self->dtls);
}

static void
test_fallback_and_return (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 10);

  exchange (self, self->dtls);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  expect_from_tun (self, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 20);
  put_into_tun (self, packet, size);
  expect_by_stream (self, SP_FRAME_DATA, packet, size);
  while (self->worker->report.transport != SP_TRANSPORT_TLS)
    await_report (self);
  exchange (self, self->dtls);
  while (self->worker->report.transport != SP_TRANSPORT_DTLS)
    await_report (self);
}

static void
test_second_channel (Fixture *self, gconstpointer data)
{
  g_autoptr (SpDtlsClient) second = sp_dtls_client_new (self->client, 2);
  guint8 byte;

  exchange (self, self->dtls);
  g_assert_cmpint (sp_dtls_client_handshake (second), ==, 0);
  exchange (self, self->dtls);
  speak_first (second, 2);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
  g_assert_cmpint (sp_dtls_client_receive (self->dtls, &byte, 1), ==, 0); /* close_notify */
  exchange (self, second);
}

static void
test_newest_candidate (Fixture *self, gconstpointer data)
{
  g_autoptr (SpDtlsClient) second = sp_dtls_client_new (self->client, 2);

  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
  become_current (second, 2);
  exchange (self, second);
}

/* A candidate that has shown its key stays, whoever says hello meanwhile. */
static void
test_finished_candidate (Fixture *self, gconstpointer data)
{
  g_autoptr (SpDtlsClient) second = NULL;

  g_assert_cmpint (sp_dtls_client_handshake (self->dtls), ==, 0);
  second = sp_dtls_client_new (self->client, 2);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 2);
  speak_first (self->dtls, 1);
  exchange (self, self->dtls);
}

static const struct
{
  const char *bytes;
  gsize size;
  SpDrop cause;
} hostile[] = {
  { "", 0, SP_DROP_DATAGRAM },
  { "\x17", 1, SP_DROP_DATAGRAM },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0", 12, SP_DROP_DATAGRAM },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x40", 13, SP_DROP_DATAGRAM },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\0", 13, SP_DROP_DATAGRAM },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\1xy", 15, SP_DROP_DATAGRAM },
  { "\x99\xfe\xfd\0\1\0\0\0\0\0\1\0\1x", 14, SP_DROP_DATAGRAM },
  { "\x17\xfe\xfd\0\1\0\0\0\0\x55\x66\0\x20"
    "abcdefghijklmnopqrstuvwxyz012345",
    45, SP_DROP_RECORD },
  { "\x15\xfe\xfd\0\0\0\0\0\0\x55\x67\0\2\2\x28", 15, SP_DROP_RECORD },
  { "\x15\xfe\xfd\0\0\0\0\0\0\x55\x68\0\2\1\0", 15, SP_DROP_RECORD },
};

static void
test_hostile (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      guint before = sp_house_get_drops (self->worker, hostile[i].cause);

      g_test_message ("%u", i);
      g_assert_cmpint (send (self->dtls->fd, hostile[i].bytes, hostile[i].size, 0), ==,
                       hostile[i].size);
      exchange (self, self->dtls);
      while (sp_house_get_drops (self->worker, hostile[i].cause) == before)
        await_report (self);
      g_assert_cmpuint (sp_house_get_drops (self->worker, hostile[i].cause), ==, before + 1);
    }
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED], ==, 0);
}

/* Also while the handshake runs. */
static void
test_hostile_handshake (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    g_assert_cmpint (send (self->dtls->fd, hostile[i].bytes, hostile[i].size, 0), ==,
                     hostile[i].size);
  become_current (self->dtls, 1);
  exchange (self, self->dtls);
}

/* A second hello on the same association: clients use a new port for that. */
static void
test_hello_amid (Fixture *self, gconstpointer data)
{
  gnutls_session_t session;

  g_assert_cmpint (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK), ==,
                   0);
  g_assert_cmpint (
      gnutls_priority_set_direct (session, "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK", NULL), ==,
      0);
  gnutls_credentials_set (session, GNUTLS_CRD_PSK, self->dtls->credentials);
  gnutls_transport_set_int (session, self->dtls->fd);
  g_assert_cmpint (gnutls_handshake (session), ==, GNUTLS_E_AGAIN);
  exchange (self, self->dtls);
  gnutls_deinit (session);
}

static void
test_no_hello (Fixture *self, gconstpointer data)
{
  SpCandidate candidate = { .association = 7, .datagram_length = 3, .datagram = "abc" };
  sp_autofd int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  sp_house_say (self->worker, SP_MESSAGE_CANDIDATE, &candidate, fd);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 7);
  exchange (self, self->dtls);
}

static void
test_client_ends_channel (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 20);

  g_assert_cmpint (gnutls_bye (self->dtls->session, GNUTLS_SHUT_WR), ==, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  put_into_tun (self, packet, size);
  expect_by_stream (self, SP_FRAME_DATA, packet, size);
}

static gsize
make_numbered_packet (guint8 *packet, guint32 number)
{
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", number % 7 == 0 ? 300 : 1200);

  memcpy (packet + 28, &number, sizeof number);
  return size;
}

/* Sizes that change within a batch, and no more at a time than the client's socket holds. */
static void
test_burst (Fixture *self, gconstpointer data)
{
  enum
  {
    ROUNDS = 4,
    PACKETS = 40
  };
  guint8 packet[2048];

  for (guint32 round = 0; round < ROUNDS; round++)
    {
      for (guint32 i = 0; i < PACKETS; i++)
        put_into_tun (self, packet, make_numbered_packet (packet, round * PACKETS + i));
      for (guint32 i = 0; i < PACKETS; i++)
        {
          gsize size = make_numbered_packet (packet, round * PACKETS + i);

          expect_by_datagram (self->dtls, SP_FRAME_DATA, packet, size);
        }
    }
}

static void
test_upload_burst (Fixture *self, gconstpointer data)
{
  enum
  {
    PACKETS = 40
  };
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 1200);

  for (guint32 i = 0; i < PACKETS; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_dtls_client_send_frame (self->dtls, SP_FRAME_DATA, packet, size);
    }
  for (guint32 i = 0; i < PACKETS; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      expect_from_tun (self, packet, size);
    }
}

static void
test_wrong_source (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.9", "10.5.0.1", 10);

  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DATA, packet, size);
  exchange (self, self->dtls);
  while (self->worker->report.rx_packets < 1)
    await_report (self);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_SOURCE), ==, 1);
}

/* The end of the stream takes the datagram channel with it, and says so. */
static void
test_stop (Fixture *self, gconstpointer data)
{
  const SpStop message = { .how = SP_STOP_DISCONNECT };
  guint8 byte;

  sp_house_say (self->worker, SP_MESSAGE_STOP, &message, -1);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpint (sp_dtls_client_receive (self->dtls, &byte, 1), ==, 0);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (self->worker->last_heard, ==, SP_MESSAGE_CLIENT_LEFT);
}

#define ADD(name, set_up_, data_, test_)                                                           \
  g_test_add ("/datagrams/" name, Fixture, data_, set_up_, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("packets-tls13", set_up, NULL, test_packets);
  ADD ("packets-tls12", set_up, SP_CLIENT_TLS12, test_packets);
  ADD ("silent-candidate", set_up_stream, NULL, test_silent_candidate);
  ADD ("padded-probe", set_up, NULL, test_padded_probe);
  ADD ("too-big", set_up, NULL, test_too_big);
  ADD ("fallback-and-return", set_up, NULL, test_fallback_and_return);
  ADD ("second-channel", set_up, NULL, test_second_channel);
  ADD ("newest-candidate", set_up_stream, NULL, test_newest_candidate);
  ADD ("finished-candidate", set_up_stream, NULL, test_finished_candidate);
  ADD ("hostile", set_up, NULL, test_hostile);
  ADD ("hostile-handshake", set_up_stream, NULL, test_hostile_handshake);
  ADD ("hello-amid", set_up, NULL, test_hello_amid);
  ADD ("no-hello", set_up, NULL, test_no_hello);
  ADD ("client-ends-channel", set_up, NULL, test_client_ends_channel);
  ADD ("burst", set_up, NULL, test_burst);
  ADD ("upload-burst", set_up, NULL, test_upload_burst);
  ADD ("wrong-source", set_up, NULL, test_wrong_source);
  ADD ("stop", set_up, NULL, test_stop);
  return g_test_run ();
}
