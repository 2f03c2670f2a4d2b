/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record-layer.h"

#include <string.h>

void
sp_record_layer_init (SpRecordLayer *self, gnutls_session_t session)
{
  *self = (SpRecordLayer){ .session = session, .late_until = G_MAXINT64 };
}

static void
forget_previous (SpRecordLayer *self)
{
  g_clear_pointer (&self->previous, sp_record_opener_free);
  self->late_until = G_MAXINT64;
}

void
sp_record_layer_clear (SpRecordLayer *self)
{
  forget_previous (self);
  g_clear_pointer (&self->sealer, sp_record_sealer_free);
  g_clear_pointer (&self->opener, sp_record_opener_free);
}

gboolean
sp_record_layer_is_ours (const SpRecordLayer *self)
{
  return self->sealer != NULL;
}

static guint64
read_state (const SpRecordLayer *self, gboolean reading)
{
  guint8 bytes[8];
  guint64 number;

  if (gnutls_record_get_state (self->session, reading, NULL, NULL, NULL, bytes) < 0)
    return G_MAXUINT64;
  memcpy (&number, bytes, sizeof number);
  return GUINT64_FROM_BE (number);
}

static void
keep_previous (SpRecordLayer *self, gint64 now)
{
  if (self->opener == NULL)
    return;
  forget_previous (self);
  self->previous = g_steal_pointer (&self->opener);
  self->late_until = now + SP_RECORD_LATE_SECONDS * G_USEC_PER_SEC;
}

void
sp_record_layer_take_over (SpRecordLayer *self, gint64 now)
{
  g_autoptr (SpRecordSealer) sealer = sp_record_sealer_new (self->session);
  g_autoptr (SpRecordOpener) opener = sp_record_opener_new (self->session, &self->read);

  keep_previous (self, now);
  g_clear_pointer (&self->sealer, sp_record_sealer_free);
  self->lent = FALSE;
  if (sealer == NULL || opener == NULL || sp_record_opener_get_epoch (opener) != self->read_epoch)
    return;
  self->sealer = g_steal_pointer (&sealer);
  self->opener = g_steal_pointer (&opener);
}

gboolean
sp_record_layer_lend (SpRecordLayer *self)
{
  guint64 number;

  if (self->sealer == NULL || self->lent)
    return TRUE;
  number = GUINT64_TO_BE (sp_record_sealer_get_next (self->sealer));
  self->lent = gnutls_record_set_state (self->session, FALSE, (const guint8 *) &number) == 0;
  return self->lent;
}

/* Where the keys have changed, the number is of the new ones. */
void
sp_record_layer_take_back (SpRecordLayer *self)
{
  guint64 number;

  if (self->sealer == NULL || !self->lent)
    return;
  number = read_state (self, FALSE);
  if (sp_dtls_record_get_epoch (number) !=
      sp_dtls_record_get_epoch (sp_record_sealer_get_next (self->sealer)))
    return;
  sp_record_sealer_set_next (self->sealer, number);
  self->lent = FALSE;
}

gboolean
sp_record_layer_is_lent (const SpRecordLayer *self)
{
  return self->sealer == NULL || self->lent;
}

/* GnuTLS's reading number is one more than that of the last record which it accepted. */
void
sp_record_layer_note_read (SpRecordLayer *self, guint64 number)
{
  guint64 sequence = number & SP_DTLS_SEQUENCE_LAST;
  guint16 epoch = sp_dtls_record_get_epoch (number);

  if (sequence == SP_DTLS_SEQUENCE_LAST || read_state (self, TRUE) != number + 1)
    return;
  if (epoch != self->read_epoch)
    sp_replay_window_init (&self->read);
  self->read_epoch = epoch;
  if (sp_replay_window_is_fresh (&self->read, sequence))
    sp_replay_window_note (&self->read, sequence);
}

static SpRecordTurn
drop (SpRecordLayer *self)
{
  self->discarded++;
  return SP_RECORD_DROPPED;
}

static SpRecordTurn
open_data (SpRecordLayer *self,
           SpRecordOpener *opener,
           const guint8 *record,
           guint8 *ret_text,
           gsize *ret_size)
{
  return sp_record_opener_open (opener, record, ret_text, ret_size) ? SP_RECORD_DATA : drop (self);
}

/* GnuTLS opens it again. */
static SpRecordTurn
authenticate (SpRecordLayer *self, const guint8 *record)
{
  guint8 text[SP_DTLS_TEXT_MAX];
  gsize size;

  return sp_record_opener_open (self->opener, record, text, &size) ? SP_RECORD_GNUTLS : drop (self);
}

SpRecordTurn
sp_record_layer_sort (
    SpRecordLayer *self, const guint8 *record, gboolean renewing, guint8 *ret_text, gsize *ret_size)
{
  SpDtlsRecord header;
  guint16 epoch, current;

  if (self->opener == NULL && self->previous == NULL)
    return SP_RECORD_GNUTLS;
  sp_dtls_record_read_header (record, &header);
  epoch = sp_dtls_record_get_epoch (header.number);
  if (self->previous != NULL && header.type == SP_DTLS_TYPE_DATA &&
      epoch == sp_record_opener_get_epoch (self->previous))
    return open_data (self, self->previous, record, ret_text, ret_size);
  if (self->opener == NULL)
    return SP_RECORD_GNUTLS;
  current = sp_record_opener_get_epoch (self->opener);
  if (epoch == current)
    return header.type == SP_DTLS_TYPE_DATA
               ? open_data (self, self->opener, record, ret_text, ret_size)
               : authenticate (self, record);
  return renewing && epoch == current + 1 ? SP_RECORD_GNUTLS : drop (self);
}

void
sp_record_layer_expire (SpRecordLayer *self, gint64 now)
{
  if (now >= self->late_until)
    forget_previous (self);
}
