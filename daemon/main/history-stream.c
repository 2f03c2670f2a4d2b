/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-stream.h"

#include "base/error.h"
#include "base/io.h"
#include "history-line.h"
#include "store-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER_SIZE          (64 * 1024)
#define LOOK_UP_MILLISECONDS 200

typedef struct
{
  SpStore store; /* a connection for reading */
  sqlite3_stmt *statement;
  int fd;
  GThread *thread;
  int stop; /* atomic */
  int done; /* atomic */
  char buffer[BUFFER_SIZE];
  gsize filled;
} Stream;

struct _SpHistoryStreams
{
  GPtrArray *streams; /* of Stream */
};

/* Also by its thread, as soon as there is no more to read: a statement in the middle would keep the
 * journal from being written back, perhaps for as long as nobody else asks. */
static void
let_go (Stream *stream)
{
  (void) sqlite3_finalize (g_steal_pointer (&stream->statement));
  (void) sqlite3_close (g_steal_pointer (&stream->store.database));
  sp_fd_clear (&stream->fd);
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_atomic_int_set (&stream->stop, TRUE);
  if (stream->thread != NULL)
    (void) g_thread_join (stream->thread);
  let_go (stream);
  g_free (stream);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

SpHistoryStreams *
sp_history_streams_new (void)
{
  SpHistoryStreams *streams = g_new0 (SpHistoryStreams, 1);

  streams->streams = g_ptr_array_new_with_free_func (stream_free);
  return streams;
}

void
sp_history_streams_free (SpHistoryStreams *streams)
{
  if (streams == NULL)
    return;
  g_ptr_array_unref (streams->streams);
  g_free (streams);
}

/* --- in the thread --- */

/* FALSE when nobody takes it, or it is not wanted any more. */
static gboolean
wait_for_reader (Stream *stream)
{
  gint64 deadline = g_get_monotonic_time () + SP_HISTORY_STREAM_QUIET * G_USEC_PER_SEC;
  struct pollfd writable = { .fd = stream->fd, .events = POLLOUT };

  while (!g_atomic_int_get (&stream->stop) && g_get_monotonic_time () < deadline)
    {
      int n = poll (&writable, 1, LOOK_UP_MILLISECONDS);

      if (n > 0)
        return (writable.revents & POLLOUT) != 0;
      if (n < 0 && errno != EINTR)
        return FALSE;
    }
  return FALSE;
}

static gboolean
flush (Stream *stream)
{
  gsize sent = 0;

  while (sent < stream->filled)
    {
      ssize_t n = send (stream->fd, stream->buffer + sent, stream->filled - sent, MSG_NOSIGNAL);

      if (n > 0)
        sent += (gsize) n;
      else if (errno != EAGAIN && errno != EINTR)
        return FALSE;
      else if (!wait_for_reader (stream))
        return FALSE;
    }
  stream->filled = 0;
  return TRUE;
}

/* A line is much shorter than the buffer: its texts are bounded. */
static gboolean
write_line (Stream *stream, const char *line, gsize length)
{
  if (length + 1 > BUFFER_SIZE || (stream->filled + length + 1 > BUFFER_SIZE && !flush (stream)))
    return FALSE;
  memcpy (stream->buffer + stream->filled, line, length);
  stream->buffer[stream->filled + length] = '\n';
  stream->filled += length + 1;
  return TRUE;
}

static void
write_end (Stream *stream, int step, guint64 n_rows)
{
  /* The texts of errors are constants without anything to escape. */
  g_autofree char *line = step == SQLITE_DONE
                              ? g_strdup_printf ("{\"rows\":%" G_GUINT64_FORMAT "}", n_rows)
                              : g_strdup_printf ("{\"error\":\"%s\"}", sqlite3_errstr (step));

  if (write_line (stream, line, strlen (line)))
    (void) flush (stream);
}

static gpointer
run (gpointer data)
{
  Stream *stream = data;
  g_autoptr (GString) line = g_string_sized_new (1024);
  guint64 n_rows = 0;
  int step;

  while ((step = sqlite3_step (stream->statement)) == SQLITE_ROW &&
         !g_atomic_int_get (&stream->stop))
    {
      (void) g_string_truncate (line, 0);
      sp_history_line_append (line, stream->statement);
      if (!write_line (stream, line->str, line->len))
        break;
      n_rows++;
    }
  if (step != SQLITE_ROW)
    write_end (stream, step, n_rows);
  let_go (stream); /* the reader sees the end now */
  g_atomic_int_set (&stream->done, TRUE);
  return NULL;
}

/* --- in the main thread --- */

static gboolean
open_database (Stream *stream, SpStore *store, GError **error)
{
  const char *path = sqlite3_db_filename (store->database, "main");

  if (path == NULL || *path == '\0')
    return sp_store_fail (store, error);
  if (sqlite3_open_v2 (path, &stream->store.database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                       NULL) != SQLITE_OK)
    return sp_store_fail (&stream->store, error);
  (void) sqlite3_busy_timeout (stream->store.database, 2000);
  return TRUE;
}

static gboolean
prepare (Stream *stream, const SpHistoryFilter *filter, GError **error)
{
  gboolean one = filter->user != NULL || filter->login != NULL;
  g_autofree char *sql = g_strconcat (
      "SELECT " SP_HISTORY_LINE_COLUMNS " FROM history WHERE started >= ?1 AND started < ?2",
      filter->user != NULL ? " AND user = ?3" : "", filter->login != NULL ? " AND login = ?4" : "",
      filter->reason == NULL ? ""
      : one                  ? " AND +reason = ?5"
                             : " AND reason = ?5",
      " ORDER BY started DESC, number DESC", NULL);
  sqlite3_stmt *statement = sp_store_prepare (&stream->store, sql, error);

  if (statement == NULL)
    return FALSE;
  stream->statement = statement;
  (void) sqlite3_bind_int64 (statement, 1, filter->since);
  (void) sqlite3_bind_int64 (statement, 2, filter->until > 0 ? filter->until : G_MAXINT64);
  if (filter->user != NULL)
    (void) sqlite3_bind_blob (statement, 3, filter->user, SP_ID_SIZE, SQLITE_TRANSIENT);
  if (filter->login != NULL)
    (void) sqlite3_bind_text (statement, 4, filter->login, -1, SQLITE_TRANSIENT);
  if (filter->reason != NULL)
    (void) sqlite3_bind_text (statement, 5, filter->reason, -1, SQLITE_TRANSIENT);
  return TRUE;
}

static void
drop_done (SpHistoryStreams *streams)
{
  for (guint i = streams->streams->len; i > 0; i--)
    {
      Stream *stream = streams->streams->pdata[i - 1];

      if (g_atomic_int_get (&stream->done))
        g_ptr_array_remove_index (streams->streams, i - 1);
    }
}

int
sp_history_streams_open (SpHistoryStreams *streams,
                         SpStore *store,
                         const SpHistoryFilter *filter,
                         GError **error)
{
  g_autoptr (Stream) stream = g_new0 (Stream, 1);
  int pair[2];

  stream->fd = -1;
  drop_done (streams);
  if (streams->streams->len >= SP_HISTORY_STREAMS_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "%d others read the history now",
                   SP_HISTORY_STREAMS_MAX);
      return -1;
    }
  if (!open_database (stream, store, error) || !prepare (stream, filter, error))
    return -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    {
      sp_error_set_errno (error, errno, "making a socket");
      return -1;
    }
  stream->fd = pair[0];
  if (!g_unix_set_fd_nonblocking (pair[0], TRUE, error))
    {
      sp_fd_clear (&pair[1]);
      return -1;
    }
  stream->thread = g_thread_new ("history", run, stream);
  g_ptr_array_add (streams->streams, g_steal_pointer (&stream));
  return pair[1];
}
