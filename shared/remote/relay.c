/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/remote.h"

#include "base/io.h"
#include "bridge.h"
#include "remote/greeting.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

static gboolean
fail (GError **error, const char *doing)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "%s: %s", doing,
               g_strerror (number));
  return FALSE;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size, GError **error)
{
  while (size > 0)
    {
      ssize_t written = write (fd, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail (error, "writing");
      bytes += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/* 0: it ended. */
static gssize
read_some (int fd, guint8 *bytes, gsize size, GError **error)
{
  ssize_t got;

  do
    got = read (fd, bytes, size);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    (void) fail (error, "reading");
  return got;
}

static int
connect_to (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  sp_autofd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "the socket's path is too long");
      return -1;
    }
  memcpy (address.sun_path, path, strlen (path));
  if (fd >= 0 && connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return sp_fd_steal (&fd);
  (void) fail (error, path);
  return -1;
}

/* Sends `words` and reads the line that answers them, byte by byte, as what follows is not ours.
 * Whether that begins as `expected`. */
static gboolean
say (int bus, const char *words, gsize size, const char *expected, GError **error)
{
  guint8 answer[SP_GREETING_LINE_MAX];
  gsize heard = 0;

  if (!write_all (bus, (const guint8 *) words, size, error))
    return FALSE;
  while (heard == 0 || (answer[heard - 1] != '\n' && heard < sizeof answer))
    {
      gssize got = read_some (bus, answer + heard, 1, error);

      if (got < 0)
        return FALSE;
      if (got == 0)
        break;
      heard++;
    }
  if (heard > strlen (expected) && memcmp (answer, expected, strlen (expected)) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the bus does not let us in");
  return FALSE;
}

/* As who we are; the bus has our credentials from the socket. */
static gboolean
sign_in (int bus, gboolean with_descriptors, GError **error)
{
  static const char negotiate[] = "NEGOTIATE_UNIX_FD\r\n";
  g_autofree char *number = g_strdup_printf ("%u", (guint) getuid ());
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_c (text, '\0');
  g_string_append (text, "AUTH EXTERNAL ");
  for (const char *next = number; *next != '\0'; next++)
    g_string_append_printf (text, "%02x", (guint) *next);
  g_string_append (text, "\r\n");
  return say (bus, text->str, text->len, "OK ", error) &&
         (!with_descriptors || say (bus, negotiate, strlen (negotiate), "AGREE_UNIX_FD", error)) &&
         write_all (bus, (const guint8 *) "BEGIN\r\n", 7, error);
}

/* Answers the client, whose first byte was heard, until its first message; what it has sent of that
 * goes to the bus. */
static gboolean
greet (int in, int out, int bus, guint8 first, GError **error)
{
  SpGreeting greeting = { 0 };
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  guint8 bytes[SP_GREETING_LINE_MAX];

  g_byte_array_append (heard, &first, sizeof first);
  while (!greeting.done)
    {
      g_autoptr (GString) answer = g_string_new (NULL);
      gssize got = read_some (in, bytes, sizeof bytes, error);
      gssize used;

      if (got < 0)
        return FALSE;
      g_byte_array_append (heard, bytes, (guint) got);
      used = got > 0 ? sp_greeting_read (&greeting, heard->data, heard->len, answer) : -1;
      if (used < 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "this is not a client of a bus");
          return FALSE;
        }
      g_byte_array_remove_range (heard, 0, (guint) used);
      if (!write_all (out, (const guint8 *) answer->str, answer->len, error))
        return FALSE;
    }
  return write_all (bus, heard->data, heard->len, error);
}

static gboolean
pass_on (int in, int out, int bus, GError **error)
{
  struct pollfd ends[] = { { .fd = in, .events = POLLIN }, { .fd = bus, .events = POLLIN } };
  const int others[] = { bus, out };
  g_autofree guint8 *bytes = g_malloc (BUFFER_SIZE);

  for (;;)
    {
      if (poll (ends, G_N_ELEMENTS (ends), -1) < 0 && errno != EINTR)
        return fail (error, "waiting");
      for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
        {
          gssize got;

          if (ends[i].revents == 0)
            continue;
          got = read_some (ends[i].fd, bytes, BUFFER_SIZE, error);
          if (got <= 0)
            return got == 0;
          if (!write_all (others[i], bytes, (gsize) got, error))
            return FALSE;
        }
    }
}

/* A writer that is not taken from waits in the bridge's loop only. */
static gboolean
cross (int in, int out, int bus, guint8 first, GError **error)
{
  g_autoptr (SpBusSocket) socket = sp_bus_socket_new (bus, bus);
  int flags = fcntl (out, F_GETFL);
  GError *failure = NULL;

  if (flags < 0 || fcntl (out, F_SETFL, flags | O_NONBLOCK) < 0)
    return fail (error, "preparing standard output");
  (void) sp_bridge_run (SP_BRIDGE_FAR, socket, in, out, &first, sizeof first, &failure);
  /* whoever started us may go on with it */
  (void) fcntl (out, F_SETFL, flags);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_clear_error (&failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
sp_remote_relay (int in, int out, const char *socket_path, GError **error)
{
  sp_autofd int bus = connect_to (socket_path, error);
  guint8 first = 0xff;

  if (bus < 0 || read_some (in, &first, sizeof first, error) < 0)
    return FALSE;
  if (first == SP_BRIDGE_HELLO)
    return sign_in (bus, TRUE, error) && cross (in, out, bus, first, error);
  return sign_in (bus, FALSE, error) && greet (in, out, bus, first, error) &&
         pass_on (in, out, bus, error);
}
