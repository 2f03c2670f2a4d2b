/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/bridge-near.h"

#include "base/io.h"
#include "bridge.h"
#include "bus-plain.h"
#include "remote/greeting.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHATTER_MAX (64 * 1024) /* bytes that a shell may print */
#define FATE        "sallyport-bridge-fate"

/* What the thread leaves behind for who asks. */
typedef struct
{
  GMutex lock;
  char *failure;
} Fate;

/* Of the thread. */
typedef struct
{
  int from;
  int to;
  int client;
  Fate *fate;
  GByteArray *heard; /* from ssh, and not taken yet */
} Near;

static void
fate_clear (Fate *fate)
{
  g_mutex_clear (&fate->lock);
  g_free (fate->failure);
}

static void
fate_unref (gpointer fate)
{
  g_atomic_rc_box_release_full (fate, (GDestroyNotify) fate_clear);
}

static void
near_free (Near *near)
{
  sp_fd_clear (&near->from);
  sp_fd_clear (&near->to);
  sp_fd_clear (&near->client);
  g_byte_array_unref (near->heard);
  fate_unref (near->fate);
  g_free (near);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Near, near_free)

typedef enum
{
  UNKNOWN,
  FRAMES,
  PLAIN
} Manner;

/* Takes whole lines until the one that tells. */
static Manner
read_lines (GByteArray *heard)
{
  const guint8 *end;

  while ((end = memchr (heard->data, '\n', heard->len)) != NULL)
    {
      guint size = (guint) (end + 1 - heard->data);
      g_autofree char *line = g_strndup ((const char *) heard->data, size - 1);

      g_byte_array_remove_range (heard, 0, size);
      (void) g_strchomp (line);
      if (g_str_equal (line, SP_BRIDGE_LINE_FRAMES))
        return FRAMES;
      if (g_str_equal (line, SP_BRIDGE_LINE_PLAIN))
        return PLAIN;
    }
  return UNKNOWN;
}

/* FALSE without an error: one of them ended. */
static gboolean
learn_manner (Near *near, Manner *ret_manner, GError **error)
{
  struct pollfd fds[] = { { .fd = near->from, .events = POLLIN }, { .fd = near->client } };
  guint8 bytes[4096];
  gsize total = 0;

  for (*ret_manner = UNKNOWN; *ret_manner == UNKNOWN; *ret_manner = read_lines (near->heard))
    {
      ssize_t got;

      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        return FALSE;
      if (fds[1].revents != 0)
        return FALSE;
      got = fds[0].revents != 0 ? read (near->from, bytes, sizeof bytes) : 0;
      if (fds[0].revents != 0 && got <= 0)
        return FALSE;
      g_byte_array_append (near->heard, bytes, (guint) got);
      total += (gsize) got;
      if (total < CHATTER_MAX)
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "the other computer says much, but nothing of a bridge to its bus");
      return FALSE;
    }
  return TRUE;
}

/* The client is of this process.  What it has sent of its first message goes to `socket`. */
static gboolean
greet_client (int client, SpBusSocket *socket, GError **error)
{
  SpGreeting greeting = { .with_descriptors = TRUE };
  g_autoptr (GByteArray) heard = g_byte_array_new ();

  while (!greeting.done)
    {
      g_autoptr (GString) answer = g_string_new (NULL);
      guint8 bytes[SP_GREETING_LINE_MAX];
      ssize_t got = recv (client, bytes, sizeof bytes, 0);
      gssize used;

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      g_byte_array_append (heard, bytes, (guint) got);
      used = sp_greeting_read (&greeting, heard->data, heard->len, answer);
      if (used < 0 || send (client, answer->str, answer->len, MSG_NOSIGNAL) < 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "this is no client of a bus");
          return FALSE;
        }
      g_byte_array_remove_range (heard, 0, (guint) used);
    }
  sp_bus_socket_feed (socket, heard->data, heard->len);
  return TRUE;
}

static gboolean
stand_between (Near *near, GError **error)
{
  g_autoptr (SpBusSocket) socket = sp_bus_socket_new (near->client, near->client);
  Manner manner = UNKNOWN;

  if (!learn_manner (near, &manner, error) || !greet_client (near->client, socket, error))
    return FALSE;
  if (manner == PLAIN)
    return sp_bus_plain_run (socket, near->from, near->to, near->heard->data, near->heard->len,
                             error);
  return sp_bridge_run (SP_BRIDGE_NEAR, socket, near->from, near->to, near->heard->data,
                        near->heard->len, error);
}

static gpointer
run (gpointer data)
{
  g_autoptr (Near) near = data;
  g_autoptr (GError) error = NULL;
  sigset_t pipe_signal;

  /* ssh may go away while we write */
  (void) sigemptyset (&pipe_signal);
  (void) sigaddset (&pipe_signal, SIGPIPE);
  (void) pthread_sigmask (SIG_BLOCK, &pipe_signal, NULL);
  (void) stand_between (near, &error);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    {
      g_mutex_lock (&near->fate->lock);
      near->fate->failure = g_strdup (error->message);
      g_mutex_unlock (&near->fate->lock);
    }
  return NULL;
}

static GIOStream *
make_stream (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket != NULL)
    return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  (void) close (fd);
  return NULL;
}

GIOStream *
sp_bridge_near_open (int from_ssh, int to_ssh, GError **error)
{
  Near *near = g_new0 (Near, 1);
  g_autoptr (GThread) thread = NULL;
  GIOStream *stream = NULL;
  int ends[2] = { -1, -1 };

  near->from = from_ssh;
  near->to = to_ssh;
  near->client = -1;
  near->heard = g_byte_array_sized_new (CHATTER_MAX);
  near->fate = g_atomic_rc_box_new0 (Fate);
  g_mutex_init (&near->fate->lock);
  if (!g_unix_set_fd_nonblocking (to_ssh, TRUE, error) ||
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
      (stream = make_stream (ends[0], error)) == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "making a bridge: %s",
                     g_strerror (errno));
      sp_fd_clear (&ends[1]);
      near_free (near);
      return NULL;
    }
  near->client = ends[1];
  g_object_set_data_full (G_OBJECT (stream), FATE, g_atomic_rc_box_acquire (near->fate),
                          fate_unref);
  thread = g_thread_new ("bridge", run, near);
  return stream;
}

GIOStream *
sp_bridge_near_open_process (GSubprocess *ssh, GError **error)
{
  GInputStream *out = g_subprocess_get_stdout_pipe (ssh);
  GOutputStream *in = g_subprocess_get_stdin_pipe (ssh);
  sp_autofd int from =
      fcntl (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (out)), F_DUPFD_CLOEXEC, 0);
  sp_autofd int to =
      fcntl (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (in)), F_DUPFD_CLOEXEC, 0);

  if (from < 0 || to < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "making a bridge: %s",
                   g_strerror (errno));
      return NULL;
    }
  /* or it would not see that nobody speaks any more */
  (void) g_input_stream_close (out, NULL, NULL);
  (void) g_output_stream_close (in, NULL, NULL);
  return sp_bridge_near_open (sp_fd_steal (&from), sp_fd_steal (&to), error);
}

char *
sp_bridge_near_dup_failure (GIOStream *stream)
{
  Fate *fate = g_object_get_data (G_OBJECT (stream), FATE);
  char *failure;

  g_mutex_lock (&fate->lock);
  failure = g_strdup (fate->failure);
  g_mutex_unlock (&fate->lock);
  return failure;
}
