/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-tree.h"

G_BEGIN_DECLS

#define SP_BUS_PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

/* Brings a call to its object, by way of the table of permissions and the porter, or refuses it.
 * Takes the invocation. */
void sp_bus_call_receive (SpBusTree *tree, GDBusMethodInvocation *invocation);

G_END_DECLS
