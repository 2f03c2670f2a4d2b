/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/io.h"

#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* The real program over real sockets: its start, its keys, its walls. */

static void
check_chain (const SpPrepared *prepared)
{
  gnutls_x509_crt_t server;
  gnutls_x509_crt_t authority;
  gnutls_datum_t bytes = { (guint8 *) prepared->authority, prepared->authority_length };
  gnutls_datum_t chain = { (guint8 *) prepared->chain,
                           prepared->chain_length - prepared->authority_length };
  guint8 pin[SP_PIN_SIZE];
  gsize size = sizeof pin;
  unsigned failures = 1;

  g_assert_cmpmem (prepared->chain + chain.size, prepared->authority_length, bytes.data,
                   bytes.size);
  g_assert_cmpint (gnutls_x509_crt_init (&server), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&authority), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (server, &chain, GNUTLS_X509_FMT_DER), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (authority, &bytes, GNUTLS_X509_FMT_DER), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_verify (server, &authority, 1, 0, &failures), ==, 0);
  g_assert_cmpuint (failures, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_check_hostname (server, "vpn.example.net"), ==, 1);
  g_assert_cmpint (gnutls_x509_crt_check_hostname (server, "2001:db8::1"), ==, 1);
  g_assert_cmpint (gnutls_x509_crt_get_key_id (server, GNUTLS_KEYID_USE_SHA256, pin, &size), ==, 0);
  g_assert_cmpmem (pin, size, prepared->pin, sizeof prepared->pin);
  gnutls_x509_crt_deinit (server);
  gnutls_x509_crt_deinit (authority);
}

static void
test_prepare (Story *story, gconstpointer data)
{
  static const char more[] = "vpn.example.net\0other.example.net";
  g_autofree char *file = g_build_filename (story->room->folder, "keyholder.db", NULL);
  g_autofree SpPrepared *first = NULL;
  g_autofree SpPrepared *second = NULL;
  g_autofree SpPrepared *third = NULL;
  struct stat facts;

  first = room_prepare_full (story->room, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpuint (first->done, ==, SP_DONE_OK);
  check_chain (first);
  g_assert_no_errno (stat (file, &facts));
  g_assert_cmpuint (facts.st_mode & 0777, ==, 0600);

  room_kill (story->room);
  room_start (story->room);
  second = room_prepare_full (story->room, "", 0, STORY_SECONDS);
  g_assert_cmpmem (first, sizeof *first, second, sizeof *second);

  room_kill (story->room);
  room_start (story->room);
  third = room_prepare_full (story->room, more, sizeof more, STORY_SECONDS);
  g_assert_cmpmem (first->pin, SP_PIN_SIZE, third->pin, SP_PIN_SIZE);
  g_assert_cmpmem (first->authority, first->authority_length, third->authority,
                   third->authority_length);
  g_assert_true (first->chain_length != third->chain_length ||
                 memcmp (first->chain, third->chain, first->chain_length) != 0);
}

static void
test_wrong_names (Story *story, gconstpointer data)
{
  g_autofree SpPrepared *answer = room_prepare_full (story->room, "unended", 7, STORY_SECONDS);

  g_assert_cmpuint (answer->done, ==, SP_DONE_INVALID);
  g_assert_cmpuint (answer->text_length, >, 0);
}

static void
test_second_keyholder (Story *story, gconstpointer data)
{
  Room second = { .program = story->room->program,
                  .folder = story->room->folder,
                  .log = story->room->log };
  g_autofree SpPrepared *answer = NULL;

  room_start (&second);
  answer = room_prepare_full (&second, story_names, sizeof story_names, STORY_SECONDS);
  g_assert_cmpuint (answer->done, ==, SP_DONE_BUSY);
  sp_fd_clear (&second.wall);
  g_assert_cmpint (room_wait (&second), ==, 0);
}

static void
test_signatures (Story *story, gconstpointer data)
{
  Worker *worker = worker_new (story->room, HOME);
  SpSignDigest digest = { .algorithm = SP_DIGEST_SHA384, .digest_length = 48 };
  SpSignedDigest answer;

  g_assert_cmpuint (worker_sign_verify (worker, 33), ==, 0); /* refused, and nothing changes */
  worker_send (worker, SP_MESSAGE_SIGN_DIGEST, &digest);
  worker_receive (worker, SP_MESSAGE_SIGNED_DIGEST, &answer);
  g_assert_cmpuint (answer.signature_length, >, 0);
  worker_send (worker, SP_MESSAGE_SIGN_DIGEST, &digest);
  g_assert_true (worker_is_cut_off (worker));
  worker_free (worker);
}

/* Signs for a renegotiation; 0: refused. */
static guint16
sign_renewal (Worker *worker)
{
  SpSignRenewal renewal = { .algorithm = SP_DIGEST_SHA384, .digest_length = 48 };
  SpSignedRenewal answer;

  worker_send (worker, SP_MESSAGE_SIGN_RENEWAL, &renewal);
  worker_receive (worker, SP_MESSAGE_SIGNED_RENEWAL, &answer);
  return answer.signature_length;
}

static void
sign_digest (Worker *worker)
{
  SpSignDigest digest = { .algorithm = SP_DIGEST_SHA384, .digest_length = 48 };
  SpSignedDigest answer;

  worker_send (worker, SP_MESSAGE_SIGN_DIGEST, &digest);
  worker_receive (worker, SP_MESSAGE_SIGNED_DIGEST, &answer);
  g_assert_cmpuint (answer.signature_length, >, 0);
}

/* By the keyholder's own clock: however often it is asked, one in two seconds. */
static void
test_renewals (Story *story, gconstpointer data)
{
  Worker *worker = worker_new (story->room, HOME);
  SpMayRenew may = { .worker = worker->number };
  gint64 begun = g_get_monotonic_time ();
  guint n_signed = 0;

  sign_digest (worker);
  room_send (story->room, SP_MESSAGE_MAY_RENEW, &may, -1);
  room_expect_silence (story->room); /* it has read that */
  while (n_signed < 2)
    {
      n_signed += sign_renewal (worker) > 0;
      g_usleep (50 * 1000);
    }
  g_assert_cmpint (g_get_monotonic_time () - begun, >=,
                   2 * SP_RENEWAL_SECONDS_MIN * G_USEC_PER_SEC);
  may.seconds = 1000;
  room_send (story->room, SP_MESSAGE_MAY_RENEW, &may, -1);
  g_usleep (SP_RENEWAL_SECONDS_MIN * G_USEC_PER_SEC);
  g_assert_cmpuint (sign_renewal (worker), ==, 0);
  worker_free (worker);
}

/* Not without a tunnel, and not for TLS 1.3, which has no such thing. */
static void
test_early_renewals (Story *story, gconstpointer data)
{
  const SpSignRenewal renewal = { .algorithm = SP_DIGEST_SHA384, .digest_length = 48 };
  Worker *signed_in = worker_new (story->room, HOME);
  Worker *tls13 = worker_in_login (story->room, HOME);
  SpMayRenew may = { .worker = tls13->number };

  sign_digest (signed_in);
  worker_send (signed_in, SP_MESSAGE_SIGN_RENEWAL, &renewal);
  g_assert_true (worker_is_cut_off (signed_in));
  room_send (story->room, SP_MESSAGE_MAY_RENEW, &may, -1);
  room_expect_silence (story->room);
  worker_send (tls13, SP_MESSAGE_SIGN_RENEWAL, &renewal);
  g_assert_true (worker_is_cut_off (tls13));
  worker_free (signed_in);
  worker_free (tls13);
}

/* Each rule broken costs one worker its wall, and nobody else anything. */
static void
test_rule_breakers (Story *story, gconstpointer data)
{
  Room *room = story->room;
  Worker *good = worker_in_login (room, HOME);
  Worker *early = worker_new (room, AWAY);
  Worker *padded = worker_new (room, AWAY);
  Worker *redeemed = worker_in_login (room, AWAY);
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  worker_send_password (early, "anna", "right");
  g_assert_true (worker_is_cut_off (early));
  g_assert_cmpint (send (padded->wall, "\1\1\0\0\1\0\0\0\0\0\0", 11, 0), ==, 11);
  g_assert_true (worker_is_cut_off (padded));
  g_assert_cmpint (worker_sign_in (good, "anna", "right", cookie, session), ==, SP_LOGIN_ACCEPTED);
  g_assert_cmpint (worker_redeem (redeemed, cookie), ==, SP_LOGIN_ACCEPTED);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  worker_send_password (redeemed, "anna", "right");
  g_assert_true (worker_is_cut_off (redeemed));
  g_assert_cmpint (worker_redeem (good, cookie), ==, SP_LOGIN_ACCEPTED);
  room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
  worker_free (good);
  worker_free (early);
  worker_free (padded);
  worker_free (redeemed);
}

static void
test_main_breaks_rules (Story *story, gconstpointer data)
{
  SpWorkerGone gone = { 0 };

  room_send (story->room, SP_MESSAGE_WORKER_GONE, &gone, -1); /* before PREPARE */
  g_assert_cmpint (room_wait (story->room), ==, 1);
}

static void
test_main_goes (Story *story, gconstpointer data)
{
  sp_fd_clear (&story->room->wall);
  g_assert_cmpint (room_wait (story->room), ==, 0);
}

static void
test_no_secret_is_logged (Story *story, gconstpointer data)
{
  Room *room = story->room;
  g_autofree char *log = NULL;
  char hex[2 * SP_COOKIE_SIZE + 1];
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];

  sign_in_anna (room, HOME, cookie, session);
  (void) try_once (room, AWAY, "open sesame");
  test_rule_breakers (story, data);
  g_assert_true (g_file_get_contents (room->log, &log, NULL, NULL));
  sp_hex_encode (cookie, sizeof cookie, hex);
  g_assert_nonnull (strstr (log, "loses its wall"));
  g_assert_null (strstr (log, "right"));
  g_assert_null (strstr (log, "open sesame"));
  g_assert_null (strstr (log, hex));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("prepare", test_prepare);
  ADD ("wrong-names", test_wrong_names);
  ADD_ANNA ("second-keyholder", test_second_keyholder);
  ADD_ANNA ("signatures", test_signatures);
  ADD_ANNA ("renewals", test_renewals);
  ADD_ANNA ("early-renewals", test_early_renewals);
  ADD_ANNA ("rule-breakers", test_rule_breakers);
  ADD ("main-breaks-rules", test_main_breaks_rules);
  ADD ("main-goes", test_main_goes);
  ADD_ANNA ("no-secret-is-logged", test_no_secret_is_logged);
  return g_test_run ();
}
