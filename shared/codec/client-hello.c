/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/client-hello.h"

#include "hello-body.h"

#include <string.h>

#define CONTENT_HANDSHAKE      22
#define RECORD_HEADER_SIZE     5
#define RECORD_LENGTH_MAX      16384
#define HANDSHAKE_HEADER_SIZE  4
#define HANDSHAKE_CLIENT_HELLO 1
#define EXTENSION_SERVER_NAME  0
#define EXTENSION_ALPN         16 /* RFC 7301 3.1 */
#define NAME_TYPE_HOST         0
#define VALIDATION             "acme-tls/1"

static const char *const verdict_names[] = {
  [SP_CLIENT_HELLO_COMPLETE] = "complete",       [SP_CLIENT_HELLO_INCOMPLETE] = "incomplete",
  [SP_CLIENT_HELLO_NOT_TLS] = "not a TLS hello", [SP_CLIENT_HELLO_MALFORMED] = "malformed hello",
  [SP_CLIENT_HELLO_TOO_LONG] = "hello too long",
};

const char *
sp_client_hello_verdict_to_string (SpClientHelloVerdict verdict)
{
  return verdict_names[verdict];
}

/* The handshake bytes that the records so far carry, joined. */
typedef struct
{
  guint8 bytes[SP_CLIENT_HELLO_MAX];
  gsize size;
  gsize wanted; /* with the handshake header; 0 while that is incomplete */
} Message;

static SpClientHelloVerdict
add_fragment (Message *message, const guint8 *fragment, gsize size)
{
  if (message->size + size > sizeof message->bytes)
    return SP_CLIENT_HELLO_TOO_LONG;
  memcpy (message->bytes + message->size, fragment, size);
  message->size += size;
  if (message->size > 0 && message->bytes[0] != HANDSHAKE_CLIENT_HELLO)
    return SP_CLIENT_HELLO_NOT_TLS;
  if (message->size >= HANDSHAKE_HEADER_SIZE)
    message->wanted = HANDSHAKE_HEADER_SIZE + ((gsize) message->bytes[1] << 16 |
                                               (gsize) message->bytes[2] << 8 | message->bytes[3]);
  if (message->wanted > sizeof message->bytes)
    return SP_CLIENT_HELLO_TOO_LONG;
  /* Nothing may share the hello's last record (RFC 8446 5.1). */
  if (message->wanted != 0 && message->size > message->wanted)
    return SP_CLIENT_HELLO_MALFORMED;
  return message->wanted != 0 && message->size == message->wanted ? SP_CLIENT_HELLO_COMPLETE
                                                                  : SP_CLIENT_HELLO_INCOMPLETE;
}

/* As far as it is there: type, major version 3, a length that a record can have. */
static gboolean
header_is_possible (const guint8 *header, gsize size)
{
  gsize length;

  if (size >= 1 && header[0] != CONTENT_HANDSHAKE)
    return FALSE;
  if (size >= 2 && header[1] != 3)
    return FALSE;
  if (size < RECORD_HEADER_SIZE)
    return TRUE;
  length = (gsize) header[3] << 8 | header[4];
  return length > 0 && length <= RECORD_LENGTH_MAX;
}

static SpClientHelloVerdict
join_records (const guint8 *bytes, gsize size, Message *message, gsize *ret_total_size)
{
  SpClientHelloVerdict verdict = SP_CLIENT_HELLO_INCOMPLETE;
  gsize at = 0;

  while (verdict == SP_CLIENT_HELLO_INCOMPLETE && at < size)
    {
      gsize there, length;

      if (!header_is_possible (bytes + at, size - at))
        return SP_CLIENT_HELLO_NOT_TLS;
      if (size - at < RECORD_HEADER_SIZE)
        break;
      length = (gsize) bytes[at + 3] << 8 | bytes[at + 4];
      at += RECORD_HEADER_SIZE;
      there = MIN (length, size - at);
      verdict = add_fragment (message, bytes + at, there);
      if (verdict == SP_CLIENT_HELLO_COMPLETE && there < length)
        return SP_CLIENT_HELLO_MALFORMED;
      at += there;
    }
  *ret_total_size = at;
  return verdict;
}

/* RFC 6066 3; letters, digits, '-', '_' and '.', or it is no name. */
static gboolean
copy_name (SpCursor name, SpClientHello *ret)
{
  if (name.failed || name.left == 0 || name.left > SP_DOMAIN_MAX)
    return FALSE;
  for (gsize i = 0; i < name.left; i++)
    {
      if (!g_ascii_isalnum (name.at[i]) && name.at[i] != '-' && name.at[i] != '_' &&
          name.at[i] != '.')
        return FALSE;
      ret->server_name[i] = g_ascii_tolower (name.at[i]);
    }
  ret->server_name_length = name.left;
  return TRUE;
}

static SpClientHelloVerdict
read_server_name (const SpHelloBody *body, SpClientHello *ret)
{
  SpCursor extension, list;
  gboolean found = FALSE;

  if (!sp_hello_body_find_extension (body, EXTENSION_SERVER_NAME, &extension))
    return SP_CLIENT_HELLO_COMPLETE;
  list = sp_cursor_vector (&extension, 2);
  if (!sp_cursor_is_done (&extension))
    return SP_CLIENT_HELLO_MALFORMED;
  while (list.left > 0)
    {
      guint32 type = sp_cursor_number (&list, 1);
      SpCursor name = sp_cursor_vector (&list, 2);

      if (type == NAME_TYPE_HOST && !found)
        {
          found = TRUE;
          ret->has_server_name = copy_name (name, ret);
        }
    }
  return list.failed ? SP_CLIENT_HELLO_MALFORMED : SP_CLIENT_HELLO_COMPLETE;
}

/* RFC 8737 3: the list has this one entry.  What is wrong with it in other ways, TLS will say. */
static gboolean
offers_validation_alone (const SpHelloBody *body)
{
  SpCursor extension, list, name;

  if (!sp_hello_body_find_extension (body, EXTENSION_ALPN, &extension))
    return FALSE;
  list = sp_cursor_vector (&extension, 2);
  name = sp_cursor_vector (&list, 1);
  return sp_cursor_is_done (&extension) && sp_cursor_is_done (&list) &&
         name.left == strlen (VALIDATION) && memcmp (name.at, VALIDATION, name.left) == 0;
}

SpClientHelloVerdict
sp_client_hello_peek (const guint8 *bytes, gsize size, SpClientHello *ret)
{
  Message message;
  SpHelloBody body;
  gsize total_size;
  SpClientHelloVerdict verdict;

  message.size = message.wanted = 0;
  verdict = join_records (bytes, MIN (size, SP_CLIENT_HELLO_MAX), &message, &total_size);
  if (verdict == SP_CLIENT_HELLO_INCOMPLETE && size >= SP_CLIENT_HELLO_MAX)
    return SP_CLIENT_HELLO_TOO_LONG;
  if (verdict != SP_CLIENT_HELLO_COMPLETE)
    return verdict;
  memset (ret, 0, sizeof *ret);
  ret->total_size = total_size;
  if (!sp_hello_body_read (message.bytes + HANDSHAKE_HEADER_SIZE,
                           message.size - HANDSHAKE_HEADER_SIZE, FALSE, &body))
    return SP_CLIENT_HELLO_MALFORMED;
  verdict = read_server_name (&body, ret);
  ret->asks_validation = offers_validation_alone (&body);
  if (!ret->has_server_name)
    memset (ret->server_name, 0, sizeof ret->server_name);
  return verdict;
}
