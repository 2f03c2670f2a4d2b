/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A throw-away network for one test program: network and mount namespaces of its own, so that
 * nothing of the machine is touched and any number of them run at once.  Everything here ends the
 * test when it cannot be done. */

/* Exits with 77 and a reason when this is not root's.  Mounts a private /run, brings up "lo". */
void net_world_enter (void);

/* Words as for a shell, without a shell.  Returns what it wrote; must succeed. */
char *net_world_run (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* The same, when there is nothing to read. */
void net_world_do (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* One more host, known to ip(8) by this name, on the other end of a new veth of the same name, with
 * addresses "192.0.2.1/24 2001:db8::1/64" here and there; empty = none. */
void net_world_add_host (const char *name, const char *addresses_here, const char *addresses_there);
/* A socket of such a host; NULL = of this one. */
int net_world_open_socket (const char *host, int family, int type, int protocol);
/* A UDP socket bound there, non-blocking. */
int net_world_open_udp (const char *host, const char *address, guint16 port);

/* Packets as they stand in a TUN's queue, with its header before; returns the length. */
#define NET_WORLD_PACKET_MAX 2048
gsize net_world_write_udp (guint8 *packet,
                           const char *source,
                           guint16 source_port,
                           const char *destination,
                           guint16 destination_port,
                           const char *text);
/* A SYN that offers this maximum segment size. */
gsize net_world_write_syn (guint8 *packet,
                           const char *source,
                           const char *destination,
                           guint16 destination_port,
                           guint16 segment_size);
/* The text of a UDP packet, NULL if it is none. */
char *net_world_read_udp (const guint8 *packet, gsize length);

/* Waits a little for something to read; FALSE, -1 = nothing came. */
gboolean net_world_wait (int fd);
gssize net_world_receive (int fd, guint8 *bytes, gsize size);

/* One line for everything that a server could leave behind in the network. */
char *net_world_describe (void);

G_END_DECLS
