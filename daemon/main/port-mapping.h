/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* Has the router of this network forward the server's ports to this computer, while the server is
 * on and the settings say so: by couriers, as port-mapping-plan.h says.  What a router may forward
 * is remembered in the store, so that it is ended after a death, too.  Another one has the IPv6
 * router's firewall let the ports in to this computer's public address: pinholes. */
typedef struct _SpPortMapping SpPortMapping;

typedef enum /* of each port; up to ASKING of both */
{
  SP_PORT_MAPPING_OFF,        /* the settings do not want it, or the server is not on */
  SP_PORT_MAPPING_WAITING,    /* there is no router to ask */
  SP_PORT_MAPPING_NOT_NEEDED, /* this computer has a public address itself */
  SP_PORT_MAPPING_ASKING,     /* for the first time */
  SP_PORT_MAPPING_MAPPED,
  SP_PORT_MAPPING_REFUSED,
  SP_PORT_MAPPING_TAKEN, /* it leads to somebody else */
  SP_PORT_MAPPING_NO_ROUTER,
  SP_PORT_MAPPING_FAILED,
  SP_PORT_MAPPING_LAST = SP_PORT_MAPPING_FAILED
} SpPortMappingState;

/* For people and programs; texts are constant. */
typedef struct
{
  SpPortMappingState state;        /* of the TCP port, without which nobody connects */
  SpPortMappingState udp_state;    /* the same, where there is none for UDP */
  const char *way;                 /* "pcp", "nat-pmp" or "upnp", empty: none */
  guint8 address[SP_ADDRESS_SIZE]; /* that the router says it has outside, or unset */
  gint64 asked_at;                 /* for all that it says, µs since the epoch; 0: it was not */
  gint64 parted_at;                /* since when it forwards one port alone; 0: it does not */
  guint16 tcp_port;                /* that it forwards; 0: none */
  guint16 udp_port;
  gint64 until;       /* µs since the epoch, if it is not renewed; 0: it forwards nothing */
  gboolean is_denied; /* the router said that it does not forward TCP; silence is not that */
  const char *reason; /* a word for why it does not forward all, empty: it does or shall not */
  const char *advice; /* likewise a sentence with what mends it */
} SpPortMappingStatus;

/* `changed` is called when the status may be another.  The server is the owner, and opens its
 * parts before. */
typedef void (*SpPortMappingChanged) (SpServer *server);
SpPortMapping *sp_port_mapping_new (SpServer *server,
                                    gboolean ipv6,
                                    const char *libexec_folder,
                                    SpPortMappingChanged changed);
void sp_port_mapping_free (SpPortMapping *self);

/* To be called when the settings, the state of the server or the networks changed. */
void sp_port_mapping_look (SpPortMapping *self);
/* Asks now, whatever was before.  Errors: SP_ERROR_NOT_SUPPORTED (there is nobody to ask). */
gboolean sp_port_mapping_renew (SpPortMapping *self, GError **error);

/* Calls back once when the router was told that the server is off, or some seconds went by; from
 * within if there is nothing to tell.  One at a time. */
typedef void (*SpPortMappingClosed) (SpServer *server);
void sp_port_mapping_close (SpPortMapping *self, SpPortMappingClosed closed);

void sp_port_mapping_get_status (SpPortMapping *self, SpPortMappingStatus *ret);

/* server-port-mapping.c: the same of the server's, whose property port-mapping changes with it. */
void sp_server_get_port_mapping (SpServer *self, SpPortMappingStatus *ret);
void sp_server_get_pinholes (SpServer *self, SpPortMappingStatus *ret); /* likewise, of IPv6 */
gboolean sp_server_renew_port_mapping (SpServer *self, GError **error);
/* As sp_port_mapping_look (), at both. */
void sp_server_look_at_routers (SpServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpPortMapping, sp_port_mapping_free)

G_END_DECLS
