/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transitions.h"
#include "worker/candidacy.h"

/* Takes the candidacy through every transition of its model, by each way that leads there in steps
 * of the real code, and shows that there is no other. */

#define NOW G_GINT64_CONSTANT (1000000)

static const char *const states[] = {
  [SP_CANDIDACY_NONE] = "NONE",
  [SP_CANDIDACY_SHAKING] = "SHAKING",
  [SP_CANDIDACY_KEYED] = "KEYED",
  [SP_CANDIDACY_SHUT] = "SHUT",
  NULL,
};
static const char *const events[] = {
  [SP_CANDIDACY_HELLO] = "HELLO",
  [SP_CANDIDACY_FINISHED] = "FINISHED",
  [SP_CANDIDACY_RECORD] = "RECORD",
  [SP_CANDIDACY_OVER] = "OVER",
  [SP_CANDIDACY_LATE] = "LATE",
  [SP_CANDIDACY_CLOSED] = "CLOSED",
  NULL,
};
static const char *const actions[] = {
  [SP_CANDIDACY_DO_NOTHING] = "NOTHING",
  [SP_CANDIDACY_DO_BEGIN] = "BEGIN",
  [SP_CANDIDACY_DO_REPLACE] = "REPLACE",
  [SP_CANDIDACY_DO_REFUSE] = "REFUSE",
  [SP_CANDIDACY_DO_PROMOTE] = "PROMOTE",
  [SP_CANDIDACY_DO_DROP] = "DROP",
  NULL,
};

static const Vocabulary words = {
  .noun = "candidacy", .states = states, .events = events, .actions = actions
};

/* From the beginning, by what a client does */
static SpCandidacy
bring_to (SpCandidacyState state)
{
  SpCandidacy candidacy;

  sp_candidacy_init (&candidacy, TRUE);
  if (state == SP_CANDIDACY_SHAKING || state == SP_CANDIDACY_KEYED)
    (void) sp_candidacy_step (&candidacy, SP_CANDIDACY_HELLO, NOW);
  if (state == SP_CANDIDACY_KEYED)
    (void) sp_candidacy_step (&candidacy, SP_CANDIDACY_FINISHED, NOW);
  if (state == SP_CANDIDACY_SHUT)
    (void) sp_candidacy_step (&candidacy, SP_CANDIDACY_CLOSED, NOW);
  g_assert_cmpint (candidacy.state, ==, state);
  return candidacy;
}

static void
test_transitions (gconstpointer data)
{
  const Transition *transition = data;

  for (guint state = 0; state < SP_CANDIDACY_STATES; state++)
    for (guint event = 0; event < SP_CANDIDACY_EVENTS; event++, transition++)
      {
        SpCandidacy candidacy = bring_to (state);
        SpCandidacyAction action = sp_candidacy_step (&candidacy, event, NOW + 1);

        g_assert_cmpuint (candidacy.state, ==, transition->is_rule ? transition->next : state);
        g_assert_cmpuint (action, ==, transition->is_rule ? transition->action : 0);
      }
}

/* What the model calls "some time" */
static void
test_late (gconstpointer data)
{
  const Transition *transitions = data;

  for (guint state = 0; state < SP_CANDIDACY_STATES; state++)
    {
      const Transition *late = &transitions[state * SP_CANDIDACY_EVENTS + SP_CANDIDACY_LATE];
      const gint64 end = NOW + SP_CANDIDACY_SECONDS * G_USEC_PER_SEC;
      SpCandidacy candidacy = bring_to (state);

      g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==,
                       late->is_rule ? end : G_MAXINT64);
      g_assert_cmpint (sp_candidacy_due (&candidacy, end - 1), ==, SP_CANDIDACY_DO_NOTHING);
      g_assert_cmpint (candidacy.state, ==, state);
      g_assert_cmpuint (sp_candidacy_due (&candidacy, end), ==, late->is_rule ? late->action : 0);
      g_assert_cmpuint (candidacy.state, ==, late->is_rule ? late->next : state);
    }
}

int
main (int argc, char **argv)
{
  g_autofree Transition *transitions = NULL;

  g_test_init (&argc, &argv, NULL);
  transitions = transitions_read (&words);
  g_test_add_data_func ("/candidacy/transitions", transitions, test_transitions);
  g_test_add_data_func ("/candidacy/late", transitions, test_late);
  return g_test_run ();
}
