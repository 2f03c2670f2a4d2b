/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transitions.h"

#include <stdio.h>
#include <string.h>

static guint
find (const char *const *words, const char *word)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      return i;
  g_error ("the model says %s", word);
}

static void
take_line (const Vocabulary *words, const char *line, Transition *transitions)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", -1);
  guint n_events = g_strv_length ((char **) words->events);
  Transition *transition;

  g_assert_cmpuint (g_strv_length (parts), ==, 5);
  g_assert_cmpstr (parts[0], ==, words->noun);
  transition =
      &transitions[find (words->states, parts[1]) * n_events + find (words->events, parts[2])];
  g_assert_false (transition->is_rule); /* one outcome, whatever happened before */
  *transition = (Transition){ .is_rule = TRUE,
                              .next = find (words->states, parts[3]),
                              .action = find (words->actions, parts[4]) };
}

Transition *
transitions_read (const Vocabulary *words)
{
  guint n_states = g_strv_length ((char **) words->states);
  guint n_events = g_strv_length ((char **) words->events);
  Transition *transitions = g_new0 (Transition, n_states * n_events);
  char line[256];
  guint n_lines = 0;

  for (; fgets (line, sizeof line, stdin) != NULL; n_lines++)
    take_line (words, g_strchomp (line), transitions);
  g_assert_cmpuint (n_lines, >, 0);
  return transitions;
}
