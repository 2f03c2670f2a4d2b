/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-record.h"

#include <string.h>

#define SALT_SIZE 4 /* RFC 5288 3 */
#define WORD_BITS 64

/* Offsets in the header */
#define VERSION 1
#define NUMBER  3
#define LENGTH  11

/* and in the additional data */
#define DATA_TYPE    8
#define DATA_VERSION 9
#define DATA_LENGTH  11

static void
write_16 (guint8 *bytes, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (bytes, &value, sizeof value);
}

static void
write_64 (guint8 *bytes, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (bytes, &value, sizeof value);
}

static guint16
read_16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static guint64
read_64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_BE (value);
}

void
sp_dtls_record_read_header (const guint8 header[SP_DTLS_RECORD_HEADER_SIZE], SpDtlsRecord *ret)
{
  ret->type = header[0];
  ret->version = read_16 (header + VERSION);
  ret->number = read_64 (header + NUMBER);
  ret->length = read_16 (header + LENGTH);
}

void
sp_dtls_record_write_header (guint8 header[SP_DTLS_RECORD_HEADER_SIZE], const SpDtlsRecord *record)
{
  header[0] = record->type;
  write_16 (header + VERSION, record->version);
  write_64 (header + NUMBER, record->number);
  write_16 (header + LENGTH, record->length);
}

gsize
sp_dtls_nonce_get_iv_size (SpDtlsNonceKind kind)
{
  return kind == SP_DTLS_NONCE_EXPLICIT ? SALT_SIZE : SP_DTLS_NONCE_SIZE;
}

gsize
sp_dtls_nonce_get_overhead (SpDtlsNonceKind kind)
{
  return SP_DTLS_RECORD_HEADER_SIZE + SP_DTLS_TAG_SIZE +
         (kind == SP_DTLS_NONCE_EXPLICIT ? SP_DTLS_EXPLICIT_NONCE_SIZE : 0);
}

void
sp_dtls_nonce_make (SpDtlsNonceKind kind,
                    const guint8 *iv,
                    const guint8 *explicit_part,
                    guint64 number,
                    guint8 ret_nonce[SP_DTLS_NONCE_SIZE])
{
  guint8 *varying = ret_nonce + SALT_SIZE;

  memcpy (ret_nonce, iv, SALT_SIZE);
  if (kind == SP_DTLS_NONCE_EXPLICIT)
    memcpy (varying, explicit_part, SP_DTLS_EXPLICIT_NONCE_SIZE);
  else
    write_64 (varying, number ^ read_64 (iv + SALT_SIZE));
}

void
sp_dtls_record_make_additional_data (const SpDtlsRecord *record,
                                     guint8 ret_data[SP_DTLS_ADDITIONAL_DATA_SIZE])
{
  write_64 (ret_data, record->number);
  ret_data[DATA_TYPE] = record->type;
  write_16 (ret_data + DATA_VERSION, record->version);
  write_16 (ret_data + DATA_LENGTH, record->length);
}

void
sp_replay_window_init (SpReplayWindow *self)
{
  memset (self, 0, sizeof *self);
}

static guint64
get_bit (guint64 sequence)
{
  return G_GUINT64_CONSTANT (1) << sequence % WORD_BITS;
}

gboolean
sp_replay_window_is_fresh (const SpReplayWindow *self, guint64 sequence)
{
  if (sequence > SP_DTLS_SEQUENCE_LAST)
    return FALSE;
  if (sequence >= self->next)
    return TRUE;
  if (self->next - sequence > SP_REPLAY_WINDOW_RECORDS)
    return FALSE;
  return (self->seen[sequence / WORD_BITS % SP_REPLAY_WINDOW_WORDS] & get_bit (sequence)) == 0;
}

/* The words between the newest one so far and that of `sequence` are of records that are yet to
 * come; what stood there has left the window. */
static void
advance (SpReplayWindow *self, guint64 sequence)
{
  guint64 newest = self->next == 0 ? 0 : (self->next - 1) / WORD_BITS;
  guint64 ahead = MIN (sequence / WORD_BITS - newest, SP_REPLAY_WINDOW_WORDS);

  for (guint64 i = 1; i <= ahead; i++)
    self->seen[(newest + i) % SP_REPLAY_WINDOW_WORDS] = 0;
  self->next = sequence + 1;
}

void
sp_replay_window_note (SpReplayWindow *self, guint64 sequence)
{
  if (sequence >= self->next)
    advance (self, sequence);
  self->seen[sequence / WORD_BITS % SP_REPLAY_WINDOW_WORDS] |= get_bit (sequence);
}
