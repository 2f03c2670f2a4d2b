/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stray-budget.h"

#include "base/bucket.h"
#include "base/fixed-table.h"
#include "base/prefix.h"

#define ENTRIES  4096 /* twice the sessions that main may have */
#define MET_FOR  (7 * 24 * 3600 * (gint64) G_USEC_PER_SEC)
#define KEEP_FOR (60 * (gint64) G_USEC_PER_SEC) /* of a stranger: far longer than its bucket */

enum
{
  LANE_MET,
  LANE_STRANGERS,
  LANES_N
};

/* A client that moved sends many records a second, and each of them is as good as the first. */
static const SpBucketLimit prefix_limit = { .interval = G_USEC_PER_SEC / 4, .burst = 4 };
static const SpBucketLimit lane_limits[LANES_N] = {
  [LANE_MET] = { .interval = G_USEC_PER_SEC / 100, .burst = 100 },
  [LANE_STRANGERS] = { .interval = G_USEC_PER_SEC / 10, .burst = 20 },
};

typedef struct
{
  SpFixedEntry head;
  gint64 bucket;
  gint64 met_until;
} Neighbourhood;

struct _SpStrayBudget
{
  SpFixedTable *neighbourhoods; /* by narrow prefix */
  gint64 lanes[LANES_N];
};

SpStrayBudget *
sp_stray_budget_new (const guint64 seed[2])
{
  SpStrayBudget *budget = g_new0 (SpStrayBudget, 1);

  budget->neighbourhoods = sp_fixed_table_new (sizeof (Neighbourhood), ENTRIES, seed);
  return budget;
}

void
sp_stray_budget_free (SpStrayBudget *budget)
{
  if (budget == NULL)
    return;
  sp_fixed_table_free (budget->neighbourhoods);
  g_free (budget);
}

gsize
sp_stray_budget_get_size (const SpStrayBudget *budget)
{
  return sizeof *budget + sp_fixed_table_get_size (budget->neighbourhoods);
}

void
sp_stray_budget_met (SpStrayBudget *budget, const guint8 *address, gint64 now)
{
  Neighbourhood *entry = sp_fixed_table_claim (budget->neighbourhoods, sp_prefix_narrow (address));

  entry->met_until = entry->head.keep_until = now + MET_FOR;
}

/* The lane first: when it is empty, nobody takes a place in the table. */
gboolean
sp_stray_budget_spend (SpStrayBudget *budget, const guint8 *address, gint64 now)
{
  guint64 prefix = sp_prefix_narrow (address);
  Neighbourhood *entry = sp_fixed_table_find (budget->neighbourhoods, prefix);
  guint lane = entry != NULL && entry->met_until > now ? LANE_MET : LANE_STRANGERS;

  if (sp_bucket_wait (budget->lanes[lane], &lane_limits[lane], now) > 0)
    return FALSE;
  entry = sp_fixed_table_claim (budget->neighbourhoods, prefix);
  entry->head.keep_until = MAX (entry->head.keep_until, now + KEEP_FOR);
  if (sp_bucket_wait (entry->bucket, &prefix_limit, now) > 0)
    return FALSE;
  sp_bucket_take (&entry->bucket, &prefix_limit, now);
  sp_bucket_take (&budget->lanes[lane], &lane_limits[lane], now);
  return TRUE;
}
