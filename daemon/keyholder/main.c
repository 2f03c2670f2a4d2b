/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/names.h"
#include "keyholder-sandbox.h"
#include "keyholder.h"

#include <signal.h>
#include <sys/socket.h>

/* One wall for each worker, the database, and what GLib and the walls need in passing. */
#define DESCRIPTORS_WANTED (SP_SESSIONS_MAX + 2 * SP_UNAUTHENTICATED_MAX + 256)

static gboolean
has_wall (void)
{
  int type = 0;
  socklen_t size = sizeof type;

  return getsockopt (SP_WALL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int
main (void)
{
  g_autoptr (SpKeyholder) keyholder = NULL;
  g_autoptr (GError) error = NULL;
  guint allowed;

  sp_log_open ("keyholder", SP_LOG_NOTICE);
  if (!has_wall ())
    {
      sp_log (SP_LOG_ERROR, "start", "this program is started by sallyportd, not by hand");
      return 2;
    }
  (void) signal (SIGPIPE, SIG_IGN); /* the log may go to a pipe whose reader is gone */
  allowed = sp_descriptors_allow (DESCRIPTORS_WANTED);
  if (allowed < DESCRIPTORS_WANTED)
    sp_log (SP_LOG_WARNING, "start", "only %u descriptors are allowed, %d are wanted", allowed,
            DESCRIPTORS_WANTED);
  keyholder = sp_keyholder_new (SP_WALL_FD);
  if (!sp_keyholder_sandbox_enter (&error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      return 1;
    }
  return sp_keyholder_run (keyholder);
}
