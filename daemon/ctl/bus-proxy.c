/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

#include "remote/remote.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define USUAL_ADDRESS "unix:path=/run/dbus/system_bus_socket"
#define PREFIX        "unix:path="

/* The other end of --host: a bridge or a client on our standard input, the system bus behind us. */
SpExitStatus
sp_ctl_bus_proxy (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  const char *address;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  address = control->address != NULL ? control->address : g_getenv ("DBUS_SYSTEM_BUS_ADDRESS");
  if (address == NULL)
    address = USUAL_ADDRESS;
  if (!g_str_has_prefix (address, PREFIX) || strpbrk (address, ",;%") != NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the bus must be at " PREFIX "PATH");
      return SP_EXIT_USAGE;
    }
  /* whoever reads a descriptor's other end may go away */
  (void) signal (SIGPIPE, SIG_IGN);
  return sp_remote_relay (STDIN_FILENO, STDOUT_FILENO, address + strlen (PREFIX), error)
             ? SP_EXIT_OK
             : SP_EXIT_FAILED;
}
