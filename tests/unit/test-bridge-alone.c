/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-fixture.h"
#include "remote/bridge-near.h"

#include "base/io.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One end alone, opposite of which each frame is known. */

static GByteArray *
parcel_bytes (SpBusParcel *parcel)
{
  GByteArray *bytes = g_byte_array_ref (parcel->bytes);

  sp_bus_parcel_free (parcel);
  return bytes;
}

static void
append (
    GByteArray *bytes, guint8 type, guint8 flags, guint32 channel, const void *payload, guint size)
{
  guint8 head[SP_BRIDGE_HEAD_SIZE];

  sp_bridge_frame_write_head (head, type, flags, channel, size);
  g_byte_array_append (bytes, head, sizeof head);
  g_byte_array_append (bytes, payload, size);
}

static void
append_descriptor (GByteArray *bytes, guint32 channel, guint8 kind, guint64 size)
{
  const SpBridgeDescriptor descriptor = { .kind = kind, .size = size };
  guint8 frame[SP_BRIDGE_SMALL_MAX];
  gsize length = sp_bridge_frame_write_descriptor (frame, channel, &descriptor);

  g_byte_array_append (bytes, frame, (guint) length);
}

static void
write_bytes (int fd, GByteArray *bytes)
{
  g_assert_cmpint (write (fd, bytes->data, bytes->len), ==, (gssize) bytes->len);
  g_byte_array_set_size (bytes, 0);
}

typedef struct
{
  GThread *thread;
  int socket; /* ours of its */
  int to;
  int from;
} Alone;

static void
start_alone (Alone *alone, SpBridgeSide side)
{
  int theirs;
  int there[2];
  int back[2];

  bridge_open_socket (&alone->socket, &theirs);
  g_assert_true (g_unix_open_pipe (there, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (back, FD_CLOEXEC, NULL));
  g_assert_cmpint (fcntl (there[1], F_SETPIPE_SZ, 1024 * 1024), >, 0);
  alone->to = there[1];
  alone->from = back[0];
  alone->thread = bridge_start (side, theirs, there[0], back[1]);
}

static GError *
end_alone (Alone *alone)
{
  GError *error;

  sp_fd_clear (&alone->to);
  error = g_thread_join (alone->thread);
  sp_fd_clear (&alone->from);
  sp_fd_clear (&alone->socket);
  return error;
}

static void
append_hello (GByteArray *bytes)
{
  guint8 hello[SP_BRIDGE_SMALL_MAX];
  gsize size = sp_bridge_frame_write_hello (hello);

  g_byte_array_append (bytes, hello, (guint) size);
}

/* A call waits for its file, others pass it; one whose file could not be read is never made. */
static void
test_deferred (void)
{
  const int none = -1;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  Alone far;
  g_autoptr (SpBusSocket) bus = NULL;

  start_alone (&far, SP_BRIDGE_FAR);
  bus = sp_bus_socket_new (far.socket, far.socket);
  append_hello (bytes);
  for (guint serial = 1; serial <= 3; serial++)
    {
      g_autoptr (GByteArray) call =
          parcel_bytes (bridge_make_call (serial, 10, &none, serial < 3 ? 1 : 0));

      if (serial < 3)
        append_descriptor (bytes, 2 * serial - 1, SP_BRIDGE_FILE, 0);
      append (bytes, SP_BRIDGE_MESSAGE, SP_BRIDGE_LAST, 0, call->data, call->len);
    }
  write_bytes (far.to, bytes);
  {
    g_autoptr (SpBusParcel) first = bridge_take (bus);

    g_assert_cmpuint (first->head.serial, ==, 3);
  }
  append (bytes, SP_BRIDGE_DATA, 0, 1, "cut", 3);
  append (bytes, SP_BRIDGE_END, SP_BRIDGE_BROKEN, 1, NULL, 0);
  append (bytes, SP_BRIDGE_DATA, 0, 3, "whole", 5);
  append (bytes, SP_BRIDGE_END, 0, 3, NULL, 0);
  write_bytes (far.to, bytes);
  {
    g_autoptr (SpBusParcel) next = bridge_take (bus);
    char text[8] = "";

    g_assert_cmpuint (next->head.serial, ==, 2);
    g_assert_cmpint (read (next->fds[0], text, sizeof text), ==, 5);
    g_assert_cmpstr (text, ==, "whole");
  }
  error = end_alone (&far);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/* Reads from the one that is tested, until a whole frame is there. */
static void
read_frame (int fd, GByteArray *bytes, SpBridgeFrame *ret, gsize *ret_size)
{
  gssize size;

  while ((size = sp_bridge_frame_read (bytes->data, bytes->len, ret)) == 0)
    {
      guint8 some[4096];
      ssize_t got;

      bridge_wait_for (fd, POLLIN, POLLIN);
      got = read (fd, some, sizeof some);
      g_assert_cmpint (got, >, 0);
      g_byte_array_append (bytes, some, (guint) got);
    }
  g_assert_cmpint (size, >, 0);
  *ret_size = (gsize) size;
}

/* A large file does not keep messages waiting, however fast it is taken. */
static void
test_passing (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) words = g_byte_array_new ();
  g_autoptr (SpBusSocket) client = NULL;
  g_autoptr (GError) error = NULL;
  gsize content = 0;
  guint messages = 0;
  Alone near;
  int file = memfd_create ("large", MFD_CLOEXEC);

  g_assert_cmpint (ftruncate (file, 8 * 1024 * 1024), ==, 0);
  start_alone (&near, SP_BRIDGE_NEAR);
  append_hello (words);
  write_bytes (near.to, words);
  client = sp_bus_socket_new (near.socket, near.socket);
  bridge_put (client, bridge_make_call (1, 10, &file, 1));
  bridge_put (client, bridge_make_call (2, 10, NULL, 0));
  while (messages < 2)
    {
      SpBridgeFrame frame;
      gsize size;

      read_frame (near.from, bytes, &frame, &size);
      messages += frame.type == SP_BRIDGE_MESSAGE ? 1 : 0;
      if (frame.type == SP_BRIDGE_DATA)
        {
          guint8 credit[SP_BRIDGE_SMALL_MAX];

          content += frame.size;
          g_byte_array_append (
              words, credit,
              (guint) sp_bridge_frame_write_credit (credit, frame.channel, (guint32) frame.size));
          write_bytes (near.to, words);
        }
      g_byte_array_remove_range (bytes, 0, (guint) size);
    }
  g_assert_cmpuint (content, <=, 2 * SP_BRIDGE_WINDOW);
  error = end_alone (&near);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

typedef enum
{
  NO_HELLO,
  TWO_HELLOS,
  NO_MESSAGE,
  MESSAGE_TOO_LONG,
  UNKNOWN_CHANNEL,
  OUR_CHANNEL,
  CHANNEL_TWICE,
  CHANNELS_WITHOUT_MESSAGE,
  FILE_TO_US,
  RETURNED_TO_US,
  CONTENT_TOO_LONG,
  CONTENT_TOO_SHORT,
  OVER_WINDOW,
  TOO_MUCH_CREDIT,
  WITHOUT_DESCRIPTOR,
  N_HOSTILE
} Hostile;

static void
append_hostile (GByteArray *bytes, Hostile how)
{
  g_autofree guint8 *zeros = g_malloc0 (SP_BRIDGE_PAYLOAD_MAX);
  const int none = -1;
  g_autoptr (GByteArray) carrying = parcel_bytes (bridge_make_answer (1, 10, &none, 1));

  if (how != NO_HELLO)
    append_hello (bytes);
  if (how == NO_HELLO || how == NO_MESSAGE)
    append (bytes, SP_BRIDGE_MESSAGE, SP_BRIDGE_LAST, 0, zeros, 20);
  else if (how == TWO_HELLOS)
    append_hello (bytes);
  else if (how == MESSAGE_TOO_LONG)
    append (bytes, SP_BRIDGE_MESSAGE, 0, 0, "l\1\0\1\0\0\0\x7f\1\0\0\0\0\0\0\0", 16);
  else if (how == UNKNOWN_CHANNEL)
    append (bytes, SP_BRIDGE_DATA, 0, 2, zeros, 1);
  else if (how == OUR_CHANNEL)
    append_descriptor (bytes, 1, SP_BRIDGE_READER, 0);
  else if (how == FILE_TO_US || how == RETURNED_TO_US)
    append_descriptor (bytes, 2, how == FILE_TO_US ? SP_BRIDGE_FILE : SP_BRIDGE_RETURNED, 0);
  else if (how == CHANNELS_WITHOUT_MESSAGE)
    for (guint i = 1; i <= SP_BRIDGE_DESCRIPTORS_MAX + 1; i++)
      append_descriptor (bytes, 2 * i, SP_BRIDGE_READER, 0);
  else if (how == WITHOUT_DESCRIPTOR)
    append (bytes, SP_BRIDGE_MESSAGE, SP_BRIDGE_LAST, 0, carrying->data, carrying->len);
  else if (how == CONTENT_TOO_LONG || how == CONTENT_TOO_SHORT)
    {
      append_descriptor (bytes, 2, SP_BRIDGE_SEALED, 10);
      append (bytes, SP_BRIDGE_DATA, 0, 2, zeros, how == CONTENT_TOO_LONG ? 11 : 9);
      append (bytes, SP_BRIDGE_END, 0, 2, NULL, 0);
    }
  else
    {
      append_descriptor (bytes, 2, how == TOO_MUCH_CREDIT ? SP_BRIDGE_WRITER : SP_BRIDGE_READER, 0);
      if (how == CHANNEL_TWICE)
        append_descriptor (bytes, 2, SP_BRIDGE_READER, 0);
      append (bytes, SP_BRIDGE_MESSAGE, SP_BRIDGE_LAST, 0, carrying->data, carrying->len);
      if (how == TOO_MUCH_CREDIT)
        append (bytes, SP_BRIDGE_CREDIT, 0, 2, "\0\0\0\1", 4);
      else
        for (guint i = 0; i < 16; i++) /* more than the window and a pipe */
          append (bytes, SP_BRIDGE_DATA, 0, 2, zeros, SP_BRIDGE_PAYLOAD_MAX);
    }
}

/* Its connection breaks, and with it all that it carried. */
static void
test_hostile (void)
{
  for (Hostile how = NO_HELLO; how < N_HOSTILE; how++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;
      Alone near;

      g_test_message ("%d", how);
      append_hostile (bytes, how);
      start_alone (&near, SP_BRIDGE_NEAR);
      write_bytes (near.to, bytes);
      error = end_alone (&near);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

/* --- the near end --- */

/* Shells print things; who says nothing of a bridge is let go. */
static void
test_chatter (void)
{
  g_autofree char *much = g_strnfill (100000, 'x');
  static const char said[] = "Welcome!\nYou have mail.\r\n";
  const struct
  {
    const char *text;
    gsize size;
    const char *failure;
  } cases[] = {
    { said, sizeof said - 1, NULL },
    { much, 100000, "bridge" },
    { SP_BRIDGE_LINE_FRAMES "\n\0\0\0\0\0\0\0\0", sizeof SP_BRIDGE_LINE_FRAMES + 8, "rules" },
    { "hello\n" SP_BRIDGE_LINE_PLAIN "\r\nREJECTED\r\n", sizeof SP_BRIDGE_LINE_PLAIN + 17, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GIOStream) stream = NULL;
      g_autoptr (GDBusConnection) connection = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *failure = NULL;
      int there[2];
      int back[2];

      g_assert_true (g_unix_open_pipe (there, FD_CLOEXEC, NULL));
      g_assert_true (g_unix_open_pipe (back, FD_CLOEXEC, NULL));
      (void) fcntl (back[1], F_SETPIPE_SZ, 1024 * 1024);
      g_assert_cmpint (write (back[1], cases[i].text, cases[i].size), ==, (gssize) cases[i].size);
      (void) close (back[1]);
      stream = sp_bridge_near_open (back[0], there[1], &error);
      g_assert_no_error (error);
      connection = g_dbus_connection_new_sync (stream, NULL,
                                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                               NULL, NULL, &error);
      g_assert_null (connection);
      g_assert_nonnull (error);
      failure = sp_bridge_near_dup_failure (stream);
      if (cases[i].failure == NULL)
        g_assert_null (failure);
      else
        g_assert_nonnull (strstr (failure, cases[i].failure));
      (void) close (there[0]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  (void) signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/bridge-alone/deferred", test_deferred);
  g_test_add_func ("/bridge-alone/passing", test_passing);
  g_test_add_func ("/bridge-alone/hostile", test_hostile);
  g_test_add_func ("/bridge-alone/chatter", test_chatter);
  return g_test_run ();
}
