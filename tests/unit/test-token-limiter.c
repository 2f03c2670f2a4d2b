/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-limiter.h"

static const guint64 seed[2] = { 1, 2 };

static void
test_place (void)
{
  g_autoptr (SpTokenLimiter) limiter = sp_token_limiter_new (seed);
  gint64 now = 1;

  for (guint i = 0; i < SP_TOKEN_TRIES_PLACE; i++)
    {
      g_assert_true (sp_token_limiter_may_try (limiter, 7, now));
      sp_token_limiter_charge (limiter, 7, now);
    }
  g_assert_false (sp_token_limiter_may_try (limiter, 7, now));
  g_assert_true (sp_token_limiter_may_try (limiter, 8, now)); /* others go on */
  g_assert_false (sp_token_limiter_may_try (limiter, 7, now + SP_TOKEN_PAUSE_PLACE - 1));
  g_assert_true (sp_token_limiter_may_try (limiter, 7, now + SP_TOKEN_PAUSE_PLACE));
  sp_token_limiter_charge (limiter, 7, now + SP_TOKEN_PAUSE_PLACE);
  g_assert_false (sp_token_limiter_may_try (limiter, 7, now + SP_TOKEN_PAUSE_PLACE));
}

/* From as many places as somebody may have. */
static void
test_total (void)
{
  g_autoptr (SpTokenLimiter) limiter = sp_token_limiter_new (seed);
  guint admitted = 0;

  for (guint64 place = 0; place < 10000; place++)
    if (sp_token_limiter_may_try (limiter, place, 1))
      {
        sp_token_limiter_charge (limiter, place, 1);
        admitted++;
      }
  g_assert_cmpuint (admitted, ==, SP_TOKEN_TRIES_TOTAL);
  g_assert_false (sp_token_limiter_may_try (limiter, 20000, SP_TOKEN_PAUSE_TOTAL));
  g_assert_true (sp_token_limiter_may_try (limiter, 20000, 1 + SP_TOKEN_PAUSE_TOTAL));
}

/* Who guesses nothing wrong is never counted. */
static void
test_right_ones (void)
{
  g_autoptr (SpTokenLimiter) limiter = sp_token_limiter_new (seed);

  for (guint i = 0; i < 100000; i++)
    g_assert_true (sp_token_limiter_may_try (limiter, 7, 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-limiter/place", test_place);
  g_test_add_func ("/token-limiter/total", test_total);
  g_test_add_func ("/token-limiter/right-ones", test_right_ones);
  return g_test_run ();
}
