/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "base/names.h"
#include "walls/keyholder-pam.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* The real program over real sockets; the test plays main, workers, and the rooms that ask PAM. */

#define PATIENCE 60000 /* milliseconds */

typedef struct
{
  guint64 number;
  int wall;
  SpPermit permit;
  SpBeginPam begin;
} Pam;

/* --- a PAM room --- */

static guint32
hear (Pam *pam, guint8 type, gpointer ret_message)
{
  struct pollfd readable = { .fd = pam->wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (pam->wall, &pam->permit, envelope, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (envelope->header.type, ==, type);
  memcpy (ret_message, envelope->message.bytes, envelope->message_size);
  return envelope->header.serial;
}

static void
say (Pam *pam, guint8 type, guint32 serial, gconstpointer message)
{
  g_autoptr (GError) error = NULL;

  (void) sp_channel_send (pam->wall, &sp_wall_keyholder_pam, type, serial, message, NULL, 0,
                          &error);
  g_assert_no_error (error);
}

/* Main is asked for it. */
static void
enter (Pam *pam, Room *room)
{
  SpStartPam start;
  SpPamStarted started;
  int pair[2];

  room_receive (room, SP_MESSAGE_START_PAM, &start);
  started.number = pam->number = start.number;
  g_assert_true (sp_socket_pair (pair, NULL));
  room_answer (room, SP_MESSAGE_PAM_STARTED, &started, pair[1]);
  sp_fd_clear (&pair[1]);
  pam->wall = pair[0];
  sp_permit_init (&pam->permit, &sp_wall_keyholder_pam, SP_KEYHOLDER_PAM_PAM);
  (void) hear (pam, SP_MESSAGE_BEGIN_PAM, &pam->begin);
  sp_permit_enter (&pam->permit, SP_KEYHOLDER_PAM_TALKING);
}

static void
ask (Pam *pam, const char *prompt)
{
  SpAskPerson question = { .prompt_length = (guint16) strlen (prompt) };

  memcpy (question.prompt, prompt, question.prompt_length);
  say (pam, SP_MESSAGE_ASK_PERSON, sp_permit_ask (&pam->permit, SP_MESSAGE_ASK_PERSON), &question);
}

static void
expect_answer (Pam *pam, const char *answer)
{
  SpPersonSaid said;

  (void) hear (pam, SP_MESSAGE_PERSON_SAID, &said);
  g_assert_cmpmem (said.answer, said.answer_length, answer, strlen (answer));
}

static void
decide (Pam *pam, SpPamResult result)
{
  const SpPamDecided decided = { .result = (guint8) result, .text_length = 4, .text = "Why?" };

  say (pam, SP_MESSAGE_PAM_DECIDED, 0, &decided);
}

/* The wall is closed, and main is told to end what is behind it. */
static void
expect_end (Pam *pam, Room *room)
{
  struct pollfd readable = { .fd = pam->wall, .events = POLLIN };
  SpEndPam end;
  guint8 byte;

  room_receive (room, SP_MESSAGE_END_PAM, &end);
  g_assert_cmpuint (end.number, ==, pam->number);
  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  g_assert_cmpint (recv (pam->wall, &byte, 1, MSG_DONTWAIT), <=, 0);
  sp_fd_clear (&pam->wall);
}

/* --- what people do --- */

static void
set_method (Room *room, SpSignInMethod method)
{
  SpPutUser put = room_user (ANNA, "anna");

  put.sign_in = (guint8) method;
  g_assert_cmpint (room_put (room, &put), ==, SP_DONE_OK);
}

static void
begin (Story *story, gconstpointer data)
{
  story_begin_with_anna (story, data);
  set_method (story->room, SP_SIGN_IN_PAM);
}

/* A worker that waits for its verdict, and the room that has the password. */
static Worker *
try_password (Room *room, const char *address, const char *login, const char *password, Pam *pam)
{
  Worker *worker = worker_in_login (room, address);

  worker_send_password (worker, login, password);
  enter (pam, room);
  ask (pam, "Password: ");
  expect_answer (pam, password);
  return worker;
}

/* Frees the worker. */
static SpLogin
verdict_of (Worker *worker)
{
  SpPasswordVerdict verdict;

  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  worker_free (worker);
  return verdict.verdict;
}

static void
expect_ticket (Worker *worker, const char *prompt, guint8 *ret_ticket)
{
  SpPasswordVerdict verdict;
  const guint8 nothing[SP_COOKIE_SIZE] = { 0 };

  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &verdict);
  g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_CODE_WANTED);
  g_assert_cmpmem (verdict.cookie, SP_COOKIE_SIZE, nothing, SP_COOKIE_SIZE);
  g_assert_cmpmem (verdict.prompt, verdict.prompt_length, prompt, strlen (prompt));
  memcpy (ret_ticket, verdict.ticket, SP_TICKET_SIZE);
  worker_free (worker);
}

static Worker *
answer_from (Room *room, const char *address, const guint8 *ticket, const char *answer)
{
  SpTryCode question = { .code_length = (guint16) strlen (answer) };
  Worker *worker = worker_in_login (room, address);

  memcpy (question.ticket, ticket, SP_TICKET_SIZE);
  memcpy (question.code, answer, question.code_length);
  worker_send (worker, SP_MESSAGE_TRY_CODE, &question);
  return worker;
}

static SpLogin
code_verdict_of (Worker *worker, guint8 *ret_ticket)
{
  SpCodeVerdict verdict;

  worker_receive (worker, SP_MESSAGE_CODE_VERDICT, &verdict);
  if (ret_ticket != NULL)
    memcpy (ret_ticket, verdict.ticket, SP_TICKET_SIZE);
  worker_free (worker);
  return verdict.verdict;
}

/* --- the stories --- */

static void
test_right (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 home[SP_ADDRESS_SIZE];
  SpLoginDecided decided;
  Worker *worker;
  Pam pam;

  worker = try_password (room, HOME, "anna", "of the machine", &pam);
  g_assert_cmpmem (pam.begin.login, pam.begin.login_length, "anna", 4);
  g_assert_true (sp_address_from_text (HOME, home));
  g_assert_cmpmem (pam.begin.address, SP_ADDRESS_SIZE, home, SP_ADDRESS_SIZE);
  room_expect_silence (room);
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, &decided);
  g_assert_cmpuint (decided.user[0], ==, ANNA);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_ACCEPTED);
}

static const struct
{
  SpPamResult result;
  SpLogin verdict;
} refusals[] = {
  { SP_PAM_WRONG, SP_LOGIN_WRONG },
  { SP_PAM_EXPIRED, SP_LOGIN_USER_EXPIRED },
  { SP_PAM_REFUSED, SP_LOGIN_USER_DISABLED },
};

static void
test_refusals (Story *story, gconstpointer data)
{
  Pam pam;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      Worker *worker = try_password (story->room, HOME, "anna", "right", &pam);

      decide (&pam, refusals[i].result);
      expect_end (&pam, story->room);
      expect_failed_login (story->room, refusals[i].verdict, "anna");
      g_assert_cmpint (verdict_of (worker), ==, refusals[i].verdict);
    }
}

/* What can not be judged is nobody's failure, and nobody is told of. */
static void
test_failed (Story *story, gconstpointer data)
{
  const guint8 results[] = { SP_PAM_FAILED, SP_PAM_FAILED + 1, 255 };
  Pam pam;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      Worker *worker = try_password (story->room, HOME, "anna", "right", &pam);

      decide (&pam, (SpPamResult) results[i]);
      expect_end (&pam, story->room);
      g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_BUSY);
    }
  room_expect_silence (story->room);
}

/* PAM hears of nobody by the name that was typed, and may say what it likes. */
static void
test_nobody (Story *story, gconstpointer data)
{
  const SpSetSignIn set = { .method = SP_SIGN_IN_PAM };
  const SpPamResult results[] = { SP_PAM_RIGHT, SP_PAM_EXPIRED, SP_PAM_WRONG };
  Pam pam;

  room_send (story->room, SP_MESSAGE_SET_SIGN_IN, &set, -1);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      Worker *worker = try_password (story->room, HOME, "../root", "right", &pam);

      g_assert_cmpmem (pam.begin.login, pam.begin.login_length, SP_PAM_NOBODY,
                       strlen (SP_PAM_NOBODY));
      decide (&pam, results[i]);
      expect_end (&pam, story->room);
      expect_failed_login (story->room, SP_LOGIN_WRONG, "../root");
      g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_WRONG);
    }
}

static void
test_more_questions (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 ticket[SP_TICKET_SIZE];
  guint8 next[SP_TICKET_SIZE];
  Worker *worker;
  Pam pam;

  worker = try_password (room, HOME, "anna", "of the machine", &pam);
  ask (&pam, "How many?");
  expect_ticket (worker, "How many?", ticket);
  worker = answer_from (room, AWAY, ticket, "eight");
  expect_answer (&pam, "eight");
  ask (&pam, "");
  g_assert_cmpint (code_verdict_of (worker, next), ==, SP_LOGIN_CODE_WANTED);
  g_assert_cmpint (code_verdict_of (answer_from (room, AWAY, ticket, "x"), NULL), ==,
                   SP_LOGIN_STALE); /* it was for one answer */
  worker = answer_from (room, HOME, next, "legs");
  expect_answer (&pam, "legs");
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  g_assert_cmpint (code_verdict_of (worker, NULL), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (code_verdict_of (answer_from (room, HOME, next, "legs"), NULL), ==,
                   SP_LOGIN_STALE);
}

static void
test_wrong_answer (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 ticket[SP_TICKET_SIZE];
  Worker *worker;
  Pam pam;

  worker = try_password (room, HOME, "anna", "of the machine", &pam);
  ask (&pam, "How many?");
  expect_ticket (worker, "How many?", ticket);
  worker = answer_from (room, AWAY, ticket, "seven");
  expect_answer (&pam, "seven");
  decide (&pam, SP_PAM_WRONG);
  expect_end (&pam, room);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  g_assert_cmpint (code_verdict_of (worker, NULL), ==, SP_LOGIN_WRONG);
  worker = try_password (room, HOME, "anna", "of the machine", &pam);
  ask (&pam, "How many?");
  expect_ticket (worker, "How many?", ticket);
  worker = answer_from (room, AWAY, ticket, ""); /* PAM is not told of what is nothing */
  expect_end (&pam, room);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  g_assert_cmpint (code_verdict_of (worker, NULL), ==, SP_LOGIN_WRONG);
}

/* A room that ends or breaks a rule fails its own sign-in, and the try stays charged. */
static void
test_lost (Story *story, gconstpointer data)
{
  Room *room = story->room;
  guint8 ticket[SP_TICKET_SIZE];
  const guint8 junk[4] = { 0xff, 0xff, 0xff, 0xff };
  SpEndPam end;
  Worker *worker;
  Pam pam;

  worker = try_password (room, HOME, "anna", "right", &pam);
  sp_fd_clear (&pam.wall);
  room_receive (room, SP_MESSAGE_END_PAM, &end);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_BUSY);
  worker = try_password (room, HOME, "anna", "right", &pam);
  g_assert_cmpint (send (pam.wall, junk, sizeof junk, 0), ==, sizeof junk);
  expect_end (&pam, room);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_BUSY);
  worker = try_password (room, HOME, "anna", "right", &pam);
  ask (&pam, "One?");
  ask (&pam, "Two?"); /* before it was answered */
  expect_ticket (worker, "One?", ticket);
  expect_end (&pam, room);
  g_assert_cmpint (code_verdict_of (answer_from (room, HOME, ticket, "one"), NULL), ==,
                   SP_LOGIN_STALE);
  worker = try_password (room, HOME, "anna", "right", &pam);
  for (guint i = 1; i < SP_PAM_PROMPTS_MAX; i++)
    {
      ask (&pam, "More?");
      if (i == 1)
        expect_ticket (worker, "More?", ticket);
      else
        g_assert_cmpint (code_verdict_of (worker, ticket), ==, SP_LOGIN_CODE_WANTED);
      worker = answer_from (room, HOME, ticket, "yes");
      expect_answer (&pam, "yes");
    }
  ask (&pam, "And more?");
  expect_end (&pam, room);
  g_assert_cmpint (code_verdict_of (worker, NULL), ==, SP_LOGIN_BUSY);
}

/* Main can not start a room: nobody is at its wall. */
static void
start_nothing (Room *room, guint64 number)
{
  const SpPamStarted started = { .number = number };
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  room_answer (room, SP_MESSAGE_PAM_STARTED, &started, pair[1]);
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
  room_receive (room, SP_MESSAGE_END_PAM, NULL);
}

static void
test_losses_are_charged (Story *story, gconstpointer data)
{
  SpLogin verdict = SP_LOGIN_BUSY;

  for (guint i = 1; i <= 20 && verdict == SP_LOGIN_BUSY; i++)
    {
      Worker *worker = worker_in_login (story->room, AWAY);

      worker_send_password (worker, "anna", "crash");
      if (room_receive_any (story->room) == SP_MESSAGE_START_PAM)
        start_nothing (story->room, i);
      verdict = verdict_of (worker);
    }
  g_assert_cmpint (verdict, ==, SP_LOGIN_DENIED);
}

/* What changed while PAM was at work counts; so does that nobody waits any more. */
static void
test_meanwhile (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Worker *worker;
  Pam pam;

  worker = try_password (room, HOME, "anna", "right", &pam);
  set_method (room, SP_SIGN_IN_PASSWORD);
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  expect_failed_login (room, SP_LOGIN_WRONG, "anna");
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_WRONG);
  g_assert_cmpint (try_once (room, HOME, "right"), ==, SP_LOGIN_ACCEPTED); /* her own again */
  set_method (room, SP_SIGN_IN_PAM);
  worker = try_password (room, HOME, "anna", "right", &pam);
  worker_free (worker);
  worker_free (worker_in_login (room, HOME)); /* by then it is noticed */
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  room_expect_silence (room);
  worker = try_password (room, HOME, "anna", "right", &pam);
  worker_free (worker);
  worker_free (worker_in_login (room, HOME));
  ask (&pam, "And now?");
  expect_end (&pam, room);
}

#define FOR_STRANGERS (SP_PAM_ROOMS_MAX - SP_PAM_ROOMS_KNOWN)

static void
stranger_address (guint i, char ret_text[16])
{
  (void) g_snprintf (ret_text, 16, "203.0.%u.1", i);
}

/* Strangers leave place for who was there before; who only types makes place for others. */
static void
test_full (Story *story, gconstpointer data)
{
  const SpSetSignIn set = { .method = SP_SIGN_IN_PAM };
  Room *room = story->room;
  Worker *workers[FOR_STRANGERS];
  Pam rooms[FOR_STRANGERS];
  guint8 ticket[SP_TICKET_SIZE];
  char address[16];
  Worker *worker;
  Pam pam;

  room_send (room, SP_MESSAGE_SET_SIGN_IN, &set, -1);
  worker = try_password (room, HOME, "anna", "right", &pam);
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_ACCEPTED);
  for (guint i = 0; i < FOR_STRANGERS; i++)
    {
      stranger_address (i, address);
      workers[i] = try_password (room, address, address, "guess", &rooms[i]);
    }
  worker = worker_in_login (room, AWAY);
  g_assert_cmpint (worker_try (worker, "somebody", "guess"), ==, SP_LOGIN_BUSY);
  worker_free (worker);
  worker = try_password (room, HOME, "anna", "right", &pam);
  decide (&pam, SP_PAM_RIGHT);
  expect_end (&pam, room);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_ACCEPTED);
  for (guint i = 0; i < 2; i++)
    {
      ask (&rooms[i], "And?");
      expect_ticket (workers[i], "And?", ticket);
    }
  worker = worker_in_login (room, AWAY);
  worker_send_password (worker, "somebody", "guess");
  expect_end (&rooms[0], room);
  enter (&pam, room);
  sp_fd_clear (&pam.wall);
  room_receive (room, SP_MESSAGE_END_PAM, NULL);
  g_assert_cmpint (verdict_of (worker), ==, SP_LOGIN_BUSY);
  for (guint i = 1; i < FOR_STRANGERS; i++)
    sp_fd_clear (&rooms[i].wall);
  for (guint i = 2; i < FOR_STRANGERS; i++)
    worker_free (workers[i]);
}

#define ADD_PAM(name, function)                                                                    \
  g_test_add ("/keyholder-pam/" name, Story, NULL, begin, function, story_end)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_PAM ("right", test_right);
  ADD_PAM ("refusals", test_refusals);
  ADD_PAM ("failed", test_failed);
  ADD_PAM ("nobody", test_nobody);
  ADD_PAM ("more-questions", test_more_questions);
  ADD_PAM ("wrong-answer", test_wrong_answer);
  ADD_PAM ("lost", test_lost);
  ADD_PAM ("losses-are-charged", test_losses_are_charged);
  ADD_PAM ("meanwhile", test_meanwhile);
  ADD_PAM ("full", test_full);
  return g_test_run ();
}
