/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When to let packets gather before a turn.  Who sends a packet with each system call, client or
 * home, wakes the worker for each, and each then has a way of its own through the kernel, as has
 * its acknowledgement; what comes together goes through it together.  Few packets, or many at a
 * time, are served at once.
 *
 * Told of each turn, and asked before the next; times are monotonic microseconds. */

#define SP_TURN_PACE 300 /* µs from the beginning of one turn to that of the next */

typedef struct
{
  gint64 since;         /* of what is counted */
  guint64 packets;      /* since then */
  guint64 turns;        /* since then, that carried any */
  gint64 last_at;       /* when the last turn began */
  guint64 last_packets; /* and what it carried */
  gboolean waiting;     /* turns begin no sooner than that one after another */
  guint windows;        /* for so many times what is counted */
} SpTurnPace;

/* A turn that began at `now` carried so many packets, both ways together. */
void sp_turn_pace_note (SpTurnPace *self, guint64 packets, gint64 now);
/* How many µs to wait before the next one; 0 = not at all. */
guint sp_turn_pace_ask (const SpTurnPace *self, gint64 now);
/* The last turn carried so little that each packet counts more than what a turn costs. */
gboolean sp_turn_pace_is_quiet (const SpTurnPace *self);

G_END_DECLS
