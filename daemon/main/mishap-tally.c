/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mishap-tally.h"

#include <string.h>

static const char *const client_causes[SP_LEFT_LAST + 1] = {
  [SP_LEFT_HANDSHAKE] = "never finished TLS",
  [SP_LEFT_REQUEST] = "made no usable request",
  [SP_LEFT_GARBAGE] = "broke the protocol",
};

static const char *const packet_causes[] = {
  [SP_DROP_SOURCE] = "with a foreign source",
  [SP_DROP_MALFORMED] = "malformed",
  [SP_DROP_TOO_BIG] = "too big",
  [SP_DROP_TUN] = "refused by the device",
  [SP_DROP_QUEUE] = "too fast for the client",
  [SP_DROP_DATAGRAM] = "in a damaged datagram",
  [SP_DROP_RECORD] = "not authentic",
  [SP_DROP_PAUSED] = "of a session that was ending",
  [SP_DROP_COMPRESSION] = "not to be unpacked",
  [SP_DROP_STRAY] = "from an unknown address",
  [SP_DROP_QUOTA] = "after a quota was used up",
};

G_STATIC_ASSERT (G_N_ELEMENTS (packet_causes) == SP_DROP_CAUSES);

void
sp_mishap_tally_client (SpMishapTally *self, SpLeft left, const char *text, gint64 now)
{
  guint suppressed;

  if (client_causes[left] == NULL)
    return;
  self->clients[left].n++;
  if (sp_log_throttle (&self->clients[left].lines, now, &suppressed))
    sp_log (SP_LOG_NOTICE, "reception", "a client %s: %s (%" G_GUINT64_FORMAT " in all)",
            client_causes[left], text, self->clients[left].n);
}

void
sp_mishap_tally_packets (SpMishapTally *self, const guint8 drops[SP_DROP_CAUSES * 4])
{
  for (guint i = 0; i < SP_DROP_CAUSES; i++)
    {
      guint32 value;

      memcpy (&value, drops + i * sizeof value, sizeof value);
      self->packets[i] += GUINT32_FROM_LE (value);
    }
}

char *
sp_mishap_tally_describe (const SpMishapTally *self)
{
  GString *text = g_string_new (NULL);
  gboolean first = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (client_causes); i++)
    if (self->clients[i].n > 0)
      g_string_append_printf (text, "%sclients that %s: %" G_GUINT64_FORMAT,
                              text->len > 0 ? "; " : "", client_causes[i], self->clients[i].n);
  for (guint i = 0; i < SP_DROP_CAUSES; i++)
    if (self->packets[i] > 0)
      {
        if (first && text->len > 0)
          g_string_append (text, "; ");
        g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s",
                                first ? "packets dropped: " : ", ", self->packets[i],
                                packet_causes[i]);
        first = FALSE;
      }
  return g_string_free (text, text->len == 0);
}
