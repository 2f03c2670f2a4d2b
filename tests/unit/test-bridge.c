/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-fixture.h"

#include "base/io.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

/* A client, the two ends of a bridge, and a bus that is this test. */
typedef struct
{
  int ends[2]; /* of this test: the client's and the bus's */
  SpBusSocket *client;
  SpBusSocket *bus;
  GThread *near;
  GThread *far;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int there[2];
  int back[2];
  int near;
  int far;

  bridge_open_socket (&fixture->ends[0], &near);
  bridge_open_socket (&fixture->ends[1], &far);
  g_assert_true (g_unix_open_pipe (there, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (back, FD_CLOEXEC, NULL));
  fixture->client = sp_bus_socket_new (fixture->ends[0], fixture->ends[0]);
  fixture->bus = sp_bus_socket_new (fixture->ends[1], fixture->ends[1]);
  fixture->near = bridge_start (SP_BRIDGE_NEAR, near, back[0], there[1]);
  fixture->far = bridge_start (SP_BRIDGE_FAR, far, there[0], back[1]);
}

/* When the client goes away, both ends end, and nobody says that anything was wrong. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  GError *error;

  sp_bus_socket_free (fixture->client);
  sp_fd_clear (&fixture->ends[0]);
  g_assert_null (g_thread_join (fixture->near));
  error = g_thread_join (fixture->far);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_error_free (error);
  sp_bus_socket_free (fixture->bus);
  sp_fd_clear (&fixture->ends[1]);
}

/* The only descriptor of the next message. */
static int
take_fd (SpBusSocket *socket)
{
  g_autoptr (SpBusParcel) parcel = bridge_take (socket);

  g_assert_cmpuint (parcel->n_fds, ==, 1);
  return sp_fd_steal (&parcel->fds[0]);
}

static int
make_file (const char *content, gsize size, int seals)
{
  int fd = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (write (fd, content, size), ==, (gssize) size);
  if (seals != 0)
    g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);
  return fd;
}

static void
read_all (int fd, char *bytes, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      ssize_t got = read (fd, bytes + done, size - done);

      g_assert_cmpint (got, >, 0);
      done += (gsize) got;
    }
}

/* --- messages --- */

static void
test_messages (Fixture *fixture, gconstpointer data)
{
  static const guint sizes[] = { 0, 1, 32000, 32768, 70000, 5 * 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      SpBusParcel *call = bridge_make_call (i + 1, sizes[i], NULL, 0);
      g_autoptr (GByteArray) sent = g_byte_array_ref (call->bytes);
      g_autoptr (SpBusParcel) came = NULL;
      g_autoptr (SpBusParcel) answer = NULL;

      bridge_put (fixture->client, call);
      came = bridge_take (fixture->bus);
      g_assert_cmpmem (came->bytes->data, came->bytes->len, sent->data, sent->len);
      bridge_put (fixture->bus, bridge_make_answer (i + 1, sizes[i], NULL, 0));
      answer = bridge_take (fixture->client);
      g_assert_cmpuint (answer->head.reply_serial, ==, i + 1);
    }
}

/* What was said last goes over though the client is gone. */
static void
test_last_word (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SpBusParcel) came = NULL;

  sp_bus_socket_put (fixture->client, bridge_make_call (1, 900000, NULL, 0));
  while (!g_queue_is_empty (&fixture->client->leaving))
    {
      bridge_wait_for (fixture->client->out, POLLOUT, POLLOUT);
      g_assert_true (sp_bus_socket_flush (fixture->client, NULL));
    }
  (void) shutdown (fixture->ends[0], SHUT_WR);
  came = bridge_take (fixture->bus);
  g_assert_cmpuint (came->bytes->len, >, 900000);
}

/* --- files --- */

static void
test_sealed (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 511, 65536, SP_BRIDGE_WINDOW, SP_BRIDGE_SEALED_MAX };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *secret = g_strnfill (sizes[i], (char) ('a' + i));
      g_autofree char *got = g_malloc0 (sizes[i] + 1);
      int fds[] = { make_file (secret, sizes[i], SEALS), make_file ("b", 1, SEALS & ~F_SEAL_SEAL) };
      g_autoptr (SpBusParcel) came = NULL;
      struct stat facts;

      bridge_put (fixture->client, bridge_make_call (1 + i, 10, fds, 2));
      came = bridge_take (fixture->bus);
      g_assert_cmpuint (came->n_fds, ==, 2);
      g_assert_cmpint (fcntl (came->fds[0], F_GET_SEALS), ==, SEALS);
      g_assert_cmpint (fcntl (came->fds[1], F_GET_SEALS), ==, SEALS & ~F_SEAL_SEAL);
      g_assert_cmpint (fstat (came->fds[0], &facts), ==, 0);
      g_assert_cmpint (facts.st_size, ==, (goffset) sizes[i]);
      g_assert_cmpint (pread (came->fds[0], got, sizes[i] + 1, 0), ==, (gssize) sizes[i]);
      g_assert_cmpstr (got, ==, secret);
    }
}

/* What was read of it before does not go. */
static void
test_file (Fixture *fixture, gconstpointer data)
{
  const gsize size = 3 * 1024 * 1024;
  g_autofree char *content = g_strnfill (size, 'f');
  g_autofree char *got = g_malloc (size);
  int fd = make_file (content, size, 0);
  struct stat facts;
  sp_autofd int came = -1;

  content[size - 1] = '!';
  g_assert_cmpint (pwrite (fd, "!", 1, (off_t) size - 1), ==, 1);
  g_assert_cmpint (lseek (fd, 5, SEEK_SET), ==, 5);
  bridge_put (fixture->client, bridge_make_call (1, 10, &fd, 1));
  came = take_fd (fixture->bus);
  g_assert_cmpint (fstat (came, &facts), ==, 0);
  g_assert_true (S_ISREG (facts.st_mode));
  g_assert_cmpint (facts.st_nlink, ==, 0);
  g_assert_cmpint (facts.st_size, ==, (goffset) size - 5);
  read_all (came, got, size - 5);
  g_assert_cmpmem (got, size - 5, content + 5, size - 5);
}

static int
make_target (char **ret_path)
{
  int fd = g_file_open_tmp ("bridge-XXXXXX", ret_path, NULL);
  int target = open (*ret_path, O_WRONLY | O_CLOEXEC);

  (void) close (fd);
  return target;
}

/* What the service wrote is in the client's file when it hears that it is. */
static void
test_returned (Fixture *fixture, gconstpointer data)
{
  const gsize size = 2 * 1024 * 1024;
  g_autofree char *content = g_strnfill (size, 'r');
  g_autofree char *path = NULL;
  g_autofree char *got = NULL;
  gsize length = 0;
  int fd = make_target (&path);
  sp_autofd int came = -1;

  bridge_put (fixture->client, bridge_make_call (7, 10, &fd, 1));
  came = take_fd (fixture->bus);
  g_assert_cmpint (write (came, content, size), ==, (gssize) size);
  bridge_put (fixture->bus, bridge_make_answer (7, 10, NULL, 0));
  {
    g_autoptr (SpBusParcel) answer = bridge_take (fixture->client);

    g_assert_cmpuint (answer->head.reply_serial, ==, 7);
    g_assert_cmpuint (answer->head.type, ==, SP_BUS_MESSAGE_RETURN);
  }
  g_assert_true (g_file_get_contents (path, &got, &length, NULL));
  g_assert_cmpmem (got, length, content, size);
  (void) unlink (path);
}

/* A disk that is full here makes the answer an error. */
static void
test_returned_full (Fixture *fixture, gconstpointer data)
{
  const gsize size = 1024 * 1024;
  g_autofree char *content = g_strnfill (size, 'r');
  int full = memfd_create ("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", full);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  sp_autofd int came = -1;
  g_autoptr (SpBusParcel) answer = NULL;

  g_assert_cmpint (fcntl (full, F_ADD_SEALS, F_SEAL_GROW), ==, 0);
  bridge_put (fixture->client, bridge_make_call (7, 10, &fd, 1));
  came = take_fd (fixture->bus);
  g_assert_cmpint (write (came, content, size), ==, (gssize) size);
  bridge_put (fixture->bus, bridge_make_answer (7, 10, NULL, 0));
  answer = bridge_take (fixture->client);
  g_assert_cmpuint (answer->head.reply_serial, ==, 7);
  g_assert_cmpuint (answer->head.type, ==, SP_BUS_MESSAGE_ERROR);
  (void) close (full);
}

/* --- streams --- */

/* As OpenLog: the service writes, the client reads. */
static void
test_reader (Fixture *fixture, gconstpointer data)
{
  char text[8] = "";
  int ends[2];
  sp_autofd int reader = -1;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &ends[0], 1));
  reader = take_fd (fixture->client);
  g_assert_cmpint (write (ends[1], "hello", 5), ==, 5);
  read_all (reader, text, 5);
  g_assert_cmpstr (text, ==, "hello");
  g_assert_cmpint (write (ends[1], "bye", 3), ==, 3);
  (void) close (ends[1]);
  read_all (reader, text, 3);
  g_assert_cmpint (read (reader, text, 1), ==, 0);
}

static void
test_reader_gone (Fixture *fixture, gconstpointer data)
{
  int ends[2];
  int reader;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &ends[0], 1));
  reader = take_fd (fixture->client);
  (void) close (reader);
  bridge_wait_for (ends[1], 0, POLLERR);
  g_assert_cmpint (write (ends[1], "x", 1), ==, -1);
  (void) close (ends[1]);
}

/* As Subscribe: the client holds it, and its end is seen, from either side. */
static void
test_writer (Fixture *fixture, gconstpointer data)
{
  int ends[2];
  int writer;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &ends[1], 1));
  writer = take_fd (fixture->client);
  g_assert_cmpint (write (writer, "x", 1), ==, 1);
  bridge_wait_for (ends[0], POLLIN, POLLIN);
  (void) close (writer);
  bridge_wait_for (ends[0], 0, POLLHUP);
  (void) close (ends[0]);

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (2, 10, &ends[1], 1));
  writer = take_fd (fixture->client);
  (void) close (ends[0]);
  bridge_wait_for (writer, 0, POLLERR);
  (void) close (writer);
}

static void
test_socket (Fixture *fixture, gconstpointer data)
{
  char text[8] = "";
  int service;
  int handed;
  sp_autofd int ours = -1;

  bridge_open_socket (&service, &handed);
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &handed, 1));
  ours = take_fd (fixture->client);
  g_assert_cmpint (write (ours, "ping", 4), ==, 4);
  read_all (service, text, 4);
  g_assert_cmpstr (text, ==, "ping");
  g_assert_cmpint (shutdown (ours, SHUT_WR), ==, 0);
  g_assert_cmpint (read (service, text, 1), ==, 0);
  g_assert_cmpint (write (service, "pong", 4), ==, 4);
  /* as the stream of the history ends */
  g_assert_cmpint (shutdown (service, SHUT_RDWR), ==, 0);
  (void) close (service);
  read_all (ours, text, 4);
  g_assert_cmpstr (text, ==, "pong");
  g_assert_cmpint (read (ours, text, 1), ==, 0);
}

static void
test_socket_gone (Fixture *fixture, gconstpointer data)
{
  int service;
  int handed;
  int ours;

  bridge_open_socket (&service, &handed);
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &handed, 1));
  ours = take_fd (fixture->client);
  (void) close (ours);
  bridge_wait_for (service, 0, POLLHUP);
  (void) close (service);
}

typedef struct
{
  int fd;
  gsize size;
} Flood;

static gpointer
flood (gpointer data)
{
  const Flood *flood = data;
  char bytes[10000];

  for (gsize done = 0; done < flood->size; done += sizeof bytes)
    {
      memset (bytes, (int) (done / sizeof bytes % 251), sizeof bytes);
      for (gsize sent = 0; sent < sizeof bytes;)
        {
          ssize_t n = write (flood->fd, bytes + sent, sizeof bytes - sent);

          g_assert_cmpint (n, >, 0);
          sent += (gsize) n;
        }
    }
  (void) close (flood->fd);
  return NULL;
}

/* Calls go on while 50 MB come that nobody reads, and then all of them are there. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  Flood work = { .size = 50 * 1000 * 1000 };
  GThread *thread;
  char bytes[10000];
  sp_autofd int reader = -1;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (1, 10, &ends[0], 1));
  reader = take_fd (fixture->client);
  work.fd = ends[1];
  thread = g_thread_new ("flood", flood, &work);
  for (gsize done = 0; done < work.size; done += sizeof bytes)
    {
      if (done % 100000 == 0)
        {
          guint serial = (guint) (done / 100000) + 2;
          g_autoptr (SpBusParcel) came = NULL;
          g_autoptr (SpBusParcel) answer = NULL;

          bridge_put (fixture->client, bridge_make_call (serial, 50000, NULL, 0));
          came = bridge_take (fixture->bus);
          bridge_put (fixture->bus, bridge_make_answer (serial, 50000, NULL, 0));
          answer = bridge_take (fixture->client);
          g_assert_cmpuint (answer->head.reply_serial, ==, serial);
        }
      read_all (reader, bytes, sizeof bytes);
      g_assert_cmpuint ((guint8) bytes[0], ==, done / sizeof bytes % 251);
      g_assert_cmpuint ((guint8) bytes[sizeof bytes - 1], ==, done / sizeof bytes % 251);
    }
  g_assert_cmpint (read (reader, bytes, 1), ==, 0);
  (void) g_thread_join (thread);
}

/* --- what does not cross --- */

static void
expect_refusal (Fixture *fixture, guint serial)
{
  g_autoptr (SpBusParcel) refusal = bridge_take (fixture->client);

  g_assert_cmpuint (refusal->head.type, ==, SP_BUS_MESSAGE_ERROR);
  g_assert_cmpuint (refusal->head.reply_serial, ==, serial);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (SP_BRIDGE_SEALED_MAX + 1, 'x');
  int fds[] = { eventfd (0, EFD_CLOEXEC), open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                open ("/", O_PATH | O_CLOEXEC), socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0),
                make_file (large, SP_BRIDGE_SEALED_MAX + 1, SEALS) };
  g_autoptr (SpBusParcel) came = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      bridge_put (fixture->client, bridge_make_call (1 + i, 10, &fds[i], 1));
      expect_refusal (fixture, 1 + i);
    }
  /* a service's answer with a file that would have to be copied */
  fds[0] = make_file ("x", 1, 0);
  bridge_put (fixture->bus, bridge_make_answer (9, 10, fds, 1));
  expect_refusal (fixture, 9);
  bridge_put (fixture->client, bridge_make_call (10, 10, NULL, 0));
  came = bridge_take (fixture->bus);
  g_assert_cmpuint (came->head.serial, ==, 10);
}

/* As many as there may be, and one more. */
static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  int readers[SP_BRIDGE_CHANNELS_MAX];
  int ends[2];

  for (guint i = 0; i < SP_BRIDGE_CHANNELS_MAX; i++)
    {
      g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
      bridge_put (fixture->bus, bridge_make_answer (1 + i, 10, &ends[1], 1));
      readers[i] = ends[0];
      (void) g_array_append_val (fixture->client->fds, ((int){ take_fd (fixture->client) }));
    }
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (99, 10, ends, 1));
  expect_refusal (fixture, 99);
  (void) close (ends[1]);
  g_array_set_size (fixture->client->fds, 0);
  for (guint i = 0; i < SP_BRIDGE_CHANNELS_MAX; i++)
    {
      bridge_wait_for (readers[i], 0, POLLHUP);
      (void) close (readers[i]);
    }
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  bridge_put (fixture->bus, bridge_make_answer (100, 10, ends, 1));
  (void) close (take_fd (fixture->client));
  (void) close (ends[1]);
}

#define ADD(name, test) g_test_add ("/bridge/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  (void) signal (SIGPIPE, SIG_IGN);
  ADD ("messages", test_messages);
  ADD ("last-word", test_last_word);
  ADD ("sealed", test_sealed);
  ADD ("file", test_file);
  ADD ("returned", test_returned);
  ADD ("returned-full", test_returned_full);
  ADD ("reader", test_reader);
  ADD ("reader-gone", test_reader_gone);
  ADD ("writer", test_writer);
  ADD ("socket", test_socket);
  ADD ("socket-gone", test_socket_gone);
  ADD ("flood", test_flood);
  ADD ("refused", test_refused);
  ADD ("too-many", test_too_many);
  return g_test_run ();
}
