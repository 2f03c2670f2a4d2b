/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-datagram.h"

#include "hello-body.h"

#include <string.h>

#define CONTENT_HANDSHAKE      22
#define CONTENT_FIRST          20 /* ChangeCipherSpec, Alert, Handshake, ApplicationData */
#define CONTENT_LAST           23
#define CONTENT_DATA           23
#define RECORD_LENGTH_MAX      (16384 + 2048) /* RFC 6347 4.1 by way of RFC 5246 6.2.3 */
#define HANDSHAKE_CLIENT_HELLO 1
/* One byte and what the shortest suite puts around it: explicit nonce and tag of 8 bytes each (RFC
 * 6655 3, 4) */
#define PROOF_LENGTH_MIN 17

static const char *const verdict_names[] = {
  [SP_DTLS_HELLO_COMPLETE] = "complete",
  [SP_DTLS_HELLO_NOT_TILED] = "not DTLS",
  [SP_DTLS_HELLO_OTHER] = "not a hello",
  [SP_DTLS_HELLO_MALFORMED] = "malformed hello",
  [SP_DTLS_HELLO_TOO_LONG] = "hello too long",
  [SP_DTLS_HELLO_FRAGMENT] = "fragmented hello",
  [SP_DTLS_HELLO_NO_RANDOM] = "hello without random bytes",
  [SP_DTLS_HELLO_NO_ID] = "hello without an id",
};

const char *
sp_dtls_hello_verdict_to_string (SpDtlsHelloVerdict verdict)
{
  return verdict_names[verdict];
}

static gboolean
is_known_version (guint32 version)
{
  return version == SP_DTLS_VERSION_1_0 || version == SP_DTLS_VERSION_1_2 ||
         version == SP_DTLS_VERSION_0_9;
}

/* Whoever speaks it says so in the record, too; the standard's versions may differ there. */
static gboolean
is_pre_standard (guint16 version)
{
  return version == SP_DTLS_VERSION_0_9;
}

typedef struct
{
  guint8 type;
  guint16 version;
  guint16 epoch;
  SpCursor content;
} Record;

/* FALSE if there is no whole record of known type and version, or an empty one. */
static gboolean
read_record (SpCursor *cursor, Record *ret)
{
  ret->type = (guint8) sp_cursor_number (cursor, 1);
  ret->version = (guint16) sp_cursor_number (cursor, 2);
  ret->epoch = (guint16) sp_cursor_number (cursor, 2);
  (void) sp_cursor_bytes (cursor, 6); /* sequence number */
  ret->content = sp_cursor_vector (cursor, 2);
  return !cursor->failed && ret->type >= CONTENT_FIRST && ret->type <= CONTENT_LAST &&
         is_known_version (ret->version) && ret->content.left > 0 &&
         ret->content.left <= RECORD_LENGTH_MAX;
}

gboolean
sp_dtls_datagram_tiles (const guint8 *bytes, gsize size, guint *ret_records)
{
  SpCursor cursor = sp_cursor (bytes, size);
  Record record;
  guint n = 0;

  while (cursor.left > 0)
    {
      if (!read_record (&cursor, &record))
        return FALSE;
      n++;
    }
  if (ret_records != NULL)
    *ret_records = n;
  return n > 0;
}

gboolean
sp_dtls_datagram_can_prove (const guint8 *bytes, gsize size)
{
  SpCursor cursor = sp_cursor (bytes, size);
  Record record;

  return read_record (&cursor, &record) && cursor.left == 0 && record.type == CONTENT_DATA &&
         record.epoch > 0 && record.content.left >= PROOF_LENGTH_MIN;
}

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

/* Old clients carry the id in an extension, behind a length byte, and something else in the
 * session id; so the extension goes first. */
static gboolean
read_app_id (const SpHelloBody *body, SpDtlsHello *ret)
{
  SpCursor extension, id = body->session_id;

  ret->from_extension = sp_hello_body_find_extension (body, SP_DTLS_EXTENSION_APP_ID, &extension);
  if (ret->from_extension)
    {
      id = sp_cursor_vector (&extension, 1);
      if (!sp_cursor_is_done (&extension))
        return FALSE;
    }
  if (id.left != SP_APP_ID_SIZE)
    return FALSE;
  memcpy (ret->app_id, id.at, SP_APP_ID_SIZE);
  return TRUE;
}

static SpDtlsHelloVerdict
read_body (SpCursor message, SpDtlsHello *ret)
{
  SpHelloBody body;

  if (!sp_hello_body_read (message.at, message.left, TRUE, &body) ||
      !is_known_version (body.version))
    return SP_DTLS_HELLO_MALFORMED;
  if (is_zero (body.random, SP_DTLS_RANDOM_SIZE))
    return SP_DTLS_HELLO_NO_RANDOM;
  ret->client_version = body.version;
  ret->random = body.random;
  ret->has_cookie = body.cookie.left > 0;
  ret->cookie = ret->has_cookie ? body.cookie.at : NULL;
  ret->cookie_length = (guint8) body.cookie.left;
  return read_app_id (&body, ret) ? SP_DTLS_HELLO_COMPLETE : SP_DTLS_HELLO_NO_ID;
}

/* The handshake header (RFC 6347 4.2.2) and what follows it. */
static SpDtlsHelloVerdict
read_message (SpCursor content, SpDtlsHello *ret)
{
  guint32 type = sp_cursor_number (&content, 1);
  guint32 length = sp_cursor_number (&content, 3);
  guint32 sequence = sp_cursor_number (&content, 2);
  guint32 fragment_offset = sp_cursor_number (&content, 3);
  guint32 fragment_length = sp_cursor_number (&content, 3);

  if (content.failed)
    return SP_DTLS_HELLO_MALFORMED;
  if (type != HANDSHAKE_CLIENT_HELLO)
    return SP_DTLS_HELLO_OTHER;
  if (fragment_offset != 0 || fragment_length != length)
    return SP_DTLS_HELLO_FRAGMENT;
  if (content.left != length)
    return SP_DTLS_HELLO_MALFORMED;
  ret->message_sequence = (guint16) sequence;
  return read_body (content, ret);
}

SpDtlsHelloVerdict
sp_dtls_hello_read (const guint8 *bytes, gsize size, SpDtlsHello *ret)
{
  SpCursor cursor = sp_cursor (bytes, size);
  SpDtlsHelloVerdict verdict;
  Record record;
  guint n;

  if (!sp_dtls_datagram_tiles (bytes, size, &n) || !read_record (&cursor, &record))
    return SP_DTLS_HELLO_NOT_TILED;
  if (record.type != CONTENT_HANDSHAKE || record.epoch != 0)
    return SP_DTLS_HELLO_OTHER;
  if (n != 1)
    return SP_DTLS_HELLO_MALFORMED;
  if (size > SP_FIRST_DATAGRAM_MAX)
    return SP_DTLS_HELLO_TOO_LONG;
  memset (ret, 0, sizeof *ret);
  verdict = read_message (record.content, ret);
  if (verdict == SP_DTLS_HELLO_COMPLETE &&
      is_pre_standard (record.version) != is_pre_standard (ret->client_version))
    return SP_DTLS_HELLO_MALFORMED;
  return verdict;
}
