/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

G_BEGIN_DECLS

/* What may stand at the end of a command line, for the shells' completions. */

struct _SpCompletion
{
  GArray *options; /* of GOptionEntry; their arg_data is not to be used */
};

/* Prints what may stand where the last word of `words` (NULL-terminated, without the program's
 * name) is, and begins with it: a line each, with a tab and a few words about it behind.  A line
 * that is a tab and "files" stands for the files of the shell.  Logins and sessions come from the
 * service where it runs and tells them without asking anybody for a password. */
void sp_completion_print (char *const *words);

/* The same as a list of lines. */
GPtrArray *sp_completion_list (char *const *words);

/* Hands over what a command takes, instead of carrying it out. */
void sp_completion_take_options (SpCompletion *completion, const GOptionEntry *options);

G_END_DECLS
