/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store-traffic.h"

G_BEGIN_DECLS

/* How much each user carries: the last two minutes by the second in memory, then what the store
 * keeps.  What was counted since the last write waits in memory, and is part of every answer. */
typedef struct _SpTrafficLedger SpTrafficLedger;

/* Borrows the store. */
SpTrafficLedger *sp_traffic_ledger_new (SpStore *store, GError **error);
void sp_traffic_ledger_free (SpTrafficLedger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTrafficLedger, sp_traffic_ledger_free)

/* Times in µs since the epoch. */
void sp_traffic_ledger_count (
    SpTrafficLedger *self, const guint8 *user, guint64 rx_bytes, guint64 tx_bytes, gint64 now);

/* Of everybody since the daemon began. */
void sp_traffic_ledger_get_totals (SpTrafficLedger *self, guint64 *ret_rx, guint64 *ret_tx);

/* Since when, and how much since then, both directions; all zero before a period was begun. */
SpUsage sp_traffic_ledger_get_usage (SpTrafficLedger *self, const guint8 *user);
/* The period of that user begins at `since`; what was carried in the hours from then on counts. */
gboolean sp_traffic_ledger_begin_period (SpTrafficLedger *self,
                                         const guint8 *user,
                                         gint64 since,
                                         GError **error);
/* The user is gone for good; its rows were removed. */
void sp_traffic_ledger_drop (SpTrafficLedger *self, const guint8 *user);

gboolean sp_traffic_ledger_is_dirty (SpTrafficLedger *self);
/* Writes what waits, within the caller's sp_store_begin() and sp_store_end(), who then says whether
 * that was stored. */
gboolean sp_traffic_ledger_write (SpTrafficLedger *self, GError **error);
void sp_traffic_ledger_written (SpTrafficLedger *self, gboolean done);

/* What is too old goes, in memory and in the store. */
gboolean sp_traffic_ledger_prune (SpTrafficLedger *self, GError **error);

/* SpTrafficRow of the user, all zero for everybody; the first first. */
GArray *sp_traffic_ledger_list (SpTrafficLedger *self,
                                const guint8 *user,
                                SpTrafficStep step,
                                gint64 from,
                                gint64 to,
                                GError **error);

G_END_DECLS
