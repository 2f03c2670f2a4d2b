/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-sandbox.h"

#include "base/error.h"
#include "platform/sandbox.h"

#include <errno.h>
#include <sys/resource.h>

#define MEMORY_MAX      (1024UL * 1024 * 1024) /* addresses; modules load much and use little */
#define DESCRIPTORS_MAX 128

/* A module of others is loaded here, so this room keeps more than any other, but for what its
 * account has no right to.  It has no network, runs no program, and makes no process. */
static const SpPromiseLine promises[] = {
  { SP_PROMISE_BASIC, "signatures and their memory" },
  { SP_PROMISE_READ_WRITE, "the log on standard error, a module's files and sockets" },
  { SP_PROMISE_SOCKET_IO, "the wall; the socket of a program that speaks with card readers" },
  { SP_PROMISE_POLL, "GLib's loop" },
  { SP_PROMISE_FILES, "a module's libraries and settings, and tokens that are files" },
  { SP_PROMISE_THREADS, "modules wait for cards in threads" },
  { SP_PROMISE_MODULE, "loading it, and connecting to the program that has the card readers" },
};

static const SpSandbox sandbox = {
  .room = "token",
  .promises = promises,
  .n_promises = G_N_ELEMENTS (promises),
  .everywhere = TRUE,
  .lenient = TRUE, /* modules ask for much that they can do without */
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
sp_token_sandbox_enter (GError **error)
{
  /* a sanitizer's own memory is beyond any limit */
  return (!sp_sandbox_is_enforced () || limit (RLIMIT_AS, MEMORY_MAX, error)) &&
         limit (RLIMIT_NOFILE, DESCRIPTORS_MAX, error) && sp_sandbox_enter (&sandbox, error);
}
