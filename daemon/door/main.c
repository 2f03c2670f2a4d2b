/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/names.h"
#include "door-sandbox.h"
#include "door.h"

#include <signal.h>
#include <stdlib.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpDoor) door = NULL;

  sp_log_open ("door", SP_LOG_NOTICE);
  /* A reader of our log that went away must not end us. */
  (void) signal (SIGPIPE, SIG_IGN);
  door = sp_door_new (SP_WALL_FD, &error);
  if (door == NULL || !sp_door_close_sandbox (&error) || !sp_door_run (door, &error))
    {
      sp_log (SP_LOG_ERROR, "door", "%s", error->message);
      return EXIT_FAILURE;
    }
  return EXIT_SUCCESS;
}
