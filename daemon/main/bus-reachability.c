/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-reachability.h"

#include "base/io.h"
#include "base/secret.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "health.h"
#include "port-mapping.h"
#include "secret-file.h"
#include "server-reachability.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define HOST_MAX  253 /* bytes of a name (RFC 1035 2.3.4) */
#define VALID_MIN 5   /* seconds */
#define VALID_MAX 3600

/* --- the verdict --- */

/* Which verdicts are something to look after; others are good, or told elsewhere. */
static const struct
{
  const char *id;
  const char *severity;
} troubles[SP_REACH_VERDICTS] = {
  [SP_REACH_TCP_ONLY] = { "tcp-only", "warning" },
  [SP_REACH_UDP_ONLY] = { "udp-only", "problem" },
  [SP_REACH_SHARED] = { "shared-address", "problem" },
  [SP_REACH_TRANSLATED] = { "translated-address", "problem" },
  [SP_REACH_NAME_NOT_KNOWN] = { "name-unknown", "problem" },
  [SP_REACH_PRIVATE_NAME] = { "name-private", "warning" },
  [SP_REACH_WRONG_NAME] = { "name-elsewhere", "problem" },
  [SP_REACH_WRONG_IPV6] = { "ipv6-elsewhere", "warning" },
  [SP_REACH_SECOND_ROUTER] = { "second-router", "problem" },
  [SP_REACH_IPV6_ONLY] = { "ipv6-only", "warning" },
  [SP_REACH_ROUTER_CLOSED] = { "not-reached", "warning" },
  [SP_REACH_PORT_CLOSED] = { "not-reached", "warning" },
};

static const SpSettings *
get_applied (SpServer *server)
{
  return sp_configuration_get (sp_server_get_configuration (server));
}

static SpReachForwards
find_forwards (const SpPortMappingStatus *mapping)
{
  if (mapping->state == SP_PORT_MAPPING_MAPPED)
    return mapping->udp_state == SP_PORT_MAPPING_MAPPED ? SP_REACH_FORWARDS_ALL
                                                        : SP_REACH_FORWARDS_TCP;
  return mapping->udp_state == SP_PORT_MAPPING_MAPPED ? SP_REACH_FORWARDS_UDP
                                                      : SP_REACH_FORWARDS_NOTHING;
}

static void
collect (SpServer *server, const SpReachBlocked *blocked, SpReachFacts *facts)
{
  const SpSettings *settings = sp_server_get_settings (server);
  SpPortMappingStatus mapping;
  const SpSettings *now = get_applied (server);

  *facts = (SpReachFacts){ .is_on = sp_server_get_state (server) == SP_SERVER_ON,
                           .tcp_blocked = blocked->tcp,
                           .udp_blocked = blocked->udp,
                           .wants_udp = settings->udp_port != 0,
                           .is_behind_proxy = now->proxies.n > 0,
                           .now = g_get_real_time () };
  sp_reachability_collect (sp_server_get_reachability (server), facts);
  sp_server_get_port_mapping (server, &mapping);
  facts->forwards = find_forwards (&mapping);
  facts->parted_at = mapping.parted_at;
  sp_server_get_pinholes (server, &mapping);
  facts->ipv6_denied = mapping.is_denied;
}

/* The router's own address, as it says; NULL: it does not. */
static char *
find_outside (const SpPortMappingStatus *mapping)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_address_is_unset (mapping->address))
    return NULL;
  sp_address_to_text (mapping->address, text);
  return g_strdup (text);
}

static void
add_text (GVariantBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (text));
}

static void
add_time (GVariantBuilder *builder, const char *name, gint64 time)
{
  if (time != 0)
    g_variant_builder_add (builder, "{sv}", name, g_variant_new_uint64 ((guint64) time));
}

static void
add_place (GVariantBuilder *builder, const SpReachPlace *place)
{
  add_text (builder, "Address", place->address);
  add_text (builder, "Router", place->router);
  add_text (builder, "Outside", place->outside);
  add_text (builder, "Seen", place->seen);
  add_text (builder, "Name", place->name);
  add_text (builder, "NameLeadsTo", place->leads);
  add_text (builder, "Reason", place->reason);
  g_variant_builder_add (builder, "{sv}", "Port", g_variant_new_uint32 (place->port));
  g_variant_builder_add (builder, "{sv}", "UdpPort", g_variant_new_uint32 (place->udp_port));
}

static GVariant *
write_property (SpServer *server,
                const SpReachFacts *facts,
                const SpReachTold *told,
                const SpReachPlace *place,
                const char *text)
{
  SpReachability *reachability = sp_server_get_reachability (server);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  gint64 opened_at;
  const char *opener = sp_reachability_get_opener (reachability, &opened_at);

  add_text (&builder, "Verdict", sp_reach_verdict_to_string (told->verdict));
  add_text (&builder, "Text", text);
  add_time (&builder, "Since", told->since);
  add_time (&builder, "ProvenAt", facts->proven_at);
  add_time (&builder, "TcpAt", facts->tcp_at);
  add_time (&builder, "UdpAt", facts->udp_at);
  add_text (&builder, "Ipv4", sp_address_kind_to_string (facts->ipv4));
  add_text (&builder, "Ipv6", sp_address_kind_to_string (facts->ipv6));
  add_place (&builder, place);
  add_text (&builder, "Test", sp_reach_test_to_string (facts->test));
  add_time (&builder, "TestUntil", sp_reachability_get_test_end (reachability));
  add_text (&builder, "OpenedFrom", opener);
  add_time (&builder, "OpenedAt", opened_at);
  return g_variant_builder_end (&builder);
}

static void
add_entry (GVariantBuilder *entries,
           SpReachVerdict verdict,
           const SpReachPlace *place,
           const char *text)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&details, "Text", text);
  add_text (&details, "Verdict", sp_reach_verdict_to_string (verdict));
  add_place (&details, place);
  if (verdict == SP_REACH_WRONG_NAME)
    g_variant_builder_add (&details, "{sv}", "Dynamic", g_variant_new_boolean (place->is_dynamic));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, troubles[verdict].id, troubles[verdict].severity,
                         &details);
}

void
sp_bus_reachability_tell (SpServer *server,
                          const SpReachBlocked *blocked,
                          SpReachTold *told,
                          SpBusServer *bus,
                          GVariantBuilder *entries)
{
  SpReachability *reachability = sp_server_get_reachability (server);
  const SpSettings *settings = sp_server_get_settings (server);
  g_autofree char *address = sp_reachability_find_address (reachability);
  g_autofree char *router = sp_surroundings_get_router (sp_server_get_surroundings (server));
  SpPortMappingStatus mapping;
  g_autofree char *outside = NULL;
  g_autofree char *seen = sp_reachability_find_seen (reachability);
  g_autofree char *leads = NULL;
  const char *name = sp_reachability_get_name (reachability, &leads);
  SpReachPlace place = { .port = settings->port,
                         .udp_port = settings->udp_port,
                         .address = address,
                         .router = router,
                         .seen = seen,
                         .name = name,
                         .leads = leads,
                         .is_dynamic = get_applied (server)->dynamic_dns_mode != SP_WORD_OFF };
  g_autofree char *text = NULL;
  SpReachFacts facts;
  SpReachVerdict verdict;

  sp_server_get_port_mapping (server, &mapping);
  place.outside = outside = find_outside (&mapping);
  place.reason = mapping.parted_at != 0 ? mapping.reason : NULL;
  collect (server, blocked, &facts);
  verdict = sp_reach_judge (&facts);
  text = sp_reach_describe (verdict, &place);
  if (told->since == 0 || told->verdict != verdict)
    *told = (SpReachTold){ verdict, facts.now };
  sp_bus_server_set_reachability (bus, write_property (server, &facts, told, &place, text));
  if (troubles[verdict].id != NULL && !(verdict == SP_REACH_TCP_ONLY && blocked->udp))
    add_entry (entries, verdict, &place, text);
}

/* --- the test --- */

static gboolean
is_host (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *host = g_variant_get_string (value, NULL);
  guint8 address[SP_ADDRESS_SIZE];

  if (sp_address_from_text (host, address) ||
      (host[0] != '-' && host[0] != '.' &&
       host[strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] ==
           '\0'))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be a host name or an address", key->name);
  return FALSE;
}

static const SpBusKey test_keys[] = {
  { "host", "s", 1, HOST_MAX, FALSE, is_host },
  { "valid-s", "u", VALID_MIN, VALID_MAX, FALSE, NULL },
};

static gboolean
check_server (SpServer *server, GError **error)
{
  if (sp_server_get_state (server) != SP_SERVER_ON)
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_FAILED, "the server is not on");
  else if (get_applied (server)->name_gate == SP_WORD_LABEL)
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_SUPPORTED,
                 "nobody but devices is answered, as name-gate = label says: what shows that the "
                 "server is reached is a device that connects from outside");
  else
    return TRUE;
  return FALSE;
}

/* Where people find the server: as the caller says, by its name, or at a public address of its. */
static char *
find_host (SpServer *server, GVariant *options, GError **error)
{
  const char *name = sp_server_get_settings (server)->name;
  char *host = NULL;

  if (g_variant_lookup (options, "host", "s", &host))
    return host;
  if (name[0] != '\0')
    return g_strdup (name);
  host = sp_reachability_find_public_address (sp_server_get_reachability (server));
  if (host == NULL)
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                 "“host” is needed: the server has no name, and this computer no public address");
  return host;
}

/* The one reader gets a file that nobody changes. */
static int
make_file (const char *link, GError **error)
{
  sp_autofd int fd = sp_secret_file_new (error);
  gssize size = (gssize) strlen (link);

  if (fd < 0)
    return -1;
  if (write (fd, link, (gsize) size) != size)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_FAILED, "the link could not be written");
      return -1;
    }
  return sp_secret_file_seal (fd, error) ? sp_fd_steal (&fd) : -1;
}

static int
begin_test (SpServer *server, const char *host, GVariant *options, GError **error)
{
  guint32 valid = SP_REACH_TEST_SECONDS;
  guint8 token[SP_TOKEN_SIZE];
  g_autoptr (SpSecretText) link = NULL;

  (void) g_variant_lookup (options, "valid-s", "u", &valid);
  sp_server_begin_reach_test (server, host, valid, token);
  link = sp_server_make_reach_link (server, host, token);
  sp_secret_wipe (token, sizeof token);
  return make_file (link, error);
}

void
sp_bus_reachability_test (SpServer *server, GDBusMethodInvocation *invocation, GVariant *options)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autofree char *host = NULL;
  GError *error = NULL;
  int fd = -1;

  if (sp_bus_options_check (options, test_keys, G_N_ELEMENTS (test_keys), &error) &&
      check_server (server, &error) && (host = find_host (server, options, &error)) != NULL)
    fd = begin_test (server, host, options, &error);
  if (fd < 0)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           descriptors);
}
