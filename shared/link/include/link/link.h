/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "link/channel.h"

G_BEGIN_DECLS

/* A wall's end in a GMainContext: messages are dispatched to a const table of handlers, never
 * awaited. One table a wall and room, in a file named after the peer (from-worker.c, from-main.c,
 * …). */

typedef struct _SpLink SpLink;

/* `message` is the decoded struct and `fds` the descriptors that came with it; both are only valid
 * during the call, take a descriptor with sp_fd_steal.  The handler may free the link. */
typedef void (*SpLinkHandler) (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
/* The peer closed (everything that it said before was dispatched), or broke a rule
 * (SP_ERROR_PEER_GONE, SP_ERROR_PEER_BROKE_RULES), or does not read (SP_ERROR_BUSY).  Called once;
 * nothing is dispatched afterwards.  The handler may free the link. */
typedef void (*SpLinkClosed) (gpointer user_data, const GError *error);

typedef struct
{
  SpLinkHandler handlers[SP_WALL_MESSAGES_MAX + 1]; /* indexed by message type, from 1 */
  SpLinkClosed closed;
} SpLinkTable;

/* Takes `fd`, attaches to the thread-default context.  Every message that the peer may send must
 * have a handler: a missing one is a programmer's error and ends the process at once. */
SpLink *sp_link_new (
    int fd, const SpWall *wall, guint8 own_side, const SpLinkTable *table, gpointer user_data);
void sp_link_free (SpLink *link);

/* Lent, for whoever keeps the wall when this process ends. */
int sp_link_get_fd (SpLink *link);

/* What the peer may do from now on. */
void sp_link_enter (SpLink *link, guint8 phase);
guint8 sp_link_get_phase (SpLink *link);

/* A wall with a higher priority (a lower number; G_PRIORITY_DEFAULT at first) is read empty before
 * any other is looked at.  So what a trusted peer said first is known before what others say later.
 */
void sp_link_set_priority (SpLink *link, int priority);
/* How many messages may wait for a trusted peer that gets them in bursts; 256 at first. */
void sp_link_set_queue_max (SpLink *link, guint queue_max);

/* Ends a peer that goes on saying more than that; `burst` at once are fine.  No limit at first. The
 * burst should be more than a socket holds, or a reader that was stopped for a while blames his
 * peers for it. */
void sp_link_set_rate_max (SpLink *link, guint messages_a_second, guint burst);

/* Sends now, or when the peer reads again (a bounded queue; the link closes when it overflows).
 * `fds` are only lent.  Send never calls back. */
void sp_link_send (SpLink *link, guint8 type, gconstpointer message, const int *fds, guint n_fds);
void sp_link_answer (
    SpLink *link, guint8 type, guint32 serial, gconstpointer message, const int *fds, guint n_fds);
/* Like send, for a message that has an answer; returns the serial that the answer will carry, or 0
 * if too many questions are open. */
guint32 sp_link_ask (SpLink *link, guint8 type, gconstpointer message, const int *fds, guint n_fds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLink, sp_link_free)

G_END_DECLS
