/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fixture.h"

/* One session, several connections: who comes, waits, goes and signs out while the device is handed
 * over. */

static const SpSuspension tea = { .token = "token", .text = "Tea", .reason = "disconnected" };

static SpSession *
the_session (Fixture *self)
{
  return sp_session_registry_get (self->sessions, 0);
}

static void
suspend (Fixture *self)
{
  g_assert_true (sp_session_registry_suspend (self->sessions, the_session (self), &tea, NULL));
}

/* Both gave up, and nobody has the session: its cookie is good for a while, and no longer. */
static void
test_newer_one_is_gone_first (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = make (self, 1, anna);

  expect_orders ("hold 01");
  sp_session_registry_attach (self->sessions, second);
  g_assert_cmpuint (sp_fake_connection (first)->n_recalls, ==, 1);
  leave (self, second, SP_LEFT_CLOSED);
  expect_orders ("");
  leave (self, first, SP_LEFT_STOPPED);
  expect_orders ("release 01 300");
  g_assert_cmpint (sp_session_get_state (the_session (self)), ==, SP_SESSION_RECONNECTING);
  (void) open_session (self, 1, anna);
}

/* Likewise when the owner ends the session meanwhile: it is over then. */
static void
test_newer_one_is_refused_first (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = make (self, 1, anna);

  sp_session_registry_attach (self->sessions, second);
  suspend (self);
  sp_session_registry_end_suspended (self->sessions, tea.token);
  g_assert_cmpuint (sp_fake_connection (second)->refused, ==, 401);
  leave (self, second, SP_LEFT_CLOSED);
  leave (self, first, SP_LEFT_STOPPED);
  expect_closed (self, "01 disconnected");
  g_assert_cmpuint (sp_session_registry_get_n (self->sessions), ==, 0);
}

/* Who was on the way when the owner ended the session carries nothing, either. */
static void
test_taken_over_within_a_window (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);
  SpConnection *second = make (self, 1, anna);

  sp_session_registry_attach (self->sessions, second);
  suspend (self);
  leave (self, first, SP_LEFT_STOPPED);
  while (sp_fake_connection (second)->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  sp_session_registry_attached (self->sessions, second, 1400);
  g_assert_true (sp_fake_connection (second)->paused);
  g_assert_cmpint (sp_session_get_state (the_session (self)), ==, SP_SESSION_DISCONNECTING);
  g_assert_false (sp_session_registry_suspend (self->sessions, the_session (self), &tea, NULL));
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, tea.token), ==, 1);
  g_assert_false (sp_fake_connection (second)->paused);
  g_assert_cmpint (sp_session_get_state (the_session (self)), ==, SP_SESSION_CONNECTED);
}

/* Undoing a disconnection does not sign anybody in again. */
static void
test_signs_out_within_a_window (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  suspend (self);
  g_free (sp_fakes_take_orders ());
  leave (self, first, SP_LEFT_LOGOUT);
  expect_orders ("forget 01");
  expect_closed (self, "01 logout");
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, tea.token), ==, 0);
}

/* Whose connection just breaks is back when it is undone. */
static void
test_breaks_within_a_window (Fixture *self, gconstpointer data)
{
  SpConnection *first = open_session (self, 1, anna);

  suspend (self);
  g_free (sp_fakes_take_orders ());
  leave (self, first, SP_LEFT_CLOSED);
  expect_orders ("");
  g_assert_cmpuint (sp_session_registry_resume (self->sessions, tea.token), ==, 1);
  expect_orders ("unblock 01 release 01 300");
  (void) open_session (self, 1, anna);
}

static SpConnection *
make_at_turn (Fixture *self, guint64 turn)
{
  SpConnection *connection = make (self, 1, anna);

  sp_connection_get_facts (connection)->turn = turn;
  return connection;
}

/* The cookie of the second was accepted last, but its worker spoke first. */
static void
test_late_word_of_an_older_one (Fixture *self, gconstpointer data)
{
  SpConnection *first = make_at_turn (self, 1);
  SpConnection *second = make_at_turn (self, 2);
  SpConnection *third = make_at_turn (self, 3);
  SpConnection *fourth = make_at_turn (self, 4);

  attach (self, second);
  sp_session_registry_attach (self->sessions, first);
  g_assert_cmpuint (sp_fake_connection (first)->refused, ==, 503);
  g_assert_cmpuint (sp_fake_connection (second)->n_recalls, ==, 0);
  /* Nor does it take the place of one that waits. */
  sp_session_registry_attach (self->sessions, fourth);
  g_assert_cmpuint (sp_fake_connection (second)->n_recalls, ==, 1);
  sp_session_registry_attach (self->sessions, third);
  g_assert_cmpuint (sp_fake_connection (third)->refused, ==, 503);
  g_assert_cmpuint (sp_fake_connection (fourth)->refused, ==, 0);
  leave (self, second, SP_LEFT_STOPPED);
  while (sp_fake_connection (fourth)->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
}

/* Whoever was newer is gone: the older one has a client that waits. */
static void
test_older_one_alone (Fixture *self, gconstpointer data)
{
  SpConnection *first = make_at_turn (self, 1);
  SpConnection *second = make_at_turn (self, 2);

  attach (self, second);
  leave (self, second, SP_LEFT_CLOSED);
  attach (self, first);
  g_assert_cmpuint (sp_fake_connection (first)->n_grants, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("take-over/newer-one-is-gone-first", "", test_newer_one_is_gone_first);
  ADD ("take-over/newer-one-is-refused-first", "", test_newer_one_is_refused_first);
  ADD ("take-over/within-a-window", "", test_taken_over_within_a_window);
  ADD ("take-over/signs-out-within-a-window", "", test_signs_out_within_a_window);
  ADD ("take-over/breaks-within-a-window", "", test_breaks_within_a_window);
  ADD ("take-over/late-word-of-an-older-one", "", test_late_word_of_an_older_one);
  ADD ("take-over/older-one-alone", "", test_older_one_alone);
  return g_test_run ();
}
