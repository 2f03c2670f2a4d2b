/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main-process.h"

#include "base/error.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define EXIT_NOEXEC 127

static void
become_main (char *const *arguments, int wall, pid_t parent)
{
  sigset_t none;
  char number[16];

  (void) sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
  (void) signal (SIGPIPE, SIG_DFL);
  (void) g_snprintf (number, sizeof number, "%d", SP_WALL_FD);
  if (setsid () < 0 || prctl (PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid () != parent ||
      dup2 (wall, SP_WALL_FD) < 0 || fcntl (SP_WALL_FD, F_SETFD, 0) != 0 ||
      setenv (SP_HOLDER_VARIABLE, number, 1) != 0)
    _exit (EXIT_NOEXEC);
  (void) execv (arguments[0], arguments);
  _exit (EXIT_NOEXEC);
}

pid_t
sp_main_process_start (char *const *arguments, int wall, GError **error)
{
  pid_t parent = getpid ();
  pid_t pid = fork ();

  if (pid == 0)
    become_main (arguments, wall, parent);
  if (pid < 0)
    sp_error_set_errno (error, errno, "starting %s", arguments[0]);
  return pid;
}
