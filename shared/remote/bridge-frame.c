/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/bridge-frame.h"

#include <string.h>

#define MAGIC           "bridge"
#define MAGIC_SIZE      6
#define HELLO_SIZE      8
#define DESCRIPTOR_SIZE 12
#define CREDIT_SIZE     4
#define SEALS_KNOWN     0x1f /* SEAL, SHRINK, GROW, WRITE, FUTURE_WRITE */

/* What a frame may be, by its type. */
typedef struct
{
  gsize least;
  gsize most;
  guint8 flags;
  gboolean has_channel;
} Shape;

static const Shape shapes[] = {
  [SP_BRIDGE_HELLO] = { HELLO_SIZE, HELLO_SIZE, 0, FALSE },
  [SP_BRIDGE_MESSAGE] = { 1, SP_BRIDGE_PAYLOAD_MAX, SP_BRIDGE_LAST, FALSE },
  [SP_BRIDGE_DESCRIPTOR] = { DESCRIPTOR_SIZE, DESCRIPTOR_SIZE, 0, TRUE },
  [SP_BRIDGE_DATA] = { 1, SP_BRIDGE_PAYLOAD_MAX, 0, TRUE },
  [SP_BRIDGE_CREDIT] = { CREDIT_SIZE, CREDIT_SIZE, 0, TRUE },
  [SP_BRIDGE_END] = { 0, 0, SP_BRIDGE_BROKEN, TRUE },
  [SP_BRIDGE_STOP] = { 0, 0, 0, TRUE },
};

static guint64
get (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

static void
put (guint8 *bytes, guint size, guint64 value)
{
  for (guint i = size; i > 0; i--, value >>= 8)
    bytes[i - 1] = (guint8) value;
}

gboolean
sp_bridge_kind_goes_out (guint8 kind)
{
  return kind == SP_BRIDGE_SEALED || kind == SP_BRIDGE_FILE || kind == SP_BRIDGE_READER ||
         kind == SP_BRIDGE_SOCKET;
}

gboolean
sp_bridge_kind_comes_back (guint8 kind)
{
  return kind == SP_BRIDGE_RETURNED || kind == SP_BRIDGE_WRITER || kind == SP_BRIDGE_SOCKET;
}

static gboolean
read_descriptor (const guint8 *bytes, SpBridgeDescriptor *ret)
{
  *ret = (SpBridgeDescriptor){ .kind = bytes[0],
                               .seals = (guint16) get (bytes + 2, 2),
                               .size = get (bytes + 4, 8) };
  if (ret->kind < SP_BRIDGE_SEALED || ret->kind > SP_BRIDGE_SOCKET || bytes[1] != 0)
    return FALSE;
  if (ret->kind != SP_BRIDGE_SEALED)
    return ret->seals == 0 && ret->size == 0;
  return (ret->seals & ~SEALS_KNOWN) == 0 && ret->size <= SP_BRIDGE_SEALED_MAX;
}

static gboolean
read_payload (SpBridgeFrame *frame)
{
  switch (frame->type)
    {
      case SP_BRIDGE_HELLO:
        frame->version = (guint16) get (frame->payload + MAGIC_SIZE, 2);
        return memcmp (frame->payload, MAGIC, MAGIC_SIZE) == 0;
      case SP_BRIDGE_DESCRIPTOR:
        return read_descriptor (frame->payload, &frame->descriptor);
      case SP_BRIDGE_CREDIT:
        frame->credit = (guint32) get (frame->payload, CREDIT_SIZE);
        return frame->credit > 0;
      default:
        return TRUE;
    }
}

gssize
sp_bridge_frame_read (const guint8 *bytes, gsize size, SpBridgeFrame *ret)
{
  const Shape *shape;

  *ret = (SpBridgeFrame){ 0 };
  if (size > 0 && (bytes[0] < SP_BRIDGE_HELLO || bytes[0] > SP_BRIDGE_STOP))
    return -1;
  if (size < SP_BRIDGE_HEAD_SIZE)
    return 0;
  ret->type = bytes[0];
  ret->flags = bytes[1];
  ret->size = (gsize) get (bytes + 2, 2);
  ret->channel = (guint32) get (bytes + 4, 4);
  shape = &shapes[ret->type];
  if (ret->size < shape->least || ret->size > shape->most || (ret->flags & ~shape->flags) != 0 ||
      (ret->channel != 0) != shape->has_channel)
    return -1;
  if (size - SP_BRIDGE_HEAD_SIZE < ret->size)
    return 0;
  ret->payload = bytes + SP_BRIDGE_HEAD_SIZE;
  return read_payload (ret) ? (gssize) (SP_BRIDGE_HEAD_SIZE + ret->size) : -1;
}

void
sp_bridge_frame_write_head (
    guint8 *bytes, SpBridgeFrameType type, guint8 flags, guint32 channel, gsize size)
{
  bytes[0] = (guint8) type;
  bytes[1] = flags;
  put (bytes + 2, 2, size);
  put (bytes + 4, 4, channel);
}

gsize
sp_bridge_frame_write_hello (guint8 *bytes)
{
  sp_bridge_frame_write_head (bytes, SP_BRIDGE_HELLO, 0, 0, HELLO_SIZE);
  memcpy (bytes + SP_BRIDGE_HEAD_SIZE, MAGIC, MAGIC_SIZE);
  put (bytes + SP_BRIDGE_HEAD_SIZE + MAGIC_SIZE, 2, SP_BRIDGE_VERSION);
  return SP_BRIDGE_HEAD_SIZE + HELLO_SIZE;
}

gsize
sp_bridge_frame_write_descriptor (guint8 *bytes,
                                  guint32 channel,
                                  const SpBridgeDescriptor *descriptor)
{
  guint8 *payload = bytes + SP_BRIDGE_HEAD_SIZE;

  sp_bridge_frame_write_head (bytes, SP_BRIDGE_DESCRIPTOR, 0, channel, DESCRIPTOR_SIZE);
  payload[0] = descriptor->kind;
  payload[1] = 0;
  put (payload + 2, 2, descriptor->seals);
  put (payload + 4, 8, descriptor->size);
  return SP_BRIDGE_HEAD_SIZE + DESCRIPTOR_SIZE;
}

gsize
sp_bridge_frame_write_credit (guint8 *bytes, guint32 channel, guint32 credit)
{
  sp_bridge_frame_write_head (bytes, SP_BRIDGE_CREDIT, 0, channel, CREDIT_SIZE);
  put (bytes + SP_BRIDGE_HEAD_SIZE, CREDIT_SIZE, credit);
  return SP_BRIDGE_HEAD_SIZE + CREDIT_SIZE;
}
