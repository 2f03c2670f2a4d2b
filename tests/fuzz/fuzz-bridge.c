/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "bridge.h"

#include "base/io.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 32768 /* bytes that pipe and socket take while nobody reads */

/* One end of a bridge hears frames until there are no more: the first byte tells which end, and its
 * greeting is given.  The socket's other end sends nothing and reads nothing.  Whatever came, all
 * descriptors are closed in the end. */
static guint
count_descriptors (void)
{
  int probe = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (close (probe), ==, 0);
  return (guint) probe;
}

static void
hear (SpBridgeSide side, const uint8_t *data, size_t size)
{
  guint8 hello[SP_BRIDGE_SMALL_MAX];
  gssize length = (gssize) sp_bridge_frame_write_hello (hello);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpBusSocket) bus = NULL;
  int ends[2];
  int in[2];
  int out[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_true (g_unix_open_pipe (in, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (out, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (out[1], TRUE, NULL));
  g_assert_cmpint (write (in[1], hello, (gsize) length), ==, length);
  g_assert_cmpint (write (in[1], data, size), ==, (gssize) size);
  sp_fd_clear (&in[1]);
  bus = sp_bus_socket_new (ends[0], ends[0]);
  g_assert_false (sp_bridge_run (side, bus, in[0], out[1], NULL, 0, &error));
  g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
                 g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
  for (guint i = 0; i < 2; i++)
    {
      sp_fd_clear (&ends[i]);
      sp_fd_clear (&in[i]);
      sp_fd_clear (&out[i]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint before;

  if (size == 0 || size > MOST)
    return 0;
  (void) signal (SIGPIPE, SIG_IGN);
  before = count_descriptors ();
  hear (data[0] % 2 == 0 ? SP_BRIDGE_NEAR : SP_BRIDGE_FAR, data + 1, size - 1);
  g_assert_cmpuint (count_descriptors (), ==, before);
  return 0;
}
