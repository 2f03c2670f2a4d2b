/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/epoll.h>

G_BEGIN_DECLS

/* The door's epoll descriptor.  Each watched descriptor is named by its kind and a place in that
 * kind's table; the generation tells whether the place was filled anew since the event was made.
 *
 * Trap: epoll watches the open file, not the number.  A socket that was handed to main must be
 * removed before it is closed here, or its events keep coming. */

typedef enum
{
  SP_WATCH_WALL,
  SP_WATCH_TCP_LISTENER,
  SP_WATCH_UDP_LISTENER,
  SP_WATCH_HALF_OPEN,
  SP_WATCH_LINGERING,
  SP_WATCH_METRICS_LISTENER,
  SP_WATCH_METRICS,
  SP_WATCH_VALIDATION_LISTENER,
  SP_WATCH_VALIDATION,
  SP_WATCH_KINDS_N
} SpWatchKind;

typedef struct
{
  SpWatchKind kind;
  guint index;
  guint32 generation;
} SpWatch;

/* What happened, to whom, when (microseconds, monotonic). */
typedef struct
{
  SpWatch watch;
  guint32 events;
  gint64 now;
} SpEvent;

int sp_poller_new (GError **error);
gboolean sp_poller_add (int poller, int fd, guint32 events, const SpWatch *watch);
void sp_poller_change (int poller, int fd, guint32 events, const SpWatch *watch);
void sp_poller_remove (int poller, int fd);

#define SP_POLLER_EVENTS_MAX 64
/* Waits until `due` (microseconds, monotonic) at most.  Returns how many events there are. */
guint sp_poller_wait (int poller, gint64 due, SpEvent ret_events[SP_POLLER_EVENTS_MAX]);

G_END_DECLS
