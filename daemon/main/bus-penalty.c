/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-penalty.h"

#include "bus-options.h"
#include "bus-reply.h"

static GVariant *
describe_causes (const SpPenalty *penalty)
{
  GVariantBuilder causes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    if (penalty->counts[i] > 0)
      g_variant_builder_add (&causes, "{st}", sp_penalty_cause_word ((SpDoorCounter) i),
                             penalty->counts[i]);
  return g_variant_builder_end (&causes);
}

static GVariant *
describe (SpServer *server, const SpPenalty *penalty, gint64 now)
{
  GVariantBuilder row = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  gboolean blocked = sp_ban_registry_has (sp_server_get_bans (server), &penalty->network);
  g_autofree char *text = sp_penalty_describe (penalty, now);
  char network[SP_ENDPOINT_TEXT_MAX];

  sp_penalty_network_to_text (&penalty->network, network);
  g_variant_builder_add (&row, "{sv}", "Network", g_variant_new_string (network));
  g_variant_builder_add (&row, "{sv}", "Since", g_variant_new_uint64 ((guint64) penalty->since));
  g_variant_builder_add (&row, "{sv}", "LastAt", g_variant_new_uint64 ((guint64) penalty->last));
  g_variant_builder_add (
      &row, "{sv}", "Until",
      g_variant_new_uint64 (penalty->until > now ? (guint64) penalty->until : 0));
  g_variant_builder_add (&row, "{sv}", "Refused", g_variant_new_uint64 (penalty->refused));
  g_variant_builder_add (&row, "{sv}", "Causes", describe_causes (penalty));
  g_variant_builder_add (&row, "{sv}", "Blocked", g_variant_new_boolean (blocked));
  g_variant_builder_add (&row, "{sv}", "Text", g_variant_new_string (text));
  return g_variant_builder_end (&row);
}

void
sp_bus_penalty_list (SpServer *server, GDBusMethodInvocation *invocation, GVariant *options)
{
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GArray) penalties = NULL;
  gint64 now = g_get_real_time ();
  GError *error = NULL;

  if (!sp_bus_options_check_empty (options, &error))
    {
      g_variant_builder_clear (&rows);
      sp_bus_reply_error (invocation, error);
      return;
    }
  penalties = sp_penalty_book_list (sp_server_get_penalties (server), now);
  for (guint i = 0; i < penalties->len; i++)
    g_variant_builder_add_value (&rows,
                                 describe (server, &g_array_index (penalties, SpPenalty, i), now));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv})", &rows));
}
