/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/roaming.h"

#define AT(ms) ((gint64) (1000000 + (ms)) * 1000)

typedef enum
{
  PROVEN,   /* a stray with this number authenticated: is main told? */
  BEGIN,    /* main has a socket for it: is it tried? */
  ANSWER,   /* on trial: is it the client's? */
  QUESTION, /* sent to the address in use */
  REPLY,    /* from there */
  DUE,      /* what is to do: an action */
  END,      /* the channel goes */
  END_OF_STORY
} Fact;

typedef struct
{
  guint milliseconds;
  Fact fact;
  guint number; /* of the stray */
  int result;
  guint missing; /* answers, afterwards */
} Step;

typedef struct
{
  const char *name;
  Step steps[24];
} Story;

#define STOP                                                                                       \
  {                                                                                                \
    0, END_OF_STORY, 0, 0, 0                                                                       \
  }

static const Story stories[] = {
  { "moves",
    { { 0, PROVEN, 5, TRUE, 0 },
      { 10, BEGIN, 5, TRUE, 1 },
      { 10, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 11, DUE, 0, SP_ROAMING_NOTHING, 1 },
      { 50, ANSWER, 0, TRUE, 0 },
      { 51, ANSWER, 0, FALSE, 0 },
      STOP } },
  { "asks-again-then-gives-up",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 0, BEGIN, 1, TRUE, 1 },
      { 0, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 399, DUE, 0, SP_ROAMING_NOTHING, 1 },
      { 400, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 1199, DUE, 0, SP_ROAMING_NOTHING, 1 },
      { 1200, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 2800, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 3999, DUE, 0, SP_ROAMING_NOTHING, 1 },
      { 4000, DUE, 0, SP_ROAMING_GIVE_UP, 0 },
      { 4001, ANSWER, 0, FALSE, 0 },
      { 4001, DUE, 0, SP_ROAMING_NOTHING, 0 },
      STOP } },
  /* Four questions were asked in vain, and may be answered late: another place has to answer
   * five. */
  { "late-answers-of-a-failed-trial-prove-nothing",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 0, BEGIN, 1, TRUE, 1 },
      { 0, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 400, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 1200, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 2800, DUE, 0, SP_ROAMING_PROBE, 1 },
      { 4000, DUE, 0, SP_ROAMING_GIVE_UP, 0 },
      { 5000, PROVEN, 2, TRUE, 0 },
      { 5001, BEGIN, 2, TRUE, 5 },
      { 5002, ANSWER, 0, FALSE, 4 },
      { 5003, ANSWER, 0, FALSE, 3 },
      { 5004, ANSWER, 0, FALSE, 2 },
      { 5005, ANSWER, 0, FALSE, 1 },
      { 5006, ANSWER, 0, TRUE, 0 },
      STOP } },
  { "one-at-a-time",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 1, PROVEN, 2, FALSE, 0 },
      { 10, BEGIN, 1, TRUE, 1 },
      { 20, PROVEN, 3, FALSE, 1 },
      { 1500, PROVEN, 4, FALSE, 1 },
      { 1500, BEGIN, 4, FALSE, 1 },
      STOP } },
  { "one-a-second",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 1, BEGIN, 1, TRUE, 1 },
      { 2, ANSWER, 0, TRUE, 0 },
      { 1001, PROVEN, 2, FALSE, 0 },
      { 1002, PROVEN, 3, TRUE, 0 },
      STOP } },
  { "main-says-nothing",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 1999, PROVEN, 2, FALSE, 0 },
      { 2000, PROVEN, 3, TRUE, 0 },
      { 2001, BEGIN, 1, FALSE, 0 },
      { 2002, BEGIN, 3, TRUE, 1 },
      STOP } },
  { "main-is-late", { { 0, PROVEN, 1, TRUE, 0 }, { 2000, BEGIN, 1, FALSE, 0 }, STOP } },
  { "unasked",
    { { 0, BEGIN, 1, FALSE, 0 },
      { 1, BEGIN, 0, FALSE, 0 },
      { 2, ANSWER, 0, FALSE, 0 },
      { 3, DUE, 0, SP_ROAMING_NOTHING, 0 },
      STOP } },
  { "the-channel-goes",
    { { 0, PROVEN, 1, TRUE, 0 },
      { 1, BEGIN, 1, TRUE, 1 },
      { 2, END, 0, 0, 0 },
      { 3, ANSWER, 0, FALSE, 0 },
      { 3, BEGIN, 1, FALSE, 0 },
      { 5000, DUE, 0, SP_ROAMING_NOTHING, 0 },
      STOP } },
  /* Somebody could repeat the answers to them from where he is. */
  { "open-questions",
    { { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 1, REPLY, 0, 0, 0 },
      { 2, PROVEN, 1, TRUE, 0 },
      { 3, BEGIN, 1, TRUE, 2 },
      { 4, QUESTION, 0, 0, 3 },
      { 5, ANSWER, 0, FALSE, 2 },
      { 6, ANSWER, 0, FALSE, 1 },
      { 7, ANSWER, 0, TRUE, 0 },
      STOP } },
  { "old-questions",
    { { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 10000, PROVEN, 1, TRUE, 0 },
      { 10000, BEGIN, 1, TRUE, 1 },
      STOP } },
  { "too-many-questions",
    { { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 0, QUESTION, 0, 0, 0 },
      { 1, PROVEN, 1, TRUE, 0 },
      { 1, BEGIN, 1, FALSE, 0 },
      { 2, REPLY, 0, 0, 0 },
      { 2, BEGIN, 1, TRUE, 8 },
      STOP } },
};

static int
tell (SpRoaming *roaming, const Step *step)
{
  gint64 now = AT (step->milliseconds);

  switch (step->fact)
    {
      case PROVEN:
        return sp_roaming_proven (roaming, step->number, now);
      case BEGIN:
        return sp_roaming_begin (roaming, step->number, now);
      case ANSWER:
        return sp_roaming_answered (roaming, now);
      case QUESTION:
        sp_roaming_questioned (roaming, now);
        return 0;
      case REPLY:
        sp_roaming_question_answered (roaming);
        return 0;
      case DUE:
        return (int) sp_roaming_due (roaming, now);
      case END:
        sp_roaming_end (roaming, now);
        return 0;
      case END_OF_STORY:
        break;
    }
  g_assert_not_reached ();
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  SpRoaming roaming;

  sp_roaming_init (&roaming);
  for (const Step *step = story->steps; step->fact != END_OF_STORY; step++)
    {
      g_test_message ("step %d", (int) (step - story->steps));
      g_assert_cmpint (tell (&roaming, step), ==, step->result);
      g_assert_cmpuint (roaming.state == SP_ROAMING_TRIAL ? roaming.missing : 0, ==, step->missing);
      /* A deadline always leads to something. */
      if (roaming.state == SP_ROAMING_TRIAL)
        {
          SpRoaming later = roaming;

          g_assert_cmpint (sp_roaming_due (&later, sp_roaming_get_deadline (&roaming)), !=,
                           SP_ROAMING_NOTHING);
        }
      else
        g_assert_cmpint (sp_roaming_get_deadline (&roaming), ==, G_MAXINT64);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strconcat ("/roaming/", stories[i].name, NULL);

      g_test_add_data_func (path, &stories[i], test_story);
    }
  return g_test_run ();
}
