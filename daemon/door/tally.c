/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

#include <string.h>

#define TELL_SPACING G_USEC_PER_SEC

static const char *const causes[SP_DOOR_COUNTERS_N] = {
  [SP_DOOR_NO_HELLO] = "no complete ClientHello in time",
  [SP_DOOR_NOT_TLS] = "not a TLS ClientHello",
  [SP_DOOR_PENALTY] = "misbehaved lately",
  [SP_DOOR_RATE] = "too many connections in a short time",
  [SP_DOOR_BANNED] = "blocked",
  [SP_DOOR_CROWDED] = "too many unfinished connections",
};

void
sp_tally_count (SpTally *tally, SpDoorCounter counter)
{
  tally->values[counter]++;
  tally->changed = TRUE;
}

void
sp_tally_refuse (SpTally *tally, SpDoorCounter counter, const SpEndpoint *peer, gint64 now)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint suppressed;

  sp_tally_count (tally, counter);
  if (!sp_log_throttle (&tally->throttles[counter], now, &suppressed))
    return;
  sp_endpoint_to_text (peer, text);
  sp_log (SP_LOG_NOTICE, "admission", "turned away %s: %s; and %u more since the last such line",
          text, causes[counter], suppressed);
}

gint64
sp_tally_tick (SpTally *tally, SpToMain *to_main, gint64 now)
{
  SpDoorCounters message;

  if (!tally->changed || sp_to_main_is_blocked (to_main))
    return G_MAXINT64;
  if (now < tally->tell_after)
    return tally->tell_after;
  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 little_endian = GUINT64_TO_LE (tally->values[i]);
      memcpy (message.values + i * sizeof little_endian, &little_endian, sizeof little_endian);
    }
  if (sp_to_main_send (to_main, SP_MESSAGE_DOOR_COUNTERS, &message, -1) == SP_SENT)
    {
      tally->changed = FALSE;
      tally->tell_after = now + TELL_SPACING;
    }
  return G_MAXINT64;
}
