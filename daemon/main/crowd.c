/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"

#include "base/prefix.h"

typedef struct
{
  guint64 wide;
  guint64 narrow;
  guint wide_company;
  guint narrow_company;
} Place;

/* How many have a prefix; `n` is 0 in places of the table that nobody took. */
typedef struct
{
  guint64 prefix;
  guint n;
} Count;

/* Who chooses prefixes that meet in one place makes us look at each: no more than without a table.
 */
static Count *
find_count (Count *table, guint mask, guint64 prefix)
{
  guint place = (guint) (prefix * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 40) & mask;

  while (table[place].n > 0 && table[place].prefix != prefix)
    place = (place + 1) & mask;
  table[place].prefix = prefix;
  return &table[place];
}

static Place *
count_company (const SpStranger *strangers, guint n)
{
  guint mask = (1u << (g_bit_storage (n) + 1)) - 1; /* more than twice as many places */
  g_autofree Count *wide = g_new0 (Count, mask + 1);
  g_autofree Count *narrow = g_new0 (Count, mask + 1);
  Place *places = g_new0 (Place, n);

  for (guint i = 0; i < n; i++)
    {
      places[i].wide = sp_prefix_wide (strangers[i].address);
      places[i].narrow = sp_prefix_narrow (strangers[i].address);
      find_count (wide, mask, places[i].wide)->n++;
      find_count (narrow, mask, places[i].narrow)->n++;
    }
  for (guint i = 0; i < n; i++)
    {
      places[i].wide_company = find_count (wide, mask, places[i].wide)->n;
      places[i].narrow_company = find_count (narrow, mask, places[i].narrow)->n;
    }
  return places;
}

/* How much more `a` crowds than `b`. */
static gint
compare (const SpStranger *strangers, const Place *places, guint a, guint b)
{
  if (strangers[a].is_met != strangers[b].is_met)
    return strangers[a].is_met ? -1 : 1;
  if (places[a].wide_company != places[b].wide_company)
    return places[a].wide_company > places[b].wide_company ? 1 : -1;
  return (places[a].narrow_company > places[b].narrow_company) -
         (places[a].narrow_company < places[b].narrow_company);
}

/* sign: 1 for who crowds most, -1 for who crowds least. */
static guint
choose (const SpStranger *strangers, guint n, gint sign)
{
  g_autofree Place *places = count_company (strangers, n);
  guint chosen = 0;

  for (guint i = 1; i < n; i++)
    {
      gint more = sign * compare (strangers, places, i, chosen);

      if (more > 0 || (more == 0 && strangers[i].since < strangers[chosen].since))
        chosen = i;
    }
  return chosen;
}

guint
sp_crowd_choose (const SpStranger *strangers, guint n)
{
  return choose (strangers, n, 1);
}

guint
sp_crowd_choose_next (const SpStranger *strangers, guint n)
{
  return choose (strangers, n, -1);
}

guint
sp_crowd_choose_for_last (const SpStranger *strangers, guint n, gint64 now)
{
  g_autofree Place *places = count_company (strangers, n);
  guint last = n - 1;
  guint victim = sp_crowd_choose (strangers, n);

  if (victim == last)
    return last;
  if (compare (strangers, places, victim, last) > 0 ||
      now - strangers[victim].since >= SP_CROWD_PATIENCE)
    return victim;
  return last;
}
