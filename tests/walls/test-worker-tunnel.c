/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/frame-type.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From CONNECT to the end, over TLS.  The TUN is a pair of sockets that keep packets apart. */

#define HEADER_SIZE     12 /* virtio_net_hdr before each packet */
#define PROTOCOL_OFFSET 9  /* RFC 791 3.1 */
#define OFFERS_PSK      "X-DTLS-CipherSuite: PSK-NEGOTIATE:AES256-SHA\r\n"

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
} Fixture;

typedef struct
{
  const char *priority;
  guint32 dpd;
  guint32 idle_timeout;
  guint32 session_timeout;
  guint32 idle_for; /* seconds, before this connection */
} Plan;

static void
set_up (Fixture *self, gconstpointer data)
{
  const Plan *plan = data;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  if (plan != NULL && plan->dpd != 0)
    self->worker->grant.dpd = plan->dpd;
  if (plan != NULL)
    {
      self->worker->grant.idle_timeout = plan->idle_timeout;
      self->worker->grant.session_timeout = plan->session_timeout;
      self->worker->grant.used_at =
          (guint64) (g_get_monotonic_time () - (gint64) plan->idle_for * G_USEC_PER_SEC);
    }
  self->client = sp_vpn_client_new (
      self->worker, plan != NULL && plan->priority != NULL ? plan->priority : SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
}

static void
set_up_tunnel (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;

  set_up (self, data);
  answer = sp_vpn_client_connect (self->client, "");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static void
await_report (Fixture *self)
{
  sp_house_await (self->worker, SP_MESSAGE_REPORT, self->worker->heard[SP_MESSAGE_REPORT] + 1);
}

static void
test_answer (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, OFFERS_PSK);
  char app_id[2 * SP_APP_ID_SIZE + 1];
  g_autofree char *line = NULL;

  sp_hex_encode (self->worker->grant.app_id, SP_APP_ID_SIZE, app_id);
  line = g_strdup_printf ("\r\nX-DTLS-App-ID: %s\r\n", app_id);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 CONNECTED\r\n"));
  g_assert_nonnull (strstr (answer, line));
  g_assert_nonnull (strstr (answer, "\r\nX-CSTP-Address: 10.99.0.2\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nX-CSTP-MTU: 1434\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nX-DTLS-CipherSuite: PSK-NEGOTIATE\r\n"));
  /* Attached before the answer. */
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_ATTACHED], ==, 1);
  g_assert_cmpuint (self->worker->attached.mtu, ==, 1434);
  g_assert_cmpuint (self->worker->requested.base_mtu, ==, 1500);
  g_assert_cmpuint (self->worker->requested.flags, ==,
                    SP_TUNNEL_WANTS_IPV4 | SP_TUNNEL_WANTS_IPV6 | SP_TUNNEL_FULL_IPV6 |
                        SP_TUNNEL_WANTS_DTLS);
  g_assert_cmpmem (self->worker->requested.hostname, self->worker->requested.hostname_length,
                   "laptop", 6);
}

/* Who was mobile when signing in is so on the same connection's CONNECT. */
static void
test_mobile (Fixture *self, gconstpointer data)
{
  g_autofree char *form =
      sp_vpn_client_ask (self->client, "GET / HTTP/1.1\r\nHost: x\r\n"
                                       "X-AnyConnect-Identifier-Platform: android\r\n\r\n");
  g_autofree char *answer = sp_vpn_client_connect (self->client, "");

  g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_cmpuint (self->worker->requested.flags & SP_TUNNEL_MOBILE, !=, 0);
}

static void
test_answer_without_dtls (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, "");

  g_assert_nonnull (strstr (answer, "\r\nX-CSTP-MTU: 1472\r\n"));
  g_assert_null (strstr (answer, "X-DTLS-"));
}

static const struct
{
  SpLogin verdict;
  const char *status;
  const char *reason;
  SpLeft how;
} refusals[] = {
  { SP_LOGIN_WRONG, "HTTP/1.1 401 ", NULL, SP_LEFT_DENIED },
  { SP_LOGIN_DENIED, "HTTP/1.1 401 ", NULL, SP_LEFT_DENIED },
  { SP_LOGIN_BUSY, "HTTP/1.1 503 ", "\r\nX-Reason: ", SP_LEFT_STOPPED },
  { SP_LOGIN_SUSPENDED, "HTTP/1.1 503 ", "\r\nX-Reason: ", SP_LEFT_STOPPED },
};

static void
test_cookie_refused (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      worker->next_verdict = (int) refusals[i].verdict;
      answer = sp_vpn_client_connect (client, "");
      g_assert_true (g_str_has_prefix (answer, refusals[i].status));
      if (refusals[i].reason != NULL)
        g_assert_nonnull (strstr (answer, refusals[i].reason));
      (void) shutdown (client->fd, SHUT_RDWR);
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, refusals[i].how);
      g_assert_cmpuint (worker->heard[SP_MESSAGE_TUNNEL_REQUESTED], ==, 0);
    }
}

static void
test_tunnel_refused (Fixture *self, gconstpointer data)
{
  const SpTunnelRefused message = { .status = 503, .reason_length = 4, .reason = "full" };
  char record[16384];
  gssize size;

  self->worker->grants = FALSE;
  sp_vpn_client_login (self->client);
  {
    char cookie[2 * SP_COOKIE_SIZE + 1];
    g_autofree char *request = NULL;

    sp_hex_encode (self->worker->cookie, SP_COOKIE_SIZE, cookie);
    request = g_strdup_printf (
        "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: x\r\nCookie: webvpn=%s\r\n\r\n", cookie);
    sp_vpn_client_send (self->client, request, strlen (request));
  }
  sp_house_await (self->worker, SP_MESSAGE_TUNNEL_REQUESTED, 1);
  sp_house_say (self->worker, SP_MESSAGE_TUNNEL_REFUSED, &message, -1);
  size = sp_vpn_client_receive (self->client, record, sizeof record - 1);
  g_assert_cmpint (size, >, 0);
  record[size] = '\0';
  g_assert_true (g_str_has_prefix (record, "HTTP/1.1 503 "));
  g_assert_nonnull (strstr (record, "\r\nX-Reason: full\r\n"));
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_STOPPED);
}

static void
test_packets (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 100, 1372, 1444 };
  guint8 packet[2048];
  guint64 bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", sizes[i]);

      sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
      sp_house_expect_packet (self->worker, packet, size);
      size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", sizes[i]);
      sp_house_put_packet (self->worker, packet, size);
      sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
      bytes += size;
    }
  while (self->worker->report.rx_packets < G_N_ELEMENTS (sizes) ||
         self->worker->report.tx_packets < G_N_ELEMENTS (sizes))
    await_report (self);
  g_assert_cmpuint (self->worker->report.rx_bytes, ==, 1000 + bytes);
  g_assert_cmpuint (self->worker->report.tx_bytes, ==, 2000 + bytes);
  g_assert_cmpuint (self->worker->report.transport, ==, SP_TRANSPORT_TLS);
}

/* Many at once: each is one record, none is lost, none out of order. */
static void
test_burst (Fixture *self, gconstpointer data)
{
  enum
  {
    PACKETS = 150
  };
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 1200);

  for (guint32 i = 0; i < PACKETS; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_house_put_packet (self->worker, packet, size);
    }
  for (guint32 i = 0; i < PACKETS; i++)
    {
      memcpy (packet + 28, &i, sizeof i);
      sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
    }
}

/* A client that does not read: the TUN fills up, nothing grows, nothing is lost. */
static void
test_back_pressure (Fixture *self, gconstpointer data)
{
  guint8 bytes[HEADER_SIZE + 1400] = { 0 };
  gsize size = sp_make_packet (bytes + HEADER_SIZE, "10.5.0.1", "10.99.0.2", 1300);
  guint32 sent = 0;
  guint waits = 0;

  while (waits < 40)
    {
      memcpy (bytes + HEADER_SIZE + 28, &sent, sizeof sent);
      if (send (self->worker->tun, bytes, HEADER_SIZE + size, 0) > 0)
        {
          sent++;
          waits = 0;
          continue;
        }
      g_assert_cmpint (errno, ==, EAGAIN);
      waits++;
      sp_house_turn (self->worker, 5);
    }
  g_assert_cmpuint (sent, >, 100);
  for (guint32 i = 0; i < sent; i++)
    {
      memcpy (bytes + HEADER_SIZE + 28, &i, sizeof i);
      sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, bytes + HEADER_SIZE, size);
    }
  await_report (self);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_QUEUE), ==, 0);
}

static void
test_drops (Fixture *self, gconstpointer data)
{
  static const guint8 link_local[40] = { 0x60, [6] = 59, [7] = 1, [8] = 0xfe, [9] = 0x80 };
  guint8 packet[4096];
  gsize size = sp_make_packet (packet, "10.99.0.3", "10.5.0.1", 10);

  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, link_local, sizeof link_local);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, "garbage", 7);
  size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 1500);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, NULL, 0);
  size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 50);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  while (self->worker->report.rx_packets < 1)
    await_report (self);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_SOURCE), ==, 2);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_MALFORMED), ==, 1);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_TOO_BIG), ==, 1);
  g_assert_cmpuint (self->worker->report.rx_packets, ==, 1);
}

static void
test_liveness (Fixture *self, gconstpointer data)
{
  guint8 payload[1434];

  memset (payload, 0x5a, sizeof payload);
  sp_vpn_client_send_frame (self->client, SP_FRAME_KEEPALIVE, NULL, 0);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_vpn_client_send_frame (self->client, 0x42, payload, 10);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_RESPONSE, NULL, 0);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, payload, sizeof payload);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, payload, sizeof payload);
}

static const struct
{
  const char *bytes;
  gsize size;
} garbage[] = {
  { "STX\1\0\0\0\0", 8 },   { "STF\2\0\0\0\0", 8 },
  { "STF\1\0\1\0\0", 8 },   { "STF\1\0\0\0\1", 8 },
  { "STF\1", 4 },           { "STF\1\0\0\0\0x", 9 },
  { "STF\1\0\0\x08\0", 8 }, { "STF\1\0\0\0\0STF\1\0\0\0\0", 16 },
};

static void
test_garbage (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_connect (client, "");
      sp_vpn_client_send (client, garbage[i].bytes, garbage[i].size);
      (void) shutdown (client->fd, SHUT_WR);
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, SP_LEFT_GARBAGE);
    }
}

static const struct
{
  const char *payload;
  gsize size;
  SpLeft how;
  guint8 reason;
} farewells[] = {
  { "\xb0"
    "Aborted by caller",
    18, SP_LEFT_LOGOUT, 0xb0 },
  { "\xb0", 1, SP_LEFT_LOGOUT, 0xb0 },
  { "\x91"
    "Reconnecting the VPN tunnel.",
    29, SP_LEFT_RECONNECTING, 0x91 },
  { "\xd1", 1, SP_LEFT_RECONNECTING, 0xd1 },
  { "", 0, SP_LEFT_RECONNECTING, 0x91 },
};

static void
test_farewells (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (farewells); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_connect (client, "");
      sp_vpn_client_send_frame (client, SP_FRAME_DISCONNECT, farewells[i].payload,
                                farewells[i].size);
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, farewells[i].how);
      g_assert_cmpuint (worker->left.reason, ==, farewells[i].reason);
    }
}

static void
test_closed (Fixture *self, gconstpointer data)
{
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_CLOSED);
}

/* Whatever the client answers to our disconnect does not count. */
static void
test_disconnected (Fixture *self, gconstpointer data)
{
  const SpStop message = { .how = SP_STOP_DISCONNECT, .text_length = 4, .text = "kick" };

  sp_house_say (self->worker, SP_MESSAGE_STOP, &message, -1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DISCONNECT, "\xb0kick", 5);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DISCONNECT, "\xb0Server request", 15);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_expect_left (self->worker, SP_LEFT_STOPPED);
}

static void
test_stopped_silently (Fixture *self, gconstpointer data)
{
  const SpStop message = { .how = SP_STOP_DROP };
  char byte;

  sp_house_say (self->worker, SP_MESSAGE_STOP, &message, -1);
  g_assert_cmpint (sp_vpn_client_receive (self->client, &byte, 1), ==, 0);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_expect_left (self->worker, SP_LEFT_STOPPED);
}

static void
test_recall (Fixture *self, gconstpointer data)
{
  const SpRecall message = { 0 };
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 50);
  guint8 type;
  guint reports;

  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  reports = self->worker->heard[SP_MESSAGE_REPORT];
  sp_house_say (self->worker, SP_MESSAGE_RECALL, &message, -1);
  sp_permit_enter (&self->worker->main_permit, SP_MAIN_WORKER_ENDING);
  sp_house_await (self->worker, SP_MESSAGE_RECALLED, 1);
  /* The last figures came before, the queue is free; no client is waited for. */
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_REPORT], >, reports);
  g_assert_cmpuint (self->worker->report.rx_packets, ==, 1);
  g_assert_cmpint (recv (self->worker->tun, packet, sizeof packet, 0), ==, 0);
  (void) sp_vpn_client_receive_frame (self->client, &type, packet);
  g_assert_cmpuint (type, ==, SP_FRAME_DISCONNECT);
  sp_house_await_exit (self->worker);
  g_assert_cmpuint (self->worker->last_heard, ==, SP_MESSAGE_RECALLED);
}

/* At its allowance the worker stops by itself, both ways, and goes on with more. */
static void
test_allowance (Fixture *self, gconstpointer data)
{
  SpAllowance message = { .bytes = 3000 + 150 }; /* 3000 were before */
  guint8 packet[2048];
  guint8 answer[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 72);
  gsize answer_size = sp_make_packet (answer, "10.5.0.1", "10.99.0.2", 72);

  sp_house_say (self->worker, SP_MESSAGE_ALLOWANCE, &message, -1);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "x", 1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "x", 1);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  sp_house_put_packet (self->worker, answer, answer_size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, answer, answer_size);
  while (sp_house_get_drops (self->worker, SP_DROP_QUOTA) < 2)
    {
      sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
      sp_house_put_packet (self->worker, answer, answer_size);
      await_report (self);
    }
  g_assert_cmpuint (self->worker->report.rx_bytes + self->worker->report.tx_bytes, ==, 3200);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "y", 1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "y", 1);
  message.bytes = 0;
  sp_house_say (self->worker, SP_MESSAGE_ALLOWANCE, &message, -1);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "z", 1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "z", 1);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
}

static void
test_pause (Fixture *self, gconstpointer data)
{
  SpPause message = { .on = 1 };
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 50);

  sp_house_say (self->worker, SP_MESSAGE_PAUSE, &message, -1);
  while (sp_house_get_drops (self->worker, SP_DROP_PAUSED) == 0)
    {
      sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
      sp_house_put_packet (self->worker, packet, size);
      await_report (self);
    }
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "x", 1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "x", 1);
  message.on = 0;
  sp_house_say (self->worker, SP_MESSAGE_PAUSE, &message, -1);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "y", 1);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "y", 1);
  while (recv (self->worker->tun, packet, sizeof packet, 0) > 0)
    ;
  size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 60);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
}

static void
test_silence (Fixture *self, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_REQUEST, NULL, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 1900 * 1000);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
}

static void
test_dead_peer (Fixture *self, gconstpointer data)
{
  guint8 type;
  guint8 payload[64];

  sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_REQUEST, NULL, 0);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_RESPONSE, NULL, 0);
  (void) sp_vpn_client_receive_frame (self->client, &type, payload);
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_REQUEST);
  sp_house_expect_left (self->worker, SP_LEFT_SILENT);
}

static void
expect_end (Fixture *self, SpLeft how)
{
  guint8 type;
  guint8 payload[512];

  (void) sp_vpn_client_receive_frame (self->client, &type, payload);
  g_assert_cmpuint (type, ==, SP_FRAME_DISCONNECT);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_expect_left (self->worker, how);
}

static void
test_idle (Fixture *self, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  expect_end (self, SP_LEFT_IDLE);
  g_assert_cmpint ((gint64) self->worker->report.used_at, >=, begin - G_USEC_PER_SEC);
}

/* What one connection knows of the last use, the next one goes on from: neither pings nor signs of
 * life change it, other packets do, in either direction. */
static void
test_use (Fixture *self, gconstpointer data)
{
  guint64 used_at = self->worker->grant.used_at;
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 50);

  packet[PROTOCOL_OFFSET] = IPPROTO_ICMP;
  sp_vpn_client_send_frame (self->client, SP_FRAME_KEEPALIVE, NULL, 0);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  sp_house_put_packet (self->worker, packet, size);
  sp_vpn_client_expect_frame (self->client, SP_FRAME_DATA, packet, size);
  while (self->worker->report.rx_packets == 0 || self->worker->report.tx_packets == 0)
    sp_house_turn (self->worker, 10);
  g_assert_cmpuint (self->worker->report.used_at, ==, used_at);
  packet[PROTOCOL_OFFSET] = IPPROTO_UDP;
  sp_house_put_packet (self->worker, packet, size);
  while (self->worker->report.used_at == used_at)
    sp_house_turn (self->worker, 10);
  used_at = self->worker->report.used_at;
  g_assert_cmpuint (used_at, <=, (guint64) g_get_monotonic_time ());
  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  while (self->worker->report.used_at == used_at)
    sp_house_turn (self->worker, 10);
}

static void
test_session_over (Fixture *self, gconstpointer data)
{
  expect_end (self, SP_LEFT_OVER);
}

/* Clients may ask for new keys at any time; the stream goes on. */
static void
test_key_update (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (gnutls_session_key_update (self->client->session, GNUTLS_KU_PEER), ==, 0);
      sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_REQUEST, "new", 3);
      sp_vpn_client_expect_frame (self->client, SP_FRAME_DPD_RESPONSE, "new", 3);
    }
}

/* A second handshake would need a second signature. */
static void
test_renegotiation (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_expect_left (self->worker, SP_LEFT_GARBAGE);
  g_assert_cmpuint (self->worker->n_digest_signatures, ==, 1);
}

static void
test_device_gone (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->worker->tun);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
}

#define ADD(name, set_up_, data_, test_)                                                           \
  g_test_add ("/tunnel/" name, Fixture, data_, set_up_, test_, tear_down)

int
main (int argc, char **argv)
{
  static const Plan tls12 = { .priority = SP_CLIENT_TLS12 };
  static const Plan dpd = { .dpd = 1 };
  static const Plan idle = { .idle_timeout = 1 };
  static const Plan idle_before = { .idle_timeout = 3600, .idle_for = 3600 };
  static const Plan used_before = { .idle_timeout = 3600, .idle_for = 1800 };
  static const Plan over = { .session_timeout = 1 };

  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("answer", set_up, NULL, test_answer);
  ADD ("mobile", set_up, NULL, test_mobile);
  ADD ("answer-without-dtls", set_up, NULL, test_answer_without_dtls);
  ADD ("cookie-refused", set_up, NULL, test_cookie_refused);
  ADD ("tunnel-refused", set_up, NULL, test_tunnel_refused);
  ADD ("packets-tls13", set_up_tunnel, NULL, test_packets);
  ADD ("packets-tls12", set_up_tunnel, &tls12, test_packets);
  ADD ("burst", set_up_tunnel, NULL, test_burst);
  ADD ("back-pressure", set_up_tunnel, NULL, test_back_pressure);
  ADD ("drops", set_up_tunnel, NULL, test_drops);
  ADD ("liveness", set_up_tunnel, NULL, test_liveness);
  ADD ("garbage", set_up, NULL, test_garbage);
  ADD ("farewells", set_up, NULL, test_farewells);
  ADD ("closed", set_up_tunnel, NULL, test_closed);
  ADD ("disconnected", set_up_tunnel, NULL, test_disconnected);
  ADD ("stopped-silently", set_up_tunnel, NULL, test_stopped_silently);
  ADD ("recall", set_up_tunnel, NULL, test_recall);
  ADD ("pause", set_up_tunnel, NULL, test_pause);
  ADD ("allowance", set_up_tunnel, NULL, test_allowance);
  ADD ("silence", set_up_tunnel, &dpd, test_silence);
  ADD ("dead-peer", set_up_tunnel, &dpd, test_dead_peer);
  ADD ("idle", set_up_tunnel, &idle, test_idle);
  ADD ("idle-before", set_up_tunnel, &idle_before, test_idle);
  ADD ("use", set_up_tunnel, &used_before, test_use);
  ADD ("session-over", set_up_tunnel, &over, test_session_over);
  ADD ("key-update", set_up_tunnel, NULL, test_key_update);
  ADD ("renegotiation", set_up_tunnel, &tls12, test_renegotiation);
  ADD ("device-gone", set_up_tunnel, NULL, test_device_gone);
  return g_test_run ();
}
