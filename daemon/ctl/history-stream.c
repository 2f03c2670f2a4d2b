/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-stream.h"

#include "base/io.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>

static int
open_stream (SpClient *client, GVariant *filter, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;

  if (!sp_bus_server_call_open_history_sync (client->server, filter, sp_client_no_options (),
                                             client->flags, client->timeout, NULL, &handle,
                                             &descriptors, NULL, error))
    return -1;
  return g_unix_fd_list_get (descriptors, g_variant_get_handle (handle), error);
}

static gboolean
fail (const char *text, GError **error)
{
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the history was cut off: %s", text);
  return FALSE;
}

/* Takes the stream. */
static gboolean
copy_lines (FILE *stream, GError **error)
{
  char *line = NULL;
  size_t size = 0;
  gboolean complete = FALSE;

  while (!complete && getline (&line, &size, stream) > 0)
    {
      complete = g_str_has_prefix (line, "{\"rows\":");
      if (g_str_has_prefix (line, "{\"error\":"))
        break;
      if (!complete && fputs (line, stdout) < 0)
        break;
    }
  (void) fclose (stream);
  if (!complete)
    (void) fail (line != NULL && ferror (stdout) == 0 ? g_strchomp (line) : g_strerror (errno),
                 error);
  free (line);
  return complete && fflush (stdout) == 0;
}

gboolean
sp_history_copy_stream (SpClient *client, GVariant *filter, GError **error)
{
  sp_autofd int fd = open_stream (client, filter, error);
  FILE *stream;

  if (fd < 0)
    return FALSE;
  stream = fdopen (fd, "r");
  if (stream == NULL)
    return fail (g_strerror (errno), error);
  (void) sp_fd_steal (&fd);
  return copy_lines (stream, error);
}
