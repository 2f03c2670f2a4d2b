/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "datagram-client.h"
#include "door-fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What strangers cost the door, in CPU time of its process (user and system) by what it counted. On
 * the loopback device the kernel's receive path runs at the sender's expense, so these figures are
 * the door's own work and its system calls. */

#define BATCH       64
#define DATAGRAMS   600000
#define CONNECTIONS 6000

static void
print_figure (const char *name, guint64 n, double seconds)
{
  g_print ("%-52s %8" G_GUINT64_FORMAT "  %7.3f us each  %9.0f a CPU second\n", name, n,
           seconds / (double) n * 1e6, (double) n / seconds);
}

static void
send_many (int fd, const guint8 *bytes, gsize size, guint total)
{
  struct iovec part = { .iov_base = (gpointer) bytes, .iov_len = size };
  struct mmsghdr messages[BATCH] = { 0 };

  for (guint i = 0; i < BATCH; i++)
    {
      messages[i].msg_hdr.msg_iov = &part;
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  for (guint sent = 0; sent < total; sent += BATCH)
    (void) sendmmsg (fd, messages, BATCH, 0);
}

/* A record that could be of a client which moved, but is not. */
static void
make_record (DatagramEnd *client)
{
  client->sent[0] = 23;
  client->sent[4] = 1;
}

static void
flood_datagrams (const char *name, SpDoorCounter counter, gboolean genuine)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_UDP, "::");
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, "127.0.0.1", port);
  g_autoptr (DatagramEnd) client = NULL;
  SpMintId question = { .attachment = 1 };
  guint8 app_id[SP_APP_ID_SIZE];
  const SpIdMinted *minted;
  double before;

  (void) door_fixture_tell (door, SP_MESSAGE_MINT_ID, &question, -1);
  minted = door_fixture_expect (door, SP_MESSAGE_ID_MINTED, 3000);
  memcpy (app_id, minted->app_id, sizeof app_id);
  if (!genuine)
    app_id[31] ^= 1;
  client = datagram_client_new (fd, app_id);
  datagram_client_send_hello (client);
  if (counter == SP_DOOR_STRAY)
    client->sent[0] = 23;
  if (counter == SP_DOOR_STRAY_RATE)
    make_record (client);
  before = door_fixture_get_cpu_seconds (door);
  send_many (fd, client->sent, client->sent_size, DATAGRAMS);
  (void) door_fixture_count (door, SP_MESSAGE_DOOR_COUNTERS, 2200);
  print_figure (name, door->counters[counter], door_fixture_get_cpu_seconds (door) - before);
}

static void
flood_connections (const char *name, SpDoorCounter counter, gsize n_bytes, guint n_prefixes)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  guint8 hello[TEST_HELLO_MAX];
  gsize size = make_client_hello (hello, "home.example.net");
  int clients[600]; /* more than there are slots */
  double before = door_fixture_get_cpu_seconds (door);

  memset (clients, -1, sizeof clients);
  for (guint i = 0; i < CONNECTIONS; i++)
    {
      g_autofree char *source =
          g_strdup_printf ("127.%u.%u.1", 1 + i % n_prefixes / 250, 1 + i % n_prefixes % 250);
      int *fd = &clients[i % G_N_ELEMENTS (clients)];

      sp_fd_clear (fd);
      *fd = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);
      (void) send (*fd, hello, MIN (n_bytes, size), MSG_NOSIGNAL);
      if (i % 32 == 0)
        (void) door_fixture_count (door, SP_MESSAGE_CLIENT_ADMITTED, 0);
    }
  (void) door_fixture_count (door, SP_MESSAGE_CLIENT_ADMITTED, 2200);
  g_assert_cmpuint (door->counters[counter], >, CONNECTIONS / 2);
  print_figure (name, CONNECTIONS, door_fixture_get_cpu_seconds (door) - before);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    sp_fd_clear (&clients[i]);
}

int
main (void)
{
  if (!door_fixture_isolate ())
    {
      g_printerr ("This needs root: it makes a network of its own.\n");
      return 77;
    }
  flood_datagrams ("hello with a forged id", SP_DOOR_HELLO_UNKNOWN, FALSE);
  flood_datagrams ("hello with a genuine id, over its budget", SP_DOOR_HELLO_RATE, TRUE);
  flood_datagrams ("record of no association", SP_DOOR_STRAY, FALSE);
  flood_datagrams ("record under keys of no association, over its budget", SP_DOOR_STRAY_RATE,
                   FALSE);
  flood_connections ("one byte and hang, 5000 networks", SP_DOOR_CROWDED, 1, 5000);
  flood_connections ("one byte and hang, one network", SP_DOOR_PENALTY, 1, 1);
  flood_connections ("whole hello, 5000 networks", SP_DOOR_ADMITTED, TEST_HELLO_MAX, 5000);
  return 0;
}
