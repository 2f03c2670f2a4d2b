/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include <sqlite3.h>
#include <string.h>

/* The real program over real sockets: cookies, and what outlives a sudden end. */

static void
test_cookie (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  guint8 other[SP_COOKIE_SIZE] = { 0 };

  sign_in_anna (room, HOME, cookie, session);
  g_assert_cmpint (redeem (room, other, session), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED); /* roaming */
  room_block (room, session, TRUE);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_SUSPENDED);
  room_block (room, session, FALSE);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED);
  room_say_session (room, SP_MESSAGE_FORGET_COOKIE, session);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  room_expect_silence (room);
}

static void
log_out (Room *room, const guint8 *cookie)
{
  Worker *worker = worker_in_login (room, HOME);

  worker_send (worker, SP_MESSAGE_LOGOUT_COOKIE, cookie);
  worker_receive (worker, SP_MESSAGE_LOGOUT_DONE, NULL);
  worker_free (worker);
}

/* Whoever brings a cookie may give it up, once, and only that one. */
static void
test_logout (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookies[3][SP_COOKIE_SIZE];
  guint8 sessions[3][SP_ID_SIZE];
  SpLoggedOut told;
  Worker *worker;

  for (guint i = 0; i < 3; i++)
    sign_in_anna (room, HOME, cookies[i], sessions[i]);
  log_out (room, cookies[0]);
  room_receive (room, SP_MESSAGE_LOGGED_OUT, &told);
  g_assert_cmpmem (told.session, SP_ID_SIZE, sessions[0], SP_ID_SIZE);
  g_assert_cmpint (redeem (room, cookies[0], sessions[0]), ==, SP_LOGIN_DENIED);
  log_out (room, cookies[0]);
  expect_failed_login (room, SP_LOGIN_DENIED, "");
  room_block (room, sessions[1], TRUE);
  log_out (room, cookies[1]);
  room_receive (room, SP_MESSAGE_LOGGED_OUT, &told);
  g_assert_cmpmem (told.session, SP_ID_SIZE, sessions[1], SP_ID_SIZE);
  g_assert_cmpint (redeem (room, cookies[2], sessions[2]), ==, SP_LOGIN_ACCEPTED);
  worker = worker_in_login (room, HOME);
  worker_send (worker, SP_MESSAGE_LOGOUT_COOKIE, cookies[0]);
  worker_receive (worker, SP_MESSAGE_LOGOUT_DONE, NULL);
  expect_failed_login (room, SP_LOGIN_DENIED, "");
  worker_send (worker, SP_MESSAGE_LOGOUT_COOKIE, cookies[2]);
  g_assert_true (worker_is_cut_off (worker));
  worker_free (worker);
  g_assert_cmpint (redeem (room, cookies[2], sessions[2]), ==, SP_LOGIN_ACCEPTED);
}

/* When the worker has its answer, main's is there already; what nobody waits for comes later. */
static void
test_main_is_told_first (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Worker *worker = worker_in_login (room, HOME);
  SpPasswordVerdict verdict;
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);

  worker_send_password (worker, "anna", "right");
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_true (sp_channel_receive (room->wall, &room->permit, envelope, NULL));
  g_assert_cmpuint (envelope->header.type, ==, SP_MESSAGE_LOGIN_DECIDED);
  room_receive (room, SP_MESSAGE_FIRST_LOGIN, NULL);
  worker_send (worker, SP_MESSAGE_REDEEM_COOKIE, verdict.cookie);
  worker_receive (worker, SP_MESSAGE_COOKIE_VERDICT, NULL);
  g_assert_true (sp_channel_receive (room->wall, &room->permit, envelope, NULL));
  g_assert_cmpuint (envelope->header.type, ==, SP_MESSAGE_LOGIN_DECIDED);
  worker_free (worker);
}

static void
test_expiry (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 held[SP_COOKIE_SIZE];
  guint8 held_session[SP_ID_SIZE];
  guint8 released[SP_COOKIE_SIZE];
  guint8 released_session[SP_ID_SIZE];

  sign_in_anna (room, HOME, held, held_session);
  sign_in_anna (room, HOME, released, released_session);
  room_release (room, held_session, 0);
  room_say_session (room, SP_MESSAGE_HOLD_COOKIE, held_session);
  room_release (room, released_session, 1);
  expect_expired (room, released_session);
  g_assert_cmpint (redeem (room, released, released_session), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (redeem (room, held, held_session), ==, SP_LOGIN_ACCEPTED);
}

static void
expect_known (Room *room, const guint8 *session)
{
  SpSessionKnown known;
  gint64 left;

  room_receive (room, SP_MESSAGE_SESSION_KNOWN, &known);
  g_assert_cmpmem (known.session, SP_ID_SIZE, session, SP_ID_SIZE);
  g_assert_cmpuint (known.user[0], ==, ANNA);
  left = ((gint64) known.expires - g_get_real_time ()) / G_USEC_PER_SEC;
  g_assert_cmpint (left, >, STORY_SECONDS - 60);
  g_assert_cmpint (left, <=, STORY_SECONDS + 15);
}

/* Main may change how long cookies live unused while the keyholder runs. */
static void
test_other_seconds (Story *story, gconstpointer data)
{
  Room *room = story->room;
  const SpCookieSeconds other = { .seconds = 100 };
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpSessionKnown known;
  gint64 left;

  room_send (room, SP_MESSAGE_COOKIE_SECONDS, &other, -1);
  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_OK); /* heard */
  sign_in_anna (room, HOME, cookie, session);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  room_receive (room, SP_MESSAGE_SESSION_KNOWN, &known);
  left = ((gint64) known.expires - g_get_real_time ()) / G_USEC_PER_SEC;
  g_assert_cmpint (left, >, 0);
  g_assert_cmpint (left, <=, 100 + 15);
}

/* What was acknowledged is there after a sudden end, each time at another point. */
static void
test_killed (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpint (room_set_password (room, ANNA, "right"), ==, SP_DONE_OK);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  sign_in_anna (room, HOME, cookie, session);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  expect_known (room, session);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED);
  room_say_session (room, SP_MESSAGE_HOLD_COOKIE, session);
  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_OK); /* now it is held */
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  expect_known (room, session);
  g_assert_cmpint (room_remove_user (room, BERT), ==, SP_DONE_OK);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  expect_known (room, session);
  g_assert_cmpint (room_remove_user (room, BERT), ==, SP_DONE_NOT_FOUND);
}

static void
test_expired_meanwhile (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  sign_in_anna (room, HOME, cookie, session);
  room_release (room, session, 1);
  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_OK); /* released */
  room_kill (room);
  g_usleep (1200 * 1000);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  expect_expired (room, session);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
}

/* More sessions than a socket and a usual queue hold, to a main that is busy at first. */
static void
test_many_sessions (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_autofree char *file = g_build_filename (room->folder, "keyholder.db", NULL);
  sqlite3 *database;

  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  room_kill (room);
  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (database,
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4000) "
                    "INSERT INTO cookies (hash, session, user, expires) "
                    "SELECT randomblob (32), randomblob (16), id, NULL FROM n, users",
                    NULL, NULL, NULL),
      ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, 1);
  g_usleep (500 * 1000);
  for (guint i = 0; i < 4000; i++)
    room_receive (room, SP_MESSAGE_SESSION_KNOWN, NULL);
  g_usleep (1500 * 1000);
  for (guint i = 0; i < 4000; i++)
    room_receive (room, SP_MESSAGE_COOKIE_EXPIRED, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("cookie", test_cookie);
  ADD_ANNA ("logout", test_logout);
  ADD_ANNA ("main-is-told-first", test_main_is_told_first);
  ADD_ANNA ("expiry", test_expiry);
  ADD_ANNA ("other-seconds", test_other_seconds);
  ADD ("killed", test_killed);
  ADD_ANNA ("expired-meanwhile", test_expired_meanwhile);
  ADD ("many-sessions", test_many_sessions);
  return g_test_run ();
}
