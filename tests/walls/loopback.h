/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A socket of `type` (SOCK_STREAM, SOCK_DGRAM) connected to `address`, from `source` (NULL = any).
 */
int loopback_connect (int type, const char *source, const char *address, guint16 port);

/* A connection to 127.0.0.1 over which that was said. */
int loopback_ask (guint16 port, const char *request);

/* All that is said until the other side closes. */
char *loopback_read_all (int fd);

/* Two UDP sockets of 127.0.0.1, connected to each other, non-blocking. */
void loopback_pair (int *ret_one, int *ret_other);

G_END_DECLS
