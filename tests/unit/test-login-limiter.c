/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-limiter.h"

#include "base/endpoint.h"
#include "base/prefix.h"

#include <malloc.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND) /* of the fake clock */

static const guint64 seed[2] = { 0x1badcafe5eedf00dULL, 0x0123456789abcdefULL };
static const guint8 anna[SP_ID_SIZE] = "anna";
static const guint8 bert[SP_ID_SIZE] = "bert";

static guint64
place (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_assert_true (sp_address_from_text (text, address));
  return sp_prefix_narrow (address);
}

static guint64
nth_place (guint number)
{
  guint8 address[SP_ADDRESS_SIZE];

  sp_address_from_ipv4 (address, 0x0a000000 + number);
  return sp_prefix_narrow (address);
}

/* How many of `times` tries at one moment are let in. */
static guint
admit_many (SpLoginLimiter *limiter, const guint8 *user, guint64 from, guint times, gint64 now)
{
  guint admitted = 0;

  for (guint i = 0; i < times; i++)
    admitted += sp_login_limiter_admit (limiter, user, from, now) != SP_TRY_REFUSED;
  return admitted;
}

static void
test_place_is_limited (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 home = place ("192.0.2.1");
  guint8 user[SP_ID_SIZE] = { 0 };
  guint admitted = 0;

  /* each time another user, so that only the place counts */
  for (user[0] = 0; user[0] < 50; user[0]++)
    admitted += sp_login_limiter_admit (limiter, user, home, START) == SP_TRY_STRANGER;
  g_assert_cmpuint (admitted, ==, sp_login_policy_place.free);
  /* a neighbour is not */
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, place ("192.0.2.2"), START), ==,
                   SP_TRY_STRANGER);
}

static void
test_user_is_limited (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint admitted = 0;

  for (guint i = 0; i < 50; i++)
    admitted += sp_login_limiter_admit (limiter, anna, nth_place (i), START) == SP_TRY_STRANGER;
  g_assert_cmpuint (admitted, ==, sp_login_policy_user.free);
  g_assert_cmpint (sp_login_limiter_admit (limiter, bert, nth_place (99), START), ==,
                   SP_TRY_STRANGER);
}

static void
test_waits_double (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  const SpLoginPolicy *policy = &sp_login_policy_user;
  gint64 now = START;

  for (guint i = 0; i < policy->free; i++)
    (void) sp_login_limiter_admit (limiter, anna, nth_place (i), now);
  for (gint64 wait = policy->first_wait; wait <= 8 * policy->first_wait; wait *= 2)
    {
      g_assert_cmpint (sp_login_limiter_admit (limiter, anna, place ("192.0.2.9"), now + wait - 1),
                       ==, SP_TRY_REFUSED);
      g_assert_cmpint (
          sp_login_limiter_admit (limiter, anna, nth_place (100 + wait / SECOND), now + wait), ==,
          SP_TRY_STRANGER);
      now += wait;
    }
}

/* Whoever goes on for a day gets on average one try for each that is forgiven, hardly more. */
static void
test_steady_guessing (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  const SpLoginPolicy *policy = &sp_login_policy_user;
  gint64 day = 24 * 3600 * SECOND;
  guint admitted = 0;
  guint forgiven = (guint) (day / policy->forgiven);

  for (gint64 now = START; now < START + day; now += SECOND)
    admitted += sp_login_limiter_admit (limiter, anna, nth_place ((guint) (now / SECOND)), now) ==
                SP_TRY_STRANGER;
  g_assert_cmpuint (admitted, >, forgiven / 2);
  g_assert_cmpuint (admitted, <=, forgiven + policy->free + 8);
}

static void
test_forgiven_in_time (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  const SpLoginPolicy *policy = &sp_login_policy_place;
  guint64 home = place ("192.0.2.1");
  gint64 later = START + policy->free * policy->forgiven;

  g_assert_cmpuint (admit_many (limiter, anna, home, 50, START), ==, policy->free);
  g_assert_cmpuint (admit_many (limiter, anna, home, 50, later), ==, policy->free);
}

static void
test_right_ones_cost_nothing (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 office = place ("192.0.2.1");

  for (guint i = 0; i < 1000; i++)
    {
      SpTry admitted = sp_login_limiter_admit (limiter, anna, office, START);
      g_assert_cmpint (admitted, ==, SP_TRY_STRANGER);
      sp_login_limiter_give_back (limiter, anna, office, admitted);
    }
}

/* Tries that were not decided yet count like failures. */
static void
test_many_at_one_time (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 home = place ("192.0.2.1");

  g_assert_cmpuint (admit_many (limiter, anna, home, 200, START), ==, sp_login_policy_place.free);
  for (guint i = 0; i < sp_login_policy_place.free; i++)
    sp_login_limiter_give_back (limiter, anna, home, SP_TRY_STRANGER);
  g_assert_cmpuint (admit_many (limiter, anna, home, 200, START), ==, sp_login_policy_place.free);
}

static void
test_known_pair_is_not_hindered (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 home = place ("2001:db8::1");
  guint8 user[SP_ID_SIZE] = { 0 };

  sp_login_limiter_remember (limiter, anna, home, START);
  /* strangers try Anna from everywhere, and somebody at Anna's place tries everybody */
  for (guint i = 0; i < 500; i++)
    {
      user[0] = (guint8) i;
      (void) sp_login_limiter_admit (limiter, anna, nth_place (i), START + i);
      (void) sp_login_limiter_admit (limiter, user, home, START + i);
    }
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, place ("192.0.2.9"), START + 500), ==,
                   SP_TRY_REFUSED);
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, place ("2001:db8::2"), START + 500), ==,
                   SP_TRY_KNOWN); /* the same /64 */
}

static void
test_known_pair_is_limited_by_itself (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 home = place ("192.0.2.1");

  sp_login_limiter_remember (limiter, anna, home, START);
  g_assert_cmpuint (admit_many (limiter, anna, home, 50, START), ==, sp_login_policy_pair.free);
  g_assert_cmpint (
      sp_login_limiter_admit (limiter, anna, home, START + sp_login_policy_pair.first_wait), ==,
      SP_TRY_KNOWN);
  sp_login_limiter_remember (limiter, anna, home, START + SECOND);
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, home, START + SECOND), ==,
                   SP_TRY_REFUSED); /* knowing it again forgives nothing */
}

static void
test_memory_is_fixed (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  gsize size = sp_login_limiter_get_size (limiter);
  struct mallinfo2 before = mallinfo2 ();
  guint8 user[SP_ID_SIZE] = { 0 };

  for (guint i = 0; i < 100000; i++)
    {
      memcpy (user, &i, sizeof i);
      (void) sp_login_limiter_admit (limiter, user, nth_place (i), START + i);
      sp_login_limiter_remember (limiter, user, nth_place (i), START + i);
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <=, before.uordblks + 4096);
  g_assert_cmpuint (sp_login_limiter_get_size (limiter), ==, size);
  g_assert_cmpuint (size, <, 512 * 1024);
}

/* A flood of others does not wash away what somebody owes much. */
static void
test_flood_forgets_the_small (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  guint64 home = place ("192.0.2.1");
  guint8 user[SP_ID_SIZE] = { 0 };

  g_assert_cmpuint (admit_many (limiter, bert, home, 50, START), ==, sp_login_policy_place.free);
  for (guint i = 0; i < 100000; i++)
    {
      memcpy (user, &i, sizeof i);
      (void) sp_login_limiter_admit (limiter, user, nth_place (i), START + 1);
    }
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, home, START + 2), ==, SP_TRY_REFUSED);
}

/* Codes are charged for their user wherever they come from, and passwords are not; who guesses for
 * a year gets few of a million. */
static void
test_codes (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);
  gint64 now = START;
  guint tried = 0;

  for (guint i = 0; i < 50; i++)
    tried += sp_login_limiter_admit_code (limiter, anna, START);
  g_assert_cmpuint (tried, ==, sp_login_policy_code.free);
  g_assert_true (sp_login_limiter_admit_code (limiter, bert, START));
  g_assert_cmpint (sp_login_limiter_admit (limiter, anna, place ("192.0.2.1"), START), ==,
                   SP_TRY_STRANGER);
  for (tried = 0; now < START + 365 * 24 * 3600 * SECOND; now += 600 * SECOND)
    tried += sp_login_limiter_admit_code (limiter, anna, now);
  g_assert_cmpuint (tried, <, 10000); /* of which three in a million are right */
}

static void
test_right_codes_cost_nothing (void)
{
  g_autoptr (SpLoginLimiter) limiter = sp_login_limiter_new (seed);

  for (guint i = 0; i < 50; i++)
    {
      g_assert_true (sp_login_limiter_admit_code (limiter, anna, START));
      sp_login_limiter_give_back_code (limiter, anna);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login-limiter/place", test_place_is_limited);
  g_test_add_func ("/login-limiter/user", test_user_is_limited);
  g_test_add_func ("/login-limiter/waits-double", test_waits_double);
  g_test_add_func ("/login-limiter/steady-guessing", test_steady_guessing);
  g_test_add_func ("/login-limiter/forgiven-in-time", test_forgiven_in_time);
  g_test_add_func ("/login-limiter/right-ones-cost-nothing", test_right_ones_cost_nothing);
  g_test_add_func ("/login-limiter/many-at-one-time", test_many_at_one_time);
  g_test_add_func ("/login-limiter/known-pair", test_known_pair_is_not_hindered);
  g_test_add_func ("/login-limiter/known-pair-alone", test_known_pair_is_limited_by_itself);
  g_test_add_func ("/login-limiter/codes", test_codes);
  g_test_add_func ("/login-limiter/right-codes", test_right_codes_cost_nothing);
  g_test_add_func ("/login-limiter/fixed-memory", test_memory_is_fixed);
  g_test_add_func ("/login-limiter/flood", test_flood_forgets_the_small);
  return g_test_run ();
}
