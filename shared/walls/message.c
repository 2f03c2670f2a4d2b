/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walls/message.h"

#include <string.h>

#define LENGTH_SIZE 2

gsize
sp_message_min_size (const SpMessageShape *shape)
{
  gsize size = SP_MESSAGE_HEADER_SIZE;

  for (guint i = 0; i < shape->n_fields; i++)
    size += shape->fields[i].kind == SP_FIELD_BYTES ? LENGTH_SIZE : shape->fields[i].size;
  return size;
}

gsize
sp_message_max_size (const SpMessageShape *shape)
{
  gsize size = sp_message_min_size (shape);

  for (guint i = 0; i < shape->n_fields; i++)
    if (shape->fields[i].kind == SP_FIELD_BYTES)
      size += shape->fields[i].size;
  return size;
}

static guint64
load_native (const guint8 *memory, guint size)
{
  guint16 u16;
  guint32 u32;
  guint64 u64;

  switch (size)
    {
      case 1:
        return *memory;
      case 2:
        memcpy (&u16, memory, sizeof u16);
        return u16;
      case 4:
        memcpy (&u32, memory, sizeof u32);
        return u32;
      default:
        memcpy (&u64, memory, sizeof u64);
        return u64;
    }
}

static void
store_native (guint8 *memory, guint size, guint64 value)
{
  guint16 u16 = (guint16) value;
  guint32 u32 = (guint32) value;

  switch (size)
    {
      case 1:
        *memory = (guint8) value;
        break;
      case 2:
        memcpy (memory, &u16, sizeof u16);
        break;
      case 4:
        memcpy (memory, &u32, sizeof u32);
        break;
      default:
        memcpy (memory, &value, sizeof value);
        break;
    }
}

static void
put_little_endian (guint8 *wire, guint size, guint64 value)
{
  for (guint i = 0; i < size; i++)
    wire[i] = (guint8) (value >> (8 * i));
}

static guint64
get_little_endian (const guint8 *wire, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) wire[i] << (8 * i);
  return value;
}

/* Returns the bytes written, or 0 if they do not fit. */
static gsize
encode_field (const SpField *field, const guint8 *message, guint8 *wire, gsize room)
{
  guint64 length;

  if (field->kind == SP_FIELD_BYTES)
    {
      length = load_native (message + field->length_offset, LENGTH_SIZE);
      if (length > field->size || room < LENGTH_SIZE + length)
        return 0;
      put_little_endian (wire, LENGTH_SIZE, length);
      memcpy (wire + LENGTH_SIZE, message + field->offset, length);
      return LENGTH_SIZE + length;
    }
  if (room < field->size)
    return 0;
  if (field->kind == SP_FIELD_NUMBER)
    put_little_endian (wire, field->size, load_native (message + field->offset, field->size));
  else
    memcpy (wire, message + field->offset, field->size);
  return field->size;
}

gsize
sp_message_encode (const SpMessageShape *shape,
                   const SpMessageHeader *header,
                   gconstpointer message,
                   guint8 *buffer,
                   gsize buffer_size)
{
  gsize used = SP_MESSAGE_HEADER_SIZE;

  if (buffer_size < SP_MESSAGE_HEADER_SIZE)
    return 0;
  memset (buffer, 0, SP_MESSAGE_HEADER_SIZE);
  buffer[0] = SP_WALL_VERSION;
  buffer[1] = header->type;
  put_little_endian (buffer + 4, 4, header->serial);
  for (guint i = 0; i < shape->n_fields; i++)
    {
      gsize written = encode_field (&shape->fields[i], message, buffer + used, buffer_size - used);
      if (written == 0)
        return 0;
      used += written;
    }
  return used;
}

gboolean
sp_message_decode_header (const guint8 *bytes, gsize size, SpMessageHeader *ret_header)
{
  if (size < SP_MESSAGE_HEADER_SIZE || bytes[0] != SP_WALL_VERSION || bytes[2] != 0 ||
      bytes[3] != 0)
    return FALSE;
  ret_header->type = bytes[1];
  ret_header->serial = (guint32) get_little_endian (bytes + 4, 4);
  return TRUE;
}

/* Returns the bytes read, or 0 if they are not there. */
static gsize
decode_field (const SpField *field, const guint8 *wire, gsize left, guint8 *message)
{
  guint64 length;

  if (field->kind == SP_FIELD_BYTES)
    {
      if (left < LENGTH_SIZE)
        return 0;
      length = get_little_endian (wire, LENGTH_SIZE);
      if (length > field->size || left < LENGTH_SIZE + length)
        return 0;
      store_native (message + field->length_offset, LENGTH_SIZE, length);
      memcpy (message + field->offset, wire + LENGTH_SIZE, length);
      return LENGTH_SIZE + length;
    }
  if (left < field->size)
    return 0;
  if (field->kind == SP_FIELD_NUMBER)
    store_native (message + field->offset, field->size, get_little_endian (wire, field->size));
  else
    memcpy (message + field->offset, wire, field->size);
  return field->size;
}

gboolean
sp_message_decode (const SpMessageShape *shape,
                   const guint8 *bytes,
                   gsize size,
                   gpointer ret_message)
{
  gsize used = SP_MESSAGE_HEADER_SIZE;

  memset (ret_message, 0, shape->struct_size);
  if (size < SP_MESSAGE_HEADER_SIZE)
    return FALSE;
  for (guint i = 0; i < shape->n_fields; i++)
    {
      gsize read = decode_field (&shape->fields[i], bytes + used, size - used, ret_message);
      if (read == 0)
        return FALSE;
      used += read;
    }
  return used == size;
}
