/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/dtls-datagram.h"

G_BEGIN_DECLS

/* A protected record of DTLS 1.2 (RFC 6347 4.1), but for the keys: its header, what goes into the
 * AEAD beside the text (RFC 5246 6.2.3.3), and which records were seen before. */

#define SP_DTLS_TYPE_ALERT 21
#define SP_DTLS_TYPE_DATA  23

#define SP_DTLS_NONCE_SIZE           12
#define SP_DTLS_ADDITIONAL_DATA_SIZE 13
#define SP_DTLS_TAG_SIZE             16 /* of all suites here */
#define SP_DTLS_EXPLICIT_NONCE_SIZE  8
#define SP_DTLS_RECORD_EXTRA_MAX                                                                   \
  (SP_DTLS_RECORD_HEADER_SIZE + SP_DTLS_EXPLICIT_NONCE_SIZE + SP_DTLS_TAG_SIZE)

/* A record's number is the epoch in the upper 16 bits and the sequence number in the lower 48, as
 * both stand in the header. */
#define SP_DTLS_EPOCH_SHIFT   48
#define SP_DTLS_SEQUENCE_LAST ((G_GUINT64_CONSTANT (1) << SP_DTLS_EPOCH_SHIFT) - 1)

typedef struct
{
  guint8 type;
  guint16 version;
  guint64 number;
  guint16 length; /* of what follows the header */
} SpDtlsRecord;

void sp_dtls_record_read_header (const guint8 header[SP_DTLS_RECORD_HEADER_SIZE],
                                 SpDtlsRecord *ret);
void sp_dtls_record_write_header (guint8 header[SP_DTLS_RECORD_HEADER_SIZE],
                                  const SpDtlsRecord *record);

static inline guint16
sp_dtls_record_get_epoch (guint64 number)
{
  return (guint16) (number >> SP_DTLS_EPOCH_SHIFT);
}

/* Where a nonce comes from: of AES-GCM its last eight bytes stand before the sealed text, whatever
 * the sender took (RFC 5288 3); of ChaCha20-Poly1305 it is the record's number, masked (RFC 7905
 * 2). */
typedef enum
{
  SP_DTLS_NONCE_EXPLICIT,
  SP_DTLS_NONCE_MASKED
} SpDtlsNonceKind;

/* Bytes of the key block's part: the beginning of the nonce, or the mask. */
gsize sp_dtls_nonce_get_iv_size (SpDtlsNonceKind kind);
/* Bytes that a record has more than its text, header included. */
gsize sp_dtls_nonce_get_overhead (SpDtlsNonceKind kind);
/* `explicit_part`: SP_DTLS_EXPLICIT_NONCE_SIZE bytes; not looked at if masked. */
void sp_dtls_nonce_make (SpDtlsNonceKind kind,
                         const guint8 *iv,
                         const guint8 *explicit_part,
                         guint64 number,
                         guint8 ret_nonce[SP_DTLS_NONCE_SIZE]);

/* `record->length` is that of the text here. */
void sp_dtls_record_make_additional_data (const SpDtlsRecord *record,
                                          guint8 ret_data[SP_DTLS_ADDITIONAL_DATA_SIZE]);

/* Which sequence numbers of one epoch were accepted (RFC 6347 4.1.2.6).  What lies further back
 * than the window is taken for seen.  A record is asked about before it is opened, and noted only
 * when it is authentic, so that nobody else can move the window. */

#define SP_REPLAY_WINDOW_WORDS   16
#define SP_REPLAY_WINDOW_RECORDS (SP_REPLAY_WINDOW_WORDS * 64 - 63) /* of any alignment */

typedef struct
{
  guint64 next;                         /* after the highest that was accepted; 0 = none was */
  guint64 seen[SP_REPLAY_WINDOW_WORDS]; /* bit n % 64 of word n / 64, in a ring */
} SpReplayWindow;

void sp_replay_window_init (SpReplayWindow *window);
gboolean sp_replay_window_is_fresh (const SpReplayWindow *window, guint64 sequence);
/* Of one that is fresh. */
void sp_replay_window_note (SpReplayWindow *window, guint64 sequence);

G_END_DECLS
