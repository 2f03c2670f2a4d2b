/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exit-status.h"

#include <glib.h>

G_BEGIN_DECLS

#define SP_CTL_NAME             "sallyportctl"
#define SP_WAIT_SECONDS_DEFAULT 120

typedef struct _SpCompletion SpCompletion;

/* What holds for every command. */
typedef struct
{
  gboolean json;
  gboolean terse;           /* lines of fields with colons between them */
  char *fields;             /* those to print, with commas between them; NULL: the usual ones */
  char *values;             /* the same for --get-values, which is --terse, too */
  char *escape;             /* "no": --terse marks no colon; "yes" or NULL */
  gboolean no_start;        /* the service, where it does not run */
  gboolean no_ask;          /* never ask for a password, neither here nor through polkit */
  GString *unfinished;      /* a JSON document that tells what was done before an error, or NULL */
  int wait_seconds;         /* for each answer of the service */
  char *host;               /* whose bus is reached over SSH; NULL: this computer's */
  char *address;            /* of another bus than the system's; NULL: that one */
  SpCompletion *completion; /* that wants to know what a command takes, or NULL */
} SpControl;

void sp_control_clear (SpControl *control);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpControl, sp_control_clear)

typedef struct _SpCommand SpCommand;

/* Carries out a command: parses `arguments` (a vector that it may change, with the program's name
 * in front), prints the result, returns what the program ends with.  What failed is left to main to
 * print: it returns SP_EXIT_FAILED and sets `error`, from which the status follows. */
typedef SpExitStatus (*SpCommandRun) (SpControl *control,
                                      const SpCommand *self,
                                      char ***arguments,
                                      GError **error);

struct _SpCommand
{
  const char *noun;
  const char *verb; /* NULL: the noun alone says it */
  SpCommandRun run;
  const char *usage; /* of the arguments */
  int least, most;   /* number of arguments without options */
  const char *help;  /* one line */
  /* Only where the command lists or shows things: the names of all fields (a new vector), and the
   * usual ones of --terse, with commas between them.  Scripts rely on their order: only add. */
  char **(*list_fields) (void);
  const char *shown;
};

/* All commands; the first of each noun is what the noun without a verb means.  Ends with a NULL
 * noun. */
extern const SpCommand sp_commands[];

/* Finds the command that the first words mean, which may be shortened while they stay clear, and
 * removes them; no words mean the first command.  SP_CTL_ERROR_USAGE otherwise. */
const SpCommand *sp_command_find (char **arguments, GError **error);

/* Hands over the options of all commands. */
void sp_command_add_common_options (SpCompletion *completion, SpControl *control);

/* Reads options (NULL: none but those of all commands) and checks how many arguments remain, which
 * then follow the program's name.  Comes first in every command: FALSE without an error means that
 * the command shall do nothing, since only its options were wanted. */
gboolean sp_command_parse (const SpCommand *self,
                           SpControl *control,
                           const GOptionEntry *options,
                           char ***arguments,
                           GError **error);

/* Reads the options that stand before the first word. */
gboolean sp_command_parse_leading (SpControl *control, char ***arguments, GError **error);

G_END_DECLS
