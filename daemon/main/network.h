/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "lease-pool.h"
#include "platform/firewall.h"
#include "platform/shaper.h"
#include "platform/tun.h"
#include "platform/uplink.h"

#include <glib.h>

G_BEGIN_DECLS

/* What starting the server changes in the machine's network, as one do and undo: ranges chosen, own
 * addresses in the tunnel, forwarding, packet filter; then for each session its device and its
 * place in the filter.  Before anything is changed, what was there is written to
 * SP_NETWORK_JOURNAL_FILE in the state folder, so that the next start puts back what a killed run
 * left. */

typedef enum
{
  SP_IPV6_NAT,     /* unique local addresses, translated when they leave */
  SP_IPV6_ROUTED,  /* addresses of a prefix that is routed to this machine; untranslated */
  SP_IPV6_REFUSED, /* unique local addresses, but nothing leaves: what a client sends is answered by
                     "no route", so that it cannot go past the tunnel */
  SP_IPV6_OFF,     /* clients get no IPv6; theirs goes past the tunnel */
  SP_IPV6_LAST = SP_IPV6_OFF
} SpIpv6Mode;

typedef struct
{
  const SpNetwork *ipv4_range; /* NULL = chosen so that it overlaps nothing */
  const SpNetwork *ipv6_range; /* NULL = the unique local /64 of global_id; for SP_IPV6_ROUTED one
                                  of a delegated prefix */
  guint8 global_id[SP_GLOBAL_ID_SIZE];
  SpIpv6Mode ipv6_mode;
  gboolean masquerade; /* IPv4 packets leave with the machine's address; else the router must know a
                          way back */
  guint16 datagram_ports[SP_DATAGRAM_PORTS_MAX]; /* of clients; 0 = none */
  gboolean adopts; /* see sp_network_setup_adopt_session; the ranges are those of that run */
  const SpNetwork
      *home_networks; /* what "home" means for SP_REACH_HOME; n 0 = as the machine has it */
  guint n_home_networks;
  SpUplinkManager *manager; /* is asked for what the kernel does not know; NULL: nobody is */
} SpNetworkSettings;

typedef struct _SpNetworkSetup SpNetworkSetup;

/* Puts back what a killed run left in the network; it is fine if there is nothing.  Part of
 * sp_network_setup_start; alone for a program that ends without starting.  Errors: the first; the
 * rest is done all the same. */
gboolean sp_network_setup_recover (const char *state_folder, GError **error);

/* Does everything or, on failure, nothing.  Errors: SP_ERROR_ADDRESS_CONFLICT (a range overlaps a
 * network of this machine), SP_ERROR_FORWARDING_BLOCKED, SP_ERROR_NO_TUN, SP_ERROR_NOT_AUTHORIZED,
 * SP_ERROR_NOT_SUPPORTED, SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_FAILED. */
SpNetworkSetup *sp_network_setup_start (const SpNetworkSettings *settings,
                                        const char *state_folder,
                                        GError **error);

/* Undoes it and frees it; all sessions must have been closed.  Problems are logged: there is nobody
 * left to mend them.  NULL is fine. */
void sp_network_setup_stop (SpNetworkSetup *setup);

/* What clients are told, and the bus.  Owned by the setup; the uplink is of the last start or
 * refresh. */
SpLeasePool *sp_network_setup_get_leases (SpNetworkSetup *setup);
const SpUplink *sp_network_setup_get_uplink (SpNetworkSetup *setup);
const SpNetwork *sp_network_setup_get_home_networks (SpNetworkSetup *setup, guint *ret_n);

/* Reads the machine's networks anew and carries the changes into forwarding and filter.  Happens by
 * itself, soon after they changed.  Errors: as start; what was there before stays. */
gboolean sp_network_setup_refresh (SpNetworkSetup *setup, GError **error);
/* For connections through the tunnel from now on; those that are open stay as they are.  Errors: as
 * refresh. */
gboolean sp_network_setup_set_masquerade (SpNetworkSetup *setup,
                                          gboolean masquerade,
                                          GError **error);
/* Others where clients' datagrams come in.  Errors: as refresh. */
gboolean sp_network_setup_set_datagram_ports (SpNetworkSetup *setup,
                                              const guint16 ports[SP_DATAGRAM_PORTS_MAX],
                                              GError **error);

/* What a session is given in the network; lent for a call. */
typedef struct
{
  SpLease lease;
  const guint8 *user; /* SP_ID_SIZE bytes: whose sessions share the speed */
  SpRates rates;      /* the same for all of them */
  SpReach reach;
  gboolean silent;             /* it carries nothing, whatever its worker does */
  gboolean sees_others;        /* those of other sessions that do, too */
  const SpFirewallHost *hosts; /* for SP_REACH_HOSTS */
  guint n_hosts;
  const guint8 *name_servers; /* n × SP_ADDRESS_SIZE: always reached */
  guint n_name_servers;
  const SpNetwork *behind; /* networks behind its client; those that are in use here are left out */
  guint n_behind;
} SpNetworkSession;

/* Why the last speed limit that was wished for is not kept; NULL: it is. */
const char *sp_network_setup_get_speed_trouble (SpNetworkSetup *setup);

/* Whether somebody may have a network behind the client while the machine is where it is.  Errors:
 * SP_ERROR_ADDRESS_CONFLICT. */
gboolean sp_network_setup_check_behind (SpNetworkSetup *setup,
                                        const SpNetwork *network,
                                        GError **error);

/* Somebody signs in who may need a device: it is made while they do. */
void sp_network_setup_expect_session (SpNetworkSetup *setup);

/* A device for a lease, and its place in the filter.  Both or neither.  A speed limit that the
 * kernel cannot keep is logged as an error; the session goes on without. */
SpTun *sp_network_setup_open_session (SpNetworkSetup *setup,
                                      const SpNetworkSession *session,
                                      guint32 mtu,
                                      SpTunOffload offloads,
                                      GError **error);
/* After a start with `adopts`: an earlier run ended, its workers and devices go on, and with them
 * all that it changed in the network.  The device of this queue (*queue is taken) is the session's,
 * and has its place in the filter, once the next one is called for all.  Until then the filter is
 * the earlier run's. */
SpTun *sp_network_setup_adopt_session (SpNetworkSetup *setup,
                                       const SpNetworkSession *session,
                                       SpTunOffload offloads,
                                       int *queue,
                                       GError **error);
gboolean sp_network_setup_finish_adoption (SpNetworkSetup *setup, GError **error);

/* Other wishes, at once; the lease is the one that it was opened with.  Errors: of the filter,
 * which stays as it was. */
gboolean sp_network_setup_change_session (SpNetworkSetup *setup,
                                          SpTun *tun,
                                          const SpNetworkSession *session,
                                          GError **error);
void sp_network_setup_close_session (SpNetworkSetup *setup, SpTun *tun);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNetworkSetup, sp_network_setup_stop)

G_END_DECLS
