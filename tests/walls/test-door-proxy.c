/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "door-fixture.h"

#include <string.h>
#include <sys/socket.h>

/* Connections that a proxy passes on: the real door, told of proxies as main tells it. */

#define SOON       3000 /* milliseconds, generous for a busy machine */
#define PROXY      "127.9.0.1"
#define NO_PROXY   "127.8.0.1"
#define HEADER     "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a\x21\x11\x00\x0c"
#define LOCAL_HEAD "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a\x20\x00\x00\x00"
#define ANNA       "\xc0\x00\x02\x4d\xc6\x33\x64\x14\x0f\xa0\x01\xbb" /* 192.0.2.77:4000 */
#define BERT       "\xcb\x00\x71\x05\xc6\x33\x64\x14\x0f\xa1\x01\xbb" /* 203.0.113.5:4001 */

typedef struct
{
  DoorFixture *door;
  guint16 port;
  guint8 hello[TEST_HELLO_MAX];
  gsize hello_size;
} Story;

/* Until the door has heard all that it was told before. */
static void
tell (Story *story, guint8 type, gconstpointer message)
{
  SpMintId question = { 0 };

  (void) door_fixture_tell (story->door, type, message, -1);
  (void) door_fixture_tell (story->door, SP_MESSAGE_MINT_ID, &question, -1);
  g_assert_nonnull (door_fixture_expect (story->door, SP_MESSAGE_ID_MINTED, SOON));
}

/* NULL: no proxies. */
static void
set_proxies (Story *story, const char *text)
{
  SpSetProxies message = { 0 };
  SpNetwork network;

  if (text != NULL)
    {
      g_assert_true (sp_network_from_text (text, &network));
      memcpy (message.networks, network.address, SP_ADDRESS_SIZE);
      message.networks[SP_ADDRESS_SIZE] = network.length;
      message.networks_length = SP_PROXY_NETWORK_SIZE;
    }
  tell (story, SP_MESSAGE_SET_PROXIES, &message);
}

static void
set_up (Story *story, gconstpointer data)
{
  story->door = door_fixture_start (0, 0, 0);
  story->port = door_fixture_listen (story->door, SP_LISTENER_TCP, "::");
  story->hello_size = make_client_hello (story->hello, "home.example.net");
  set_proxies (story, "127.9.0.0/16");
}

static void
tear_down (Story *story, gconstpointer data)
{
  door_fixture_stop (story->door);
}

static int
call_from (Story *story, const char *source, const char *head, gsize head_size)
{
  int client = loopback_connect (SOCK_STREAM, source, "127.0.0.1", story->port);

  g_assert_cmpint (send (client, head, head_size, MSG_NOSIGNAL), ==, head_size);
  return client;
}

static void
say_hello (Story *story, int client)
{
  g_assert_cmpint (send (client, story->hello, story->hello_size, MSG_NOSIGNAL), ==,
                   story->hello_size);
}

/* To a door that may have hung up by now. */
static void
say_hello_in_vain (Story *story, int client)
{
  (void) send (client, story->hello, story->hello_size, MSG_NOSIGNAL);
}

/* Main hears whose it is, and the worker will read the hello as if nobody was between. */
static void
expect_forwarded (Story *story, const char *client, guint16 port)
{
  const SpClientForwarded *forwarded =
      door_fixture_expect (story->door, SP_MESSAGE_CLIENT_FORWARDED, SOON);
  guint8 address[SP_ADDRESS_SIZE];
  guint8 unread[TEST_HELLO_MAX];

  g_assert_nonnull (forwarded);
  g_assert_true (sp_address_from_text (client, address));
  g_assert_cmpmem (forwarded->peer_address, SP_ADDRESS_SIZE, address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (forwarded->peer_port, ==, port);
  g_assert_true (sp_address_from_text (PROXY, address));
  g_assert_cmpmem (forwarded->proxy_address, SP_ADDRESS_SIZE, address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (forwarded->local_port, ==, story->port);
  g_assert_cmpint (
      recv (story->door->envelope.fds[0], unread, sizeof unread, MSG_PEEK | MSG_DONTWAIT), ==,
      story->hello_size);
  g_assert_cmpmem (unread, story->hello_size, story->hello, story->hello_size);
}

static void
test_forwarded (Story *story, gconstpointer data)
{
  sp_autofd int whole = call_from (story, PROXY, HEADER ANNA, 28);
  sp_autofd int pieces = -1;

  say_hello (story, whole);
  expect_forwarded (story, "192.0.2.77", 4000);
  for (gsize cut = 1; cut < 28; cut += 13)
    {
      sp_fd_clear (&pieces);
      pieces = call_from (story, PROXY, HEADER BERT, cut);
      g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_CLIENT_FORWARDED, 50));
      g_assert_cmpint (send (pieces, &(HEADER BERT)[cut], 28 - cut, MSG_NOSIGNAL), ==, 28 - cut);
      g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_CLIENT_FORWARDED, 50));
      say_hello (story, pieces);
      expect_forwarded (story, "203.0.113.5", 4001);
    }
}

/* Half a header stays readable in its socket for as long as it takes; that must cost nothing, and
 * no more time than a hello has. */
static void
test_half_a_header (Story *story, gconstpointer data)
{
  sp_autofd int slow = call_from (story, PROXY, HEADER ANNA, 20);
  double before;

  g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_CLIENT_FORWARDED, 200));
  before = door_fixture_get_cpu_seconds (story->door);
  g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_CLIENT_FORWARDED, 1000));
  g_assert_cmpfloat (door_fixture_get_cpu_seconds (story->door) - before, <, 0.02);
  g_assert_true (is_closed_within (slow, 3 * SOON));
  door_fixture_expect_counter (story->door, SP_DOOR_NO_HELLO, 1);
}

/* Nobody but a proxy says who somebody is. */
static void
test_not_a_proxy (Story *story, gconstpointer data)
{
  sp_autofd int liar = call_from (story, NO_PROXY, HEADER ANNA, 28);
  sp_autofd int former = -1;

  say_hello_in_vain (story, liar);
  g_assert_true (is_closed_within (liar, SOON));
  door_fixture_expect_counter (story->door, SP_DOOR_NOT_TLS, 1);
  set_proxies (story, NULL);
  former = call_from (story, PROXY, HEADER ANNA, 28);
  say_hello_in_vain (story, former);
  g_assert_true (is_closed_within (former, SOON));
  door_fixture_expect_counter (story->door, SP_DOOR_NOT_TLS, 2);
}

/* A proxy without a header is refused each time, and never penalised. */
static void
test_no_header (Story *story, gconstpointer data)
{
  sp_autofd int good = -1;

  for (guint i = 1; i <= 20; i++)
    {
      sp_autofd int bare = call_from (story, PROXY, "\x16", 1);

      say_hello_in_vain (story, bare);
      g_assert_true (is_closed_within (bare, SOON));
      door_fixture_expect_counter (story->door, SP_DOOR_NOT_TLS, i);
    }
  good = call_from (story, PROXY, HEADER ANNA, 28);
  say_hello (story, good);
  expect_forwarded (story, "192.0.2.77", 4000);
}

/* Bans and penalties are the client's, and nobody else's behind the same proxy. */
static void
test_own_reputation (Story *story, gconstpointer data)
{
  SpSetBan ban = { .whom = SP_BAN_EVERYBODY };
  SpNetwork network;
  sp_autofd int banned = -1;
  sp_autofd int other = -1;

  g_assert_true (sp_network_from_text ("192.0.2.77/32", &network));
  memcpy (ban.address, network.address, SP_ADDRESS_SIZE);
  ban.length = network.length;
  tell (story, SP_MESSAGE_SET_BAN, &ban);
  banned = call_from (story, PROXY, HEADER ANNA, 28);
  g_assert_true (is_closed_within (banned, SOON));
  door_fixture_expect_counter (story->door, SP_DOOR_BANNED, 1);
  ban.whom = SP_BAN_NOBODY;
  tell (story, SP_MESSAGE_SET_BAN, &ban);
  for (guint i = 0; i < 20; i++)
    {
      sp_autofd int rude = call_from (story, PROXY, HEADER ANNA "GET / HTTP/1.0\r\n", 44);
      g_assert_true (is_closed_within (rude, SOON));
    }
  door_fixture_await_counter (story->door, SP_DOOR_NOT_TLS, story->door->counters[SP_DOOR_NOT_TLS]);
  g_assert_cmpuint (story->door->counters[SP_DOOR_NOT_TLS], <, 20);
  other = call_from (story, PROXY, HEADER BERT, 28);
  say_hello (story, other);
  expect_forwarded (story, "203.0.113.5", 4001);
}

/* The proxy looks whether we live. */
static void
test_health_checks (Story *story, gconstpointer data)
{
  sp_autofd int good = -1;

  for (guint i = 0; i < 20; i++)
    {
      sp_autofd int check = call_from (story, PROXY, LOCAL_HEAD, 16);
      g_assert_no_errno (shutdown (check, SHUT_WR));
      g_assert_true (is_closed_within (check, SOON));
    }
  good = call_from (story, PROXY, HEADER ANNA, 28);
  say_hello (story, good);
  expect_forwarded (story, "192.0.2.77", 4000);
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
#define ADD(name, test) g_test_add ("/door-proxy/" name, Story, NULL, set_up, test, tear_down)
  ADD ("forwarded", test_forwarded);
  ADD ("half-a-header", test_half_a_header);
  ADD ("not-a-proxy", test_not_a_proxy);
  ADD ("no-header", test_no_header);
  ADD ("own-reputation", test_own_reputation);
  ADD ("health-checks", test_health_checks);
  return g_test_run ();
}
