/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall-rules-nft.h"

#include "base/error.h"
#include "base/names.h"

#include <string.h>

#define TABLE "\"family\":\"inet\",\"table\":\"" SP_FIREWALL_TABLE "\""
/* ICMP and ICMPv6 by number (RFC 792, RFC 4443): their names need /etc/protocols, which small
 * systems do not have. */
#define CONTROL_MESSAGES "{\"set\":[1,58]}"
#define CLIENTS          "\"" SP_TUN_PREFIX "*\""
#define COMMA            ","
#define META(key)        "{\"meta\":{\"key\":\"" key "\"}}"
#define FIELD(protocol, field)                                                                     \
  "{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"" field "\"}}"
#define MATCH(left, operator, right)                                                               \
  "{\"match\":{\"left\":" left ",\"op\":\"" operator"\",\"right\":" right "}}"
/* A network device together with an address. */
#define PAIR(device, family, address) "{\"concat\":[" META (device) "," FIELD (family, address) "]}"
#define VERDICTS(key, map)            "{\"vmap\":{\"key\":" key ",\"data\":\"@" map "\"}}"
#define IN_SET(key, set)              MATCH (key, "==", "\"@" set "\"")

#define FROM_CLIENT     MATCH (META ("iifname"), "==", CLIENTS)
#define NOT_FROM_CLIENT MATCH (META ("iifname"), "!=", CLIENTS)
#define TO_CLIENT       MATCH (META ("oifname"), "==", CLIENTS)
#define ABROAD                                                                                     \
  MATCH (META ("oifname"), "!=", CLIENTS) COMMA MATCH (META ("oifname"), "!=", "\"lo\"")
#define AN_ANSWER                  MATCH ("{\"ct\":{\"key\":\"state\"}}", "in", "[\"established\",\"related\"]")
#define A_BEGINNING                MATCH ("{\"ct\":{\"key\":\"state\"}}", "in", "[\"new\",\"invalid\"]")
#define TO_NETWORKS(family, set)   MATCH (FIELD (family, "daddr"), "==", "\"@" set "\"")
#define FROM_NETWORKS(family, set) IN_SET (FIELD (family, "saddr"), set)
#define NAME_SERVICE(protocol)     MATCH (FIELD (protocol, "dport"), "==", "53")
#define FIRST_OF_TCP                                                                               \
  MATCH ("{\"&\":[" FIELD ("tcp", "flags") ",[\"syn\",\"rst\"]]}", "==", "\"syn\"")
#define FIT_INTO_PATH                                                                              \
  "{\"mangle\":{\"key\":{\"tcp option\":{\"name\":\"maxseg\",\"field\":\"size\"}},"                \
  "\"value\":{\"rt\":{\"key\":\"mtu\"}}}}"
#define MASQUERADE  "{\"masquerade\":null}"
#define ACCEPT      "{\"accept\":null}"
#define DROP        "{\"drop\":null}"
#define NO_ROUTE    "{\"reject\":{\"type\":\"icmpv6\",\"expr\":\"no-route\"}}"
#define COUNT       "{\"counter\":null}"
#define JUMP(chain) "{\"jump\":{\"target\":\"" chain "\"}}"
#define GOTO(chain) "{\"goto\":{\"target\":\"" chain "\"}}"

static const struct
{
  const char *kind;
  const char *name;
  const char *definition;
} containers[] = {
  { "map", "sources4", "\"type\":[\"ifname\",\"ipv4_addr\"],\"map\":\"verdict\"" },
  { "map", "sources6", "\"type\":[\"ifname\",\"ipv6_addr\"],\"map\":\"verdict\"" },
  { "set", "behind4", "\"type\":[\"ifname\",\"ipv4_addr\"],\"flags\":[\"interval\"]" },
  { "set", "behind6", "\"type\":[\"ifname\",\"ipv6_addr\"],\"flags\":[\"interval\"]" },
  /* What sessions reach, elsewhere and here.  Their sources are known to be theirs by then. */
  { "map", "reach", "\"type\":\"ifname\",\"map\":\"verdict\"" },
  { "map", "reach_here", "\"type\":\"ifname\",\"map\":\"verdict\"" },
  { "set", "told4", "\"type\":[\"ifname\",\"ipv4_addr\"]" },
  { "set", "told6", "\"type\":[\"ifname\",\"ipv6_addr\"]" },
  { "set", "seeing", "\"type\":\"ifname\"" },
  { "set", "home4", "\"type\":\"ipv4_addr\",\"flags\":[\"interval\"]" },
  { "set", "home6", "\"type\":\"ipv6_addr\",\"flags\":[\"interval\"]" },
};

#define HOOK(type, hook, priority)                                                                 \
  ",\"type\":\"" type "\",\"hook\":\"" hook "\",\"prio\":" priority ",\"policy\":\"accept\""

static const struct
{
  const char *name;
  const char *hook;
} chains[] = {
  { "told", "" },
  { "name_service", "" },
  { "reach_home", "" },
  { "reach_internet", "" },
  { "between_clients", "" },
  { "from_client", "" },
  { "to_client", "" },
  { "check_source", HOOK ("filter", "prerouting", "-300") }, /* before conntrack */
  { "clamp", HOOK ("filter", "forward", "-150") },
  { "forward", HOOK ("filter", "forward", "0") },
  { "input", HOOK ("filter", "input", "0") },
  { "output", HOOK ("filter", "output", "0") },
  { "translate", HOOK ("nat", "postrouting", "100") },
};

static const struct
{
  const char *chain;
  const char *expressions;
} rules[] = {
  { "check_source", NOT_FROM_CLIENT COMMA ACCEPT },
  { "check_source", VERDICTS (PAIR ("iifname", "ip", "saddr"), "sources4") },
  { "check_source", VERDICTS (PAIR ("iifname", "ip6", "saddr"), "sources6") },
  { "check_source", IN_SET (PAIR ("iifname", "ip", "saddr"), "behind4") COMMA ACCEPT },
  { "check_source", IN_SET (PAIR ("iifname", "ip6", "saddr"), "behind6") COMMA ACCEPT },
  { "check_source", COUNT COMMA DROP },

  { "clamp", FROM_CLIENT COMMA FIRST_OF_TCP COMMA FIT_INTO_PATH },
  { "clamp", TO_CLIENT COMMA FIRST_OF_TCP COMMA FIT_INTO_PATH },

  { "forward", FROM_CLIENT COMMA GOTO ("from_client") },
  { "forward", TO_CLIENT COMMA GOTO ("to_client") },

  { "to_client", AN_ANSWER COMMA ACCEPT },
  { "to_client", FROM_NETWORKS ("ip", "home4")
                     COMMA IN_SET (PAIR ("oifname", "ip", "daddr"), "behind4") COMMA ACCEPT },
  { "to_client", FROM_NETWORKS ("ip6", "home6")
                     COMMA IN_SET (PAIR ("oifname", "ip6", "daddr"), "behind6") COMMA ACCEPT },
  { "to_client", DROP },

  { "between_clients",
    IN_SET (META ("iifname"), "seeing") COMMA IN_SET (META ("oifname"), "seeing") COMMA ACCEPT },
  { "between_clients", DROP },

  { "told",
    NAME_SERVICE ("udp") COMMA IN_SET (PAIR ("iifname", "ip", "daddr"), "told4") COMMA ACCEPT },
  { "told",
    NAME_SERVICE ("tcp") COMMA IN_SET (PAIR ("iifname", "ip", "daddr"), "told4") COMMA ACCEPT },
  { "told",
    NAME_SERVICE ("udp") COMMA IN_SET (PAIR ("iifname", "ip6", "daddr"), "told6") COMMA ACCEPT },
  { "told",
    NAME_SERVICE ("tcp") COMMA IN_SET (PAIR ("iifname", "ip6", "daddr"), "told6") COMMA ACCEPT },

  { "reach_home", TO_NETWORKS ("ip", "home4") COMMA ACCEPT },
  { "reach_home", TO_NETWORKS ("ip6", "home6") COMMA ACCEPT },

  { "reach_internet", JUMP ("told") },
  { "reach_internet", TO_NETWORKS ("ip", "home4") COMMA DROP },
  { "reach_internet", TO_NETWORKS ("ip6", "home6") COMMA DROP },
  { "reach_internet", ACCEPT },

  /* The kernel's own multicast reports: its devices for clients have no link-local address. */
  { "output", TO_CLIENT COMMA MATCH (FIELD ("ip6", "saddr"), "==", "\"::\"") COMMA DROP },

  { "input", VERDICTS (META ("iifname"), "reach_here") },
  { "input", FROM_CLIENT COMMA GOTO ("name_service") },
  { "name_service", NAME_SERVICE ("udp") COMMA ACCEPT },
  { "name_service", NAME_SERVICE ("tcp") COMMA ACCEPT },
  { "name_service", MATCH (META ("l4proto"), "==", CONTROL_MESSAGES) COMMA ACCEPT },
  { "name_service", DROP },
};

/* What falls through the map, or comes back from a session's own chain, was told at best. */
static const struct
{
  const char *chain;
  const char *expressions;
} last_rules[] = {
  { "from_client", VERDICTS (META ("iifname"), "reach") },
  { "from_client", JUMP ("told") },
  { "from_client", DROP },
};

/* NULL: its chain, or the end of the list. */
static const struct
{
  const char *elsewhere;
  const char *here;
} reach_verdicts[] = {
  [SP_REACH_EVERYTHING] = { ACCEPT, ACCEPT },
  [SP_REACH_HOME] = { JUMP ("reach_home"), ACCEPT },
  [SP_REACH_COMPUTER] = { NULL, ACCEPT },
  [SP_REACH_INTERNET] = { GOTO ("reach_internet"), NULL },
  [SP_REACH_HOSTS] = { NULL, NULL },
};

G_STATIC_ASSERT (G_N_ELEMENTS (reach_verdicts) == SP_REACH_LAST + 1);

static void
begin_command (GString *text)
{
  if (text->len > 0)
    g_string_append_c (text, ',');
}

static void
append_rule (GString *text, const char *chain, const char *expressions)
{
  begin_command (text);
  g_string_append_printf (text, "{\"add\":{\"rule\":{" TABLE ",\"chain\":\"%s\",\"expr\":[%s]}}}",
                          chain, expressions);
}

static void
append_containers (GString *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    {
      begin_command (text);
      g_string_append_printf (text, "{\"add\":{\"%s\":{" TABLE ",\"name\":\"%s\",%s}}}",
                              containers[i].kind, containers[i].name, containers[i].definition);
    }
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      begin_command (text);
      g_string_append_printf (text, "{\"add\":{\"chain\":{" TABLE ",\"name\":\"%s\"%s}}}",
                              chains[i].name, chains[i].hook);
    }
}

static void
append_prefix (GString *text, const SpNetwork *network)
{
  char address[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (network->address, address);
  g_string_append_printf (text, "{\"prefix\":{\"addr\":\"%s\",\"len\":%u}}", address,
                          sp_network_prefix (network));
}

/* Sets of single addresses take no prefixes. */
static void
append_network (GString *text, const SpNetwork *network)
{
  char address[SP_ENDPOINT_TEXT_MAX];

  if (network->length < 8 * SP_ADDRESS_SIZE)
    {
      append_prefix (text, network);
      return;
    }
  sp_address_to_text (network->address, address);
  g_string_append_printf (text, "\"%s\"", address);
}

/* What comes from a pool, and what comes from behind clients where this is the fate of any. */
static const struct
{
  SpFirewallFate fate;
  const char *chain;
  const char *action;
  const char *behind4;
  const char *behind6;
} fates[] = {
  { SP_FIREWALL_REFUSE, "from_client", NO_ROUTE, NULL,
    IN_SET (PAIR ("iifname", "ip6", "saddr"), "behind6") COMMA NO_ROUTE },
  { SP_FIREWALL_MASQUERADE, "translate", ABROAD COMMA MASQUERADE,
    IN_SET (PAIR ("iifname", "ip", "saddr"), "behind4") COMMA ABROAD COMMA MASQUERADE,
    IN_SET (PAIR ("iifname", "ip6", "saddr"), "behind6") COMMA ABROAD COMMA MASQUERADE },
};

static void
append_pool (GString *text, const SpNetwork *pool, const char *chain, const char *action)
{
  g_autoptr (GString) expressions = g_string_new (NULL);

  g_string_append_printf (expressions, "{\"match\":{\"left\":%s,\"op\":\"==\",\"right\":",
                          sp_network_is_ipv4 (pool) ? FIELD ("ip", "saddr")
                                                    : FIELD ("ip6", "saddr"));
  append_prefix (expressions, pool);
  g_string_append_printf (expressions, "}},%s", action);
  append_rule (text, chain, expressions->str);
}

static void
append_fate (GString *text, const SpFirewallPlan *plan, SpFirewallFate fate)
{
  gboolean has_ipv4 = FALSE, has_ipv6 = FALSE;
  guint row = 0;

  while (fates[row].fate != fate)
    row++;
  for (guint i = 0; i < plan->n_pools; i++)
    {
      const SpNetwork *network = &plan->pools[i].network;

      if (plan->pools[i].fate != fate)
        continue;
      append_pool (text, network, fates[row].chain, fates[row].action);
      has_ipv4 |= sp_network_is_ipv4 (network);
      has_ipv6 |= !sp_network_is_ipv4 (network);
    }
  if (has_ipv4 && fates[row].behind4 != NULL)
    append_rule (text, fates[row].chain, fates[row].behind4);
  if (has_ipv6)
    append_rule (text, fates[row].chain, fates[row].behind6);
}

static void
append_datagram_port (GString *text, guint16 port)
{
  static const char *const inside[] = {
    MATCH (META ("oifname"), "==", "\"lo\""),
    TO_CLIENT,
    TO_NETWORKS ("ip", "home4"),
    TO_NETWORKS ("ip6", "home6"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autofree char *expressions =
          g_strdup_printf (MATCH (FIELD ("udp", "sport"), "==", "%u") COMMA
                           "%s" COMMA A_BEGINNING COMMA COUNT COMMA DROP,
                           port, inside[i]);

      append_rule (text, "output", expressions);
    }
}

/* The kernel refuses intervals that overlap: one that lies in another, or is its copy, is left out.
 */
static gboolean
is_covered (const SpNetwork *networks, guint n_networks, guint number)
{
  const SpNetwork *network = &networks[number];

  for (guint i = 0; i < n_networks; i++)
    {
      const SpNetwork *other = &networks[i];
      if (i != number && sp_network_overlaps (other, network) &&
          (other->length < network->length || (other->length == network->length && i < number)))
        return TRUE;
    }
  return FALSE;
}

static void
append_home_networks (GString *text, const SpFirewallPlan *plan)
{
  for (guint i = 0; i < plan->n_home_networks; i++)
    {
      if (is_covered (plan->home_networks, plan->n_home_networks, i))
        continue;
      begin_command (text);
      g_string_append_printf (text, "{\"add\":{\"element\":{" TABLE ",\"name\":\"%s\",\"elem\":[",
                              sp_network_is_ipv4 (&plan->home_networks[i]) ? "home4" : "home6");
      append_prefix (text, &plan->home_networks[i]);
      g_string_append (text, "]}}}");
    }
}

#define NAMED_TABLE "{\"table\":{\"family\":\"inet\",\"name\":\"" SP_FIREWALL_TABLE "\"}}"

void
sp_firewall_rules_append_removal (GString *text)
{
  begin_command (text);
  /* Added first, so that there is one to delete. */
  g_string_append (text, "{\"add\":" NAMED_TABLE "},{\"delete\":" NAMED_TABLE "}");
}

void
sp_firewall_rules_append_table (GString *text, const SpFirewallPlan *plan)
{
  sp_firewall_rules_append_removal (text);
  begin_command (text);
  g_string_append (text, "{\"add\":" NAMED_TABLE "}");
  append_containers (text);
  append_home_networks (text, plan);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    append_rule (text, rules[i].chain, rules[i].expressions);
  append_rule (text, "from_client", TO_CLIENT COMMA GOTO ("between_clients"));
  append_fate (text, plan, SP_FIREWALL_REFUSE);
  for (guint i = 0; i < G_N_ELEMENTS (last_rules); i++)
    append_rule (text, last_rules[i].chain, last_rules[i].expressions);
  for (guint i = 0; i < SP_DATAGRAM_PORTS_MAX; i++)
    if (plan->datagram_ports[i] != 0)
      append_datagram_port (text, plan->datagram_ports[i]);
  append_fate (text, plan, SP_FIREWALL_MASQUERADE);
}

static gboolean
device_is_ours (const char *device, GError **error)
{
  guint64 number;

  if (g_str_has_prefix (device, SP_TUN_PREFIX) &&
      g_ascii_string_to_unsigned (device + strlen (SP_TUN_PREFIX), 10, 0, G_MAXUINT16, &number,
                                  NULL))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "Not a client's device: %s", device);
  return FALSE;
}

/* One element: `key` is JSON, `value` (or NULL) a verdict. */
static void
append_element (
    GString *text, const char *command, const char *set, const char *key, const char *value)
{
  begin_command (text);
  g_string_append_printf (
      text, "{\"%s\":{\"element\":{" TABLE ",\"name\":\"%s\",\"elem\":[%s%s%s%s%s]}}}", command,
      set, value != NULL ? "[" : "", key, value != NULL ? "," : "", value != NULL ? value : "",
      value != NULL ? "]" : "");
}

/* Of the set for its family: "sources" means sources4 or sources6. */
static void
append_pair (GString *text,
             const char *command,
             const char *sets,
             const char *device,
             const SpNetwork *network,
             const char *value)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autofree char *set = g_strdup_printf ("%s%c", sets, sp_network_is_ipv4 (network) ? '4' : '6');

  g_string_append_printf (key, "{\"concat\":[\"%s\",", device);
  append_network (key, network);
  g_string_append (key, "]}");
  append_element (text, command, set, key->str, value);
}

static void
append_address (GString *text,
                const char *command,
                const char *sets,
                const char *device,
                const guint8 *address,
                const char *value)
{
  SpNetwork network = { .length = 8 * SP_ADDRESS_SIZE };

  memcpy (network.address, address, SP_ADDRESS_SIZE);
  if (!sp_address_is_unset (address))
    append_pair (text, command, sets, device, &network, value);
}

#define TO_HOSTS "to_hosts_" /* and the name of the device */

static void
append_host_rule (GString *text, const char *chain, const SpFirewallHost *host)
{
  g_autoptr (GString) expressions = g_string_new (NULL);

  g_string_append_printf (expressions, "{\"match\":{\"left\":%s,\"op\":\"==\",\"right\":",
                          sp_network_is_ipv4 (&host->network) ? FIELD ("ip", "daddr")
                                                              : FIELD ("ip6", "daddr"));
  append_network (expressions, &host->network);
  g_string_append (expressions, "}},");
  if (host->protocol != 0)
    g_string_append_printf (expressions,
                            MATCH (META ("l4proto"), "==", "%u")
                                COMMA MATCH (FIELD ("th", "dport"), "==", "{\"range\":[%u,%u]}")
                                    COMMA,
                            host->protocol, host->first_port, host->last_port);
  g_string_append (expressions, ACCEPT);
  append_rule (text, chain, expressions->str);
}

static gboolean
has_chain (const SpFirewallSession *session)
{
  return session->reach == SP_REACH_HOSTS && session->n_hosts > 0;
}

/* The one thing that is a chain for each session which has it: hosts may overlap, and the kernel
 * takes no elements that do. */
static void
append_hosts (GString *text, const SpFirewallSession *session)
{
  g_autofree char *chain = g_strconcat (TO_HOSTS, session->device, NULL);

  begin_command (text);
  g_string_append_printf (text, "{\"add\":{\"chain\":{" TABLE ",\"name\":\"%s\"}}}", chain);
  for (guint i = 0; i < session->n_hosts; i++)
    append_host_rule (text, chain, &session->hosts[i]);
}

/* What is removed twice makes the transaction fail. */
static gboolean
is_repeated (const SpFirewallSession *session, guint number)
{
  for (guint i = 0; i < number; i++)
    if (memcmp (session->name_servers + i * SP_ADDRESS_SIZE,
                session->name_servers + number * SP_ADDRESS_SIZE, SP_ADDRESS_SIZE) == 0)
      return TRUE;
  return FALSE;
}

static void
append_elements (GString *text, const char *command, const SpFirewallSession *session)
{
  const char *elsewhere = reach_verdicts[session->reach].elsewhere;
  const char *here = reach_verdicts[session->reach].here;
  const char *own = session->silent ? DROP : ACCEPT;
  g_autofree char *device = g_strdup_printf ("\"%s\"", session->device);
  g_autofree char *hosts =
      g_strdup_printf ("{\"jump\":{\"target\":\"" TO_HOSTS "%s\"}}", session->device);

  append_address (text, command, "sources", session->device, session->ipv4, own);
  append_address (text, command, "sources", session->device, session->ipv6, own);
  if (has_chain (session))
    elsewhere = here = hosts;
  if (elsewhere != NULL)
    append_element (text, command, "reach", device, elsewhere);
  if (here != NULL)
    append_element (text, command, "reach_here", device, here);
  for (guint i = 0; i < session->n_name_servers; i++)
    if (!is_repeated (session, i))
      append_address (text, command, "told", session->device,
                      session->name_servers + i * SP_ADDRESS_SIZE, NULL);
  for (guint i = 0; i < session->n_behind && !session->silent; i++)
    if (!is_covered (session->behind, session->n_behind, i))
      append_pair (text, command, "behind", session->device, &session->behind[i], NULL);
  if (session->sees_others)
    append_element (text, command, "seeing", device, NULL);
}

gboolean
sp_firewall_rules_append_session (GString *text, const SpFirewallSession *session, GError **error)
{
  if (!device_is_ours (session->device, error))
    return FALSE;
  if (has_chain (session))
    append_hosts (text, session);
  append_elements (text, "add", session);
  return TRUE;
}

void
sp_firewall_rules_append_departure (GString *text, const SpFirewallSession *session)
{
  append_elements (text, "delete", session);
  if (!has_chain (session))
    return;
  begin_command (text);
  g_string_append_printf (text,
                          "{\"flush\":{\"chain\":{" TABLE ",\"name\":\"" TO_HOSTS "%s\"}}},"
                          "{\"delete\":{\"chain\":{" TABLE ",\"name\":\"" TO_HOSTS "%s\"}}}",
                          session->device, session->device);
}
