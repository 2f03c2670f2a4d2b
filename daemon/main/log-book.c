/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log-book.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define PENDING_MAX  (256 * 1024) /* bytes that a reader may be behind, besides its pipe */
#define LAST_SECONDS 30           /* for a slow one to read what it is told at the end */

typedef struct
{
  gint64 time;
  SpLogLevel level;
  char *topic;
  char *session;
  char *user;
  char *text;
} Entry;

typedef struct
{
  SpLogBook *book;
  int fd;
  SpLogLevel most;
  char *topic;
  char *session;
  char *user;
  SpLogFormat format;
  GString *pending;
  guint source; /* waits until it can be written to, or is gone */
  guint timer;  /* ends one that is told no more */
  gboolean ending;
} Reader;

struct _SpLogBook
{
  GThread *thread; /* whose lines are told: the loop's */
  GQueue entries;
  GPtrArray *readers;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->topic);
  g_free (entry->session);
  g_free (entry->user);
  g_free (entry->text);
  g_free (entry);
}

static void
reader_free (gpointer data)
{
  Reader *reader = data;

  g_clear_handle_id (&reader->source, g_source_remove);
  g_clear_handle_id (&reader->timer, g_source_remove);
  sp_fd_clear (&reader->fd);
  (void) g_string_free (reader->pending, TRUE);
  g_free (reader->topic);
  g_free (reader->session);
  g_free (reader->user);
  g_free (reader);
}

/* --- a line --- */

static void
append_member (GString *line, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (line, ",\"%s\":\"", name);
  /* control characters are none in a line of the log */
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (line, '\\');
      g_string_append_c (line, *text);
    }
  g_string_append_c (line, '"');
}

static void
append_entry (GString *line, const Entry *entry, SpLogFormat format)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (entry->time / G_USEC_PER_SEC);
  g_autofree char *seconds = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");

  if (format == SP_LOG_TEXT)
    {
      g_string_append_printf (line, "%sZ %s %s: %s\n", seconds, sp_log_level_name (entry->level),
                              entry->topic, entry->text);
      return;
    }
  g_string_append_printf (line, "{\"time\":\"%s.%06dZ\",\"time-usec\":%" G_GINT64_FORMAT, seconds,
                          (int) (entry->time % G_USEC_PER_SEC), entry->time);
  append_member (line, "level", sp_log_level_name (entry->level));
  append_member (line, "room", "main");
  append_member (line, "subject", entry->topic);
  append_member (line, "message", entry->text);
  append_member (line, "session", entry->session);
  append_member (line, "user", entry->user);
  g_string_append (line, "}\n");
}

static gboolean
is_wanted (const Reader *reader, const Entry *entry)
{
  return entry->level <= reader->most &&
         (reader->topic == NULL || g_str_equal (reader->topic, entry->topic)) &&
         (reader->session == NULL || g_strcmp0 (reader->session, entry->session) == 0) &&
         (reader->user == NULL || g_strcmp0 (reader->user, entry->user) == 0);
}

/* --- readers --- */

/* What main logs to itself and what those wish who read along. */
static void
tell_level (SpLogBook *book)
{
  SpLogLevel most = SP_LOG_NOTICE;

  for (guint i = 0; i < book->readers->len; i++)
    most = MAX (most, ((const Reader *) book->readers->pdata[i])->most);
  sp_log_set_tap_level (most);
}

static void
reader_end (Reader *reader)
{
  SpLogBook *book = reader->book;

  (void) g_ptr_array_remove (book->readers, reader);
  tell_level (book);
}

static gboolean
timer_cb (gpointer user_data)
{
  Reader *reader = user_data;

  reader->timer = 0;
  reader_end (reader);
  return G_SOURCE_REMOVE;
}

static void watch (Reader *reader);

/* FALSE: the reader is gone. */
static gboolean
reader_write (Reader *reader)
{
  while (reader->pending->len > 0)
    {
      ssize_t size = write (reader->fd, reader->pending->str, reader->pending->len);

      if (size < 0 && errno == EINTR)
        continue;
      if (size < 0 && errno == EAGAIN)
        break;
      if (size < 0)
        {
          reader_end (reader);
          return FALSE;
        }
      g_string_erase (reader->pending, 0, size);
    }
  if (reader->pending->len == 0 && reader->ending)
    {
      reader_end (reader);
      return FALSE;
    }
  watch (reader);
  return TRUE;
}

static gboolean
ready_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Reader *reader = user_data;

  reader->source = 0;
  if ((condition & (G_IO_ERR | G_IO_HUP)) != 0)
    reader_end (reader);
  else
    (void) reader_write (reader);
  return G_SOURCE_REMOVE;
}

/* Without anything to write, only for its end. */
static void
watch (Reader *reader)
{
  GIOCondition condition = reader->pending->len > 0 ? G_IO_OUT | G_IO_ERR : G_IO_ERR;

  g_clear_handle_id (&reader->source, g_source_remove);
  reader->source = g_unix_fd_add (reader->fd, condition, ready_cb, reader);
}

/* A line that has begun is brought to its end; the others are lost, and the last one says so. */
static void
drop (Reader *reader)
{
  Entry last = { .time = g_get_real_time (),
                 .level = SP_LOG_WARNING,
                 .topic = (char *) "log",
                 .text = (char *) "lines were lost: this reader is too slow, and gets no more" };
  const char *end = strchr (reader->pending->str, '\n');

  g_string_truncate (reader->pending, (gsize) (end + 1 - reader->pending->str));
  append_entry (reader->pending, &last, reader->format);
  reader->ending = TRUE;
  reader->timer = g_timeout_add_seconds (LAST_SECONDS, timer_cb, reader);
}

static void
reader_tell (Reader *reader, const Entry *entry)
{
  if (reader->ending || !is_wanted (reader, entry))
    return;
  append_entry (reader->pending, entry, reader->format);
  if (reader->pending->len > PENDING_MAX)
    drop (reader);
  (void) reader_write (reader);
}

/* --- the book --- */

static void
line_cb (gpointer user_data, const SpLogLine *line)
{
  SpLogBook *book = user_data;
  Entry *entry;

  if (g_thread_self () != book->thread)
    return;
  entry = g_new0 (Entry, 1);
  entry->time = g_get_real_time ();
  entry->level = line->level;
  entry->topic = g_strdup (line->topic);
  entry->session = g_strdup (line->session);
  entry->user = g_strdup (line->user);
  entry->text = g_strdup (line->text);
  g_queue_push_tail (&book->entries, entry);
  if (book->entries.length > SP_LOG_LINES_KEPT)
    entry_free (g_queue_pop_head (&book->entries));
  /* from the end: a reader may leave */
  for (guint i = book->readers->len; i > 0; i--)
    reader_tell (book->readers->pdata[i - 1], entry);
}

SpLogBook *
sp_log_book_new (void)
{
  SpLogBook *book = g_new0 (SpLogBook, 1);

  book->thread = g_thread_self ();
  g_queue_init (&book->entries);
  book->readers = g_ptr_array_new_with_free_func (reader_free);
  sp_log_set_tap (line_cb, book);
  return book;
}

void
sp_log_book_free (SpLogBook *book)
{
  if (book == NULL)
    return;
  sp_log_set_tap (NULL, NULL);
  g_ptr_array_unref (book->readers);
  g_queue_clear_full (&book->entries, entry_free);
  g_free (book);
}

guint
sp_log_book_get_n (SpLogBook *book)
{
  return book->readers->len;
}

static Reader *
reader_new (SpLogBook *book, const SpLogWishes *wishes, int fd)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->book = book;
  reader->fd = fd;
  reader->most = wishes->most;
  reader->topic = g_strdup (wishes->topic);
  reader->session = g_strdup (wishes->session);
  reader->user = g_strdup (wishes->user);
  reader->format = wishes->format;
  reader->pending = g_string_new (NULL);
  reader->ending = !wishes->follow;
  return reader;
}

static void
append_backlog (Reader *reader, guint backlog)
{
  GList *first = reader->book->entries.tail;
  guint n = 0;

  for (GList *at = first; at != NULL && n < backlog; at = at->prev)
    if (is_wanted (reader, at->data))
      {
        first = at;
        n++;
      }
  for (GList *at = n > 0 ? first : NULL; at != NULL; at = at->next)
    if (is_wanted (reader, at->data))
      append_entry (reader->pending, at->data, reader->format);
}

int
sp_log_book_open (SpLogBook *book, const SpLogWishes *wishes, GError **error)
{
  int ends[2];
  Reader *reader;

  if (book->readers->len >= SP_LOG_READERS_MAX)
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_BUSY, "too many read the log");
      return -1;
    }
  if (!g_unix_open_pipe (ends, FD_CLOEXEC, NULL) ||
      !g_unix_set_fd_nonblocking (ends[1], TRUE, NULL))
    {
      sp_error_set_errno (error, errno, "making a pipe");
      return -1;
    }
  reader = reader_new (book, wishes, ends[1]);
  append_backlog (reader, wishes->backlog);
  g_ptr_array_add (book->readers, reader);
  tell_level (book);
  (void) reader_write (reader);
  return ends[0];
}
