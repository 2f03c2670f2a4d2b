/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "judgement.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

int
main (void)
{
  g_auto (SpPamRoom) room = { .wall = -1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  SpPamResult result;

  sp_log_open ("pam", SP_LOG_NOTICE);
  (void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0); /* a password passes through this memory */
  (void) signal (SIGPIPE, SIG_IGN);           /* the log may go to a pipe whose reader is gone */
  sp_pam_room_init (&room, SP_WALL_FD);
  if (!sp_pam_room_await_begin (&room, &error))
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
