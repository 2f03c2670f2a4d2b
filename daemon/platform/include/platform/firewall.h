/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* The packet filter of this program: one table of its own (`inet sallyport`) that concerns packets
 * from and to sally* devices alone.  What other tables of the machine say is left as it is and
 * holds as well: a packet passes when every table lets it.
 *
 * What the table does:
 * - a packet from a client passes only from the client's own device and address (before conntrack,
 * so for packets to this machine as well as through it);
 * - clients reach what the session's reach says, and always the name service that they were told
 * of; answers come back; nobody else opens connections to clients, but the home networks to
 * networks behind one; clients reach each other where both may;
 * - what leaves the plan's datagram port for this machine itself, the home networks or clients is
 * an answer: a socket there obeys whoever has it, also a room that was taken over, and sends
 * anywhere;
 * - packets that leave into other networks get the machine's address, where the plan says so;
 * - TCP's maximum segment size is bounded by the path. */

/* What a session may reach. */
typedef enum
{
  SP_REACH_EVERYTHING, /* wherever this machine gets */
  SP_REACH_HOME,       /* the plan's home networks and this machine */
  SP_REACH_COMPUTER,   /* this machine only */
  SP_REACH_INTERNET,   /* everything but the home networks; of this machine only name service */
  SP_REACH_HOSTS,      /* the session's hosts, on this machine too; else of it only name service */
  SP_REACH_LAST = SP_REACH_HOSTS
} SpReach;

/* What a session with SP_REACH_HOSTS reaches. */
typedef struct
{
  SpNetwork network;
  guint8 protocol; /* IPPROTO_TCP or _UDP; 0 = any, and the ports do not matter */
  guint16 first_port;
  guint16 last_port;
} SpFirewallHost;

#define SP_DATAGRAM_PORTS_MAX 16
#define SP_CLIENT_RANGES_MAX  16 /* that clients have addresses of, earlier ones too */

/* What becomes of packets of clients that have their addresses in one range. */
typedef enum
{
  SP_FIREWALL_AS_THEY_ARE,
  SP_FIREWALL_MASQUERADE, /* they leave with the machine's address */
  SP_FIREWALL_REFUSE      /* those to other machines are answered by "no route"; IPv6 */
} SpFirewallFate;

typedef struct
{
  SpNetwork network;
  SpFirewallFate fate;
} SpFirewallPool;

typedef struct
{
  SpFirewallPool pools[SP_CLIENT_RANGES_MAX]; /* both families; those of before may overlap */
  guint n_pools;
  const SpNetwork *home_networks; /* both families */
  guint n_home_networks;
  guint16 datagram_ports[SP_DATAGRAM_PORTS_MAX]; /* where clients' datagrams come in; 0 = none */
} SpFirewallPlan;

typedef struct
{
  const char *device;           /* of the session's TUN */
  guint8 ipv4[SP_ADDRESS_SIZE]; /* all zero = none */
  guint8 ipv6[SP_ADDRESS_SIZE];
  SpReach reach;
  gboolean silent;             /* nothing of what comes from the device passes */
  gboolean sees_others;        /* other clients that do as well */
  const SpFirewallHost *hosts; /* any order; they may overlap */
  guint n_hosts;
  const guint8 *name_servers; /* n × SP_ADDRESS_SIZE: what the client was told */
  guint n_name_servers;
  const SpNetwork *behind; /* networks behind the client, which it sends from, too */
  guint n_behind;
} SpFirewallSession;

typedef struct _SpFirewall SpFirewall;

SpFirewall *sp_firewall_new (void);
/* Leaves the kernel's table as it is. */
void sp_firewall_free (SpFirewall *firewall);

/* Each of these is one transaction of the kernel: it happens completely or not at all.  Errors:
 * SP_ERROR_NOT_AUTHORIZED, SP_ERROR_NOT_SUPPORTED (no nftables), SP_ERROR_NOT_FOUND (no such
 * session), SP_ERROR_EXISTS, SP_ERROR_FAILED; the text is the kernel's. */

/* Puts the table there with all sessions that were added; one that is there already, also from a
 * run that was killed, is replaced. */
gboolean sp_firewall_install (SpFirewall *firewall, const SpFirewallPlan *plan, GError **error);
gboolean sp_firewall_add_session (SpFirewall *firewall,
                                  const SpFirewallSession *session,
                                  GError **error);
/* The session of this device, with the same addresses, becomes this one.  Nothing is asked of the
 * kernel if it is the same already. */
gboolean sp_firewall_change_session (SpFirewall *firewall,
                                     const SpFirewallSession *session,
                                     GError **error);
gboolean sp_firewall_remove_session (SpFirewall *firewall, const char *device, GError **error);
/* Removes the table with everything in it; it is fine if there is none. */
gboolean sp_firewall_remove (SpFirewall *firewall, GError **error);

/* Copies of a session, with everything that it points to.  Behind every implementation. */
SpFirewallSession *sp_firewall_session_copy (const SpFirewallSession *session);
void sp_firewall_session_free (SpFirewallSession *session);
gboolean sp_firewall_session_equal (const SpFirewallSession *a, const SpFirewallSession *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpFirewallSession, sp_firewall_session_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpFirewall, sp_firewall_free)

G_END_DECLS
