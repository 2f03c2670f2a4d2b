/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What becomes of a room's log: bytes of a room, which may have been taken over, into lines that
 * can stand among others'.  A pure filter: each line is short, has no control characters, begins
 * with the room's name and comes out of a budget of the room's own. */

#define SP_ROOM_LINE_MAX 1024

typedef struct
{
  char name[24]; /* "door": its lines begin with "door[" */
  gboolean generous;
  gint64 bucket;
  guint left_out; /* since the last that passed */
  gboolean follows_c2;
  gsize length;
  char line[SP_ROOM_LINE_MAX];
} SpRoomLines;

/* `program`: the name of the room's file. */
void sp_room_lines_init (SpRoomLines *self, const char *program);
/* The owner wants every line there is: the budget is larger. */
void sp_room_lines_be_generous (SpRoomLines *self, gboolean on);
/* Appends to `out` what may pass.  `now`: monotonic microseconds. */
void sp_room_lines_take (
    SpRoomLines *self, const char *bytes, gsize size, gint64 now, GString *out);
/* Says how many were left out since it was said last, if any were. */
void sp_room_lines_tell_left_out (SpRoomLines *self, GString *out);
/* The room is gone: a line without an end, and how many were left out. */
void sp_room_lines_end (SpRoomLines *self, gint64 now, GString *out);

G_END_DECLS
