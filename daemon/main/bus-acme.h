/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* What the bus tells of certificates from an authority: "a{sv}", floating. */
GVariant *sp_bus_acme_describe (SpServer *server);

G_END_DECLS
