/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "condition.h"

#include "facts.h"

void
sp_condition_print_text (GVariant *facts, const char *title, const char *name)
{
  g_autofree char *text = sp_facts_show_text (facts, name);

  if (text[0] != '\0')
    g_print ("%s%s\n", title, text);
}

void
sp_condition_print_time (GVariant *facts, const char *title, const char *name)
{
  g_autofree char *text = sp_facts_show_time (facts, name);

  if (sp_facts_get_number (facts, name) != 0)
    g_print ("%s%s\n", title, text);
}

void
sp_condition_tell_time (SpJson *json, GVariant *facts, const char *name)
{
  g_autofree char *key = sp_json_key_from_name (name);

  sp_json_time (json, key, sp_facts_get_number (facts, name));
}

void
sp_condition_tell_texts (SpJson *json, GVariant *facts, const char *const *names)
{
  for (const char *const *name = names; *name != NULL; name++)
    {
      g_autofree char *key = sp_json_key_from_name (*name);
      g_autofree char *text = sp_facts_show_text (facts, *name);

      sp_json_text (json, key, text);
    }
}

const char *
sp_condition_find_words (const SpConditionWords *states, const char *state)
{
  for (; states->state != NULL; states++)
    if (g_str_equal (states->state, state))
      return states->words;
  return state;
}

static void
print (const SpCondition *condition, GVariant *facts)
{
  g_autofree char *state = sp_facts_show_text (facts, "State");

  g_print ("State:       %s\n", sp_condition_find_words (condition->states, state));
  condition->print_more (facts);
}

static void
tell (const SpCondition *condition, GVariant *facts)
{
  SpJson json;

  sp_json_init (&json);
  sp_condition_tell_texts (&json, facts, condition->texts);
  condition->tell_more (&json, facts);
  sp_json_print (&json);
}

SpExitStatus
sp_condition_show (const SpCondition *condition,
                   SpControl *control,
                   const SpCommand *command,
                   char ***arguments,
                   GError **error)
{
  g_autoptr (SpClient) client = NULL;
  GVariant *facts;

  if (!sp_command_parse (command, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  facts = condition->get (client->server);
  if (facts == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "this server is too old for %s",
                   condition->what);
      return SP_EXIT_FAILED;
    }
  if (control->json)
    tell (condition, facts);
  else
    print (condition, facts);
  return SP_EXIT_OK;
}

SpExitStatus
sp_condition_call (const SpCondition *condition,
                   SpControl *control,
                   const SpCommand *command,
                   char ***arguments,
                   GError **error)
{
  g_autoptr (SpClient) client = NULL;
  SpJson json;

  if (!sp_command_parse (command, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !condition->call (client->server, sp_client_no_options (), client->flags,
                                          client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "state", condition->called);
      sp_json_print (&json);
    }
  else
    g_print ("%s\n", condition->called_words);
  return SP_EXIT_OK;
}
