/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../unit/flow-packet.h"
#include "vpn-client.h"

#include "base/io.h"
#include "codec/frame-type.h"

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

/* What comes together from a client goes to the TUN together.  So that it does, the worker is
 * halted while it is sent. */

#define PACKETS     4
#define MANY        40 /* more than one receive call takes, less than one super-packet holds */
#define PAYLOAD     1000
#define HEADERS     40
#define ASSOCIATION 1

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  SpDtlsClient *dtls; /* NULL = there is the stream alone */
} Fixture;

static void
set_up (Fixture *self, gconstpointer offers)
{
  g_autofree char *answer = NULL;
  int on = 1; /* or the second record would wait for the first to be read */

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  g_assert_no_errno (setsockopt (self->client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  answer = sp_vpn_client_connect (self->client, offers != NULL ? offers : "");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
}

static void
set_up_datagrams (Fixture *self, gconstpointer data)
{
  set_up (self, "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n");
  self->dtls = sp_dtls_client_new (self->client, ASSOCIATION);
  sp_dtls_client_become_current (self->dtls, ASSOCIATION);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->dtls, sp_dtls_client_free);
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static char
get_process_state (int pidfd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fdinfo/%d", pidfd);
  g_autofree char *facts = NULL, *stat_path = NULL, *stat = NULL;
  int pid = 0;

  g_assert_true (g_file_get_contents (path, &facts, NULL, NULL));
  g_assert_cmpint (sscanf (strstr (facts, "\nPid:"), "\nPid: %d", &pid), ==, 1);
  stat_path = g_strdup_printf ("/proc/%d/stat", pid);
  g_assert_true (g_file_get_contents (stat_path, &stat, NULL, NULL));
  return strrchr (stat, ')')[2];
}

static void
halt (Fixture *self)
{
  g_assert_no_errno (pidfd_send_signal (self->worker->pidfd, SIGSTOP, NULL, 0));
  while (get_process_state (self->worker->pidfd) != 'T')
    g_usleep (1000);
}

static void
go_on (Fixture *self)
{
  g_assert_no_errno (pidfd_send_signal (self->worker->pidfd, SIGCONT, NULL, 0));
}

static gsize
make_packet (guint i, guint8 *packet)
{
  static const guint8 source[] = { 10, 99, 0, 2 };
  const FlowPacket plan = { .protocol = IPPROTO_TCP,
                            .host = 1,
                            .port = 4000,
                            .id = (guint16) i,
                            .sequence = 77 + i * PAYLOAD,
                            .flags = FLOW_ACK,
                            .payload = PAYLOAD };
  gsize size = flow_packet_write (&plan, packet);

  memcpy (packet + 12, source, sizeof source);
  flow_packet_complete (packet, size);
  return size;
}

static void
send_packets (Fixture *self, guint8 packets[PACKETS][FLOW_PACKET_ROOM])
{
  for (guint i = 0; i < PACKETS; i++)
    sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packets[i], make_packet (i, packets[i]));
}

static void
expect_joined (Fixture *self, guint8 (*packets)[FLOW_PACKET_ROOM], guint n)
{
  static guint8 bytes[65536];
  struct virtio_net_hdr_v1 header;
  gssize got;

  while ((got = recv (self->worker->tun, bytes, sizeof bytes, 0)) < 0)
    sp_house_turn (self->worker, 5);
  g_assert_cmpint (got, ==, sizeof header + HEADERS + n * PAYLOAD);
  memcpy (&header, bytes, sizeof header);
  g_assert_cmpuint (header.flags, ==, VIRTIO_NET_HDR_F_NEEDS_CSUM);
  g_assert_cmpuint (header.gso_type, ==, VIRTIO_NET_HDR_GSO_TCPV4);
  g_assert_cmpuint (GUINT16_FROM_LE (header.hdr_len), ==, HEADERS);
  g_assert_cmpuint (GUINT16_FROM_LE (header.gso_size), ==, PAYLOAD);
  g_assert_cmpuint (GUINT16_FROM_LE (header.csum_start), ==, 20);
  g_assert_cmpuint (GUINT16_FROM_LE (header.csum_offset), ==, 16);
  for (guint i = 0; i < n; i++)
    g_assert_cmpmem (bytes + sizeof header + HEADERS + i * PAYLOAD, PAYLOAD, packets[i] + HEADERS,
                     PAYLOAD);
}

/* Each packet counts, and what came before a goodbye is delivered. */
static void
test_farewell (Fixture *self, gconstpointer data)
{
  guint8 packets[PACKETS][FLOW_PACKET_ROOM];

  halt (self);
  send_packets (self, packets);
  sp_vpn_client_send_frame (self->client, SP_FRAME_DISCONNECT,
                            "\xb0"
                            "bye",
                            4);
  go_on (self);
  expect_joined (self, packets, PACKETS);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_expect_left (self->worker, SP_LEFT_LOGOUT);
  g_assert_cmpuint (self->worker->report.rx_packets, ==, PACKETS);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_TUN), ==, 0);
}

/* Datagrams that were sent singly, and take several calls to receive. */
static void
test_harvests (Fixture *self, gconstpointer data)
{
  guint8 packets[MANY][FLOW_PACKET_ROOM];

  halt (self);
  for (guint i = 0; i < MANY; i++)
    sp_dtls_client_send_frame (self->dtls, SP_FRAME_DATA, packets[i], make_packet (i, packets[i]));
  go_on (self);
  expect_joined (self, packets, MANY);
}

/* What the device does not take is lost packet by packet. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  guint8 packets[PACKETS][FLOW_PACKET_ROOM];
  guint64 before;

  while (self->worker->heard[SP_MESSAGE_REPORT] == 0)
    sp_house_turn (self->worker, 5);
  before = self->worker->report.rx_bytes;
  halt (self);
  send_packets (self, packets);
  sp_fd_clear (&self->worker->tun);
  go_on (self);
  (void) shutdown (self->client->fd, SHUT_WR);
  sp_house_await (self->worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (sp_house_get_drops (self->worker, SP_DROP_TUN), ==, PACKETS);
  g_assert_cmpuint (self->worker->report.rx_packets, ==, 0);
  g_assert_cmpuint (self->worker->report.rx_bytes, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  g_test_add ("/joined/farewell", Fixture, NULL, set_up, test_farewell, tear_down);
  g_test_add ("/joined/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/joined/harvests", Fixture, NULL, set_up_datagrams, test_harvests, tear_down);
  return g_test_run ();
}
