/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-private.h"

#include "base/secret.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_MAX 5000 /* ms without a byte taken */

void
sp_bridge_load_clear (SpBridgeLoad *load)
{
  g_clear_pointer (&load->parcel, sp_bus_parcel_free);
  for (guint i = 0; i < load->n_channels; i++)
    sp_bridge_channel_unref (load->channels[i]);
  *load = (SpBridgeLoad){ 0 };
}

void
sp_bridge_load_free (gpointer load)
{
  sp_bridge_load_clear (load);
  g_free (load);
}

static void
bridge_free (SpBridge *self)
{
  g_queue_clear_full (&self->leaving, sp_bridge_load_free);
  g_ptr_array_unref (self->held);
  g_ptr_array_unref (self->deferred);
  sp_bridge_load_clear (&self->arriving);
  g_byte_array_unref (self->bytes);
  g_ptr_array_unref (self->channels);
  g_hash_table_unref (self->failures);
  sp_secret_wipe (self->in, sizeof self->in);
  sp_secret_wipe (self->out, sizeof self->out);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpBridge, bridge_free)

static gboolean
is_gone (GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
               "the other end of the bridge is gone");
  return FALSE;
}

static gboolean
flush (SpBridge *self, GError **error)
{
  ssize_t written = self->out_size > 0 ? write (self->to, self->out, self->out_size) : 0;

  if (written < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (written < 0)
    {
      return is_gone (error);
    }
  self->out_size -= (gsize) written;
  memmove (self->out, self->out + written, self->out_size);
  sp_secret_wipe (self->out + self->out_size, (gsize) written);
  return TRUE;
}

static gboolean
receive (SpBridge *self, GError **error)
{
  ssize_t got = read (self->from, self->in + self->in_size, SP_BRIDGE_IN_SIZE - self->in_size);

  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (got > 0)
    {
      self->in_size += (gsize) got;
      return sp_bridge_take_frames (self, error);
    }
  return is_gone (error);
}

enum
{
  FROM,
  TO,
  BUS,
  N_FIXED,
  POLLED_MAX = N_FIXED + 4 * SP_BRIDGE_CHANNELS_MAX
};

static guint
list_polled (const SpBridge *self, struct pollfd *fds)
{
  guint n = N_FIXED;

  fds[FROM] =
      (struct pollfd){ .fd = self->bus->leaving_size < SP_BRIDGE_ARRIVING_MAX ? self->from : -1,
                       .events = POLLIN };
  fds[TO] = (struct pollfd){ .fd = self->to, .events = self->out_size > 0 ? POLLOUT : 0 };
  fds[BUS] = (struct pollfd){ .fd = self->bus_ended ? -1 : self->bus->in };
  if (self->leaving_size < SP_BRIDGE_LEAVING_MAX)
    fds[BUS].events |= POLLIN;
  if (!g_queue_is_empty (&self->bus->leaving))
    fds[BUS].events |= POLLOUT;
  for (guint i = 0; i < self->channels->len; i++)
    {
      const SpBridgeChannel *channel = self->channels->pdata[i];
      gboolean is_stream = channel->descriptor.kind >= SP_BRIDGE_READER;

      fds[n++] = (struct pollfd){ .fd = sp_bridge_channel_waits (channel) ? channel->source : -1,
                                  .events = POLLIN };
      fds[n++] = (struct pollfd){ .fd = is_stream && channel->announced ? channel->sink : -1,
                                  .events = channel->pending->len > 0 ? POLLOUT : 0 };
    }
  return n;
}

static void
look_at_channels (SpBridge *self, const struct pollfd *fds, guint n_channels)
{
  for (guint i = 0; i < n_channels; i++)
    {
      SpBridgeChannel *channel = self->channels->pdata[i];
      short sink = fds[N_FIXED + 2 * i + 1].revents;

      if (fds[N_FIXED + 2 * i].revents != 0)
        channel->ready = TRUE;
      if ((sink & (POLLERR | POLLHUP)) != 0)
        sp_bridge_channel_stop (channel);
      else if ((sink & POLLOUT) != 0)
        sp_bridge_channel_flush (channel);
    }
}

static gboolean
look_at_bus (SpBridge *self, short events, GError **error)
{
  GError *failure = NULL;

  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !sp_bus_socket_receive (self->bus, &failure))
    self->bus_ended = TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return self->bus_ended || sp_bus_socket_flush (self->bus, error);
}

/* What can go now goes. */
static gboolean
move_on (SpBridge *self, GError **error)
{
  do
    {
      if (!sp_bridge_take_messages (self, error))
        return FALSE;
      sp_bridge_fill (self);
      if (self->out_size == 0)
        return TRUE;
      if (!flush (self, error))
        return FALSE;
    }
  while (self->out_size == 0);
  return TRUE;
}

/* What came before the pipe ended is still delivered, to who takes it. */
static void
drain (SpBridge *self)
{
  struct pollfd readable = { .fd = self->from, .events = POLLIN };
  struct pollfd writable = { .fd = self->bus->out, .events = POLLOUT };

  do
    while (!g_queue_is_empty (&self->bus->leaving))
      if (poll (&writable, 1, DRAIN_MAX) <= 0 || writable.revents != POLLOUT ||
          !sp_bus_socket_flush (self->bus, NULL))
        return;
  while (poll (&readable, 1, 0) > 0 && receive (self, NULL));
}

/* FALSE without an error: the socket ended. */
static gboolean
turn (SpBridge *self, GError **error)
{
  struct pollfd fds[POLLED_MAX];
  guint n = list_polled (self, fds);

  if (poll (fds, n, -1) < 0)
    return errno == EINTR;
  look_at_channels (self, fds, (n - N_FIXED) / 2);
  if ((fds[TO].revents & (POLLERR | POLLNVAL)) != 0)
    return is_gone (error);
  return (fds[FROM].revents == 0 || receive (self, error)) &&
         look_at_bus (self, fds[BUS].revents, error) && move_on (self, error) &&
         !(self->bus_ended && self->out_size == 0);
}

gboolean
sp_bridge_run (SpBridgeSide side,
               SpBusSocket *bus,
               int from,
               int to,
               const guint8 *heard,
               gsize size,
               GError **error)
{
  g_autoptr (SpBridge) self = g_new0 (SpBridge, 1);
  GError *failure = NULL;

  self->side = side;
  self->bus = bus;
  self->from = from;
  self->to = to;
  self->next = side == SP_BRIDGE_NEAR ? 1 : 2;
  self->channels = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_bridge_channel_unref);
  self->held = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_bus_parcel_free);
  self->deferred = g_ptr_array_new_with_free_func (sp_bridge_load_free);
  self->failures = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->bytes = g_byte_array_new ();
  g_queue_init (&self->leaving);
  self->out_size = sp_bridge_frame_write_hello (self->out);
  self->in_size = MIN (size, SP_BRIDGE_IN_SIZE);
  if (self->in_size > 0)
    memcpy (self->in, heard, self->in_size);
  if (!sp_bridge_take_frames (self, error) || !move_on (self, error))
    return FALSE;
  while (turn (self, &failure))
    ;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    drain (self);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return FALSE;
}
