/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refusals.h"

#include "base/prefix.h"

#include <string.h>

#define IPV4_NARROW 128
#define IPV4_WIDE   120
#define IPV6_NARROW 64
#define IPV6_WIDE   48

static void
set_network (SpRefusedNetwork *place, const guint8 *address, gboolean narrow)
{
  gboolean ipv4 = sp_address_is_ipv4 (address);
  guint8 length = ipv4 ? (narrow ? IPV4_NARROW : IPV4_WIDE) : (narrow ? IPV6_NARROW : IPV6_WIDE);

  memset (&place->network, 0, sizeof place->network);
  memcpy (place->network.address, address, length / 8);
  place->network.length = length;
}

/* Whose turn it is to go: nobody's place, then one that is silent for long, then the lowest rank.
 */
static gboolean
goes_before (const SpRefusedNetwork *one, const SpRefusedNetwork *other, gint64 now)
{
  gboolean one_is_old = now - one->last >= SP_REFUSED_NETWORK_KEPT;
  gboolean other_is_old = now - other->last >= SP_REFUSED_NETWORK_KEPT;

  if ((one->since == 0) != (other->since == 0))
    return one->since == 0;
  if (one_is_old != other_is_old)
    return one_is_old;
  return one->rank < other->rank;
}

static SpRefusedNetwork *
find_place (SpRefusals *refusals, guint64 wide, gint64 now)
{
  SpRefusedNetwork *found = &refusals->places[0];

  for (guint i = 0; i < SP_REFUSED_NETWORKS_MAX; i++)
    {
      SpRefusedNetwork *place = &refusals->places[i];

      if (place->since != 0 && place->wide == wide)
        return place;
      if (goes_before (place, found, now))
        found = place;
    }
  return found;
}

static void
begin (SpRefusedNetwork *place, const guint8 *address, guint64 wide, gint64 now)
{
  guint64 rank = now - place->last < SP_REFUSED_NETWORK_KEPT ? place->rank : 0;

  memset (place, 0, sizeof *place);
  set_network (place, address, TRUE);
  place->wide = wide;
  place->narrow = sp_prefix_narrow (address);
  place->since = now;
  place->rank = rank;
}

void
sp_refusals_note (
    SpRefusals *refusals, const guint8 *address, SpDoorCounter cause, gint64 until, gint64 now)
{
  guint64 wide = sp_prefix_wide (address);
  SpRefusedNetwork *place = find_place (refusals, wide, now);

  if (place->since == 0 || place->wide != wide || now - place->last >= SP_REFUSED_NETWORK_KEPT)
    begin (place, address, wide, now);
  if (place->narrow != sp_prefix_narrow (address))
    set_network (place, address, FALSE);
  place->last = now;
  place->until = MAX (place->until, until);
  place->counts[cause]++;
  place->rank++;
  place->is_news = TRUE;
}

SpRefusedNetwork *
sp_refusals_next_news (SpRefusals *refusals, guint *ret_place)
{
  for (guint i = 0; i < SP_REFUSED_NETWORKS_MAX; i++)
    if (refusals->places[i].is_news)
      {
        *ret_place = i;
        return &refusals->places[i];
      }
  return NULL;
}
