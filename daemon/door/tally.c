/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

#include "base/io.h"
#include "base/prefix.h"

#include <string.h>

#define TELL_SPACING G_USEC_PER_SEC
#define LOOK_SPACING (G_USEC_PER_SEC / 10)

/* What each says of an attack. */
typedef enum
{
  NOTHING,    /* it is no refusal, or the owner's own, or part of another one */
  CONNECTION, /* turned away */
  DATAGRAM    /* dropped */
} Weight;

static const struct
{
  Weight weight;
  const char *cause; /* for the log; NULL: it is not said there */
} counters[SP_DOOR_COUNTERS_N] = {
  [SP_DOOR_NO_HELLO] = { CONNECTION, "no complete ClientHello in time" },
  [SP_DOOR_NOT_TLS] = { CONNECTION, "not a TLS ClientHello" },
  [SP_DOOR_PENALTY] = { CONNECTION, "misbehaved lately" },
  [SP_DOOR_RATE] = { CONNECTION, "too many connections in a short time" },
  [SP_DOOR_NAMELESS] = { CONNECTION, "does not name this server" },
  [SP_DOOR_LABEL] = { CONNECTION, "names a label that no device has" },
  [SP_DOOR_CROWDED] = { CONNECTION, "too many unfinished connections" },
  [SP_DOOR_BANNED] = { NOTHING, "blocked" },
  [SP_DOOR_HELLO_UNKNOWN] = { DATAGRAM, NULL },
  [SP_DOOR_HELLO_RATE] = { DATAGRAM, NULL },
  [SP_DOOR_MALFORMED] = { DATAGRAM, NULL },
  [SP_DOOR_STRAY] = { DATAGRAM, NULL },
};

void
sp_tally_init (SpTally *tally)
{
  guint64 seed;

  sp_random_bytes (&seed, sizeof seed);
  sp_siege_init (&tally->siege, seed);
}

void
sp_tally_count (SpTally *tally, SpDoorCounter counter)
{
  tally->values[counter]++;
  tally->changed = TRUE;
  tally->unseen |= counters[counter].weight != NOTHING;
}

void
sp_tally_refuse (
    SpTally *tally, SpDoorCounter counter, const SpEndpoint *peer, gint64 until, gint64 now)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint suppressed;

  sp_tally_count (tally, counter);
  if (counters[counter].weight == CONNECTION)
    {
      sp_siege_note_network (&tally->siege, sp_prefix_wide (peer->address), now);
      sp_refusals_note (&tally->refusals, peer->address, counter, until, now);
    }
  if (!sp_log_throttle (&tally->throttles[counter], now, &suppressed))
    return;
  sp_endpoint_to_text (peer, text);
  sp_log (SP_LOG_NOTICE, "admission", "turned away %s: %s; and %u more since the last such line",
          text, counters[counter].cause, suppressed);
}

static guint64
sum (const SpTally *tally, Weight weight)
{
  guint64 all = 0;

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    if (counters[i].weight == weight)
      all += tally->values[i];
  return all;
}

static SpSending
tell_counters (SpTally *tally, SpToMain *to_main)
{
  SpDoorCounters message;

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 little_endian = GUINT64_TO_LE (tally->values[i]);
      memcpy (message.values + i * sizeof little_endian, &little_endian, sizeof little_endian);
    }
  return sp_to_main_send (to_main, SP_MESSAGE_DOOR_COUNTERS, &message, -1);
}

static SpSending
tell_network (const SpRefusedNetwork *network, guint place, SpToMain *to_main)
{
  SpNetworkRefused message = { .place = (guint8) place,
                               .length = network->network.length,
                               .since = (guint64) network->since,
                               .last = (guint64) network->last,
                               .until = (guint64) network->until };

  memcpy (message.address, network->network.address, SP_ADDRESS_SIZE);
  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 little_endian = GUINT64_TO_LE (network->counts[i]);
      memcpy (message.counts + i * sizeof little_endian, &little_endian, sizeof little_endian);
    }
  return sp_to_main_send (to_main, SP_MESSAGE_NETWORK_REFUSED, &message, -1);
}

static SpSending
tell_siege (const SpSiege *siege, SpToMain *to_main)
{
  const SpUnderAttack message = { .on = siege->on,
                                  .since = (guint64) siege->since,
                                  .connections = siege->connections,
                                  .datagrams = siege->datagrams,
                                  .networks = siege->on ? sp_siege_count_networks (siege) : 0 };

  return sp_to_main_send (to_main, SP_MESSAGE_UNDER_ATTACK, &message, -1);
}

/* TRUE if main heard all of it; what it did not, it hears in a second. */
static gboolean
tell (SpTally *tally, SpToMain *to_main)
{
  SpRefusedNetwork *network;
  guint place;

  if (tell_counters (tally, to_main) != SP_SENT)
    return FALSE;
  while ((network = sp_refusals_next_news (&tally->refusals, &place)) != NULL)
    {
      if (tell_network (network, place, to_main) != SP_SENT)
        return FALSE;
      network->is_news = FALSE;
    }
  if (!tally->siege.on && !tally->told_siege)
    return TRUE;
  if (tell_siege (&tally->siege, to_main) != SP_SENT)
    return FALSE;
  tally->told_siege = tally->siege.on;
  return TRUE;
}

/* Whether we are under attack is looked at ten times a second while something comes, and when it
 * may be over; returns when that is. */
static gint64
look (SpTally *tally, gint64 now)
{
  guint64 connections;
  guint64 datagrams;

  if (tally->unseen && now < tally->look_after)
    return tally->look_after;
  if (!tally->unseen && now < sp_siege_get_end (&tally->siege))
    return sp_siege_get_end (&tally->siege);
  connections = sum (tally, CONNECTION);
  datagrams = sum (tally, DATAGRAM);
  sp_siege_tell (&tally->siege, connections - tally->seen_connections,
                 datagrams - tally->seen_datagrams, now);
  tally->seen_connections = connections;
  tally->seen_datagrams = datagrams;
  tally->changed |= tally->unseen; /* main may have heard of the counters, and not of this */
  tally->unseen = FALSE;
  tally->look_after = now + LOOK_SPACING;
  return sp_siege_get_end (&tally->siege);
}

gint64
sp_tally_tick (SpTally *tally, SpToMain *to_main, gint64 now)
{
  gint64 due = look (tally, now);
  gboolean turned; /* it began or ended: main hears it at once, after what it is made of */

  if (sp_to_main_is_blocked (to_main))
    return due;
  turned = tally->siege.on != tally->told_siege;
  if (!tally->changed && !turned)
    return due;
  if (!turned && now < tally->tell_after)
    return MIN (due, tally->tell_after);
  tally->changed = !tell (tally, to_main);
  tally->tell_after = now + TELL_SPACING;
  return tally->changed ? MIN (due, tally->tell_after) : due;
}
