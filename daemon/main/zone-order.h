/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "settings.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* What a courier is told of the name server that the settings name (RFC 2136), for an errand there.
 * `name`: whose records are changed. */
void sp_zone_order_fill (SpRunErrand *ret,
                         const SpSettings *settings,
                         SpErrandKind kind,
                         const char *name);

G_END_DECLS
