/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-acme.h"

#include "acme.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-server-private.h"

static const char *const state_names[] = { "off", "waiting", "ordering", "current", "failed" };
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == SP_ACME_LAST + 1);

static const char *const step_names[] = { "asking", "proving", "certifying" };
G_STATIC_ASSERT (G_N_ELEMENTS (step_names) == SP_ACME_STEP_LAST + 1);

static void
add_text (GVariantBuilder *builder, const char *key, const char *text)
{
  if (text[0] != '\0')
    g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (text));
}

GVariant *
sp_bus_acme_describe (SpServer *server)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  SpAcmeCondition condition;

  sp_server_get_acme (server, &condition);
  add_text (&builder, "State", state_names[condition.state]);
  if (condition.state == SP_ACME_ORDERING)
    add_text (&builder, "Step", step_names[condition.step]);
  add_text (&builder, "Certificate", condition.certificate);
  if (condition.next_at != 0)
    g_variant_builder_add (&builder, "{sv}", "NextAt",
                           g_variant_new_uint64 ((guint64) MAX (condition.next_at, 0)));
  add_text (&builder, "Reason", condition.reason);
  add_text (&builder, "Text", condition.advice);
  return g_variant_builder_end (&builder);
}

static gboolean
handle_order_certificate (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_server_order_certificate (SP_EXPORTED_SERVER (object)->server, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

void
sp_exported_server_init_acme (SpBusServerIface *iface)
{
  iface->handle_order_certificate = handle_order_certificate;
}
