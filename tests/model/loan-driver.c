/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../unit/session-fixture.h"
#include "loan.h"
#include "transitions.h"

/* Takes the loan through every transition of its model, and shows that there is no other: its
 * table, and then a real session, whose main, workers' walls and door are fakes. */

static const char *const phases[] = {
  [SP_LOAN_FREE] = "FREE",         [SP_LOAN_MINTING] = "MINTING",     [SP_LOAN_GRANTED] = "GRANTED",
  [SP_LOAN_ATTACHED] = "ATTACHED", [SP_LOAN_RECALLING] = "RECALLING", NULL,
};
static const char *const events[] = {
  [SP_LOAN_REQUESTED] = "REQUESTED",
  [SP_LOAN_MINTED] = "MINTED",
  [SP_LOAN_ACKNOWLEDGED] = "ACKNOWLEDGED",
  [SP_LOAN_RETURNED] = "RETURNED",
  [SP_LOAN_ABANDONED] = "ABANDONED",
  [SP_LOAN_WAITING_GONE] = "WAITING_GONE",
  NULL,
};
static const char *const actions[] = {
  [SP_LOAN_DO_NOTHING] = "NOTHING", [SP_LOAN_DO_MINT] = "MINT",     [SP_LOAN_DO_GRANT] = "GRANT",
  [SP_LOAN_DO_RECALL] = "RECALL",   [SP_LOAN_DO_FORGET] = "FORGET", NULL,
};

static const Vocabulary words = {
  .noun = "loan", .states = phases, .events = events, .actions = actions
};

/* --- the table --- */

static void
test_table (gconstpointer data)
{
  const Transition *transition = data;

  for (guint phase = 0; phase < SP_LOAN_PHASES; phase++)
    for (guint event = 0; event < SP_LOAN_EVENTS; event++, transition++)
      {
        SpLoanPhase next = phase;
        SpLoanAction action = SP_LOAN_DO_NOTHING;

        g_assert_cmpint (sp_loan_step (phase, event, &next, &action), ==, transition->is_rule);
        g_assert_cmpuint (next, ==, transition->is_rule ? transition->next : phase);
        g_assert_cmpuint (action, ==, transition->is_rule ? transition->action : 0);
      }
}

/* --- a session --- */

typedef struct
{
  SpConnection *holder;  /* or whoever was, or never will be */
  SpConnection *waiting; /* likewise */
  SpSessionEstate *estate;
} Cast;

static void
wait_for_grant (SpConnection *connection)
{
  while (sp_fake_connection (connection)->n_grants == 0)
    (void) g_main_context_iteration (NULL, TRUE);
}

/* A session in that phase.  `is_awaited`: in RECALLING somebody still waits. */
static Cast
make_cast (Fixture *self, SpLoanPhase phase, gboolean is_awaited)
{
  Cast cast = { .holder = open_session (self, 1, anna), .waiting = make (self, 1, anna) };

  leave (self, cast.holder, SP_LEFT_CLOSED);
  cast.estate = estate_of (self, cast.holder);
  if (phase == SP_LOAN_MINTING)
    sp_session_registry_attach (self->sessions, cast.waiting);
  if (phase <= SP_LOAN_MINTING)
    return cast;
  cast.holder = make (self, 1, anna);
  sp_session_registry_attach (self->sessions, cast.holder);
  wait_for_grant (cast.holder);
  if (phase >= SP_LOAN_ATTACHED)
    sp_session_registry_attached (self->sessions, cast.holder, 1400);
  if (phase == SP_LOAN_RECALLING)
    sp_session_registry_attach (self->sessions, cast.waiting);
  if (phase == SP_LOAN_RECALLING && !is_awaited)
    leave (self, cast.waiting, SP_LEFT_CLOSED);
  return cast;
}

static void
let_time_pass (void)
{
  for (guint i = 0; i < 20; i++)
    (void) g_main_context_iteration (NULL, FALSE);
}

static void
happen (Fixture *self, SpLoanEvent event, const Cast *cast)
{
  switch (event)
    {
      case SP_LOAN_REQUESTED:
        sp_session_registry_attach (self->sessions, make (self, 1, anna));
        break;
      case SP_LOAN_MINTED:
        let_time_pass ();
        break;
      case SP_LOAN_ACKNOWLEDGED:
        sp_session_registry_attached (self->sessions, cast->holder, 1400);
        break;
      case SP_LOAN_RETURNED:
      case SP_LOAN_ABANDONED:
        leave (self, cast->holder, SP_LEFT_STOPPED);
        break;
      default:
        leave (self, cast->waiting, SP_LEFT_CLOSED);
        break;
    }
}

static gboolean
is_minting (const SpSessionEstate *estate)
{
  return estate->delay_timer != 0 || estate->mint != NULL;
}

/* What the action leaves behind; `cast` is as it was before. */
static void
check_action (const Cast *cast, SpLoanAction action)
{
  const SpSessionEstate *estate = cast->estate;

  g_assert_cmpint (is_minting (estate), ==, estate->phase == SP_LOAN_MINTING);
  switch (action)
    {
      case SP_LOAN_DO_MINT:
        g_assert_true (is_minting (estate));
        break;
      case SP_LOAN_DO_GRANT:
        g_assert_true (estate->holder == cast->waiting);
        g_assert_cmpuint (sp_fake_connection (cast->waiting)->n_grants, ==, 1);
        break;
      case SP_LOAN_DO_RECALL:
        g_assert_true (estate->holder == cast->holder);
        g_assert_cmpuint (sp_fake_connection (cast->holder)->n_recalls, ==, 1);
        g_assert_cmpuint (estate->recall_timer, !=, 0);
        break;
      case SP_LOAN_DO_FORGET:
        g_assert_null (estate->waiting);
        break;
      case SP_LOAN_DO_NOTHING:
        break;
    }
}

/* What comes back is RETURNED where somebody waits, and ABANDONED where not: the other of the two
 * does not exist, as nobody can cause it. */
static gboolean
can_happen (SpLoanPhase phase, SpLoanEvent event)
{
  return event != SP_LOAN_RETURNED || phase == SP_LOAN_RECALLING;
}

typedef struct
{
  SpLoanPhase phase;
  SpLoanEvent event;
  Transition expected;
} Case;

static void
test_session (Fixture *self, gconstpointer data)
{
  const Case *one = data;
  Cast cast = make_cast (self, one->phase, one->event != SP_LOAN_ABANDONED);

  g_assert_cmpint (cast.estate->phase, ==, one->phase);
  happen (self, one->event, &cast);
  g_assert_cmpuint (cast.estate->phase, ==,
                    one->expected.is_rule ? one->expected.next : one->phase);
  check_action (&cast, one->expected.is_rule ? one->expected.action : SP_LOAN_DO_NOTHING);
}

static void
set_up_plainly (Fixture *self, gconstpointer data)
{
  set_up (self, "");
}

static void
add_session_test (GPtrArray *cases,
                  SpLoanPhase phase,
                  SpLoanEvent event,
                  const Transition *expected)
{
  Case *one = g_new (Case, 1);
  g_autofree char *path = g_strdup_printf ("/loan/session/%s/%s", phases[phase], events[event]);

  *one = (Case){ .phase = phase, .event = event, .expected = *expected };
  g_ptr_array_add (cases, one);
  g_test_add (path, Fixture, one, set_up_plainly, test_session, tear_down);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (g_free);
  g_autofree Transition *transitions = NULL;

  g_test_init (&argc, &argv, NULL);
  transitions = transitions_read (&words);
  g_test_add_data_func ("/loan/table", transitions, test_table);
  for (guint phase = 0; phase < SP_LOAN_PHASES; phase++)
    for (guint event = 0; event < SP_LOAN_EVENTS; event++)
      if (can_happen (phase, event))
        add_session_test (cases, phase, event, &transitions[phase * SP_LOAN_EVENTS + event]);
  return g_test_run ();
}
