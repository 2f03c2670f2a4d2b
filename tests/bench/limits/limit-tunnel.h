/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "limit-stream.h"
#include "limit-visit.h"

G_BEGIN_DECLS

/* Packets between a client and its device, as many at a time as there are. */

/* Where the client's datagrams are to come, at a port of its own, so that nobody has to be asked
 * whose they are. */
int limit_tunnel_open_socket (guint16 *ret_port);
/* `datagrams`: such a socket, or -1.  Returns when the client is gone. */
void limit_tunnel_run (const LimitHouse *house, guint session, LimitStream *stream, int datagrams);

G_END_DECLS
