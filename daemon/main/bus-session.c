/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-session.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus-ban.h"
#include "bus-binding.h"
#include "bus-device.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-user.h"
#include "bus/error.h"
#include "disconnections.h"

#define BLOCK_WORD_MAX 16

struct _SpExportedSession
{
  SpBusSessionSkeleton parent_instance;
  SpServer *server;
  SpSession *session;
};

static const SpBusBinding bindings[] = {
  { "login", "login" },
  { "group", "group" },
  { "remote-address", "remote-address" },
  { "addresses", "addresses" },
  { "client-name", "client-name" },
  { "user-agent", "user-agent" },
  { "transport", "transport" },
  { "cipher", "cipher" },
  { "connected-at", "connected-at" },
  { "mtu", "mtu" },
  { "routes", "routes" },
  { "excluded-routes", "excluded-routes" },
  { "name-servers", "name-servers" },
  { "state", "state" },
};

static const SpBusBinding statistics_bindings[] = {
  { "rx-bytes", "rx-bytes" },     { "tx-bytes", "tx-bytes" },     { "rx-packets", "rx-packets" },
  { "tx-packets", "tx-packets" }, { "round-trip", "round-trip" }, { "roams", "roams" },
};

#define N_ALL_KEYS 2 /* of the next, for all sessions at once */

static const SpBusKey disconnect_keys[] = {
  { "reason", "s", 0, SP_REASON_MAX, FALSE },
  { "undo-window-s", "u", 0, SP_DISCONNECT_WINDOW_MAX, FALSE },
  { "block", "s", 0, BLOCK_WORD_MAX, FALSE },
  { "until", "t", 0, SP_TIME_MAX, FALSE },
};

static gboolean
read_block (const char *word, SpDisconnectOrder *order, GError **error)
{
  if (!sp_block_from_string (word, &order->block))
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                 "“block” must be “none”, “device”, “user” or “address”");
  else if (order->until != 0 && order->block == SP_BLOCK_NOTHING)
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“until” is for “block”");
  else
    return sp_bus_ban_check_until ((guint64) order->until, error);
  return FALSE;
}

static gboolean
read_disconnect (GVariant *options, SpDisconnectOrder *order, GError **error)
{
  const char *block = "none";
  guint64 until = 0;

  if (!sp_bus_options_check (options, disconnect_keys,
                             order->session != NULL ? G_N_ELEMENTS (disconnect_keys) : N_ALL_KEYS,
                             error))
    return FALSE;
  (void) g_variant_lookup (options, "reason", "&s", &order->reason);
  (void) g_variant_lookup (options, "undo-window-s", "u", &order->window);
  (void) g_variant_lookup (options, "block", "&s", &block);
  (void) g_variant_lookup (options, "until", "t", &until);
  order->until = (gint64) until;
  return read_block (block, order, error);
}

static void
on_disconnected (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree char *token = sp_server_disconnect_finish (SP_SERVER (server), result, &error);

  if (token != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", token));
  else
    sp_bus_reply_error (invocation, error);
}

void
sp_bus_session_disconnect (SpServer *server,
                           SpSession *session,
                           GDBusMethodInvocation *invocation,
                           GVariant *options)
{
  SpDisconnectOrder order = { .session = session, .reason = "" };
  GError *error = NULL;

  if (read_disconnect (options, &order, &error))
    sp_server_disconnect_async (server, &order, on_disconnected, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static gboolean
handle_disconnect (SpBusSession *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedSession *self = SP_EXPORTED_SESSION (object);

  sp_bus_session_disconnect (self->server, self->session, invocation, options);
  return TRUE;
}

static void
on_undone (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_undo_disconnect_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

void
sp_bus_session_undo (SpServer *server, const char *token, GDBusMethodInvocation *invocation)
{
  sp_server_undo_disconnect_async (server, token, on_undone, invocation);
}

static void
sp_exported_session_iface_init (SpBusSessionIface *iface)
{
  iface->handle_disconnect = handle_disconnect;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedSession,
                               sp_exported_session,
                               SP_BUS_TYPE_SESSION_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_SESSION,
                                                      sp_exported_session_iface_init))

static void
sp_exported_session_dispose (GObject *object)
{
  SpExportedSession *self = SP_EXPORTED_SESSION (object);

  g_clear_object (&self->server);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (sp_exported_session_parent_class)->dispose (object);
}

static void
sp_exported_session_class_init (SpExportedSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_session_dispose;
}

static void
sp_exported_session_init (SpExportedSession *self)
{
}

SpExportedSession *
sp_exported_session_new (SpServer *server, SpSession *session)
{
  SpExportedSession *self = g_object_new (SP_TYPE_EXPORTED_SESSION, NULL);
  g_autofree char *user_path = sp_exported_user_path (sp_session_get_user (session));
  g_autofree char *device_path = sp_exported_device_path (sp_session_get_device (session));

  self->server = g_object_ref (server);
  self->session = g_object_ref (session);
  sp_bus_session_set_user (SP_BUS_SESSION (self), user_path);
  sp_bus_session_set_device (SP_BUS_SESSION (self), device_path);
  sp_bus_bind (session, self, bindings, G_N_ELEMENTS (bindings));
  return self;
}

SpBusSessionStatistics *
sp_exported_session_new_statistics (SpSession *session)
{
  SpBusSessionStatistics *statistics = sp_bus_session_statistics_skeleton_new ();

  sp_bus_bind (session, statistics, statistics_bindings, G_N_ELEMENTS (statistics_bindings));
  return statistics;
}

char *
sp_exported_session_path (SpSession *session)
{
  return g_strconcat (SP_BUS_SESSIONS_PATH "/", sp_session_get_path_element (session), NULL);
}

static void
add_text (GVariantBuilder *pairs, const char *key, SpSession *session, const char *property)
{
  g_autofree char *text = NULL;

  g_object_get (session, property, &text, NULL);
  g_variant_builder_add (pairs, "{sv}", key, g_variant_new_take_string (sp_bus_text (text)));
}

GVariant *
sp_exported_session_facts (SpSession *session)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&facts, "Login", session, "login");
  add_text (&facts, "RemoteAddress", session, "remote-address");
  add_text (&facts, "ClientName", session, "client-name");
  g_variant_builder_add (&facts, "{sv}", "FirstTime",
                         g_variant_new_boolean (sp_session_get_estate (session)->first_time));
  return g_variant_builder_end (&facts);
}

GVariant *
sp_exported_session_totals (SpSession *session)
{
  GVariantBuilder totals = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  gint64 connected_at;
  guint64 rx_bytes;
  guint64 tx_bytes;

  g_object_get (session, "connected-at", &connected_at, "rx-bytes", &rx_bytes, "tx-bytes",
                &tx_bytes, NULL);
  add_text (&totals, "Login", session, "login");
  add_text (&totals, "RemoteAddress", session, "remote-address");
  g_variant_builder_add (&totals, "{sv}", "ConnectedAt",
                         g_variant_new_uint64 ((guint64) connected_at));
  g_variant_builder_add (&totals, "{sv}", "RxBytes", g_variant_new_uint64 (rx_bytes));
  g_variant_builder_add (&totals, "{sv}", "TxBytes", g_variant_new_uint64 (tx_bytes));
  return g_variant_builder_end (&totals);
}
