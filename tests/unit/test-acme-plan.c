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
  const SpAcmeLife usual = { .not_before = NOW - DAY, .not_after = NOW + 89 * DAY };
  const SpAcmeLife old = { .not_before = NOW - 90 * DAY, .not_after = NOW };

  g_assert_true (sp_acme_is_content (&record));
  g_assert_cmpint (sp_acme_plan (&record, &usual, WITH, NOW), ==, NOW + 59 * DAY);
  /* one that came with hardly any life left is not ordered again and again */
  g_assert_cmpint (sp_acme_plan (&record, &old, WITH, NOW), ==, NOW + SP_ACME_AGAIN_FIRST);
  g_assert_cmpint (sp_acme_plan (&record, &none, WITH, NOW), ==, NOW + SP_ACME_AGAIN_FIRST);
  g_assert_cmpint (sp_acme_plan (&record, &usual, "another hash", NOW), ==, NOW);
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

/* --- when the authority wants it renewed --- */

static const SpAcmeLife life = { .not_before = NOW - DAY, .not_after = NOW + 89 * DAY };

static SpAcmeRecord
tell (SpAcmeRecord record, guint outcome, gint64 begin, gint64 end, guint32 seconds, guint32 lot)
{
  const SpRenewalTold told = {
    .outcome = (guint8) outcome, .begin = (guint64) begin, .end = (guint64) end, .seconds = seconds
  };

  sp_acme_note_window (&record, &life, &told, lot, NOW);
  return record;
}

static void
test_window (void)
{
  static const struct
  {
    gint64 begin;
    gint64 end;
    guint32 lot;
    gint64 renewal;
  } rows[] = {
    { NOW + 10 * DAY, NOW + 12 * DAY, 0, NOW + 10 * DAY },
    { NOW + 10 * DAY, NOW + 12 * DAY, 1u << 31, NOW + 11 * DAY },
    { NOW + 70 * DAY, NOW + 72 * DAY, 1u << 31, NOW + 71 * DAY },
    /* before it is too late */
    { NOW + 88 * DAY, NOW + 99 * DAY, G_MAXUINT32, NOW + 80 * DAY },
    /* that was yesterday: now */
    { NOW - 2 * DAY, NOW - DAY, 0, NOW - 2 * DAY },
    /* nonsense: two thirds */
    { NOW + 89 * DAY, NOW + 99 * DAY, 0, NOW + 59 * DAY },
  };
  const SpAcmeRecord record = note (SP_ORDER_DONE, 1, 0);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const SpAcmeRecord told =
          tell (record, SP_ORDER_DONE, rows[i].begin, rows[i].end, 0, rows[i].lot);

      g_assert_cmpint (sp_acme_plan (&told, &life, WITH, NOW), ==, rows[i].renewal);
    }
}

/* Who does not answer has said what it said before; who says something else has not. */
static void
test_answers (void)
{
  static const SpOrderOutcome silent[] = { SP_ORDER_UNREACHABLE, SP_ORDER_SILENT, SP_ORDER_FAILED,
                                           SP_ORDER_NOT_TRUSTED };
  static const SpOrderOutcome other[] = { SP_ORDER_NO_WAY, SP_ORDER_STATUS, SP_ORDER_NOT_UNDERSTOOD,
                                          SP_ORDER_PROBLEM };
  const SpAcmeRecord told =
      tell (note (SP_ORDER_DONE, 1, 0), SP_ORDER_DONE, NOW + DAY, NOW + 2 * DAY, 0, 0);
  SpAcmeRecord again;

  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    {
      again = tell (told, silent[i], 0, 0, 0, 0);
      g_assert_cmpint (sp_acme_plan (&again, &life, WITH, NOW), ==, NOW + DAY);
    }
  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    {
      again = tell (told, other[i], 0, 0, 0, 0);
      g_assert_cmpint (sp_acme_plan (&again, &life, WITH, NOW), ==, NOW + 59 * DAY);
    }
  /* the lot that was drawn stays drawn */
  again = tell (told, SP_ORDER_DONE, NOW + DAY, NOW + 2 * DAY, 0, G_MAXUINT32);
  g_assert_cmpint (sp_acme_plan (&again, &life, WITH, NOW), ==, NOW + DAY);
}

static void
test_questions (void)
{
  static const struct
  {
    guint32 seconds;
    gint64 pause;
  } rows[] = {
    { 0, SP_ACME_ASK_AGAIN },
    { 1, SP_ACME_ASK_FIRST },
    { 3600, 60 * SP_ACME_MINUTE },
    { 7 * 24 * 3600, SP_ACME_ASK_MOST },
  };
  const SpAcmeRecord record = note (SP_ORDER_DONE, 1, 0);
  const SpAcmeRecord failed = note (SP_ORDER_CAA, 1, 0);

  g_assert_cmpint (sp_acme_plan_question (&record, NOW), <=, NOW);
  g_assert_cmpint (sp_acme_plan_question (&failed, NOW), ==, G_MAXINT64);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const SpAcmeRecord told = tell (record, SP_ORDER_SILENT, 0, 0, rows[i].seconds, 0);

      g_assert_cmpint (sp_acme_plan_question (&told, NOW), ==, NOW + rows[i].pause);
      g_assert_cmpint (sp_acme_plan_question (&told, NOW - 9 * DAY), ==, NOW - 9 * DAY);
    }
}

/* An authority that wants each certificate renewed at once is heard once, then now and then. */
static void
test_greed (void)
{
  const SpOrderDone done = { .outcome = SP_ORDER_DONE };
  SpAcmeRecord record = note (SP_ORDER_DONE, 1, 0);

  record = tell (record, SP_ORDER_DONE, NOW - DAY, NOW - 1, 0, 0);
  g_assert_cmpint (sp_acme_plan (&record, &life, WITH, NOW), <=, NOW);
  sp_acme_note (&record, &done, WITH, NOW);
  g_assert_cmpint (sp_acme_plan (&record, &life, WITH, NOW), ==, NOW + 59 * DAY);
  g_assert_cmpint (sp_acme_plan_question (&record, NOW), <=, NOW);
  record = tell (record, SP_ORDER_DONE, NOW - DAY, NOW - 1, 0, 0);
  g_assert_cmpint (sp_acme_plan (&record, &life, WITH, NOW), ==, NOW + SP_ACME_AGAIN_FIRST);
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

#define MISSED(outcome_, way_)                                                                     \
  {                                                                                                \
    .tried_at = NOW, .outcome = SP_ORDER_##outcome_, .way = SP_ACME_##way_                         \
  }

/* What the owner insists on is the only way, and without that each is one that needs no settings,
 * or has them. */
static void
test_ways (void)
{
  static const struct
  {
    const char *file;
    SpAcmeRecord record;
    guint n;
    guint8 ways[SP_ACME_WAYS_N];
  } rows[] = {
    { "", { 0 }, 2, { SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "[acme]\nproof = tls-alpn-01\n", { 0 }, 1, { SP_ACME_TLS_ALPN } },
    { "[acme]\nproof = http-01\n", { 0 }, 1, { SP_ACME_HTTP } },
    /* where the server was not found it is not looked for first */
    { "", MISSED (NOT_REACHED, TLS_ALPN), 2, { SP_ACME_HTTP, SP_ACME_TLS_ALPN } },
    { "", MISSED (WRONG_ANSWER, TLS_ALPN), 2, { SP_ACME_HTTP, SP_ACME_TLS_ALPN } },
    { "", MISSED (PORT_IN_USE, HTTP), 2, { SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "", MISSED (DONE, HTTP), 2, { SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "", MISSED (CAA, TLS_ALPN), 2, { SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "[acme]\nproof = tls-alpn-01\n", MISSED (NOT_REACHED, TLS_ALPN), 1, { SP_ACME_TLS_ALPN } },
    { "[acme]\nproof = tls-alpn-01\n" UPDATES, { 0 }, 1, { SP_ACME_TLS_ALPN } },
    { UPDATES, { 0 }, 3, { SP_ACME_TLS_ALPN, SP_ACME_HTTP, SP_ACME_DNS } },
    { UPDATES, MISSED (NOT_REACHED, HTTP), 3, { SP_ACME_DNS, SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "[acme]\nproof = dns-01\n" UPDATES, { 0 }, 1, { SP_ACME_DNS } },
    { "[acme]\nnames = elsewhere.test\n" UPDATES, { 0 }, 2, { SP_ACME_TLS_ALPN, SP_ACME_HTTP } },
    { "[acme]\nnames = a.home.test\n" UPDATES,
      { 0 },
      3,
      { SP_ACME_TLS_ALPN, SP_ACME_HTTP, SP_ACME_DNS } },
    { "[acme]\nproof = hook\nhook = /bin/true\n", { 0 }, 1, { SP_ACME_DNS } },
    { "[acme]\nhook = /bin/true\n", { 0 }, 3, { SP_ACME_TLS_ALPN, SP_ACME_HTTP, SP_ACME_DNS } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpSettings) settings =
          sp_settings_parse (NULL, rows[i].file, strlen (rows[i].file), NULL);
      guint8 ways[SP_ACME_WAYS_N];
      guint n = sp_acme_ways_list (settings, &rows[i].record, ways);

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
  g_test_add_func ("/acme-plan/window", test_window);
  g_test_add_func ("/acme-plan/answers", test_answers);
  g_test_add_func ("/acme-plan/questions", test_questions);
  g_test_add_func ("/acme-plan/greed", test_greed);
  g_test_add_func ("/acme-plan/note", test_note);
  g_test_add_func ("/acme-plan/words", test_words);
  g_test_add_func ("/acme-plan/names", test_names);
  g_test_add_func ("/acme-plan/ways", test_ways);
  return g_test_run ();
}
