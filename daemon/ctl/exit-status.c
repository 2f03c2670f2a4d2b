/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exit-status.h"

#include "bus/error.h"

#include <gio/gio.h>

GQuark
sp_ctl_error_quark (void)
{
  return g_quark_from_static_string ("sp-ctl-error-quark");
}

/* What is not listed is SP_EXIT_FAILED. */
static const struct
{
  GQuark (*domain) (void);
  int code;
  SpExitStatus status;
} statuses[] = {
  { sp_ctl_error_quark, SP_CTL_ERROR_USAGE, SP_EXIT_USAGE },
  { sp_ctl_error_quark, SP_CTL_ERROR_NOT_FOUND, SP_EXIT_NOT_FOUND },
  { sp_ctl_error_quark, SP_CTL_ERROR_UNREACHABLE, SP_EXIT_UNREACHABLE },
  { sp_bus_error_quark, SP_BUS_ERROR_INVALID_ARGS, SP_EXIT_USAGE },
  { sp_bus_error_quark, SP_BUS_ERROR_NOT_FOUND, SP_EXIT_NOT_FOUND },
  { sp_bus_error_quark, SP_BUS_ERROR_NOT_AUTHORIZED, SP_EXIT_NOT_AUTHORIZED },
  { sp_bus_error_quark, SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN, SP_EXIT_NOT_AUTHORIZED },
  { sp_bus_error_quark, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED, SP_EXIT_NOT_AUTHORIZED },
  { sp_bus_error_quark, SP_BUS_ERROR_TIMEOUT, SP_EXIT_TIMEOUT },
  { g_io_error_quark, G_IO_ERROR_TIMED_OUT, SP_EXIT_TIMEOUT },
  /* Of an address that is none. */
  { g_io_error_quark, G_IO_ERROR_INVALID_ARGUMENT, SP_EXIT_USAGE },
  { g_io_error_quark, G_IO_ERROR_NOT_FOUND, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_CONNECTION_REFUSED, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_CLOSED, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_BROKEN_PIPE, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_HOST_NOT_FOUND, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_HOST_UNREACHABLE, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_NETWORK_UNREACHABLE, SP_EXIT_UNREACHABLE },
  { g_io_error_quark, G_IO_ERROR_PERMISSION_DENIED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_ACCESS_DENIED, SP_EXIT_NOT_AUTHORIZED },
  { g_dbus_error_quark, G_DBUS_ERROR_TIMEOUT, SP_EXIT_TIMEOUT },
  { g_dbus_error_quark, G_DBUS_ERROR_TIMED_OUT, SP_EXIT_TIMEOUT },
  /* The bus says this when the service ended before it answered. */
  { g_dbus_error_quark, G_DBUS_ERROR_NO_REPLY, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SERVICE_UNKNOWN, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_NAME_HAS_NO_OWNER, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_NO_SERVER, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_DISCONNECTED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_EXEC_FAILED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_FORK_FAILED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_CHILD_EXITED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_CHILD_SIGNALED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_FAILED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_SETUP_FAILED, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_CONFIG_INVALID, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_SERVICE_INVALID, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_PERMISSIONS_INVALID, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_FILE_INVALID, SP_EXIT_UNREACHABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SPAWN_NO_MEMORY, SP_EXIT_UNREACHABLE },
};

SpExitStatus
sp_exit_status_from (const GError *error)
{
  if (error->domain == G_OPTION_ERROR)
    return SP_EXIT_USAGE;
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      if (error->domain == statuses[i].domain () && error->code == statuses[i].code)
        return statuses[i].status;
    }
  return SP_EXIT_FAILED;
}
