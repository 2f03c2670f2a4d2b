/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-private.h"

#include "base/secret.h"

#include <string.h>

static gboolean
break_off (GError **error, const char *text)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "the other end of the bridge breaks its rules: %s", text);
  return FALSE;
}

static SpBridgeChannel *
find (SpBridge *self, guint32 number)
{
  for (guint i = 0; i < self->channels->len; i++)
    if (((SpBridgeChannel *) self->channels->pdata[i])->number == number)
      return self->channels->pdata[i];
  return NULL;
}

static gboolean
open_channel (SpBridge *self, const SpBridgeFrame *frame, GError **error)
{
  const guint8 kind = frame->descriptor.kind;
  SpBridgeChannel *channel;

  if (frame->channel <= self->heard || frame->channel % 2 == self->next % 2 ||
      self->arriving.n_channels == SP_BRIDGE_DESCRIPTORS_MAX ||
      self->channels->len >= 2 * SP_BRIDGE_CHANNELS_MAX || self->bytes->len > 0)
    return break_off (error, "a channel that may not be");
  if (self->side == SP_BRIDGE_NEAR && (kind == SP_BRIDGE_FILE || kind == SP_BRIDGE_RETURNED))
    return break_off (error, "a file that nobody asked for");
  self->heard = frame->channel;
  channel = sp_bridge_channel_new_from (frame->channel, &frame->descriptor);
  g_ptr_array_add (self->channels, sp_bridge_channel_ref (channel));
  self->arriving.channels[self->arriving.n_channels++] = channel;
  return TRUE;
}

/* What is wrong with it here, or NULL; `ret_lost`: nobody wants it any more. */
static const char *
examine (SpBridge *self, const SpBridgeLoad *load, gboolean *ret_lost)
{
  const guint32 answered = load->parcel->head.reply_serial;

  for (guint i = 0; i < load->n_channels; i++)
    {
      *ret_lost = *ret_lost || load->channels[i]->cut;
      if (load->channels[i]->failure != NULL)
        return load->channels[i]->failure;
    }
  return answered != 0 ? g_hash_table_lookup (self->failures, GUINT_TO_POINTER (answered)) : NULL;
}

/* Empties the load. */
static void
deliver (SpBridge *self, SpBridgeLoad *load)
{
  SpBusParcel *parcel = load->parcel;
  gboolean lost = FALSE;
  const char *failure = examine (self, load, &lost);

  if (failure != NULL && !lost)
    sp_bridge_refuse (self, &parcel->head, FALSE, SP_BRIDGE_ERROR ("IOError"), failure);
  else if (!lost)
    {
      for (guint i = 0; i < load->n_channels; i++)
        {
          parcel->fds[parcel->n_fds++] = load->channels[i]->handed;
          load->channels[i]->handed = -1;
        }
      sp_bus_socket_put (self->bus, g_steal_pointer (&load->parcel));
    }
  sp_bridge_load_clear (load);
}

static gboolean
is_incomplete (const SpBridgeLoad *load)
{
  for (guint i = 0; i < load->n_channels; i++)
    if (sp_bridge_channel_is_incomplete (load->channels[i]))
      return TRUE;
  return FALSE;
}

static void
deliver_deferred (SpBridge *self)
{
  for (guint i = 0; i < self->deferred->len;)
    {
      SpBridgeLoad *load = self->deferred->pdata[i];

      if (is_incomplete (load))
        {
          i++;
          continue;
        }
      deliver (self, load);
      g_ptr_array_remove_index (self->deferred, i);
    }
}

/* Messages pass the one whose file is still on its way. */
static gboolean
accept_message (SpBridge *self, GError **error)
{
  SpBridgeLoad *load = &self->arriving;
  SpBusParcel *parcel = sp_bus_parcel_new (g_steal_pointer (&self->bytes));

  self->bytes = g_byte_array_new ();
  load->parcel = parcel;
  if (parcel == NULL || parcel->head.n_descriptors != load->n_channels)
    return break_off (error, "a malformed message");
  for (guint i = 0; i < load->n_channels; i++)
    if (load->channels[i]->descriptor.kind == SP_BRIDGE_RETURNED)
      {
        if (parcel->head.type != SP_BUS_MESSAGE_CALL || parcel->head.wants_no_reply)
          return break_off (error, "a file that nobody would complete");
        load->channels[i]->serial = parcel->head.serial;
      }
  if (!is_incomplete (load))
    deliver (self, load);
  else
    g_ptr_array_add (self->deferred, g_memdup2 (load, sizeof *load));
  *load = (SpBridgeLoad){ 0 };
  return TRUE;
}

static gboolean
take_message (SpBridge *self, const SpBridgeFrame *frame, GError **error)
{
  gssize total;

  g_byte_array_append (self->bytes, frame->payload, (guint) frame->size);
  total = sp_bus_message_measure (self->bytes->data, self->bytes->len);
  if (total < 0 || (total > 0 && (gsize) total < self->bytes->len) ||
      (self->arriving.n_channels > 0 && self->bytes->len > SP_BRIDGE_CARRYING_MAX))
    return break_off (error, "a malformed message");
  return (frame->flags & SP_BRIDGE_LAST) == 0 || accept_message (self, error);
}

static void
note_failure (SpBridge *self, const SpBridgeChannel *channel)
{
  if (channel->descriptor.kind == SP_BRIDGE_RETURNED && channel->failure != NULL)
    (void) g_hash_table_insert (self->failures, GUINT_TO_POINTER (channel->serial),
                                g_strdup (channel->failure));
}

/* Whether it may still be spoken of. */
static gboolean
was_opened (const SpBridge *self, guint32 number)
{
  return number % 2 == self->next % 2 ? number < self->next : number <= self->heard;
}

static gboolean
take_of_channel (SpBridge *self, const SpBridgeFrame *frame, GError **error)
{
  SpBridgeChannel *channel = find (self, frame->channel);
  gboolean fine = TRUE;

  if (channel == NULL || !channel->announced)
    return ((frame->type == SP_BRIDGE_CREDIT || frame->type == SP_BRIDGE_STOP) && channel == NULL &&
            was_opened (self, frame->channel)) ||
           break_off (error, "a channel that is not");
  switch (frame->type)
    {
      case SP_BRIDGE_DATA:
        fine = sp_bridge_channel_take_data (channel, frame->payload, frame->size);
        break;
      case SP_BRIDGE_CREDIT:
        fine = sp_bridge_channel_take_credit (channel, frame->credit);
        break;
      case SP_BRIDGE_END:
        fine = sp_bridge_channel_take_end (channel, (frame->flags & SP_BRIDGE_BROKEN) != 0);
        note_failure (self, channel);
        deliver_deferred (self);
        break;
      default:
        sp_bridge_channel_take_stop (channel);
    }
  return fine || break_off (error, "more than a channel may have");
}

static gboolean
take_frame (SpBridge *self, const SpBridgeFrame *frame, GError **error)
{
  if (self->greeted == (frame->type == SP_BRIDGE_HELLO))
    return break_off (error, "no greeting");
  switch (frame->type)
    {
      case SP_BRIDGE_HELLO:
        self->greeted = frame->version == SP_BRIDGE_VERSION;
        return self->greeted || break_off (error, "it is of another version");
      case SP_BRIDGE_MESSAGE:
        return take_message (self, frame, error);
      case SP_BRIDGE_DESCRIPTOR:
        return open_channel (self, frame, error);
      default:
        return take_of_channel (self, frame, error);
    }
}

gboolean
sp_bridge_take_frames (SpBridge *self, GError **error)
{
  gsize used = 0;
  gssize size;
  SpBridgeFrame frame;

  while ((size = sp_bridge_frame_read (self->in + used, self->in_size - used, &frame)) > 0)
    {
      if (!take_frame (self, &frame, error))
        return FALSE;
      used += (gsize) size;
    }
  if (size < 0)
    return break_off (error, "no frame");
  self->in_size -= used;
  memmove (self->in, self->in + used, self->in_size);
  sp_secret_wipe (self->in + self->in_size, used);
  return TRUE;
}
