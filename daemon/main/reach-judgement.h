/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "reach-name.h"

G_BEGIN_DECLS

/* Whether people reach this server from outside, as far as the computer can know by itself: facts
 * in, a verdict and its words out.  Pure. */

/* What an address is good for. */
typedef enum
{
  SP_ADDRESS_NONE,
  SP_ADDRESS_LOCAL,   /* of this computer or link alone (RFC 1122 3.2.1.3, RFC 3927, RFC 4291) */
  SP_ADDRESS_PRIVATE, /* of a network behind a router (RFC 1918, RFC 4193) */
  SP_ADDRESS_SHARED,  /* of a provider that shares addresses between customers (RFC 6598) */
  SP_ADDRESS_PUBLIC,
  SP_ADDRESS_LAST = SP_ADDRESS_PUBLIC
} SpAddressKind;

SpAddressKind sp_reach_get_kind (const guint8 *address);
const char *sp_address_kind_to_string (SpAddressKind kind); /* "none", "local", … */

/* How a test by a link stands. */
typedef enum
{
  SP_REACH_TEST_NONE,
  SP_REACH_TEST_WAITING, /* nobody opened it yet */
  SP_REACH_TEST_HOME,    /* somebody did, but from within the home network */
  SP_REACH_TEST_REACHED, /* somebody did from outside */
  SP_REACH_TEST_OVER,    /* its time went by */
  SP_REACH_TEST_LAST = SP_REACH_TEST_OVER
} SpReachTest;

const char *sp_reach_test_to_string (SpReachTest test);

/* What the router says that it forwards to this computer. */
typedef enum
{
  SP_REACH_FORWARDS_NOTHING, /* or it says nothing */
  SP_REACH_FORWARDS_ALL,
  SP_REACH_FORWARDS_TCP, /* and not UDP, which is wanted, too */
  SP_REACH_FORWARDS_UDP, /* and not TCP, by which every connection begins */
} SpReachForwards;

#define SP_REACH_PATIENCE                                                                          \
  (60 * (gint64) G_USEC_PER_SEC) /* until nobody having come says something */
#define SP_REACH_SLOW_PATIENCE                                                                     \
  (20 * (gint64) G_USEC_PER_SEC) /* until datagrams should have followed a connection */
#define SP_REACH_SPREADING                                                                         \
  (600 * (gint64) G_USEC_PER_SEC) /* until name servers should know of a change */
#define SP_REACH_GOOD      (7 * 24 * 3600 * (gint64) G_USEC_PER_SEC) /* how long a proof is good */
#define SP_REACH_MANY_SLOW 3 /* so many sessions over TCP alone are no accident of one network */

/* Times in microseconds since the epoch; 0: never. */
typedef struct
{
  gboolean is_on;
  gboolean tcp_blocked; /* this computer's packet filter certainly drops connections to the port */
  gboolean udp_blocked; /* and datagrams */
  gboolean wants_udp;   /* datagrams are expected at all */
  gboolean is_behind_proxy;
  SpAddressKind ipv4; /* the best address by which packets leave for the internet; NONE: no route */
  SpAddressKind ipv6;
  SpAddressKind outside;  /* the address that the router says it has; NONE: nobody said */
  gboolean is_translated; /* others see another public address than that */
  SpReachForwards forwards;
  gint64 parted_at;     /* since when it forwards one of them alone */
  gboolean ipv6_denied; /* the router says that it lets nobody in over IPv6 */
  SpReachTest test;
  gint64 test_at;   /* when it began */
  gint64 proven_at; /* a test's link was opened from outside */
  gint64 tcp_at;    /* a client from outside was there */
  gint64 udp_at;    /* and its datagrams, too */
  gint64 ipv4_at;   /* any of these came by IPv4 */
  guint n_slow;     /* how many of those were there since, without datagrams */
  SpReachName name; /* where the name leads */
  gint64 name_at;   /* since when it is known to */
  gint64 told_at;   /* a provider was told where it has to */
  gint64 now;
} SpReachFacts;

typedef enum
{
  SP_REACH_OFF,            /* the server is */
  SP_REACH_NO_NETWORK,     /* there is no way to the internet */
  SP_REACH_FIREWALL,       /* this computer's packet filter is closed */
  SP_REACH_PROVEN,         /* people reach it */
  SP_REACH_TCP_ONLY,       /* they do, or could, but their datagrams do not */
  SP_REACH_UDP_ONLY,       /* datagrams would come in, so nobody can begin a connection */
  SP_REACH_FROM_HOME,      /* the link was opened within the home network: proves nothing */
  SP_REACH_SHARED,         /* the provider shares one address between customers */
  SP_REACH_TRANSLATED,     /* the router's address is not the one that others see */
  SP_REACH_SECOND_ROUTER,  /* the router is behind another one */
  SP_REACH_IPV6_ONLY,      /* who has IPv6 may reach it, others cannot */
  SP_REACH_IPV6_CLOSED,    /* likewise, but for the router's firewall */
  SP_REACH_WAITING,        /* for somebody to open the link */
  SP_REACH_ROUTER_CLOSED,  /* nobody came, and there is a router before this computer */
  SP_REACH_PORT_CLOSED,    /* nobody came, and there is none */
  SP_REACH_NAME_NOT_KNOWN, /* to the DNS */
  SP_REACH_PRIVATE_NAME,   /* the name leads to an address at home */
  SP_REACH_WRONG_NAME,     /* it leads to somebody else */
  SP_REACH_WRONG_IPV6,     /* so it does over IPv6 */
  SP_REACH_NOT_TESTED,
  SP_REACH_VERDICTS
} SpReachVerdict;

SpReachVerdict sp_reach_judge (const SpReachFacts *facts);
/* "off", "no-network", …: a word for programs. */
const char *sp_reach_verdict_to_string (SpReachVerdict verdict);

/* What words need besides. */
typedef struct
{
  guint port;
  guint udp_port;      /* 0: none */
  const char *address; /* of this computer in its network; NULL: not known */
  const char *router;  /* likewise */
  const char *outside; /* of the router, as it says; NULL: not known */
  const char *seen;    /* that others see; NULL: not known */
  const char *name;    /* under which people look for the server; NULL: nothing is known of it */
  const char *leads;   /* to which address it does; NULL: none */
  gboolean is_dynamic; /* a provider is told where it has to lead */
  const char *reason;  /* why the router forwards one port alone, as PortMapping says; NULL: it does
                        * not do that */
} SpReachPlace;

/* A sentence or two: what it is, and the one thing that helps.  Free with g_free. */
char *sp_reach_describe (SpReachVerdict verdict, const SpReachPlace *place);

G_END_DECLS
