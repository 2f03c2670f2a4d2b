/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-socket.h"

G_BEGIN_DECLS

/* Stands between a client and a bus over two pipes, which carries no descriptors, until one of them
 * ends; calls that would need them are refused.  `heard`: what was already read from the pipe.
 * FALSE without an error: the client went away. */
gboolean sp_bus_plain_run (
    SpBusSocket *client, int from, int to, const guint8 *heard, gsize size, GError **error);

/* Whether the answer to such a call has descriptors. */
gboolean sp_bus_plain_needs_descriptors (const SpBusMessage *call);

G_END_DECLS
