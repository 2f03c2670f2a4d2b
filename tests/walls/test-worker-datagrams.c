/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/checksum.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The datagram channel: candidates, change-over, fallback and return, hostile datagrams. */

#define OFFERS_PSK "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"
#define MTU        1434

#define HEADER_SIZE     12 /* virtio_net_hdr */
#define UDP_OFFSET      20
#define CHECKSUM_OFFSET 6
#define HEADERS_SIZE    28
#define SUPER_MAX       8192

/* RFC 6347 4.1, RFC 5246 6.2.1 */
#define RECORD_HEADER           13
#define RECORD_LENGTH           11
#define TYPE_CHANGE_CIPHER_SPEC 20
#define TYPE_HANDSHAKE          22

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  SpDtlsClient *dtls; /* association 1, current unless a test says otherwise */
} Fixture;

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
  sp_dtls_client_become_current (self->dtls, 1);
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
expect_by_datagram (SpDtlsClient *dtls, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size = sp_dtls_client_receive_frame (dtls, &received_type, received);

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
  sp_house_expect_packet (self->worker, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);
  sp_house_put_packet (self->worker, packet, size);
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
  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 0);
  sp_dtls_client_speak_first (self->dtls, 1);
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

  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
  exchange (self, self->dtls);
}

static void
fill (guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 31 + i / 256);
}

/* A run of UDP packets as the kernel leaves it together: `segment` bytes of payload each. */
static void
put_super (Fixture *self, const guint8 *packet, gsize size, guint16 segment)
{
  guint8 bytes[HEADER_SIZE + SUPER_MAX] = { [0] = 1,
                                            [1] = 5,
                                            [4] = (guint8) segment,
                                            [5] = (guint8) (segment >> 8),
                                            [6] = UDP_OFFSET,
                                            [8] = CHECKSUM_OFFSET };
  guint8 *udp = bytes + HEADER_SIZE + UDP_OFFSET;
  guint16 sum;

  memcpy (bytes + HEADER_SIZE, packet, size);
  sum = sp_checksum_fold (
      sp_checksum_pseudo_header (packet, IPPROTO_UDP, (guint32) size - UDP_OFFSET));
  memcpy (udp + CHECKSUM_OFFSET, &sum, sizeof sum);
  g_assert_cmpint (send (self->worker->tun, bytes, HEADER_SIZE + size, 0), ==,
                   (gssize) (HEADER_SIZE + size));
}

/* `whole` is the packet that was divided, of which `done` bytes of payload were before this. */
static void
check_segment (const guint8 *piece, gsize size, const guint8 *whole, gsize done, gsize payload)
{
  guint32 length = (guint32) size - UDP_OFFSET;
  guint64 pseudo = sp_checksum_pseudo_header (piece, IPPROTO_UDP, length);

  g_assert_cmpuint (size, ==, HEADERS_SIZE + payload);
  g_assert_cmpmem (piece + HEADERS_SIZE, payload, whole + HEADERS_SIZE + done, payload);
  g_assert_true (sp_checksum_is_right (sp_checksum_add (0, piece, UDP_OFFSET)));
  g_assert_true (sp_checksum_is_right (sp_checksum_add (pseudo, piece + UDP_OFFSET, length)));
}

static const struct
{
  guint16 segment;
  gboolean by_stream; /* what the datagram path does not take */
} supers[] = { { 1000, FALSE }, { 1406, FALSE }, { 1407, TRUE }, { 1444, TRUE }, { 1, FALSE } };

static void
test_super_packets (Fixture *self, gconstpointer data)
{
  guint8 whole[SUPER_MAX], piece[16384];
  guint32 n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (supers); i++)
    {
      gsize segment = supers[i].segment;
      gsize payload = segment == 1 ? 70 : 3 * segment + 7;
      gsize size = sp_make_packet (whole, "10.5.0.1", "10.99.0.2", payload);

      fill (whole + HEADERS_SIZE, payload);
      put_super (self, whole, size, supers[i].segment);
      for (gsize done = 0; done < payload; done += segment, n++)
        {
          gsize length = MIN (segment, payload - done);
          guint8 type;

          /* the rest of a run is small enough */
          if (supers[i].by_stream && length == segment)
            size = sp_vpn_client_receive_frame (self->client, &type, piece);
          else
            size = sp_dtls_client_receive_frame (self->dtls, &type, piece);
          g_assert_cmpuint (type, ==, SP_FRAME_DATA);
          check_segment (piece, size, whole, done, length);
        }
    }
  while (self->worker->report.tx_packets < n)
    await_report (self);
  g_assert_cmpuint (self->worker->report.tx_packets, ==, n);
}

static void
test_fallback_and_return (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 10);

  exchange (self, self->dtls);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 20);
  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
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
  sp_dtls_client_speak_first (second, 2);
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
  sp_dtls_client_become_current (second, 2);
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
  sp_dtls_client_speak_first (self->dtls, 1);
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
  sp_dtls_client_become_current (self->dtls, 1);
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

#define RANDOM_OFFSET 30 /* RFC 6347 4.1, 4.2.2; past what may be a time */

/* As a client does that has begun anew, or somebody who repeats an older one. */
static void
say_other_hello (SpDtlsClient *dtls, guint8 number)
{
  dtls->hello[RANDOM_OFFSET] ^= number;
  g_assert_cmpint (send (dtls->fd, dtls->hello, dtls->hello_size, 0), ==, dtls->hello_size);
  dtls->hello[RANDOM_OFFSET] ^= number;
}

/* It cannot answer in a channel whose keys it has not any more. */
static void
test_client_forgot_channel (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);

  exchange (self, self->dtls);
  say_other_hello (self->dtls, 1);
  for (guint i = 0; i < 3; i++)
    expect_by_datagram (self->dtls, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
}

/* One who has them keeps it, whatever others say. */
static void
test_client_has_channel (Fixture *self, gconstpointer data)
{
  exchange (self, self->dtls);
  for (guint8 i = 1; i < 40; i++)
    say_other_hello (self->dtls, i);
  expect_by_datagram (self->dtls, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  exchange (self, self->dtls);
  for (guint8 i = 1; i < 40; i++)
    say_other_hello (self->dtls, i);
  exchange (self, self->dtls); /* no other question */
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED], ==, 0);
}

/* The hello that began the channel, late, is no doubt. */
static void
test_late_hello (Fixture *self, gconstpointer data)
{
  say_other_hello (self->dtls, 0);
  exchange (self, self->dtls);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED], ==, 0);
}

/* A candidate whose client begins anew at its port goes before its time. */
static void
test_client_forgot_candidate (Fixture *self, gconstpointer data)
{
  gint64 begun = g_get_monotonic_time ();

  say_other_hello (self->dtls, 1);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 25 * G_USEC_PER_SEC);
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
  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
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
        sp_house_put_packet (self->worker, packet,
                             make_numbered_packet (packet, round * PACKETS + i));
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
      sp_house_expect_packet (self->worker, packet, size);
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

/* The types of the records in the datagram that the client reads next. */
static void
expect_records (Fixture *self, guint8 first, guint8 second)
{
  guint8 datagram[2048];
  gsize next;
  gssize size;

  g_assert_true (sp_dtls_client_has_input (self->dtls, 10000));
  size = recv (self->dtls->fd, datagram, sizeof datagram, MSG_PEEK);
  g_assert_cmpint (size, >, RECORD_HEADER);
  next = RECORD_HEADER + ((gsize) datagram[RECORD_LENGTH] << 8 | datagram[RECORD_LENGTH + 1]);
  g_assert_cmpuint (datagram[0], ==, first);
  g_assert_cmpint (size, >, next);
  g_assert_cmpuint (datagram[next], ==, second);
}

typedef struct
{
  int fd; /* -1 once a datagram was read from it */
} OneDatagram;

/* The client reads the datagram that is there, and not yet the server's answer to what it says. */
static ssize_t
pull_one_datagram (gnutls_transport_ptr_t transport, void *bytes, size_t size)
{
  OneDatagram *one = transport;
  gssize got = -1;

  errno = EAGAIN;
  if (one->fd >= 0)
    got = recv (one->fd, bytes, size, MSG_DONTWAIT);
  one->fd = -1;
  return got;
}

static int
has_one_datagram (gnutls_transport_ptr_t transport, unsigned int milliseconds)
{
  const OneDatagram *one = transport;

  return one->fd >= 0;
}

static int
handshake_with_one_datagram (Fixture *self)
{
  OneDatagram one = { self->dtls->fd };
  gnutls_session_t session = self->dtls->session;
  int code;

  gnutls_transport_set_ptr2 (session, &one, GINT_TO_POINTER (self->dtls->fd));
  gnutls_transport_set_pull_function (session, pull_one_datagram);
  gnutls_transport_set_pull_timeout_function (session, has_one_datagram);
  code = gnutls_handshake (session);
  g_assert_cmpint (one.fd, ==, -1);
  return code;
}

/* A client between the messages of a flight could miss that one more came. */
static void
test_a_flight_is_one_datagram (Fixture *self, gconstpointer data)
{
  expect_records (self, TYPE_HANDSHAKE, TYPE_HANDSHAKE);
  g_assert_cmpint (handshake_with_one_datagram (self), ==, GNUTLS_E_AGAIN);
  expect_records (self, TYPE_CHANGE_CIPHER_SPEC, TYPE_HANDSHAKE);
  g_assert_cmpint (handshake_with_one_datagram (self), ==, 0);
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
  ADD ("flight", set_up_stream, NULL, test_a_flight_is_one_datagram);
  ADD ("padded-probe", set_up, NULL, test_padded_probe);
  ADD ("too-big", set_up, NULL, test_too_big);
  ADD ("super-packets", set_up, NULL, test_super_packets);
  ADD ("fallback-and-return", set_up, NULL, test_fallback_and_return);
  ADD ("second-channel", set_up, NULL, test_second_channel);
  ADD ("newest-candidate", set_up_stream, NULL, test_newest_candidate);
  ADD ("finished-candidate", set_up_stream, NULL, test_finished_candidate);
  ADD ("hostile", set_up, NULL, test_hostile);
  ADD ("hostile-handshake", set_up_stream, NULL, test_hostile_handshake);
  ADD ("hello-amid", set_up, NULL, test_hello_amid);
  ADD ("client-forgot-channel", set_up, NULL, test_client_forgot_channel);
  ADD ("client-has-channel", set_up, NULL, test_client_has_channel);
  ADD ("late-hello", set_up, NULL, test_late_hello);
  ADD ("client-forgot-candidate", set_up_stream, NULL, test_client_forgot_candidate);
  ADD ("no-hello", set_up, NULL, test_no_hello);
  ADD ("client-ends-channel", set_up, NULL, test_client_ends_channel);
  ADD ("burst", set_up, NULL, test_burst);
  ADD ("upload-burst", set_up, NULL, test_upload_burst);
  ADD ("wrong-source", set_up, NULL, test_wrong_source);
  ADD ("stop", set_up, NULL, test_stop);
  return g_test_run ();
}
