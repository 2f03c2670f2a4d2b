/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-record.h"
#include "acme-way.h"

#include <string.h>

#define NOW  (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define DAY  (24 * 60 * SP_ACME_MINUTE)
#define WITH "a hash"

static const SpAcmeLife none;

static SpAcmeRecord
note (guint outcome, guint times, guint32 seconds)
{
  SpAcmeRecord record = { 0 };
  const SpOrderDone done = { .outcome = (guint8) outcome, .seconds = seconds };

  for (guint i = 0; i < times; i++)
    sp_acme_note (&record, &done, WITH, NOW);
  return record;
}

static void
test_first (void)
{
  const SpAcmeRecord nothing = { 0 };

  g_assert_cmpint (sp_acme_plan (&nothing, &none, WITH, NOW), ==, NOW);
}

static void
test_renewal (void)
{
  const SpAcmeRecord record = note (SP_ORDER_DONE, 1, 60);
  const SpAcmeLife life = { .not_before = NOW - DAY, .not_after = NOW + 89 * DAY };
  const SpAcmeLife old = { .not_before = NOW - 90 * DAY, .not_after = NOW };

  g_assert_true (sp_acme_is_content (&record));
  g_assert_cmpint (sp_acme_plan (&record, &life, WITH, NOW), ==, NOW + 59 * DAY);
  /* one that came with hardly any life left is not ordered again and again */
  g_assert_cmpint (sp_acme_plan (&record, &old, WITH, NOW), ==, NOW + SP_ACME_AGAIN_FIRST);
  g_assert_cmpint (sp_acme_plan (&record, &none, WITH, NOW), ==, NOW + SP_ACME_AGAIN_FIRST);
  g_assert_cmpint (sp_acme_plan (&record, &life, "another hash", NOW), ==, NOW);
}

static void
test_failures (void)
{
  static const struct
  {
    guint times;
    guint32 seconds;
    gint64 pause;
  } rows[] = {
    { 1, 0, SP_ACME_AGAIN_FIRST },     { 2, 0, 2 * SP_ACME_AGAIN_FIRST },
    { 4, 0, 8 * SP_ACME_AGAIN_FIRST }, { 8, 0, SP_ACME_AGAIN_MOST },
    { 9999, 0, SP_ACME_AGAIN_MOST },   { 1, 60, SP_ACME_AGAIN_FIRST },
    { 1, 7200, 120 * SP_ACME_MINUTE }, { 20, 7 * 24 * 3600, 7 * DAY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const SpAcmeRecord record = note (SP_ORDER_NOT_REACHED, rows[i].times, rows[i].seconds);

      g_assert_cmpint (sp_acme_plan (&record, &none, WITH, NOW), ==, NOW + rows[i].pause);
      g_assert_cmpint (sp_acme_plan (&record, &none, WITH, NOW - DAY), ==, NOW - DAY);
    }
}

static void
test_final (void)
{
  static const SpOrderOutcome finals[] = { SP_ORDER_TERMS, SP_ORDER_EXTERNAL_ACCOUNT,
                                           SP_ORDER_ACCOUNT, SP_ORDER_NAME, SP_ORDER_NO_WAY };

  for (guint i = 0; i < G_N_ELEMENTS (finals); i++)
    {
      const SpAcmeRecord record = note (finals[i], 1, 0);

      g_assert_true (sp_acme_is_final (&record));
      g_assert_cmpint (sp_acme_plan (&record, &none, WITH, NOW + 999 * DAY), ==, G_MAXINT64);
      g_assert_cmpint (sp_acme_plan (&record, &none, "another hash", NOW), ==, NOW);
    }
}

/* A success forgets the failures before it. */
static void
test_note (void)
{
  SpAcmeRecord record = note (SP_ORDER_TOO_OFTEN, 3, 60);
  const SpOrderDone done = { .outcome = SP_ORDER_DONE, .status = 200, .seconds = 60 };

  g_assert_cmpuint (record.failures, ==, 3);
  sp_acme_note (&record, &done, "another hash", NOW + DAY);
  g_assert_cmpuint (record.failures, ==, 0);
  g_assert_cmpuint (record.seconds, ==, 0);
  g_assert_cmpint (record.tried_at, ==, NOW + DAY);
  g_assert_cmpstr (record.asked_with, ==, "another hash");
}

/* Every outcome but one says what mends it. */
static void
test_words (void)
{
  for (guint i = 0; i <= SP_ORDER_OUTCOME_LAST; i++)
    {
      g_assert_cmpint (sp_acme_reason (i)[0] == '\0', ==, i == SP_ORDER_DONE);
      g_assert_cmpint (sp_acme_advice (i)[0] == '\0', ==, i == SP_ORDER_DONE);
    }
}

static void
test_names (void)
{
  static const char file[] = "[server]\nname = VPN.example.net\n[acme]\nnames = vpn.example.net, "
                             "door.example.net\n";
  static const char expected[] = "vpn.example.net\0door.example.net";
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings = sp_settings_parse (NULL, file, strlen (file), &error);
  g_autoptr (GBytes) names = NULL;

  g_assert_no_error (error);
  names = sp_acme_collect_names (settings);
  g_assert_cmpmem (g_bytes_get_data (names, NULL), g_bytes_get_size (names), expected,
                   sizeof expected);
}

#define UPDATES                                                                                    \
  "[server]\nname = vpn.home.test\n[dns-update]\nserver = ns.test\nzone = home.test\nkey = k\n"

/* What the owner insists on is the only way, and without that each is one that needs no settings,
 * or has them. */
static void
test_ways (void)
{
  static const struct
  {
    const char *file;
    guint n;
    guint8 ways[SP_ACME_WAYS_N];
  } rows[] = {
    { "", 1, { SP_ACME_TLS_ALPN } },
    { "[acme]\nproof = auto\n", 1, { SP_ACME_TLS_ALPN } },
    { "[acme]\nproof = tls-alpn-01\n" UPDATES, 1, { SP_ACME_TLS_ALPN } },
    { UPDATES, 2, { SP_ACME_TLS_ALPN, SP_ACME_DNS } },
    { "[acme]\nproof = dns-01\n" UPDATES, 1, { SP_ACME_DNS } },
    { "[acme]\nnames = elsewhere.test\n" UPDATES, 1, { SP_ACME_TLS_ALPN } },
    { "[acme]\nnames = a.home.test\n" UPDATES, 2, { SP_ACME_TLS_ALPN, SP_ACME_DNS } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpSettings) settings =
          sp_settings_parse (NULL, rows[i].file, strlen (rows[i].file), NULL);
      guint8 ways[SP_ACME_WAYS_N];
      guint n = sp_acme_ways_list (settings, ways);

      g_assert_cmpmem (ways, n, rows[i].ways, rows[i].n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/acme-plan/first", test_first);
  g_test_add_func ("/acme-plan/renewal", test_renewal);
  g_test_add_func ("/acme-plan/failures", test_failures);
  g_test_add_func ("/acme-plan/final", test_final);
  g_test_add_func ("/acme-plan/note", test_note);
  g_test_add_func ("/acme-plan/words", test_words);
  g_test_add_func ("/acme-plan/names", test_names);
  g_test_add_func ("/acme-plan/ways", test_ways);
  return g_test_run ();
}
