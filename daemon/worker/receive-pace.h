/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When to let what a client sends gather before it is received.  One that sends a packet with each
 * system call wakes its worker for each, and each then has a way of its own through the kernel, as
 * has its acknowledgement; what comes together goes through it together.  Who sends little, or
 * much at a time, is served at once.
 *
 * Told of each turn, and asked before the next; times are monotonic microseconds. */

#define SP_RECEIVE_PACE_TURN 100 /* µs from the beginning of one turn to that of the next */

typedef struct
{
  gint64 since;     /* of what is counted */
  guint64 bytes;    /* since then */
  guint64 turns;    /* since then, that brought any */
  gint64 last_at;   /* when the last turn began */
  gsize last_bytes; /* and what it brought */
  gboolean waiting; /* turns begin no sooner than that one after another */
} SpReceivePace;

/* A turn that began at `now` brought so many bytes of packets from the client. */
void sp_receive_pace_note (SpReceivePace *self, gsize bytes, gint64 now);
/* How many µs to wait before the next one; 0 = not at all. */
guint sp_receive_pace_ask (const SpReceivePace *self, gint64 now);

G_END_DECLS
