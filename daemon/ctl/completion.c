/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include "client.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define WAIT_SECONDS 2
#define FILES_LINE   "\tfiles"

/* One completion: the words before the last, how far they were read, and what came out. */
typedef struct
{
  char *const *words;
  guint n_before; /* words before the one to be completed */
  const char *current;
  SpControl control;
  SpCompletion collected;
  const SpCommand *command;
  GPtrArray *lines;
} Completion;

void
sp_completion_take_options (SpCompletion *completion, const GOptionEntry *options)
{
  for (; options != NULL && options->long_name != NULL; options++)
    g_array_append_val (completion->options, *options);
}

static void
add (Completion *self, const char *prefix, const char *candidate, const char *about)
{
  g_autofree char *whole = g_strconcat (prefix, candidate, NULL);
  g_autofree char *printable = sp_text_printable (whole);
  g_autofree char *printable_about = sp_text_printable (about);

  /* What is not printable can not be typed either, and lines and tabs mean something here. */
  if (g_str_has_prefix (whole, self->current) && g_str_equal (whole, printable))
    g_ptr_array_add (self->lines, g_strconcat (whole, "\t", printable_about, NULL));
}

/* --- what the service knows --- */

static void
add_logins (Completion *self, SpClient *client)
{
  g_autoptr (GPtrArray) users = sp_client_list_users (client);

  for (guint i = 0; i < users->len; i++)
    add (self, "", sp_bus_user_get_login (users->pdata[i]),
         sp_bus_user_get_full_name (users->pdata[i]));
}

static void
add_sessions (Completion *self, SpClient *client)
{
  g_autoptr (GPtrArray) sessions = sp_client_list_sessions (client);

  for (guint i = 0; i < sessions->len; i++)
    add (self, "", sp_client_id_of (sessions->pdata[i]),
         sp_bus_session_get_login (sessions->pdata[i]));
}

/* The settings are the properties that are not about them. */
static void
add_settings (Completion *self, SpClient *client)
{
  GDBusPropertyInfo **properties = sp_bus_settings_interface_info ()->properties;

  for (; *properties != NULL; properties++)
    {
      g_autofree char *key = sp_json_key_from_name ((*properties)->name);

      if (!g_str_equal (key, "restart-needed"))
        add (self, "", key, "");
    }
}

static void
add_devices (Completion *self, SpClient *client)
{
  g_autoptr (GPtrArray) devices = sp_client_list_devices (client);

  for (guint i = 0; i < devices->len; i++)
    add (self, "", sp_client_id_of (devices->pdata[i]), sp_bus_device_get_name (devices->pdata[i]));
}

static void
add_invitations (Completion *self, SpClient *client)
{
  g_autoptr (GPtrArray) invitations = sp_client_list_invitations (client);

  for (guint i = 0; i < invitations->len; i++)
    add (self, "", sp_client_id_of (invitations->pdata[i]),
         sp_bus_invitation_get_device_name (invitations->pdata[i]));
}

static void
add_groups (Completion *self, SpClient *client)
{
  g_autoptr (GPtrArray) groups = sp_client_list_groups (client);

  for (guint i = 0; i < groups->len; i++)
    add (self, "", sp_bus_group_get_name (groups->pdata[i]),
         sp_bus_group_get_label (groups->pdata[i]));
}

static void
add_from_service (Completion *self, void (*add_them) (Completion *self, SpClient *client))
{
  g_autoptr (SpClient) client = NULL;

  self->control.no_ask = TRUE;
  self->control.no_start = TRUE;
  self->control.wait_seconds = WAIT_SECONDS;
  client = sp_client_new (&self->control, NULL);
  if (client != NULL && sp_client_look_silently (client))
    add_them (self, client);
}

/* --- arguments --- */

/* What each word of a command's usage stands for; others can not be known. */
static const struct
{
  const char *word;
  void (*add) (Completion *self, SpClient *client);
} arguments[] = {
  { "LOGIN", add_logins },           { "ID", add_sessions },
  { "KEY", add_settings },           { "DEVICE", add_devices },
  { "INVITATION", add_invitations }, { "GROUP", add_groups },
};

static gboolean
is_called (const char *usage, const char *word)
{
  gsize skipped = usage[0] == '[';
  gsize length = strcspn (usage + skipped, "]…");

  return length == strlen (word) && strncmp (usage + skipped, word, length) == 0;
}

/* "one|another", "[one|another]" */
static void
add_alternatives (Completion *self, const char *usage)
{
  gsize skipped = usage[0] == '[';
  g_autofree char *inside = g_strndup (usage + skipped, strcspn (usage + skipped, "]"));
  g_auto (GStrv) words = g_strsplit (inside, "|", -1);

  for (guint i = 0; words[0][0] != '\0' && words[1] != NULL && words[i] != NULL; i++)
    add (self, "", words[i], "");
}

static void
add_argument (Completion *self, guint position)
{
  g_auto (GStrv) usages = g_strsplit (self->command->usage, " ", -1);
  guint n_usages = g_strv_length (usages);
  const char *usage;

  /* A new login is nobody's yet. */
  if (position >= (guint) self->command->most || n_usages == 0 ||
      g_strcmp0 (self->command->verb, "add") == 0)
    return;
  usage = position < n_usages && strstr (usages[0], "…") == NULL ? usages[position] : usages[0];
  if (strchr (usage, '|') != NULL)
    add_alternatives (self, usage);
  for (gsize i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      if (is_called (usage, arguments[i].word))
        add_from_service (self, arguments[i].add);
    }
}

/* --- options --- */

static const GOptionEntry *
find_option (const Completion *self, const char *word, gsize length)
{
  for (guint i = 0; i < self->collected.options->len; i++)
    {
      const GOptionEntry *option = &g_array_index (self->collected.options, GOptionEntry, i);

      if (length == 2 && word[0] == '-' && word[1] == option->short_name)
        return option;
      if (length > 2 && g_str_has_prefix (word, "--") && strlen (option->long_name) == length - 2 &&
          strncmp (option->long_name, word + 2, length - 2) == 0)
        return option;
    }
  return NULL;
}

static gboolean
takes_value (const GOptionEntry *option)
{
  return option != NULL && option->arg != G_OPTION_ARG_NONE;
}

static void
add_options (Completion *self)
{
  for (guint i = 0; i < self->collected.options->len; i++)
    {
      const GOptionEntry *option = &g_array_index (self->collected.options, GOptionEntry, i);

      add (self, "--", option->long_name, option->description);
    }
  add (self, "--", "help", "Print a summary");
}

/* The names after the last comma, without those that stand before it. */
static void
add_fields (Completion *self, const char *prefix)
{
  const char *value = self->current + strlen (prefix);
  const char *comma = strrchr (value, ',');
  g_autofree char *before =
      comma != NULL ? g_strndup (value, (gsize) (comma - value)) : g_strdup ("");
  g_auto (GStrv) named = g_strsplit (before, ",", -1);
  g_autofree char *whole_prefix = g_strconcat (prefix, before, comma != NULL ? "," : "", NULL);
  g_auto (GStrv) fields = NULL;

  if (self->command == NULL || self->command->list_fields == NULL)
    return;
  fields = self->command->list_fields ();
  for (guint i = 0; fields[i] != NULL; i++)
    {
      if (!g_strv_contains ((const char *const *) named, fields[i]))
        add (self, whole_prefix, fields[i], "");
    }
}

/* `prefix` stands in the same word before the value. */
static void
add_value (Completion *self, const GOptionEntry *option, const char *prefix)
{
  if (g_str_equal (option->long_name, "fields") || g_str_equal (option->long_name, "get-values"))
    add_fields (self, prefix);
  else if (option->arg == G_OPTION_ARG_FILENAME && prefix[0] == '\0')
    g_ptr_array_add (self->lines, g_strdup (FILES_LINE));
}

static void
add_option_or_value (Completion *self)
{
  const char *equals = strchr (self->current, '=');
  const GOptionEntry *option = NULL;
  g_autofree char *prefix = NULL;

  if (equals == NULL)
    {
      add_options (self);
      return;
    }
  option = find_option (self, self->current, (gsize) (equals - self->current));
  prefix = g_strndup (self->current, (gsize) (equals + 1 - self->current));
  if (takes_value (option))
    add_value (self, option, prefix);
}

/* --- reading the line --- */

/* Skips options and their values from word `position` on.  Returns the next word that is neither;
 * n_before: there is none; more than that: the word to be completed is a value, of *ret_option. */
static guint
skip_options (const Completion *self, guint position, const GOptionEntry **ret_option)
{
  while (position < self->n_before && self->words[position][0] == '-' &&
         !g_str_equal (self->words[position], "--"))
    {
      const char *word = self->words[position];

      *ret_option = find_option (self, word, strlen (word));
      position += takes_value (*ret_option) ? 2 : 1;
    }
  return position;
}

static void
add_words (Completion *self, const char *noun)
{
  const char *before = NULL;

  if (self->current[0] == '-')
    {
      add_option_or_value (self);
      return;
    }
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      if (noun != NULL && g_str_equal (command->noun, noun))
        add (self, "", command->verb, command->help);
      else if (noun == NULL && g_strcmp0 (command->noun, before) != 0)
        add (self, "", command->noun, command->verb == NULL ? command->help : "");
      before = command->noun;
    }
}

/* Finds the command of the words from `position` on, and what options it takes.  Returns how many
 * words it has. */
static guint
find_command (Completion *self, guint position)
{
  g_auto (GStrv) line = g_new0 (char *, self->n_before - position + 2);
  guint n_words;

  line[0] = g_strdup (SP_CTL_NAME);
  for (guint i = position; i < self->n_before; i++)
    line[i - position + 1] = g_strdup (self->words[i]);
  n_words = g_strv_length (line);
  self->command = sp_command_find (line, NULL);
  n_words -= g_strv_length (line);
  if (self->command != NULL)
    {
      g_array_set_size (self->collected.options, 0);
      self->control.completion = &self->collected;
      (void) self->command->run (&self->control, self->command, &line, NULL);
      self->control.completion = NULL;
    }
  return n_words;
}

static void
complete_arguments (Completion *self, guint position)
{
  const GOptionEntry *option = NULL;
  gboolean options_end = FALSE;
  guint n_arguments = 0;

  while (position < self->n_before)
    {
      guint next = options_end ? position : skip_options (self, position, &option);

      if (next > self->n_before)
        {
          add_value (self, option, "");
          return;
        }
      if (next < self->n_before && !options_end && g_str_equal (self->words[next], "--"))
        options_end = TRUE;
      else if (next < self->n_before)
        n_arguments++;
      position = next + (next < self->n_before);
    }
  if (self->current[0] == '-' && !options_end)
    add_option_or_value (self);
  else
    add_argument (self, n_arguments);
}

static void
complete (Completion *self)
{
  const GOptionEntry *option = NULL;
  guint n_words;
  guint position;

  sp_command_add_common_options (&self->collected, &self->control);
  position = skip_options (self, 0, &option);
  if (position > self->n_before)
    return; /* a value, of no known command */
  if (position == self->n_before)
    {
      add_words (self, NULL);
      return;
    }
  n_words = find_command (self, position);
  if (self->command == NULL)
    return;
  if (n_words == 1 && self->command->verb != NULL && position + 1 == self->n_before)
    add_words (self, self->command->noun);
  else
    complete_arguments (self, position + n_words);
}

GPtrArray *
sp_completion_list (char *const *words)
{
  guint n_words = g_strv_length ((char **) words);
  Completion self = { .words = words,
                      .control = { .wait_seconds = WAIT_SECONDS },
                      .lines = g_ptr_array_new_with_free_func (g_free) };

  if (n_words == 0)
    return self.lines;
  self.n_before = n_words - 1;
  self.current = words[n_words - 1];
  self.collected.options = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  complete (&self);
  g_array_unref (self.collected.options);
  sp_control_clear (&self.control);
  return self.lines;
}

void
sp_completion_print (char *const *words)
{
  g_autoptr (GPtrArray) lines = sp_completion_list (words);

  for (guint i = 0; i < lines->len; i++)
    (void) puts (lines->pdata[i]);
  (void) fflush (stdout);
}
