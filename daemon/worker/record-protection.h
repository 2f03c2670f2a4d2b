/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/dtls-record.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* Records of one direction and epoch of a DTLS 1.2 session that GnuTLS negotiated, sealed and
 * opened with its keys but without its record layer, which costs more than half as much again as
 * the cipher and copies twice.  For AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305; whatever else
 * was agreed on stays with GnuTLS. */

typedef struct _SpRecordSealer SpRecordSealer;
typedef struct _SpRecordOpener SpRecordOpener;

/* The last records of an epoch are for GnuTLS: an alert has to be possible until the end. */
#define SP_RECORDS_RESERVED 1024

/* With the keys and the number of the next record that `session` has now; NULL if its cipher is
 * none of ours, or the keys cannot be had. */
SpRecordSealer *sp_record_sealer_new (gnutls_session_t session);
void sp_record_sealer_free (SpRecordSealer *self); /* wiped; NULL is fine */

/* Number of the record that is to be sealed next; whoever else used the key since says so. */
guint64 sp_record_sealer_get_next (const SpRecordSealer *self);
void sp_record_sealer_set_next (SpRecordSealer *self, guint64 number);
/* Bytes that a record has more than its text. */
gsize sp_record_sealer_get_overhead (const SpRecordSealer *self);
/* Application data, sealed into `ret_record`, which holds `size` and the overhead; it may not
 * overlap.  Returns the record's size; 0 if this epoch has no number left for it. */
gsize sp_record_sealer_seal (SpRecordSealer *self,
                             gconstpointer text,
                             gsize size,
                             guint8 *ret_record);

/* With the keys that `session` reads with now, and a window that knows what it has read. */
SpRecordOpener *sp_record_opener_new (gnutls_session_t session, const SpReplayWindow *window);
void sp_record_opener_free (SpRecordOpener *self); /* wiped; NULL is fine */

guint16 sp_record_opener_get_epoch (const SpRecordOpener *self);
/* Opens the record (header included, as long as its header says, of this epoch) into `ret_text`,
 * which holds SP_DTLS_TEXT_MAX bytes and does not overlap.  FALSE if it is not authentic or was
 * seen before; then `ret_text` is of no use. */
#define SP_DTLS_TEXT_MAX 16384
gboolean sp_record_opener_open (SpRecordOpener *self,
                                const guint8 *record,
                                guint8 *ret_text,
                                gsize *ret_size);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRecordSealer, sp_record_sealer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRecordOpener, sp_record_opener_free)

G_END_DECLS
