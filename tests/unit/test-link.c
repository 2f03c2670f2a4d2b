/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

#include "base/error.h"
#include "base/io.h"
#include "walls/worker-keyholder.h"

#include <sys/socket.h>
#include <unistd.h>

/* One end is a link, the other a bare socket that the test plays. */
typedef struct
{
  SpLink *link;
  int peer;
  guint handled;
  GError *closed;
  const char *name;
  GString *order;
} Fixture;

static void
question_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  Fixture *fixture = user_data;

  fixture->handled++;
  if (fixture->order != NULL)
    g_string_append (fixture->order, fixture->name);
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->closed);
  fixture->closed = g_error_copy (error);
}

static const SpLinkTable table = {
  .handlers = { [SP_MESSAGE_SIGN_VERIFY] = question_cb,
                [SP_MESSAGE_SIGN_DIGEST] = question_cb,
                [SP_MESSAGE_TRY_PASSWORD] = question_cb,
                [SP_MESSAGE_REDEEM_COOKIE] = question_cb,
                [SP_MESSAGE_LOGOUT_COOKIE] = question_cb,
                [SP_MESSAGE_SIGN_RENEWAL] = question_cb,
                [SP_MESSAGE_LOOK_AT_INVITATION] = question_cb,
                [SP_MESSAGE_CLAIM_INVITATION] = question_cb,
                [SP_MESSAGE_FETCH_ENROLMENT] = question_cb,
                [SP_MESSAGE_TRY_CODE] = question_cb,
                [SP_MESSAGE_PROVE_CERTIFICATE] = question_cb,
                [SP_MESSAGE_TRY_CERTIFICATE] = question_cb },
  .closed = closed_cb,
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  fixture->peer = pair[1];
  fixture->link = sp_link_new (pair[0], &sp_wall_worker_keyholder, SP_WORKER_KEYHOLDER_KEYHOLDER,
                               &table, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sp_link_free (fixture->link);
  sp_fd_clear (&fixture->peer);
  g_clear_error (&fixture->closed);
}

static void
run_until_quiet (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
ask (Fixture *fixture, guint8 type)
{
  SpTryPassword message = { 0 }; /* all zero is a legal message of every type used here */

  g_assert_true (
      sp_channel_send (fixture->peer, &sp_wall_worker_keyholder, type, 1, &message, NULL, 0, NULL));
}

static void
answer_until_messages_wait (Fixture *fixture)
{
  static const SpPasswordVerdict verdict;

  /* more than any socket buffer takes, fewer than a link keeps beside it */
  for (guint i = 0; i < 400; i++)
    sp_link_answer (fixture->link, SP_MESSAGE_PASSWORD_VERDICT, i, &verdict, NULL, 0);
}

static void
test_waiting_messages_arrive (Fixture *fixture, gconstpointer data)
{
  guint8 bytes[256];
  guint arrived = 0;

  answer_until_messages_wait (fixture);
  for (guint turn = 0; turn < 100; turn++)
    {
      while (read (fixture->peer, bytes, sizeof bytes) > 0)
        arrived++;
      run_until_quiet ();
    }
  g_assert_cmpuint (arrived, ==, 400);
  g_assert_no_error (fixture->closed);
}

static void
test_peer_closes_while_messages_wait (Fixture *fixture, gconstpointer data)
{
  answer_until_messages_wait (fixture);
  sp_fd_clear (&fixture->peer);
  run_until_quiet ();
  g_assert_error (fixture->closed, SP_ERROR, SP_ERROR_PEER_GONE);
}

static void
test_peer_stops_reading_for_good (Fixture *fixture, gconstpointer data)
{
  guint8 bytes[256];

  answer_until_messages_wait (fixture);
  while (read (fixture->peer, bytes, sizeof bytes) > 0) /* so that our end may write again */
    continue;
  g_assert_cmpint (shutdown (fixture->peer, SHUT_RD), ==, 0);
  run_until_quiet ();
  g_assert_error (fixture->closed, SP_ERROR, SP_ERROR_PEER_GONE);
}

static void
test_peer_does_not_read (Fixture *fixture, gconstpointer data)
{
  static const SpPasswordVerdict verdict;

  for (guint i = 0; i < 2000; i++)
    sp_link_answer (fixture->link, SP_MESSAGE_PASSWORD_VERDICT, i, &verdict, NULL, 0);
  g_assert_no_error (fixture->closed); /* never from inside a call */
  run_until_quiet ();
  g_assert_error (fixture->closed, SP_ERROR, SP_ERROR_BUSY);
}

static void
test_longer_queue (Fixture *fixture, gconstpointer data)
{
  static const SpPasswordVerdict verdict;
  sp_link_set_queue_max (fixture->link, 4000);
  for (guint i = 0; i < 4000; i++)
    sp_link_answer (fixture->link, SP_MESSAGE_PASSWORD_VERDICT, i, &verdict, NULL, 0);
  run_until_quiet ();
  g_assert_no_error (fixture->closed);
}

static void
test_rule_breaker_is_told_once (Fixture *fixture, gconstpointer data)
{
  ask (fixture, SP_MESSAGE_TRY_PASSWORD); /* before any signature */
  ask (fixture, SP_MESSAGE_SIGN_VERIFY);
  run_until_quiet ();
  g_assert_error (fixture->closed, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
  g_assert_cmpuint (fixture->handled, ==, 0);
}

/* The wall that was made later is read empty first, though its messages came later, too. */
static void
test_priority (Fixture *first, gconstpointer data)
{
  g_autoptr (GString) order = g_string_new (NULL);
  Fixture second = { 0 };

  set_up (&second, NULL);
  first->name = "a";
  second.name = "b";
  first->order = second.order = order;
  sp_link_set_priority (second.link, G_PRIORITY_HIGH);
  ask (first, SP_MESSAGE_SIGN_VERIFY);
  ask (&second, SP_MESSAGE_SIGN_VERIFY);
  ask (&second, SP_MESSAGE_SIGN_DIGEST);
  run_until_quiet ();
  g_assert_cmpstr (order->str, ==, "bba");
  tear_down (&second, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/link/waiting-messages-arrive", test_waiting_messages_arrive);
  ADD ("/link/peer-closes-while-messages-wait", test_peer_closes_while_messages_wait);
  ADD ("/link/peer-stops-reading-for-good", test_peer_stops_reading_for_good);
  ADD ("/link/peer-does-not-read", test_peer_does_not_read);
  ADD ("/link/longer-queue", test_longer_queue);
  ADD ("/link/rule-breaker-is-told-once", test_rule_breaker_is_told_once);
  ADD ("/link/priority", test_priority);
  return g_test_run ();
}
