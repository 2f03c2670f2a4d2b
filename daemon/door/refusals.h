/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* From where connections are turned away, for people to read: the networks that had the most, in
 * memory of a fixed size.  PURE; the time is told, in microseconds of a clock that starts above 0.
 *
 * A network is a wide prefix (base/prefix.h), or the narrow one in it that all came from.  When
 * there are too many, the newcomer takes the place of the one with the fewest; its rank begins
 * with those (Metwally, Agrawal and El Abbadi, "space saving"), its counts with nothing: so who
 * sends the most stays, and no count is too high. */
typedef struct
{
  SpNetwork network;
  gint64 since; /* the first of those that are counted; 0: nobody is in this place */
  gint64 last;
  gint64 until; /* strangers from there are refused until then; 0 or past: they are not */
  guint64 counts[SP_DOOR_COUNTERS_N];
  /* behind it */
  guint64 wide;
  guint64 narrow;
  guint64 rank;
  gboolean is_news; /* changed since it was told */
} SpRefusedNetwork;

typedef struct
{
  SpRefusedNetwork places[SP_REFUSED_NETWORKS_MAX];
} SpRefusals;

/* Embed it; all zero at first. */
void sp_refusals_note (
    SpRefusals *refusals, const guint8 *address, SpDoorCounter cause, gint64 until, gint64 now);

/* A place with news, or NULL; it has none once `is_news` is unset. */
SpRefusedNetwork *sp_refusals_next_news (SpRefusals *refusals, guint *ret_place);

G_END_DECLS
