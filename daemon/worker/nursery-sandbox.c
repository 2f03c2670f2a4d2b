/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nursery-sandbox.h"

#include "worker/nursery.h"

/* Filters only stack: what a worker needs the nursery must have, too. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "memory, clocks and random numbers" },
  { SP_PROMISE_READ_WRITE, "the descriptor that tells of ended workers; in workers the TUN queue" },
  { SP_PROMISE_SOCKET_IO, "its wall; in workers two walls and the client's sockets" },
  { SP_PROMISE_SOCKET_INFO, "in workers: path MTU and round trip of the client's connection" },
  { SP_PROMISE_POLL, "waiting for main and for the end of workers" },
  { SP_PROMISE_FORK, "its purpose" },
  { SP_PROMISE_NARROW, "each worker has less than this" },
};

const SpSandbox sp_nursery_sandbox = {
  .room = "nursery",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
};

gboolean
sp_nursery_sandbox_enter (GError **error)
{
  return sp_sandbox_enter (&sp_nursery_sandbox, error);
}
