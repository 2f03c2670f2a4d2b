/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "acme-answer.h"
#include "codec/base64url.h"
#include "codec/update-url.h"

#include <string.h>

/* What is read is fit for a message of the wall, and for a request. */
static void
check_url (const char *url)
{
  g_assert_cmpuint (strlen (url), <=, SP_ERRAND_URL_MAX);
  g_assert_null (sp_update_url_check (url, FALSE, FALSE));
}

static void
check_directory (const uint8_t *data, size_t size)
{
  SpAcmeDirectory directory;

  if (!sp_acme_directory_read (data, size, &directory))
    return;
  check_url (directory.new_nonce);
  check_url (directory.new_account);
  check_url (directory.new_order);
  if (directory.renewal_info != NULL)
    check_url (directory.renewal_info);
  sp_acme_directory_clear (&directory);
}

static void
check_order (const uint8_t *data, size_t size)
{
  SpAcmeOrder order;
  guint n;

  if (!sp_acme_order_read (data, size, &order))
    return;
  n = g_strv_length (order.authorizations);
  g_assert_true (n > 0 && n <= SP_ACME_NAMES_MAX);
  for (guint i = 0; i < n; i++)
    check_url (order.authorizations[i]);
  check_url (order.finalize);
  if (order.status == SP_ACME_VALID)
    check_url (order.certificate);
  g_assert_cmpint (order.problem, <=, SP_ORDER_OUTCOME_LAST);
  sp_acme_order_clear (&order);
}

static void
check_challenge (const SpAcmeChallenge *challenge)
{
  g_assert_cmpint (challenge->url == NULL, ==, challenge->token == NULL);
  if (challenge->url == NULL)
    return;
  check_url (challenge->url);
  g_assert_cmpuint (strlen (challenge->token), <=, SP_ACME_TOKEN_MAX);
  g_assert_true (sp_base64url_is_text (challenge->token, strlen (challenge->token)));
}

static void
check_authorization (const uint8_t *data, size_t size)
{
  SpAcmeAuthorization authorization;

  if (!sp_acme_authorization_read (data, size, &authorization))
    return;
  g_assert_cmpuint (strlen (authorization.name), <=, SP_DOMAIN_MAX);
  for (guint way = 0; way < SP_ACME_WAYS_N; way++)
    check_challenge (&authorization.challenges[way]);
  sp_acme_authorization_clear (&authorization);
}

static void
check_window (const uint8_t *data, size_t size)
{
  SpAcmeWindow window;

  if (sp_acme_window_read (data, size, &window))
    g_assert_true (window.begin > 0 && window.end > window.begin);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gboolean bad_nonce;

  check_directory (data, size);
  check_order (data, size);
  check_authorization (data, size);
  check_window (data, size);
  g_assert_cmpint (sp_acme_problem_read (data, size, &bad_nonce), <=, SP_ORDER_OUTCOME_LAST);
  return 0;
}
