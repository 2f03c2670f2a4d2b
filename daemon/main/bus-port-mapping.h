/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* What the bus tells of port mapping: "a{sv}", floating. */
GVariant *sp_bus_port_mapping_describe (SpServer *server);

G_END_DECLS
