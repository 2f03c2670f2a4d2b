/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-sandbox.h"

#include "platform/sandbox.h"

/* Its tables are of fixed sizes, and take an eighth of it. */
#define MEMORY_MAX (64 * 1024 * 1024)

/* The door takes sockets in and hands them on.  It never opens a file, makes, binds or connects a
 * socket, starts a process. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "tables, clocks, random nonces and keys" },
  { SP_PROMISE_READ_WRITE,
    "the log on standard error; the memory of its keys; closing what was turned away" },
  { SP_PROMISE_SOCKET_IO, "peeks at ClientHellos, datagrams, the wall with descriptors" },
  { SP_PROMISE_POLL, "one epoll loop" },
  { SP_PROMISE_ACCEPT, "connections of the listeners that main gave it; their endpoints" },
};

static const SpSandbox sandbox = {
  .room = "door",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
  .memory_max = MEMORY_MAX,
};

gboolean
sp_door_close_sandbox (GError **error)
{
  return sp_sandbox_enter (&sandbox, error);
}
