/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room-log.h"

#include "room-lines.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#define PIPE_BYTES         (256 * 1024) /* for many lines while main is busy */
#define PIECE_BYTES        16384
#define PIECES_AT_ONCE     4
#define PAUSE_MILLISECONDS 1000

struct _SpRoomLog
{
  grefcount references;
  int fd;
  gboolean over; /* nobody has the other end any more */
  SpRoomLines lines;
};

static void wait_for_more (SpRoomLog *self);

void
sp_room_log_unref (SpRoomLog *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  sp_fd_clear (&self->fd);
  g_free (self);
}

static void
unref (gpointer data)
{
  sp_room_log_unref (data);
}

static SpRoomLog *
ref (SpRoomLog *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

static void
copy (const GString *text)
{
  /* Nowhere is left to report that the log cannot be written. */
  if (text->len > 0)
    (void) !write (STDERR_FILENO, text->str, text->len);
}

/* FALSE when there is no more for now, or at all. */
static gboolean
read_piece (SpRoomLog *self, GString *text)
{
  char bytes[PIECE_BYTES];
  gint64 now = g_get_monotonic_time ();
  ssize_t size = read (self->fd, bytes, sizeof bytes);

  if (size > 0)
    {
      sp_room_lines_take (&self->lines, bytes, (gsize) size, now, text);
      return (gsize) size == sizeof bytes;
    }
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return FALSE;
  sp_room_lines_end (&self->lines, now, text);
  self->over = TRUE;
  return FALSE;
}

void
sp_room_log_hear (SpRoomLog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  sp_room_lines_be_generous (&self->lines, sp_log_get_level () >= SP_LOG_DEBUG);
  while (!self->over && n++ < PIECES_AT_ONCE && read_piece (self, text))
    ;
  copy (text);
}

static gboolean
pause_over_cb (gpointer data)
{
  SpRoomLog *self = data;
  g_autoptr (GString) text = g_string_new (NULL);

  sp_room_lines_tell_left_out (&self->lines, text);
  copy (text);
  wait_for_more (self);
  return G_SOURCE_REMOVE;
}

static gboolean
readable_cb (gint fd, GIOCondition condition, gpointer data)
{
  SpRoomLog *self = data;

  sp_room_log_hear (self);
  if (!self->over && self->lines.left_out == 0)
    return G_SOURCE_CONTINUE;
  if (!self->over)
    (void) g_timeout_add_full (G_PRIORITY_LOW, PAUSE_MILLISECONDS, pause_over_cb, ref (self),
                               unref);
  return G_SOURCE_REMOVE;
}

static void
wait_for_more (SpRoomLog *self)
{
  (void) g_unix_fd_add_full (G_PRIORITY_LOW, self->fd, G_IO_IN | G_IO_HUP, readable_cb, ref (self),
                             unref);
}

SpRoomLog *
sp_room_log_open (const char *program, int *ret_fd, GError **error)
{
  SpRoomLog *self;
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) != 0)
    {
      sp_error_set_errno (error, errno, "preparing a room's descriptors");
      return NULL;
    }
  (void) fcntl (ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* or as large as it is */
  self = g_new0 (SpRoomLog, 1);
  g_ref_count_init (&self->references);
  self->fd = ends[0];
  sp_room_lines_init (&self->lines, program);
  wait_for_more (self);
  *ret_fd = ends[1];
  return self;
}
