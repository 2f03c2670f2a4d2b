/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loan.h"

/* A toy main that follows the table: who holds, who waits, and whether the rules are kept. */
typedef struct
{
  SpLoanPhase phase;
  guint holder; /* 0 = nobody */
  guint waiting;
  gboolean recalled;
  gboolean minting;
} House;

static void
step (House *house, SpLoanEvent event)
{
  SpLoanPhase next;
  SpLoanAction action;

  if (!sp_loan_step (house->phase, event, &next, &action))
    return;
  house->phase = next;
  switch (action)
    {
      case SP_LOAN_DO_NOTHING:
        break;
      case SP_LOAN_DO_MINT:
        g_assert_cmpuint (house->waiting, !=, 0);
        house->minting = TRUE;
        break;
      case SP_LOAN_DO_GRANT:
        g_assert_true (house->minting);
        g_assert_cmpuint (house->holder, ==, 0); /* never two holders */
        house->holder = house->waiting;
        house->waiting = 0;
        house->minting = FALSE;
        house->recalled = FALSE;
        break;
      case SP_LOAN_DO_RECALL:
        g_assert_cmpuint (house->holder, !=, 0);
        g_assert_false (house->recalled); /* asked once */
        house->recalled = TRUE;
        break;
      case SP_LOAN_DO_FORGET:
        house->minting = FALSE;
        break;
    }
}

static void
happen (House *house, guint what, guint *last)
{
  switch (what)
    {
      case 0:
        house->waiting = ++*last; /* the newest replaces the one that waits */
        step (house, SP_LOAN_REQUESTED);
        break;
      case 1:
        if (house->minting)
          step (house, SP_LOAN_MINTED);
        break;
      case 2:
        if (house->holder != 0)
          step (house, SP_LOAN_ACKNOWLEDGED);
        break;
      case 3:
        if (house->holder == 0)
          break;
        house->holder = 0;
        step (house, house->waiting != 0 ? SP_LOAN_RETURNED : SP_LOAN_ABANDONED);
        break;
      default:
        if (house->waiting == 0)
          break;
        house->waiting = 0;
        step (house, SP_LOAN_WAITING_GONE);
        break;
    }
}

static void
check (const House *house)
{
  switch (house->phase)
    {
      case SP_LOAN_FREE:
        g_assert_true (house->holder == 0 && house->waiting == 0 && !house->minting);
        break;
      case SP_LOAN_MINTING:
        g_assert_true (house->holder == 0 && house->waiting != 0 && house->minting);
        break;
      case SP_LOAN_GRANTED:
      case SP_LOAN_ATTACHED:
        g_assert_true (house->holder != 0 && house->waiting == 0 && !house->recalled);
        break;
      case SP_LOAN_RECALLING:
        g_assert_true (house->holder != 0 && house->recalled && !house->minting);
        break;
      default:
        g_assert_not_reached ();
    }
}

/* Every sequence of eight events: one holder at most, nobody forgotten, no phase without a way out.
 */
static void
test_every_sequence (void)
{
  for (guint sequence = 0; sequence < 390625; sequence++)
    {
      House house = { 0 };
      guint last = 0;

      for (guint rest = sequence, i = 0; i < 8; i++, rest /= 5)
        {
          happen (&house, rest % 5, &last);
          check (&house);
        }
    }
}

static void
test_newest_wins (void)
{
  House house = { 0 };
  guint last = 0;

  happen (&house, 0, &last);
  happen (&house, 1, &last);
  happen (&house, 2, &last);
  g_assert_cmpuint (house.holder, ==, 1);
  happen (&house, 0, &last); /* the second comes while the first is attached */
  happen (&house, 0, &last); /* and the third while the first is recalled */
  happen (&house, 3, &last);
  happen (&house, 1, &last);
  g_assert_cmpuint (house.holder, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loan/every-sequence", test_every_sequence);
  g_test_add_func ("/loan/newest-wins", test_newest_wins);
  return g_test_run ();
}
