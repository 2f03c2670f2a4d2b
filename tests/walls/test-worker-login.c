/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/hex.h"
#include "base/io.h"

#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>

/* From the fork to the cookie: nursery, TLS, HTTP, sign-in. */

/* What tells a VPN client from a stranger. */
#define MARK "X-Transcend-Version: 1"

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
} Fixture;

static void
set_up (Fixture *self, gconstpointer priority)
{
  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, priority != NULL ? priority : SP_CLIENT_TLS13);
}

static void
set_up_tls (Fixture *self, gconstpointer priority)
{
  set_up (self, priority);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer priority)
{
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

/* The connection ends without an answer. */
static void
expect_dropped (Fixture *self, const char *request, SpLeft how)
{
  g_autofree char *answer = sp_vpn_client_ask (self->client, request);

  g_assert_null (answer);
  sp_house_expect_left (self->worker, how);
}

static void
test_login_tls13 (Fixture *self, gconstpointer priority)
{
  sp_vpn_client_login (self->client);
  g_assert_cmpint (gnutls_protocol_get_version (self->client->session), ==, GNUTLS_TLS1_3);
  g_assert_cmpuint (self->worker->n_verify_signatures, ==, 1);
  g_assert_cmpuint (self->worker->n_digest_signatures, ==, 0);
}

static void
test_login_tls12 (Fixture *self, gconstpointer priority)
{
  sp_vpn_client_login (self->client);
  g_assert_cmpint (gnutls_protocol_get_version (self->client->session), ==, GNUTLS_TLS1_2);
  g_assert_cmpuint (self->worker->n_verify_signatures, ==, 0);
  g_assert_cmpuint (self->worker->n_digest_signatures, ==, 1);
}

/* The client's key share is none that the server takes at once: two hellos. */
static void
test_retry_request (Fixture *self, gconstpointer priority)
{
  g_assert_cmpuint (self->client->n_retry_requests, ==, 1);
  g_assert_cmpuint (self->worker->n_verify_signatures, ==, 1);
  sp_vpn_client_login (self->client);
}

static void
test_old_tls (Fixture *self, gconstpointer priority)
{
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  sp_house_expect_left (self->worker, SP_LEFT_HANDSHAKE);
}

static void
test_refused_signature (Fixture *self, gconstpointer priority)
{
  self->worker->refuses_to_sign = TRUE;
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  sp_house_expect_left (self->worker, SP_LEFT_NO_KEYHOLDER);
}

static void
test_keyholder_gone (Fixture *self, gconstpointer priority)
{
  sp_fd_clear (&self->worker->keyholder_wall);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  sp_house_expect_left (self->worker, SP_LEFT_NO_KEYHOLDER);
}

static void
test_keyholder_silent (Fixture *self, gconstpointer priority)
{
  gint64 begin = g_get_monotonic_time ();

  self->worker->never_answers = TRUE;
  g_assert_cmpint (sp_vpn_client_handshake (self->client), <, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 5 * G_USEC_PER_SEC);
  sp_house_expect_left (self->worker, SP_LEFT_NO_KEYHOLDER);
}

static void
test_not_tls (Fixture *self, gconstpointer priority)
{
  static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  g_assert_cmpint (send (self->client->fd, text, sizeof text, 0), ==, sizeof text);
  sp_house_expect_left (self->worker, SP_LEFT_HANDSHAKE);
}

/* Connected, and then nothing. */
static void
test_silent_client (Fixture *self, gconstpointer priority)
{
  gint64 begin = g_get_monotonic_time ();

  while (self->worker->heard[SP_MESSAGE_CLIENT_LEFT] == 0)
    sp_house_turn (self->worker, 100);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 9 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 15 * G_USEC_PER_SEC);
  sp_house_expect_left (self->worker, SP_LEFT_HANDSHAKE);
}

#define REPLY(login, password)                                                                     \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><config-auth client=\"vpn\" type=\"auth-reply\">"     \
  "<auth><username>" login "</username><password>" password "</password></auth></config-auth>"

static void
test_wrong_password (Fixture *self, gconstpointer priority)
{
  char byte;

  for (guint i = 1; i < SP_PASSWORD_TRIES; i++)
    {
      g_autofree char *form = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", "guess"));

      g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
      g_assert_nonnull (strstr (form, "<form"));
      g_assert_nonnull (strstr (form, "wrong"));
      g_assert_null (strstr (form, "webvpn="));
    }
  {
    g_autofree char *denied = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", "guess"));

    g_assert_true (g_str_has_prefix (denied, "HTTP/1.1 401 "));
    g_assert_nonnull (strstr (denied, "\r\nContent-Length: 0\r\n"));
  }
  g_assert_cmpint (sp_vpn_client_receive (self->client, &byte, 1), ==,
                   GNUTLS_E_FATAL_ALERT_RECEIVED);
  g_assert_cmpint (gnutls_alert_get (self->client->session), ==, GNUTLS_A_ACCESS_DENIED);
  g_assert_cmpuint (self->worker->n_tries, ==, SP_PASSWORD_TRIES);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_DENIED);
}

static void
test_right_after_wrong (Fixture *self, gconstpointer priority)
{
  g_autofree char *form = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", "guess"));

  g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
  sp_vpn_client_login (self->client);
  g_assert_cmpuint (self->worker->n_tries, ==, 2);
}

static void
test_denied (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer = NULL;

  self->worker->next_verdict = SP_LOGIN_DENIED;
  answer = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", SP_HOUSE_PASSWORD));
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 401 "));
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_DENIED);
}

/* Somebody with the right password is told what keeps them out, and may try another name. */
static void
test_kept_out (Fixture *self, gconstpointer priority)
{
  static const struct
  {
    SpLogin verdict;
    const char *text;
  } cases[] = {
    { SP_LOGIN_USER_DISABLED, "turned off" },
    { SP_LOGIN_USER_EXPIRED, "has ended" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = NULL;

      self->worker->next_verdict = cases[i].verdict;
      answer = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", SP_HOUSE_PASSWORD));
      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
      g_assert_nonnull (strstr (answer, cases[i].text));
    }
  sp_vpn_client_login (self->client);
}

static void
test_over_quota (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer = NULL;

  self->worker->next_verdict = SP_LOGIN_USER_QUOTA;
  answer = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", SP_HOUSE_PASSWORD));
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "used up"));
}

/* Being busy is nobody's fault: neither 401 nor an error status. */
static void
test_busy (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer = NULL;

  self->worker->next_verdict = SP_LOGIN_BUSY;
  answer = sp_vpn_client_post (self->client, "/auth", REPLY ("joe", SP_HOUSE_PASSWORD));
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "busy"));
  sp_vpn_client_login (self->client);
}

static void
test_cookies (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer =
      sp_vpn_client_post (self->client, "/auth", REPLY ("joe", SP_HOUSE_PASSWORD));
  g_autofree char *hash = g_compute_checksum_for_data (
      G_CHECKSUM_SHA1, self->house->certificate.data, self->house->certificate.size);
  g_autofree char *upper = g_ascii_strup (hash, -1);
  g_autofree char *setting = g_strdup_printf (
      "\r\nSet-Cookie: webvpnc=bu:/&p:t&iu:1/&sh:%s; path=/; Secure; HttpOnly\r\n", upper);
  const char *deleted = strstr (answer, "\r\nSet-Cookie: webvpnc=; expires=Thu, 01 Jan 1970");

  g_assert_nonnull (strstr (answer, "\r\nSet-Cookie: webvpncontext="));
  g_assert_nonnull (deleted);
  g_assert_nonnull (strstr (deleted, setting)); /* first deleted, then set */
  g_assert_nonnull (strstr (answer, "\r\nX-Transcend-Version: 1\r\n"));
}

static void
test_legacy_login (Fixture *self, gconstpointer priority)
{
  g_autofree char *form = sp_vpn_client_ask (self->client, "GET / HTTP/1.1\r\n" MARK "\r\n\r\n");
  g_autofree char *done = NULL;

  g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
  g_assert_null (strstr (form, "<config-auth"));
  done = sp_vpn_client_post (self->client, "/auth", "username=joe&password=open%20sesame");
  g_assert_true (g_str_has_prefix (done, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (done, "\r\nSet-Cookie: webvpn="));
}

/* The name alone brings a form for the password; the name goes along, on whatever connection. */
static void
test_two_steps (Fixture *self, gconstpointer priority)
{
  g_autofree char *xml = sp_vpn_client_post (
      self->client, "/auth",
      "<config-auth type=\"auth-reply\"><auth><username>joe</username></auth></config-auth>");
  g_autofree char *legacy = sp_vpn_client_post (self->client, "/auth", "username=jo%22e");
  g_autofree char *empty = sp_vpn_client_post (self->client, "/auth", "username=");

  g_assert_nonnull (strstr (xml, "<config-auth"));
  g_assert_nonnull (strstr (xml, "<input type=\"hidden\" name=\"username\" value=\"joe\"/>"));
  g_assert_null (strstr (xml, "type=\"text\""));
  g_assert_null (strstr (legacy, "<config-auth"));
  g_assert_nonnull (strstr (legacy, "<auth id=\"passwd\">"));
  g_assert_nonnull (strstr (legacy, "value=\"jo&quot;e\""));
  g_assert_nonnull (strstr (empty, "type=\"text\" name=\"username\""));
  g_assert_cmpuint (self->worker->n_tries, ==, 0);
  sp_vpn_client_login (self->client);
}

static char *
make_logout (const char *token)
{
  return g_strdup_printf ("<?xml version=\"1.0\"?><config-auth client=\"vpn\" type=\"logout\">"
                          "<session-token>%s</session-token></config-auth>",
                          token);
}

/* Gives up a session, and then the connection; what is no cookie costs the keyholder nothing. */
static void
test_logout (Fixture *self, gconstpointer priority)
{
  g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
  g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
  char token[2 * SP_COOKIE_SIZE + 1];
  g_autofree char *good = NULL;
  g_autofree char *bad = make_logout ("zz");
  g_autofree char *answer = NULL;
  g_autofree char *same_answer = NULL;

  sp_hex_encode (self->worker->cookie, SP_COOKIE_SIZE, token);
  good = make_logout (token);
  answer = sp_vpn_client_post (self->client, "/", good);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  sp_house_expect_left (self->worker, SP_LEFT_CLOSED);
  sp_house_turn (self->worker, 100);
  g_assert_cmpuint (self->worker->n_logouts, ==, 1);
  g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
  same_answer = sp_vpn_client_post (client, "/", bad);
  g_assert_cmpstr (same_answer, ==, answer);
  sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
  g_assert_cmpuint (worker->n_logouts, ==, 0);
}

#define PHONE_POST(body, length)                                                                   \
  "POST /svc HTTP/1.1\r\nUser-Agent: Cisco SVC IPPhone Client v1.0\r\n"                            \
  "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " length "\r\n\r\n" body

static void
test_phone (Fixture *self, gconstpointer priority)
{
  g_autofree char *greeting =
      sp_vpn_client_ask (self->client, "GET /svc HTTP/1.1\r\n" MARK "\r\n\r\n");
  g_autofree char *done =
      sp_vpn_client_ask (self->client, PHONE_POST ("username=joe&password=open+sesame", "33"));

  g_assert_true (g_str_has_prefix (greeting, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (greeting, "\r\nContent-Length: 0\r\n"));
  g_assert_nonnull (strstr (greeting, "\r\nSet-Cookie: webvpn=; expires=Thu, 01 Jan 1970 "));
  g_assert_nonnull (strstr (greeting, "\r\nSet-Cookie: webvpnlogin=1; secure\r\n"));
  g_assert_true (g_str_has_prefix (done, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (done, "\r\nContent-Length: 0\r\n"));
  g_assert_nonnull (strstr (done, "\r\nSet-Cookie: webvpn="));
  g_assert_null (strstr (done, "webvpnc"));
}

/* Once wrong is the end: a phone has no form to show. */
static void
test_phone_denied (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer =
      sp_vpn_client_ask (self->client, PHONE_POST ("username=joe&password=guess", "27"));

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 401 "));
  g_assert_nonnull (strstr (answer, "\r\nContent-Length: 0\r\n"));
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_DENIED);
}

static void
test_nothing_there (Fixture *self, gconstpointer priority)
{
  g_autofree char *answer =
      sp_vpn_client_ask (self->client, "GET /favicon.ico HTTP/1.1\r\n" MARK "\r\n\r\n");

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
                                           "Content-Type: text/html\r\n"));
  g_assert_nonnull (strstr (answer, "\r\n\r\n<html>"));
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_REQUEST);
}

static const struct
{
  const char *request;
  const char *status;
} answered[] = {
  { "GET /auth HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /VPN HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /family?x=y HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /1/VPNManifest.xml HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /+CSCOT+/translation-table?textdomain=x HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /1/binaries/update.txt HTTP/1.0\r\n" MARK "\r\n\r\n", "200" },
  { "GET /1/Linux_64 HTTP/1.1\r\n" MARK "\r\n\r\n", "200" },
  { "GET /secret/file.txt HTTP/1.1\r\n" MARK "\r\n\r\n", "404" },
  { "GET /../etc/passwd HTTP/1.1\r\n" MARK "\r\n\r\n", "404" },
  { "OPTIONS / HTTP/1.1\r\n" MARK "\r\n\r\n", "404" },
  { "POST / HTTP/1.1\r\n" MARK "\r\nContent-Length: 0\r\n\r\n", "200" },
  { "POST /family?q HTTP/1.1\r\n" MARK "\r\nContent-Length: 2\r\n\r\na=", "200" },
  { "CONNECT /elsewhere HTTP/1.1\r\n" MARK "\r\n\r\n", "404" },
  { "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n" MARK "\r\n\r\n", "401" },
  { "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n" MARK "\r\nCookie: webvpn=zz\r\n\r\n", "401" },
};

static void
test_answered (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (answered); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_ask (client, answered[i].request);
      g_test_message ("%u: %.20s", i, answered[i].request);
      g_assert_nonnull (answer);
      g_assert_cmpint (strncmp (answer + strlen ("HTTP/1.x "), answered[i].status, 3), ==, 0);
      g_assert_nonnull (strstr (answer, "\r\nContent-Length: "));
      (void) shutdown (client->fd, SHUT_RDWR);
    }
}

/* Without a mark everything looks the same, and says nothing. */
static const char *const strangers[] = {
  "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
  "GET /auth HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /1/VPNManifest.xml HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n<?xml",
  "PUT / HTTP/1.1\r\nHost: x\r\n\r\n",
  "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: x\r\n\r\n",
};

static void
test_strangers (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_ask (client, strangers[i]);
      g_assert_cmpstr (answer, ==,
                       "HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
                       "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "X-Frame-Options: DENY\r\n\r\nNot Found\n");
      (void) shutdown (client->fd, SHUT_RDWR);
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, SP_LEFT_REQUEST);
    }
}

/* What a GET would bring, without its body; the connection goes on. */
static void
test_head (Fixture *self, gconstpointer data)
{
  static const char head[] = "HEAD /1/VPNManifest.xml HTTP/1.1\r\n" MARK "\r\n\r\n";
  char record[16384];
  gssize size;
  g_autofree char *answer = NULL;
  g_autofree char *whole = NULL;

  sp_vpn_client_send (self->client, head, strlen (head));
  size = sp_vpn_client_receive (self->client, record, sizeof record);
  g_assert_cmpint (size, >, 0);
  answer = g_strndup (record, (gsize) size);
  whole = sp_vpn_client_ask (self->client, "GET /1/VPNManifest.xml HTTP/1.1\r\n" MARK "\r\n\r\n");
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
  g_assert_true (g_str_has_prefix (whole, answer));
  g_assert_cmpuint (strlen (whole), >, strlen (answer));
}

static const struct
{
  const char *request;
  SpLeft how;
} dropped[] = {
  { "GET / HTTP/1.1\nHost: x\n\n", SP_LEFT_REQUEST },
  { "GET / HTTP/1.1\r\nHost : x\r\n\r\n", SP_LEFT_REQUEST },
  { "GET / HTTP/1.1\r\n" MARK "\r\n folded\r\n\r\n", SP_LEFT_REQUEST },
  { "GET / HTTP/2.0\r\n\r\n", SP_LEFT_REQUEST },
  { "GET https://x/ HTTP/1.1\r\n" MARK "\r\n\r\n", SP_LEFT_REQUEST },
  { "\x16\x03\x01garbage\r\n\r\n", SP_LEFT_REQUEST },
  { "GET / HTTP/1.1\r\n" MARK "\r\n\r\nGET / HTTP/1.1\r\n", SP_LEFT_REQUEST },
  { "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nab", SP_LEFT_REQUEST },
  { "POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n", SP_LEFT_REQUEST },
  { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", SP_LEFT_REQUEST },
  { "POST / HTTP/1.1\r\n" MARK "\r\nContent-Length: 9\r\n\r\n<!DOCTYPE", SP_LEFT_GARBAGE },
  { "POST / HTTP/1.1\r\n" MARK "\r\nContent-Length: 5\r\n\r\n<?xml", SP_LEFT_GARBAGE },
  { "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\n" MARK "\r\n\r\nSTF\1", SP_LEFT_REQUEST },
};

static void
test_dropped (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);
      g_autofree char *answer = NULL;

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      answer = sp_vpn_client_ask (client, dropped[i].request);
      g_assert_null (answer);
      (void) shutdown (client->fd, SHUT_RDWR);
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, dropped[i].how);
    }
}

static void
test_too_many_requests (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < SP_HTTP_REQUESTS_MAX; i++)
    {
      g_autofree char *answer =
          sp_vpn_client_ask (self->client, "GET / HTTP/1.1\r\n" MARK "\r\n\r\n");

      g_assert_nonnull (answer);
    }
  expect_dropped (self, "GET / HTTP/1.1\r\n" MARK "\r\n\r\n", SP_LEFT_REQUEST);
}

/* A request in single bytes is one request all the same; a head without end is none. */
static void
test_slices (Fixture *self, gconstpointer data)
{
  static const char request[] = "GET / HTTP/1.1\r\n" MARK "\r\n\r";
  g_autofree char *answer = NULL;

  for (const char *byte = request; *byte != '\0'; byte++)
    sp_vpn_client_send (self->client, byte, 1);
  answer = sp_vpn_client_ask (self->client, "\n");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
}

static void
test_endless_head (Fixture *self, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (SP_HTTP_HEAD_MAX, 'x');
  g_autofree char *request = g_strdup_printf ("GET / HTTP/1.1\r\nX: %s", filler);

  expect_dropped (self, request, SP_LEFT_REQUEST);
}

/* Requests on connections of their own, as AnyConnect makes them. */
static void
test_many_connections (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
      g_autoptr (SpVpnClient) client = sp_vpn_client_new (worker, SP_CLIENT_TLS13);

      g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
      sp_vpn_client_login (client);
      sp_vpn_client_free (g_steal_pointer (&client));
      sp_house_await (worker, SP_MESSAGE_CLIENT_LEFT, 1);
      g_assert_cmpuint (worker->left.how, ==, SP_LEFT_CLOSED);
    }
}

/* Two workers forked from one nursery draw different random numbers. */
static void
test_siblings_differ (Fixture *self, gconstpointer data)
{
  g_autoptr (SpHouseWorker) sibling = sp_house_fork (self->house);
  g_autoptr (SpVpnClient) client = sp_vpn_client_new (sibling, SP_CLIENT_TLS13);

  g_assert_cmpint (sp_vpn_client_handshake (client), ==, 0);
  g_assert_cmpint (memcmp (client->server_random, self->client->server_random, 32), !=, 0);
  (void) shutdown (client->fd, SHUT_RDWR);
}

/* Walls, standard error, and nothing else. */
static void
test_descriptors (Fixture *self, gconstpointer data)
{
  g_autoptr (SpHouseWorker) worker = sp_house_fork (self->house);
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", (int) worker->pid);
  guint n_descriptors = 0;

  /* It may still be about to close the nursery's. */
  for (guint i = 0; i < 100 && n_descriptors != 3; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);

      if (folder == NULL)
        {
          g_test_skip ("this user may not look into other processes");
          return;
        }
      for (n_descriptors = 0; g_dir_read_name (folder) != NULL; n_descriptors++)
        ;
      sp_house_turn (worker, 20);
    }
  g_assert_cmpuint (n_descriptors, ==, 3);
}

static void
test_wrong_phase (Fixture *self, gconstpointer data)
{
  const SpRecall message = { 0 };

  sp_house_say (self->worker, SP_MESSAGE_RECALL, &message, -1);
  sp_house_await_exit (self->worker);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CLIENT_LEFT], ==, 0);
}

static void
test_main_gone (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->worker->main_wall);
  sp_house_await_exit (self->worker);
}

static void
test_stop (Fixture *self, gconstpointer data)
{
  const SpStop message = { .how = SP_STOP_DROP };

  sp_house_say (self->worker, SP_MESSAGE_STOP, &message, -1);
  (void) shutdown (self->client->fd, SHUT_RDWR);
  sp_house_expect_left (self->worker, SP_LEFT_STOPPED);
}

/* Workers outlive their nursery, until main lets go of them. */
static void
test_nursery_ends (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->house->wall);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  sp_vpn_client_login (self->client);
}

#define ADD(name, set_up_, data_, test_)                                                           \
  g_test_add ("/worker/" name, Fixture, data_, set_up_, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  ADD ("login-tls13", set_up_tls, SP_CLIENT_TLS13, test_login_tls13);
  ADD ("login-tls12", set_up_tls, SP_CLIENT_TLS12, test_login_tls12);
  ADD ("login-tls12-sha512", set_up_tls,
       SP_CLIENT_TLS12 ":-SIGN-ALL:+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SHA256", test_login_tls12);
  ADD ("hello-retry", set_up_tls, SP_CLIENT_TLS13 ":-GROUP-ALL:+GROUP-FFDHE8192:+GROUP-SECP384R1",
       test_retry_request);
  ADD ("old-tls", set_up, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", test_old_tls);
  ADD ("not-tls", set_up, NULL, test_not_tls);
  ADD ("silent-client", set_up, NULL, test_silent_client);
  ADD ("signature-refused", set_up, NULL, test_refused_signature);
  ADD ("keyholder-gone", set_up, NULL, test_keyholder_gone);
  ADD ("keyholder-silent", set_up, NULL, test_keyholder_silent);
  ADD ("wrong-password", set_up_tls, NULL, test_wrong_password);
  ADD ("right-after-wrong", set_up_tls, NULL, test_right_after_wrong);
  ADD ("denied", set_up_tls, NULL, test_denied);
  ADD ("kept-out", set_up_tls, NULL, test_kept_out);
  ADD ("over-quota", set_up_tls, NULL, test_over_quota);
  ADD ("busy", set_up_tls, NULL, test_busy);
  ADD ("cookies", set_up_tls, NULL, test_cookies);
  ADD ("legacy-login", set_up_tls, NULL, test_legacy_login);
  ADD ("two-steps", set_up_tls, NULL, test_two_steps);
  ADD ("logout", set_up_tls, NULL, test_logout);
  ADD ("phone", set_up_tls, NULL, test_phone);
  ADD ("phone-denied", set_up_tls, NULL, test_phone_denied);
  ADD ("nothing-there", set_up_tls, NULL, test_nothing_there);
  ADD ("answered", set_up, NULL, test_answered);
  ADD ("strangers", set_up, NULL, test_strangers);
  ADD ("head", set_up_tls, NULL, test_head);
  ADD ("dropped", set_up, NULL, test_dropped);
  ADD ("too-many-requests", set_up_tls, NULL, test_too_many_requests);
  ADD ("slices", set_up_tls, NULL, test_slices);
  ADD ("endless-head", set_up_tls, NULL, test_endless_head);
  ADD ("many-connections", set_up, NULL, test_many_connections);
  ADD ("siblings-differ", set_up_tls, NULL, test_siblings_differ);
  ADD ("descriptors", set_up, NULL, test_descriptors);
  ADD ("wrong-phase", set_up_tls, NULL, test_wrong_phase);
  ADD ("main-gone", set_up_tls, NULL, test_main_gone);
  ADD ("stop", set_up_tls, NULL, test_stop);
  ADD ("nursery-ends", set_up, NULL, test_nursery_ends);
  return g_test_run ();
}
