/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/candidacy.h"

#define AT(seconds) ((gint64) (1000 + (seconds)) * G_USEC_PER_SEC)

typedef struct
{
  guint second;
  SpCandidacyEvent event;
  SpCandidacyAction action;
  SpCandidacyState state; /* afterwards */
} Step;

typedef struct
{
  const char *name;
  Step steps[8];
} Story;

/* An event at second 0 ends a story; LATE is asked for by the clock. */
static const Story stories[] = {
  { "becomes-current",
    { { 1, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_BEGIN, SP_CANDIDACY_SHAKING },
      { 2, SP_CANDIDACY_RECORD, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_SHAKING },
      { 3, SP_CANDIDACY_FINISHED, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_KEYED },
      { 4, SP_CANDIDACY_RECORD, SP_CANDIDACY_DO_PROMOTE, SP_CANDIDACY_NONE },
      { 5, SP_CANDIDACY_RECORD, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_NONE } } },
  { "newest-wins-until-one-has-the-key",
    { { 1, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_BEGIN, SP_CANDIDACY_SHAKING },
      { 2, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_REPLACE, SP_CANDIDACY_SHAKING },
      { 3, SP_CANDIDACY_FINISHED, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_KEYED },
      { 4, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_REFUSE, SP_CANDIDACY_KEYED },
      { 31, SP_CANDIDACY_LATE, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_KEYED },
      { 32, SP_CANDIDACY_LATE, SP_CANDIDACY_DO_DROP, SP_CANDIDACY_NONE },
      { 33, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_BEGIN, SP_CANDIDACY_SHAKING } } },
  { "fails",
    { { 1, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_BEGIN, SP_CANDIDACY_SHAKING },
      { 2, SP_CANDIDACY_OVER, SP_CANDIDACY_DO_DROP, SP_CANDIDACY_NONE },
      { 40, SP_CANDIDACY_LATE, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_NONE } } },
  { "tunnel-ends",
    { { 1, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_BEGIN, SP_CANDIDACY_SHAKING },
      { 2, SP_CANDIDACY_CLOSED, SP_CANDIDACY_DO_DROP, SP_CANDIDACY_SHUT },
      { 3, SP_CANDIDACY_HELLO, SP_CANDIDACY_DO_REFUSE, SP_CANDIDACY_SHUT },
      { 40, SP_CANDIDACY_LATE, SP_CANDIDACY_DO_NOTHING, SP_CANDIDACY_SHUT } } },
};

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  SpCandidacy candidacy;

  sp_candidacy_init (&candidacy, TRUE);
  for (const Step *step = story->steps; step < story->steps + 8 && step->second != 0; step++)
    {
      gint64 now = AT (step->second);
      SpCandidacyAction action = step->event == SP_CANDIDACY_LATE
                                     ? sp_candidacy_due (&candidacy, now)
                                     : sp_candidacy_step (&candidacy, step->event, now);

      g_assert_cmpint (action, ==, step->action);
      g_assert_cmpint (candidacy.state, ==, step->state);
    }
}

/* Sooner, and never later. */
static void
test_hurry (void)
{
  SpCandidacy candidacy;

  sp_candidacy_init (&candidacy, TRUE);
  sp_candidacy_hurry (&candidacy, AT (0));
  g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==, G_MAXINT64);
  (void) sp_candidacy_step (&candidacy, SP_CANDIDACY_HELLO, AT (1));
  g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==, AT (31));
  sp_candidacy_hurry (&candidacy, AT (5));
  g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==, AT (7));
  sp_candidacy_hurry (&candidacy, AT (6));
  g_assert_cmpint (sp_candidacy_due (&candidacy, AT (7)), ==, SP_CANDIDACY_DO_DROP);
  (void) sp_candidacy_step (&candidacy, SP_CANDIDACY_HELLO, AT (8));
  g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==, AT (38));
}

static void
test_no_channels (void)
{
  SpCandidacy candidacy;

  sp_candidacy_init (&candidacy, FALSE);
  g_assert_cmpint (sp_candidacy_step (&candidacy, SP_CANDIDACY_HELLO, AT (0)), ==,
                   SP_CANDIDACY_DO_REFUSE);
  g_assert_cmpint (sp_candidacy_get_deadline (&candidacy), ==, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strconcat ("/candidacy/", stories[i].name, NULL);
      g_test_add_data_func (path, &stories[i], test_story);
    }
  g_test_add_func ("/candidacy/hurry", test_hurry);
  g_test_add_func ("/candidacy/no-channels", test_no_channels);
  return g_test_run ();
}
