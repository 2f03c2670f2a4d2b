/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/dtls-datagram.h"
#include "codec/dtls-frame.h"

#include <string.h>

static void
check_frame (const uint8_t *record, size_t size)
{
  const guint8 *payload;
  gsize length;
  guint8 type, header[SP_DTLS_HEADER_SIZE];

  g_assert_cmpint (sp_dtls_frame_read (record, size, &type, &payload, &length), ==, size > 0);
  if (size == 0)
    return;
  g_assert_cmpuint (length + SP_DTLS_HEADER_SIZE, ==, size);
  sp_dtls_frame_write_header (header, type);
  g_assert_cmpuint (header[0], ==, record[0]);
}

/* Walks by the lengths alone; each record must be a datagram by itself. */
static guint
count_records (const uint8_t *data, size_t size)
{
  size_t at = 0;
  guint n = 0, one;

  while (at < size)
    {
      size_t length;

      g_assert_cmpuint (size - at, >, SP_DTLS_RECORD_HEADER_SIZE);
      length = SP_DTLS_RECORD_HEADER_SIZE + ((size_t) data[at + 11] << 8 | data[at + 12]);
      g_assert_cmpuint (length, >, SP_DTLS_RECORD_HEADER_SIZE);
      g_assert_cmpuint (length, <=, size - at);
      g_assert_true (sp_dtls_datagram_tiles (data + at, length, &one));
      g_assert_cmpuint (one, ==, 1);
      check_frame (data + at + SP_DTLS_RECORD_HEADER_SIZE, length - SP_DTLS_RECORD_HEADER_SIZE);
      at += length;
      n++;
    }
  return n;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *twice = NULL;
  guint n;

  check_frame (data, size);
  if (!sp_dtls_datagram_tiles (data, size, &n))
    {
      g_assert_false (sp_dtls_datagram_can_prove (data, size));
      return 0;
    }
  g_assert_true (n == 1 || !sp_dtls_datagram_can_prove (data, size));
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (count_records (data, size), ==, n);
  twice = g_malloc (2 * size);
  memcpy (twice, data, size);
  memcpy (twice + size, data, size);
  g_assert_true (sp_dtls_datagram_tiles (twice, 2 * size, &n));
  g_assert_cmpuint (count_records (twice, 2 * size), ==, n);
  g_assert_false (sp_dtls_datagram_tiles (twice, 2 * size - 1, &n));
  return 0;
}
