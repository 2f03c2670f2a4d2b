/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-fixture.h"

#include "base/io.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 20000 /* ms */

typedef struct
{
  SpBridgeSide side;
  int socket;
  int from;
  int to;
} Side;

static gpointer
run (gpointer data)
{
  g_autofree Side *side = data;
  SpBusSocket *socket = sp_bus_socket_new (side->socket, side->socket);
  GError *error = NULL;

  (void) sp_bridge_run (side->side, socket, side->from, side->to, NULL, 0, &error);
  sp_bus_socket_free (socket);
  sp_fd_clear (&side->socket);
  sp_fd_clear (&side->from);
  sp_fd_clear (&side->to);
  return error;
}

GThread *
bridge_start (SpBridgeSide side, int socket, int from, int to)
{
  const Side arguments = { side, socket, from, to };

  g_assert_true (g_unix_set_fd_nonblocking (to, TRUE, NULL));
  return g_thread_new ("side", run, g_memdup2 (&arguments, sizeof arguments));
}

void
bridge_open_socket (int *ret_ours, int *ret_theirs)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  *ret_ours = pair[0];
  *ret_theirs = pair[1];
}

void
bridge_wait_for (int fd, short events, short expected)
{
  struct pollfd one = { .fd = fd, .events = events };

  g_assert_cmpint (poll (&one, 1, PATIENCE), ==, 1);
  g_assert_cmpint (one.revents & expected, !=, 0);
}

/* Takes the descriptors. */
static SpBusParcel *
make (GDBusMessage *message, guint serial, guint size, const int *fds, guint n_fds)
{
  G_GNUC_UNUSED g_autoptr (GDBusMessage) owned = message;
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  g_autofree char *text = g_strnfill (size, 'x');
  SpBusParcel *parcel;
  guchar *bytes;
  gsize length;

  g_dbus_message_set_serial (message, serial);
  g_dbus_message_set_body (message, g_variant_new ("(s)", text));
  for (guint i = 0; i < n_fds; i++)
    (void) g_unix_fd_list_append (list, STDIN_FILENO, NULL);
  g_dbus_message_set_unix_fd_list (message, list);
  bytes = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);
  parcel = sp_bus_parcel_new (g_byte_array_new_take (bytes, length));
  g_assert_nonnull (parcel);
  for (guint i = 0; i < n_fds; i++)
    parcel->fds[parcel->n_fds++] = fds[i];
  return parcel;
}

SpBusParcel *
bridge_make_call (guint serial, guint size, const int *fds, guint n_fds)
{
  return make (g_dbus_message_new_method_call ("a.b", "/", "a.b", "Call"), serial, size, fds,
               n_fds);
}

SpBusParcel *
bridge_make_answer (guint to, guint size, const int *fds, guint n_fds)
{
  GDBusMessage *message = g_dbus_message_new ();

  g_dbus_message_set_message_type (message, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  g_dbus_message_set_reply_serial (message, to);
  return make (message, 1000 + to, size, fds, n_fds);
}

void
bridge_put (SpBusSocket *socket, SpBusParcel *parcel)
{
  sp_bus_socket_put (socket, parcel);
  while (!g_queue_is_empty (&socket->leaving))
    {
      bridge_wait_for (socket->out, POLLOUT, POLLOUT);
      g_assert_true (sp_bus_socket_flush (socket, NULL));
    }
}

SpBusParcel *
bridge_take (SpBusSocket *socket)
{
  SpBusParcel *parcel;
  GError *error = NULL;

  while ((parcel = sp_bus_socket_take (socket, &error)) == NULL)
    {
      g_assert_no_error (error);
      bridge_wait_for (socket->in, POLLIN, POLLIN);
      g_assert_true (sp_bus_socket_receive (socket, &error));
    }
  g_assert_false (parcel->is_short);
  return parcel;
}
