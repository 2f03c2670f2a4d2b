/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loopback.h"
#include "vpn-client.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* A client whose datagrams come from another address, seen by its worker: what proves it, and what
 * does not. */

#define OFFERS_PSK     "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"
#define DATAGRAM_MAX   2048
#define QUIET          200 /* milliseconds, for what must not come */
#define TRIAL_PATIENCE 6000

/* Two connected sockets: an address of the client, and the server's end of it. */
typedef struct
{
  int client;
  int server;
} Place;

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  SpDtlsClient *dtls; /* association 1, current */
  int first;          /* its socket at the beginning */
  Place second;
  guint8 record[DATAGRAM_MAX]; /* what the client sent last, read by catch_record */
  gsize record_size;
} Fixture;

/* The client's DTLS session goes on through another socket. */
static void
speak_from (Fixture *self, int fd)
{
  gnutls_transport_set_int (self->dtls->session, fd);
}

static void
expect_datagram (Fixture *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[DATAGRAM_MAX];
  guint8 received_type;
  gsize received_size = sp_dtls_client_receive_frame (self->dtls, &received_type, received);

  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  answer = sp_vpn_client_connect (self->client, OFFERS_PSK);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  self->dtls = sp_dtls_client_new (self->client, 1);
  g_assert_cmpint (sp_dtls_client_handshake (self->dtls), ==, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_REQUEST, "hello", 5);
  expect_datagram (self, SP_FRAME_DPD_RESPONSE, "hello", 5);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 1);
  self->first = self->dtls->fd;
  loopback_pair (&self->second.server, &self->second.client);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->second.client);
  sp_fd_clear (&self->second.server);
  sp_dtls_client_free (self->dtls);
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

/* What the client sends to the new place, before there is a socket of the worker's: as the door
 * reads it. */
static void
catch_record (Fixture *self, guint8 type, gconstpointer payload, gsize size)
{
  gssize got;

  speak_from (self, self->second.client);
  sp_dtls_client_send_frame (self->dtls, type, payload, size);
  got = recv (self->second.server, self->record, sizeof self->record, 0);
  g_assert_cmpint (got, >, 0);
  self->record_size = (gsize) got;
}

static void
offer (Fixture *self, guint32 stray)
{
  SpStrayOffered message = { .stray = stray, .datagram_length = (guint16) self->record_size };

  memcpy (message.datagram, self->record, self->record_size);
  sp_house_say (self->worker, SP_MESSAGE_STRAY_OFFERED, &message, -1);
}

static void
give_socket (Fixture *self, guint32 stray, guint32 association)
{
  SpRoam message = { .stray = stray, .association = association };

  sp_house_say (self->worker, SP_MESSAGE_ROAM, &message, self->second.server);
}

static void
prove (Fixture *self, guint32 stray)
{
  guint times = self->worker->heard[SP_MESSAGE_STRAY_PROVEN];

  catch_record (self, SP_FRAME_KEEPALIVE, NULL, 0);
  offer (self, stray);
  sp_house_await (self->worker, SP_MESSAGE_STRAY_PROVEN, times + 1);
  g_assert_cmpuint (self->worker->proven_stray, ==, stray);
}

/* A packet to the client arrives at this socket of his. */
static void
expect_downlink (Fixture *self, int fd)
{
  guint8 packet[DATAGRAM_MAX];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);

  sp_house_put_packet (self->worker, packet, size);
  speak_from (self, fd);
  expect_datagram (self, SP_FRAME_DATA, packet, size);
}

/* Or by the connection. */
static void
expect_downlink_by_stream (Fixture *self)
{
  guint8 packet[DATAGRAM_MAX];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);

  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
}

static void
expect_uplink (Fixture *self, int fd)
{
  guint8 packet[DATAGRAM_MAX];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 500);

  speak_from (self, fd);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
}

static void
take_turns (Fixture *self, guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < until)
    sp_house_turn (self->worker, 10);
}

static gboolean
has_datagram (int fd)
{
  struct pollfd ready = { .fd = fd, .events = POLLIN };

  return poll (&ready, 1, 0) > 0;
}

/* From the first record at a new place to both directions there, in one DTLS session. */
static void
test_moves (Fixture *self, gconstpointer data)
{
  prove (self, 7);
  give_socket (self, 7, 2);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  expect_uplink (self, self->second.client);
  expect_downlink_by_stream (self); /* nobody knows yet where the client is */
  speak_from (self, self->second.client);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 2);
  g_assert_cmpuint (self->worker->current_association, ==, 2);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
  expect_downlink (self, self->second.client);
  expect_uplink (self, self->second.client);
}

/* Whoever repeats a record changes nothing for long: the client is heard where it was. */
static void
test_stays (Fixture *self, gconstpointer data)
{
  prove (self, 7);
  give_socket (self, 7, 2);
  expect_downlink_by_stream (self);
  expect_uplink (self, self->first);
  expect_downlink (self, self->first);
}

/* What was on its way while the client moved is delivered, and does not say that it is still there.
 */
static void
test_overtaken (Fixture *self, gconstpointer data)
{
  guint8 late[DATAGRAM_MAX];
  guint8 packet[DATAGRAM_MAX];
  gsize packet_size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 500);
  gsize late_size;

  catch_record (self, SP_FRAME_DATA, packet, packet_size);
  late_size = self->record_size;
  memcpy (late, self->record, late_size);
  prove (self, 7);
  give_socket (self, 7, 2);
  g_assert_cmpint (send (self->first, late, late_size, 0), ==, late_size);
  sp_house_expect_packet (self->worker, packet, packet_size);
  expect_downlink_by_stream (self);
}

/* What is in a proven record is as good as any other. */
static void
test_carries (Fixture *self, gconstpointer data)
{
  guint8 packet[DATAGRAM_MAX];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 500);

  catch_record (self, SP_FRAME_DATA, packet, size);
  offer (self, 1);
  sp_house_expect_packet (self->worker, packet, size);
  sp_house_await (self->worker, SP_MESSAGE_STRAY_PROVEN, 1);
  expect_downlink (self, self->first);
}

/* An answer on the old path says nothing about the new one: the client is asked a few times, then
 * the socket goes, and nothing has changed. */
static void
test_no_answer (Fixture *self, gconstpointer data)
{
  gint64 until = g_get_monotonic_time () + TRIAL_PATIENCE * 1000;

  prove (self, 7);
  give_socket (self, 7, 2);
  speak_from (self, self->first);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  while (self->worker->heard[SP_MESSAGE_CHANNEL_CLOSED] == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 20);
    }
  g_assert_cmpuint (self->worker->closed_association, ==, 2);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 1);
  expect_uplink (self, self->first);
  expect_downlink (self, self->first);
}

/* While a question on the old path is open, one answer at the new place may be a repeated one. */
static void
test_repeated_answer (Fixture *self, gconstpointer data)
{
  guint8 packet[DATAGRAM_MAX];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 600);
  guint8 type = SP_FRAME_DATA;

  take_turns (self, 2100); /* silent long enough to be asked with the next packet */
  sp_house_put_packet (self->worker, packet, size);
  for (guint i = 0; i < 2; i++)
    {
      guint8 payload[DATAGRAM_MAX];

      (void) sp_dtls_client_receive_frame (self->dtls, &type, payload);
      if (type == SP_FRAME_DPD_REQUEST)
        break;
    }
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_REQUEST);
  prove (self, 7);
  give_socket (self, 7, 2);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  take_turns (self, QUIET);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 1);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 2);
}

/* An answer from a third place is no answer from the one that is tried. */
static void
test_answer_from_elsewhere (Fixture *self, gconstpointer data)
{
  Place third;

  loopback_pair (&third.server, &third.client);
  prove (self, 7);
  give_socket (self, 7, 2);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  speak_from (self, third.client);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  self->record_size = (gsize) recv (third.server, self->record, sizeof self->record, 0);
  offer (self, 8);
  expect_uplink (self, self->first);
  take_turns (self, QUIET);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 1);
  sp_fd_clear (&third.client);
  sp_fd_clear (&third.server);
}

typedef struct
{
  const char *name;
  guint offset; /* of the byte that is changed */
  guint8 change;
} Forgery;

static const Forgery forgeries[] = {
  { "type", 0, 23 ^ 21 }, { "handshake", 0, 23 ^ 22 }, { "version", 2, 0xfd ^ 0xff },
  { "epoch-0", 4, 1 },    { "epoch-2", 4, 3 },         { "sequence", 10, 1 },
  { "length", 12, 1 },    { "nonce", 13, 1 },          { "ciphertext", 21, 1 },
  { "tag", 22, 1 },
};

/* Nothing happens, and the original is as good as before. */
static void
test_forged (Fixture *self, gconstpointer data)
{
  catch_record (self, SP_FRAME_KEEPALIVE, NULL, 0);
  for (guint i = 0; i < G_N_ELEMENTS (forgeries); i++)
    {
      guint drops = sp_house_get_drops (self->worker, SP_DROP_STRAY);

      g_test_message ("%s", forgeries[i].name);
      self->record[forgeries[i].offset] ^= forgeries[i].change;
      offer (self, i + 1);
      self->record[forgeries[i].offset] ^= forgeries[i].change;
      expect_uplink (self, self->first);
      while (sp_house_get_drops (self->worker, SP_DROP_STRAY) == drops)
        sp_house_await (self->worker, SP_MESSAGE_REPORT,
                        self->worker->heard[SP_MESSAGE_REPORT] + 1);
      g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_STRAY), ==, drops + 1);
    }
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_STRAY_PROVEN], ==, 0);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_RECORD), ==, 0);
  offer (self, 99);
  sp_house_await (self->worker, SP_MESSAGE_STRAY_PROVEN, 1);
  g_assert_cmpuint (self->worker->proven_stray, ==, 99);
}

/* Each of its bytes counts. */
static void
test_forged_anywhere (Fixture *self, gconstpointer data)
{
  guint drops;

  catch_record (self, SP_FRAME_KEEPALIVE, NULL, 0);
  drops = sp_house_get_drops (self->worker, SP_DROP_STRAY);
  for (guint i = 0; i < self->record_size; i++)
    {
      self->record[i] ^= (guint8) (1 << i % 8);
      offer (self, i + 1);
      self->record[i] ^= (guint8) (1 << i % 8);
    }
  while (sp_house_get_drops (self->worker, SP_DROP_STRAY) < drops + self->record_size)
    sp_house_await (self->worker, SP_MESSAGE_REPORT, self->worker->heard[SP_MESSAGE_REPORT] + 1);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_STRAY_PROVEN], ==, 0);
  offer (self, 999);
  sp_house_await (self->worker, SP_MESSAGE_STRAY_PROVEN, 1);
  g_assert_cmpuint (self->worker->proven_stray, ==, 999);
}

/* A record that came before, by whichever way, proves nothing. */
static void
test_replayed (Fixture *self, gconstpointer data)
{
  prove (self, 1);
  take_turns (self, 1100);
  offer (self, 2);
  expect_uplink (self, self->first);
  take_turns (self, QUIET);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_STRAY_PROVEN], ==, 1);
}

static const struct
{
  const char *bytes;
  gsize size;
} rubbish[] = {
  { "", 0 },
  { "\x17", 1 },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x40", 13 },
  { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\0", 13 },
  { "\x15\xfe\xfd\0\0\0\0\0\0\x55\x67\0\2\2\x28", 15 },
  { "\x16\xfe\xfd\0\0\0\0\0\0\x55\x67\0\2\1\0", 15 },
};

/* On the socket that is tried, too: it belongs to nobody yet. */
static void
test_rubbish (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      memcpy (self->record, rubbish[i].bytes, rubbish[i].size);
      self->record_size = rubbish[i].size;
      offer (self, i + 1);
      expect_uplink (self, self->first);
    }
  prove (self, 50);
  give_socket (self, 50, 2);
  for (guint i = 0; i < G_N_ELEMENTS (rubbish); i++)
    g_assert_cmpint (send (self->second.client, rubbish[i].bytes, rubbish[i].size, 0), ==,
                     rubbish[i].size);
  expect_uplink (self, self->second.client);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 2);
  expect_downlink (self, self->second.client);
}

/* A socket for a stray that was not proven, or not of this worker, is given back. */
static void
test_unwanted_socket (Fixture *self, gconstpointer data)
{
  give_socket (self, 3, 2);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 2);
  prove (self, 4);
  give_socket (self, 5, 3);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 2);
  g_assert_cmpuint (self->worker->closed_association, ==, 3);
  take_turns (self, QUIET);
  g_assert_false (has_datagram (self->second.client));
  expect_downlink (self, self->first);
}

/* Before there is a channel no record is anybody's. */
static void
test_no_channel (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (gnutls_bye (self->dtls->session, GNUTLS_SHUT_WR), ==, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  memset (self->record, 0x55, 64);
  memcpy (self->record, "\x17\xfe\xfd\0\1\0\0\0\0\0\x77\0\x33", 13);
  self->record_size = 64;
  offer (self, 1);
  give_socket (self, 1, 2);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 2);
  g_assert_cmpuint (self->worker->closed_association, ==, 2);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_STRAY_PROVEN], ==, 0);
}

/* A new handshake while another address is tried: it replaces both. */
static void
test_new_channel (Fixture *self, gconstpointer data)
{
  g_autoptr (SpDtlsClient) fresh = NULL;
  guint8 payload[64], type;

  prove (self, 7);
  give_socket (self, 7, 2);
  fresh = sp_dtls_client_new (self->client, 3);
  g_assert_cmpint (sp_dtls_client_handshake (fresh), ==, 0);
  sp_dtls_client_send_frame (fresh, SP_FRAME_DPD_REQUEST, "fresh", 5);
  g_assert_cmpuint (sp_dtls_client_receive_frame (fresh, &type, payload), ==, 5);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 2);
  g_assert_cmpuint (self->worker->current_association, ==, 3);
  speak_from (self, self->second.client);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  take_turns (self, QUIET);
  g_assert_cmpuint (self->worker->current_association, ==, 3);
}

/* What was asked by an old channel cannot be answered by a new one: one answer is enough there. */
static void
test_new_channel_moves (Fixture *self, gconstpointer data)
{
  g_autoptr (SpDtlsClient) old = NULL;
  Place third;
  guint8 payload[64], type;

  prove (self, 7);
  give_socket (self, 7, 2);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  old = g_steal_pointer (&self->dtls);
  self->dtls = sp_dtls_client_new (self->client, 3);
  g_assert_cmpint (sp_dtls_client_handshake (self->dtls), ==, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_REQUEST, "fresh", 5);
  g_assert_cmpuint (sp_dtls_client_receive_frame (self->dtls, &type, payload), ==, 5);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 2);
  sp_fd_clear (&self->second.client);
  sp_fd_clear (&self->second.server);
  loopback_pair (&third.server, &third.client);
  self->second = third;
  prove (self, 8);
  give_socket (self, 8, 4);
  speak_from (self, self->second.client);
  expect_datagram (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_dtls_client_send_frame (self->dtls, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CURRENT, 3);
  g_assert_cmpuint (self->worker->current_association, ==, 4);
}

/* The end of the tunnel closes what is tried. */
static void
test_stop (Fixture *self, gconstpointer data)
{
  const SpStop message = { .how = SP_STOP_DISCONNECT };

  prove (self, 7);
  give_socket (self, 7, 2);
  expect_uplink (self, self->second.client);
  sp_house_say (self->worker, SP_MESSAGE_STOP, &message, -1);
  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 2);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
}

#define ADD(name, test_) g_test_add ("/roaming/" name, Fixture, NULL, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("moves", test_moves);
  ADD ("stays", test_stays);
  ADD ("overtaken", test_overtaken);
  ADD ("carries", test_carries);
  ADD ("no-answer", test_no_answer);
  ADD ("repeated-answer", test_repeated_answer);
  ADD ("answer-from-elsewhere", test_answer_from_elsewhere);
  ADD ("forged", test_forged);
  ADD ("forged-anywhere", test_forged_anywhere);
  ADD ("replayed", test_replayed);
  ADD ("rubbish", test_rubbish);
  ADD ("unwanted-socket", test_unwanted_socket);
  ADD ("no-channel", test_no_channel);
  ADD ("new-channel", test_new_channel);
  ADD ("new-channel-moves", test_new_channel_moves);
  ADD ("stop", test_stop);
  return g_test_run ();
}
