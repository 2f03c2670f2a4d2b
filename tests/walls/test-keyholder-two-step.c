/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The real program over real sockets: second steps. */

#define PERIOD 30 /* seconds */

/* Anna's phone and her piece of paper. */
typedef struct
{
  char secret[32];
  gsize secret_size;
  char **recovery; /* NULL-terminated, with an empty text at the end */
} Phone;

static void
phone_clear (Phone *phone)
{
  g_strfreev (phone->recovery);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Phone, phone_clear)

/* So that the step does not change while the test works with it. */
static gint64
settled_step (void)
{
  while (g_get_real_time () / G_USEC_PER_SEC % PERIOD > PERIOD - 8)
    g_usleep (G_USEC_PER_SEC / 10);
  return g_get_real_time () / G_USEC_PER_SEC / PERIOD;
}

static const char *
code_of (const Phone *phone, gint64 step)
{
  static char code[8];

  g_assert_cmpint (oath_totp_generate (phone->secret, phone->secret_size, (time_t) (step * PERIOD),
                                       PERIOD, 0, 6, code),
                   ==, OATH_OK);
  return code;
}

static char *
read_file (int fd)
{
  char *text = g_malloc0 (1024);

  g_assert_cmpint (pread (fd, text, 1023, 0), >=, 0);
  return text;
}

static void
expect_known (Room *room, gboolean on, guint recovery_codes)
{
  SpTwoStepKnown known;

  room_receive (room, SP_MESSAGE_TWO_STEP_KNOWN, &known);
  g_assert_cmpuint (known.user[0], ==, ANNA);
  g_assert_cmpuint (known.on, ==, on);
  g_assert_cmpuint (known.recovery_codes, ==, recovery_codes);
}

static void
enroll (Room *room, Phone *phone)
{
  SpEnrollTotp question = {
    .label_length = 4, .label = "anna", .issuer_length = 2, .issuer = "Us"
  };
  SpTotpEnrolled answer;
  int fd = make_memfd ("", 0);
  g_autofree char *uri = NULL;
  g_autofree char *encoded = NULL;
  char *secret = NULL;

  memset (question.user, ANNA, sizeof question.user);
  room_ask (room, SP_MESSAGE_ENROLL_TOTP, &question, fd, SP_MESSAGE_TOTP_ENROLLED, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_OK);
  uri = read_file (fd);
  g_assert_true (g_str_has_prefix (uri, "otpauth://totp/Us:anna?secret="));
  encoded = g_strndup (strchr (uri, '=') + 1, 32);
  g_assert_cmpint (oath_base32_decode (encoded, 32, &secret, &phone->secret_size), ==, OATH_OK);
  g_assert_cmpuint (phone->secret_size, ==, 20);
  memcpy (phone->secret, secret, phone->secret_size);
  free (secret);
  g_assert_no_errno (close (fd));
}

/* Main is told first what is so now. */
static SpDone
ask_and_hear (Room *room, guint8 type, gconstpointer question, int fd, guint8 answer_type)
{
  SpTwoStepKnown known;
  SpTotpConfirmed answer;

  room_ask (room, type, question, fd, SP_MESSAGE_TWO_STEP_KNOWN, &known);
  room_receive (room, answer_type, &answer);
  return answer.done;
}

static void
fill_in_code (SpConfirmTotp *question, const char *code)
{
  memset (question, 0, sizeof *question);
  memset (question->user, ANNA, sizeof question->user);
  question->code_length = (guint16) strlen (code);
  memcpy (question->code, code, question->code_length);
}

static void
confirm (Room *room, Phone *phone, const char *code)
{
  SpConfirmTotp question;
  int fd = make_memfd ("", 0);
  g_autofree char *text = NULL;

  fill_in_code (&question, code);
  g_assert_cmpint (
      ask_and_hear (room, SP_MESSAGE_CONFIRM_TOTP, &question, fd, SP_MESSAGE_TOTP_CONFIRMED), ==,
      SP_DONE_OK);
  text = read_file (fd);
  g_strfreev (phone->recovery);
  phone->recovery = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (phone->recovery), ==, 11);
  g_assert_no_errno (close (fd));
}

static SpDone
fail_to_confirm (Room *room, const char *code, int fd)
{
  SpConfirmTotp question;
  SpTotpConfirmed answer;

  fill_in_code (&question, code);
  room_ask (room, SP_MESSAGE_CONFIRM_TOTP, &question, fd, SP_MESSAGE_TOTP_CONFIRMED, &answer);
  g_assert_no_errno (close (fd));
  return answer.done;
}

static SpDone
take_away (Room *room)
{
  SpRemoveTotp question;

  memset (question.user, ANNA, sizeof question.user);
  return ask_and_hear (room, SP_MESSAGE_REMOVE_TOTP, &question, -1, SP_MESSAGE_TOTP_REMOVED);
}

/* Confirmed by the code of the step before this one, so that this one's is left. */
static void
give_phone (Room *room, Phone *phone)
{
  enroll (room, phone);
  confirm (room, phone, code_of (phone, settled_step () - 1));
}

static void
get_ticket (Room *room, const char *address, guint8 *ret_ticket)
{
  Worker *worker = worker_in_login (room, address);
  SpPasswordVerdict verdict;
  const guint8 nothing[SP_COOKIE_SIZE] = { 0 };

  worker_send_password (worker, "anna", "right");
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_CODE_WANTED);
  g_assert_cmpmem (verdict.cookie, SP_COOKIE_SIZE, nothing, SP_COOKIE_SIZE);
  memcpy (ret_ticket, verdict.ticket, SP_TICKET_SIZE);
  worker_free (worker);
}

static SpLogin
try_on (Worker *worker, const guint8 *ticket, const char *code)
{
  SpTryCode question = { .code_length = (guint16) strlen (code) };
  SpCodeVerdict verdict;
  const guint8 nothing[SP_COOKIE_SIZE] = { 0 };
  gboolean empty;

  memcpy (question.ticket, ticket, SP_TICKET_SIZE);
  memcpy (question.code, code, question.code_length);
  worker_send (worker, SP_MESSAGE_TRY_CODE, &question);
  worker_receive (worker, SP_MESSAGE_CODE_VERDICT, &verdict);
  empty = memcmp (verdict.cookie, nothing, SP_COOKIE_SIZE) == 0;
  g_assert_cmpint (empty, ==, verdict.verdict != SP_LOGIN_ACCEPTED);
  empty = memcmp (verdict.ticket, nothing, SP_TICKET_SIZE) == 0;
  g_assert_cmpint (empty, ==, verdict.verdict != SP_LOGIN_WRONG_CODE);
  return verdict.verdict;
}

/* On a connection of its own, from there; main is told what it should. */
static SpLogin
try_code (Room *room, const char *address, const guint8 *ticket, const char *code)
{
  Worker *worker = worker_in_login (room, address);
  SpLogin verdict = try_on (worker, ticket, code);
  SpLoginDecided decided;

  if (verdict == SP_LOGIN_ACCEPTED)
    {
      room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
      g_assert_cmpuint (decided.worker, ==, worker->number);
      g_assert_cmpuint (decided.by, ==, SP_BY_PASSWORD);
      g_assert_cmpuint (decided.user[0], ==, ANNA);
    }
  else if (verdict != SP_LOGIN_STALE)
    expect_failed_login (room, verdict, "anna");
  worker_free (worker);
  return verdict;
}

/* Both steps, the second from elsewhere. */
static SpLogin
sign_in (Room *room, const char *code)
{
  guint8 ticket[SP_TICKET_SIZE];

  get_ticket (room, HOME, ticket);
  return try_code (room, AWAY, ticket, code);
}

static void
test_sign_in (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];
  gint64 step;

  enroll (room, &phone); /* and not confirmed */
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  give_phone (room, &phone);
  step = settled_step ();
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (try_code (room, AWAY, ticket, code_of (&phone, step - 1)), ==,
                   SP_LOGIN_WRONG_CODE); /* it confirmed */
  g_assert_cmpint (try_code (room, AWAY, ticket, code_of (&phone, step)), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (try_code (room, AWAY, ticket, code_of (&phone, step + 1)), ==,
                   SP_LOGIN_STALE); /* a ticket is for one sign-in */
  g_assert_cmpint (sign_in (room, code_of (&phone, step)), ==, SP_LOGIN_WRONG_CODE);
  g_assert_cmpint (sign_in (room, code_of (&phone, step + 1)), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (take_away (room), ==, SP_DONE_OK);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (take_away (room), ==, SP_DONE_NOT_FOUND);
}

/* A wrong password is none of them. */
static void
test_wrong_password (Story *story, gconstpointer data)
{
  g_auto (Phone) phone = { 0 };

  give_phone (story->room, &phone);
  g_assert_cmpint (try_once (story->room, HOME, "wrong"), ==, SP_LOGIN_WRONG);
}

static void
test_recovery_codes (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];
  Worker *worker;

  give_phone (room, &phone);
  get_ticket (room, HOME, ticket);
  worker = worker_in_login (room, HOME);
  g_assert_cmpint (try_on (worker, ticket, phone.recovery[0]), ==, SP_LOGIN_ACCEPTED);
  expect_known (room, TRUE, 9);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  worker_free (worker);
  g_assert_cmpint (sign_in (room, phone.recovery[0]), ==, SP_LOGIN_WRONG_CODE);
}

/* What was used up stays so; who was between the steps begins anew. */
static void
test_killed_between_the_steps (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];
  gint64 step;

  give_phone (room, &phone);
  step = settled_step ();
  g_assert_cmpint (sign_in (room, code_of (&phone, step)), ==, SP_LOGIN_ACCEPTED);
  get_ticket (room, HOME, ticket);
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  room_receive (room, SP_MESSAGE_SESSION_KNOWN, NULL);
  expect_known (room, TRUE, 10);
  g_assert_cmpint (try_code (room, HOME, ticket, code_of (&phone, step + 1)), ==, SP_LOGIN_STALE);
  g_assert_cmpint (sign_in (room, code_of (&phone, step)), ==, SP_LOGIN_WRONG_CODE);
  g_assert_cmpint (sign_in (room, code_of (&phone, step + 1)), ==, SP_LOGIN_ACCEPTED);
}

static void
test_tries (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];
  Worker *worker = worker_in_login (room, HOME);

  give_phone (room, &phone);
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (try_code (room, HOME, ticket, "abcdef"), ==, SP_LOGIN_WRONG_CODE);
  g_assert_cmpint (try_code (room, AWAY, ticket, ""), ==, SP_LOGIN_WRONG_CODE);
  g_assert_cmpint (try_code (room, HOME, ticket, "abcdef"), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_code (room, HOME, ticket, phone.recovery[0]), ==, SP_LOGIN_STALE);
  for (guint i = 0; i < SP_CODE_TRIES; i++)
    {
      SpLogin expected = i + 1 < SP_CODE_TRIES ? SP_LOGIN_WRONG_CODE : SP_LOGIN_DENIED;

      get_ticket (room, AWAY, ticket);
      g_assert_cmpint (try_on (worker, ticket, "abcdef"), ==, expected);
      expect_failed_login (room, expected, "anna");
    }
  worker_send_password (worker, "anna", "right");
  g_assert_true (worker_is_cut_off (worker));
  worker_free (worker);
}

/* Who has the password and no code is slowed down, wherever they come from. */
static void
test_guessing (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];

  give_phone (room, &phone);
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *address = g_strdup_printf ("203.0.113.%u", 1 + i);

      get_ticket (room, address, ticket);
      g_assert_cmpint (try_code (room, address, ticket, "abcdef"), ==,
                       i < 6 ? SP_LOGIN_WRONG_CODE : SP_LOGIN_DENIED);
      if (i >= 6)
        break;
    }
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (try_code (room, HOME, ticket, code_of (&phone, settled_step ())), ==,
                   SP_LOGIN_DENIED);
  g_assert_cmpint (try_code (room, HOME, ticket, code_of (&phone, settled_step ())), ==,
                   SP_LOGIN_STALE);
}

/* Between the steps the user is disabled, gets another password, is removed. */
static void
test_user_changes_between_the_steps (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  guint8 ticket[SP_TICKET_SIZE];

  give_phone (room, &phone);
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", FALSE), ==, SP_DONE_OK);
  g_assert_cmpint (try_code (room, HOME, ticket, phone.recovery[0]), ==, SP_LOGIN_USER_DISABLED);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (try_code (room, HOME, ticket, phone.recovery[0]), ==, SP_LOGIN_STALE);
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (room_set_password (room, ANNA, "right"), ==, SP_DONE_OK); /* with new salt */
  g_assert_cmpint (try_code (room, HOME, ticket, phone.recovery[0]), ==, SP_LOGIN_STALE);
  get_ticket (room, HOME, ticket);
  g_assert_cmpint (room_remove_user (room, ANNA), ==, SP_DONE_OK);
  g_assert_cmpint (try_code (room, HOME, ticket, phone.recovery[0]), ==, SP_LOGIN_STALE);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_cmpint (room_set_password (room, ANNA, "right"), ==, SP_DONE_OK);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED); /* it went with her */
}

static void
put_anna (Room *room, gboolean two_step_required)
{
  SpPutUser put = room_user (ANNA, "anna");

  put.two_step_required = two_step_required ? 1 : 0;
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
}

/* Who needs a second step and has none does not get in, however often they are right, and is told
 * only with the right password. */
static void
test_required (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };

  put_anna (room, TRUE);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_TWO_STEP_MISSING);
  g_assert_cmpint (try_once (room, HOME, "wrong"), ==, SP_LOGIN_WRONG);
  enroll (room, &phone);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_TWO_STEP_MISSING);
  give_phone (room, &phone);
  g_assert_cmpint (sign_in (room, code_of (&phone, settled_step ())), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (take_away (room), ==, SP_DONE_OK);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_TWO_STEP_MISSING);
  put_anna (room, FALSE);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
}

static void
require_of_all (Room *room, gboolean required)
{
  SpSetSignIn all = { .method = SP_SIGN_IN_EITHER, .two_step_required = required ? 1 : 0 };

  room_send (room, SP_MESSAGE_SET_SIGN_IN, &all, -1);
}

/* The server's word goes for everybody. */
static void
test_required_of_all (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };

  put_anna (room, FALSE);
  require_of_all (room, TRUE);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_TWO_STEP_MISSING);
  g_assert_cmpint (try_once (room, HOME, "wrong"), ==, SP_LOGIN_WRONG);
  give_phone (room, &phone);
  g_assert_cmpint (sign_in (room, code_of (&phone, settled_step ())), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (take_away (room), ==, SP_DONE_OK);
  put_anna (room, TRUE);
  require_of_all (room, FALSE);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_TWO_STEP_MISSING);
  put_anna (room, FALSE);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED);
}

#define PHONE 7 /* of device ids */

static SpDone
add_app_password (Room *room, guint8 device, guint8 user, char **ret_password)
{
  SpAddAppPassword question = { .device = { device } };
  SpAppPasswordAdded answer;
  int fd = make_memfd ("", 0);

  memset (question.user, user, sizeof question.user);
  room_ask (room, SP_MESSAGE_ADD_APP_PASSWORD, &question, fd, SP_MESSAGE_APP_PASSWORD_ADDED,
            &answer);
  *ret_password = read_file (fd);
  g_assert_no_errno (close (fd));
  return answer.done;
}

static void
give_back_device (Room *room, guint8 device)
{
  SpRevokeDevice question = { .device = { device } };
  SpDeviceRevoked answer;

  room_ask (room, SP_MESSAGE_REVOKE_DEVICE, &question, -1, SP_MESSAGE_DEVICE_REVOKED, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_OK);
}

/* Which device main is told of; the cookie dies with the worker's session. */
static void
expect_device (Room *room, const char *password, guint8 device)
{
  Worker *worker = worker_in_login (room, HOME);
  SpPasswordVerdict verdict;
  SpLoginDecided decided;

  worker_send_password (worker, "anna", password);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_ACCEPTED);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
  g_assert_cmpuint (decided.device[0], ==, device);
  worker_free (worker);
}

static void
test_app_passwords (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  g_autofree char *password = NULL;
  g_autofree char *other = NULL;
  g_autofree char *none = NULL;
  g_autofree char *upper = NULL;
  g_autofree char *wrong = NULL;

  g_assert_cmpint (add_app_password (room, PHONE, BERT, &none), ==, SP_DONE_NOT_FOUND);
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpint (add_app_password (room, PHONE, ANNA, &password), ==, SP_DONE_OK);
  g_assert_cmpuint (strlen (password), ==, 29);
  g_clear_pointer (&none, g_free);
  g_assert_cmpint (add_app_password (room, PHONE, ANNA, &none), ==, SP_DONE_INVALID); /* is there */
  g_assert_cmpint (add_app_password (room, PHONE + 1, ANNA, &other), ==, SP_DONE_OK);
  give_phone (room, &phone);
  put_anna (room, TRUE);
  upper = g_ascii_strup (password, -1);
  expect_device (room, password, PHONE);
  expect_device (room, upper, PHONE);
  expect_device (room, other, PHONE + 1);
  wrong = g_strdup (password);
  wrong[28] = wrong[28] == 'a' ? 'b' : 'a';
  g_assert_cmpint (try_once (room, HOME, wrong), ==, SP_LOGIN_WRONG);
  wrong[27] = '\0';
  g_assert_cmpint (try_once (room, HOME, wrong), ==, SP_LOGIN_WRONG);
  g_assert_cmpint (room_put_user (room, BERT, "bert", TRUE), ==, SP_DONE_OK);
  {
    Worker *worker = worker_in_login (room, HOME); /* another's password */

    g_assert_cmpint (worker_try (worker, "bert", password), ==, SP_LOGIN_WRONG);
    expect_failed_login (room, SP_LOGIN_WRONG, "bert");
    worker_free (worker);
  }
}

/* Its sessions end, nobody signs in with it; the other device goes on. */
static void
test_revoked_app_password (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_autofree char *password = NULL;
  g_autofree char *other = NULL;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  Worker *worker = worker_in_login (room, HOME);
  SpRevokeDevice question = { .device = { PHONE }, .on = 1 };

  g_assert_cmpint (add_app_password (room, PHONE, ANNA, &password), ==, SP_DONE_OK);
  g_assert_cmpint (add_app_password (room, PHONE + 1, ANNA, &other), ==, SP_DONE_OK);
  g_assert_cmpint (worker_sign_in (worker, "anna", password, cookie, session), ==,
                   SP_LOGIN_ACCEPTED);
  worker_free (worker);
  room_ask (room, SP_MESSAGE_REVOKE_DEVICE, &question, -1, SP_MESSAGE_COOKIE_EXPIRED, NULL);
  room_receive (room, SP_MESSAGE_DEVICE_REVOKED, NULL);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_once (room, HOME, password), ==, SP_LOGIN_WRONG);
  expect_device (room, other, PHONE + 1);
  give_back_device (room, PHONE);
  expect_device (room, password, PHONE);
}

/* Until a time, and with cookies that are good again when it is let in before. */
static void
test_blocked_app_password (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_autofree char *password = NULL;
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  Worker *worker = worker_in_login (room, HOME);
  SpRevokeDevice question = { .device = { PHONE }, .keep_cookies = 1 };
  SpDeviceRevoked answer;

  g_assert_cmpint (add_app_password (room, PHONE, ANNA, &password), ==, SP_DONE_OK);
  g_assert_cmpint (worker_sign_in (worker, "anna", password, cookie, session), ==,
                   SP_LOGIN_ACCEPTED);
  worker_free (worker);
  question.blocked_until = (guint64) g_get_real_time () + G_TIME_SPAN_HOUR;
  room_ask (room, SP_MESSAGE_REVOKE_DEVICE, &question, -1, SP_MESSAGE_DEVICE_REVOKED, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_OK);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  g_assert_cmpint (try_once (room, HOME, password), ==, SP_LOGIN_WRONG);
  give_back_device (room, PHONE);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_ACCEPTED);

  question.keep_cookies = 0;
  question.blocked_until = (guint64) (g_get_real_time () + G_USEC_PER_SEC);
  room_ask (room, SP_MESSAGE_REVOKE_DEVICE, &question, -1, SP_MESSAGE_COOKIE_EXPIRED, NULL);
  room_receive (room, SP_MESSAGE_DEVICE_REVOKED, NULL);
  while (g_get_real_time () <= (gint64) question.blocked_until)
    g_usleep (10 * 1000);
  g_assert_cmpint (redeem (room, cookie, session), ==, SP_LOGIN_DENIED);
  expect_device (room, password, PHONE);
}

static void
test_refused_changes (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_auto (Phone) phone = { 0 };
  SpEnrollTotp nobody = { 0 };
  SpTotpEnrolled answer;
  int fds[2];

  memset (nobody.user, BERT, sizeof nobody.user);
  g_assert_no_errno (pipe (fds));
  room_ask (room, SP_MESSAGE_ENROLL_TOTP, &nobody, fds[1], SP_MESSAGE_TOTP_ENROLLED, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_NOT_FOUND);
  nobody.user[0] = 0;
  memset (nobody.user, ANNA, sizeof nobody.user);
  room_ask (room, SP_MESSAGE_ENROLL_TOTP, &nobody, fds[1], SP_MESSAGE_TOTP_ENROLLED, &answer);
  g_assert_cmpuint (answer.done, ==, SP_DONE_INVALID); /* a pipe could make it wait */
  g_assert_no_errno (close (fds[0]));
  g_assert_no_errno (close (fds[1]));
  enroll (room, &phone);
  g_assert_cmpint (fail_to_confirm (room, "000", make_memfd ("", 0)), ==, SP_DONE_INVALID);
  g_assert_cmpint (take_away (room), ==, SP_DONE_OK);
  g_assert_cmpint (fail_to_confirm (room, "000000", make_memfd ("", 0)), ==, SP_DONE_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (oath_init (), ==, OATH_OK);
  ADD_ANNA ("two-step/sign-in", test_sign_in);
  ADD_ANNA ("two-step/wrong-password", test_wrong_password);
  ADD_ANNA ("two-step/recovery-codes", test_recovery_codes);
  ADD_ANNA ("two-step/killed-between-the-steps", test_killed_between_the_steps);
  ADD_ANNA ("two-step/tries", test_tries);
  ADD_ANNA ("two-step/guessing", test_guessing);
  ADD_ANNA ("two-step/user-changes", test_user_changes_between_the_steps);
  ADD_ANNA ("two-step/required", test_required);
  ADD_ANNA ("two-step/required-of-all", test_required_of_all);
  ADD_ANNA ("two-step/app-passwords", test_app_passwords);
  ADD_ANNA ("two-step/revoked-app-password", test_revoked_app_password);
  ADD_ANNA ("two-step/blocked-app-password", test_blocked_app_password);
  ADD_ANNA ("two-step/refused-changes", test_refused_changes);
  return g_test_run ();
}
