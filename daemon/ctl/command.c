/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include "completion.h"
#include "fields.h"

#include <string.h>

void
sp_control_clear (SpControl *control)
{
  g_clear_pointer (&control->host, g_free);
  g_clear_pointer (&control->address, g_free);
  g_clear_pointer (&control->fields, g_free);
  g_clear_pointer (&control->values, g_free);
  g_clear_pointer (&control->escape, g_free);
  if (control->unfinished != NULL)
    (void) g_string_free (g_steal_pointer (&control->unfinished), TRUE);
}

/* A word means what begins with it, and before that what it is. */
static gboolean
means (const char *word, const char *name, gboolean exactly)
{
  return exactly ? g_str_equal (word, name) : g_str_has_prefix (name, word);
}

static void
remove_word (char **arguments, guint position)
{
  g_free (arguments[position]);
  for (; arguments[position] != NULL; position++)
    arguments[position] = arguments[position + 1];
}

/* The full noun that `word` means, NULL with an error if none or several. */
static const char *
find_noun (const char *word, gboolean exactly, gboolean *ret_several)
{
  const char *found = NULL;

  *ret_several = FALSE;
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      if (!means (word, command->noun, exactly))
        continue;
      if (found != NULL && !g_str_equal (found, command->noun))
        *ret_several = TRUE;
      found = command->noun;
    }
  return *ret_several ? NULL : found;
}

static const SpCommand *
find_verb (const char *noun, const char *word, gboolean exactly, gboolean *ret_several)
{
  const SpCommand *found = NULL;

  *ret_several = FALSE;
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      if (!g_str_equal (command->noun, noun) || command->verb == NULL ||
          !means (word, command->verb, exactly))
        continue;
      *ret_several = found != NULL;
      found = command;
    }
  return *ret_several ? NULL : found;
}

static const SpCommand *
first_of_noun (const char *noun)
{
  const SpCommand *command = sp_commands;

  while (!g_str_equal (command->noun, noun))
    command++;
  return command;
}

const SpCommand *
sp_command_find (char **arguments, GError **error)
{
  const SpCommand *command;
  const char *noun;
  gboolean several;

  if (arguments[1] == NULL)
    return &sp_commands[0];
  noun = find_noun (arguments[1], TRUE, &several);
  if (noun == NULL)
    noun = find_noun (arguments[1], FALSE, &several);
  if (noun == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   several ? "“%s” could mean several commands" : "there is no command “%s”",
                   arguments[1]);
      return NULL;
    }
  remove_word (arguments, 1);
  command = first_of_noun (noun);
  if (command->verb == NULL || arguments[1] == NULL || arguments[1][0] == '-')
    return command;
  command = find_verb (noun, arguments[1], TRUE, &several);
  if (command == NULL)
    command = find_verb (noun, arguments[1], FALSE, &several);
  if (command == NULL)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                 several ? "“%s %s” could mean several commands" : "there is no command “%s %s”",
                 noun, arguments[1]);
  else
    remove_word (arguments, 1);
  return command;
}

/* Calls `take` with the options of all commands. */
static void
give_common_options (SpControl *control,
                     void (*take) (gpointer, const GOptionEntry *),
                     gpointer taker)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &control->json, "Print JSON", NULL },
    { "terse", 't', 0, G_OPTION_ARG_NONE, &control->terse,
      "Print lines of fields, with colons between them", NULL },
    { "fields", 'f', 0, G_OPTION_ARG_STRING, &control->fields, "Which fields to print", "NAMES" },
    { "get-values", 'g', 0, G_OPTION_ARG_STRING, &control->values,
      "Which fields to print, as lines with colons between them", "NAMES" },
    { "escape", 0, 0, G_OPTION_ARG_STRING, &control->escape,
      "Whether those lines mark colons in fields: yes (the default) or no", "yes | no" },
    { "no-ask-password", 0, 0, G_OPTION_ARG_NONE, &control->no_ask, "Never ask for a password",
      NULL },
    { "wait", 0, 0, G_OPTION_ARG_INT, &control->wait_seconds,
      "How long to wait for each answer (120)", "SECONDS" },
    { "host", 'H', 0, G_OPTION_ARG_STRING, &control->host, "Manage another computer, over SSH",
      "[USER@]HOST" },
    { "address", 0, 0, G_OPTION_ARG_STRING, &control->address,
      "Another message bus than the system's", "ADDRESS" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  take (taker, entries);
}

static void
take_for_context (gpointer context, const GOptionEntry *entries)
{
  g_option_context_add_main_entries (context, entries, NULL);
}

static void
take_for_completion (gpointer completion, const GOptionEntry *entries)
{
  sp_completion_take_options (completion, entries);
}

static void
add_common_options (GOptionContext *context, SpControl *control)
{
  give_common_options (control, take_for_context, context);
}

void
sp_command_add_common_options (SpCompletion *completion, SpControl *control)
{
  give_common_options (control, take_for_completion, completion);
}

gboolean
sp_command_parse_leading (SpControl *control, char ***arguments, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, TRUE);
  add_common_options (context, control);
  return g_option_context_parse_strv (context, arguments, error);
}

/* "--" has done its work. */
static void
remove_separator (char **arguments)
{
  for (guint i = 1; arguments[i] != NULL; i++)
    {
      if (g_str_equal (arguments[i], "--"))
        {
          remove_word (arguments, i);
          return;
        }
    }
}

gboolean
sp_command_parse (const SpCommand *self,
                  SpControl *control,
                  const GOptionEntry *options,
                  char ***arguments,
                  GError **error)
{
  g_autofree char *usage =
      g_strjoin (" ", self->noun, self->verb != NULL ? self->verb : "", self->usage, NULL);
  g_autoptr (GOptionContext) context = g_option_context_new (g_strchomp (usage));
  int n_arguments;

  if (control->completion != NULL)
    {
      sp_completion_take_options (control->completion, options);
      sp_command_add_common_options (control->completion, control);
      return FALSE;
    }
  g_option_context_set_summary (context, self->help);
  if (options != NULL)
    g_option_context_add_main_entries (context, options, NULL);
  add_common_options (context, control);
  if (!g_option_context_parse_strv (context, arguments, error))
    return FALSE;
  remove_separator (*arguments);
  n_arguments = (int) g_strv_length (*arguments) - 1;
  if (n_arguments >= self->least && n_arguments <= self->most && control->wait_seconds > 0)
    return sp_fields_check (control, self, error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "usage: " SP_CTL_NAME " %s", usage);
  return FALSE;
}
