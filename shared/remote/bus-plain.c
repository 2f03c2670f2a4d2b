/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-plain.h"

#include "bus/interfaces.h"
#include "remote/greeting.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define GREETING    "\0AUTH ANONYMOUS 73616c6c79706f7274\r\n" /* as “sallyport” */
#define BEGIN       "BEGIN\r\n"
#define LEAVING_MAX (1024 * 1024) /* bytes */
#define EXPLANATION                                                                                \
  "this needs a descriptor, which systemd-stdio-bridge does not carry to another computer; with "  \
  "sallyportctl installed there it works"

gboolean
sp_bus_plain_needs_descriptors (const SpBusMessage *call)
{
  const GDBusInterfaceInfo *const interfaces[] = {
    sp_bus_server_interface_info (),
    sp_bus_user_interface_info (),
    sp_bus_device_interface_info (),
  };

  for (guint i = 0;
       call->interface != NULL && call->member != NULL && i < G_N_ELEMENTS (interfaces); i++)
    {
      GDBusMethodInfo *method = g_str_equal (interfaces[i]->name, call->interface)
                                    ? g_dbus_interface_info_lookup_method (
                                          (GDBusInterfaceInfo *) interfaces[i], call->member)
                                    : NULL;

      for (guint j = 0; method != NULL && method->out_args != NULL && method->out_args[j] != NULL;
           j++)
        if (strchr (method->out_args[j]->signature, 'h') != NULL)
          return TRUE;
    }
  return FALSE;
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "%s", text);
  return FALSE;
}

/* Ours was settled by ssh. */
static gboolean
sign_in (SpBusSocket *far, GByteArray *heard, GError **error)
{
  const guint8 *end = NULL;

  if (write (far->out, GREETING, sizeof GREETING - 1) != sizeof GREETING - 1)
    return fail (error, "the other computer's bridge is gone");
  while ((end = memchr (heard->data, '\n', heard->len)) == NULL)
    {
      struct pollfd readable = { .fd = far->in, .events = POLLIN };
      guint8 bytes[SP_GREETING_LINE_MAX];
      ssize_t got = poll (&readable, 1, -1) > 0 ? read (far->in, bytes, sizeof bytes) : -1;

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0 || heard->len > SP_GREETING_LINE_MAX)
        return fail (error, "the other computer's bridge does not answer as a bus does");
      g_byte_array_append (heard, bytes, (guint) got);
    }
  if (heard->len < 3 || memcmp (heard->data, "OK ", 3) != 0)
    return fail (error, "the other computer's bus does not let us in");
  sp_bus_socket_feed (far, end + 1, heard->len - (gsize) (end + 1 - heard->data));
  return write (far->out, BEGIN, strlen (BEGIN)) == (gssize) strlen (BEGIN) ||
         fail (error, "the other computer's bridge is gone");
}

static void
pass_on (SpBusSocket *client, SpBusSocket *far, SpBusParcel *parcel)
{
  GByteArray *refusal = NULL;

  if (parcel->n_fds == 0 && parcel->head.n_descriptors == 0 &&
      (parcel->head.type != SP_BUS_MESSAGE_CALL || !sp_bus_plain_needs_descriptors (&parcel->head)))
    {
      sp_bus_socket_put (far, parcel);
      return;
    }
  refusal =
      sp_bus_message_refuse (&parcel->head, "org.freedesktop.DBus.Error.NotSupported", EXPLANATION);
  if (refusal != NULL)
    sp_bus_socket_put (client, sp_bus_parcel_new (refusal));
  sp_bus_parcel_free (parcel);
}

static gboolean
take_all (SpBusSocket *from, SpBusSocket *client, SpBusSocket *far, GError **error)
{
  GError *failure = NULL;
  SpBusParcel *parcel;

  while ((parcel = sp_bus_socket_take (from, &failure)) != NULL)
    if (from == client)
      pass_on (client, far, parcel);
    else
      sp_bus_socket_put (client, parcel);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

/* What was heard and can go. */
static gboolean
move_on (SpBusSocket *client, SpBusSocket *far, GError **error)
{
  return take_all (client, client, far, error) && take_all (far, client, far, error) &&
         sp_bus_socket_flush (client, error) && sp_bus_socket_flush (far, error);
}

/* FALSE without an error: one of the two ended. */
static gboolean
turn (SpBusSocket *client, SpBusSocket *far, GError **error)
{
  struct pollfd fds[] = {
    { .fd = far->leaving_size < LEAVING_MAX ? client->in : -1, .events = POLLIN },
    { .fd = client->leaving_size < LEAVING_MAX ? far->in : -1, .events = POLLIN },
    { .fd = g_queue_is_empty (&client->leaving) ? -1 : client->out, .events = POLLOUT },
    { .fd = g_queue_is_empty (&far->leaving) ? -1 : far->out, .events = POLLOUT },
  };

  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    return errno == EINTR;
  if ((fds[0].revents != 0 && !sp_bus_socket_receive (client, error)) ||
      (fds[1].revents != 0 && !sp_bus_socket_receive (far, error)))
    return FALSE;
  return move_on (client, far, error);
}

gboolean
sp_bus_plain_run (
    SpBusSocket *client, int from, int to, const guint8 *heard, gsize size, GError **error)
{
  g_autoptr (SpBusSocket) far = sp_bus_socket_new (from, to);
  g_autoptr (GByteArray) line = g_byte_array_sized_new (SP_GREETING_LINE_MAX);

  g_byte_array_append (line, heard, (guint) size);
  if (!sign_in (far, line, error) || !move_on (client, far, error))
    return FALSE;
  while (turn (client, far, error))
    ;
  return FALSE;
}
