/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/dtls-record.h"

#include <string.h>

/* What a record's head says is written again the same; a window refuses what it has seen and what
 * is behind it, and nothing else. */

#define NOTED_MAX 512

static void
check_header (const uint8_t *data)
{
  guint8 written[SP_DTLS_RECORD_HEADER_SIZE];
  guint8 additional[SP_DTLS_ADDITIONAL_DATA_SIZE];
  SpDtlsRecord record;

  sp_dtls_record_read_header (data, &record);
  sp_dtls_record_write_header (written, &record);
  g_assert_cmpmem (written, sizeof written, data, sizeof written);
  sp_dtls_record_make_additional_data (&record, additional);
  g_assert_cmpmem (additional, 8, data + 3, 8); /* the number, then type and version, the length */
  g_assert_cmpmem (additional + 8, 3, data, 3);
  g_assert_cmpmem (additional + 11, 2, data + 11, 2);
}

static gboolean
is_expected (const guint64 *noted, guint n, guint64 sequence)
{
  guint64 next = 0;

  for (guint i = 0; i < n; i++)
    {
      if (noted[i] == sequence)
        return FALSE;
      next = MAX (next, noted[i] + 1);
    }
  return sequence >= next || next - sequence <= SP_REPLAY_WINDOW_RECORDS;
}

/* Two bytes say how far the next number is from the one before, in steps of 1, 64 or 2^40. */
static void
check_window (const uint8_t *data, size_t size)
{
  guint64 noted[NOTED_MAX];
  guint64 sequence = 0;
  SpReplayWindow window;
  guint n = 0;

  sp_replay_window_init (&window);
  for (size_t i = 0; i + 2 <= size && n < NOTED_MAX; i += 2)
    {
      guint shift = data[i] % 4 == 0 ? 6 : data[i] == 0xff ? 40 : 0;
      guint64 step = (guint64) data[i + 1] << shift;
      gboolean fresh;

      sequence = data[i] & 0x80 ? sequence + step : sequence - MIN (step, sequence);
      sequence = MIN (sequence, SP_DTLS_SEQUENCE_LAST);
      fresh = sp_replay_window_is_fresh (&window, sequence);
      g_assert_cmpint (fresh, ==, is_expected (noted, n, sequence));
      if (!fresh)
        continue;
      sp_replay_window_note (&window, sequence);
      noted[n++] = sequence;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size >= SP_DTLS_RECORD_HEADER_SIZE)
    check_header (data);
  check_window (data, size);
  return 0;
}
