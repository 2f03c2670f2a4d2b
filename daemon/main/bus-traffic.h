/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "traffic-ledger.h"

G_BEGIN_DECLS

/* The server's method about how much was carried.  Answers the invocation. */
void sp_bus_traffic_query (SpTrafficLedger *ledger,
                           GDBusMethodInvocation *invocation,
                           const char *scope,
                           const char *resolution,
                           guint64 from,
                           guint64 to,
                           GVariant *options);

G_END_DECLS
