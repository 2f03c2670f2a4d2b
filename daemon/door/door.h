/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The room: one thread, one epoll loop over the wall, the listeners, half-open connections and
 * lingering sockets.  It opens, connects, binds and executes nothing. */

typedef struct _SpDoor SpDoor;

/* Takes `wall_fd`, the door's end of the wall to main. */
SpDoor *sp_door_new (int wall_fd, GError **error);
void sp_door_free (SpDoor *door);

/* Serves until main is gone (TRUE) or broke a rule of the wall (FALSE). */
gboolean sp_door_run (SpDoor *door, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDoor, sp_door_free)

G_END_DECLS
