/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/room-log.h"

#include "room-lines.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PIPE_BYTES         (256 * 1024) /* for many lines while main is busy */
#define SMALL_PIPE_BYTES   (16 * 1024)  /* of one among many */
#define PIECE_BYTES        16384
#define PIECES_AT_ONCE     4
#define PAUSE_MILLISECONDS 1000
#define HEARD_AT_ONCE      16

struct _SpRoomLog
{
  grefcount references;
  int fd;
  gboolean over; /* nobody has the other end any more, or nobody wants to hear it */
  int group;     /* lent: the set's; -1: it is waited for by itself */
  SpRoomLines lines;
};

struct _SpRoomLogSet
{
  char *program;
  int group; /* epoll: all that are not pausing */
  guint source;
  GHashTable *logs; /* SpRoomLog → nothing */
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

  if (self->over)
    return G_SOURCE_REMOVE;
  sp_room_lines_tell_left_out (&self->lines, text);
  copy (text);
  wait_for_more (self);
  return G_SOURCE_REMOVE;
}

/* FALSE when it is over, or makes a pause. */
static gboolean
hear_until_pause (SpRoomLog *self)
{
  sp_room_log_hear (self);
  if (!self->over && self->lines.left_out == 0)
    return TRUE;
  if (!self->over)
    (void) g_timeout_add_full (G_PRIORITY_LOW, PAUSE_MILLISECONDS, pause_over_cb, ref (self),
                               unref);
  return FALSE;
}

static gboolean
readable_cb (gint fd, GIOCondition condition, gpointer data)
{
  return hear_until_pause (data) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
wait_for_more (SpRoomLog *self)
{
  struct epoll_event readable = { .events = EPOLLIN, .data.ptr = self };

  if (self->group < 0)
    (void) g_unix_fd_add_full (G_PRIORITY_LOW, self->fd, G_IO_IN | G_IO_HUP, readable_cb,
                               ref (self), unref);
  else if (epoll_ctl (self->group, EPOLL_CTL_ADD, self->fd, &readable) != 0)
    sp_log (SP_LOG_WARNING, "log", "a room is not heard: %s", sp_error_describe (errno));
}

static SpRoomLog *
open_log (const char *program, int group, int capacity, int *ret_fd, GError **error)
{
  SpRoomLog *self;
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) != 0)
    {
      sp_error_set_errno (error, errno, "preparing a room's descriptors");
      return NULL;
    }
  (void) fcntl (ends[1], F_SETPIPE_SZ, capacity); /* or as large as it is */
  self = g_new0 (SpRoomLog, 1);
  g_ref_count_init (&self->references);
  self->fd = ends[0];
  self->group = group;
  sp_room_lines_init (&self->lines, program);
  wait_for_more (self);
  *ret_fd = ends[1];
  return self;
}

SpRoomLog *
sp_room_log_open (const char *program, int *ret_fd, GError **error)
{
  return open_log (program, -1, PIPE_BYTES, ret_fd, error);
}

static gboolean
some_readable_cb (gint fd, GIOCondition condition, gpointer data)
{
  SpRoomLogSet *self = data;
  struct epoll_event events[HEARD_AT_ONCE];
  int n = epoll_wait (fd, events, G_N_ELEMENTS (events), 0);

  for (int i = 0; i < n; i++)
    {
      SpRoomLog *log = events[i].data.ptr;

      if (hear_until_pause (log))
        continue;
      (void) epoll_ctl (fd, EPOLL_CTL_DEL, log->fd, NULL);
      if (log->over)
        (void) g_hash_table_remove (self->logs, log);
    }
  return G_SOURCE_CONTINUE;
}

SpRoomLogSet *
sp_room_log_set_new (const char *program, GError **error)
{
  sp_autofd int group = epoll_create1 (EPOLL_CLOEXEC);
  SpRoomLogSet *self;

  if (group < 0)
    {
      sp_error_set_errno (error, errno, "preparing to hear rooms");
      return NULL;
    }
  self = g_new0 (SpRoomLogSet, 1);
  self->program = g_strdup (program);
  self->logs = g_hash_table_new_full (NULL, NULL, unref, NULL);
  self->source = g_unix_fd_add_full (G_PRIORITY_LOW, group, G_IO_IN, some_readable_cb, self, NULL);
  /* Nobody turns the loop in there, and GLib saves the system calls that keep it from that. */
  g_source_set_can_recurse (g_main_context_find_source_by_id (NULL, self->source), TRUE);
  self->group = sp_fd_steal (&group);
  return self;
}

int
sp_room_log_set_open (SpRoomLogSet *self, GError **error)
{
  int fd = -1;
  SpRoomLog *log = open_log (self->program, self->group, SMALL_PIPE_BYTES, &fd, error);

  if (log != NULL)
    (void) g_hash_table_add (self->logs, log);
  return fd;
}

guint
sp_room_log_set_count (SpRoomLogSet *self)
{
  return g_hash_table_size (self->logs);
}

void
sp_room_log_set_free (SpRoomLogSet *self)
{
  GHashTableIter iter;
  gpointer log;

  (void) g_source_remove (self->source);
  g_hash_table_iter_init (&iter, self->logs);
  while (g_hash_table_iter_next (&iter, &log, NULL))
    {
      sp_room_log_hear (log);
      ((SpRoomLog *) log)->over = TRUE;
    }
  g_hash_table_unref (self->logs);
  sp_fd_clear (&self->group);
  g_free (self->program);
  g_free (self);
}
