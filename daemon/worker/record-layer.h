/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "record-protection.h"

G_BEGIN_DECLS

/* Who writes and reads the records of one DTLS session.  GnuTLS does so until its handshake is
 * over; then application data is ours, and what is left to GnuTLS are alerts and renegotiations.
 *
 * Writing: both use one key, so there is one number for the next record, and whoever has it may
 * write.  It is ours, lent to GnuTLS for each call in which it may write, and taken back with what
 * became of it.  When a handshake has changed the keys it stays with GnuTLS until that is over.
 *
 * Reading: every record of the epoch that we have keys of is authenticated here and goes through
 * one replay window, also those that GnuTLS then reads again; so it sees nothing forged or repeated
 * (its own window forgets all when it is lent the number).  Records of the next epoch it gets as
 * long as it renegotiates; which of them it accepted, the next window knows.  After a change of
 * keys late data of the old epoch is read for a while (RFC 6347 4.1). */

#define SP_RECORD_LATE_SECONDS 10

typedef struct
{
  gnutls_session_t session;
  SpRecordSealer *sealer; /* both or none of these: all is GnuTLS's */
  SpRecordOpener *opener;
  SpRecordOpener *previous; /* of the old epoch, until late_until */
  gint64 late_until;        /* G_MAXINT64: no such */
  gboolean lent;
  guint16 read_epoch; /* of what GnuTLS read last, and which records of it */
  SpReplayWindow read;
  guint32 discarded; /* that were not given to GnuTLS */
} SpRecordLayer;

typedef enum
{
  SP_RECORD_DATA,   /* opened */
  SP_RECORD_GNUTLS, /* is to read it */
  SP_RECORD_DROPPED /* and counted */
} SpRecordTurn;

void sp_record_layer_init (SpRecordLayer *self, gnutls_session_t session);
void sp_record_layer_clear (SpRecordLayer *self);

/* A handshake is over.  If the suite is none of ours, or keys cannot be had, all is GnuTLS's. */
void sp_record_layer_take_over (SpRecordLayer *self, gint64 now);
gboolean sp_record_layer_is_ours (const SpRecordLayer *self);

/* Around each call in which GnuTLS may write.  FALSE: it must not be called. */
gboolean sp_record_layer_lend (SpRecordLayer *self);
void sp_record_layer_take_back (SpRecordLayer *self);
/* Whether what GnuTLS writes now may go out. */
gboolean sp_record_layer_is_lent (const SpRecordLayer *self);
/* After GnuTLS was given this record. */
void sp_record_layer_note_read (SpRecordLayer *self, guint64 number);

/* What to do with a whole record.  Data is opened into `ret_text`, which holds SP_DTLS_TEXT_MAX
 * bytes. */
SpRecordTurn sp_record_layer_sort (SpRecordLayer *self,
                                   const guint8 *record,
                                   gboolean renewing,
                                   guint8 *ret_text,
                                   gsize *ret_size);
/* Forgets the old epoch when its time is over, which is at late_until. */
void sp_record_layer_expire (SpRecordLayer *self, gint64 now);

G_END_DECLS
