/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/error.h"

#include "base/error.h"
#include "base/names.h"

static const GDBusErrorEntry entries[] = {
  { SP_BUS_ERROR_FAILED, SP_BUS_ERROR_PREFIX "Failed" },
  { SP_BUS_ERROR_NOT_AUTHORIZED, SP_BUS_ERROR_PREFIX "NotAuthorized" },
  { SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN, SP_BUS_ERROR_PREFIX "NotAuthorizedCanObtain" },
  { SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED, SP_BUS_ERROR_PREFIX "NotAuthorizedDismissed" },
  { SP_BUS_ERROR_INVALID_ARGS, SP_BUS_ERROR_PREFIX "InvalidArgs" },
  { SP_BUS_ERROR_NOT_FOUND, SP_BUS_ERROR_PREFIX "NotFound" },
  { SP_BUS_ERROR_EXISTS, SP_BUS_ERROR_PREFIX "Exists" },
  { SP_BUS_ERROR_BUSY, SP_BUS_ERROR_PREFIX "Busy" },
  { SP_BUS_ERROR_NOT_SUPPORTED, SP_BUS_ERROR_PREFIX "NotSupported" },
  { SP_BUS_ERROR_PORT_IN_USE, SP_BUS_ERROR_PREFIX "PortInUse" },
  { SP_BUS_ERROR_ADDRESS_CONFLICT, SP_BUS_ERROR_PREFIX "AddressConflict" },
  { SP_BUS_ERROR_NO_TUN, SP_BUS_ERROR_PREFIX "NoTun" },
  { SP_BUS_ERROR_FORWARDING_BLOCKED, SP_BUS_ERROR_PREFIX "ForwardingBlocked" },
  { SP_BUS_ERROR_CERTIFICATE_INVALID, SP_BUS_ERROR_PREFIX "CertificateInvalid" },
  { SP_BUS_ERROR_TIMEOUT, SP_BUS_ERROR_PREFIX "Timeout" },
  { SP_BUS_ERROR_CANCELLED, SP_BUS_ERROR_PREFIX "Cancelled" },
  { SP_BUS_ERROR_CHECKPOINT_ACTIVE, SP_BUS_ERROR_PREFIX "CheckpointActive" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (entries) == SP_BUS_ERROR_LAST + 1);

/* Several causes inside the daemon ask for the same reaction outside. */
static const SpBusError from_daemon[] = {
  [SP_ERROR_FAILED] = SP_BUS_ERROR_FAILED,
  [SP_ERROR_INVALID_ARGUMENTS] = SP_BUS_ERROR_INVALID_ARGS,
  [SP_ERROR_NOT_FOUND] = SP_BUS_ERROR_NOT_FOUND,
  [SP_ERROR_EXISTS] = SP_BUS_ERROR_EXISTS,
  [SP_ERROR_BUSY] = SP_BUS_ERROR_BUSY,
  [SP_ERROR_AGAIN] = SP_BUS_ERROR_BUSY,
  [SP_ERROR_PEER_GONE] = SP_BUS_ERROR_FAILED,
  [SP_ERROR_PEER_BROKE_RULES] = SP_BUS_ERROR_FAILED,
  [SP_ERROR_NOT_SUPPORTED] = SP_BUS_ERROR_NOT_SUPPORTED,
  /* The system refused the daemon; that the caller may ask was decided before. */
  [SP_ERROR_NOT_AUTHORIZED] = SP_BUS_ERROR_FAILED,
  [SP_ERROR_PORT_IN_USE] = SP_BUS_ERROR_PORT_IN_USE,
  [SP_ERROR_ADDRESS_CONFLICT] = SP_BUS_ERROR_ADDRESS_CONFLICT,
  [SP_ERROR_NO_TUN] = SP_BUS_ERROR_NO_TUN,
  [SP_ERROR_FORWARDING_BLOCKED] = SP_BUS_ERROR_FORWARDING_BLOCKED,
  [SP_ERROR_CERTIFICATE_INVALID] = SP_BUS_ERROR_CERTIFICATE_INVALID,
  [SP_ERROR_TIMEOUT] = SP_BUS_ERROR_TIMEOUT,
  [SP_ERROR_CANCELLED] = SP_BUS_ERROR_CANCELLED,
  [SP_ERROR_CHECKPOINT_ACTIVE] = SP_BUS_ERROR_CHECKPOINT_ACTIVE,
};
G_STATIC_ASSERT (G_N_ELEMENTS (from_daemon) == SP_ERROR_LAST + 1);

GQuark
sp_bus_error_quark (void)
{
  static gsize quark = 0; /* nocheck: set once, by GLib */

  g_dbus_error_register_error_domain ("sp-bus-error-quark", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

const char *
sp_bus_error_name (SpBusError code)
{
  g_return_val_if_fail (code <= SP_BUS_ERROR_LAST, entries[SP_BUS_ERROR_FAILED].dbus_error_name);
  return entries[code].dbus_error_name;
}

GError *
sp_bus_error_from (const GError *error)
{
  SpBusError code = SP_BUS_ERROR_FAILED;

  if (error->domain == SP_BUS_ERROR)
    return g_error_copy (error);
  if (error->domain == SP_ERROR && error->code >= 0 && error->code <= SP_ERROR_LAST)
    code = from_daemon[error->code];
  return g_error_new_literal (SP_BUS_ERROR, (int) code, error->message);
}
