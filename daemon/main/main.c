/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/names.h"
#include "platform/inherited.h"
#include "program.h"

#include <locale.h>
#include <string.h>

#define STATUS_USAGE 4

typedef struct
{
  char *state;
  char *config;
  char *libexec;
  char *pam_socket;
  char *bus;
  gboolean start;
  gboolean exit_when_idle;
  gboolean undo_network;
  gboolean version;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->state);
  g_free (options->config);
  g_free (options->libexec);
  g_free (options->pam_socket);
  g_free (options->bus);
}

static char *
or_default (char *text, const char *otherwise)
{
  return text != NULL ? text : g_strdup (otherwise);
}

static gboolean
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &options->state, "Folder for what is kept", "DIR" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Settings", "FILE" },
    { "libexec", 0, 0, G_OPTION_ARG_FILENAME, &options->libexec, "Folder of the rooms", "DIR" },
    { "pam-socket", 0, 0, G_OPTION_ARG_FILENAME, &options->pam_socket,
      "Who asks PAM is called there, and not started by the server itself", "SOCKET" },
    { "bus", 0, 0, G_OPTION_ARG_STRING, &options->bus, "system (default), session or none", "BUS" },
    { "start", 0, 0, G_OPTION_ARG_NONE, &options->start, "Turn the server on at once", NULL },
    { "exit-when-idle", 0, 0, G_OPTION_ARG_NONE, &options->exit_when_idle,
      "End when the server is off and nobody asks", NULL },
    { SP_UNDO_NETWORK_OPTION, 0, 0, G_OPTION_ARG_NONE, &options->undo_network,
      "Only put back what a killed one left in the network", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and end", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– personal VPN server");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  options->state = or_default (options->state, SP_STATE_FOLDER);
  options->config = or_default (options->config, SP_CONFIG_FOLDER "/" SP_CONFIG_FILE);
  options->libexec = or_default (options->libexec, SP_LIBEXEC_FOLDER);
  options->bus = or_default (options->bus, "system");
  return TRUE;
}

static gboolean
choose_bus (const char *text, SpBusChoice *ret_choice, GError **error)
{
  static const char *const names[] = { "system", "session", "none" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      {
        *ret_choice = (SpBusChoice) i;
        return TRUE;
      }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--bus: “%s” is none of system, session, none", text);
  return FALSE;
}

static int
run (const Options *options)
{
  g_autoptr (GPtrArray) inherited = sp_inherited_take ();
  SpProgramPlan plan = {
    .server = { options->libexec, options->state, options->config, inherited, options->pam_socket },
    .start = options->start,
    .exit_when_idle = options->exit_when_idle,
  };
  g_autoptr (GError) error = NULL;
  int status;

  if (!choose_bus (options->bus, &plan.bus, &error))
    {
      g_printerr (SP_LOG_NAME ": %s\n", error->message);
      return STATUS_USAGE;
    }
  status = options->undo_network ? sp_program_undo_network (options->state, &error)
                                 : sp_program_run (&plan, &error);
  if (error != NULL)
    sp_log (status == SP_PROGRAM_NO_TURN ? SP_LOG_WARNING : SP_LOG_ERROR, "server", "%s",
            error->message);
  return status;
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  (void) setlocale (LC_ALL, "");
  sp_log_open (SP_LOG_NAME, SP_LOG_NOTICE);
  if (!parse_options (&argc, &argv, &options, &error))
    {
      g_printerr (SP_LOG_NAME ": %s\n", error->message);
      status = STATUS_USAGE;
    }
  else if (options.version)
    g_print (SP_PRODUCT_NAME " " SP_VERSION "\n");
  else
    status = run (&options);
  options_clear (&options);
  return status;
}
