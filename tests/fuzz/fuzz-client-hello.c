/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/client-hello.h"

#include <string.h>

#define RECORD_HEADER_SIZE 5

static void
check_name (const SpClientHello *hello)
{
  g_assert_cmpuint (hello->server_name_length, ==,
                    strnlen (hello->server_name, sizeof hello->server_name));
  g_assert_cmpint (hello->has_server_name, ==, hello->server_name_length > 0);
  for (gsize i = 0; i < hello->server_name_length; i++)
    g_assert_true (g_ascii_islower (hello->server_name[i]) ||
                   g_ascii_isdigit (hello->server_name[i]) ||
                   strchr ("-_.", hello->server_name[i]) != NULL);
}

/* The handshake bytes of all records, in records of `fragment` bytes. */
static GByteArray *
split_again (const uint8_t *data, size_t size, guint fragment)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  GByteArray *stream = g_byte_array_new ();

  for (size_t at = 0; at < size;)
    {
      guint length = (guint) data[at + 3] << 8 | data[at + 4];

      g_byte_array_append (message, data + at + RECORD_HEADER_SIZE, length);
      at += RECORD_HEADER_SIZE + length;
    }
  for (guint at = 0; at < message->len; at += fragment)
    {
      guint length = MIN (fragment, message->len - at);
      guint8 header[RECORD_HEADER_SIZE] = { 22, 3, 1, (guint8) (length >> 8), (guint8) length };

      g_byte_array_append (stream, header, sizeof header);
      g_byte_array_append (stream, message->data + at, length);
    }
  return stream;
}

/* However it is cut into records, it is the same hello. */
static void
check_split (const uint8_t *data, const SpClientHello *hello, guint fragment)
{
  g_autoptr (GByteArray) stream = split_again (data, hello->total_size, fragment);
  SpClientHello again;
  SpClientHelloVerdict verdict = sp_client_hello_peek (stream->data, stream->len, &again);

  if (stream->len > SP_CLIENT_HELLO_MAX)
    {
      g_assert_cmpint (verdict, ==, SP_CLIENT_HELLO_TOO_LONG);
      return;
    }
  g_assert_cmpint (verdict, ==, SP_CLIENT_HELLO_COMPLETE);
  g_assert_cmpuint (again.total_size, ==, stream->len);
  g_assert_cmpstr (again.server_name, ==, hello->server_name);
}

static void
check_prefix (const uint8_t *data, size_t prefix, SpClientHelloVerdict verdict)
{
  SpClientHello hello;
  SpClientHelloVerdict earlier = sp_client_hello_peek (data, prefix, &hello);

  if (earlier != SP_CLIENT_HELLO_INCOMPLETE)
    g_assert_cmpint (earlier, ==, verdict);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpClientHello hello;
  SpClientHelloVerdict verdict = sp_client_hello_peek (data, size, &hello);

  g_assert_nonnull (sp_client_hello_verdict_to_string (verdict));
  check_prefix (data, size / 2, verdict);
  check_prefix (data, size - MIN (size, 1), verdict);
  if (verdict != SP_CLIENT_HELLO_COMPLETE)
    return 0;
  g_assert_cmpuint (hello.total_size, <=, MIN (size, SP_CLIENT_HELLO_MAX));
  check_name (&hello);
  check_split (data, &hello, 1 + data[size / 2] % 61);
  check_split (data, &hello, SP_CLIENT_HELLO_MAX);
  g_assert_cmpint (sp_client_hello_peek (data, hello.total_size - 1, &hello), ==,
                   SP_CLIENT_HELLO_INCOMPLETE);
  return 0;
}
