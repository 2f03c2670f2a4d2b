/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"
#include "bus-backup.h"
#include "bus-service.h"

#include "base/log.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <stdlib.h>

/* bus-test-daemon BACKDOOR PASSWORD-LOG: the bus layer over fake models.  Lines written into the
 * named pipe BACKDOOR make things happen (backdoor.h). */

static gboolean
line_cb (GIOChannel *channel, GIOCondition condition, gpointer server)
{
  g_autofree char *line = NULL;
  gsize end;

  if (g_io_channel_read_line (channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL)
    return G_SOURCE_CONTINUE;
  line[end] = '\0';
  sp_fake_server_command (server, line);
  return G_SOURCE_CONTINUE;
}

static void
name_lost_cb (SpBusService *service, gpointer loop)
{
  g_main_loop_quit (loop);
}

/* The fake stays; what is tested is that nobody is answered before there is a server again. */
static void
replaced_cb (SpServer *server, gpointer answer, gpointer data)
{
  sp_bus_answer_give (answer, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  g_autoptr (GIOChannel) backdoor = NULL;
  g_autoptr (SpServer) server = NULL;
  g_autoptr (SpBusService) service = NULL;

  sp_log_open ("bus-test-daemon", SP_LOG_DEBUG);
  if (argc != 3 || connection == NULL)
    return EXIT_FAILURE;
  /* Read and write, so that it does not close when a writer does. */
  backdoor = g_io_channel_new_file (argv[1], "r+", &error);
  if (backdoor == NULL)
    return EXIT_FAILURE;
  (void) g_io_channel_set_flags (backdoor, G_IO_FLAG_NONBLOCK, NULL);
  server = sp_fake_server_new (argv[2]);
  (void) g_io_add_watch (backdoor, G_IO_IN, line_cb, server);
  (void) g_signal_connect (server, "replaced", G_CALLBACK (replaced_cb), NULL);
  service = sp_bus_service_new (connection, server, &error);
  if (service == NULL)
    return EXIT_FAILURE;
  g_signal_connect (service, "name-lost", G_CALLBACK (name_lost_cb), loop);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
