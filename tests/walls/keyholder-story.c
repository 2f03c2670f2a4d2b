/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/endpoint.h"

#include <string.h>

void
story_begin (Story *story, gconstpointer data)
{
  const char *program = g_getenv ("SALLYPORT_KEYHOLDER");

  g_assert_nonnull (program); /* its path; the build sets it */
  story->room = room_new (program);
  room_start (story->room);
}

void
story_begin_with_anna (Story *story, gconstpointer data)
{
  story_begin (story, data);
  room_prepare (story->room, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpint (room_put_user (story->room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (room_set_password (story->room, ANNA, "right"), ==, SP_DONE_OK);
}

void
story_end (Story *story, gconstpointer data)
{
  room_free (story->room);
}

void
expect_failed_login (Room *room, SpLogin verdict, const char *login)
{
  SpLoginFailed failed;

  room_receive (room, SP_MESSAGE_LOGIN_FAILED, &failed);
  g_assert_cmpuint (failed.verdict, ==, verdict);
  g_assert_cmpmem (failed.login, failed.login_length, login, strlen (login));
}

void
expect_expired (Room *room, const guint8 *session)
{
  SpCookieExpired expired;

  room_receive (room, SP_MESSAGE_COOKIE_EXPIRED, &expired);
  g_assert_cmpmem (expired.session, sizeof expired.session, session, SP_ID_SIZE);
  g_assert_cmpuint (expired.bar, ==, SP_BAR_NONE);
}

void
sign_in_anna (Room *room, const char *address, guint8 *ret_cookie, guint8 *ret_session)
{
  Worker *worker = worker_in_login (room, address);

  g_assert_cmpint (worker_sign_in (worker, "anna", "right", ret_cookie, ret_session), ==,
                   SP_LOGIN_ACCEPTED);
  worker_free (worker);
}

/* Wherever a cookie is used, main hears where and when it was earned: here all are at home. */
static void
expect_origin (const SpLoginDecided *decided)
{
  gint64 age = g_get_real_time () - (gint64) decided->signed_in;
  guint8 home[SP_ADDRESS_SIZE];

  g_assert_true (sp_address_from_text (HOME, home));
  g_assert_cmpmem (decided->signed_in_from, SP_ADDRESS_SIZE, home, SP_ADDRESS_SIZE);
  g_assert_cmpint (age, >=, 0);
  g_assert_cmpint (age, <, 600 * G_USEC_PER_SEC);
}

SpLogin
redeem (Room *room, const guint8 *cookie, const guint8 *session)
{
  Worker *worker = worker_in_login (room, AWAY);
  SpLogin verdict = worker_redeem (worker, cookie);
  SpLoginDecided decided;

  if (verdict == SP_LOGIN_ACCEPTED)
    {
      room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
      g_assert_cmpuint (decided.worker, ==, worker->number);
      g_assert_cmpuint (decided.by, ==, SP_BY_COOKIE);
      g_assert_cmpmem (decided.session, sizeof decided.session, session, SP_ID_SIZE);
      g_assert_cmpuint (decided.user[0], ==, ANNA);
      expect_origin (&decided);
    }
  if (verdict == SP_LOGIN_DENIED)
    expect_failed_login (room, SP_LOGIN_DENIED, "");
  worker_free (worker);
  return verdict;
}

SpLogin
try_once (Room *room, const char *address, const char *password)
{
  Worker *worker = worker_in_login (room, address);
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpLogin verdict = worker_sign_in (worker, "anna", password, cookie, session);

  if (verdict != SP_LOGIN_ACCEPTED)
    expect_failed_login (room, verdict, "anna");
  worker_free (worker);
  return verdict;
}
