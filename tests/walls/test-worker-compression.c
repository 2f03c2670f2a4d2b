/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "codec/compression.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Compressed packets on both channels: what is agreed on, what goes out how, and what a bad one
 * costs. */

#define MTU        1434
#define OFFERS_PSK "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"
#define MAY_BOTH   (SP_TUNNEL_MAY_LZ4 | SP_TUNNEL_MAY_LZS)

#define NONE SP_COMPRESSION_NONE
#define LZ4  SP_COMPRESSION_LZ4
#define LZS  SP_COMPRESSION_LZS

typedef struct
{
  SpCompression stream;
  SpCompression datagram;
} Plan;

typedef struct
{
  const Plan *plan;
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  SpDtlsClient *dtls;
} Fixture;

static char *
offer (SpCompression stream, SpCompression datagram)
{
  g_autofree char *first = stream == NONE ? g_strdup ("")
                                          : g_strdup_printf ("X-CSTP-Accept-Encoding: %s\r\n",
                                                             sp_compression_to_string (stream));
  g_autofree char *second =
      datagram == NONE
          ? g_strdup ("")
          : g_strdup_printf ("X-DTLS-Accept-Encoding: %s\r\n", sp_compression_to_string (datagram));

  return g_strconcat (OFFERS_PSK, first, second, NULL);
}

static void
set_up_house (Fixture *self, gconstpointer data)
{
  self->plan = data;
  self->house = sp_house_new ();
}

/* Both channels are up. */
static void
set_up (Fixture *self, gconstpointer data)
{
  const Plan *plan = data;
  g_autofree char *fields = offer (plan->stream, plan->datagram);
  g_autofree char *answer = NULL;
  guint8 type, payload[64];

  set_up_house (self, data);
  self->worker = sp_house_fork (self->house);
  self->worker->grant.compression = MAY_BOTH;
  self->client = sp_vpn_client_new (self->worker, SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  answer = sp_vpn_client_connect (self->client, fields);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  self->dtls = sp_dtls_client_new (self->client, 1);
  g_assert_cmpint (sp_dtls_client_handshake (self->dtls), ==, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_REQUEST, "hello", 5);
  (void) sp_dtls_client_receive_frame (self->dtls, &type, payload);
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_RESPONSE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->dtls, sp_dtls_client_free);
  g_clear_pointer (&self->client, sp_vpn_client_free);
  g_clear_pointer (&self->worker, sp_house_worker_free);
  sp_house_free (self->house);
}

static gsize
pack (SpCompression kind, const guint8 *packet, gsize size, guint8 *packed)
{
  g_autofree SpCompressionTable *table = g_new (SpCompressionTable, 1);

  return sp_compression_pack (kind, table, packet, size, packed, size - 1);
}

/* A packet to the client, of which the last `noise` bytes do not become smaller. */
static gsize
make_packet (guint8 *packet, gsize size, gsize noise)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed (1);

  (void) sp_make_packet (packet, "10.5.0.1", "10.99.0.2", size - 28);
  memset (packet + 28, 'a', size - 28);
  for (gsize i = size - noise; i < size; i++)
    packet[i] = (guint8) g_rand_int (dice);
  return size;
}

static void
send_by (Fixture *self, gboolean datagram, guint8 type, gconstpointer payload, gsize size)
{
  if (datagram)
    sp_dtls_client_send_frame (self->dtls, type, payload, size);
  else
    sp_vpn_client_send_frame (self->client, type, payload, size);
}

static gsize
receive_by (Fixture *self, gboolean datagram, guint8 *type, guint8 *payload)
{
  return datagram ? sp_dtls_client_receive_frame (self->dtls, type, payload)
                  : sp_vpn_client_receive_frame (self->client, type, payload);
}

/* The next frame there holds this packet, in this codec (NONE: as it is). */
static void
expect_packet (
    Fixture *self, gboolean datagram, SpCompression kind, const guint8 *packet, gsize size)
{
  guint8 payload[SP_PACKET_MAX], unpacked[4096], type;
  gsize payload_size = receive_by (self, datagram, &type, payload);

  if (kind == NONE)
    {
      g_assert_cmpuint (type, ==, SP_FRAME_DATA);
      g_assert_cmpmem (payload, payload_size, packet, size);
      return;
    }
  g_assert_cmpuint (type, ==, SP_FRAME_COMPRESSED);
  g_assert_cmpuint (payload_size, <, size);
  g_assert_cmpmem (unpacked,
                   sp_compression_unpack (kind, payload, payload_size, unpacked, sizeof unpacked),
                   packet, size);
}

/* Down: small what becomes smaller, and the rest as it is. */
static void
exchange_down (Fixture *self, gboolean datagram, SpCompression kind)
{
  guint8 packet[MTU];
  gsize size = make_packet (packet, MTU, 0);

  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, datagram, kind, packet, size);
  size = make_packet (packet, MTU, MTU - 28);
  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, datagram, NONE, packet, size);
  size = make_packet (packet, SP_COMPRESSION_PACKET_MIN - 1, 0);
  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, datagram, NONE, packet, size);
  size = make_packet (packet, SP_COMPRESSION_PACKET_MIN, 0);
  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, datagram, kind, packet, size);
}

static void
exchange_up (Fixture *self, gboolean datagram, SpCompression kind)
{
  guint8 packet[MTU], packed[MTU];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", MTU - 28);

  if (kind != NONE)
    {
      send_by (self, datagram, SP_FRAME_COMPRESSED, packed, pack (kind, packet, size, packed));
      sp_house_expect_packet (self->worker, packet, size);
    }
  send_by (self, datagram, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
}

/* Each channel has the codec that was agreed on for it, and plain packets besides.  A packet by the
 * stream makes the client one that fell back to it; a datagram brings it back. */
static void
test_exchange (Fixture *self, gconstpointer data)
{
  exchange_up (self, TRUE, self->plan->datagram);
  exchange_down (self, TRUE, self->plan->datagram);
  exchange_up (self, FALSE, self->plan->stream);
  exchange_down (self, FALSE, self->plan->stream);
  exchange_up (self, TRUE, self->plan->datagram);
  exchange_down (self, TRUE, self->plan->datagram);
}

/* Falling back to the stream shows in compressed packets just as well. */
static void
test_fallback (Fixture *self, gconstpointer data)
{
  guint8 packet[MTU], packed[MTU];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", MTU - 28);

  send_by (self, FALSE, SP_FRAME_COMPRESSED, packed,
           pack (self->plan->stream, packet, size, packed));
  sp_house_expect_packet (self->worker, packet, size);
  exchange_down (self, FALSE, self->plan->stream);
}

/* What is too large for a datagram even so goes by the stream, in the stream's codec; what became
 * small enough goes as a datagram. */
static void
test_too_large (Fixture *self, gconstpointer data)
{
  guint8 packet[2000];
  gsize size = make_packet (packet, sizeof packet, 1600);

  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, FALSE, self->plan->stream, packet, size);
  size = make_packet (packet, sizeof packet, 1200);
  sp_house_put_packet (self->worker, packet, size);
  expect_packet (self, self->plan->datagram != NONE, self->plan->datagram, packet, size);
}

static void
await_drops (Fixture *self, SpDrop cause, guint32 n)
{
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (sp_house_get_drops (self->worker, cause) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 10);
    }
  g_assert_cmpuint (sp_house_get_drops (self->worker, cause), ==, n);
}

/* By either way: nothing, noise, one without end, one that grows for ever. */
static guint
send_junk (Fixture *self, gboolean datagram)
{
  static const guint8 heads[][4] = { { 0 }, { 0xf0 }, { 0x1f, 'A', 1, 0 }, { 0x20, 0xe0, 0x7f } };
  guint8 bytes[MTU - 1];

  send_by (self, datagram, SP_FRAME_COMPRESSED, NULL, 0);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      memset (bytes, 0xff, sizeof bytes);
      memcpy (bytes, heads[i], sizeof heads[i]);
      send_by (self, datagram, SP_FRAME_COMPRESSED, bytes, sizeof bytes);
    }
  return 1 + G_N_ELEMENTS (heads);
}

static void
test_junk (Fixture *self, gconstpointer data)
{
  guint n = send_junk (self, FALSE);

  n += send_junk (self, TRUE);
  await_drops (self, SP_DROP_COMPRESSION, n);
  test_exchange (self, data);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_MALFORMED), ==, 0);
}

/* The largest bomb that one record of the stream holds. */
static void
test_bomb (Fixture *self, gconstpointer data)
{
  g_autofree guint8 *zeros = g_malloc0 (SP_PACKET_MAX);
  g_autofree guint8 *bomb = g_malloc (SP_PACKET_MAX);
  gsize size = pack (self->plan->stream, zeros, SP_PACKET_MAX, bomb);

  g_assert_cmpuint (size, <, SP_PACKET_MAX / 15);
  send_by (self, FALSE, SP_FRAME_COMPRESSED, bomb, size);
  memset (bomb + 3, 0xff, SP_PACKET_MAX - 3);
  send_by (self, FALSE, SP_FRAME_COMPRESSED, bomb, SP_PACKET_MAX - 8);
  await_drops (self, SP_DROP_COMPRESSION, 2);
  test_exchange (self, data);
}

/* What comes out is looked at like any other packet. */
static void
test_checked (Fixture *self, gconstpointer data)
{
  guint8 packet[MTU + 1], packed[MTU];
  gsize size = sp_make_packet (packet, "10.99.0.3", "10.5.0.1", 1000);

  send_by (self, TRUE, SP_FRAME_COMPRESSED, packed,
           pack (self->plan->datagram, packet, size, packed));
  memset (packet, 'x', sizeof packet);
  send_by (self, TRUE, SP_FRAME_COMPRESSED, packed,
           pack (self->plan->datagram, packet, MTU, packed));
  size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", MTU + 1 - 28);
  send_by (self, TRUE, SP_FRAME_COMPRESSED, packed,
           pack (self->plan->datagram, packet, size, packed));
  await_drops (self, SP_DROP_COMPRESSION, 1);
  await_drops (self, SP_DROP_SOURCE, 1);
  await_drops (self, SP_DROP_MALFORMED, 1);
  g_assert_cmpuint (self->worker->report.rx_packets, ==, 0);
  exchange_up (self, TRUE, self->plan->datagram);
}

static void
expect_garbage (Fixture *self, gboolean datagram)
{
  guint8 packet[MTU], packed[MTU];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 1000);

  send_by (self, datagram, SP_FRAME_COMPRESSED, packed, pack (LZ4, packet, size, packed));
  g_assert_cmpint (sp_vpn_client_receive (self->client, packet, sizeof packet), ==, 0);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (self->worker->left.how, ==, SP_LEFT_GARBAGE);
}

/* An agreement for one channel is none for the other. */
static void
test_not_agreed_stream (Fixture *self, gconstpointer data)
{
  exchange_up (self, FALSE, self->plan->stream);
  expect_garbage (self, FALSE);
}

static void
test_not_agreed_datagram (Fixture *self, gconstpointer data)
{
  exchange_up (self, TRUE, self->plan->datagram);
  expect_garbage (self, TRUE);
}

static const struct
{
  guint8 may;
  const char *fields;
  const char *stream; /* NULL = no such header */
  const char *datagram;
} agreements[] = {
  { 0, "X-CSTP-Accept-Encoding: oc-lz4,lzs\r\nX-DTLS-Accept-Encoding: oc-lz4,lzs\r\n" OFFERS_PSK,
    NULL, NULL },
  { MAY_BOTH, OFFERS_PSK, NULL, NULL },
  { MAY_BOTH, "X-CSTP-Accept-Encoding: deflate\r\nX-DTLS-Accept-Encoding: \r\n" OFFERS_PSK, NULL,
    NULL },
  { MAY_BOTH,
    "X-CSTP-Accept-Encoding: oc-lz4,lzs\r\nX-DTLS-Accept-Encoding: oc-lz4,lzs\r\n" OFFERS_PSK,
    "oc-lz4", "oc-lz4" },
  { MAY_BOTH, "X-CSTP-Accept-Encoding: oc-lz4\r\nX-DTLS-Accept-Encoding: lzs\r\n" OFFERS_PSK,
    "oc-lz4", "lzs" },
  { MAY_BOTH, "X-CSTP-Accept-Encoding: LZS , deflate\r\n" OFFERS_PSK, "lzs", NULL },
  { MAY_BOTH, "X-DTLS-Accept-Encoding: lzs\r\n" OFFERS_PSK, NULL, "lzs" },
  { SP_TUNNEL_MAY_LZS,
    "X-CSTP-Accept-Encoding: oc-lz4,lzs\r\nX-DTLS-Accept-Encoding: oc-lz4\r\n" OFFERS_PSK, "lzs",
    NULL },
  { SP_TUNNEL_MAY_LZ4, "X-CSTP-Accept-Encoding: lzs,oc-lz4\r\n", "oc-lz4", NULL },
  /* no datagram channel, nothing to agree on for it */
  { MAY_BOTH, "X-CSTP-Accept-Encoding: lzs\r\nX-DTLS-Accept-Encoding: lzs\r\n", "lzs", NULL },
};

static void
expect_header (const char *answer, const char *name, const char *value)
{
  g_autofree char *line = g_strdup_printf ("\r\n%s: %s\r\n", name, value);

  if (value != NULL)
    g_assert_nonnull (strstr (answer, line));
  else
    g_assert_null (strstr (answer, name));
}

static void
test_agreements (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (agreements); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = NULL;
      g_autofree char *answer = NULL;

      g_test_message ("%u", i);
      worker->grant.compression = agreements[i].may;
      client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_connect (client, agreements[i].fields);
      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
      expect_header (answer, "X-CSTP-Content-Encoding", agreements[i].stream);
      expect_header (answer, "X-DTLS-Content-Encoding", agreements[i].datagram);
    }
}

#define ADD(name, set_up_, data_, test_)                                                           \
  g_test_add ("/compression/" name, Fixture, data_, set_up_, test_, tear_down)

int
main (int argc, char **argv)
{
  static const Plan lz4 = { LZ4, LZ4 };
  static const Plan lzs = { LZS, LZS };
  static const Plan lz4_lzs = { LZ4, LZS };
  static const Plan lzs_lz4 = { LZS, LZ4 };
  static const Plan stream = { LZ4, NONE };
  static const Plan datagram = { NONE, LZ4 };

  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("agreements", set_up_house, NULL, test_agreements);
  ADD ("exchange/lz4", set_up, &lz4, test_exchange);
  ADD ("exchange/lzs", set_up, &lzs, test_exchange);
  ADD ("exchange/lz4-and-lzs", set_up, &lz4_lzs, test_exchange);
  ADD ("exchange/lzs-and-lz4", set_up, &lzs_lz4, test_exchange);
  ADD ("exchange/stream-only", set_up, &stream, test_exchange);
  ADD ("exchange/datagram-only", set_up, &datagram, test_exchange);
  ADD ("fallback", set_up, &lz4, test_fallback);
  ADD ("too-large/lz4", set_up, &lz4, test_too_large);
  ADD ("too-large/lzs", set_up, &lzs, test_too_large);
  ADD ("too-large/lz4-and-lzs", set_up, &lz4_lzs, test_too_large);
  ADD ("too-large/lzs-and-lz4", set_up, &lzs_lz4, test_too_large);
  ADD ("too-large/datagram-only", set_up, &datagram, test_too_large);
  ADD ("junk/lz4", set_up, &lz4, test_junk);
  ADD ("junk/lzs", set_up, &lzs, test_junk);
  ADD ("bomb/lz4", set_up, &lz4, test_bomb);
  ADD ("bomb/lzs", set_up, &lzs, test_bomb);
  ADD ("checked/lz4", set_up, &lz4, test_checked);
  ADD ("checked/lzs", set_up, &lzs, test_checked);
  ADD ("not-agreed/stream", set_up, &datagram, test_not_agreed_stream);
  ADD ("not-agreed/datagram", set_up, &stream, test_not_agreed_datagram);
  return g_test_run ();
}
