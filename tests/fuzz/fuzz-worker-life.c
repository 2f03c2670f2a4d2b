/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "worker-play.h"

#include "base/log.h"
#include "worker/worker.h"

#include <poll.h>
#include <string.h>

/* A whole worker from its first to its last turn, with its client, main and the keyholder in this
 * process: sp_worker_run() as it is, TLS taken away (memory-tls.c), and where it would wait in
 * poll(), the next thing of the input happens.  What may come of it says worker-judge.c.
 *
 * An input is a header (PLAY_HEADER bytes), then things that happen: worker-play.c reads them. */

#define TURNS_MAX 200 /* in which nothing happens and no time passes: it turns in circles */

int __real_poll (struct pollfd *fds, nfds_t n, int patience);
int __wrap_poll (struct pollfd *fds, nfds_t n, int patience);
gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);

/* poll() has no argument for it. */
static WorkerPlay *current;

gint64
__wrap_g_get_monotonic_time (void)
{
  return current != NULL ? current->now : __real_g_get_monotonic_time ();
}

/* The sockets are real, but for the client's. */
static int
look (struct pollfd *fds, nfds_t n)
{
  int client = current->client.fd;
  int n_ready = __real_poll (fds, n, 0);

  g_assert_cmpint (n_ready, >=, 0);
  for (nfds_t i = 0; i < n; i++)
    if (fds[i].fd >= 0 && fds[i].fd == client)
      {
        n_ready -= fds[i].revents != 0;
        fds[i].revents = memory_client_poll (&current->client, fds[i].events);
        n_ready += fds[i].revents != 0;
      }
  return n_ready;
}

int
__wrap_poll (struct pollfd *fds, nfds_t n, int patience)
{
  int n_ready;

  g_assert_nonnull (current);
  worker_play_listen (current);
  while ((n_ready = look (fds, n)) == 0 && patience != 0)
    {
      current->n_turns = 0;
      if (worker_play_go_on (current, patience))
        break;
    }
  g_assert_cmpuint (current->n_turns++, <, TURNS_MAX);
  return n_ready > 0 ? n_ready : look (fds, n);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static SpEquipment *equipment;
  WorkerPlay play;

  if (equipment == NULL)
    {
      sp_log_open ("fuzz", SP_LOG_ERROR);
      equipment = worker_play_make_equipment ();
    }
  if (!worker_play_begin (&play, equipment, data, size))
    return 0;
  current = &play;
  g_assert_cmpint (sp_worker_run (equipment, play.worker_ends[0], play.worker_ends[1], TRUE), ==,
                   0);
  current = NULL;
  worker_play_end (&play);
  return 0;
}
