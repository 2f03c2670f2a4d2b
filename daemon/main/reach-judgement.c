/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-judgement.h"

/* --- addresses --- */

/* The first row that fits counts; what is in none of a family's is public. */
static const struct
{
  const char *network;
  SpAddressKind kind;
} networks[] = {
  { "0.0.0.0/8", SP_ADDRESS_LOCAL },       { "127.0.0.0/8", SP_ADDRESS_LOCAL },
  { "169.254.0.0/16", SP_ADDRESS_LOCAL },  { "10.0.0.0/8", SP_ADDRESS_PRIVATE },
  { "172.16.0.0/12", SP_ADDRESS_PRIVATE }, { "192.168.0.0/16", SP_ADDRESS_PRIVATE },
  { "100.64.0.0/10", SP_ADDRESS_SHARED },  { "::/127", SP_ADDRESS_LOCAL },
  { "fe80::/10", SP_ADDRESS_LOCAL },       { "fc00::/7", SP_ADDRESS_PRIVATE },
};

SpAddressKind
sp_reach_get_kind (const guint8 *address)
{
  if (sp_address_is_unset (address))
    return SP_ADDRESS_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      SpNetwork network;

      if (sp_network_from_text (networks[i].network, &network) &&
          sp_network_contains (&network, address))
        return networks[i].kind;
    }
  return SP_ADDRESS_PUBLIC;
}

const char *
sp_address_kind_to_string (SpAddressKind kind)
{
  static const char *const words[] = { "none", "local", "private", "shared", "public" };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_ADDRESS_LAST + 1);
  return words[kind];
}

const char *
sp_reach_test_to_string (SpReachTest test)
{
  static const char *const words[] = { "none", "waiting", "home", "reached", "over" };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_REACH_TEST_LAST + 1);
  return words[test];
}

/* --- findings --- */

enum
{
  ON = 1 << 0,
  CONNECTED = 1 << 1, /* to the internet */
  TCP_BLOCKED = 1 << 2,
  REACHED = 1 << 3, /* lately, and no later test says otherwise */
  SLOW = 1 << 4,    /* by TCP alone */
  TESTED = 1 << 5,  /* nobody came from outside, and enough time went by */
  WAITING = 1 << 6,
  HOME = 1 << 7,
  ROUTER = 1 << 8, /* between this computer and the internet, for IPv4 */
  SHARED = 1 << 9,
  IPV4 = 1 << 10,
  SECOND_ROUTER = 1 << 11, /* before that one */
  IPV6 = 1 << 12,          /* with an address that others may reach */
  BY_IPV4 = 1 << 13,       /* somebody was there lately */
  TRANSLATED = 1 << 14,
  NO_NAME = 1 << 15, /* this and the next ones: since the last one who came */
  PRIVATE_NAME = 1 << 16,
  WRONG_NAME = 1 << 17,
  WRONG_IPV6 = 1 << 18,  /* of the name, whoever came */
  IPV6_DENIED = 1 << 19, /* by the router */
  UDP_ALONE = 1 << 20,   /* this and the next one: so says the router, and nobody came since */
  TCP_ALONE = 1 << 21
};

static gboolean
is_late (const SpReachFacts *facts)
{
  return facts->test == SP_REACH_TEST_OVER ||
         (facts->test == SP_REACH_TEST_WAITING && facts->now - facts->test_at >= SP_REACH_PATIENCE);
}

static gboolean
is_fresh (const SpReachFacts *facts, gint64 at)
{
  return at != 0 && facts->now - at < SP_REACH_GOOD;
}

/* Who came since another way knows better than the router. */
static guint
find_parts (const SpReachFacts *facts)
{
  if (facts->forwards == SP_REACH_FORWARDS_UDP &&
      MAX (facts->proven_at, facts->tcp_at) < facts->parted_at)
    return UDP_ALONE;
  if (facts->forwards == SP_REACH_FORWARDS_TCP && !facts->is_behind_proxy &&
      facts->udp_at < facts->parted_at)
    return TCP_ALONE;
  return 0;
}

/* What the router says of IPv4 is nothing of who may come by IPv6. */
static gboolean
is_refuted (const SpReachFacts *facts, gint64 reached_at)
{
  gboolean has_ipv6 = facts->ipv6 == SP_ADDRESS_PUBLIC && !facts->ipv6_denied;

  return (is_late (facts) && facts->test_at > reached_at) ||
         (find_parts (facts) == UDP_ALONE && !has_ipv6);
}

static gboolean
is_slow (const SpReachFacts *facts)
{
  return facts->wants_udp && !facts->is_behind_proxy &&
         (facts->udp_blocked || facts->n_slow >= SP_REACH_MANY_SLOW) &&
         facts->now - facts->tcp_at >= SP_REACH_SLOW_PATIENCE;
}

static guint
find_evidence (const SpReachFacts *facts)
{
  gint64 reached_at = MAX (facts->proven_at, facts->tcp_at);

  return (is_fresh (facts, reached_at) && !is_refuted (facts, reached_at) ? REACHED : 0) |
         (is_slow (facts) ? SLOW : 0) | (is_fresh (facts, facts->ipv4_at) ? BY_IPV4 : 0) |
         find_parts (facts);
}

/* Who came after the name was looked at found the way, whatever name servers here say; whom a proxy
 * lets in looks for the proxy.  An address that changes at night is with name servers a little
 * later: unless somebody tests it now, that is nothing to tell. */
static guint
find_name (const SpReachFacts *facts)
{
  static const guint findings[] = {
    [SP_REACH_NAME_UNKNOWN] = NO_NAME,
    [SP_REACH_NAME_PRIVATE] = PRIVATE_NAME,
    [SP_REACH_NAME_ELSEWHERE] = WRONG_NAME,
    [SP_REACH_NAME_IPV6_ELSEWHERE] = WRONG_IPV6,
  };
  gboolean is_older = MAX (facts->proven_at, facts->tcp_at) >= facts->name_at;
  gboolean is_asked =
      facts->test != SP_REACH_TEST_NONE &&
      (facts->test != SP_REACH_TEST_REACHED || facts->now - facts->proven_at < SP_REACH_SPREADING);

  G_STATIC_ASSERT (G_N_ELEMENTS (findings) == SP_REACH_NAME_LAST + 1);
  if (facts->is_behind_proxy || (is_older && facts->name != SP_REACH_NAME_IPV6_ELSEWHERE) ||
      (!is_asked && facts->now - MAX (facts->name_at, facts->told_at) < SP_REACH_SPREADING))
    return 0;
  return findings[facts->name];
}

/* What the router says of itself.  One that forwards TCP, and has a public address, is as if
 * there were none: what keeps people out is elsewhere. */
static guint
find_router (const SpReachFacts *facts)
{
  gboolean is_open =
      facts->forwards == SP_REACH_FORWARDS_ALL || facts->forwards == SP_REACH_FORWARDS_TCP;

  switch (facts->outside)
    {
      case SP_ADDRESS_SHARED:
        return SHARED;
      case SP_ADDRESS_PRIVATE:
        return ROUTER | SECOND_ROUTER;
      case SP_ADDRESS_PUBLIC:
        return (is_open ? 0 : ROUTER) | (facts->is_translated ? TRANSLATED : 0);
      default:
        return ROUTER;
    }
}

static guint
find_addresses (const SpReachFacts *facts)
{
  gboolean has_ipv4 = facts->ipv4 > SP_ADDRESS_LOCAL;
  gboolean has_ipv6 = facts->ipv6 > SP_ADDRESS_LOCAL;

  return (has_ipv4 || has_ipv6 ? CONNECTED : 0) | (has_ipv4 ? IPV4 : 0) |
         (facts->ipv4 == SP_ADDRESS_PRIVATE ? find_router (facts) : 0) |
         (facts->ipv4 == SP_ADDRESS_SHARED ? SHARED : 0) |
         (facts->ipv6 == SP_ADDRESS_PUBLIC ? IPV6 : 0) | (facts->ipv6_denied ? IPV6_DENIED : 0);
}

static guint
find_all (const SpReachFacts *facts)
{
  return (facts->is_on ? ON : 0) | (facts->tcp_blocked ? TCP_BLOCKED : 0) |
         (is_late (facts) ? TESTED : 0) | (facts->test == SP_REACH_TEST_WAITING ? WAITING : 0) |
         (facts->test == SP_REACH_TEST_HOME ? HOME : 0) | find_evidence (facts) |
         find_name (facts) | find_addresses (facts);
}

/* --- the verdict --- */

/* The first row that fits counts: all that must be found is, and nothing that must not.  Why a
 * server is on an address that cannot be reached comes before what nobody having come says. */
static const struct
{
  guint must;
  guint must_not;
  SpReachVerdict verdict;
} judgements[] = {
  { 0, ON, SP_REACH_OFF },
  { 0, CONNECTED, SP_REACH_NO_NETWORK },
  { TCP_BLOCKED, 0, SP_REACH_FIREWALL },
  { NO_NAME, 0, SP_REACH_NAME_NOT_KNOWN },
  { PRIVATE_NAME, 0, SP_REACH_PRIVATE_NAME },
  { WRONG_NAME, 0, SP_REACH_WRONG_NAME },
  { REACHED | SLOW, 0, SP_REACH_TCP_ONLY },
  { REACHED | TCP_ALONE, 0, SP_REACH_TCP_ONLY },
  { REACHED | SHARED | IPV6, BY_IPV4, SP_REACH_IPV6_ONLY },
  { REACHED | SHARED, BY_IPV4 | IPV6, SP_REACH_SHARED }, /* it has lost its IPv6 */
  { REACHED | IPV6, IPV4, SP_REACH_IPV6_ONLY },
  { REACHED | WRONG_IPV6, 0, SP_REACH_WRONG_IPV6 },
  { REACHED, 0, SP_REACH_PROVEN },
  { HOME, 0, SP_REACH_FROM_HOME },
  { SHARED | IPV6 | IPV6_DENIED, 0, SP_REACH_IPV6_CLOSED },
  { IPV6 | IPV6_DENIED, IPV4, SP_REACH_IPV6_CLOSED },
  { SHARED | IPV6, 0, SP_REACH_IPV6_ONLY },
  { SHARED, 0, SP_REACH_SHARED },
  { TRANSLATED, 0, SP_REACH_TRANSLATED },
  { SECOND_ROUTER, 0, SP_REACH_SECOND_ROUTER },
  { UDP_ALONE, IPV6, SP_REACH_UDP_ONLY },
  { UDP_ALONE | IPV6_DENIED, 0, SP_REACH_UDP_ONLY },
  { UDP_ALONE | TESTED, 0, SP_REACH_UDP_ONLY },
  { TESTED | ROUTER, 0, SP_REACH_ROUTER_CLOSED },
  { TESTED, 0, SP_REACH_PORT_CLOSED },
  { WAITING, 0, SP_REACH_WAITING },
  { IPV6, IPV4, SP_REACH_IPV6_ONLY },
  { WRONG_IPV6, 0, SP_REACH_WRONG_IPV6 },
  { TCP_ALONE, 0, SP_REACH_TCP_ONLY },
  { 0, 0, SP_REACH_NOT_TESTED },
};

SpReachVerdict
sp_reach_judge (const SpReachFacts *facts)
{
  guint found = find_all (facts);
  guint i = 0;

  while ((found & judgements[i].must) != judgements[i].must ||
         (found & judgements[i].must_not) != 0)
    i++;
  return judgements[i].verdict;
}

const char *
sp_reach_verdict_to_string (SpReachVerdict verdict)
{
  static const char *const words[] = {
    "off",
    "no-network",
    "firewall-closed",
    "reached",
    "tcp-only",
    "udp-only",
    "from-home",
    "shared-address",
    "translated-address",
    "second-router",
    "ipv6-only",
    "ipv6-closed",
    "waiting",
    "router-closed",
    "port-closed",
    "name-unknown",
    "name-private",
    "name-elsewhere",
    "ipv6-elsewhere",
    "not-tested",
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == SP_REACH_VERDICTS);
  return words[verdict];
}

/* --- words --- */

static const char *const sentences[SP_REACH_VERDICTS] = {
  [SP_REACH_OFF] = "the server is off, so nobody reaches it",
  [SP_REACH_NO_NETWORK] = "this computer is not connected to the internet",
  [SP_REACH_FIREWALL] = "the firewall of this computer is closed, so nobody reaches the server",
  [SP_REACH_PROVEN] = "people reach the server from outside",
  [SP_REACH_FROM_HOME] = "the link was opened from within the home network, which proves nothing: "
                         "switch the phone's Wi-Fi off and open it again",
  [SP_REACH_SHARED] = "the internet provider shares one address between customers, so nobody can "
                      "call in: ask it for a public IPv4 address, or for IPv6",
  [SP_REACH_IPV6_ONLY] = "the server can only be reached over IPv6, which not every network has: "
                         "ask the internet provider for a public IPv4 address",
  [SP_REACH_WAITING] = "nobody has opened the link yet",
  [SP_REACH_NOT_TESTED] = "nobody has tried whether the server is reached from outside",
};

/* "TCP 443 and UDP 443" */
static char *
write_ports (const SpReachPlace *place)
{
  return place->udp_port != 0 ? g_strdup_printf ("TCP %u and UDP %u", place->port, place->udp_port)
                              : g_strdup_printf ("TCP %u", place->port);
}

/* Each says what name servers say, and the one thing that helps. */
static char *
describe_name (SpReachVerdict verdict, const SpReachPlace *place)
{
  const char *name = place->name != NULL ? place->name : "the name";
  const char *leads = place->leads != NULL ? place->leads : "nowhere";

  switch (verdict)
    {
      case SP_REACH_NAME_NOT_KNOWN:
        return g_strdup_printf ("nobody finds the server, since name servers have no address for "
                                "%s: enter it where the name is managed",
                                name);
      case SP_REACH_PRIVATE_NAME:
        return g_strdup_printf (
            "%s leads to %s, which nobody outside reaches: enter the address that the router has "
            "outside where the name is managed; if only name servers at home say so, a test from "
            "outside shows it",
            name, leads);
      case SP_REACH_WRONG_NAME:
        return g_strdup_printf (
            "%s leads to %s, which is not the address of this network: %s", name, leads,
            place->is_dynamic ? "have the provider told now, by dynamic-dns update"
                              : "enter the one that it has where the name is managed");
      default:
        return g_strdup_printf ("%s also leads to %s, which is not an address of this computer, so "
                                "that devices with IPv6 wait or find nobody: take that address "
                                "(AAAA) away where the name is managed",
                                name, leads);
    }
}

/* Of the port that the router does not forward, what helps. */
static char *
describe_part (const SpReachPlace *place, const char *missing, guint port)
{
  return g_strdup_printf (place->reason != NULL && g_str_equal (place->reason, "taken")
                              ? "the router forwards %s %u to another device; set port of [server] "
                                "to another, or end that in the router's settings"
                              : "the router does not forward %s %u; allow it in the router's "
                                "settings, or set port of [server] to another",
                          missing, port);
}

static char *
describe_udp_only (const SpReachPlace *place)
{
  g_autofree char *part = describe_part (place, "TCP", place->port);

  return g_strdup_printf ("nobody can connect, since every connection begins with TCP, and only "
                          "UDP comes in: %s",
                          part);
}

static char *
describe_tcp_only (const SpReachPlace *place)
{
  const char *address = place->address != NULL ? place->address : "this computer";
  g_autofree char *part = describe_part (place, "UDP", place->udp_port);

  if (place->reason != NULL)
    return g_strdup_printf ("devices connect only slowly, since nothing comes in over UDP: %s",
                            part);
  return g_strdup_printf ("devices reach the server, but only slowly: nothing comes in over UDP; "
                          "let the router forward UDP %u to %s, too",
                          place->udp_port, address);
}

/* What nobody having come may mean depends on whether anybody knows that the name leads here. */
static char *
describe_closed (const SpReachPlace *place, const char *ports)
{
  const char *address = place->address != NULL ? place->address : "this computer";
  const char *router = place->router != NULL ? place->router : "its own address";
  g_autofree char *name = place->name != NULL && place->leads != NULL
                              ? g_strdup_printf ("%s leads to %s, which is not the router, or ",
                                                 place->name, place->leads)
                              : g_strdup ("");

  return g_strdup_printf (
      "nobody reached the server from outside: let the router (%s) forward %s to %s; if it does, "
      "%sthere is a second router, or the provider shares one address between customers",
      router, ports, address, name);
}

char *
sp_reach_describe (SpReachVerdict verdict, const SpReachPlace *place)
{
  g_autofree char *ports = write_ports (place);
  const char *router = place->router != NULL ? place->router : "its own address";
  const char *outside = place->outside != NULL ? place->outside : "not known";

  switch (verdict)
    {
      case SP_REACH_TCP_ONLY:
        return describe_tcp_only (place);
      case SP_REACH_UDP_ONLY:
        return describe_udp_only (place);
      case SP_REACH_SECOND_ROUTER:
        return g_strdup_printf ("the router (%s) is behind another router, since its own address "
                                "(%s) is one of a network at home: let that other one forward %s "
                                "to it, too, or pass everything on",
                                router, outside, ports);
      case SP_REACH_IPV6_CLOSED:
        return g_strdup_printf ("the server could only be reached over IPv6, where the router lets "
                                "nobody in: allow PCP for IPv6 in its settings, or open %s to this "
                                "computer in its firewall",
                                ports);
      case SP_REACH_TRANSLATED:
        return g_strdup_printf ("others see the address %s, and the router says that its own is "
                                "%s: the provider shares one address between customers, or the way "
                                "out leads through another network, such as a VPN; ask the "
                                "provider for a public IPv4 address",
                                place->seen != NULL ? place->seen : "of somebody else", outside);
      case SP_REACH_NAME_NOT_KNOWN:
      case SP_REACH_PRIVATE_NAME:
      case SP_REACH_WRONG_NAME:
      case SP_REACH_WRONG_IPV6:
        return describe_name (verdict, place);
      case SP_REACH_ROUTER_CLOSED:
        return describe_closed (place, ports);
      case SP_REACH_PORT_CLOSED:
        return g_strdup_printf ("nobody reached the server from outside, though its address is "
                                "public: something before this computer does not let %s through",
                                ports);
      default:
        return g_strdup (sentences[verdict]);
    }
}
