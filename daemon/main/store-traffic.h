/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* How much each user carried, in steps; the user of all zeros stands for everybody together, also
 * for those who are gone. */

typedef enum
{
  SP_STEP_SECOND, /* not stored */
  SP_STEP_MINUTE,
  SP_STEP_HOUR,
  SP_STEPS
} SpTrafficStep;

/* Microseconds; how many of each are kept. */
extern const gint64 sp_step_lengths[SP_STEPS];
extern const guint sp_steps_kept[SP_STEPS];

typedef struct
{
  gint64 start; /* µs since the epoch, a multiple of the step's length */
  guint64 rx_bytes;
  guint64 tx_bytes;
} SpTrafficRow;

/* What a user carried since the beginning of the period that its quota is for. */
typedef struct
{
  guint8 user[SP_ID_SIZE];
  gint64 since; /* µs since the epoch */
  guint64 bytes;
} SpUsage;

/* Adds to the minute and the hour that `row` begins in. */
gboolean sp_store_add_traffic (SpStore *store,
                               const guint8 *user,
                               const SpTrafficRow *row,
                               GError **error);
/* Rows (SpTrafficRow) of [from, to), the first first; of minutes or hours.  Steps without traffic
 * have none. */
GArray *sp_store_list_traffic (
    SpStore *store, const guint8 *user, SpTrafficStep step, gint64 from, gint64 to, GError **error);
/* Both directions, in the hours from `from` on. */
gboolean sp_store_sum_traffic (
    SpStore *store, const guint8 *user, gint64 from, guint64 *ret_bytes, GError **error);
/* Removes what is too old at `now`. */
gboolean sp_store_prune_traffic (SpStore *store, gint64 now, GError **error);
/* Removes all of one user, and its usage. */
gboolean sp_store_remove_traffic (SpStore *store, const guint8 *user, GError **error);

gboolean sp_store_put_usage (SpStore *store, const SpUsage *usage, GError **error);
GArray *sp_store_list_usage (SpStore *store, GError **error);

G_END_DECLS
