/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "judgement.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Whatever a module is at: the keyholder waits for it no more. */
static void
look_at_wall (int signal_number)
{
  struct pollfd wall = { .fd = SP_WALL_FD };
  int before = errno;

  if (poll (&wall, 1, 0) > 0)
    _exit (EXIT_SUCCESS);
  errno = before;
}

/* The signal comes with messages, too, for which alone somebody waits then. */
static gboolean
end_with_wall (GError **error)
{
  const struct sigaction action = { .sa_handler = look_at_wall, .sa_flags = SA_RESTART };
  int flags = fcntl (SP_WALL_FD, F_GETFL);

  if (flags < 0 || sigaction (SIGIO, &action, NULL) != 0 ||
      fcntl (SP_WALL_FD, F_SETOWN, getpid ()) != 0 ||
      fcntl (SP_WALL_FD, F_SETFL, flags | O_ASYNC) != 0)
    {
      sp_error_set_errno (error, errno, "watching the wall");
      return FALSE;
    }
  look_at_wall (SIGIO);
  return TRUE;
}

int
main (void)
{
  g_auto (SpPamRoom) room = { .wall = -1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  SpPamResult result;

  (void) clearenv (); /* a service manager's says nothing to modules */
  sp_log_open ("pam", SP_LOG_NOTICE);
  (void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0); /* a password passes through this memory */
  (void) signal (SIGPIPE, SIG_IGN);           /* the log may go to a pipe whose reader is gone */
  sp_pam_room_init (&room, SP_WALL_FD);
  if (!end_with_wall (&error) || !sp_pam_room_await_begin (&room, &error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      return EXIT_FAILURE;
    }
  result = sp_judge_by_pam (&room, &text);
  if (sp_pam_room_tell (&room, result, text, &error))
    return EXIT_SUCCESS;
  sp_log (SP_LOG_DEBUG, "wall", "%s", error->message);
  return EXIT_FAILURE;
}
