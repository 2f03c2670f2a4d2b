/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"
#include "commands.h"
#include "completion.h"
#include "exit-status.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "bus/error.h"

/* --- JSON --- */

static const struct
{
  const char *value;
  const char *json;
} values[] = {
  { "'plain'", "\"plain\"" },
  { "'\"\\\\/'", "\"\\\"\\\\/\"" },
  { "'é\\n\\u001b\\u009b'", "\"é\\u000a\\u001b\\u009b\"" },
  { "true", "true" },
  { "uint32 7", "7" },
  { "uint64 18446744073709551615", "18446744073709551615" },
  { "['a', 'b']", "[\"a\", \"b\"]" },
  { "@as []", "[]" },
  { "objectpath '/a'", "\"/a\"" },
  { "{'RxBytes': <uint64 5>}", "{\"rx-bytes\": 5}" },
  { "{'org.x.RxBytes': 'yes'}", "{\"org.x.RxBytes\": \"yes\"}" },
  { "{'ConnectedAt': <uint64 1500000>}",
    "{\"connected-at\": \"1970-01-01T00:00:01.500000Z\", \"connected-at-usec\": 1500000}" },
  { "{'StartedAt': <uint64 0>}", "{\"started-at\": null, \"started-at-usec\": 0}" },
  { "('', '', @a{sv} {})", "null" },
  { "('a.B', 'why', {'port': <uint32 443>})",
    "{\"name\": \"a.B\", \"message\": \"why\", \"details\": {\"port\": 443}}" },
  { "<'inside'>", "\"inside\"" },
};

static void
test_json_values (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value =
          g_variant_ref_sink (g_variant_parse (NULL, values[i].value, NULL, NULL, &error));
      g_autofree char *expected = g_strdup_printf ("{\"schema\": 1, \"key\": %s", values[i].json);
      SpJson json;

      g_assert_no_error (error);
      sp_json_init (&json);
      sp_json_value (&json, "key", value);
      g_assert_cmpstr (json.text->str, ==, expected);
      (void) g_string_free (json.text, TRUE);
    }
}

static void
test_json_keys (void)
{
  g_autofree char *one = sp_json_key_from_name ("RxBytes");
  g_autofree char *two = sp_json_key_from_name ("Login");
  g_autofree char *three = sp_json_key_from_name ("undo-token");

  g_assert_cmpstr (one, ==, "rx-bytes");
  g_assert_cmpstr (two, ==, "login");
  g_assert_cmpstr (three, ==, "undo-token");
}

/* --- fields --- */

static const struct
{
  const char *value;
  const char *plain;
  const char *escaped;
} texts[] = {
  { "'plain, text'", "plain, text", "plain, text" },
  { "'a:b\\\\c'", "a:b\\c", "a\\:b\\\\c" },
  { "'two\nlines'", "two?lines", "two?lines" },
  { "false", "false", "false" },
  { "uint64 18446744073709551615", "18446744073709551615", "18446744073709551615" },
  { "['192.0.2.1', '2001:db8::1']", "192.0.2.1,2001:db8::1", "192.0.2.1,2001\\:db8\\:\\:1" },
  { "['a,b', 'c']", "a,b,c", "a\\,b,c" },
  { "@as []", "", "" },
  { "('', '', @a{sv} {})", "", "" },
  { "('a.B', 'why', @a{sv} {})", "a.B,why", "a.B,why" },
  { "('a.B', 'why', {'port': <uint32 443>})", "a.B,why,port=443", "a.B,why,port=443" },
};

static void
test_values_become_texts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value =
          g_variant_ref_sink (g_variant_parse (NULL, texts[i].value, NULL, NULL, &error));
      g_autofree char *plain = sp_record_text (value, FALSE);
      g_autofree char *escaped = sp_record_text (value, TRUE);

      g_assert_no_error (error);
      g_assert_cmpstr (plain, ==, texts[i].plain);
      g_assert_cmpstr (escaped, ==, texts[i].escaped);
    }
}

static const SpCommand *
find_command (const char *noun, const char *verb)
{
  const SpCommand *command = sp_commands;

  while (g_strcmp0 (command->noun, noun) != 0 || g_strcmp0 (command->verb, verb) != 0)
    command++;
  return command;
}

static void
assert_fields (const char *noun, const char *verb, const char *fields, const char *complaint)
{
  g_autoptr (GError) error = NULL;
  SpControl control = { .fields = (char *) fields };

  if (complaint == NULL)
    {
      g_assert_true (sp_fields_check (&control, find_command (noun, verb), &error));
      g_assert_no_error (error);
      return;
    }
  g_assert_false (sp_fields_check (&control, find_command (noun, verb), &error));
  g_assert_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, complaint));
}

static void
test_fields_are_checked (void)
{
  SpControl both = { .json = TRUE, .terse = TRUE };

  assert_fields ("user", "list", "login", NULL);
  assert_fields ("user", "list", "created-at-usec,id,id", NULL);
  assert_fields ("session", "list", "rx-bytes,login", NULL);
  assert_fields ("user", "list", "login,Login",
                 "no field “Login”; the fields are: id login full-name");
  assert_fields ("user", "list", "rx-bytes", "no field “rx-bytes”");
  assert_fields ("user", "list", "", "no field “”");
  assert_fields ("user", "list", "login,", "no field “”");
  assert_fields ("user", "add", "login", "“user add” has no fields");
  assert_fields ("start", NULL, "login", "“start” has no fields");
  g_assert_false (sp_fields_check (&both, find_command ("user", "list"), NULL));
}

/* Of every command that has fields the usual ones exist. */
static void
test_usual_fields_exist (void)
{
  guint n_commands = 0;

  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      SpControl control = { .fields = (char *) command->shown };

      g_assert_true ((command->shown == NULL) == (command->list_fields == NULL));
      g_assert_true (sp_fields_check (&control, command, NULL));
      n_commands += command->shown != NULL;
    }
  g_assert_cmpuint (n_commands, >=, 3);
}

/* --- words --- */

static const struct
{
  const char *words;
  const char *noun; /* NULL: refused */
  const char *verb;
  const char *rest;
} lines[] = {
  { "", "status", NULL, NULL },
  { "status", "status", NULL, NULL },
  { "stat", "status", NULL, NULL },
  { "sto", "stop", NULL, NULL },
  { "st", NULL, NULL, NULL },
  { "session", "session", "list", NULL },
  { "se d 12ab", "session", "disconnect", "12ab" },
  { "user", "user", "list", NULL },
  { "user --json", "user", "list", "--json" },
  { "us add anna", "user", "add", "anna" },
  { "user pa anna", "user", "password", "anna" },
  { "user frob", NULL, NULL, NULL },
  { "u", NULL, NULL, NULL },
  { "undo t", "undo", NULL, "t" },
  { "", "status", NULL, NULL },
  { "frob", NULL, NULL, NULL },
};

static void
test_commands_are_found (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *line = g_strconcat ("program ", lines[i].words, NULL);
      g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);
      g_autoptr (GError) error = NULL;
      const SpCommand *command = sp_command_find (words, &error);

      if (lines[i].noun == NULL)
        {
          g_assert_null (command);
          g_assert_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (command->noun, ==, lines[i].noun);
      g_assert_cmpstr (command->verb, ==, lines[i].verb);
      g_assert_cmpstr (words[1], ==, lines[i].rest);
    }
}

static void
test_every_command_is_complete (void)
{
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      g_assert_nonnull (command->run);
      g_assert_nonnull (command->usage);
      g_assert_nonnull (command->help);
      g_assert_cmpint (command->least, <=, command->most);
    }
}

/* --- completion --- */

static const struct
{
  const char *line;  /* its words with blanks between them; the last one is completed */
  const char *lines; /* what comes first in each line, with blanks between them */
} completions[] = {
  { "sta", "status start" },
  { "frob", "" },
  { "frob ", "" },
  { "user frob ", "" },
  { "certificate ", "list renew request check import activate remove authority" },
  { "cert ", "list renew request check import activate remove authority" },
  { "--wait 5 certificate ", "list renew request check import activate remove authority" },
  { "--wait ", "" },
  { "session disconnect x --a", "--all --address" },
  { "session disconnect -- --a", "" },
  { "user add --full-name --ge", "" },
  { "user add --full-name x --gen", "--generate-password" },
  { "user list --fields log", "login" },
  { "user list -f id,log", "id,login" },
  { "user list -f login,log", "" },
  { "user list --fields=id,log", "--fields=id,login" },
  { "user add --fields log", "" },
  { "user add ", "" },
};

static char *
join_candidates (GPtrArray *offered)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < offered->len; i++)
    {
      const char *line = offered->pdata[i];

      if (i > 0)
        g_string_append_c (joined, ' ');
      g_string_append_len (joined, line, strchr (line, '\t') - line);
    }
  return g_string_free (joined, FALSE);
}

static void
test_lines_are_completed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (completions); i++)
    {
      g_auto (GStrv) words = g_strsplit (completions[i].line, " ", -1);
      g_autoptr (GPtrArray) offered = sp_completion_list (words);
      g_autofree char *joined = join_candidates (offered);

      g_assert_cmpstr (joined, ==, completions[i].lines);
    }
}

/* No command does anything before it told its options. */
static void
test_every_command_tells_its_options (void)
{
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      const char *words[] = { command->noun, command->verb != NULL ? command->verb : "--js",
                              command->verb != NULL ? "--js" : NULL, NULL };
      g_autoptr (GPtrArray) offered = sp_completion_list ((char **) words);
      g_autofree char *joined = join_candidates (offered);

      g_assert_cmpstr (joined, ==, "--json");
    }
}

/* --- statuses --- */

/* Of every error of the service. */
static const SpExitStatus bus_statuses[SP_BUS_ERROR_LAST + 1] = {
  [SP_BUS_ERROR_FAILED] = 1,
  [SP_BUS_ERROR_NOT_AUTHORIZED] = 5,
  [SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN] = 5,
  [SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED] = 5,
  [SP_BUS_ERROR_INVALID_ARGS] = 4,
  [SP_BUS_ERROR_NOT_FOUND] = 3,
  [SP_BUS_ERROR_EXISTS] = 1,
  [SP_BUS_ERROR_BUSY] = 1,
  [SP_BUS_ERROR_NOT_SUPPORTED] = 1,
  [SP_BUS_ERROR_PORT_IN_USE] = 1,
  [SP_BUS_ERROR_ADDRESS_CONFLICT] = 1,
  [SP_BUS_ERROR_NO_TUN] = 1,
  [SP_BUS_ERROR_FORWARDING_BLOCKED] = 1,
  [SP_BUS_ERROR_CERTIFICATE_INVALID] = 1,
  [SP_BUS_ERROR_TIMEOUT] = 6,
  [SP_BUS_ERROR_CANCELLED] = 1,
  [SP_BUS_ERROR_CHECKPOINT_ACTIVE] = 1,
};

static void
assert_status (GQuark domain, int code, SpExitStatus status)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "why");

  g_assert_cmpint (sp_exit_status_from (error), ==, status);
}

static void
test_statuses (void)
{
  for (int code = 0; code <= SP_BUS_ERROR_LAST; code++)
    assert_status (SP_BUS_ERROR, code, bus_statuses[code]);
  assert_status (G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, 4);
  assert_status (SP_CTL_ERROR, SP_CTL_ERROR_USAGE, 4);
  assert_status (SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, 3);
  assert_status (SP_CTL_ERROR, SP_CTL_ERROR_UNREACHABLE, 7);
  assert_status (SP_CTL_ERROR, SP_CTL_ERROR_FAILED, 1);
  assert_status (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, 4);
  assert_status (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, 7);
  assert_status (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, 5);
  assert_status (G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT, 6);
  assert_status (G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY, 7);
  assert_status (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, 6);
  assert_status (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, 7);
  assert_status (G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED, 7);
  assert_status (G_FILE_ERROR, G_FILE_ERROR_IO, 1);
}

/* --- texts --- */

static void
test_texts_can_not_move_the_cursor (void)
{
  g_autofree char *text = sp_text_printable ("a\033[2J\r\n\tü\xc2\x9b\xe2\x80\xae"
                                             "b");

  g_assert_cmpstr (text, ==, "a?[2J???ü??b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/json/values", test_json_values);
  g_test_add_func ("/control/json/keys", test_json_keys);
  g_test_add_func ("/control/fields/text", test_values_become_texts);
  g_test_add_func ("/control/fields/check", test_fields_are_checked);
  g_test_add_func ("/control/fields/usual", test_usual_fields_exist);
  g_test_add_func ("/control/command/found", test_commands_are_found);
  g_test_add_func ("/control/command/complete", test_every_command_is_complete);
  g_test_add_func ("/control/completion/lines", test_lines_are_completed);
  g_test_add_func ("/control/completion/options", test_every_command_tells_its_options);
  g_test_add_func ("/control/status", test_statuses);
  g_test_add_func ("/control/text", test_texts_can_not_move_the_cursor);
  return g_test_run ();
}
