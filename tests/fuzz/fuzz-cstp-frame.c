/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/cstp-frame.h"

#include <string.h>

/* Any text fits into any room, and is read back as far as it went in. */
static void
check_disconnect (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gsize room = size == 0 ? 0 : MIN (data[0], 64);
  g_autofree guint8 *frame = g_malloc (MAX (room, 1));
  gsize used = sp_cstp_write_disconnect (frame, room, SP_BYE_USER, text);
  const guint8 *payload;
  gsize length;
  guint8 type;

  g_assert_cmpuint (used, <=, room);
  if (used == 0)
    return;
  g_assert_cmpint (sp_cstp_read (frame, used, &type, &payload, &length), ==, SP_CSTP_FRAME);
  g_assert_cmpuint (type, ==, SP_FRAME_DISCONNECT);
  g_assert_cmpuint (sp_bye_read (payload, length), ==, SP_BYE_USER);
  g_assert_cmpint (strncmp ((const char *) payload + 1, text, length - 1), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 header[SP_CSTP_HEADER_SIZE];
  const guint8 *payload;
  gsize length;
  guint8 type;
  SpCstpVerdict verdict = sp_cstp_read (data, size, &type, &payload, &length);

  check_disconnect (data, size);
  g_assert_nonnull (sp_cstp_verdict_to_string (verdict));
  g_assert_cmpint (verdict == SP_CSTP_EMPTY, ==, size == 0);
  if (verdict != SP_CSTP_FRAME)
    return 0;
  g_assert_cmpuint (length + SP_CSTP_HEADER_SIZE, ==, size);
  g_assert_true (payload == data + SP_CSTP_HEADER_SIZE);
  sp_cstp_write_header (header, type, (guint16) length);
  g_assert_cmpmem (header, sizeof header, data, SP_CSTP_HEADER_SIZE);
  (void) sp_bye_keeps_cookie (sp_bye_read (payload, length));
  return 0;
}
