/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "server.h"

#include <glib-unix.h>
#include <locale.h>

#define DEFAULT_STATE_FOLDER "/var/lib/sallyport"

typedef struct
{
  GMainLoop *loop;
  SpServer *server;
  gboolean ending;
  int status;
} Program;

typedef struct
{
  char *state;
  char *config;
  char *libexec;
  gboolean start;
} Options;

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_server_stop_finish (SP_SERVER (source), result, &error))
    sp_log (SP_LOG_WARNING, "server", "%s", error->message);
  g_main_loop_quit (program->loop);
}

/* The first signal stops the server in order; clients come back when it is there again. */
static gboolean
signal_cb (gpointer user_data)
{
  Program *program = user_data;

  if (program->ending)
    g_main_loop_quit (program->loop);
  program->ending = TRUE;
  sp_server_stop_async (program->server, TRUE, NULL, stopped_cb, program);
  return G_SOURCE_CONTINUE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (sp_server_start_finish (SP_SERVER (source), result, &error))
    return;
  sp_log (SP_LOG_ERROR, "server", "%s", error->message);
  program->status = 1;
  g_main_loop_quit (program->loop);
}

static gboolean
reload_cb (gpointer user_data)
{
  Program *program = user_data;
  g_auto (GStrv) needs_restart = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_server_reload (program->server, &needs_restart, &error))
    sp_log (SP_LOG_ERROR, "server", "keeps its settings: %s", error->message);
  for (guint i = 0; needs_restart != NULL && needs_restart[i] != NULL; i++)
    sp_log (SP_LOG_NOTICE, "server", "%s: takes effect when the server is started again",
            needs_restart[i]);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &options->state, "Folder for what must be kept",
      "DIR" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Settings", "FILE" },
    { "libexec", 0, 0, G_OPTION_ARG_FILENAME, &options->libexec, "Folder of the rooms", "DIR" },
    { "start", 0, 0, G_OPTION_ARG_NONE, &options->start, "Turn the server on at once", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- personal VPN server");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->state == NULL)
    options->state = g_strdup (DEFAULT_STATE_FOLDER);
  if (options->config == NULL)
    options->config = g_strdup (SP_CONFIG_FOLDER "/sallyport.conf");
  if (options->libexec == NULL)
    options->libexec = g_strdup (SP_LIBEXEC_FOLDER);
  return TRUE;
}

static int
run (const Options *options, GError **error)
{
  SpServerPlan plan = { options->libexec, options->state, options->config };
  g_autoptr (SpServer) server = sp_server_new (&plan, error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Program program = { .loop = loop, .server = server };

  if (server == NULL)
    return 1;
  (void) g_unix_signal_add (SIGINT, signal_cb, &program);
  (void) g_unix_signal_add (SIGTERM, signal_cb, &program);
  (void) g_unix_signal_add (SIGHUP, reload_cb, &program);
  if (options->start)
    sp_server_start_async (server, NULL, started_cb, &program);
  g_main_loop_run (loop);
  return program.status;
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  (void) setlocale (LC_ALL, "");
  sp_log_open ("sallyportd", SP_LOG_NOTICE);
  if (!parse_options (&argc, &argv, &options, &error))
    {
      g_printerr ("sallyportd: %s\n", error->message);
      return 4;
    }
  status = run (&options, &error);
  if (error != NULL)
    sp_log (SP_LOG_ERROR, "server", "%s", error->message);
  sp_tun_close_wait ();
  g_free (options.state);
  g_free (options.config);
  g_free (options.libexec);
  return status;
}
