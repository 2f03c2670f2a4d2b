/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client.h"
#include "command.h"
#include "json.h"

G_BEGIN_DECLS

/* How it is with something that the server does by itself and says in a property of facts: "State",
 * a word of a list, "Reason" and "Text" if it went wrong, and more. */

typedef struct
{
  const char *state;
  const char *words; /* for people */
} SpConditionWords;

typedef struct
{
  const char *what; /* that an old server does not know */
  GVariant *(*get) (SpBusServer *server);
  const SpConditionWords *states; /* up to NULL; a state that is not there is shown as it is */
  void (*print_more) (GVariant *facts);              /* for people, after the state */
  const char *const *texts;                          /* facts for programs, up to NULL */
  void (*tell_more) (SpJson *json, GVariant *facts); /* and those that are no texts */
  /* the call that has it done now, the state that follows, and words for people */
  gboolean (*call) (SpBusServer *server,
                    GVariant *options,
                    GDBusCallFlags flags,
                    int timeout,
                    GCancellable *cancellable,
                    GError **error);
  const char *called;
  const char *called_words;
} SpCondition;

SpExitStatus sp_condition_show (const SpCondition *condition,
                                SpControl *control,
                                const SpCommand *command,
                                char ***arguments,
                                GError **error);
SpExitStatus sp_condition_call (const SpCondition *condition,
                                SpControl *control,
                                const SpCommand *command,
                                char ***arguments,
                                GError **error);

/* The words of a state. */
const char *sp_condition_find_words (const SpConditionWords *states, const char *state);

/* For print_more() and tell_more(); what there is not is not printed. */
void sp_condition_print_text (GVariant *facts, const char *title, const char *name);
void sp_condition_print_time (GVariant *facts, const char *title, const char *name);
void sp_condition_tell_texts (SpJson *json, GVariant *facts, const char *const *names);
void sp_condition_tell_time (SpJson *json, GVariant *facts, const char *name);

G_END_DECLS
