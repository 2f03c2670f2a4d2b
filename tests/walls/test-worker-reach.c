/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "codec/reach-link.h"

#include <string.h>

/* What a worker does when somebody opens a link that tests reachability. */

#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define PHONE " HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (iPhone)\r\nAccept-Language: es\r\n\r\n"

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static char *
ask (Fixture *self, const char *line, SpReachAnswer answer)
{
  g_autofree char *request = g_strconcat (line, PHONE, NULL);

  self->worker->reach = (guint8) answer;
  return sp_vpn_client_ask (self->client, request);
}

/* Main hears the digest, never the token, and nothing of where it was. */
static void
test_outside (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = ask (self, "GET /r/" TOKEN, SP_REACH_ANSWER_OUTSIDE);
  guint8 token[SP_TOKEN_SIZE];
  guint8 digest[SP_DIGEST_SIZE];

  for (guint8 i = 0; i < SP_TOKEN_SIZE; i++)
    token[i] = i;
  sp_reach_link_digest (token, digest);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "<html lang=\"es\">"));
  g_assert_nonnull (strstr (answer, "default-src 'none'"));
  g_assert_cmpmem (self->worker->reach_asked.digest, SP_DIGEST_SIZE, digest, SP_DIGEST_SIZE);
  sp_house_expect_left (self->worker, SP_LEFT_SERVED);
}

static void
test_home (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = ask (self, "GET /r/" TOKEN "?x", SP_REACH_ANSWER_HOME);

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "Wi-Fi") != NULL ? answer : strstr (answer, "wifi"));
  sp_house_expect_left (self->worker, SP_LEFT_SERVED);
}

/* What is no good link, or is a word that nobody knows, gets what strangers get. */
static void
test_stranger (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = ask (self, "GET /r/" TOKEN, GPOINTER_TO_INT (data));

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 404 "));
  sp_house_expect_left (self->worker, SP_LEFT_REQUEST);
}

/* Nor is main asked about it. */
static void
test_unasked (Fixture *self, gconstpointer line)
{
  g_autofree char *answer = ask (self, line, SP_REACH_ANSWER_OUTSIDE);

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 404 "));
  sp_house_expect_left (self->worker, SP_LEFT_REQUEST);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_REACH_ASKED], ==, 0);
}

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *self, gconstpointer data))
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  add ("/worker-reach/outside", NULL, test_outside);
  add ("/worker-reach/home", NULL, test_home);
  add ("/worker-reach/stranger", GINT_TO_POINTER (SP_REACH_ANSWER_STRANGER), test_stranger);
  add ("/worker-reach/unknown-word", GINT_TO_POINTER (SP_REACH_ANSWER_LAST + 1), test_stranger);
  add ("/worker-reach/post", "POST /r/" TOKEN, test_unasked);
  add ("/worker-reach/short", "GET /r/AAAA", test_unasked);
  return g_test_run ();
}
