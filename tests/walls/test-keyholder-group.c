/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include <string.h>

/* Which groups a sign-in may choose, and what becomes of those that it chose. */

static void
put_anna (Room *room, const char *groups)
{
  SpPutUser put = room_user (ANNA, "anna");

  put.groups_length = (guint16) strlen (groups);
  memcpy (put.groups, groups, put.groups_length);
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
}

static void
send_try (Worker *worker, const char *password, const char *group)
{
  SpTryPassword message = { .login_length = 4,
                            .password_length = (guint16) strlen (password),
                            .group_length = (guint16) strlen (group) };

  memcpy (message.login, "anna", 4);
  memcpy (message.password, password, message.password_length);
  memcpy (message.group, group, message.group_length);
  worker_send (worker, SP_MESSAGE_TRY_PASSWORD, &message);
}

/* The group that main is told is the one that was asked for. */
static SpLogin
try_group (
    Room *room, const char *password, const char *group, guint8 *ret_cookie, guint8 *ret_session)
{
  Worker *worker = worker_in_login (room, HOME);
  SpPasswordVerdict answer;
  SpLoginDecided decided;

  send_try (worker, password, group);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &answer);
  if (answer.verdict == SP_LOGIN_ACCEPTED)
    {
      room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
      g_assert_cmpmem (decided.group, decided.group_length, group, strlen (group));
      memcpy (ret_cookie, answer.cookie, SP_COOKIE_SIZE);
      memcpy (ret_session, decided.session, SP_ID_SIZE);
    }
  else
    expect_failed_login (room, answer.verdict, "anna");
  worker_free (worker);
  return answer.verdict;
}

static void
expect_verdict (Room *room, const char *group, SpLogin verdict)
{
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  g_assert_cmpint (try_group (room, "right", group, cookie, session), ==, verdict);
}

static void
test_membership (Story *story, gconstpointer data)
{
  static const char *const others[] = { "hom", "home2", "home\nall", "?" };
  Room *room = story->room;

  expect_verdict (room, "home", SP_LOGIN_WRONG);
  expect_verdict (room, "", SP_LOGIN_ACCEPTED);
  put_anna (room, "home\nall\n");
  expect_verdict (room, "", SP_LOGIN_ACCEPTED);
  expect_verdict (room, "home", SP_LOGIN_ACCEPTED);
  expect_verdict (room, "all", SP_LOGIN_ACCEPTED);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      expect_verdict (room, others[i], SP_LOGIN_WRONG);
      expect_verdict (room, "home", SP_LOGIN_ACCEPTED); /* so that failures do not add up */
    }
}

/* Whose group is wrong has guessed wrong, as with a password: three tries a connection. */
static void
test_counts_as_wrong (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Worker *worker = worker_in_login (room, HOME);
  SpPasswordVerdict answer;

  for (guint i = 0; i < SP_PASSWORD_TRIES; i++)
    {
      send_try (worker, "right", "home");
      worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &answer);
      g_assert_cmpuint (answer.verdict, ==,
                        i + 1 < SP_PASSWORD_TRIES ? SP_LOGIN_WRONG : SP_LOGIN_DENIED);
      expect_failed_login (room, answer.verdict, "anna");
    }
  worker_free (worker);
}

/* Main hears of it with every use, also after the keyholder was killed. */
static void
expect_group_of_cookie (Room *room, const guint8 *cookie, const char *group)
{
  Worker *worker = worker_in_login (room, HOME);
  SpLoginDecided decided;

  g_assert_cmpint (worker_redeem (worker, cookie), ==, SP_LOGIN_ACCEPTED);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
  g_assert_cmpmem (decided.group, decided.group_length, group, strlen (group));
  worker_free (worker);
}

static void
test_cookies (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 in_home[SP_COOKIE_SIZE], in_all[SP_COOKIE_SIZE], in_none[SP_COOKIE_SIZE];
  guint8 home_session[SP_ID_SIZE], all_session[SP_ID_SIZE], session[SP_ID_SIZE];
  SpPutUser put = room_user (ANNA, "anna");
  SpCookieExpired expired;

  put_anna (room, "home\nall\n");
  g_assert_cmpint (try_group (room, "right", "home", in_home, home_session), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (try_group (room, "right", "all", in_all, all_session), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (try_group (room, "right", "", in_none, session), ==, SP_LOGIN_ACCEPTED);
  expect_group_of_cookie (room, in_home, "home");
  put_anna (room, "all\nhome\n"); /* in another order: nobody minds */
  room_expect_silence (room);
  put.groups_length = 4;
  memcpy (put.groups, "all\n", 4);
  room_ask (room, SP_MESSAGE_PUT_USER, &put, -1, SP_MESSAGE_COOKIE_EXPIRED, &expired);
  g_assert_cmpmem (expired.session, SP_ID_SIZE, home_session, SP_ID_SIZE);
  g_assert_cmpuint (expired.bar, ==, SP_BAR_GROUP);
  room_receive (room, SP_MESSAGE_USER_PUT, NULL);
  g_assert_cmpint (redeem (room, in_home, home_session), ==, SP_LOGIN_DENIED);
  expect_group_of_cookie (room, in_all, "all");
  expect_group_of_cookie (room, in_none, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("group/membership", test_membership);
  ADD_ANNA ("group/counts-as-wrong", test_counts_as_wrong);
  ADD_ANNA ("group/cookies", test_cookies);
  return g_test_run ();
}
