/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/rekey.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (7 * SECOND)

static void
test_never (void)
{
  SpRekey rekey;

  sp_rekey_init (&rekey, 0, START);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, G_MAXINT64);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 1000000 * SECOND), ==, SP_REKEY_NOTHING);
  g_assert_false (sp_rekey_may_renegotiate (&rekey, START + 1000000 * SECOND));
}

/* A client that leaves it to us: asked each time, before the keys are older than the period. */
static void
test_client_is_asked (void)
{
  SpRekey rekey;
  gint64 now = START;

  sp_rekey_init (&rekey, 80, START);
  for (guint i = 0; i < 5; i++)
    {
      gint64 due = sp_rekey_get_deadline (&rekey);

      g_assert_cmpint (due, ==, now + 70 * SECOND);
      g_assert_cmpint (sp_rekey_due (&rekey, due - 1), ==, SP_REKEY_NOTHING);
      g_assert_cmpint (sp_rekey_due (&rekey, due), ==, SP_REKEY_ASK);
      g_assert_cmpint (sp_rekey_due (&rekey, due), ==, SP_REKEY_NOTHING);
      now = due;
      sp_rekey_client_updated (&rekey, FALSE, now);
    }
}

/* A client with the same period, or a shorter one, is never asked: no requests cross. */
static void
test_client_asks (void)
{
  static const gint64 periods[] = { 80, 75, 40, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (periods); i++)
    {
      SpRekey rekey;
      guint n_asked = 0;
      gint64 next = START + periods[i] * SECOND;

      sp_rekey_init (&rekey, 80, START);
      for (gint64 now = START; now < START + 2000 * SECOND; now += SECOND / 4)
        {
          if (now >= next)
            {
              sp_rekey_client_updated (&rekey, TRUE, now);
              next += periods[i] * SECOND;
            }
          if (sp_rekey_due (&rekey, now) == SP_REKEY_ASK)
            {
              n_asked++;
              sp_rekey_client_updated (&rekey, FALSE, now + SECOND / 10);
            }
        }
      /* Where the periods are the same we are first, and it follows; never at one time. */
      g_assert_cmpuint (n_asked, <=, periods[i] > 70 ? 27 : 0);
    }
}

/* One that changes its own keys but never asks for ours: they are changed, without a request. */
static void
test_own_keys_age (void)
{
  SpRekey rekey;

  sp_rekey_init (&rekey, 80, START);
  sp_rekey_client_updated (&rekey, FALSE, START + 50 * SECOND);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, START + 80 * SECOND);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 80 * SECOND), ==, SP_REKEY_UPDATE);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, START + 120 * SECOND);
}

/* While a request is unanswered no other is made, but our own keys are changed in time. */
static void
test_no_answer (void)
{
  SpRekey rekey;

  sp_rekey_init (&rekey, 80, START);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 70 * SECOND), ==, SP_REKEY_ASK);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, START + 150 * SECOND);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 150 * SECOND), ==, SP_REKEY_UPDATE);
  sp_rekey_client_updated (&rekey, FALSE, START + 160 * SECOND);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, START + 230 * SECOND);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 230 * SECOND), ==, SP_REKEY_ASK);
}

/* Whoever sleeps does not wake up to more changes than GnuTLS takes at one time. */
static void
test_sleeper (void)
{
  SpRekey rekey;
  guint n_changes = 0;

  sp_rekey_init (&rekey, 80, START);
  for (gint64 now = START; now < START + 4000 * SECOND; now += SECOND)
    n_changes += sp_rekey_due (&rekey, now) != SP_REKEY_NOTHING;
  g_assert_cmpuint (n_changes, ==, 4);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, G_MAXINT64);
  sp_rekey_client_updated (&rekey, FALSE, START + 4000 * SECOND);
  g_assert_cmpint (sp_rekey_due (&rekey, START + 4000 * SECOND), ==, SP_REKEY_UPDATE);
  g_assert_cmpint (sp_rekey_get_deadline (&rekey), ==, START + 4070 * SECOND);
}

static void
test_renegotiation (void)
{
  SpRekey rekey;

  sp_rekey_init (&rekey, 604800, START);
  g_assert_false (sp_rekey_may_renegotiate (&rekey, START + 302400 * SECOND - 1));
  g_assert_true (sp_rekey_may_renegotiate (&rekey, START + 302400 * SECOND));

  sp_rekey_init (&rekey, 80, START);
  g_assert_false (sp_rekey_may_renegotiate (&rekey, START + 40 * SECOND - 1));
  g_assert_true (sp_rekey_may_renegotiate (&rekey, START + 40 * SECOND));
  sp_rekey_renegotiated (&rekey, START + 80 * SECOND);
  g_assert_false (sp_rekey_may_renegotiate (&rekey, START + 119 * SECOND));
  g_assert_true (sp_rekey_may_renegotiate (&rekey, START + 120 * SECOND));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rekey/never", test_never);
  g_test_add_func ("/rekey/client-is-asked", test_client_is_asked);
  g_test_add_func ("/rekey/client-asks", test_client_asks);
  g_test_add_func ("/rekey/own-keys-age", test_own_keys_age);
  g_test_add_func ("/rekey/no-answer", test_no_answer);
  g_test_add_func ("/rekey/sleeper", test_sleeper);
  g_test_add_func ("/rekey/renegotiation", test_renegotiation);
  return g_test_run ();
}
