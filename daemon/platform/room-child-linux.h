/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "account-linux.h"

#include <glib.h>

/* What the child does between fork and exec.  Everything is prepared before the fork: main has
 * threads, so that only async-signal-safe calls are allowed here. */
typedef struct
{
  const char *program;
  char *const *arguments; /* from the name on */
  /* all close-on-exec, and above SP_WALL_FD so that nothing is in the wall's place */
  int program_fd;
  int folder_fd;
  int wall_fd;
  int report_fd;
  int null_fd;
  int log_fd; /* standard error */
  pid_t parent;
  SpAccount account; /* unless it is */
  gboolean foreign;
  gboolean executes;
  gboolean bound_early;
} SpRoomChild;

/* What could not be done; written to report_fd. */
typedef struct
{
  gint32 step; /* index for sp_room_child_step_name */
  gint32 errno_value;
} SpRoomChildReport;

void sp_room_child_run (const SpRoomChild *child) G_GNUC_NORETURN;
const char *sp_room_child_step_name (gint32 step);
