/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "firewalld-guest.h"
#include "server.h"
#include "sleep-guard.h"

G_BEGIN_DECLS

/* Keeps the property Health of `bus` as it should be, as long as that lives: when certificates,
 * settings or what `guard` and `guest` know change, and as time goes by. */
void sp_bus_health_follow (SpServer *server,
                           SpSleepGuard *guard,
                           SpFirewalldGuest *guest,
                           SpBusServer *bus);

G_END_DECLS
