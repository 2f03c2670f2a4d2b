/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* Sockets that main makes, without reading them, and hands to the rooms that do.  The rooms cannot
 * set options themselves.  All are non-blocking and close-on-exec; the caller owns what is
 * returned, -1 is an error. */

typedef enum
{
  SP_LISTENER_LOCAL,   /* TCP, listening, for single requests: accepted at once, and its end is an
                          orderly one */
  SP_LISTENER_STREAM,  /* TCP, listening; accepted when the client has sent something */
  SP_LISTENER_DATAGRAM /* UDP; with each datagram comes the address it was sent to: IPV6_PKTINFO,
                          also for IPv4 datagrams (mapped), or IP_PKTINFO on a socket of IPv4 alone
                        */
} SpListenerKind;

/* An unset address takes both families; where the system has no IPv6, IPv4 alone.  Port 0 takes a
 * free one: sp_listener_get_local tells.
 *
 * A datagram listener must be kept open by main for as long as associations are opened beside it:
 * it is the first member of its SO_REUSEPORT group, to which the group's selector gives every
 * datagram that belongs to no association.
 *
 * A port that is in use is tried for 200 ms.  Errors: SP_ERROR_PORT_IN_USE,
 * SP_ERROR_NOT_AUTHORIZED, SP_ERROR_FAILED. */
int sp_listener_open (SpListenerKind kind, const SpEndpoint *local, GError **error);
/* The same, for what comes by one network device; NULL: by any.  Associations follow it.  Errors:
 * also SP_ERROR_NOT_FOUND: no such device. */
int sp_listener_open_on (const char *device,
                         SpListenerKind kind,
                         const SpEndpoint *local,
                         GError **error);
/* The same, at a port where listeners of ours are already, at other addresses or by another device:
 * those of datagrams share it, and TCP ones while sp_listener_share says so.  Which one gets what
 * comes, the kernel decides by how exactly it is bound. */
int sp_listener_open_beside (const char *device,
                             SpListenerKind kind,
                             const SpEndpoint *local,
                             GError **error);
/* Whether others of ours may be opened beside this one; of TCP. */
void sp_listener_share (int fd, gboolean share);
/* No connections come in there any more, whoever has a copy of it, and the port is free; of TCP. */
void sp_listener_end (int fd);
/* Makes a listener of a bound socket that somebody else made, TCP (which listens) or UDP (which was
 * bound with SO_REUSEPORT).  Errors: SP_ERROR_INVALID_ARGUMENTS, and what the system says. */
gboolean sp_listener_adopt (int fd,
                            SpListenerKind *ret_kind,
                            SpEndpoint *ret_local,
                            GError **error);
gboolean sp_listener_has_device (const char *device);
gboolean sp_listener_get_local (int fd, SpEndpoint *ret, GError **error);

/* What a datagram larger than the path does. */
typedef enum
{
  SP_MTU_DISCOVERY_OFF,    /* is cut into fragments on its way */
  SP_MTU_DISCOVERY_KERNEL, /* the kernel learns the path's MTU, and refuses (EMSGSIZE) */
  SP_MTU_DISCOVERY_PROBE   /* is never cut; only the interface's MTU is a limit: for own probing */
} SpMtuDiscovery;

typedef struct
{
  SpEndpoint local; /* where the peer's datagram was sent to */
  SpEndpoint peer;
  SpMtuDiscovery mtu_discovery;
  gint send_buffer; /* bytes, 0 = the system's */
  gint receive_buffer;
  gboolean receive_coalesced; /* UDP_GRO: one read may yield several datagrams of one size */
} SpAssociationPlan;

/* A connected UDP socket beside a datagram listener: it gets its peer's datagrams and only those,
 * from the moment it is returned; those that came before lie in the listener.  Errors:
 * SP_ERROR_FAILED, SP_ERROR_NOT_AUTHORIZED (another user's socket), SP_ERROR_NOT_FOUND (the local
 * address is gone), SP_ERROR_INVALID_ARGUMENTS (the local port is not the listener's). */
int sp_association_open (int listener, const SpAssociationPlan *plan, GError **error);

typedef struct
{
  gint send_buffer;      /* bytes, 0 = the system's own tuning */
  gint unsent_low_water; /* bytes that may wait unsent before the socket is no longer writable */
  gint user_timeout_seconds; /* how long sent data may stay unacknowledged, 0 = the system's */
} SpStreamPlan;

/* Whether it is a TCP connection of these two ends.  Who closes the last descriptor of one that
 * came by sp_listener_open never waits for that. */
gboolean sp_stream_check (int fd, const SpEndpoint *peer, const SpEndpoint *local);

/* Sets what the worker wants of an accepted TCP connection: no delay, an orderly end (before, its
 * end is a reset), and the above. */
gboolean sp_stream_configure (int fd, const SpStreamPlan *plan, GError **error);

G_END_DECLS
