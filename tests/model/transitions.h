/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The transitions that a model took, as check.py hands them on: a line each,
 * "loan FREE REQUESTED MINTING MINT". */

typedef struct
{
  const char *noun;
  const char *const *states; /* in the order of the enumeration in C; NULL-terminated */
  const char *const *events;
  const char *const *actions;
} Vocabulary;

typedef struct
{
  gboolean is_rule; /* the model took it */
  guint next;
  guint action;
} Transition;

/* [state * number of events + event] */
Transition *transitions_read (const Vocabulary *words);

G_END_DECLS
