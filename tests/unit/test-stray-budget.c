/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stray-budget.h"

#include <malloc.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)

static const guint64 seed[2] = { 0x1badcafe5eedf00dULL, 0x0123456789abcdefULL };

static void
make_address (guint8 *address, guint32 number)
{
  sp_address_from_ipv4 (address, 0xc6000000 + number);
}

static guint
spend_many (SpStrayBudget *budget, const guint8 *address, guint n, gint64 now)
{
  guint spent = 0;

  for (guint i = 0; i < n; i++)
    spent += sp_stray_budget_spend (budget, address, now);
  return spent;
}

/* A client that moved sends thousands a second: a few of them at once, then four a second. */
static void
test_one_client (void)
{
  g_autoptr (SpStrayBudget) budget = sp_stray_budget_new (seed);
  guint8 address[SP_ADDRESS_SIZE];
  guint spent;

  make_address (address, 1);
  sp_stray_budget_met (budget, address, START);
  g_assert_cmpuint (spend_many (budget, address, 1000, START), ==, 4);
  g_assert_false (sp_stray_budget_spend (budget, address, START + SECOND / 4 - 1));
  spent = 0;
  for (gint64 now = START; now < START + 10 * SECOND; now += SECOND / 1000)
    spent += sp_stray_budget_spend (budget, address, now);
  g_assert_cmpuint (spent, >=, 36);
  g_assert_cmpuint (spent, <=, 40);
}

/* One household is one, however many addresses it has. */
static void
test_prefix (void)
{
  g_autoptr (SpStrayBudget) budget = sp_stray_budget_new (seed);
  guint8 address[SP_ADDRESS_SIZE];
  guint spent = 0;

  g_assert_true (sp_address_from_text ("2001:db8:1:2::", address));
  for (guint i = 0; i < 200; i++)
    {
      address[15] = (guint8) i;
      spent += sp_stray_budget_spend (budget, address, START);
    }
  g_assert_cmpuint (spent, ==, 4);
}

/* A flood from everywhere takes nothing from those who were met, and is bounded itself. */
static void
test_flood (void)
{
  g_autoptr (SpStrayBudget) budget = sp_stray_budget_new (seed);
  guint8 friend[SP_ADDRESS_SIZE], address[SP_ADDRESS_SIZE];
  guint strangers = 0, friends = 0;

  make_address (friend, 7);
  sp_stray_budget_met (budget, friend, START);
  for (guint i = 0; i < 100000; i++)
    {
      gint64 now = START + i * SECOND / 10000; /* ten seconds */

      make_address (address, 1000 + i * 7919);
      strangers += sp_stray_budget_spend (budget, address, now);
      if (i % 10000 == 9999)
        friends += sp_stray_budget_spend (budget, friend, now);
    }
  g_assert_cmpuint (friends, ==, 10);
  g_assert_cmpuint (strangers, >=, 100);
  g_assert_cmpuint (strangers, <=, 121);
}

/* Also of those who were met there may be too many at once. */
static void
test_many_friends (void)
{
  g_autoptr (SpStrayBudget) budget = sp_stray_budget_new (seed);
  guint8 address[SP_ADDRESS_SIZE];
  guint spent = 0;

  for (guint i = 0; i < 1000; i++)
    {
      make_address (address, i);
      sp_stray_budget_met (budget, address, START);
    }
  for (guint i = 0; i < 1000; i++)
    {
      make_address (address, i);
      spent += sp_stray_budget_spend (budget, address, START);
    }
  g_assert_cmpuint (spent, ==, 100);
}

static void
test_memory (void)
{
  g_autoptr (SpStrayBudget) budget = sp_stray_budget_new (seed);
  guint8 address[SP_ADDRESS_SIZE];
  gsize before = mallinfo2 ().uordblks;

  for (guint i = 0; i < 1000000; i++)
    {
      make_address (address, i);
      (void) sp_stray_budget_spend (budget, address, START + i * 100);
      if (i % 3 == 0)
        sp_stray_budget_met (budget, address, START + i * 100);
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, ==, before);
  g_assert_cmpuint (sp_stray_budget_get_size (budget), <, 256 * 1024);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stray-budget/one-client", test_one_client);
  g_test_add_func ("/stray-budget/prefix", test_prefix);
  g_test_add_func ("/stray-budget/flood", test_flood);
  g_test_add_func ("/stray-budget/many-friends", test_many_friends);
  g_test_add_func ("/stray-budget/memory", test_memory);
  return g_test_run ();
}
