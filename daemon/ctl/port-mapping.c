/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping.h"

#include "client.h"
#include "json.h"
#include "text.h"

/* The router that is asked to forward the server's ports. */

/* The words of the states; a state that is not here is shown as it is. */
static const struct
{
  const char *state;
  const char *words;
} states[] = {
  { "off", "off" },
  { "waiting", "waiting until there is a router" },
  { "not-needed", "not needed, since this computer has a public address" },
  { "asking", "asking" },
  { "mapped", "the router forwards the port" },
  { "refused", "the router refuses to" },
  { "taken", "the router forwards the port to another computer" },
  { "no-router", "no router answers" },
  { "failed", "failed" },
};

/* And of IPv6, where a router forwards nothing, but may keep everybody out. */
static const struct
{
  const char *state;
  const char *words;
} ipv6_states[] = {
  { "off", "off" },
  { "waiting", "waiting until there is a public address and a router" },
  { "asking", "asking" },
  { "mapped", "the router lets the ports in" },
  { "refused", "the router refuses to let the ports in" },
  { "taken", "the router lets people in elsewhere" },
  { "no-router", "the router does not answer" },
  { "failed", "failed" },
};

static char *
find_text (GVariant *facts, const char *key)
{
  const char *text = "";

  (void) g_variant_lookup (facts, key, "&s", &text);
  return sp_text_printable (text);
}

static void
print_fact (GVariant *facts, const char *title, const char *key)
{
  g_autofree char *text = find_text (facts, key);

  if (text[0] != '\0')
    g_print ("%s%s\n", title, text);
}

static void
print_ports (GVariant *facts)
{
  guint32 port = 0;
  guint32 udp_port = 0;

  (void) g_variant_lookup (facts, "Port", "u", &port);
  (void) g_variant_lookup (facts, "UdpPort", "u", &udp_port);
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
  g_autofree char *state = ipv6 != NULL ? find_text (ipv6, "State") : NULL;
  g_autofree char *address = ipv6 != NULL ? find_text (ipv6, "Address") : NULL;
  const char *words = state;

  if (state == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (ipv6_states); i++)
    if (g_str_equal (ipv6_states[i].state, state))
      words = ipv6_states[i].words;
  g_print ("IPv6:        %s%s%s\n", words, address[0] != '\0' ? " to " : "", address);
  print_fact (ipv6, "IPv6 advice: ", "Text");
}

static const char *
find_words (const char *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].state, state))
      return states[i].words;
  return state;
}

static void
print_facts (GVariant *facts)
{
  g_autofree char *state = find_text (facts, "State");
  g_autofree char *udp_state = find_text (facts, "UdpState");

  g_print ("State:       %s\n", find_words (state));
  if (udp_state[0] != '\0')
    g_print ("UDP:         %s\n", find_words (udp_state));
  print_ports (facts);
  print_fact (facts, "Outside:     ", "Address");
  print_fact (facts, "Asked by:    ", "Way");
  print_fact (facts, "Advice:      ", "Text");
  print_ipv6 (facts);
}

static void
add_data (SpJson *json, GVariant *facts)
{
  static const char *const texts[][2] = { { "state", "State" },   { "udp-state", "UdpState" },
                                          { "way", "Way" },       { "address", "Address" },
                                          { "reason", "Reason" }, { "text", "Text" } };
  guint32 port = 0;
  guint32 udp_port = 0;
  guint64 until = 0;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = find_text (facts, texts[i][1]);

      sp_json_text (json, texts[i][0], text);
    }
  (void) g_variant_lookup (facts, "Port", "u", &port);
  (void) g_variant_lookup (facts, "UdpPort", "u", &udp_port);
  (void) g_variant_lookup (facts, "Until", "t", &until);
  sp_json_number (json, "port", port);
  sp_json_number (json, "udp-port", udp_port);
  sp_json_time (json, "until", until);
}

static void
print_data (GVariant *facts)
{
  g_autoptr (GVariant) ipv6 = g_variant_lookup_value (facts, "Ipv6", G_VARIANT_TYPE_VARDICT);
  SpJson json;

  sp_json_init (&json);
  add_data (&json, facts);
  if (ipv6 != NULL)
    {
      sp_json_open (&json, "ipv6", '{');
      add_data (&json, ipv6);
      sp_json_close (&json, '}');
    }
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_port_mapping_show (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  g_autoptr (SpClient) client = NULL;
  GVariant *facts;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  facts = sp_bus_server_get_port_mapping (client->server);
  if (facts == NULL)
    {
      g_set_error_literal (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                           "this server is too old for port mapping");
      return SP_EXIT_FAILED;
    }
  if (control->json)
    print_data (facts);
  else
    print_facts (facts);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_port_mapping_renew (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  g_autoptr (SpClient) client = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_renew_port_mapping_sync (client->server, sp_client_no_options (),
                                                   client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "state", "asking");
      sp_json_print (&json);
    }
  else
    g_print ("The router is being asked; see “" SP_CTL_NAME " port-mapping show”.\n");
  return SP_EXIT_OK;
}
