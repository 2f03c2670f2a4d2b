/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/hex.h"

#include <string.h>
#include <sys/socket.h>

/* The second step of signing in, as the worker shows it. */

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

#define PASSWORD_REPLY                                                                             \
  "<config-auth client=\"vpn\" "                                                                   \
  "type=\"auth-reply\"><auth><username>joe</username><password>" SP_HOUSE_PASSWORD                 \
  "</password></auth></config-auth>"

#define CODE_REPLY(ticket, code)                                                                   \
  "<config-auth client=\"vpn\" type=\"auth-reply\"><auth><auth_handle>" ticket "</auth_handle>"    \
  "<secondary_password>" code "</secondary_password></auth></config-auth>"

/* Posts a code for the worker's ticket. */
static char *
post_code (Fixture *self, const char *code)
{
  char ticket[2 * SP_TICKET_SIZE + 1];
  g_autofree char *body = NULL;

  sp_hex_encode (self->worker->cookie, SP_TICKET_SIZE, ticket);
  body = g_strdup_printf (CODE_REPLY ("%s", "%s"), ticket, code);
  return sp_vpn_client_post (self->client, "/auth", body);
}

static char *
post_password (Fixture *self, SpLogin verdict)
{
  self->worker->next_verdict = (int) verdict;
  return sp_vpn_client_post (self->client, "/auth", PASSWORD_REPLY);
}

static void
test_code (Fixture *self, gconstpointer data)
{
  g_autofree char *form = post_password (self, SP_LOGIN_CODE_WANTED);
  char ticket[2 * SP_TICKET_SIZE + 1];
  g_autofree char *wrong = NULL;
  g_autofree char *done = NULL;

  sp_hex_encode (self->worker->cookie, SP_TICKET_SIZE, ticket);
  g_assert_nonnull (strstr (form, "<auth id=\"challenge\">"));
  g_assert_nonnull (strstr (form, ticket));
  g_assert_null (strstr (form, "webvpn="));
  wrong = post_code (self, "654321");
  g_assert_nonnull (strstr (wrong, "<error"));
  g_assert_nonnull (strstr (wrong, ticket));
  done = post_code (self, SP_HOUSE_CODE);
  g_assert_nonnull (strstr (done, "\r\nSet-Cookie: webvpn="));
  g_assert_cmpuint (self->worker->n_tries, ==, 1);
  g_assert_cmpuint (self->worker->n_codes, ==, 2);
}

/* Somebody else's words, which are text and nothing else; then one more question. */
static void
test_prompt (Fixture *self, gconstpointer data)
{
  g_autofree char *form = NULL;
  g_autofree char *next = NULL;
  g_autofree char *done = NULL;

  self->worker->prompt = "How many </message><x>?";
  form = post_password (self, SP_LOGIN_CODE_WANTED);
  g_assert_nonnull (strstr (form, "<message>How many &lt;/message&gt;&lt;x&gt;?</message>"));
  g_assert_nonnull (strstr (form, "name=\"secondary_password\""));
  self->worker->next_verdict = SP_LOGIN_CODE_WANTED;
  next = post_code (self, "eight");
  g_assert_nonnull (strstr (next, "<auth id=\"challenge\">"));
  g_assert_null (strstr (next, "<error"));
  done = post_code (self, SP_HOUSE_CODE);
  g_assert_nonnull (strstr (done, "\r\nSet-Cookie: webvpn="));
}

/* One more than the keyholder would take is not asked. */
static void
test_many_codes (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < SP_CODE_TRIES; i++)
    {
      g_autofree char *form = post_code (self, "a code that is longer than any code can be");

      g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
    }
  {
    g_autofree char *denied = post_code (self, SP_HOUSE_CODE);

    g_assert_true (g_str_has_prefix (denied, "HTTP/1.1 401 "));
  }
  g_assert_cmpuint (self->worker->n_codes, ==, SP_CODE_TRIES);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_DENIED);
}

static void
test_stale_ticket (Fixture *self, gconstpointer data)
{
  g_autofree char *form = NULL;

  self->worker->next_verdict = SP_LOGIN_STALE;
  form = post_code (self, SP_HOUSE_CODE);
  g_assert_nonnull (strstr (form, "name=\"username\""));
  g_assert_nonnull (strstr (form, "sign in again"));
  sp_vpn_client_login (self->client);
}

/* A page without anything to fill in, and the end. */
static void
test_two_step_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *page = post_password (self, SP_LOGIN_TWO_STEP_MISSING);

  g_assert_true (g_str_has_prefix (page, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (page, "second step"));
  g_assert_null (strstr (page, "<form"));
  g_assert_null (strstr (page, "webvpn="));
  sp_house_expect_left (self->worker, SP_LEFT_CLOSED);
}

#define ADD(name, test_) g_test_add ("/worker/" name, Fixture, NULL, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("code", test_code);
  ADD ("prompt", test_prompt);
  ADD ("many-codes", test_many_codes);
  ADD ("stale-ticket", test_stale_ticket);
  ADD ("two-step-missing", test_two_step_missing);
  return g_test_run ();
}
