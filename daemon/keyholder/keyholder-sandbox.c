/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-sandbox.h"

#include "platform/sandbox.h"

/* The keyholder works on one folder and on the walls that main gives it.  It never makes a socket
 * or a process, and knows nothing of the rest of the file system. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "keys, hashes and their memory; the expiry of cookies; randomness" },
  { SP_PROMISE_READ_WRITE, "the log on standard error, passwords from pipes, threads' answers" },
  { SP_PROMISE_SOCKET_IO, "the walls, with descriptors for new walls and for passwords" },
  { SP_PROMISE_POLL, "GLib's loop; the event counter of the threads" },
  { SP_PROMISE_FILES, "SQLite's database and its log" },
  { SP_PROMISE_THREADS, "hashing passwords beside the loop" },
};

static const SpSandbox sandbox = {
  .room = "keyholder",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
  .folder = ".",
};

gboolean
sp_keyholder_sandbox_enter (GError **error)
{
  return sp_sandbox_enter (&sandbox, error);
}
