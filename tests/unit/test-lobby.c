/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "lobby.h"

#include <unistd.h>

#define SECOND G_USEC_PER_SEC
#define NOW    (1000 * SECOND)
#define BURST  64 /* strangers who are served at one moment */

static SpEndpoint
endpoint (const char *address)
{
  SpEndpoint ret = { .port = 1 };

  g_assert_true (sp_address_from_text (address, ret.address));
  return ret;
}

/* Who has to go, or NULL. */
static SpWaitingClient *
enter (SpLobby *lobby, const char *address, guint max, gint64 now)
{
  const SpWaitingClient client = { .peer = endpoint (address), .local = endpoint ("192.0.2.1") };
  sp_autofd int fd = dup (STDERR_FILENO);
  SpWaitingClient *gone = sp_lobby_enter (lobby, &client, &fd, max, now);

  g_assert_cmpint (fd, ==, -1);
  return gone;
}

static void
expect (SpWaitingClient *taken, const char *address)
{
  g_autoptr (SpWaitingClient) client = taken;
  SpEndpoint peer = endpoint (address);

  g_assert_nonnull (client);
  g_assert_true (sp_endpoint_equal (&client->peer, &peer));
  g_assert_cmpint (client->fd, >=, 0);
}

static void
spend_all (SpLobby *lobby, gint64 now)
{
  for (guint i = 0; i < BURST; i++)
    {
      g_assert_null (enter (lobby, "198.51.100.1", 999, now));
      expect (sp_lobby_take (lobby, now), "198.51.100.1");
    }
}

static void
test_strangers_have_a_budget (void)
{
  g_autoptr (SpLobby) lobby = sp_lobby_new ();

  g_assert_cmpint (sp_lobby_get_wait (lobby, NOW), ==, G_MAXINT64);
  spend_all (lobby, NOW);
  g_assert_null (enter (lobby, "203.0.113.1", 999, NOW));
  g_assert_cmpuint (sp_lobby_count_turns (lobby, NOW), ==, 0);
  g_assert_null (sp_lobby_take (lobby, NOW));
  g_assert_cmpint (sp_lobby_get_wait (lobby, NOW), ==, SECOND / 100);
  g_assert_cmpuint (sp_lobby_count_turns (lobby, NOW + SECOND / 100), ==, 1);
  expect (sp_lobby_take (lobby, NOW + SECOND / 100), "203.0.113.1");
}

static void
test_who_is_met_needs_none (void)
{
  g_autoptr (SpLobby) lobby = sp_lobby_new ();
  SpEndpoint home = endpoint ("203.0.113.1");
  SpStranger next;

  spend_all (lobby, NOW);
  sp_lobby_met (lobby, home.address, NOW);
  g_assert_null (enter (lobby, "198.51.100.1", 999, NOW));
  g_assert_null (enter (lobby, "203.0.113.1", 999, NOW + 1));
  g_assert_cmpuint (sp_lobby_count_turns (lobby, NOW + 1), ==, 1);
  g_assert_cmpint (sp_lobby_get_wait (lobby, NOW + 1), ==, 0);
  g_assert_true (sp_lobby_look (lobby, NOW + 1, &next));
  g_assert_true (next.is_met);
  expect (sp_lobby_take (lobby, NOW + 1), "203.0.113.1");
  g_assert_null (sp_lobby_take (lobby, NOW + 1));
  /* A day later nobody remembers. */
  g_assert_true (sp_lobby_has_met (lobby, home.address, NOW + 3600 * (gint64) SECOND));
  g_assert_false (sp_lobby_has_met (lobby, home.address, NOW + 25 * 3600 * (gint64) SECOND));
}

static void
test_who_is_alone_goes_before_a_crowd (void)
{
  g_autoptr (SpLobby) lobby = sp_lobby_new ();

  for (guint i = 0; i < 8; i++)
    g_assert_null (enter (lobby, "198.51.100.1", 999, NOW + i));
  g_assert_null (enter (lobby, "203.0.113.1", 999, NOW + 8));
  expect (sp_lobby_take (lobby, NOW + 9), "203.0.113.1");
  expect (sp_lobby_take (lobby, NOW + 9), "198.51.100.1");
}

static void
test_a_full_lobby_sends_the_crowd_away (void)
{
  g_autoptr (SpLobby) lobby = sp_lobby_new ();
  g_autoptr (SpWaitingClient) gone = NULL;

  g_assert_null (enter (lobby, "203.0.113.1", 3, NOW));
  g_assert_null (enter (lobby, "198.51.100.1", 3, NOW + 1));
  g_assert_null (enter (lobby, "198.51.100.2", 3, NOW + 2));
  expect (enter (lobby, "192.0.2.7", 3, NOW + 3), "198.51.100.1");
  /* Whoever is met stays even in a crowd. */
  sp_lobby_met (lobby, endpoint ("192.0.2.9").address, NOW);
  gone = enter (lobby, "192.0.2.9", 3, NOW + 4);
  g_assert_nonnull (gone);
  expect (sp_lobby_take (lobby, NOW + 5), "192.0.2.9");
}

static void
test_who_is_banned_waits_no_more (void)
{
  g_autoptr (SpLobby) lobby = sp_lobby_new ();
  SpNetwork network;

  g_assert_true (sp_network_from_text ("198.51.100.0/24", &network));
  g_assert_null (enter (lobby, "198.51.100.1", 999, NOW));
  g_assert_null (enter (lobby, "203.0.113.1", 999, NOW));
  g_assert_null (enter (lobby, "198.51.100.2", 999, NOW));
  sp_lobby_drop (lobby, &network);
  g_assert_cmpuint (sp_lobby_count_turns (lobby, NOW), ==, 1);
  expect (sp_lobby_take (lobby, NOW), "203.0.113.1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lobby/strangers-have-a-budget", test_strangers_have_a_budget);
  g_test_add_func ("/lobby/who-is-met-needs-none", test_who_is_met_needs_none);
  g_test_add_func ("/lobby/who-is-alone-goes-before-a-crowd",
                   test_who_is_alone_goes_before_a_crowd);
  g_test_add_func ("/lobby/a-full-lobby-sends-the-crowd-away",
                   test_a_full_lobby_sends_the_crowd_away);
  g_test_add_func ("/lobby/who-is-banned-waits-no-more", test_who_is_banned_waits_no_more);
  return g_test_run ();
}
