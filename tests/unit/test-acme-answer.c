/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-answer.h"

#include <string.h>

#define BYTES(text) (const guint8 *) (text), strlen (text)
#define URL         "https://a.example/"

static void
test_directory (void)
{
  static const char *const wrong[] = {
    "",
    "[]",
    "{}",
    "{\"newNonce\":1}",
    "{\"newNonce\":\"" URL "\",\"newAccount\":\"" URL "\"}",
    "{\"newNonce\":\"http://a.example/\",\"newAccount\":\"" URL "\",\"newOrder\":\"" URL "\"}",
    "{\"newNonce\":\"" URL "\",\"newAccount\":\"" URL "\",\"newOrder\":\"file:///etc\"}",
  };
  SpAcmeDirectory directory;

  g_assert_true (sp_acme_directory_read (
      BYTES ("{\"newNonce\":\"" URL "n\",\"newAccount\":\"" URL "a\",\"newOrder\":\"" URL
             "o\",\"meta\":{\"termsOfService\":\"" URL "t\",\"externalAccountRequired\":true}}"),
      &directory));
  g_assert_null (directory.renewal_info);
  g_assert_cmpstr (directory.new_nonce, ==, URL "n");
  g_assert_cmpstr (directory.new_account, ==, URL "a");
  g_assert_cmpstr (directory.new_order, ==, URL "o");
  g_assert_true (directory.has_terms);
  g_assert_true (directory.wants_external_account);
  sp_acme_directory_clear (&directory);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (sp_acme_directory_read (BYTES (wrong[i]), &directory));
}

#define ORDER(status, more)                                                                        \
  "{\"status\":\"" status "\",\"finalize\":\"" URL "f\",\"authorizations\":[\"" URL "1\",\"" URL   \
  "2\"]" more "}"

static void
test_order (void)
{
  static const char *const wrong[] = {
    "{\"status\":\"pending\",\"finalize\":\"" URL "f\",\"authorizations\":[]}",
    "{\"status\":\"pending\",\"finalize\":\"" URL "f\",\"authorizations\":[1]}",
    "{\"status\":\"pending\",\"finalize\":\"" URL "f\",\"authorizations\":[\"x\"]}",
    "{\"status\":\"pending\",\"authorizations\":[\"" URL "\"]}",
    ORDER ("strange", ""),
    ORDER ("valid", ""),
    ORDER ("valid", ",\"certificate\":\"http://a.example/\""),
  };
  SpAcmeOrder order;

  g_assert_true (
      sp_acme_order_read (BYTES (ORDER ("valid", ",\"certificate\":\"" URL "c\"")), &order));
  g_assert_cmpint (order.status, ==, SP_ACME_VALID);
  g_assert_cmpuint (g_strv_length (order.authorizations), ==, 2);
  g_assert_cmpstr (order.authorizations[1], ==, URL "2");
  g_assert_cmpstr (order.certificate, ==, URL "c");
  sp_acme_order_clear (&order);
  g_assert_true (sp_acme_order_read (
      BYTES (ORDER ("invalid", ",\"error\":{\"type\":\"urn:ietf:params:acme:error:caa\"}")),
      &order));
  g_assert_cmpint (order.status, ==, SP_ACME_INVALID);
  g_assert_cmpint (order.problem, ==, SP_ORDER_CAA);
  sp_acme_order_clear (&order);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (sp_acme_order_read (BYTES (wrong[i]), &order));
}

#define CHALLENGE(type, token, more)                                                               \
  "{\"type\":\"" type "\",\"url\":\"" URL "c\",\"token\":\"" token "\"" more "}"
#define AUTHORIZATION(challenges)                                                                  \
  "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\",\"value\":\"VPN.example\"},"           \
  "\"challenges\":[" challenges "]}"

static void
test_authorization (void)
{
  static const struct
  {
    const char *answer;
    gboolean read;
    const char *token; /* of TLS-ALPN-01, NULL: there is none */
    const char *text;  /* likewise of HTTP-01 */
    SpOrderOutcome problem;
  } rows[] = {
    { AUTHORIZATION (CHALLENGE ("http-01", "x", "") "," CHALLENGE ("tls-alpn-01", "A-_9", "")),
      TRUE, "A-_9", "x", SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("http-01", "x", "")), TRUE, NULL, "x", SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("http-02", "x", "")), TRUE, NULL, NULL, SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("http-01", "../x", "")), TRUE, NULL, NULL, SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("tls-alpn-01", "a.b", "")), TRUE, NULL, NULL, SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("tls-alpn-01", "", "")), TRUE, NULL, NULL, SP_ORDER_PROBLEM },
    { AUTHORIZATION (CHALLENGE ("tls-alpn-01", "a",
                                ",\"error\":{\"type\":\"urn:ietf:params:acme:error:connection\"}")),
      TRUE, "a", NULL, SP_ORDER_NOT_REACHED },
    { AUTHORIZATION (""), TRUE, NULL, NULL, SP_ORDER_PROBLEM },
    { "{\"status\":\"pending\"}", FALSE, NULL, NULL, 0 },
    { "{\"identifier\":{\"value\":\"a\"}}", FALSE, NULL, NULL, 0 },
    { "{", FALSE, NULL, NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpAcmeAuthorization authorization;

      g_test_message ("%s", rows[i].answer);
      g_assert_cmpint (sp_acme_authorization_read (BYTES (rows[i].answer), &authorization), ==,
                       rows[i].read);
      if (!rows[i].read)
        continue;
      g_assert_cmpstr (authorization.name, ==, "vpn.example");
      g_assert_cmpstr (authorization.challenges[SP_ACME_TLS_ALPN].token, ==, rows[i].token);
      g_assert_cmpstr (authorization.challenges[SP_ACME_TLS_ALPN].url, ==,
                       rows[i].token != NULL ? URL "c" : NULL);
      g_assert_cmpstr (authorization.challenges[SP_ACME_HTTP].token, ==, rows[i].text);
      g_assert_cmpint (authorization.problem, ==, rows[i].problem);
      sp_acme_authorization_clear (&authorization);
    }
}

static void
test_problem (void)
{
  gboolean bad_nonce;

  g_assert_cmpint (sp_acme_problem_read (BYTES ("<html>"), &bad_nonce), ==, SP_ORDER_STATUS);
  g_assert_false (bad_nonce);
  g_assert_cmpint (sp_acme_problem_read (
                       BYTES ("{\"type\":\"urn:ietf:params:acme:error:badNonce\"}"), &bad_nonce),
                   ==, SP_ORDER_PROBLEM);
  g_assert_true (bad_nonce);
  g_assert_cmpint (sp_acme_problem_read (
                       BYTES ("{\"type\":\"urn:ietf:params:acme:error:rateLimited\"}"), &bad_nonce),
                   ==, SP_ORDER_TOO_OFTEN);
  g_assert_false (bad_nonce);
}

#define WINDOW(start, end) "{\"suggestedWindow\":{\"start\":" start ",\"end\":" end "}}"

static void
test_window (void)
{
  static const char *const wrong[] = {
    "",
    "[]",
    "{}",
    "{\"suggestedWindow\":[]}",
    WINDOW ("1", "2"),
    WINDOW ("\"2027-01-02T00:00:00\"", "\"2027-01-03T00:00:00\""), /* of no zone */
    WINDOW ("\"2027-01-02T00:00:00Z\"", "\"2027-01-02T00:00:00Z\""),
    WINDOW ("\"2027-01-02T00:00:00Z\"", "\"2027-01-01T00:00:00Z\""),
    WINDOW ("\"1969-01-02T00:00:00Z\"", "\"2027-01-01T00:00:00Z\""),
    WINDOW ("\"soon\"", "\"later\""),
  };
  SpAcmeWindow window;

  g_assert_true (sp_acme_window_read (
      BYTES (WINDOW ("\"2027-01-02T04:00:00Z\"", "\"2027-01-02T04:00:01.5+00:00\"")), &window));
  g_assert_cmpint (window.begin, ==, G_GINT64_CONSTANT (1798862400) * G_USEC_PER_SEC);
  g_assert_cmpint (window.end, ==, G_GINT64_CONSTANT (1798862401) * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (sp_acme_window_read (BYTES (wrong[i]), &window));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/acme-answer/directory", test_directory);
  g_test_add_func ("/acme-answer/order", test_order);
  g_test_add_func ("/acme-answer/authorization", test_authorization);
  g_test_add_func ("/acme-answer/problem", test_problem);
  g_test_add_func ("/acme-answer/window", test_window);
  return g_test_run ();
}
