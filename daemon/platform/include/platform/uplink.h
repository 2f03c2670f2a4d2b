/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* What networks this machine is in: to propose routes and DNS servers to clients, to find a range
 * for them that overlaps nothing, to know where packets leave.  Own devices (sally*) are never part
 * of the answer. */

#define SP_UPLINK_NAME_SIZE 16

typedef struct
{
  char name[SP_UPLINK_NAME_SIZE];
  guint index;
  guint32 mtu;
  gboolean is_loopback;
  gboolean is_up;
  gboolean is_home;     /* leads into a network of people: see home_networks */
  gboolean has_default; /* a default route of either family leaves here */
} SpUplinkInterface;

typedef struct
{
  guint interface_index;
  guint8 address[SP_ADDRESS_SIZE];
  SpNetwork network;   /* its on-link prefix */
  gboolean is_passing; /* temporary (RFC 8981), or deprecated (RFC 4862 5.5.4): not to be told */
} SpUplinkAddress;

/* How far packets get on the way to the internet. */
typedef enum
{
  SP_CONNECTIVITY_UNKNOWN, /* there is a default route; nobody tried it */
  SP_CONNECTIVITY_NONE,    /* nowhere */
  SP_CONNECTIVITY_PORTAL,  /* to a page that wants a sign-in first */
  SP_CONNECTIVITY_LIMITED, /* not as far as the internet */
  SP_CONNECTIVITY_FULL
} SpConnectivity;

/* The NetworkManager of this machine, whether it runs or not; it is followed as it comes and goes.
 * Signal: "changed" when it says something else than before, from the main context that was the
 * thread's when it was made. */
#define SP_TYPE_UPLINK_MANAGER (sp_uplink_manager_get_type ())
G_DECLARE_FINAL_TYPE (SpUplinkManager, sp_uplink_manager, SP, UPLINK_MANAGER, GObject)

/* Asked over the system bus, without waiting for it: at first nothing is known. */
SpUplinkManager *sp_uplink_manager_new (void);

/* A picture of one moment.  The arrays are never NULL; elements as named. */
typedef struct
{
  GArray *interfaces;    /* SpUplinkInterface */
  GArray *addresses;     /* SpUplinkAddress, without link-local and loopback ones */
  GArray *home_networks; /* SpNetwork: on-link prefixes of interfaces that are hardware, or stand
                            for it (bond, VLAN, a bridge with hardware in it, a container's veth),
                            except where a default route leaves into a network of public IPv4
                            addresses */
  GArray *used_networks; /* SpNetwork: every network that the machine has a route for, default
                            routes aside: a range for clients must overlap none */
  GArray *delegated_networks; /* SpNetwork: IPv6 prefixes that are routed to this machine, known by
                            the unreachable route that their holder keeps (RFC 7084 WPD-5) */
  guint default_ipv4;         /* interface index of the best default route, 0 = none */
  guint default_ipv6;
  guint8 router[SP_ADDRESS_SIZE];  /* the next hop of the best IPv4 default route; unset = none */
  guint8 router6[SP_ADDRESS_SIZE]; /* likewise of IPv6, mostly link-local */
  GArray *dns;           /* SpEndpoint without port, at most SP_DNS_SERVERS_MAX, none of loopback */
  gboolean dns_is_local; /* only this machine's own resolver is known: `dns` is empty */
  char *domains; /* to search, blank-separated: the first ones that SP_DOMAIN_MAX holds; NULL
                    = none */
  SpConnectivity connectivity;
  gboolean is_managed; /* NetworkManager has set up the way to the internet, and was asked */
} SpUplink;

/* Errors: SP_ERROR_FAILED.  `manager` tells what the kernel does not know; NULL, or while it does
 * not manage the way to the internet: resolv.conf(5) tells name servers and domains, and nobody
 * whether the internet is really there. */
SpUplink *sp_uplink_read (SpUplinkManager *manager, GError **error);
void sp_uplink_free (SpUplink *uplink);
const SpUplinkInterface *sp_uplink_find_interface (const SpUplink *uplink, guint index);

/* Calls `changed` from the thread-default main context, at most every 500 ms, when links,
 * addresses, routes or the resolver's configuration changed, or what `manager` says (NULL: nobody
 * is asked); not for own devices. */
typedef struct _SpUplinkWatch SpUplinkWatch;
typedef void (*SpUplinkChanged) (gpointer user_data);

SpUplinkWatch *sp_uplink_watch_new (SpUplinkManager *manager,
                                    SpUplinkChanged changed,
                                    gpointer user_data,
                                    GError **error);
void sp_uplink_watch_free (SpUplinkWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUplink, sp_uplink_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUplinkWatch, sp_uplink_watch_free)

G_END_DECLS
