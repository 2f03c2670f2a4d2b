/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A socket of `type` (SOCK_STREAM, SOCK_DGRAM) connected to `address`, from `source` (NULL = any).
 */
int loopback_connect (int type, const char *source, const char *address, guint16 port);

/* Two UDP sockets of 127.0.0.1, connected to each other, non-blocking. */
void loopback_pair (int *ret_one, int *ret_other);

G_END_DECLS
