/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping.h"

#include "condition.h"
#include "facts.h"

/* The router that is asked to forward the server's ports. */

static const SpConditionWords states[] = {
  { "off", "off" },
  { "waiting", "waiting until there is a router" },
  { "not-needed", "not needed, since this computer has a public address" },
  { "asking", "asking" },
  { "mapped", "the router forwards the port" },
  { "refused", "the router refuses to" },
  { "taken", "the router forwards the port to another computer" },
  { "no-router", "no router answers" },
  { "failed", "failed" },
  { NULL, NULL },
};

/* And of IPv6, where a router forwards nothing, but may keep everybody out. */
static const SpConditionWords ipv6_states[] = {
  { "off", "off" },
  { "waiting", "waiting until there is a public address and a router" },
  { "asking", "asking" },
  { "mapped", "the router lets the ports in" },
  { "refused", "the router refuses to let the ports in" },
  { "taken", "the router lets people in elsewhere" },
  { "no-router", "the router does not answer" },
  { "failed", "failed" },
  { NULL, NULL },
};

static const char *const texts[] = {
  "State", "UdpState", "Way", "Address", "Reason", "Text", NULL
};

static guint32
find_port (GVariant *facts, const char *name)
{
  guint32 port = 0;

  (void) g_variant_lookup (facts, name, "u", &port);
  return port;
}

static void
print_ports (GVariant *facts)
{
  guint32 port = find_port (facts, "Port");
  guint32 udp_port = find_port (facts, "UdpPort");

  if (port != 0 && udp_port != 0)
    g_print ("Ports:       TCP %u, UDP %u\n", port, udp_port);
  else if (port != 0)
    g_print ("Ports:       TCP %u\n", port);
  else if (udp_port != 0)
    g_print ("Ports:       UDP %u; nobody connects without TCP\n", udp_port);
}

static void
print_ipv6 (GVariant *facts)
{
  g_autoptr (GVariant) ipv6 = g_variant_lookup_value (facts, "Ipv6", G_VARIANT_TYPE_VARDICT);
  g_autofree char *state = ipv6 != NULL ? sp_facts_show_text (ipv6, "State") : NULL;
  g_autofree char *address = ipv6 != NULL ? sp_facts_show_text (ipv6, "Address") : NULL;

  if (state == NULL)
    return;
  g_print ("IPv6:        %s%s%s\n", sp_condition_find_words (ipv6_states, state),
           address[0] != '\0' ? " to " : "", address);
  sp_condition_print_text (ipv6, "IPv6 advice: ", "Text");
}

static void
print_more (GVariant *facts)
{
  g_autofree char *udp_state = sp_facts_show_text (facts, "UdpState");

  if (udp_state[0] != '\0')
    g_print ("UDP:         %s\n", sp_condition_find_words (states, udp_state));
  print_ports (facts);
  sp_condition_print_text (facts, "Outside:     ", "Address");
  sp_condition_print_text (facts, "Asked by:    ", "Way");
  sp_condition_print_text (facts, "Advice:      ", "Text");
  print_ipv6 (facts);
}

static void
tell_ports (SpJson *json, GVariant *facts)
{
  sp_json_number (json, "port", find_port (facts, "Port"));
  sp_json_number (json, "udp-port", find_port (facts, "UdpPort"));
  sp_condition_tell_time (json, facts, "Until");
}

static void
tell_more (SpJson *json, GVariant *facts)
{
  g_autoptr (GVariant) ipv6 = g_variant_lookup_value (facts, "Ipv6", G_VARIANT_TYPE_VARDICT);

  tell_ports (json, facts);
  if (ipv6 == NULL)
    return;
  sp_json_open (json, "ipv6", '{');
  sp_condition_tell_texts (json, ipv6, texts);
  tell_ports (json, ipv6);
  sp_json_close (json, '}');
}

static const SpCondition condition = {
  .what = "port mapping",
  .get = sp_bus_server_get_port_mapping,
  .states = states,
  .print_more = print_more,
  .texts = texts,
  .tell_more = tell_more,
  .call = sp_bus_server_call_renew_port_mapping_sync,
  .called = "asking",
  .called_words = "The router is being asked; see “" SP_CTL_NAME " port-mapping show”.",
};

SpExitStatus
sp_ctl_port_mapping_show (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  return sp_condition_show (&condition, control, self, arguments, error);
}

SpExitStatus
sp_ctl_port_mapping_renew (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  return sp_condition_call (&condition, control, self, arguments, error);
}
