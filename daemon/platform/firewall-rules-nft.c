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
#define VERDICTS(family, map)                                                                      \
  "{\"vmap\":{\"key\":{\"concat\":[" META ("iifname") "," FIELD (                                  \
      family, "saddr") "]},"                                                                       \
                       "\"data\":\"@" map "\"}}"

#define FROM_CLIENT     MATCH (META ("iifname"), "==", CLIENTS)
#define NOT_FROM_CLIENT MATCH (META ("iifname"), "!=", CLIENTS)
#define TO_CLIENT       MATCH (META ("oifname"), "==", CLIENTS)
#define ABROAD                                                                                     \
  MATCH (META ("oifname"), "!=", CLIENTS) COMMA MATCH (META ("oifname"), "!=", "\"lo\"")
#define AN_ANSWER                MATCH ("{\"ct\":{\"key\":\"state\"}}", "in", "[\"established\",\"related\"]")
#define TO_NETWORKS(family, set) MATCH (FIELD (family, "daddr"), "==", "\"@" set "\"")
#define NAME_SERVICE(protocol)   MATCH (FIELD (protocol, "dport"), "==", "53")
#define FIRST_OF_TCP                                                                               \
  MATCH ("{\"&\":[" FIELD ("tcp", "flags") ",[\"syn\",\"rst\"]]}", "==", "\"syn\"")
#define FIT_INTO_PATH                                                                              \
  "{\"mangle\":{\"key\":{\"tcp option\":{\"name\":\"maxseg\",\"field\":\"size\"}},"                \
  "\"value\":{\"rt\":{\"key\":\"mtu\"}}}}"
#define ACCEPT      "{\"accept\":null}"
#define DROP        "{\"drop\":null}"
#define IPV6        MATCH (META ("nfproto"), "==", "\"ipv6\"")
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
  { "map", "reach4", "\"type\":[\"ifname\",\"ipv4_addr\"],\"map\":\"verdict\"" },
  { "map", "reach6", "\"type\":[\"ifname\",\"ipv6_addr\"],\"map\":\"verdict\"" },
  { "set", "internet_only", "\"type\":\"ifname\"" },
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
  { "name_service", "" },
  { "reach_home", "" },
  { "reach_internet", "" },
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
  { "check_source", VERDICTS ("ip", "sources4") },
  { "check_source", VERDICTS ("ip6", "sources6") },
  { "check_source", COUNT COMMA DROP },

  { "clamp", FROM_CLIENT COMMA FIRST_OF_TCP COMMA FIT_INTO_PATH },
  { "clamp", TO_CLIENT COMMA FIRST_OF_TCP COMMA FIT_INTO_PATH },

  { "forward", FROM_CLIENT COMMA GOTO ("from_client") },
  { "forward", TO_CLIENT COMMA GOTO ("to_client") },

  { "to_client", AN_ANSWER COMMA ACCEPT },
  { "to_client", DROP },

  { "reach_home", TO_NETWORKS ("ip", "home4") COMMA ACCEPT },
  { "reach_home", TO_NETWORKS ("ip6", "home6") COMMA ACCEPT },
  { "reach_home", DROP },

  { "reach_internet", NAME_SERVICE ("udp") COMMA ACCEPT },
  { "reach_internet", NAME_SERVICE ("tcp") COMMA ACCEPT },
  { "reach_internet", TO_NETWORKS ("ip", "home4") COMMA DROP },
  { "reach_internet", TO_NETWORKS ("ip6", "home6") COMMA DROP },
  { "reach_internet", ACCEPT },

  /* The kernel's own multicast reports: its devices for clients have no link-local address. */
  { "output", TO_CLIENT COMMA MATCH (FIELD ("ip6", "saddr"), "==", "\"::\"") COMMA DROP },

  { "input", MATCH (META ("iifname"), "==", "\"@internet_only\"") COMMA GOTO ("name_service") },
  { "name_service", NAME_SERVICE ("udp") COMMA ACCEPT },
  { "name_service", NAME_SERVICE ("tcp") COMMA ACCEPT },
  { "name_service", MATCH (META ("l4proto"), "==", CONTROL_MESSAGES) COMMA ACCEPT },
  { "name_service", DROP },
};

/* After what the plan says about other clients. */
static const struct
{
  const char *chain;
  const char *expressions;
} last_rules[] = {
  { "from_client", VERDICTS ("ip", "reach4") },
  { "from_client", VERDICTS ("ip6", "reach6") },
  { "from_client", DROP },
};

static const char *const reach_verdicts[] = {
  [SP_REACH_EVERYTHING] = ACCEPT,
  [SP_REACH_HOME] = GOTO ("reach_home"),
  [SP_REACH_COMPUTER] = DROP,
  [SP_REACH_INTERNET] = GOTO ("reach_internet"),
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

static void
append_masquerade (GString *text, const SpNetwork *pool)
{
  g_autoptr (GString) expressions = g_string_new (NULL);

  g_string_append_printf (expressions, "{\"match\":{\"left\":%s,\"op\":\"==\",\"right\":",
                          sp_network_is_ipv4 (pool) ? FIELD ("ip", "saddr")
                                                    : FIELD ("ip6", "saddr"));
  append_prefix (expressions, pool);
  g_string_append (expressions, "}}," ABROAD ",{\"masquerade\":null}");
  append_rule (text, "translate", expressions->str);
}

/* The kernel refuses intervals that overlap: one that lies in another, or is its copy, is left out.
 */
static gboolean
is_covered (const SpFirewallPlan *plan, guint number)
{
  const SpNetwork *network = &plan->home_networks[number];

  for (guint i = 0; i < plan->n_home_networks; i++)
    {
      const SpNetwork *other = &plan->home_networks[i];
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
      if (is_covered (plan, i))
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
  append_rule (text, "from_client",
               plan->clients_see_each_other ? TO_CLIENT COMMA ACCEPT : TO_CLIENT COMMA DROP);
  if (plan->refuse_ipv6)
    append_rule (text, "from_client", IPV6 COMMA NO_ROUTE);
  for (guint i = 0; i < G_N_ELEMENTS (last_rules); i++)
    append_rule (text, last_rules[i].chain, last_rules[i].expressions);
  if (plan->masquerade_ipv4 && plan->ipv4_pool.length > 0)
    append_masquerade (text, &plan->ipv4_pool);
  if (plan->masquerade_ipv6 && plan->ipv6_pool.length > 0)
    append_masquerade (text, &plan->ipv6_pool);
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

static void
append_address (GString *text,
                const char *command,
                const char *map,
                const char *device,
                const guint8 *address,
                const char *verdict)
{
  char address_text[SP_ENDPOINT_TEXT_MAX];

  if (sp_address_is_unset (address))
    return;
  sp_address_to_text (address, address_text);
  begin_command (text);
  g_string_append_printf (text,
                          "{\"%s\":{\"element\":{" TABLE ",\"name\":\"%s%c\","
                          "\"elem\":[[{\"concat\":[\"%s\",\"%s\"]},%s]]}}}",
                          command, map, sp_address_is_ipv4 (address) ? '4' : '6', device,
                          address_text, verdict);
}

gboolean
sp_firewall_rules_append_session (GString *text,
                                  const char *command,
                                  const SpFirewallSession *session,
                                  GError **error)
{
  const char *verdict = reach_verdicts[session->reach];

  if (!device_is_ours (session->device, error))
    return FALSE;
  append_address (text, command, "sources", session->device, session->ipv4, ACCEPT);
  append_address (text, command, "sources", session->device, session->ipv6, ACCEPT);
  append_address (text, command, "reach", session->device, session->ipv4, verdict);
  append_address (text, command, "reach", session->device, session->ipv6, verdict);
  if (session->reach == SP_REACH_INTERNET)
    {
      begin_command (text);
      g_string_append_printf (
          text, "{\"%s\":{\"element\":{" TABLE ",\"name\":\"internet_only\",\"elem\":[\"%s\"]}}}",
          command, session->device);
    }
  return TRUE;
}
