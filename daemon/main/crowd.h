/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Clients that have not signed in are bounded; who goes when there is one too many, and who is next
 * when not all can be served.  Pure. */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE];
  gint64 since;    /* µs of any clock */
  gboolean is_met; /* somebody signed in from there lately */
} SpStranger;

/* The oldest of the network with most strangers: whoever crowds pays, nobody else.  A network is a
 * wide prefix and, within it, a narrow one (base/prefix.h).  Those who are met go last.  `n` is at
 * least 1. */
guint sp_crowd_choose (const SpStranger *strangers, guint n);
/* The oldest of the network with fewest strangers; those who are met come first. */
guint sp_crowd_choose_next (const SpStranger *strangers, guint n);
/* Everybody but the last has a place, and there is none left: who goes for the last one, or itself,
 * which then has to wait.  Whoever crowds more than the newcomer goes at once; others have had time
 * enough after SP_CROWD_PATIENCE. */
guint sp_crowd_choose_for_last (const SpStranger *strangers, guint n, gint64 now);

#define SP_CROWD_PATIENCE (3 * G_USEC_PER_SEC)

G_END_DECLS
