/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include "base/names.h"
#include "completion.h"
#include "json.h"

#include <locale.h>
#include <string.h>

static void
print_help (void)
{
  g_print ("Usage: " SP_CTL_NAME " [OPTION…] COMMAND [ARGUMENT…]\n\n");
  for (const SpCommand *command = sp_commands; command->noun != NULL; command++)
    {
      g_autofree char *words =
          g_strjoin (" ", command->noun, command->verb != NULL ? command->verb : command->usage,
                     command->verb != NULL ? command->usage : NULL, NULL);

      g_print ("  %-36s %s\n", words, command->help);
    }
  g_print ("\nOptions of all commands:\n"
           "  --json              print JSON\n"
           "  -t, --terse         print lines of fields, with colons between them\n"
           "  -f, --fields=NAMES  which fields to print, with commas between them\n"
           "  -g, --get-values=NAMES  the same as lines: --terse --fields=NAMES\n"
           "  --escape=no         do not mark colons in fields of lines\n"
           "  --no-ask-password   never ask for a password\n"
           "  --wait=SECONDS      how long to wait for each answer (%d)\n"
           "  --address=ADDRESS   another message bus than the system's\n\n"
           "Words may be shortened while they stay clear.  " SP_CTL_NAME
           " COMMAND --help tells more.\n",
           SP_WAIT_SECONDS_DEFAULT);
}

/* For a script: what this ends with, the D-Bus name of the error (empty for one of this program),
 * its sentence. */
static void
print_error_json (SpControl *control, const char *name, const char *message, SpExitStatus status)
{
  SpJson json = { .text = g_steal_pointer (&control->unfinished), .follows = TRUE };

  if (json.text == NULL)
    sp_json_init (&json);
  sp_json_open (&json, "error", '{');
  sp_json_number (&json, "status", status);
  sp_json_text (&json, "name", name != NULL ? name : "");
  sp_json_text (&json, "message", message);
  sp_json_close (&json, '}');
  sp_json_print (&json);
}

static const char *
advice_for (SpExitStatus status)
{
  switch (status)
    {
      case SP_EXIT_NOT_AUTHORIZED:
        return "The superuser may do it, and members of the group sallyport-admin.";
      case SP_EXIT_UNREACHABLE:
        return "Is the service installed, and the system bus running?";
      case SP_EXIT_USAGE:
        return "See " SP_CTL_NAME " --help.";
      case SP_EXIT_OK:
      case SP_EXIT_FAILED:
      case SP_EXIT_NOTHING_TO_DO:
      case SP_EXIT_NOT_FOUND:
      case SP_EXIT_TIMEOUT:
        return NULL;
    }
  return NULL;
}

static SpExitStatus
report (SpControl *control, GError *error)
{
  SpExitStatus status = sp_exit_status_from (error);
  const char *advice = advice_for (status);
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  (void) g_dbus_error_strip_remote_error (error);
  if (control->json)
    print_error_json (control, name, error->message, status);
  g_printerr (SP_CTL_NAME ": %s\n", error->message);
  if (advice != NULL)
    g_printerr ("%s\n", advice);
  return status;
}

/* Help and version stand before any command. */
static gboolean
answer_flag (const char *word)
{
  if (word == NULL)
    return FALSE;
  if (g_str_equal (word, "--help") || g_str_equal (word, "-h") || g_str_equal (word, "help"))
    {
      print_help ();
      return TRUE;
    }
  if (g_str_equal (word, "--version"))
    {
      g_print (SP_PRODUCT_NAME " " SP_VERSION "\n");
      return TRUE;
    }
  return FALSE;
}

static SpExitStatus
run (SpControl *control, char ***arguments, GError **error)
{
  const SpCommand *command;

  if (!sp_command_parse_leading (control, arguments, error))
    return SP_EXIT_USAGE;
  command = sp_command_find (*arguments, error);
  return command != NULL ? command->run (control, command, arguments, error) : SP_EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  g_auto (SpControl) control = { .wait_seconds = SP_WAIT_SECONDS_DEFAULT };
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  SpExitStatus status;

  (void) setlocale (LC_ALL, "");
  /* For the shells' completions, which find nothing helpful in an error. */
  if (g_strcmp0 (argv[1], "--complete") == 0)
    {
      sp_completion_print (argv + 2);
      return SP_EXIT_OK;
    }
  if (answer_flag (argv[1]))
    return SP_EXIT_OK;
  status = run (&control, &arguments, &error);
  if (error != NULL)
    status = report (&control, error);
  return (int) status;
}
