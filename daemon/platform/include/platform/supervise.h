/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Starting rooms: a clean exec of a small binary onto SP_WALL_FD, with its own account, an empty
 * environment, no arguments but those of its plan, no other descriptor than 0-2 and the wall,
 * default signals and mask, a process title that says the role, and the death of main as its own.
 * Linux ties that to the thread which started it: start rooms from the first thread only. */

typedef struct _SpRoom SpRoom;

typedef void (*SpRoomExited) (gpointer user_data, int wait_status);

typedef struct
{
  const char *program; /* absolute path */
  const char *account; /* system account; when it is missing, a uid of the dynamic range that no
                          account has */
  const char *folder;  /* working folder, made and given to the account (mode 0700); NULL = "/" */
  /* It runs code that is not ours and has to be main's own account for that (`account` is not
   * looked at): with the few capabilities of room-child-linux.c that main has, too, which nothing
   * that it executes can add to, and with limits.  What it started in its process group ends with
   * it. */
  gboolean foreign;
  const char *const *arguments; /* after its name, up to a NULL; NULL: none */
  /* It executes programs that are not ours, under its account: with the limits of a foreign one,
   * and what it started in its process group ends with it, too. */
  gboolean executes;
  /* The one variable that a room may have (LD_BIND_NOW, ld.so(8)): all functions of its libraries
   * are found before it begins, since each process that it forks would look for them anew. */
  gboolean bound_early;
} SpRoomPlan;

/* `wall_fd` is the room's end and is closed in main.  `exited` is called once from the main loop.
 */
SpRoom *sp_room_start (
    const SpRoomPlan *plan, int wall_fd, SpRoomExited exited, gpointer user_data, GError **error);
pid_t sp_room_get_pid (SpRoom *room);
/* SIGKILL now; `exited` still comes. */
void sp_room_kill (SpRoom *room);
/* Ends it if it runs; `exited` will not come any more. */
void sp_room_free (SpRoom *room);

/* By pidfd: exact, whatever happened to the number. */
gboolean sp_pidfd_kill (int pidfd, int signal_number, GError **error);

G_END_DECLS
