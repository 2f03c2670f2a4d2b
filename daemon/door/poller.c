/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "poller.h"

#include "base/error.h"

#include <errno.h>

#define KIND_BITS  8
#define INDEX_BITS 24

static guint64
pack (const SpWatch *watch)
{
  return (guint64) watch->generation << (KIND_BITS + INDEX_BITS) |
         (guint64) watch->index << KIND_BITS | watch->kind;
}

static SpWatch
unpack (guint64 packed)
{
  return (SpWatch){
    .kind = packed & ((1u << KIND_BITS) - 1),
    .index = packed >> KIND_BITS & ((1u << INDEX_BITS) - 1),
    .generation = (guint32) (packed >> (KIND_BITS + INDEX_BITS)),
  };
}

int
sp_poller_new (GError **error)
{
  int poller = epoll_create1 (EPOLL_CLOEXEC);

  if (poller < 0)
    sp_error_set_errno (error, errno, "making an epoll descriptor");
  return poller;
}

gboolean
sp_poller_add (int poller, int fd, guint32 events, const SpWatch *watch)
{
  struct epoll_event event = { .events = events, .data.u64 = pack (watch) };

  return epoll_ctl (poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Changing and removing only fail for what was never added. */
void
sp_poller_change (int poller, int fd, guint32 events, const SpWatch *watch)
{
  struct epoll_event event = { .events = events, .data.u64 = pack (watch) };

  (void) epoll_ctl (poller, EPOLL_CTL_MOD, fd, &event);
}

void
sp_poller_remove (int poller, int fd)
{
  (void) epoll_ctl (poller, EPOLL_CTL_DEL, fd, NULL);
}

/* Rounded up: a wait that ends a moment too early would spin until its time has come. */
static int
get_milliseconds (gint64 due)
{
  gint64 left = due == G_MAXINT64 ? -1 : due - g_get_monotonic_time ();

  if (due == G_MAXINT64)
    return -1;
  return (int) CLAMP ((left + 999) / 1000, 0, G_MAXINT);
}

guint
sp_poller_wait (int poller, gint64 due, SpEvent ret_events[SP_POLLER_EVENTS_MAX])
{
  struct epoll_event events[SP_POLLER_EVENTS_MAX];
  int n_events = epoll_wait (poller, events, SP_POLLER_EVENTS_MAX, get_milliseconds (due));
  gint64 now = g_get_monotonic_time ();

  for (int i = 0; i < n_events; i++)
    ret_events[i] = (SpEvent){ unpack (events[i].data.u64), events[i].events, now };
  return MAX (n_events, 0);
}
