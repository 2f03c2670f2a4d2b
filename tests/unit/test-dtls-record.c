/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-record.h"

#include <string.h>

#define EPOCH_2 (G_GUINT64_CONSTANT (2) << SP_DTLS_EPOCH_SHIFT)

static void
test_header (void)
{
  static const guint8 bytes[] = { 23, 0xfe, 0xfd, 0, 2, 1, 2, 3, 4, 5, 6, 0x07, 0xd0 };
  guint8 written[SP_DTLS_RECORD_HEADER_SIZE];
  SpDtlsRecord record;

  sp_dtls_record_read_header (bytes, &record);
  g_assert_cmpuint (record.type, ==, SP_DTLS_TYPE_DATA);
  g_assert_cmpuint (record.version, ==, SP_DTLS_VERSION_1_2);
  g_assert_cmpuint (sp_dtls_record_get_epoch (record.number), ==, 2);
  g_assert_cmpuint (record.number & SP_DTLS_SEQUENCE_LAST, ==, 0x010203040506);
  g_assert_cmpuint (record.length, ==, 2000);
  sp_dtls_record_write_header (written, &record);
  g_assert_cmpmem (written, sizeof written, bytes, sizeof bytes);
}

static void
test_additional_data (void)
{
  static const guint8 expected[] = { 0, 2, 0, 0, 0, 0, 0, 9, 21, 0xfe, 0xfd, 0x01, 0x02 };
  const SpDtlsRecord record = { .type = SP_DTLS_TYPE_ALERT,
                                .version = SP_DTLS_VERSION_1_2,
                                .number = EPOCH_2 | 9,
                                .length = 0x102 };
  guint8 data[SP_DTLS_ADDITIONAL_DATA_SIZE];

  sp_dtls_record_make_additional_data (&record, data);
  g_assert_cmpmem (data, sizeof data, expected, sizeof expected);
}

static void
test_nonces (void)
{
  static const guint8 iv[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  static const guint8 explicit_part[] = { 21, 22, 23, 24, 25, 26, 27, 28 };
  static const guint8 expected_explicit[] = { 1, 2, 3, 4, 21, 22, 23, 24, 25, 26, 27, 28 };
  static const guint8 expected_masked[] = { 1, 2, 3, 4, 5, 6 ^ 2, 7, 8, 9, 10, 11, 12 ^ 0x81 };
  guint8 nonce[SP_DTLS_NONCE_SIZE];

  sp_dtls_nonce_make (SP_DTLS_NONCE_EXPLICIT, iv, explicit_part, EPOCH_2 | 7, nonce);
  g_assert_cmpmem (nonce, sizeof nonce, expected_explicit, sizeof expected_explicit);
  sp_dtls_nonce_make (SP_DTLS_NONCE_MASKED, iv, NULL, EPOCH_2 | 0x81, nonce);
  g_assert_cmpmem (nonce, sizeof nonce, expected_masked, sizeof expected_masked);
  g_assert_cmpuint (sp_dtls_nonce_get_overhead (SP_DTLS_NONCE_EXPLICIT), ==, 13 + 8 + 16);
  g_assert_cmpuint (sp_dtls_nonce_get_overhead (SP_DTLS_NONCE_MASKED), ==, 13 + 16);
}

static void
test_window_edges (void)
{
  SpReplayWindow window;

  G_STATIC_ASSERT (SP_REPLAY_WINDOW_RECORDS >= 64);
  sp_replay_window_init (&window);
  g_assert_true (sp_replay_window_is_fresh (&window, 0));
  sp_replay_window_note (&window, 0);
  g_assert_false (sp_replay_window_is_fresh (&window, 0));
  sp_replay_window_note (&window, SP_REPLAY_WINDOW_RECORDS);
  g_assert_false (sp_replay_window_is_fresh (&window, 0));
  g_assert_true (sp_replay_window_is_fresh (&window, 1));
  sp_replay_window_note (&window, SP_REPLAY_WINDOW_RECORDS + 1);
  g_assert_false (sp_replay_window_is_fresh (&window, 1));
  g_assert_true (sp_replay_window_is_fresh (&window, 2));
  sp_replay_window_note (&window, SP_DTLS_SEQUENCE_LAST);
  g_assert_false (sp_replay_window_is_fresh (&window, SP_DTLS_SEQUENCE_LAST));
  g_assert_true (sp_replay_window_is_fresh (&window, SP_DTLS_SEQUENCE_LAST - 1));
  g_assert_false (sp_replay_window_is_fresh (&window, SP_DTLS_SEQUENCE_LAST + 1));
}

/* Against the sentence of RFC 6347 4.1.2.6: what was accepted, and what lies behind the window, is
 * refused; everything else is not. */
static void
test_window_model (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autofree gint64 *numbers = g_new (gint64, 100000);
  SpReplayWindow window;
  gint64 highest = -1;
  gint64 base = 1000;

  sp_replay_window_init (&window);
  for (guint i = 0; i < 100000; i++)
    {
      gboolean expected;

      if (g_test_rand_int_range (0, 500) == 0)
        base += g_test_rand_int_range (0, 5000);
      base += g_test_rand_int_range (0, 3);
      numbers[i] = base - g_test_rand_int_range (0, 1000);
      expected = numbers[i] > highest || (highest + 1 - numbers[i] <= SP_REPLAY_WINDOW_RECORDS &&
                                          !g_hash_table_contains (seen, &numbers[i]));
      g_assert_cmpint (sp_replay_window_is_fresh (&window, (guint64) numbers[i]), ==, expected);
      if (!expected)
        continue;
      sp_replay_window_note (&window, (guint64) numbers[i]);
      g_hash_table_add (seen, &numbers[i]);
      highest = MAX (highest, numbers[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtls-record/header", test_header);
  g_test_add_func ("/dtls-record/additional-data", test_additional_data);
  g_test_add_func ("/dtls-record/nonces", test_nonces);
  g_test_add_func ("/dtls-record/window-edges", test_window_edges);
  g_test_add_func ("/dtls-record/window-model", test_window_model);
  return g_test_run ();
}
