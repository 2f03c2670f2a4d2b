/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-socket.h"

G_BEGIN_DECLS

typedef enum
{
  SP_BRIDGE_NEAR, /* where the client is */
  SP_BRIDGE_FAR   /* where the bus is */
} SpBridgeSide;

/* Stands between a socket with messages and two pipes with frames (remote/bridge-frame.h) until one
 * of them ends; does not own them, but all must be such that nobody waits who writes.  `heard`:
 * what was already read from the pipe.  Returns FALSE; without an error when it was the socket that
 * ended. */
gboolean sp_bridge_run (SpBridgeSide side,
                        SpBusSocket *bus,
                        int from,
                        int to,
                        const guint8 *heard,
                        gsize size,
                        GError **error);

G_END_DECLS
