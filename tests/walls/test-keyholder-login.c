/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/io.h"

#include <fcntl.h>
#include <signal.h>
#include <crypt.h>
#include <string.h>
#include <unistd.h>

#define STRANGERS_MIN     6 /* fewer, and she is hashed beside the new password, not after it */
#define STRANGERS_MAX     24
#define STRANGERS_SECONDS 2 /* to hash them all; after eight, who waits is told to come back */

/* The real program over real sockets: users and their passwords. */

static void
test_passwords (Story *story, gconstpointer data)
{
  static const struct
  {
    const char *login;
    const char *password;
    SpLogin verdict;
  } tries[] = {
    { "anna", "right", SP_LOGIN_ACCEPTED }, { "anna", "wrong", SP_LOGIN_WRONG },
    { "anna", "right\n", SP_LOGIN_WRONG },  { "anna", "", SP_LOGIN_WRONG },
    { "Anna", "right", SP_LOGIN_WRONG },    { "anna ", "right", SP_LOGIN_WRONG },
    { "nobody", "right", SP_LOGIN_WRONG },  { "", "right", SP_LOGIN_WRONG },
    { "bert", "", SP_LOGIN_WRONG }, /* has none */
  };

  g_assert_cmpint (room_put_user (story->room, BERT, "bert", TRUE), ==, SP_DONE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u", 100 + i);
      Worker *worker = worker_in_login (story->room, address);
      guint8 cookie[SP_COOKIE_SIZE];
      guint8 session[SP_ID_SIZE];

      g_assert_cmpint (worker_sign_in (worker, tries[i].login, tries[i].password, cookie, session),
                       ==, tries[i].verdict);
      if (tries[i].verdict != SP_LOGIN_ACCEPTED)
        expect_failed_login (story->room, tries[i].verdict, tries[i].login);
      worker_free (worker);
    }
}

static void
test_users (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  Worker *worker;

  g_assert_cmpint (room_put_user (room, BERT, "anna", TRUE), ==, SP_DONE_INVALID);
  g_assert_cmpint (room_put_user (room, BERT, "", TRUE), ==, SP_DONE_INVALID);
  g_assert_cmpint (room_set_password (room, BERT, "x"), ==, SP_DONE_NOT_FOUND);
  g_assert_cmpint (room_remove_user (room, BERT), ==, SP_DONE_NOT_FOUND);

  /* renamed: same person, same password */
  g_assert_cmpint (room_put_user (room, ANNA, "anne", TRUE), ==, SP_DONE_OK);
  worker = worker_in_login (room, HOME);
  g_assert_cmpint (worker_try (worker, "anna", "right"), ==, SP_LOGIN_WRONG);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  g_assert_cmpint (worker_sign_in (worker, "anne", "right", cookie, session), ==,
                   SP_LOGIN_ACCEPTED);
  worker_free (worker);
}

/* What keeps anna out, and what somebody with her password is told. */
typedef struct
{
  SpBar bar;
  gint64 ends_in; /* seconds; 0 = never */
  SpBar told;
  SpLogin verdict;
  gint64 paused_for; /* seconds */
} Bar;

static const Bar bars[] = {
  { SP_BAR_DISABLED, 0, SP_BAR_DISABLED, SP_LOGIN_USER_DISABLED },
  { SP_BAR_QUOTA, 0, SP_BAR_QUOTA, SP_LOGIN_USER_QUOTA },
  { SP_BAR_REMOVED, 0, SP_BAR_REMOVED, SP_LOGIN_WRONG },
  { SP_BAR_NONE, -1, SP_BAR_EXPIRED, SP_LOGIN_USER_EXPIRED },
  { SP_BAR_DISABLED, -1, SP_BAR_DISABLED, SP_LOGIN_USER_DISABLED },
  { SP_BAR_NONE, 0, SP_BAR_PAUSED, SP_LOGIN_USER_PAUSED, 60 },
  { SP_BAR_NONE, -1, SP_BAR_EXPIRED, SP_LOGIN_USER_EXPIRED, 60 },
};

static void
test_barred (Story *story, gconstpointer data)
{
  const Bar *bar = data;
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpPutUser put = room_user (ANNA, "anna");
  SpCookieExpired expired;
  Worker *worker;

  sign_in_anna (room, HOME, cookie, session);
  room_say_session (room, SP_MESSAGE_HOLD_COOKIE, session);
  put.bar = bar->bar;
  if (bar->ends_in != 0)
    put.expires_at = (guint64) (g_get_real_time () + bar->ends_in * G_USEC_PER_SEC);
  if (bar->paused_for != 0)
    put.paused_until = (guint64) (g_get_real_time () + bar->paused_for * G_USEC_PER_SEC);
  room_ask (room, SP_MESSAGE_PUT_USER, &put, -1, SP_MESSAGE_COOKIE_EXPIRED, &expired);
  g_assert_cmpmem (expired.session, SP_ID_SIZE, session, SP_ID_SIZE);
  g_assert_cmpuint (expired.bar, ==, bar->told);
  room_receive (room, SP_MESSAGE_USER_PUT, NULL);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);

  worker = worker_in_login (room, HOME);
  g_assert_cmpint (worker_try (worker, "anna", "wrong"), ==, SP_LOGIN_WRONG);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  g_assert_cmpint (worker_try (worker, "anna", "right"), ==, bar->verdict);
  expect_failed_login (room, bar->verdict, "anna");
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (worker_sign_in (worker, "anna", "right", cookie, session), ==,
                   SP_LOGIN_ACCEPTED);
  worker_free (worker);
}

/* What keeps somebody out only for now leaves the cookies, which are no good meanwhile; a pause
 * ends by itself. */
static void
test_kept_cookies (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpPutUser put = room_user (ANNA, "anna");

  sign_in_anna (room, HOME, cookie, session);
  put.keep_cookies = 1;
  put.bar = SP_BAR_DISABLED;
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  put.bar = SP_BAR_NONE;
  put.paused_until = (guint64) (g_get_real_time () + G_USEC_PER_SEC);
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  while (g_get_real_time () <= (gint64) put.paused_until)
    g_usleep (10 * 1000);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
}

/* Nobody says anything at the moment: the keyholder has to know it. */
static void
test_expires (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  SpPutUser put = room_user (ANNA, "anna");
  SpCookieExpired expired;

  sign_in_anna (room, HOME, cookie, session);
  room_say_session (room, SP_MESSAGE_HOLD_COOKIE, session);
  put.expires_at = (guint64) (g_get_real_time () + 2 * G_USEC_PER_SEC);
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
  room_receive (room, SP_MESSAGE_COOKIE_EXPIRED, &expired);
  g_assert_cmpint (g_get_real_time (), >=, (gint64) put.expires_at);
  g_assert_cmpuint (expired.bar, ==, SP_BAR_EXPIRED);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_USER_EXPIRED);
}

static gint64
hear_first_login (Room *room)
{
  SpFirstLogin first;

  room_receive (room, SP_MESSAGE_FIRST_LOGIN, &first);
  g_assert_cmpuint (first.user[0], ==, ANNA);
  return (gint64) first.at;
}

/* The time of somebody new begins with the first sign-in, once, whatever is restarted. */
static void
test_first_login (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpPutUser put = room_user (ANNA, "anna");
  guint8 cookie[SP_COOKIE_SIZE];
  gint64 before = g_get_real_time ();
  SpPasswordVerdict verdict;
  SpCookieExpired expired;
  Worker *worker;
  gint64 first;

  put.expires_after = 3600;
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
  g_assert_cmpint (try_once (room, HOME, "wrong"), ==, SP_LOGIN_WRONG);
  worker = worker_in_login (room, HOME);
  worker_send_password (worker, "anna", "right");
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  first = hear_first_login (room);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  memcpy (cookie, verdict.cookie, sizeof cookie);
  worker_free (worker);
  g_assert_cmpint (first, >=, before);

  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  put.expires_after = 1;
  while (g_get_real_time () < first + (gint64) G_USEC_PER_SEC)
    g_usleep (10 * 1000);
  room_ask (room, SP_MESSAGE_PUT_USER, &put, -1, SP_MESSAGE_SESSION_KNOWN, NULL);
  room_receive (room, SP_MESSAGE_COOKIE_EXPIRED, &expired);
  g_assert_cmpuint (expired.bar, ==, SP_BAR_EXPIRED);
  g_assert_cmpint (hear_first_login (room), ==, first);
  room_receive (room, SP_MESSAGE_USER_PUT, NULL);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_USER_EXPIRED);
  worker = worker_in_login (room, HOME);
  g_assert_cmpint (worker_redeem (worker, cookie), ==, SP_LOGIN_DENIED);
  worker_free (worker);
}

/* Main died between asking and storing: the login must not be lost. */
static void
test_unknown_user_makes_room (Story *story, gconstpointer data)
{
  Room *room = story->room;

  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (room_put_user (room, BERT + 1, "bert", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (room_remove_user (room, BERT), ==, SP_DONE_NOT_FOUND);
  g_assert_cmpint (room_set_password (room, BERT + 1, "b"), ==, SP_DONE_OK);
  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_INVALID);
}

static void
test_removed (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 cookies[2][SP_COOKIE_SIZE];
  guint8 sessions[2][SP_ID_SIZE];
  SpRemoveUser gone;
  Worker *worker;

  for (guint i = 0; i < 2; i++)
    sign_in_anna (room, HOME, cookies[i], sessions[i]);
  memset (gone.user, ANNA, sizeof gone.user);
  room_ask (room, SP_MESSAGE_REMOVE_USER, &gone, -1, SP_MESSAGE_COOKIE_EXPIRED, NULL);
  room_receive (room, SP_MESSAGE_COOKIE_EXPIRED, NULL);
  room_receive (room, SP_MESSAGE_USER_REMOVED, NULL);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (redeem (room, cookies[i], sessions[i]), ==, SP_LOGIN_DENIED);
  worker = worker_in_login (room, HOME);
  g_assert_cmpint (worker_try (worker, "anna", "right"), ==, SP_LOGIN_WRONG);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  worker_free (worker);
}

static void
test_tries (Story *story, gconstpointer data)
{
  Worker *worker = worker_in_login (story->room, HOME);
  Worker *other = worker_in_login (story->room, HOME);
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  for (guint i = 1; i <= SP_PASSWORD_TRIES; i++)
    {
      SpLogin expected = i < SP_PASSWORD_TRIES ? SP_LOGIN_WRONG : SP_LOGIN_DENIED;
      g_assert_cmpint (worker_try (worker, "anna", "wrong"), ==, expected);
      expect_failed_login (story->room, expected, "anna");
    }
  worker_send_password (worker, "anna", "right");
  g_assert_true (worker_is_cut_off (worker));
  g_assert_cmpint (worker_sign_in (other, "anna", "right", cookie, session), ==, SP_LOGIN_ACCEPTED);
  worker_free (worker);
  worker_free (other);
}

static void
guess_from_many_places (Room *room)
{
  for (guint i = 0; i < 14; i++)
    {
      g_autofree char *address = g_strdup_printf ("203.0.113.%u", 1 + i);
      g_assert_cmpint (try_once (room, address, "guess"), !=, SP_LOGIN_ACCEPTED);
    }
}

/* Guessing from many places makes strangers wait, not Anna at home; nor does a new start. */
static void
test_guessing (Story *story, gconstpointer data)
{
  Room *room = story->room;

  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  guess_from_many_places (room);
  g_assert_cmpint (try_once (room, AWAY, "right"), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);

  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  room_receive (room, SP_MESSAGE_SESSION_KNOWN, NULL);
  room_receive (room, SP_MESSAGE_SESSION_KNOWN, NULL);
  guess_from_many_places (room);
  g_assert_cmpint (try_once (room, AWAY, "right"), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
}

/* Main said where the client comes from before that client's worker asked anything; much else that
 * main said lies in between. */
static void
test_main_is_heard_first (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpSignDigest digest = { .algorithm = SP_DIGEST_SHA512, .digest_length = 64 };
  SpPasswordVerdict verdict;
  SpHoldCookie nobody = { 0 };
  Worker *worker;

  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  guess_from_many_places (room);
  worker = worker_new (room, AWAY);
  g_assert_cmpint (try_once (room, AWAY, "right"), ==, SP_LOGIN_DENIED); /* strangers wait */
  g_assert_no_errno (kill (room->pid, SIGSTOP));
  for (guint i = 0; i < 40; i++)
    room_send (room, SP_MESSAGE_HOLD_COOKIE, &nobody, -1);
  room_adopt (room, worker->number, HOME);
  worker_send (worker, SP_MESSAGE_SIGN_DIGEST, &digest);
  worker_send_password (worker, "anna", "right");
  g_assert_no_errno (kill (room->pid, SIGCONT));
  worker_receive (worker, SP_MESSAGE_SIGNED_DIGEST, NULL);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_ACCEPTED);
  worker_free (worker);
}

static void
test_password_sources (Story *story, gconstpointer data)
{
  Room *room = story->room;
  char longest[SP_PASSWORD_MAX + 2];
  int pipe_fds[2];

  memset (longest, 'x', sizeof longest);
  longest[SP_PASSWORD_MAX] = '\n';
  g_assert_cmpint (room_set_password_from (room, ANNA, make_memfd ("", 0)), ==, SP_DONE_INVALID);
  g_assert_cmpint (room_set_password_from (room, ANNA, make_memfd ("\n", 1)), ==, SP_DONE_INVALID);
  g_assert_cmpint (room_set_password_from (room, ANNA, make_memfd ("a\0b", 3)), ==,
                   SP_DONE_INVALID);
  g_assert_cmpint (room_set_password_from (room, ANNA, make_memfd (longest, sizeof longest)), ==,
                   SP_DONE_INVALID);
  g_assert_cmpint (room_set_password_from (room, ANNA, open ("/", O_RDONLY | O_DIRECTORY)), ==,
                   SP_DONE_INVALID);
  g_assert_cmpint (room_set_password_from (room, ANNA, open ("/dev/zero", O_RDONLY)), ==,
                   SP_DONE_INVALID);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED); /* still */

  g_assert_cmpint (room_set_password_from (room, ANNA, make_memfd (longest, SP_PASSWORD_MAX + 1)),
                   ==, SP_DONE_OK);
  longest[SP_PASSWORD_MAX] = '\0';
  g_assert_cmpint (try_once (room, HOME, longest), ==, SP_LOGIN_ACCEPTED);

  g_assert_no_errno (pipe (pipe_fds));
  g_assert_cmpint (write (pipe_fds[1], "in two", 6), ==, 6);
  g_assert_cmpint (write (pipe_fds[1], " parts\n", 7), ==, 7);
  g_assert_no_errno (close (pipe_fds[1]));
  g_assert_cmpint (room_set_password_from (room, ANNA, pipe_fds[0]), ==, SP_DONE_OK);
  g_assert_cmpint (try_once (room, HOME, "in two parts"), ==, SP_LOGIN_ACCEPTED);
}

/* A pipe that nobody writes to: others are served meanwhile, and it ends. */
static void
test_password_never_comes (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpPasswordSet answer;
  int pipe_fds[2];

  g_assert_no_errno (pipe (pipe_fds));
  room_send_set_password (room, ANNA, pipe_fds[0]);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  room_receive (room, SP_MESSAGE_PASSWORD_SET, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_FAILED);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  g_assert_no_errno (close (pipe_fds[0]));
  g_assert_no_errno (close (pipe_fds[1]));
}

/* So many that hashing takes a while, and not so long that who waits behind them is told to come
 * back.  The quickest of some tries: the machine may have been busy elsewhere. */
static guint
count_strangers (Room *room)
{
  gint64 quickest = G_MAXINT64;

  for (guint i = 0; i < 4; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
      quickest = MIN (quickest, g_get_monotonic_time () - begin);
    }
  return CLAMP (STRANGERS_SECONDS * G_USEC_PER_SEC / quickest, STRANGERS_MIN, STRANGERS_MAX);
}

/* Strangers fill the queue, Anna's try waits behind them, for she was not seen there before, and
 * setting a password overtakes them all.  The keyholder sleeps until everything is said: it finds
 * all of it at once, so that it is no question of whose processor is quicker.
 */
static void
test_password_changes_meanwhile (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Worker *strangers[STRANGERS_MAX];
  guint n_strangers = count_strangers (room);
  Worker *worker = worker_in_login (room, AWAY);
  SpPasswordVerdict verdict;
  sp_autofd int password = make_memfd ("other", 5);

  for (guint i = 0; i < n_strangers; i++)
    {
      g_autofree char *address = g_strdup_printf ("203.0.%u.1", 1 + i);

      strangers[i] = worker_in_login (room, address);
    }
  g_assert_no_errno (kill (room->pid, SIGSTOP));
  for (guint i = 0; i < n_strangers; i++)
    {
      g_autofree char *login = g_strdup_printf ("stranger-%u", i);

      worker_send_password (strangers[i], login, "guess");
    }
  worker_send_password (worker, "anna", "right");
  room_send_set_password (room, ANNA, password);
  g_assert_no_errno (kill (room->pid, SIGCONT));
  while (room_receive_any (room) != SP_MESSAGE_PASSWORD_SET)
    continue; /* strangers that failed */
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_WRONG);
  for (guint i = 0; i < n_strangers; i++)
    worker_free (strangers[i]);
  worker_free (worker);
}

static void
test_worker_ends_while_hashing (Story *story, gconstpointer data)
{
  Room *room = story->room;
  SpWorkerGone gone;
  Worker *worker = worker_in_login (room, HOME);

  worker_send_password (worker, "anna", "right");
  worker_free (worker);
  worker = worker_in_login (room, HOME);
  gone.worker = worker->number;
  worker_send_password (worker, "anna", "right");
  room_send (room, SP_MESSAGE_WORKER_GONE, &gone, -1);
  g_assert_true (worker_is_cut_off (worker));
  worker_free (worker);
  room_expect_silence (room); /* nobody was signed in */
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
}

/* The password "right" (all of crypt(5)'s methods that are taken), then what is refused. */
static void
test_foreign_hashes (Story *story, gconstpointer data)
{
  static const char *const methods[] = { "$y$", "$2b$", "$6$", "$5$" };
  static const char *const refused[] = {
    "",
    "right",
    "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0",
    "$6$salt$short",
    "$5$rounds=999999999$saltsaltsalt$0123456789012345678901234567890123456789012",
    "$5$rounds=10$saltsaltsalt$0123456789012345678901234567890123456789012",
    "$5$salt:salt$0123456789012345678901234567890123456789012",
    "$y$jFT$saltsalt$0123456789012345678901234567890123456789012",
    "$2b$31$0123456789012345678901234567890123456789012345678901",
    "!$5$saltsaltsalt$0123456789012345678901234567890123456789012",
    "*",
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      struct crypt_data scratch = { 0 };
      char setting[CRYPT_GENSALT_OUTPUT_SIZE];

      g_assert_nonnull (
          crypt_gensalt_rn (methods[i], 0, "0123456789abcdef", 16, setting, sizeof setting));
      g_assert_nonnull (crypt_rn ("foreign", setting, &scratch, sizeof scratch));
      g_test_message ("%s", scratch.output);
      g_assert_cmpint (room_set_hash (story->room, ANNA, scratch.output), ==, SP_DONE_OK);
      g_assert_cmpint (try_once (story->room, HOME, "foreign"), ==, SP_LOGIN_ACCEPTED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_cmpint (room_set_hash (story->room, ANNA, refused[i]), ==, SP_DONE_INVALID);
  /* and the last good one still is */
  g_assert_cmpint (try_once (story->room, HOME, "foreign"), ==, SP_LOGIN_ACCEPTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("foreign-hashes", test_foreign_hashes);
  ADD_ANNA ("passwords", test_passwords);
  ADD_ANNA ("users", test_users);
  for (guint i = 0; i < G_N_ELEMENTS (bars); i++)
    {
      g_autofree char *path = g_strdup_printf ("/keyholder/barred/%u", i);
      g_test_add (path, Story, &bars[i], story_begin_with_anna, test_barred, story_end);
    }
  ADD_ANNA ("expires", test_expires);
  ADD_ANNA ("kept-cookies", test_kept_cookies);
  ADD_ANNA ("first-login", test_first_login);
  ADD_ANNA ("unknown-user-makes-room", test_unknown_user_makes_room);
  ADD_ANNA ("removed", test_removed);
  ADD_ANNA ("tries", test_tries);
  ADD_ANNA ("guessing", test_guessing);
  ADD_ANNA ("main-is-heard-first", test_main_is_heard_first);
  ADD_ANNA ("password-sources", test_password_sources);
  ADD_ANNA ("password-never-comes", test_password_never_comes);
  ADD_ANNA ("password-changes-meanwhile", test_password_changes_meanwhile);
  ADD_ANNA ("worker-ends-while-hashing", test_worker_ends_while_hashing);
  return g_test_run ();
}
