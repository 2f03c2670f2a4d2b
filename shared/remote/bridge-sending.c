/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-private.h"

#include <string.h>

/* --- from the socket to the pipe --- */

static void
leave (SpBridge *self, SpBridgeLoad *load)
{
  self->leaving_size += load->parcel->bytes->len;
  g_queue_push_tail (&self->leaving, load);
}

static void
leave_alone (SpBridge *self, SpBusParcel *parcel)
{
  SpBridgeLoad *load = g_new0 (SpBridgeLoad, 1);

  load->parcel = parcel;
  leave (self, load);
}

void
sp_bridge_refuse (SpBridge *self,
                  const SpBusMessage *message,
                  gboolean from_bus,
                  const char *name,
                  const char *text)
{
  GByteArray *bytes = sp_bus_message_refuse (message, name, text);
  SpBusParcel *parcel = bytes != NULL ? sp_bus_parcel_new (bytes) : NULL;

  if (parcel == NULL)
    return;
  if (from_bus == (message->type == SP_BUS_MESSAGE_CALL))
    sp_bus_socket_put (self->bus, parcel);
  else
    leave_alone (self, parcel);
}

/* Takes the parcel's descriptors into channels.  NULL: what is wrong was told. */
static SpBridgeLoad *
load_up (SpBridge *self, const SpBusParcel *parcel)
{
  gboolean of_call = self->side == SP_BRIDGE_NEAR && parcel->head.type == SP_BUS_MESSAGE_CALL &&
                     !parcel->head.wants_no_reply;
  SpBridgeLoad *load = g_new0 (SpBridgeLoad, 1);

  for (guint i = 0; i < parcel->n_fds; i++)
    {
      int fd = ((SpBusParcel *) parcel)->fds[i];
      SpBridgeChannel *channel = sp_bridge_channel_new_for (fd, of_call, self->next);

      ((SpBusParcel *) parcel)->fds[i] = -1;
      if (channel == NULL)
        {
          sp_bridge_load_free (load);
          sp_bridge_refuse (
              self, &parcel->head, TRUE, SP_BRIDGE_ERROR ("NotSupported"),
              "a descriptor of this kind does not cross the bridge between the computers");
          return NULL;
        }
      self->next += 2;
      channel->serial = parcel->head.serial;
      load->channels[load->n_channels++] = channel;
    }
  return load;
}

static void
carry (SpBridge *self, SpBusParcel *parcel)
{
  SpBridgeLoad *load = load_up (self, parcel);

  if (load == NULL)
    {
      sp_bus_parcel_free (parcel);
      return;
    }
  for (guint i = 0; i < load->n_channels; i++)
    g_ptr_array_add (self->channels, sp_bridge_channel_ref (load->channels[i]));
  load->parcel = parcel;
  leave (self, load);
}

/* Whether that answers a call that came with a file to be written; that goes first. */
static gboolean
ends_writing (SpBridge *self, const SpBusMessage *message)
{
  gboolean ends = FALSE;

  for (guint i = 0; message->reply_serial != 0 && i < self->channels->len; i++)
    {
      SpBridgeChannel *channel = self->channels->pdata[i];

      if (channel->descriptor.kind != SP_BRIDGE_RETURNED || !channel->sending ||
          channel->serial != message->reply_serial)
        continue;
      ends = TRUE;
      channel->held = FALSE;
      if (message->type == SP_BUS_MESSAGE_ERROR)
        sp_bridge_channel_take_stop (channel);
    }
  return ends;
}

static void
accept_parcel (SpBridge *self, SpBusParcel *parcel)
{
  const char *wrong = NULL;

  if (parcel->is_short)
    wrong = "a message crosses the bridge between the computers with at most 16 descriptors";
  else if (parcel->n_fds > 0 && parcel->bytes->len > SP_BRIDGE_CARRYING_MAX)
    wrong = "a message with descriptors is too long for the bridge between the computers";
  else if (self->channels->len + parcel->n_fds > SP_BRIDGE_CHANNELS_MAX)
    wrong = "too many descriptors are in use across the bridge between the computers";
  if (wrong != NULL)
    {
      sp_bridge_refuse (self, &parcel->head, TRUE, SP_BRIDGE_ERROR ("LimitsExceeded"), wrong);
      sp_bus_parcel_free (parcel);
    }
  else if (self->side == SP_BRIDGE_FAR && ends_writing (self, &parcel->head))
    g_ptr_array_add (self->held, parcel);
  else
    carry (self, parcel);
}

gboolean
sp_bridge_take_messages (SpBridge *self, GError **error)
{
  while (self->leaving_size < SP_BRIDGE_LEAVING_MAX)
    {
      GError *failure = NULL;
      SpBusParcel *parcel = sp_bus_socket_take (self->bus, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (parcel == NULL)
        return TRUE;
      accept_parcel (self, parcel);
    }
  return TRUE;
}

static gboolean
is_writing (SpBridge *self, guint32 serial)
{
  for (guint i = 0; i < self->channels->len; i++)
    {
      const SpBridgeChannel *channel = self->channels->pdata[i];

      if (channel->descriptor.kind == SP_BRIDGE_RETURNED && channel->sending &&
          channel->serial == serial)
        return TRUE;
    }
  return FALSE;
}

static void
release_held (SpBridge *self)
{
  for (guint i = 0; i < self->held->len;)
    {
      const SpBusParcel *parcel = self->held->pdata[i];

      if (is_writing (self, parcel->head.reply_serial))
        i++;
      else
        leave_alone (self, g_ptr_array_steal_index (self->held, i));
    }
}

/* --- frames that go --- */

static gboolean
has_room (const SpBridge *self, gsize size)
{
  return SP_BRIDGE_OUT_SIZE - self->out_size >= size;
}

static gboolean
write_bare (SpBridge *self, SpBridgeFrameType type, guint8 flags, guint32 channel)
{
  sp_bridge_frame_write_head (self->out + self->out_size, type, flags, channel, 0);
  self->out_size += SP_BRIDGE_HEAD_SIZE;
  return TRUE;
}

static gboolean
write_control (SpBridge *self, SpBridgeChannel *channel)
{
  if (!channel->announced || !has_room (self, SP_BRIDGE_SMALL_MAX))
    return FALSE;
  if (channel->stopping)
    {
      channel->stopping = FALSE;
      return write_bare (self, SP_BRIDGE_STOP, 0, channel->number);
    }
  if (channel->sending && channel->ending)
    {
      channel->sending = FALSE;
      return write_bare (self, SP_BRIDGE_END, channel->broken ? SP_BRIDGE_BROKEN : 0,
                         channel->number);
    }
  if (!channel->receiving || channel->sink < 0 || channel->owed < SP_BRIDGE_WINDOW / 4)
    return FALSE;
  self->out_size += sp_bridge_frame_write_credit (self->out + self->out_size, channel->number,
                                                  (guint32) channel->owed);
  channel->outstanding -= channel->owed;
  channel->owed = 0;
  return TRUE;
}

/* Whether there is more to tell now: bytes, or that there are none. */
static gboolean
write_data (SpBridge *self, SpBridgeChannel *channel)
{
  guint8 *head = self->out + self->out_size;
  gboolean ended = channel->ending;
  gsize size;

  if (!has_room (self, SP_BRIDGE_FRAME_MAX))
    return FALSE;
  size = sp_bridge_channel_read (channel, head + SP_BRIDGE_HEAD_SIZE, SP_BRIDGE_PAYLOAD_MAX);
  if (size == 0)
    return channel->ending && !ended;
  sp_bridge_frame_write_head (head, SP_BRIDGE_DATA, 0, channel->number, size);
  self->out_size += SP_BRIDGE_HEAD_SIZE + size;
  return TRUE;
}

/* The descriptors, and what little content they have, so that nothing waits on the other side; a
 * large file goes beside the messages that follow. */
static gboolean
write_channels (SpBridge *self, SpBridgeLoad *load)
{
  if (load->n_announced < load->n_channels)
    {
      SpBridgeChannel *channel = load->channels[load->n_announced++];

      self->out_size += sp_bridge_frame_write_descriptor (self->out + self->out_size,
                                                          channel->number, &channel->descriptor);
      channel->announced = TRUE;
      return TRUE;
    }
  for (guint i = 0; i < load->n_channels; i++)
    {
      SpBridgeChannel *channel = load->channels[i];
      const guint8 kind = channel->descriptor.kind;

      if ((kind == SP_BRIDGE_SEALED || kind == SP_BRIDGE_FILE) &&
          channel->sent < SP_BRIDGE_WINDOW &&
          (write_data (self, channel) || write_control (self, channel)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
write_message (SpBridge *self)
{
  SpBridgeLoad *load = g_queue_peek_head (&self->leaving);
  const GByteArray *bytes;
  gsize size;

  if (load == NULL || !has_room (self, SP_BRIDGE_FRAME_MAX))
    return FALSE;
  if (write_channels (self, load))
    return TRUE;
  if (!has_room (self, SP_BRIDGE_FRAME_MAX))
    return FALSE;
  bytes = load->parcel->bytes;
  size = MIN (bytes->len - load->sent, SP_BRIDGE_PAYLOAD_MAX);
  sp_bridge_frame_write_head (self->out + self->out_size, SP_BRIDGE_MESSAGE,
                              load->sent + size == bytes->len ? SP_BRIDGE_LAST : 0, 0, size);
  memcpy (self->out + self->out_size + SP_BRIDGE_HEAD_SIZE, bytes->data + load->sent, size);
  self->out_size += SP_BRIDGE_HEAD_SIZE + size;
  load->sent += size;
  if (load->sent < bytes->len)
    return TRUE;
  self->leaving_size -= bytes->len;
  sp_bridge_load_free (g_queue_pop_head (&self->leaving));
  return TRUE;
}

/* A reading that failed is told to who asked. */
static void
tell_failure (SpBridge *self, SpBridgeChannel *channel)
{
  const SpBusMessage call = { .type = SP_BUS_MESSAGE_CALL, .serial = channel->serial };

  if (channel->broken && channel->descriptor.kind == SP_BRIDGE_FILE)
    sp_bridge_refuse (self, &call, TRUE, SP_BRIDGE_ERROR ("IOError"), channel->failure);
}

static void
forget_channels (SpBridge *self)
{
  for (guint i = self->channels->len; i > 0; i--)
    {
      SpBridgeChannel *channel = self->channels->pdata[i - 1];

      if (!sp_bridge_channel_is_over (channel))
        continue;
      tell_failure (self, channel);
      g_ptr_array_remove_index (self->channels, i - 1);
    }
}

void
sp_bridge_fill (SpBridge *self)
{
  gboolean more = TRUE;

  while (more)
    {
      more = FALSE;
      for (guint i = 0; i < self->channels->len; i++)
        more |= write_control (self, self->channels->pdata[i]);
      release_held (self);
      more |= write_message (self);
      for (guint i = 0; i < self->channels->len; i++)
        more |= write_data (self, self->channels->pdata[i]);
    }
  forget_channels (self);
}
