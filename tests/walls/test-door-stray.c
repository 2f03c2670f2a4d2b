/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "datagram-client.h"
#include "door-fixture.h"
#include "platform/listener.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* UDP: what the real door does with records of peers that it does not know. */

#define SOON  3000 /* milliseconds, generous for a busy machine */
#define QUIET 200  /* for what must not come */

static const guint8 record[] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x11"
                               "seventeen letters";
#define RECORD_SIZE (sizeof record - 1)

typedef struct
{
  const char *listener;
  const char *server; /* an address that the system would not choose as a source by itself */
} Family;

static const Family families[] = {
  { "127.0.0.1", "127.0.0.1" },
  { "0.0.0.0", "127.0.0.2" },
  { "::", "127.0.0.3" },
  { "::", "::1" },
};

static SpEndpoint
get_own_name (int fd)
{
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  SpEndpoint endpoint;

  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &name, &length), ==, 0);
  g_assert_true (sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &endpoint));
  return endpoint;
}

/* The bytes as they came, where from and where to. */
static void
test_offered (gconstpointer data)
{
  const Family *family = data;
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_UDP, family->listener);
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, family->server, port);
  SpEndpoint peer = get_own_name (fd);
  guint8 server[SP_ADDRESS_SIZE];
  guint8 answer[512];
  const SpStrayHeard *heard;

  g_assert_cmpint (send (fd, record, RECORD_SIZE, 0), ==, RECORD_SIZE);
  heard = door_fixture_expect (door, SP_MESSAGE_STRAY_HEARD, SOON);
  g_assert_nonnull (heard);
  g_assert_true (sp_address_from_text (family->server, server));
  g_assert_cmpmem (heard->peer_address, SP_ADDRESS_SIZE, peer.address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (heard->peer_port, ==, peer.port);
  g_assert_cmpmem (heard->local_address, SP_ADDRESS_SIZE, server, SP_ADDRESS_SIZE);
  g_assert_cmpuint (heard->local_port, ==, port);
  g_assert_cmpmem (heard->datagram, heard->datagram_length, record, RECORD_SIZE);
  g_assert_cmpint (datagram_receive (fd, answer, sizeof answer, QUIET), ==, -1);
  door_fixture_expect_counter (door, SP_DOOR_STRAY_OFFERED, 1);
}

/* Only what could be of an established peer; each is counted. */
static void
test_not_offered (void)
{
  static const struct
  {
    guint offset;
    guint8 change;
    SpDoorCounter counter;
  } rows[] = {
    { 0, 23 ^ 21, SP_DOOR_STRAY },  /* an alert */
    { 4, 1, SP_DOOR_STRAY },        /* epoch 0 */
    { 12, 1, SP_DOOR_MALFORMED },   /* length */
    { 0, 0xff, SP_DOOR_MALFORMED }, /* type */
  };
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_UDP, "127.0.0.1");
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, "127.0.0.1", port);
  guint8 twice[2 * RECORD_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 changed[RECORD_SIZE];

      memcpy (changed, record, sizeof changed);
      changed[rows[i].offset] ^= rows[i].change;
      g_assert_cmpint (send (fd, changed, sizeof changed, 0), ==, sizeof changed);
    }
  memcpy (twice, record, RECORD_SIZE);
  memcpy (twice + RECORD_SIZE, record, RECORD_SIZE);
  g_assert_cmpint (send (fd, twice, sizeof twice, 0), ==, sizeof twice);
  g_assert_null (door_fixture_expect (door, SP_MESSAGE_STRAY_HEARD, QUIET));
  door_fixture_expect_counter (door, SP_DOOR_STRAY, 3);
  g_assert_cmpuint (door->counters[SP_DOOR_MALFORMED], ==, 2);
  g_assert_cmpuint (door->counters[SP_DOOR_STRAY_OFFERED], ==, 0);
  g_assert_cmpuint (door->counters[SP_DOOR_STRAY_RATE], ==, 0);
}

/* Whether a line of /proc/net/udp is of a socket at this port with datagrams that wait. */
static gboolean
is_behind (const char *line, guint16 port)
{
  guint local = 0, waiting = 0;

  return sscanf (line, " %*u: %*x:%x %*x:%*x %*x %*x:%x", &local, &waiting) == 2 && local == port &&
         waiting > 0;
}

/* Until the door has read what was sent: what its buffer does not hold is lost, and counted
 * nowhere. */
static void
let_it_read (guint16 port)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean behind = TRUE;

  while (behind && g_get_monotonic_time () < deadline)
    {
      g_autofree char *table = NULL;
      g_auto (GStrv) lines = NULL;

      g_usleep (1000);
      g_assert_true (g_file_get_contents ("/proc/net/udp", &table, NULL, NULL));
      lines = g_strsplit (table, "\n", -1);
      behind = FALSE;
      for (guint i = 0; lines[i] != NULL; i++)
        behind = behind || is_behind (lines[i], port);
    }
  g_assert_false (behind);
}

/* Few of many, and all are counted. */
static void
test_flood (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_UDP, "0.0.0.0");
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, "127.0.0.1", "127.0.0.1", port);
  guint n_sent = 0, n_heard;

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      sp_autofd int stranger = loopback_connect (SOCK_DGRAM, source, "127.0.0.1", port);

      n_sent += send (stranger, record, RECORD_SIZE, 0) == RECORD_SIZE;
      n_sent += send (fd, record, RECORD_SIZE, 0) == RECORD_SIZE;
      if (i % 50 == 0)
        let_it_read (port);
    }
  n_heard = door_fixture_count (door, SP_MESSAGE_STRAY_HEARD, 1500);
  door_fixture_expect_counter (door, SP_DOOR_STRAY, n_sent);
  g_assert_cmpuint (n_heard, <, 100);
  g_assert_cmpuint (n_heard, >=, 20);
  g_assert_cmpuint (door->counters[SP_DOOR_STRAY_OFFERED], ==, n_heard);
  g_assert_cmpuint (door->counters[SP_DOOR_STRAY_RATE], ==, n_sent - n_heard);
}

/* An association ended: what comes there is late, whatever it is. */
static void
test_lingering (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_UDP, "127.0.0.1");
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, "127.0.0.1", port);
  SpAssociationPlan plan = { .peer = get_own_name (fd), .local.port = port };
  SpLinger linger = { .attachment = 1 };
  g_autoptr (GError) error = NULL;
  sp_autofd int server = -1;

  g_assert_true (sp_address_from_text ("127.0.0.1", plan.local.address));
  server = sp_association_open (door->listener, &plan, &error);
  g_assert_no_error (error);
  (void) door_fixture_tell (door, SP_MESSAGE_LINGER, &linger, server);
  g_assert_cmpint (send (fd, record, RECORD_SIZE, 0), ==, RECORD_SIZE);
  door_fixture_expect_counter (door, SP_DOOR_LINGERED, 1);
  g_assert_null (door_fixture_expect (door, SP_MESSAGE_STRAY_HEARD, QUIET));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!door_fixture_isolate ())
    {
      g_print ("1..0 # SKIP only root may make a network\n");
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *path = g_strdup_printf ("/door-stray/offered/%s-from-%s",
                                               families[i].listener, families[i].server);

      g_test_add_data_func (path, &families[i], test_offered);
    }
  g_test_add_func ("/door-stray/not-offered", test_not_offered);
  g_test_add_func ("/door-stray/flood", test_flood);
  g_test_add_func ("/door-stray/lingering", test_lingering);
  return g_test_run ();
}
