/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "siege.h"

#include <math.h>

#define IN_DATAGRAMS(connections) ((guint64) (connections) *SP_SIEGE_DATAGRAMS)
#define LEAK_A_SECOND             IN_DATAGRAMS (SP_SIEGE_LEAK)

static void
forget (SpSiege *siege)
{
  *siege = (SpSiege){ .told = siege->told, .seed = siege->seed, .n_empty = SP_SIEGE_NETWORKS_BITS };
}

void
sp_siege_init (SpSiege *siege, guint64 seed)
{
  *siege = (SpSiege){ .seed = seed };
  forget (siege);
}

/* The finalizer of SplitMix64: every bit of the input reaches every one of the output. */
static guint64
mix (guint64 value)
{
  value = (value ^ value >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return value ^ value >> 31;
}

/* Linear counting: of m places n different ones fill all but m·e^(-n/m). */
guint
sp_siege_count_networks (const SpSiege *siege)
{
  double places = SP_SIEGE_NETWORKS_BITS;

  return (guint) lround (places * log (places / MAX (siege->n_empty, 1)));
}

static void
leak (SpSiege *siege, gint64 now)
{
  guint64 passed = (guint64) MAX (now - siege->told, 0);
  guint64 full = IN_DATAGRAMS (SP_SIEGE_MOST) / LEAK_A_SECOND * G_USEC_PER_SEC;
  guint64 leaked = MIN (passed, full) * LEAK_A_SECOND / G_USEC_PER_SEC;

  siege->heat -= MIN (leaked, siege->heat);
  /* What was too little to count is counted the next time. */
  siege->told += (gint64) (leaked * G_USEC_PER_SEC / LEAK_A_SECOND);
  if (siege->heat == 0)
    siege->told = now;
}

/* What was is forgotten when all has leaked; but not while it is still to be told how many came
 * from a network that was noted in time. */
static void
cool (SpSiege *siege, gint64 now)
{
  leak (siege, now);
  if (siege->heat == 0 && siege->since != 0 && !siege->noted)
    forget (siege);
}

void
sp_siege_note_network (SpSiege *siege, guint64 network, gint64 now)
{
  guint64 bit = mix (mix (network + siege->seed) + siege->seed) % SP_SIEGE_NETWORKS_BITS;
  guint8 mask = (guint8) (1u << bit % 8);

  /* It is the first of what comes next, not the last of what has passed. */
  cool (siege, now);
  siege->noted = TRUE;
  if (siege->networks[bit / 8] & mask)
    return;
  siege->networks[bit / 8] |= mask;
  siege->n_empty--;
}

void
sp_siege_tell (SpSiege *siege, guint64 connections, guint64 datagrams, gint64 now)
{
  guint64 most = IN_DATAGRAMS (SP_SIEGE_MOST);

  cool (siege, now);
  siege->noted = FALSE;
  if (connections == 0 && datagrams == 0)
    return;
  if (siege->since == 0)
    siege->since = now;
  siege->connections += connections;
  siege->datagrams += datagrams;
  siege->heat = MIN (siege->heat + MIN (IN_DATAGRAMS (MIN (connections, SP_SIEGE_MOST)), most) +
                         MIN (datagrams, most),
                     most);
  siege->on = siege->on || siege->heat >= IN_DATAGRAMS (SP_SIEGE_BEGIN);
}

gint64
sp_siege_get_end (const SpSiege *siege)
{
  if (siege->since == 0)
    return G_MAXINT64;
  return siege->told + (gint64) (siege->heat * G_USEC_PER_SEC / LEAK_A_SECOND) + 1;
}

gint64
sp_siege_get_patience (const SpSiege *siege, gint64 usual)
{
  return siege->on ? MIN (usual, SP_SIEGE_PATIENCE) : usual;
}
