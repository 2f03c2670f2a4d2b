/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/token.h"

#include <gnutls/pkcs7.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The real program over real sockets: links that make a device of whoever is first. */

#define URL  "https://vpn.example.org"
#define HEAD URL "/e/"

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 token[SP_TOKEN_SIZE];
} Link;

static SpDone
try_to_invite (Room *room, guint8 user, guint32 seconds, Link *ret_link)
{
  SpInvite order = { .seconds = seconds };
  SpInvitationKnown known;
  SpInvited answer;
  int fd = memfd_create ("link", MFD_CLOEXEC);
  char text[256] = "";

  memset (order.user, user, SP_ID_SIZE);
  order.name_length = 5;
  memcpy (order.name, "phone", 5);
  order.url_length = (guint16) strlen (URL);
  memcpy (order.url, URL, strlen (URL));
  room_question (room, SP_MESSAGE_INVITE, &order, &fd, 1);
  if (user == ANNA && seconds >= SP_INVITATION_SECONDS_MIN)
    {
      room_receive (room, SP_MESSAGE_INVITATION_KNOWN, &known);
      g_assert_cmpuint (known.state, ==, SP_INVITATION_OPEN);
      g_assert_cmpuint (known.expires - known.created, ==, seconds * G_GUINT64_CONSTANT (1000000));
    }
  room_receive (room, SP_MESSAGE_INVITED, &answer);
  if (answer.done == SP_DONE_OK)
    {
      g_assert_cmpint (pread (fd, text, sizeof text - 1, 0), ==,
                       strlen (HEAD) + SP_TOKEN_TEXT_LENGTH);
      g_assert_true (g_str_has_prefix (text, HEAD));
      g_assert_true (sp_token_read (text + strlen (HEAD), SP_TOKEN_TEXT_LENGTH, ret_link->token));
      memcpy (ret_link->id, answer.invitation, SP_ID_SIZE);
    }
  (void) close (fd);
  return (SpDone) answer.done;
}

static Link
invite (Room *room)
{
  Link link;

  g_assert_cmpint (try_to_invite (room, ANNA, 3600, &link), ==, SP_DONE_OK);
  return link;
}

static gboolean
look (Room *room, const guint8 *token)
{
  Worker *worker = worker_in_login (room, HOME);
  SpInvitationSeen seen;

  worker_send (worker, SP_MESSAGE_LOOK_AT_INVITATION, token);
  worker_receive (worker, SP_MESSAGE_INVITATION_SEEN, &seen);
  worker_free (worker);
  g_assert_cmpuint (seen.name_length, ==, seen.verdict == SP_LOGIN_ACCEPTED ? 5 : 0);
  return seen.verdict == SP_LOGIN_ACCEPTED;
}

static gboolean
claim (Room *room, const guint8 *token, SpInvitationClaimed *ret_claimed)
{
  Worker *worker = worker_in_login (room, HOME);

  worker_send (worker, SP_MESSAGE_CLAIM_INVITATION, token);
  worker_receive (worker, SP_MESSAGE_INVITATION_CLAIMED, ret_claimed);
  worker_free (worker);
  return ret_claimed->verdict == SP_LOGIN_ACCEPTED;
}

static void
fetch_what (Room *room, const guint8 *claim_token, guint8 what, SpEnrolmentFetched *ret_fetched)
{
  Worker *worker = worker_in_login (room, HOME);
  SpFetchEnrolment question = { .what = what };

  memcpy (question.claim, claim_token, SP_TOKEN_SIZE);
  worker_send (worker, SP_MESSAGE_FETCH_ENROLMENT, &question);
  worker_receive (worker, SP_MESSAGE_ENROLMENT_FETCHED, ret_fetched);
  worker_free (worker);
}

static gsize
fetch (Room *room, const guint8 *claim_token)
{
  SpEnrolmentFetched fetched;

  fetch_what (room, claim_token, SP_FETCH_PKCS12, &fetched);
  g_assert_cmpint (fetched.verdict == SP_LOGIN_ACCEPTED, ==, fetched.file_length > 0);
  return fetched.file_length;
}

static SpInvitationKnown
expect_known (Room *room, SpInvitationState state)
{
  SpInvitationKnown known;

  room_receive (room, SP_MESSAGE_INVITATION_KNOWN, &known);
  g_assert_cmpuint (known.state, ==, state);
  return known;
}

static void
test_steps (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  SpInvitationClaimed claimed;
  SpInvitationClaimed again;
  SpInvitationKnown known;

  /* however often it is looked at */
  g_assert_true (look (room, link.token));
  g_assert_true (look (room, link.token));
  room_expect_silence (room);
  g_assert_true (claim (room, link.token, &claimed));
  known = expect_known (room, SP_INVITATION_OPENED);
  g_assert_cmpuint (known.opened, >=, known.created);
  g_assert_cmpuint (known.device[0] | known.device[1] | known.device[2], !=, 0);
  g_assert_cmpuint (known.not_after, >, known.created);
  g_assert_cmpuint (known.fingerprint[0] | known.fingerprint[1] | known.fingerprint[2], !=, 0);
  g_assert_cmpuint (claimed.passphrase_length, ==, 23);
  g_assert_cmpmem (claimed.login, claimed.login_length, "anna", 4);
  g_assert_cmpmem (claimed.url, claimed.url_length, URL, strlen (URL));
  g_assert_cmpuint (claimed.common_name_length, >, 0);
  /* once, and the token of the link is not that of the files */
  g_assert_false (claim (room, link.token, &again));
  g_assert_cmpuint (again.passphrase_length | again.login_length | again.url_length, ==, 0);
  g_assert_false (look (room, link.token));
  g_assert_cmpuint (fetch (room, link.token), ==, 0);
  g_assert_false (look (room, claimed.claim));
  room_expect_silence (room);
  g_assert_cmpuint (fetch (room, claimed.claim), >, 500);
  g_assert_cmpuint (expect_known (room, SP_INVITATION_OPENED).downloaded, >, 0);
  g_assert_cmpuint (fetch (room, claimed.claim), >, 500); /* a phone may ask twice */
  room_expect_silence (room);
}

/* The profile has the same archive within, and is signed by whom nobody else can be taken for. */
static void
test_profile (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  SpInvitationClaimed claimed;
  SpEnrolmentFetched archive;
  SpEnrolmentFetched profile;
  gnutls_datum_t der = { profile.file, 0 };
  gnutls_datum_t content = { NULL, 0 };
  g_autofree char *base64 = NULL;
  gnutls_pkcs7_t message;

  g_assert_true (claim (room, link.token, &claimed));
  (void) expect_known (room, SP_INVITATION_OPENED);
  fetch_what (room, claimed.claim, SP_FETCH_NOTHING, &profile);
  g_assert_cmpuint (profile.verdict, ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpuint (profile.file_length, ==, 0);
  fetch_what (room, claimed.claim, SP_FETCH_LAST + 1, &profile);
  g_assert_cmpuint (profile.verdict, ==, SP_LOGIN_DENIED);
  g_assert_cmpuint (profile.file_length, ==, 0);
  room_expect_silence (room); /* neither was a download */
  fetch_what (room, claimed.claim, SP_FETCH_PROFILE, &profile);
  g_assert_cmpuint (profile.verdict, ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpuint (expect_known (room, SP_INVITATION_OPENED).downloaded, >, 0);
  der.size = profile.file_length;
  g_assert_cmpint (gnutls_pkcs7_init (&message), ==, 0);
  g_assert_cmpint (gnutls_pkcs7_import (message, &der, GNUTLS_X509_FMT_DER), ==, 0);
  g_assert_cmpint (gnutls_pkcs7_get_signature_count (message), ==, 1);
  g_assert_cmpint (gnutls_pkcs7_get_crt_count (message), ==, 2);
  g_assert_cmpint (gnutls_pkcs7_get_embedded_data (message, 0, &content), ==, 0);
  fetch_what (room, claimed.claim, SP_FETCH_PKCS12, &archive);
  base64 = g_base64_encode (archive.file, archive.file_length);
  g_assert_nonnull (memmem (content.data, content.size, base64, strlen (base64)));
  g_assert_null (
      memmem (content.data, content.size, claimed.passphrase, claimed.passphrase_length));
  gnutls_free (content.data);
  gnutls_pkcs7_deinit (message);
  room_expect_silence (room);
}

/* Two press the button in the same moment. */
static void
test_race (Story *story, gconstpointer data)
{
  Room *room = story->room;

  for (guint round = 0; round < 20; round++)
    {
      Link link = invite (room);
      Worker *workers[3];
      SpInvitationClaimed claimed;
      guint winners = 0;

      for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
        workers[i] = worker_in_login (room, HOME);
      for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
        worker_send (workers[i], SP_MESSAGE_CLAIM_INVITATION, link.token);
      for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
        {
          worker_receive (workers[i], SP_MESSAGE_INVITATION_CLAIMED, &claimed);
          winners += claimed.verdict == SP_LOGIN_ACCEPTED ? 1 : 0;
          worker_free (workers[i]);
        }
      g_assert_cmpuint (winners, ==, 1);
      (void) expect_known (room, SP_INVITATION_OPENED);
      room_expect_silence (room);
      if (round % 8 == 7) /* wrong ones are counted */
        {
          room_kill (room);
          room_start (room);
          room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
          for (guint i = 0; i <= round; i++)
            (void) expect_known (room, SP_INVITATION_OPENED);
        }
    }
}

static void
take_back (Room *room, const guint8 *id, SpDone expected)
{
  SpRevokeInvitation order;
  SpInvitationRevoked answer;

  memcpy (order.invitation, id, SP_ID_SIZE);
  room_question (room, SP_MESSAGE_REVOKE_INVITATION, &order, NULL, 0);
  if (expected == SP_DONE_OK)
    (void) expect_known (room, SP_INVITATION_REVOKED);
  room_receive (room, SP_MESSAGE_INVITATION_REVOKED, &answer);
  g_assert_cmpuint (answer.done, ==, expected);
}

static void
test_revoked (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  Link opened = invite (room);
  SpInvitationClaimed claimed;

  take_back (room, link.id, SP_DONE_OK);
  g_assert_false (look (room, link.token));
  g_assert_false (claim (room, link.token, &claimed));
  take_back (room, link.id, SP_DONE_NOT_FOUND);
  g_assert_true (claim (room, opened.token, &claimed));
  (void) expect_known (room, SP_INVITATION_OPENED);
  take_back (room, opened.id, SP_DONE_OK);
  g_assert_cmpuint (fetch (room, claimed.claim), ==, 0);
}

/* Whom the user loses the VPN, the link loses, too; and gets it back. */
static void
test_users (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  Link none;
  SpInvitationClaimed claimed;

  g_assert_cmpint (room_put_user (room, ANNA, "anna", FALSE), ==, SP_DONE_OK);
  g_assert_false (look (room, link.token));
  g_assert_false (claim (room, link.token, &claimed));
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_true (look (room, link.token));
  g_assert_cmpint (try_to_invite (room, BERT, 3600, &none), ==, SP_DONE_NOT_FOUND);
  g_assert_cmpint (room_remove_user (room, ANNA), ==, SP_DONE_OK);
  g_assert_cmpint (room_put_user (room, ANNA, "anna", TRUE), ==, SP_DONE_OK);
  g_assert_false (look (room, link.token));
}

static void
run_sql (Room *room, const char *sql)
{
  g_autofree char *file = g_build_filename (room->folder, "keyholder.db", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  (void) sqlite3_close (database);
}

static void
start_again (Room *room)
{
  room_kill (room);
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
}

/* What was acknowledged outlives a sudden end; what ended meanwhile is told. */
static void
test_restart (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  Link opened = invite (room);
  SpInvitationClaimed claimed;

  g_assert_true (claim (room, opened.token, &claimed));
  (void) expect_known (room, SP_INVITATION_OPENED);
  start_again (room);
  (void) expect_known (room, SP_INVITATION_OPEN);
  (void) expect_known (room, SP_INVITATION_OPENED);
  g_assert_true (look (room, link.token));
  g_assert_false (claim (room, opened.token, &claimed));
  room_kill (room);
  run_sql (room, "UPDATE invitations SET expires = 1");
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  (void) expect_known (room, SP_INVITATION_OPEN);
  (void) expect_known (room, SP_INVITATION_OPENED);
  (void) expect_known (room, SP_INVITATION_EXPIRED);
  (void) expect_known (room, SP_INVITATION_EXPIRED);
  g_assert_false (look (room, link.token));
  room_kill (room);
  run_sql (room, "UPDATE invitations SET ended = 1");
  room_start (room);
  room_prepare (room, story_names, sizeof story_names, STORY_SECONDS);
  for (guint i = 0; i < 2; i++)
    (void) expect_known (room, SP_INVITATION_EXPIRED);
  for (guint i = 0; i < 2; i++)
    room_receive (room, SP_MESSAGE_INVITATION_GONE, NULL);
}

/* The secrets are in no file, and neither is the passphrase. */
static void
test_secrecy (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  SpInvitationClaimed claimed;
  static const char *const files[] = { "keyholder.db", "keyholder.db-wal" };

  g_assert_true (claim (room, link.token, &claimed));
  (void) expect_known (room, SP_INVITATION_OPENED);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (room->folder, files[i], NULL);
      g_autofree char *bytes = NULL;
      gsize size;

      if (!g_file_get_contents (path, &bytes, &size, NULL))
        continue;
      g_assert_null (memmem (bytes, size, link.token, SP_TOKEN_SIZE));
      g_assert_null (memmem (bytes, size, claimed.claim, SP_TOKEN_SIZE));
      g_assert_null (memmem (bytes, size, claimed.passphrase, claimed.passphrase_length));
    }
}

/* Guessing gets nobody anywhere, and after a while no look at the database either; the right link
 * is no good from there then, but from elsewhere it is. */
static void
test_guessing (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Link link = invite (room);
  guint8 wrong[SP_TOKEN_SIZE] = { 0 };
  Worker *elsewhere;
  SpInvitationSeen seen;

  for (guint i = 0; i < 25; i++)
    {
      wrong[0] = (guint8) i;
      g_assert_false (look (room, wrong));
    }
  g_assert_false (look (room, link.token));
  elsewhere = worker_in_login (room, AWAY);
  worker_send (elsewhere, SP_MESSAGE_LOOK_AT_INVITATION, link.token);
  worker_receive (elsewhere, SP_MESSAGE_INVITATION_SEEN, &seen);
  g_assert_cmpuint (seen.verdict, ==, SP_LOGIN_ACCEPTED);
  /* one question a connection */
  worker_send (elsewhere, SP_MESSAGE_LOOK_AT_INVITATION, link.token);
  g_assert_true (worker_is_cut_off (elsewhere));
  worker_free (elsewhere);
}

static void
test_impossible (Story *story, gconstpointer data)
{
  Link none;

  g_assert_cmpint (try_to_invite (story->room, ANNA, 1, &none), ==, SP_DONE_INVALID);
  for (guint i = 0; i < SP_INVITATIONS_MAX; i++)
    (void) invite (story->room);
  {
    SpInvite order = { .seconds = 3600, .name_length = 1, .url_length = 1 };
    SpInvited answer;
    int fd = memfd_create ("link", MFD_CLOEXEC);

    memset (order.user, ANNA, SP_ID_SIZE);
    room_question (story->room, SP_MESSAGE_INVITE, &order, &fd, 1);
    room_receive (story->room, SP_MESSAGE_INVITED, &answer);
    g_assert_cmpuint (answer.done, ==, SP_DONE_BUSY);
    (void) close (fd);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("invitation/steps", test_steps);
  ADD_ANNA ("invitation/profile", test_profile);
  ADD_ANNA ("invitation/race", test_race);
  ADD_ANNA ("invitation/revoked", test_revoked);
  ADD_ANNA ("invitation/users", test_users);
  ADD_ANNA ("invitation/restart", test_restart);
  ADD_ANNA ("invitation/secrecy", test_secrecy);
  ADD_ANNA ("invitation/guessing", test_guessing);
  ADD_ANNA ("invitation/impossible", test_impossible);
  return g_test_run ();
}
