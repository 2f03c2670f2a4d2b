/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A hash table that never grows, for facts about strangers.  It is made of sets of four; a newcomer
 * takes the place in its set whose entry is worth nothing soonest.  So a flood of keys can make us
 * forget, never make us allocate, and forgetting is always in the stranger's favour. */

typedef struct _SpFixedTable SpFixedTable;

/* First member of the caller's entry struct. */
typedef struct
{
  guint64 key;
  gint64 keep_until; /* microseconds; when it is past, the entry says no more than none would.
                      * 0 = free */
} SpFixedEntry;

/* `entry_size` is a multiple of 8, `n_entries` a power of two and at least 8.  The two random
 * numbers keep outsiders from choosing keys that meet in one set. */
SpFixedTable *sp_fixed_table_new (gsize entry_size, guint n_entries, const guint64 seed[2]);
void sp_fixed_table_free (SpFixedTable *table);

/* The entry, or NULL. */
gpointer sp_fixed_table_find (SpFixedTable *table, guint64 key);
/* The entry, which is all zero behind the head if it was not there.  The caller sets keep_until. */
gpointer sp_fixed_table_claim (SpFixedTable *table, guint64 key);

gsize sp_fixed_table_get_size (const SpFixedTable *table); /* bytes */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpFixedTable, sp_fixed_table_free)

G_END_DECLS
