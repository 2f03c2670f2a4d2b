/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-dynamic-dns.h"

#include "bus-descriptor.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-server-private.h"
#include "bus/error.h"
#include "dynamic-dns.h"

static const char *const state_names[] = { "off", "waiting", "asking", "current", "failed" };
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == SP_DYNAMIC_DNS_LAST + 1);

static void
add_text (GVariantBuilder *builder, const char *key, const char *text)
{
  if (text[0] != '\0')
    g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (text));
}

GVariant *
sp_bus_dynamic_dns_describe (SpServer *server)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  SpDynamicDnsStatus status;

  sp_server_get_dynamic_dns (server, &status);
  add_text (&builder, "State", state_names[status.state]);
  add_text (&builder, "Ipv4", status.ipv4);
  add_text (&builder, "Ipv6", status.ipv6);
  if (status.told_at != 0)
    g_variant_builder_add (&builder, "{sv}", "ToldAt",
                           g_variant_new_uint64 ((guint64) MAX (status.told_at, 0)));
  add_text (&builder, "Reason", status.reason);
  add_text (&builder, "Word", status.word);
  add_text (&builder, "Text", status.advice);
  g_variant_builder_add (&builder, "{sv}", "HasPassword",
                         g_variant_new_boolean (status.has_password));
  g_variant_builder_add (&builder, "{sv}", "HasKey", g_variant_new_boolean (status.has_key));
  return g_variant_builder_end (&builder);
}

static void
on_password_set (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_set_dns_password_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

static const SpBusKey password_keys[] = {
  { "kind", "s", 0, 8, FALSE },
};

static gboolean
take_kind (GVariant *options, SpDnsPasswordKind *ret, GError **error)
{
  const char *kind = "password";

  if (!sp_bus_options_check (options, password_keys, G_N_ELEMENTS (password_keys), error))
    return FALSE;
  (void) g_variant_lookup (options, "kind", "&s", &kind);
  *ret = g_str_equal (kind, "key") ? SP_DNS_PASSWORD_KEY : SP_DNS_PASSWORD_PROVIDER;
  if (*ret == SP_DNS_PASSWORD_KEY || g_str_equal (kind, "password"))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“kind” must be “password” or “key”");
  return FALSE;
}

static gboolean
handle_set_dynamic_dns_password (SpBusServer *object,
                                 GDBusMethodInvocation *invocation,
                                 GUnixFDList *descriptors,
                                 GVariant *handle,
                                 GVariant *options)
{
  SpDnsPasswordKind which;
  GError *error = NULL;
  int password = -1;

  if (take_kind (options, &which, &error))
    password = sp_bus_take_secret (descriptors, handle, "password", &error);
  if (password >= 0)
    sp_server_set_dns_password_async (SP_EXPORTED_SERVER (object)->server, which, password,
                                      on_password_set, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_forget_dynamic_dns_password (SpBusServer *object,
                                    GDBusMethodInvocation *invocation,
                                    GVariant *options)
{
  SpDnsPasswordKind which;
  GError *error = NULL;

  if (take_kind (options, &which, &error))
    sp_server_set_dns_password_async (SP_EXPORTED_SERVER (object)->server, which, -1,
                                      on_password_set, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_update_dynamic_dns (SpBusServer *object,
                           GDBusMethodInvocation *invocation,
                           GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_server_update_dynamic_dns (SP_EXPORTED_SERVER (object)->server, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

void
sp_exported_server_init_dynamic_dns (SpBusServerIface *iface)
{
  iface->handle_set_dynamic_dns_password = handle_set_dynamic_dns_password;
  iface->handle_forget_dynamic_dns_password = handle_forget_dynamic_dns_password;
  iface->handle_update_dynamic_dns = handle_update_dynamic_dns;
}
