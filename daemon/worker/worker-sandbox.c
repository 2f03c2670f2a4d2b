/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nursery-sandbox.h"

#include "worker/nursery.h"

/* A worker may only move bytes between the descriptors it was given.  No ioctl and no fcntl: a TUN
 * obeys whoever holds it.  No socket, connect, bind, open, exec, fork or setsockopt. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "memory, deadlines, nonces" },
  { SP_PROMISE_READ_WRITE, "the TUN queue" },
  { SP_PROMISE_SOCKET_IO, "the client's connection, its UDP associations, both walls" },
  { SP_PROMISE_SOCKET_INFO, "path MTU and round trip of the client's connection" },
  { SP_PROMISE_POLL, "waiting for any of them" },
};

static const SpSandbox sandbox = {
  .room = "worker",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
};

SpSandboxFilter *
sp_worker_sandbox_prepare (GError **error)
{
  return sp_sandbox_filter_narrow (&sp_nursery_sandbox, &sandbox, error);
}
