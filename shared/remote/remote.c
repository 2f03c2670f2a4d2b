/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/remote.h"

#include <string.h>

#define HOST_MAX 1024

/* Run by the account's own shell, whatever that is, so by one that we know. */
#define BRIDGE                                                                                     \
  "sh -c 'command -v systemd-stdio-bridge >/dev/null && exec systemd-stdio-bridge; "               \
  "exec sallyportctl bus-proxy'"

gboolean
sp_remote_check_host (const char *host, GError **error)
{
  gsize length = strlen (host);
  gboolean fine =
      length > 0 && length <= HOST_MAX && host[0] != '-' && g_utf8_validate (host, -1, NULL);

  for (const char *next = host; fine && *next != '\0'; next = g_utf8_next_char (next))
    fine = g_unichar_isgraph (g_utf8_get_char (next));
  if (!fine)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "a computer is written as USER@HOST or HOST");
  return fine;
}

/* What ssh ended with says more than that the bus is silent. */
static void
explain (GSubprocess *ssh, const char *host, GError **error)
{
  g_subprocess_force_exit (ssh);
  (void) g_subprocess_wait (ssh, NULL, NULL);
  if (!g_subprocess_get_if_exited (ssh) || g_subprocess_get_exit_status (ssh) == 0)
    return;
  g_clear_error (error);
  if (g_subprocess_get_exit_status (ssh) == 255)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "ssh does not reach %s", host);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                 "%s has no bridge to its bus: neither systemd-stdio-bridge nor sallyportctl",
                 host);
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer ssh)
{
  g_subprocess_force_exit (ssh);
}

GDBusConnection *
sp_remote_connect (const char *host, GCancellable *cancellable, GError **error)
{
  const char *const words[] = { "ssh", "-T", "-o", "ConnectTimeout=20", "--", host, BRIDGE, NULL };
  g_autoptr (GSubprocess) ssh = NULL;
  g_autoptr (GIOStream) stream = NULL;
  GDBusConnection *connection;
  GError *why = NULL;

  if (!sp_remote_check_host (host, error))
    return NULL;
  ssh = g_subprocess_newv (words, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                           &why);
  if (ssh == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no ssh here: %s",
                   why->message);
      g_error_free (why);
      return NULL;
    }
  stream = g_simple_io_stream_new (g_subprocess_get_stdout_pipe (ssh),
                                   g_subprocess_get_stdin_pipe (ssh));
  connection = g_dbus_connection_new_sync (stream, NULL,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                               G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                           NULL, cancellable, &why);
  if (connection == NULL)
    {
      explain (ssh, host, &why);
      g_propagate_error (error, why);
      return NULL;
    }
  (void) g_signal_connect_data (connection, "closed", G_CALLBACK (on_closed), g_object_ref (ssh),
                                (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  return connection;
}
