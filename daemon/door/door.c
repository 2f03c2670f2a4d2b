/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-private.h"

#include "base/error.h"
#include "base/io.h"
#include "from-main.h"
#include "walls/main-door.h"

#include <poll.h>
#include <time.h>

/* --- what is answered here --- */

static gboolean
ask_for_metrics (SpHttpDesk *desk, gpointer user_data)
{
  static const SpMetricsWanted wanted = { 0 };
  SpDoor *door = user_data;

  return sp_to_main_send (door->to_main, SP_MESSAGE_METRICS_WANTED, &wanted, -1) == SP_SENT;
}

static gboolean
tell_validation (SpHttpDesk *desk, gpointer user_data)
{
  SpDoor *door = user_data;

  sp_http_desk_tell (desk, door->validation.text, door->validation.text_length);
  return TRUE;
}

static const SpHttpDeskKind metrics_kind = {
  .listener = SP_WATCH_METRICS_LISTENER,
  .request = SP_WATCH_METRICS,
  .places = 8,
  .type = "text/plain; version=0.0.4; charset=utf-8",
  .wanted = ask_for_metrics,
};

/* Whoever is in the world may ask, while an authority does. */
static const SpHttpDeskKind validation_kind = {
  .listener = SP_WATCH_VALIDATION_LISTENER,
  .request = SP_WATCH_VALIDATION,
  .places = 64,
  .type = "application/octet-stream", /* RFC 8555 8.3 */
  .wanted = tell_validation,
};

/* --- life --- */

SpDoor *
sp_door_new (int wall_fd, GError **error)
{
  g_autoptr (SpDoor) door = g_new0 (SpDoor, 1);
  SpWatch watch = { .kind = SP_WATCH_WALL };

  door->wall_fd = wall_fd;
  door->poller = sp_poller_new (error);
  if (door->poller < 0)
    return NULL;
  if (!sp_poller_add (door->poller, wall_fd, EPOLLIN, &watch))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "descriptor %d is no wall", wall_fd);
      return NULL;
    }
  sp_permit_init (&door->permit, &sp_wall_main_door, SP_MAIN_DOOR_DOOR);
  sp_tally_init (&door->tally);
  door->to_main = sp_to_main_new (wall_fd, door->poller);
  door->bans = sp_ban_list_new ();
  door->gate = sp_name_gate_new ();
  door->udp =
      sp_udp_entrance_new (door->poller, door->to_main, &door->tally, g_get_monotonic_time ());
  sp_udp_entrance_heed_bans (door->udp, door->bans);
  door->metrics = sp_http_desk_new (door->poller, &metrics_kind, door);
  sp_http_desk_set_path (door->metrics, "/metrics");
  door->validations = sp_http_desk_new (door->poller, &validation_kind, door);
  return g_steal_pointer (&door);
}

void
sp_door_free (SpDoor *door)
{
  if (door == NULL)
    return;
  sp_tcp_entrance_free (door->tcp);
  sp_udp_entrance_free (door->udp);
  sp_http_desk_free (door->metrics);
  sp_http_desk_free (door->validations);
  sp_to_main_free (door->to_main);
  sp_ban_list_free (door->bans);
  sp_name_gate_free (door->gate);
  sp_fd_clear (&door->wall_fd);
  sp_fd_clear (&door->poller);
  g_free (door);
}

typedef gboolean (*Handler) (SpDoor *door, const SpEvent *event, GError **error);

static gboolean
handle_wall (SpDoor *door, const SpEvent *event, GError **error)
{
  if (event->events & EPOLLOUT)
    sp_to_main_resume (door->to_main);
  if (door->tcp != NULL && !sp_to_main_is_blocked (door->to_main))
    sp_tcp_entrance_resume (door->tcp, event->now);
  return sp_from_main_receive (door, event->now, error);
}

static gboolean
handle_tcp_listener (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_tcp_entrance_accept (door->tcp, event);
  return TRUE;
}

static gboolean
handle_udp_listener (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_udp_entrance_receive (door->udp, event);
  return TRUE;
}

static gboolean
handle_half_open (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_tcp_entrance_look (door->tcp, event);
  return TRUE;
}

static gboolean
handle_lingering (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_udp_entrance_drain (door->udp, event);
  return TRUE;
}

static gboolean
handle_metrics_listener (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_http_desk_accept (door->metrics, event);
  return TRUE;
}

static gboolean
handle_metrics (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_http_desk_look (door->metrics, event);
  return TRUE;
}

static gboolean
handle_validation_listener (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_http_desk_accept (door->validations, event);
  return TRUE;
}

static gboolean
handle_validation (SpDoor *door, const SpEvent *event, GError **error)
{
  sp_http_desk_look (door->validations, event);
  return TRUE;
}

static const Handler handlers[SP_WATCH_KINDS_N] = {
  [SP_WATCH_WALL] = handle_wall,
  [SP_WATCH_TCP_LISTENER] = handle_tcp_listener,
  [SP_WATCH_UDP_LISTENER] = handle_udp_listener,
  [SP_WATCH_HALF_OPEN] = handle_half_open,
  [SP_WATCH_LINGERING] = handle_lingering,
  [SP_WATCH_METRICS_LISTENER] = handle_metrics_listener,
  [SP_WATCH_METRICS] = handle_metrics,
  [SP_WATCH_VALIDATION_LISTENER] = handle_validation_listener,
  [SP_WATCH_VALIDATION] = handle_validation,
};

/* In a flood the loop would wake for every few datagrams or connections, and waking costs more than
 * they do.  Then it pauses after each turn, so that they come in batches; who has to wait does so
 * for a millisecond, in which the buffer of a socket takes 200 datagrams. */
#define WINDOW        (G_USEC_PER_SEC / 100)
#define HURRIED_WAKES 8             /* in a window */
#define PAUSE         (1000 * 1000) /* nanoseconds */

static void
breathe (SpDoor *door, gint64 now)
{
  const struct timespec pause = { .tv_nsec = PAUSE };

  if (now - door->window_began >= WINDOW)
    {
      door->hurried = door->wakes >= HURRIED_WAKES;
      door->window_began = now;
      door->wakes = 0;
    }
  door->wakes++;
  if (door->hurried)
    (void) ppoll (NULL, 0, &pause, NULL);
}

/* Does what is due; returns when something will be. */
static gint64
tick (SpDoor *door, gint64 now)
{
  gint64 due = sp_udp_entrance_tick (door->udp, now);

  if (door->tcp != NULL)
    due = MIN (due, sp_tcp_entrance_tick (door->tcp, now));
  due = MIN (due, sp_http_desk_tick (door->metrics, now));
  due = MIN (due, sp_http_desk_tick (door->validations, now));
  return MIN (due, sp_tally_tick (&door->tally, door->to_main, now));
}

gboolean
sp_door_run (SpDoor *door, GError **error)
{
  SpEvent events[SP_POLLER_EVENTS_MAX];
  g_autoptr (GError) failure = NULL;

  while (failure == NULL && !sp_to_main_is_gone (door->to_main))
    {
      gint64 now = g_get_monotonic_time ();
      gint64 due = tick (door, now);
      guint n_events;

      breathe (door, now);
      n_events = sp_poller_wait (door->poller, due, events);

      for (guint i = 0; i < n_events && failure == NULL; i++)
        (void) handlers[events[i].watch.kind](door, &events[i], &failure);
    }
  if (failure == NULL || g_error_matches (failure, SP_ERROR, SP_ERROR_PEER_GONE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
