/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include "base/io.h"

#include <gnutls/x509.h>
#include <string.h>

/* The real program: what main hears of certificates, and what it may order. */

#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

static void
prepare (Story *story)
{
  room_prepare (story->room, story_names, sizeof story_names, STORY_SECONDS);
}

/* The next that main is told must be that one. */
static SpCertificateKnown *
expect_known (Room *room, guint8 kind, guint8 origin)
{
  SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);

  room_receive (room, SP_MESSAGE_CERTIFICATE_KNOWN, known);
  g_assert_cmpuint (known->kind, ==, kind);
  g_assert_cmpuint (known->origin, ==, origin);
  return known;
}

static void
expect_own (Room *room, SpCertificateKnown **ret_server)
{
  g_autofree SpCertificateKnown *authority =
      expect_known (room, SP_CERTIFICATE_AUTHORITY, SP_CERTIFICATE_OWN);

  g_assert_cmpuint (authority->names_length, ==, 0);
  g_assert_cmpmem (authority->subject, authority->subject_length, authority->issuer,
                   authority->issuer_length);
  *ret_server = expect_known (room, SP_CERTIFICATE_SERVER, SP_CERTIFICATE_OWN);
}

static void
renew (Room *room, const char *names, gsize names_size, gboolean always)
{
  SpRenewCertificate order = { .always = always ? 1 : 0, .names_length = (guint16) names_size };

  memcpy (order.names, names, names_size);
  room_question (room, SP_MESSAGE_RENEW_CERTIFICATE, &order, NULL, 0);
}

static SpDone
expect_renewed (Room *room, const char *text)
{
  SpCertificateRenewed answer;

  room_receive (room, SP_MESSAGE_CERTIFICATE_RENEWED, &answer);
  g_assert_cmpmem (answer.text, answer.text_length, text, strlen (text));
  return answer.done;
}

static void
list (Room *room, SpCertificateKnown **ret_server)
{
  SpListCertificates question = { 0 };
  SpCertificatesListed listed;

  room_question (room, SP_MESSAGE_LIST_CERTIFICATES, &question, NULL, 0);
  expect_own (room, ret_server);
  room_receive (room, SP_MESSAGE_CERTIFICATES_LISTED, &listed);
}

static void
test_list (Story *story, gconstpointer data)
{
  g_autofree SpCertificateKnown *server = NULL;

  prepare (story);
  list (story->room, &server);
  g_assert_cmpuint (server->active, ==, 1);
  g_assert_cmpmem (server->pin, SP_PIN_SIZE, story->room->pin, SP_PIN_SIZE);
  g_assert_cmpmem (server->names, server->names_length, story_names, sizeof story_names);
  g_assert_cmpmem (server->key, server->key_length, "EC P-256", 8);
  g_assert_cmpuint (server->not_before, <, (guint64) g_get_real_time ());
  g_assert_cmpuint (server->not_after, >, (guint64) (g_get_real_time () + MINUTE));
  g_assert_cmpmem (server->subject, server->subject_length, "CN=vpn.example.net", 18);
}

/* Who has the old chain is served on, the new one comes with the same key, and is there after a
 * kill. */
static void
test_renew (Story *story, gconstpointer data)
{
  static const char names[] = "other.example.net";
  Room *room = story->room;
  g_autofree SpCertificateKnown *server = NULL;
  g_autofree SpCertificateKnown *later = NULL;
  g_autofree SpServeWith *with = g_new0 (SpServeWith, 1);
  g_autofree SpPrepared *prepared = NULL;
  Worker *worker;

  prepare (story);
  worker = worker_new (room, HOME);
  renew (room, names, sizeof names, TRUE);
  expect_own (room, &server);
  g_assert_cmpmem (server->names, server->names_length, names, sizeof names);
  room_receive (room, SP_MESSAGE_SERVE_WITH, with);
  g_assert_cmpmem (with->pin, SP_PIN_SIZE, room->pin, SP_PIN_SIZE);
  g_assert_cmpuint (expect_renewed (room, ""), ==, SP_DONE_OK);
  g_assert_cmpuint (worker_sign_verify (worker, 32), >, 0);
  worker_free (worker);

  room_kill (room);
  room_start (room);
  prepared = room_prepare_full (room, "", 0, STORY_SECONDS);
  g_assert_cmpmem (prepared->chain, prepared->chain_length, with->chain, with->chain_length);
  list (room, &later);
  g_assert_cmpmem (server, sizeof *server, later, sizeof *later);
}

static void
test_nothing_to_renew (Story *story, gconstpointer data)
{
  prepare (story);
  renew (story->room, "", 0, FALSE);
  g_assert_cmpuint (expect_renewed (story->room, ""), ==, SP_DONE_OK);
  renew (story->room, story_names, sizeof story_names, FALSE);
  g_assert_cmpuint (expect_renewed (story->room, ""), ==, SP_DONE_OK);
}

static void
test_wrong_name (Story *story, gconstpointer data)
{
  static const char names[] = "good.example\0two words";

  prepare (story);
  renew (story->room, names, sizeof names, TRUE);
  g_assert_cmpuint (
      expect_renewed (story->room, "“two words” is neither a host name nor an address"), ==,
      SP_DONE_INVALID);
  renew (story->room, "unended", 7, TRUE);
  g_assert_cmpuint (expect_renewed (story->room, "the last name has no end"), ==, SP_DONE_INVALID);
}

/* A worker that shows what the server never showed gets no signature. */
static void
test_unknown_key (Story *story, gconstpointer data)
{
  Worker *worker;

  prepare (story);
  story->room->pin[0] ^= 1;
  worker = worker_new (story->room, HOME);
  g_assert_cmpuint (worker_sign_verify (worker, 32), ==, 0);
  worker_free (worker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("certificate/list", test_list);
  ADD ("certificate/renew", test_renew);
  ADD ("certificate/nothing-to-renew", test_nothing_to_renew);
  ADD ("certificate/wrong-name", test_wrong_name);
  ADD ("certificate/unknown-key", test_unknown_key);
  return g_test_run ();
}
