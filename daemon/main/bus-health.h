/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* Keeps the property Health of `bus` as it should be, as long as that lives: when certificates or
 * settings change, and as time goes by. */
void sp_bus_health_follow (SpServer *server, SpBusServer *bus);

G_END_DECLS
