/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "base/label.h"
#include "door-fixture.h"

#include <string.h>
#include <sys/socket.h>

/* The gate on the server's name: the real door, told of names and labels as main tells it. */

#define SOON 3000 /* milliseconds, generous for a busy machine */
#define OWN  "home.example.net"

typedef struct
{
  DoorFixture *door;
  guint16 port;
  char label[SP_LABEL_LENGTH + 1];
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

static void
set_gate (Story *story, SpGateMode mode)
{
  static const char names[] = OWN "\0*.example.com";
  g_autofree SpSetNameGate *gate = g_new0 (SpSetNameGate, 1);

  gate->mode = (guint8) mode;
  gate->own_length = (guint16) strlen (OWN);
  memcpy (gate->own, OWN, gate->own_length);
  gate->names_length = sizeof names;
  memcpy (gate->names, names, sizeof names);
  tell (story, SP_MESSAGE_SET_NAME_GATE, gate);
}

static void
set_label (Story *story, gboolean good)
{
  g_autofree SpSetLabels *labels = g_new0 (SpSetLabels, 1);

  labels->good = (guint8) good;
  labels->hashes_length = SP_LABEL_HASH_SIZE;
  sp_label_hash (story->label, labels->hashes);
  tell (story, SP_MESSAGE_SET_LABELS, labels);
}

static void
set_up (Story *story, gconstpointer data)
{
  story->door = door_fixture_start (0, 0, 0);
  story->port = door_fixture_listen (story->door, SP_LISTENER_TCP, "::");
  sp_label_make (story->label);
}

static void
tear_down (Story *story, gconstpointer data)
{
  door_fixture_stop (story->door);
}

/* Whether somebody there who calls the server so gets past the door.  NULL: by no name. */
static gboolean
is_let_in (Story *story, const char *source, const char *name)
{
  sp_autofd int client = loopback_connect (SOCK_STREAM, source, "127.0.0.1", story->port);
  guint8 hello[TEST_HELLO_MAX];
  gsize size = make_client_hello (hello, name);
  guint64 turned_away =
      story->door->counters[SP_DOOR_NAMELESS] + story->door->counters[SP_DOOR_LABEL];
  gint64 deadline = g_get_monotonic_time () + SOON * (gint64) 1000;

  g_assert_cmpint (send (client, hello, size, MSG_NOSIGNAL), ==, size);
  while (g_get_monotonic_time () < deadline)
    {
      if (door_fixture_expect (story->door, SP_MESSAGE_CLIENT_ADMITTED, 50) != NULL)
        return TRUE;
      if (is_closed_within (client, 0) &&
          story->door->counters[SP_DOOR_NAMELESS] + story->door->counters[SP_DOOR_LABEL] >
              turned_away)
        return FALSE;
    }
  g_assert_not_reached ();
}

static gboolean
is_label_let_in (Story *story, const char *source)
{
  g_autofree char *name = g_strconcat (story->label, "." OWN, NULL);

  return is_let_in (story, source, name);
}

static void
become_known (Story *story, const char *source)
{
  SpConnectionEnded ended = { .outcome = SP_OUTCOME_LOGGED_IN };

  (void) sp_address_from_text (source, ended.peer_address);
  tell (story, SP_MESSAGE_CONNECTION_ENDED, &ended);
}

static void
test_name (Story *story, gconstpointer data)
{
  g_assert_true (is_let_in (story, "127.1.0.1", NULL)); /* off until main says more */
  set_gate (story, SP_GATE_NAME);
  g_assert_false (is_let_in (story, "127.1.0.1", NULL));
  g_assert_false (is_let_in (story, "127.1.1.1", "other.example.net"));
  door_fixture_expect_counter (story->door, SP_DOOR_NAMELESS, 2);
  g_assert_true (is_let_in (story, "127.1.2.1", OWN));
  g_assert_true (is_let_in (story, "127.1.2.2", "HOME.Example.net"));
  g_assert_true (is_let_in (story, "127.1.3.1", "attic.example.com"));
  become_known (story, "127.1.0.1");
  g_assert_true (is_let_in (story, "127.1.0.1", NULL));
  set_gate (story, SP_GATE_OFF);
  g_assert_true (is_let_in (story, "127.1.1.1", "other.example.net"));
  g_assert_cmpuint (story->door->counters[SP_DOOR_LABEL], ==, 0);
}

static void
test_label (Story *story, gconstpointer data)
{
  set_gate (story, SP_GATE_LABEL);
  g_assert_false (is_let_in (story, "127.1.0.1", OWN));
  g_assert_false (is_label_let_in (story, "127.1.1.1"));
  door_fixture_expect_counter (story->door, SP_DOOR_NAMELESS, 1);
  door_fixture_expect_counter (story->door, SP_DOOR_LABEL, 1);
  set_label (story, TRUE);
  g_assert_true (is_label_let_in (story, "127.1.1.1"));
  become_known (story, "127.1.1.1");
  set_label (story, FALSE);
  g_assert_false (is_label_let_in (story, "127.1.1.1")); /* not even who is known */
  g_assert_true (is_let_in (story, "127.1.1.1", OWN));
  door_fixture_expect_counter (story->door, SP_DOOR_LABEL, 2);
}

/* Who tries names is refused before anybody looks, in the end; somebody else is not. */
static void
test_penalty (Story *story, gconstpointer data)
{
  guint8 hello[TEST_HELLO_MAX];
  gsize size = make_client_hello (hello, "guess.example.net");

  set_gate (story, SP_GATE_NAME);
  for (guint i = 0; i < 20; i++)
    {
      sp_autofd int client = loopback_connect (SOCK_STREAM, "127.7.7.7", "127.0.0.1", story->port);

      (void) send (client, hello, size, MSG_NOSIGNAL);
      g_assert_true (is_closed_within (client, SOON));
    }
  door_fixture_await_counter (story->door, SP_DOOR_PENALTY, 1);
  g_assert_cmpuint (story->door->counters[SP_DOOR_NAMELESS], >=, 10);
  g_assert_cmpuint (story->door->counters[SP_DOOR_NAMELESS], <, 20);
  g_assert_true (is_let_in (story, "127.7.8.7", OWN));
  g_assert_cmpuint (story->door->counters[SP_DOOR_ADMITTED], <=, 1);
}

/* Thousands of devices. */
static void
test_many_labels (Story *story, gconstpointer data)
{
  g_autofree SpSetLabels *labels = g_new0 (SpSetLabels, 1);

  set_gate (story, SP_GATE_LABEL);
  set_label (story, TRUE);
  labels->good = 1;
  labels->hashes_length = sizeof labels->hashes;
  for (guint i = 0; i < 8; i++)
    {
      sp_random_bytes (labels->hashes, sizeof labels->hashes);
      tell (story, SP_MESSAGE_SET_LABELS, labels);
    }
  g_assert_true (is_label_let_in (story, "127.1.1.1"));
}

#define ADD(path, test) g_test_add (path, Story, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!door_fixture_isolate ())
    {
      g_print ("1..0 # SKIP only root may make a network\n");
      return 0;
    }
  ADD ("/door/name/name", test_name);
  ADD ("/door/name/label", test_label);
  ADD ("/door/name/penalty", test_penalty);
  ADD ("/door/name/many-labels", test_many_labels);
  return g_test_run ();
}
