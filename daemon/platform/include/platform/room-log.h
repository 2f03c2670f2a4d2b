/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A room's standard error: a pipe of its own, whose lines (room-lines.h) main copies to its own
 * standard error, a bounded piece at a time.  Who says too much is not read for a second; what does
 * not fit into the pipe meanwhile is the room's loss, which never waits for it. */

typedef struct _SpRoomLog SpRoomLog;

/* `ret_fd`: the room's end, close-on-exec.  Reading goes on by itself until all copies of it are
 * closed, also when the room is gone. */
SpRoomLog *sp_room_log_open (const char *program, int *ret_fd, GError **error);
/* Copies now what is there. */
void sp_room_log_hear (SpRoomLog *self);
void sp_room_log_unref (SpRoomLog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRoomLog, sp_room_log_unref)

/* The same of many rooms of one kind, each with a pipe and a budget of its own.  To main's loop
 * they are one thing to wait for, however many there are. */

typedef struct _SpRoomLogSet SpRoomLogSet;

SpRoomLogSet *sp_room_log_set_new (const char *program, GError **error);
/* One more: the room's end, close-on-exec; -1 when it failed. */
int sp_room_log_set_open (SpRoomLogSet *self, GError **error);
guint sp_room_log_set_count (SpRoomLogSet *self);
/* Copies what is there, and reads none of them any more. */
void sp_room_log_set_free (SpRoomLogSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRoomLogSet, sp_room_log_set_free)

G_END_DECLS
