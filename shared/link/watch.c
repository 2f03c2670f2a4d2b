/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/watch.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <sys/epoll.h>

#define EVENTS_AT_ONCE 64 /* the others are told in the next turn */

/* All watches of one context and priority. */
typedef struct _Hub Hub;
struct _Hub
{
  GSource source;
  int poller;
  Hub *urgent; /* whose watches go first: of the same context; NULL = there is none */
  guint n_watches;
  struct epoll_event events[EVENTS_AT_ONCE]; /* of the turn that runs; ptr NULL = gone meanwhile */
  int n_events;
};

struct _SpWatch
{
  Hub *hub;
  int fd;
  GIOCondition condition;
  SpWatchReady ready;
  gpointer user_data;
};

static gboolean
is_waiting (const Hub *hub)
{
  struct epoll_event event;

  return epoll_wait (hub->poller, &event, 1, 0) > 0;
}

/* It is told by its poller's descriptor, which GLib looks at.  GLib goes by priority, too, but
 * poll(2) looks at one descriptor after the other: something urgent may have come after its turn,
 * and what follows from it before the end.  By now both can be seen. */
static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Hub *hub = (Hub *) source;
  int n;

  if (hub->n_events > 0)
    return G_SOURCE_CONTINUE;
  n = epoll_wait (hub->poller, hub->events, EVENTS_AT_ONCE, 0);
  if (hub->urgent != NULL && is_waiting (hub->urgent))
    return G_SOURCE_CONTINUE;
  hub->n_events = MAX (n, 0);
  /* The source may be destroyed meanwhile, but lives until its dispatch is over. */
  for (int i = 0; i < hub->n_events; i++)
    {
      SpWatch *watch = hub->events[i].data.ptr;

      if (watch != NULL)
        watch->ready (watch->user_data);
    }
  hub->n_events = 0;
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  sp_fd_clear (&((Hub *) source)->poller);
}

static GSourceFuncs hub_functions = { /* nocheck: GLib takes no const one, and only reads it */
                                      .dispatch = dispatch,
                                      .finalize = finalize
};

/* Never called: with its data it is what a hub is found by. */
static gboolean
nothing_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static Hub *
find_hub (GMainContext *context, int priority)
{
  return (Hub *) g_main_context_find_source_by_funcs_user_data (context, &hub_functions,
                                                                GINT_TO_POINTER (priority));
}

/* Of a hub that comes, or that goes (`urgent`: NULL). */
static void
tell_others (GMainContext *context, int priority, Hub *urgent)
{
  Hub *others = find_hub (context, G_PRIORITY_DEFAULT);

  if (priority == G_PRIORITY_HIGH && others != NULL)
    others->urgent = urgent;
}

static Hub *
hub_new (GMainContext *context, int priority)
{
  GSource *source = g_source_new (&hub_functions, sizeof (Hub));
  Hub *hub = (Hub *) source;

  hub->poller = epoll_create1 (EPOLL_CLOEXEC);
  if (hub->poller < 0)
    g_error ("epoll: %s", sp_error_describe (errno));
  (void) g_source_add_unix_fd (source, hub->poller, G_IO_IN);
  g_source_set_callback (source, nothing_cb, GINT_TO_POINTER (priority), NULL);
  g_source_set_priority (source, priority);
  g_source_set_static_name (source, "watches");
  /* It keeps nested dispatches away itself: GLib would take its descriptor out of the poll each
   * time, and wake its own thread up to tell it: a write, a read and a poll more. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  g_source_unref (source); /* the context has it */
  if (priority > G_PRIORITY_HIGH)
    hub->urgent = find_hub (context, G_PRIORITY_HIGH);
  tell_others (context, priority, hub);
  return hub;
}

static Hub *
find_or_make_hub (int priority)
{
  GMainContext *context = g_main_context_get_thread_default ();
  Hub *hub = find_hub (context, priority);

  return hub != NULL ? hub : hub_new (context, priority);
}

static struct epoll_event
describe (SpWatch *watch)
{
  guint32 events =
      (watch->condition & G_IO_IN ? EPOLLIN : 0) | (watch->condition & G_IO_OUT ? EPOLLOUT : 0);

  return (struct epoll_event){ .events = events, .data.ptr = watch };
}

static void
join (SpWatch *watch, int priority)
{
  struct epoll_event event = describe (watch);

  watch->hub = find_or_make_hub (priority);
  watch->hub->n_watches++;
  if (epoll_ctl (watch->hub->poller, EPOLL_CTL_ADD, watch->fd, &event) != 0)
    g_error ("watching a descriptor: %s", sp_error_describe (errno));
}

static void
leave (SpWatch *watch)
{
  Hub *hub = g_steal_pointer (&watch->hub);

  (void) epoll_ctl (hub->poller, EPOLL_CTL_DEL, watch->fd, NULL);
  for (int i = 0; i < hub->n_events; i++)
    if (hub->events[i].data.ptr == watch)
      hub->events[i].data.ptr = NULL;
  if (--hub->n_watches > 0)
    return;
  tell_others (g_source_get_context (&hub->source), g_source_get_priority (&hub->source), NULL);
  g_source_destroy (&hub->source);
}

SpWatch *
sp_watch_new (int fd, GIOCondition condition, int priority, SpWatchReady ready, gpointer user_data)
{
  SpWatch *self = g_new0 (SpWatch, 1);

  self->fd = fd;
  self->condition = condition;
  self->ready = ready;
  self->user_data = user_data;
  join (self, priority);
  return self;
}

void
sp_watch_free (SpWatch *self)
{
  if (self == NULL)
    return;
  leave (self);
  g_free (self);
}

void
sp_watch_set_condition (SpWatch *self, GIOCondition condition)
{
  struct epoll_event event;

  if (self->condition == condition)
    return;
  self->condition = condition;
  event = describe (self);
  (void) epoll_ctl (self->hub->poller, EPOLL_CTL_MOD, self->fd, &event);
}

void
sp_watch_set_priority (SpWatch *self, int priority)
{
  if (g_source_get_priority (&self->hub->source) == priority)
    return;
  leave (self);
  join (self, priority);
}
