/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "program-check.h"
#include "program-run.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#define ARGUMENTS_LEAST 3 /* our name, the seconds, the program; what follows is the program's */

/* Nothing that is executed gains rights; what it leaves behind becomes our child.  Main's end is
 * seen at the wall and not by a signal, since what runs is to be ended first. */
static gboolean
settle (GError **error)
{
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && prctl (PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "settling");
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = NULL;
  guint64 seconds;

  sp_log_open ("hook", SP_LOG_NOTICE);
  (void) signal (SIGPIPE, SIG_IGN); /* the log may go to a pipe whose reader is gone */
  if (argc < ARGUMENTS_LEAST ||
      !g_ascii_string_to_unsigned (argv[1], 10, 1, G_MAXINT / 1000, &seconds, &error) ||
      !settle (&error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error != NULL ? error->message : "no program is named");
      return SP_HOOK_FAILED;
    }
  program = sp_program_find (argv[2], &error);
  if (program == NULL)
    {
      sp_log (SP_LOG_ERROR, "hook", "%s is not run: %s", argv[2], error->message);
      return SP_HOOK_UNFIT;
    }
  return (int) sp_program_run (program, argv + 2, (guint) seconds, SP_WALL_FD);
}
