/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/dtls-datagram.h"

#include <string.h>

#define RANDOM_OFFSET 27 /* record header, handshake header, version */

static void
check_inside (const uint8_t *data, size_t size, const guint8 *at, gsize length)
{
  g_assert_true (at >= data && at + length <= data + size);
}

static void
check_hello (const uint8_t *data, size_t size, const SpDtlsHello *hello)
{
  guint n;

  g_assert_cmpuint (size, <=, SP_FIRST_DATAGRAM_MAX);
  g_assert_true (sp_dtls_datagram_tiles (data, size, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (hello->random == data + RANDOM_OFFSET);
  g_assert_nonnull (memmem (data, size, hello->app_id, sizeof hello->app_id));
  g_assert_cmpint (hello->has_cookie, ==, hello->cookie_length > 0);
  g_assert_cmpint (hello->has_cookie, ==, hello->cookie != NULL);
  if (hello->has_cookie)
    check_inside (data, size, hello->cookie, hello->cookie_length);
}

/* The same hello with other random bytes, or behind a second record. */
static void
check_variants (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_malloc (2 * size);
  SpDtlsHello hello;

  memcpy (copy, data, size);
  memcpy (copy + size, data, size);
  g_assert_cmpint (sp_dtls_hello_read (copy, 2 * size, &hello), !=, SP_DTLS_HELLO_COMPLETE);
  memset (copy + RANDOM_OFFSET, 0, SP_DTLS_RANDOM_SIZE);
  g_assert_cmpint (sp_dtls_hello_read (copy, size, &hello), ==, SP_DTLS_HELLO_NO_RANDOM);
  g_assert_cmpint (sp_dtls_hello_read (copy, size - 1, &hello), ==, SP_DTLS_HELLO_NOT_TILED);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SpDtlsHello hello;
  SpDtlsHelloVerdict verdict = sp_dtls_hello_read (data, size, &hello);

  g_assert_nonnull (sp_dtls_hello_verdict_to_string (verdict));
  g_assert_cmpint (verdict == SP_DTLS_HELLO_NOT_TILED, ==,
                   !sp_dtls_datagram_tiles (data, size, NULL));
  if (verdict != SP_DTLS_HELLO_COMPLETE)
    return 0;
  check_hello (data, size, &hello);
  check_variants (data, size);
  return 0;
}
