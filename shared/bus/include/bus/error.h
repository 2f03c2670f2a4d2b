/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The errors that callers of the bus see, one D-Bus name each ("org.sallyport.Sallyport1.Error."
 * and the name).  GDBus turns them into names and back once sp_bus_error_quark() ran in both
 * programs.  Three codes stand for "not authorized": what helps differs. */
typedef enum
{
  SP_BUS_ERROR_FAILED,
  SP_BUS_ERROR_NOT_AUTHORIZED,            /* no, whatever is asked */
  SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN, /* after authentication; the caller allowed no question */
  SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED,  /* the person closed the question */
  SP_BUS_ERROR_INVALID_ARGS,
  SP_BUS_ERROR_NOT_FOUND,
  SP_BUS_ERROR_EXISTS,
  SP_BUS_ERROR_BUSY,
  SP_BUS_ERROR_NOT_SUPPORTED,
  SP_BUS_ERROR_PORT_IN_USE,
  SP_BUS_ERROR_ADDRESS_CONFLICT,
  SP_BUS_ERROR_NO_TUN,
  SP_BUS_ERROR_FORWARDING_BLOCKED,
  SP_BUS_ERROR_CERTIFICATE_INVALID,
  SP_BUS_ERROR_TIMEOUT,
  SP_BUS_ERROR_CANCELLED,
  SP_BUS_ERROR_CHECKPOINT_ACTIVE,
  SP_BUS_ERROR_LAST = SP_BUS_ERROR_CHECKPOINT_ACTIVE
} SpBusError;

#define SP_BUS_ERROR (sp_bus_error_quark ())
GQuark sp_bus_error_quark (void);

/* The D-Bus name of a code. */
const char *sp_bus_error_name (SpBusError code);

/* What a caller of the bus is told about an error of the daemon: the same message under the code
 * of this domain.  A new error, never NULL. */
GError *sp_bus_error_from (const GError *error);

G_END_DECLS
