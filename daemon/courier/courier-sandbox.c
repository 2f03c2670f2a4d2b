/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-sandbox.h"

#include "base/error.h"
#include "platform/sandbox.h"

#include <errno.h>
#include <sys/resource.h>

#define MEMORY_MAX      (256UL * 1024 * 1024) /* of which most are stacks of threads */
#define DESCRIPTORS_MAX 64

/* It calls, and is never called: sockets of the internet that connect, and none that listens.  It
 * reads settings of the resolver and writes no file.  What it trusts was read before. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "TLS and HTTP, and their memory" },
  { SP_PROMISE_READ_WRITE, "the log on standard error, the file with the password" },
  { SP_PROMISE_SOCKET_IO, "the wall; the connection" },
  { SP_PROMISE_POLL, "GLib's loop" },
  { SP_PROMISE_THREADS, "GIO asks libc's resolver in a thread" },
  { SP_PROMISE_OUTBOUND, "name servers and the place that the errand leads to" },
  { SP_PROMISE_SEARCH, "who in this network says that it is the router" },
};

/* Where a system keeps which name servers it asks. */
static const char *const readable[] = { "/etc", "/run", NULL };

static const SpSandbox sandbox = {
  .room = "courier",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
  .readable = readable,
  .outbound = TRUE,
  .memory_max = MEMORY_MAX,
  .lenient = TRUE, /* libc's resolver and GIO ask for much that they can do without */
};

static gboolean
limit (int resource, rlim_t most, GError **error)
{
  const struct rlimit limits = { most, most };

  if (setrlimit (resource, &limits) == 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "The sandbox: limits: %s",
               sp_error_describe (errno));
  return FALSE;
}

gboolean
sp_courier_sandbox_enter (GError **error)
{
  return limit (RLIMIT_NOFILE, DESCRIPTORS_MAX, error) && sp_sandbox_enter (&sandbox, error);
}
