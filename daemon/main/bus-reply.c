/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-reply.h"

#include "bus/error.h"

void
sp_bus_reply_error (GDBusMethodInvocation *invocation, GError *error)
{
  g_dbus_method_invocation_take_error (invocation, sp_bus_error_from (error));
  g_error_free (error);
}

void
sp_bus_reply (GDBusMethodInvocation *invocation, GError *error)
{
  if (error != NULL)
    sp_bus_reply_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}
