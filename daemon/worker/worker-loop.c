/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-loop.h"

#include "from-keyholder.h"
#include "from-main.h"

#include <poll.h>

#define MICROSECONDS_IN_MILLISECOND 1000
#define NANOSECONDS_IN_MICROSECOND  1000

/* What a turn waits for.  The descriptor is -1 if there is nothing to wait for; `ret_now` is set if
 * there is work that no descriptor would tell of. */
typedef struct
{
  int (*get_fd) (const SpWorker *worker, short *ret_events, gboolean *ret_now);
  void (*serve) (SpWorker *worker, short events);
} Source;

static int
watch_main (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  *ret_events = sp_main_wall_is_waiting (&worker->main) ? POLLIN | POLLOUT : POLLIN;
  return worker->main.fd;
}

static void
serve_main (SpWorker *worker, short events)
{
  sp_worker_serve_main (worker);
}

static int
watch_keyholder (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  *ret_events = POLLIN;
  return worker->keyholder.broken ? -1 : worker->keyholder.fd;
}

static void
serve_keyholder (SpWorker *worker, short events)
{
  sp_worker_serve_keyholder (worker);
}

static gboolean
takes_client (const SpWorker *worker)
{
  if (worker->state == SP_WORKER_TUNNEL)
    return sp_tunnel_takes_stream (worker->tunnel);
  return worker->state == SP_WORKER_FAREWELL ||
         sp_worker_state_get_row (worker->state)->reads_client;
}

static int
watch_client (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  *ret_events = 0;
  if (worker->tls == NULL)
    return -1;
  if (takes_client (worker))
    {
      *ret_now = worker->client_closed || sp_tls_session_has_input (worker->tls);
      *ret_events |= worker->client_closed ? 0 : POLLIN;
    }
  if (sp_tls_session_get_queued (worker->tls) > 0)
    *ret_events |= POLLOUT;
  return *ret_events != 0 ? sp_tls_session_get_fd (worker->tls) : -1;
}

static void
serve_client (SpWorker *worker, short events)
{
  if (takes_client (worker))
    sp_worker_serve_client (worker);
}

static int
watch_datagrams (const SpWorker *worker, SpTunnelSlot slot, short *ret_events)
{
  if (worker->state != SP_WORKER_TUNNEL)
    return -1;
  *ret_events = sp_tunnel_waits_to_write (worker->tunnel, slot) ? POLLIN | POLLOUT : POLLIN;
  return sp_tunnel_get_datagram_fd (worker->tunnel, slot);
}

static int
watch_current (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  return watch_datagrams (worker, SP_TUNNEL_CURRENT, ret_events);
}

static int
watch_candidate (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  return watch_datagrams (worker, SP_TUNNEL_CANDIDATE, ret_events);
}

/* The channels may have changed since they were looked at: a later turn serves them. */
static void
serve_datagrams (SpWorker *worker, SpTunnelSlot slot)
{
  if (worker->state == SP_WORKER_TUNNEL && sp_tunnel_get_datagram_fd (worker->tunnel, slot) >= 0)
    sp_tunnel_serve_datagrams (worker->tunnel, slot);
}

static void
serve_current (SpWorker *worker, short events)
{
  serve_datagrams (worker, SP_TUNNEL_CURRENT);
}

static void
serve_candidate (SpWorker *worker, short events)
{
  serve_datagrams (worker, SP_TUNNEL_CANDIDATE);
}

static int
watch_trial (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  *ret_events = POLLIN;
  return worker->state == SP_WORKER_TUNNEL ? sp_tunnel_get_trial_fd (worker->tunnel) : -1;
}

static void
serve_trial (SpWorker *worker, short events)
{
  if (worker->state == SP_WORKER_TUNNEL && sp_tunnel_get_trial_fd (worker->tunnel) >= 0)
    sp_tunnel_serve_trial (worker->tunnel);
}

static int
watch_tun (const SpWorker *worker, short *ret_events, gboolean *ret_now)
{
  *ret_events = POLLIN;
  return worker->state == SP_WORKER_TUNNEL ? sp_tunnel_get_tun_fd (worker->tunnel) : -1;
}

static void
serve_tun (SpWorker *worker, short events)
{
  if (worker->state == SP_WORKER_TUNNEL && sp_tunnel_get_tun_fd (worker->tunnel) >= 0)
    sp_tunnel_serve_tun (worker->tunnel);
}

/* In this order: what main says counts before what the client sends. */
static const Source sources[] = {
  { watch_main, serve_main },
  { watch_keyholder, serve_keyholder },
  { watch_client, serve_client },
  { watch_current, serve_current },
  { watch_candidate, serve_candidate },
  { watch_trial, serve_trial },
  { watch_tun, serve_tun },
};

static int
get_patience (const SpWorker *worker)
{
  gint64 deadline = sp_worker_get_deadline (worker);
  gint64 left;

  if (worker->state == SP_WORKER_TUNNEL)
    deadline = MIN (deadline, sp_tunnel_get_deadline (worker->tunnel));
  if (deadline == G_MAXINT64)
    return -1;
  left = deadline - worker->now;
  return left <= 0
             ? 0
             : (int) MIN ((left + MICROSECONDS_IN_MILLISECOND - 1) / MICROSECONDS_IN_MILLISECOND,
                          G_MAXINT);
}

static void
serve_sources (SpWorker *worker, const struct pollfd *ready, const gboolean *work)
{
  for (guint i = 0; i < G_N_ELEMENTS (sources) && worker->state != SP_WORKER_GONE; i++)
    if (ready[i].revents != 0 || work[i])
      sources[i].serve (worker, ready[i].revents);
  if (worker->state == SP_WORKER_TUNNEL && sp_tunnel_reads_answers (worker->tunnel))
    sp_tunnel_serve_tun (worker->tunnel);
}

/* The sandbox allows no other call that waits for less than a millisecond. */
static void
let_gather (const SpWorker *worker)
{
  guint pause = worker->state == SP_WORKER_TUNNEL ? sp_tunnel_get_pause (worker->tunnel) : 0;
  const struct timespec wait = { .tv_nsec = pause * NANOSECONDS_IN_MICROSECOND };

  if (pause > 0)
    (void) ppoll (NULL, 0, &wait, NULL);
}

static void
turn (SpWorker *worker)
{
  struct pollfd ready[G_N_ELEMENTS (sources)];
  gboolean work[G_N_ELEMENTS (sources)] = { FALSE };
  int patience;

  let_gather (worker);
  patience = get_patience (worker);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      ready[i].fd = sources[i].get_fd (worker, &ready[i].events, &work[i]);
      ready[i].revents = 0;
      if (work[i])
        patience = 0;
    }
  if (poll (ready, G_N_ELEMENTS (ready), patience) < 0)
    return;
  worker->now = g_get_monotonic_time ();
  serve_sources (worker, ready, work);
  if (worker->state == SP_WORKER_TUNNEL)
    sp_tunnel_expire (worker->tunnel);
  sp_worker_expire (worker);
  if (worker->state == SP_WORKER_TUNNEL)
    sp_tunnel_flush (worker->tunnel);
  sp_worker_flush (worker);
}

void
sp_worker_loop (SpWorker *worker)
{
  worker->now = g_get_monotonic_time ();
  while (worker->state != SP_WORKER_GONE && !worker->main.broken)
    turn (worker);
}
