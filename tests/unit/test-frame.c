/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/cstp-frame.h"
#include "codec/dtls-frame.h"
#include "hex.h"

static void
test_cstp_read (void)
{
  static const struct
  {
    const char *hex;
    SpCstpVerdict verdict;
    guint8 type;
    gsize length;
  } records[] = {
    { "53544601 0000 03 00", SP_CSTP_FRAME, SP_FRAME_DPD_REQUEST, 0 },
    { "53544601 0000 07 00", SP_CSTP_FRAME, SP_FRAME_KEEPALIVE, 0 },
    { "53544601 0012 05 00 b0 41626f727465642062792063616c6c6572", SP_CSTP_FRAME,
      SP_FRAME_DISCONNECT, 18 },
    { "53544601 0003 00 00 450000", SP_CSTP_FRAME, SP_FRAME_DATA, 3 },
    { "53544601 0001 2a 00 00", SP_CSTP_FRAME, 0x2a, 1 },
    { "", SP_CSTP_EMPTY, 0, 0 },
    { "53", SP_CSTP_SHORT, 0, 0 },
    { "53544601 0000 03", SP_CSTP_SHORT, 0, 0 },
    { "53544602 0000 03 00", SP_CSTP_BAD_MAGIC, 0, 0 },
    { "73544601 0000 03 00", SP_CSTP_BAD_MAGIC, 0, 0 },
    { "53544601 0000 03 01", SP_CSTP_BAD_MAGIC, 0, 0 },
    { "53544601 0001 03 00", SP_CSTP_BAD_LENGTH, 0, 0 },
    { "53544601 0000 03 00 00", SP_CSTP_BAD_LENGTH, 0, 0 },
    { "53544601 0100 03 00 00", SP_CSTP_BAD_LENGTH, 0, 0 },
    { "53544601 0000 03 00 53544601 0000 03 00", SP_CSTP_BAD_LENGTH, 0, 0 },
    { "53544601 ffff 00 00 00", SP_CSTP_BAD_LENGTH, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (records[i].hex);
      g_autofree guint8 *copy = exact_copy (bytes->data, bytes->len);
      const guint8 *payload;
      gsize length;
      guint8 type;
      SpCstpVerdict verdict = sp_cstp_read (copy, bytes->len, &type, &payload, &length);

      g_test_message ("%s: %s", records[i].hex, sp_cstp_verdict_to_string (verdict));
      g_assert_cmpint (verdict, ==, records[i].verdict);
      if (verdict != SP_CSTP_FRAME)
        continue;
      g_assert_cmpuint (type, ==, records[i].type);
      g_assert_cmpuint (length, ==, records[i].length);
      g_assert_true (payload == copy + SP_CSTP_HEADER_SIZE);
    }
}

static void
test_cstp_write (void)
{
  guint8 header[SP_CSTP_HEADER_SIZE];
  g_autoptr (GByteArray) expected = bytes_from_hex ("53544601 059a 00 00");

  sp_cstp_write_header (header, SP_FRAME_DATA, 1434);
  g_assert_cmpmem (header, sizeof header, expected->data, expected->len);
}

static void
test_disconnect (void)
{
  guint8 frame[64];
  const guint8 *payload;
  gsize size, length;
  guint8 type;

  size = sp_cstp_write_disconnect (frame, sizeof frame, SP_BYE_USER, "Server request");
  g_assert_cmpuint (size, ==, 23);
  g_assert_cmpint (sp_cstp_read (frame, size, &type, &payload, &length), ==, SP_CSTP_FRAME);
  g_assert_cmpuint (type, ==, SP_FRAME_DISCONNECT);
  g_assert_cmpmem (payload, length, "\xb0Server request", 15);

  g_assert_cmpuint (sp_cstp_write_disconnect (frame, sizeof frame, SP_BYE_USER, NULL), ==, 9);
  g_assert_cmpuint (sp_cstp_write_disconnect (frame, 12, SP_BYE_USER, "Server request"), ==, 12);
  g_assert_cmpint (sp_cstp_read (frame, 12, &type, &payload, &length), ==, SP_CSTP_FRAME);
  g_assert_cmpmem (payload, length, "\xb0Ser", 4);
  g_assert_cmpuint (sp_cstp_write_disconnect (frame, 8, SP_BYE_USER, "x"), ==, 0);
}

static void
test_bye (void)
{
  static const struct
  {
    const char *hex;
    guint8 reason;
    gboolean keeps_cookie;
  } byes[] = {
    { "b0 41626f72746564", SP_BYE_USER, FALSE },
    { "b0", SP_BYE_USER, FALSE },
    { "70", SP_BYE_LOCAL_ERROR, FALSE },
    { "91 5265636f6e6e", SP_BYE_RECONNECTING, TRUE },
    { "d1", SP_BYE_PAUSED, TRUE },
    { "", SP_BYE_RECONNECTING, TRUE },
    { "42", 0x42, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (byes); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (byes[i].hex);
      guint8 reason = sp_bye_read (bytes->data, bytes->len);

      g_assert_cmpuint (reason, ==, byes[i].reason);
      g_assert_cmpint (sp_bye_keeps_cookie (reason), ==, byes[i].keeps_cookie);
    }
}

static void
test_dtls (void)
{
  static const guint8 record[] = { SP_FRAME_DPD_REQUEST, 1, 2 };
  const guint8 *payload;
  gsize length;
  guint8 type, header[SP_DTLS_HEADER_SIZE];

  g_assert_true (sp_dtls_frame_read (record, sizeof record, &type, &payload, &length));
  g_assert_cmpuint (type, ==, SP_FRAME_DPD_REQUEST);
  g_assert_true (payload == record + 1);
  g_assert_cmpuint (length, ==, 2);
  g_assert_true (sp_dtls_frame_read (record, 1, &type, &payload, &length));
  g_assert_cmpuint (length, ==, 0);
  g_assert_false (sp_dtls_frame_read (record, 0, &type, &payload, &length));
  sp_dtls_frame_write_header (header, SP_FRAME_DPD_RESPONSE);
  g_assert_cmpuint (header[0], ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/cstp-read", test_cstp_read);
  g_test_add_func ("/frame/cstp-write", test_cstp_write);
  g_test_add_func ("/frame/disconnect", test_disconnect);
  g_test_add_func ("/frame/bye", test_bye);
  g_test_add_func ("/frame/dtls", test_dtls);
  return g_test_run ();
}
