/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-traffic.h"

#include "base/hex.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

#include <string.h>

/* Empty: everybody. */
static gboolean
read_scope (const char *text, guint8 *ret_user, GError **error)
{
  memset (ret_user, 0, SP_ID_SIZE);
  if (text[0] == '\0' || sp_hex_decode (text, strlen (text), ret_user, SP_ID_SIZE))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the scope must be empty or a user's identifier of %d hexadecimal digits",
               2 * SP_ID_SIZE);
  return FALSE;
}

static gboolean
read_step (const char *text, SpTrafficStep *ret_step, GError **error)
{
  static const char *const names[SP_STEPS] = { "second", "minute", "hour" };

  for (SpTrafficStep step = 0; step < SP_STEPS; step++)
    if (g_str_equal (text, names[step]))
      {
        *ret_step = step;
        return TRUE;
      }
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the resolution must be “second”, “minute” or “hour”");
  return FALSE;
}

void
sp_bus_traffic_query (SpTrafficLedger *ledger,
                      GDBusMethodInvocation *invocation,
                      const char *scope,
                      const char *resolution,
                      guint64 from,
                      guint64 to,
                      GVariant *options)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ttt)"));
  gint64 begin = (gint64) MIN (from, (guint64) G_MAXINT64);
  gint64 end = to == 0 ? G_MAXINT64 : (gint64) MIN (to, (guint64) G_MAXINT64);
  guint8 user[SP_ID_SIZE];
  g_autoptr (GArray) rows = NULL;
  SpTrafficStep step;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && read_scope (scope, user, &error) &&
      read_step (resolution, &step, &error))
    rows = sp_traffic_ledger_list (ledger, user, step, begin, end, &error);
  if (rows == NULL)
    {
      g_variant_builder_clear (&builder);
      sp_bus_reply_error (invocation, error);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    {
      const SpTrafficRow *row = &g_array_index (rows, SpTrafficRow, i);

      g_variant_builder_add (&builder, "(ttt)", (guint64) row->start, row->rx_bytes, row->tx_bytes);
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a(ttt))", &builder));
}
