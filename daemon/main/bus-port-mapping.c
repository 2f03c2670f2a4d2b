/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-port-mapping.h"

#include "bus-options.h"
#include "bus-reply.h"
#include "bus-server-private.h"
#include "port-mapping.h"

static const char *const state_names[] = { "off",     "waiting", "not-needed", "asking", "mapped",
                                           "refused", "taken",   "no-router",  "failed" };
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == SP_PORT_MAPPING_LAST + 1);

static void
add_text (GVariantBuilder *builder, const char *key, const char *text)
{
  if (text[0] != '\0')
    g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (text));
}

static void
add_ports (GVariantBuilder *builder, const SpPortMappingStatus *status)
{
  g_variant_builder_add (builder, "{sv}", "Port", g_variant_new_uint32 (status->tcp_port));
  g_variant_builder_add (builder, "{sv}", "UdpPort", g_variant_new_uint32 (status->udp_port));
  g_variant_builder_add (builder, "{sv}", "Until",
                         g_variant_new_uint64 ((guint64) MAX (status->until, 0)));
}

static void
add_status (GVariantBuilder *builder, const SpPortMappingStatus *status)
{
  char address[SP_ENDPOINT_TEXT_MAX] = "";

  if (!sp_address_is_unset (status->address))
    sp_address_to_text (status->address, address);
  add_text (builder, "State", state_names[status->state]);
  if (status->udp_state != status->state)
    add_text (builder, "UdpState", state_names[status->udp_state]);
  add_text (builder, "Way", status->way);
  add_text (builder, "Address", address);
  if (status->until != 0)
    add_ports (builder, status);
  add_text (builder, "Reason", status->reason);
  add_text (builder, "Text", status->advice);
}

GVariant *
sp_bus_port_mapping_describe (SpServer *server)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder ipv6 = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  SpPortMappingStatus status;

  sp_server_get_port_mapping (server, &status);
  add_status (&builder, &status);
  sp_server_get_pinholes (server, &status);
  add_status (&ipv6, &status);
  g_variant_builder_add (&builder, "{sv}", "Ipv6", g_variant_builder_end (&ipv6));
  return g_variant_builder_end (&builder);
}

static gboolean
handle_renew_port_mapping (SpBusServer *object,
                           GDBusMethodInvocation *invocation,
                           GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_server_renew_port_mapping (SP_EXPORTED_SERVER (object)->server, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

void
sp_exported_server_init_port_mapping (SpBusServerIface *iface)
{
  iface->handle_renew_port_mapping = handle_renew_port_mapping;
}
