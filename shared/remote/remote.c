/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/remote.h"

#include "remote/bridge-near.h"

#include <string.h>

#define HOST_MAX   1024
#define PATIENCE   (2 * G_USEC_PER_SEC)
#define LOOK_AGAIN 10000 /* µs */

/* Run by the account's own shell, whatever that is, so by one that we know. */
#define BRIDGE "sh -c '" SP_BRIDGE_SCRIPT "'"

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

/* What ssh ended with says more than that the bus is silent, and what the bridge saw likewise. */
static void
explain (GSubprocess *ssh, GIOStream *stream, const char *host, GError **error)
{
  g_autofree char *failure = sp_bridge_near_dup_failure (stream);
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  /* it is about to say why */
  while (g_subprocess_get_identifier (ssh) != NULL && g_get_monotonic_time () < deadline)
    g_usleep (LOOK_AGAIN);
  g_subprocess_force_exit (ssh);
  (void) g_subprocess_wait (ssh, NULL, NULL);
  if (failure == NULL &&
      (!g_subprocess_get_if_exited (ssh) || g_subprocess_get_exit_status (ssh) == 0))
    return;
  g_clear_error (error);
  if (failure != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "%s: %s", host, failure);
  else if (g_subprocess_get_exit_status (ssh) == 255)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "ssh does not reach %s", host);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                 "%s has no bridge to its bus: neither sallyportctl nor systemd-stdio-bridge",
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
  stream = sp_bridge_near_open_process (ssh, error);
  if (stream == NULL)
    return NULL;
  connection = g_dbus_connection_new_sync (stream, NULL,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                               G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                           NULL, cancellable, &why);
  if (connection == NULL)
    {
      explain (ssh, stream, host, &why);
      g_propagate_error (error, why);
      return NULL;
    }
  (void) g_signal_connect_data (connection, "closed", G_CALLBACK (on_closed), g_object_ref (ssh),
                                (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  return connection;
}
