/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/bus-message.h"

#include <gio/gio.h>
#include <string.h>

#define FLAG_NO_REPLY 1
#define VERSION       1

enum /* header fields */
{
  FIELD_INTERFACE = 2,
  FIELD_MEMBER = 3,
  FIELD_REPLY_SERIAL = 5,
  FIELD_DESCRIPTORS = 9,
};

/* Something to read from, in the byte order of its message. */
typedef struct
{
  const guint8 *bytes;
  gsize at;
  gsize end;
  gboolean big;
} Reader;

static guint32
get_32 (const guint8 *bytes, gboolean big)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return big ? GUINT32_FROM_BE (value) : GUINT32_FROM_LE (value);
}

static gsize
align (gsize at, gsize step)
{
  return (at + step - 1) / step * step;
}

gssize
sp_bus_message_measure (const guint8 *bytes, gsize size)
{
  guint64 total;

  if (size < SP_BUS_MESSAGE_START)
    return 0;
  if ((bytes[0] != 'l' && bytes[0] != 'B') || bytes[1] == 0 || bytes[3] != VERSION)
    return -1;
  total = align (SP_BUS_MESSAGE_START + (gsize) get_32 (bytes + 12, bytes[0] == 'B'), 8) +
          (guint64) get_32 (bytes + 4, bytes[0] == 'B');
  return total <= SP_BUS_MESSAGE_MAX ? (gssize) total : -1;
}

static gboolean
skip (Reader *reader, gsize size)
{
  if (size > reader->end - reader->at)
    return FALSE;
  reader->at += size;
  return TRUE;
}

static gboolean
align_reader (Reader *reader, gsize step)
{
  return skip (reader, align (reader->at, step) - reader->at);
}

static gboolean
read_number (Reader *reader, guint32 *ret)
{
  if (!align_reader (reader, 4) || !skip (reader, 4))
    return FALSE;
  *ret = get_32 (reader->bytes + reader->at - 4, reader->big);
  return TRUE;
}

/* With its end; `size` is without. */
static const char *
read_text (Reader *reader, gsize size)
{
  const char *text = (const char *) reader->bytes + reader->at;

  if (size >= reader->end - reader->at || !skip (reader, size + 1) ||
      strnlen (text, size + 1) != size)
    return NULL;
  return text;
}

static gboolean
read_byte (Reader *reader, guint8 *ret)
{
  if (!skip (reader, 1))
    return FALSE;
  *ret = reader->bytes[reader->at - 1];
  return TRUE;
}

/* The basic types; a field of another kind has not been thought of yet. */
static gboolean
read_value (Reader *reader, char type, const char **ret_text, guint32 *ret_number)
{
  guint8 length;
  guint32 size;

  switch (type)
    {
      case 's':
      case 'o':
        return read_number (reader, &size) && (*ret_text = read_text (reader, size)) != NULL;
      case 'g':
        return read_byte (reader, &length) && (*ret_text = read_text (reader, length)) != NULL;
      case 'u':
      case 'i':
      case 'b':
        return read_number (reader, ret_number);
      case 'y':
        return skip (reader, 1);
      case 'q':
      case 'n':
        return align_reader (reader, 2) && skip (reader, 2);
      case 'x':
      case 't':
      case 'd':
        return align_reader (reader, 8) && skip (reader, 8);
      default:
        return FALSE;
    }
}

static gboolean
read_field (Reader *reader, SpBusMessage *message)
{
  const char *text = NULL;
  const char *type;
  guint32 number = 0;
  guint8 code;
  guint8 length;

  if (!align_reader (reader, 8) || !read_byte (reader, &code) || !read_byte (reader, &length) ||
      length != 1 || (type = read_text (reader, length)) == NULL ||
      !read_value (reader, type[0], &text, &number))
    return FALSE;
  switch (code)
    {
      case FIELD_INTERFACE:
        message->interface = text;
        return type[0] == 's';
      case FIELD_MEMBER:
        message->member = text;
        return type[0] == 's';
      case FIELD_REPLY_SERIAL:
        message->reply_serial = number;
        return type[0] == 'u';
      case FIELD_DESCRIPTORS:
        message->n_descriptors = number;
        return type[0] == 'u';
      default:
        return code != 0;
    }
}

gboolean
sp_bus_message_read (const guint8 *bytes, gsize size, SpBusMessage *ret)
{
  Reader reader = { .bytes = bytes, .at = SP_BUS_MESSAGE_START };

  if (sp_bus_message_measure (bytes, size) != (gssize) size || size == 0)
    return FALSE;
  reader.big = bytes[0] == 'B';
  reader.end = SP_BUS_MESSAGE_START + get_32 (bytes + 12, reader.big);
  *ret = (SpBusMessage){ .type = bytes[1],
                         .wants_no_reply = (bytes[2] & FLAG_NO_REPLY) != 0,
                         .serial = get_32 (bytes + 8, reader.big) };
  while (reader.at < reader.end)
    if (!read_field (&reader, ret))
      return FALSE;
  return ret->serial != 0;
}

static gboolean
is_waited_for (const SpBusMessage *message)
{
  if (message->type == SP_BUS_MESSAGE_CALL)
    return !message->wants_no_reply;
  return (message->type == SP_BUS_MESSAGE_RETURN || message->type == SP_BUS_MESSAGE_ERROR) &&
         message->reply_serial != 0;
}

GByteArray *
sp_bus_message_refuse (const SpBusMessage *message, const char *name, const char *text)
{
  g_autoptr (GDBusMessage) refusal = NULL;
  guint32 answered = message->type == SP_BUS_MESSAGE_CALL ? message->serial : message->reply_serial;
  guchar *bytes;
  gsize size;

  if (!is_waited_for (message))
    return NULL;
  refusal = g_dbus_message_new ();
  g_dbus_message_set_message_type (refusal, G_DBUS_MESSAGE_TYPE_ERROR);
  g_dbus_message_set_serial (refusal, message->serial);
  g_dbus_message_set_reply_serial (refusal, answered);
  g_dbus_message_set_error_name (refusal, name);
  g_dbus_message_set_sender (refusal, "org.freedesktop.DBus");
  g_dbus_message_set_body (refusal, g_variant_new ("(s)", text));
  bytes = g_dbus_message_to_blob (refusal, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  return bytes != NULL ? g_byte_array_new_take (bytes, size) : NULL;
}
