/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "door-fixture.h"
#include "platform/sandbox.h"
#include "siege.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* TCP: what the real door does with real connections, in a network of its own. */

#define SOON 3000 /* milliseconds, generous for a busy machine */

typedef struct
{
  guint8 bytes[TEST_HELLO_MAX];
  gsize size;
} Hello;

static Hello
make_hello (void)
{
  Hello hello;

  hello.size = make_client_hello (hello.bytes, "home.example.net");
  g_assert_cmpuint (hello.size, >, 100);
  return hello;
}

static void
send_all (int fd, const guint8 *bytes, gsize size)
{
  g_assert_cmpint (send (fd, bytes, size, MSG_NOSIGNAL), ==, size);
}

/* The client is admitted with both endpoints right and all of its hello still in the socket. */
static void
expect_admitted (DoorFixture *door, int client, const Hello *hello)
{
  const SpClientAdmitted *admitted = door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, SOON);
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  SpEndpoint peer;
  SpEndpoint local;
  guint8 unread[TEST_HELLO_MAX];

  g_assert_nonnull (admitted);
  (void) getsockname (client, (struct sockaddr *) &name, &length);
  (void) sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &peer);
  length = sizeof name;
  (void) getpeername (client, (struct sockaddr *) &name, &length);
  (void) sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &local);
  g_assert_cmpmem (admitted->peer_address, SP_ADDRESS_SIZE, peer.address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (admitted->peer_port, ==, peer.port);
  g_assert_cmpmem (admitted->local_address, SP_ADDRESS_SIZE, local.address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (admitted->local_port, ==, local.port);
  g_assert_cmpint (recv (door->envelope.fds[0], unread, sizeof unread, MSG_DONTWAIT), ==,
                   hello->size);
  g_assert_cmpmem (unread, hello->size, hello->bytes, hello->size);
}

static void
test_admits (void)
{
  static const struct
  {
    const char *listener;
    const char *client;
  } rows[] = {
    { "::", "127.0.0.1" },
    { "::", "127.0.0.2" },
    { "::", "::1" },
    { "127.0.0.1", "127.0.0.1" },
  };
  Hello hello = make_hello ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
      guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, rows[i].listener);
      sp_autofd int client = loopback_connect (SOCK_STREAM, NULL, rows[i].client, port);

      send_all (client, hello.bytes, hello.size);
      expect_admitted (door, client, &hello);
      door_fixture_expect_counter (door, SP_DOOR_ADMITTED, 1);
    }
}

/* In three pieces, each later than the one before. */
static void
test_admits_pieces (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int client = loopback_connect (SOCK_STREAM, NULL, "127.0.0.1", port);

  send_all (client, hello.bytes, 1);
  g_assert_null (door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, 100));
  send_all (client, hello.bytes + 1, hello.size - 2);
  g_assert_null (door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, 100));
  send_all (client, hello.bytes + hello.size - 1, 1);
  expect_admitted (door, client, &hello);
}

/* Half a hello stays readable in its socket for as long as it takes; that must cost nothing. */
static void
test_half_a_hello_does_not_spin (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int client = loopback_connect (SOCK_STREAM, NULL, "127.0.0.1", port);
  double before;
  double used;

  send_all (client, hello.bytes, hello.size / 2);
  g_assert_null (door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, 500));
  before = door_fixture_get_cpu_seconds (door);
  g_usleep (2 * G_USEC_PER_SEC);
  used = door_fixture_get_cpu_seconds (door) - before;
  g_test_message ("%.6f s of CPU in 2 s", used);
  g_assert_cmpfloat (used, <, 0.02);
  send_all (client, hello.bytes + hello.size / 2, hello.size - hello.size / 2);
  expect_admitted (door, client, &hello);
}

/* A byte now and then does not move the deadline. */
static void
test_slow_hello_is_cut (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 800, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int client = loopback_connect (SOCK_STREAM, NULL, "127.0.0.1", port);
  gint64 start = g_get_monotonic_time ();
  gint64 lived;
  guint sent = 0;

  do
    (void) send (client, hello.bytes + sent++, 1, MSG_NOSIGNAL);
  while (!is_closed_within (client, 100) && sent < hello.size);
  lived = (g_get_monotonic_time () - start) / 1000;
  g_assert_cmpint (lived, >=, 800);
  g_assert_cmpint (lived, <, 2000);
  door_fixture_expect_counter (door, SP_DOOR_NO_HELLO, 1);
  g_assert_cmpuint (door->counters[SP_DOOR_ADMITTED], ==, 0);
}

static void
test_refuses (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    gboolean close; /* our side, afterwards */
    SpDoorCounter counter;
  } rows[] = {
    { "GET / HTTP/1.1\r\n\r\n", 18, FALSE, SP_DOOR_NOT_TLS },
    { "\0", 1, FALSE, SP_DOOR_NOT_TLS },
    { "SSH-2.0-x\r\n", 11, FALSE, SP_DOOR_NOT_TLS },
    { "\x16\x03\x01\xff\xff\x01", 6, FALSE, SP_DOOR_NOT_TLS },
    { "\x16\x03\x01\x00\x10\x02\x00\x00\x0c", 9, FALSE, SP_DOOR_NOT_TLS }, /* a ServerHello */
    { "\x16\x03\x01\x01", 4, TRUE, SP_DOOR_NO_HELLO },
    { "", 0, TRUE, SP_DOOR_NO_HELLO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
      guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
      sp_autofd int client = loopback_connect (SOCK_STREAM, NULL, "127.0.0.1", port);

      g_test_message ("row %u", i);
      send_all (client, (const guint8 *) rows[i].bytes, rows[i].size);
      if (rows[i].close)
        (void) shutdown (client, SHUT_WR);
      g_assert_true (is_closed_within (client, SOON));
      door_fixture_expect_counter (door, rows[i].counter, 1);
      g_assert_cmpuint (door->counters[SP_DOOR_ADMITTED], ==, 0);
    }
}

/* Garbage earns a penalty: in the end the prefix is refused before anybody looks, another is not.
 */
static void
test_penalty (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int other = -1;

  for (guint i = 0; i < 12; i++)
    {
      sp_autofd int client = loopback_connect (SOCK_STREAM, "127.7.7.7", "127.0.0.1", port);
      (void) send (client, "rubbish rubbish", 15, MSG_NOSIGNAL);
      g_assert_true (is_closed_within (client, SOON));
    }
  /* Five times two seconds are the threshold, or six, if time passed meanwhile. */
  door_fixture_await_counter (door, SP_DOOR_PENALTY, 12 - 6);
  g_assert_cmpuint (door->counters[SP_DOOR_NOT_TLS], <=, 6);
  g_assert_cmpuint (door->counters[SP_DOOR_NOT_TLS], >=, 5);
  other = loopback_connect (SOCK_STREAM, "127.7.8.7", "127.0.0.1", port);
  send_all (other, hello.bytes, hello.size);
  expect_admitted (door, other, &hello);
}

static guint64
read_count (const guint8 *counts, SpDoorCounter counter)
{
  guint64 count;

  memcpy (&count, counts + counter * sizeof count, sizeof count);
  return GUINT64_FROM_LE (count);
}

/* Main hears from where connections are turned away, by cause, until when, and that it is an attack
 * when there are many. */
#define RUBBISH (2 * SP_SIEGE_BEGIN)
static void
knock_with_rubbish (guint16 port, guint times)
{
  for (guint i = 0; i < times; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.7.7.%u", 1 + i % 2);
      sp_autofd int client = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);
      (void) send (client, "rubbish rubbish", 15, MSG_NOSIGNAL);
    }
}

static void
test_tells_of_floods (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  gint64 began = g_get_monotonic_time ();
  const SpUnderAttack *attack;
  const SpNetworkRefused *refused;
  SpEndpoint network = { 0 };

  knock_with_rubbish (port, RUBBISH);
  attack = door_fixture_expect (door, SP_MESSAGE_UNDER_ATTACK, 10000);
  g_assert_nonnull (attack);
  g_assert_cmpuint (attack->on, ==, 1);
  g_assert_cmpuint (attack->connections, >=, SP_SIEGE_BEGIN);
  g_assert_cmpuint (attack->networks, ==, 1);
  g_assert_cmpuint (attack->since, >=, (guint64) began);
  /* All may have been told before the attack: one more. */
  knock_with_rubbish (port, 1);
  do
    {
      refused = door_fixture_expect (door, SP_MESSAGE_NETWORK_REFUSED, 10000);
      g_assert_nonnull (refused);
    }
  while (read_count (refused->counts, SP_DOOR_PENALTY) +
             read_count (refused->counts, SP_DOOR_NOT_TLS) <
         RUBBISH + 1);
  sp_address_from_ipv4 (network.address, 0x7f070700);
  g_assert_cmpmem (refused->address, SP_ADDRESS_SIZE, network.address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (refused->length, ==, SP_IPV4_MAPPED_BITS + 24);
  g_assert_cmpuint (read_count (refused->counts, SP_DOOR_PENALTY), >, RUBBISH - 20);
  g_assert_cmpuint (refused->until, >, refused->last);
  g_assert_cmpuint (refused->since, >=, (guint64) began);
}

static guint
count_open (const int *clients, guint n_clients)
{
  guint n_open = 0;

  for (guint i = 0; i < n_clients; i++)
    n_open += !is_closed_within (clients[i], 0);
  return n_open;
}

/* 400 connections from 400 networks send one byte and hang: only so many are kept, memory does not
 * grow, and who sends a whole hello gets in at once. */
#define FLOOD 400
static void
test_flood_is_bounded (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (16, 60000, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int other = -1;
  int clients[FLOOD];
  guint n_open;

  for (guint i = 0; i < FLOOD; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      clients[i] = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);
      send_all (clients[i], hello.bytes, 1);
    }
  other = loopback_connect (SOCK_STREAM, "127.200.1.1", "127.0.0.1", port);
  send_all (other, hello.bytes, hello.size);
  expect_admitted (door, other, &hello);
  door_fixture_expect_counter (door, SP_DOOR_CROWDED, FLOOD - 12);
  n_open = count_open (clients, FLOOD);
  g_assert_cmpuint (n_open, ==, 12);
  for (guint i = 0; i < FLOOD; i++)
    sp_fd_clear (&clients[i]);
}

/* Slots end, not memory: once the tables' pages have been touched, more of the flood costs none. */
static void
test_flood_costs_no_memory (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (16, 60000, 0);
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  gsize after_first = 0;

  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("a sanitizer keeps what was freed");
      return;
    }
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      sp_autofd int client = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);

      (void) send (client, "\x16", 1, MSG_NOSIGNAL);
      if (i == 1000)
        after_first = door_fixture_get_memory (door);
    }
  g_test_message ("%" G_GSIZE_FORMAT " bytes more", door_fixture_get_memory (door) - after_first);
  g_assert_cmpuint (door_fixture_get_memory (door), <,
                    after_first + 512 * 1024); /* 2 000 connections */
}

/* Few descriptors: the listener stays readable while there is none for who waits; no spin, and
 * whoever goes makes place. */
static void
test_few_descriptors (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (0, 60000, 12);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  sp_autofd int other = -1;
  int clients[40];
  double before;

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *source = g_strdup_printf ("127.1.%u.1", i);
      clients[i] = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);
      send_all (clients[i], hello.bytes, 1);
    }
  (void) door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, 300);
  before = door_fixture_get_cpu_seconds (door);
  g_usleep (G_USEC_PER_SEC);
  g_assert_cmpfloat (door_fixture_get_cpu_seconds (door) - before, <, 0.05);
  other = loopback_connect (SOCK_STREAM, "127.200.1.1", "127.0.0.1", port);
  send_all (other, hello.bytes, hello.size);
  expect_admitted (door, other, &hello);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    sp_fd_clear (&clients[i]);
}

/* 120 connections at the same moment: a stranger is cut to size, somebody known gets every one of
 * them through, those in a hurry a little later. */
static void
test_known_lane (void)
{
  for (guint known = 0; known < 2; known++)
    {
      g_autoptr (DoorFixture) door = door_fixture_start (0, 0, 0);
      Hello hello = make_hello ();
      guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
      SpConnectionEnded ended = { .outcome = SP_OUTCOME_LOGGED_IN };
      gint64 start = g_get_monotonic_time ();
      int clients[120];

      (void) sp_address_from_text ("127.9.9.9", ended.peer_address);
      if (known)
        (void) door_fixture_tell (door, SP_MESSAGE_CONNECTION_ENDED, &ended, -1);
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        {
          clients[i] = loopback_connect (SOCK_STREAM, "127.9.9.9", "127.0.0.1", port);
          (void) send (clients[i], hello.bytes, hello.size, MSG_NOSIGNAL);
        }
      if (known)
        for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
          g_assert_nonnull (door_fixture_expect (door, SP_MESSAGE_CLIENT_ADMITTED, SOON));
      else
        g_assert_cmpuint (door_fixture_count (door, SP_MESSAGE_CLIENT_ADMITTED, 1500), <, 50);
      g_test_message ("%u ms", (guint) ((g_get_monotonic_time () - start) / 1000));
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        sp_fd_clear (&clients[i]);
    }
}

/* Main reads nothing for a while: clients wait in their slots, the door neither spins nor fails,
 * and when main reads again it gets them. */
static void
test_busy_main (void)
{
  g_autoptr (DoorFixture) door = door_fixture_start (64, 0, 0);
  Hello hello = make_hello ();
  guint16 port = door_fixture_listen (door, SP_LISTENER_TCP, "::");
  int clients[600];
  double before;
  guint n_admitted;

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      clients[i] = loopback_connect (SOCK_STREAM, source, "127.0.0.1", port);
      (void) send (clients[i], hello.bytes, hello.size, MSG_NOSIGNAL);
    }
  g_usleep (G_USEC_PER_SEC / 2);
  before = door_fixture_get_cpu_seconds (door);
  g_usleep (G_USEC_PER_SEC);
  g_assert_cmpfloat (door_fixture_get_cpu_seconds (door) - before, <, 0.05);
  n_admitted = door_fixture_count (door, SP_MESSAGE_CLIENT_ADMITTED, 1500);
  g_test_message ("%u of %u admitted", n_admitted, (guint) G_N_ELEMENTS (clients));
  g_assert_cmpuint (n_admitted, >=, 64);
  g_assert_cmpuint (door->counters[SP_DOOR_ADMITTED], ==, n_admitted);
  g_assert_cmpuint (door->counters[SP_DOOR_CROWDED], ==, G_N_ELEMENTS (clients) - n_admitted);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    sp_fd_clear (&clients[i]);
}

/* A main that breaks the wall's rules is not served any longer. */
static void
test_rule_breaker (void)
{
  DoorFixture *door = door_fixture_start (0, 0, 0);
  SpOpenDoor again = { 0 };
  int status;

  (void) door_fixture_tell (door, SP_MESSAGE_OPEN_DOOR, &again, STDERR_FILENO);
  g_assert_cmpint (waitpid (door->pid, &status, 0), ==, door->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  sp_fd_clear (&door->wall);
  g_free (door);
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
  g_test_add_func ("/door/admits/at-once", test_admits);
  g_test_add_func ("/door/admits/pieces", test_admits_pieces);
  g_test_add_func ("/door/half-a-hello", test_half_a_hello_does_not_spin);
  g_test_add_func ("/door/slow-hello", test_slow_hello_is_cut);
  g_test_add_func ("/door/refuses", test_refuses);
  g_test_add_func ("/door/penalty", test_penalty);
  g_test_add_func ("/door/tells-of-floods", test_tells_of_floods);
  g_test_add_func ("/door/flood/bounded", test_flood_is_bounded);
  g_test_add_func ("/door/flood/memory", test_flood_costs_no_memory);
  g_test_add_func ("/door/few-descriptors", test_few_descriptors);
  g_test_add_func ("/door/known-lane", test_known_lane);
  g_test_add_func ("/door/busy-main", test_busy_main);
  g_test_add_func ("/door/rule-breaker", test_rule_breaker);
  return g_test_run ();
}
