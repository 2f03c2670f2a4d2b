/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-channel.h"

#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "codec/dtls-record.h"
#include "record-layer.h"
#include "worker/candidacy.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>
#include <sys/socket.h>

#define RETRANSMIT_MILLISECONDS 400
/* A client that resumes has the last word of the handshake, and speaks on.  If that word is lost,
 * what follows is in vain until our part is said again, which is when it comes, and not later; but
 * not more often than this. */
#define REPEAT_MILLISECONDS 50
/* A datagram of so many records cannot be: each has a header of 13 bytes. */
#define RECORDS_MAX (SP_INBOX_READ_SIZE / SP_DTLS_RECORD_HEADER_SIZE)

/* Record header, RFC 6347 4.1 */
#define TYPE_OFFSET   0
#define EPOCH_OFFSET  3
#define LENGTH_OFFSET 11
#define TYPE_MESSAGE  22 /* of the handshake */

struct _SpDtlsChannel
{
  gnutls_session_t session;
  SpRecordLayer records;
  int fd;
  int detour; /* where what GnuTLS writes goes instead; -1 = none */
  guint32 association;
  SpDtlsState state;
  const SpDtlsKeys *keys;
  guint key;
  guint8 psk[SP_PSK_SIZE];
  gboolean saw_sealed; /* a message of the next epoch, while shaking hands: late data is none */
  gboolean settled;
  SpRekey rekey;
  gboolean renewing; /* a handshake runs within the session */
  gboolean may_take; /* GnuTLS may pull the record whose turn it is, and no other */
  guint64 taken;     /* the number of that */
  gboolean took;
  gboolean pending;  /* GnuTLS has data that came within a handshake */
  guint64 number;    /* of the record that was received last */
  guint64 elsewhere; /* the highest that came from elsewhere */
  gint64 fed_at;
  gint64 retransmit_at;
  gint64 patience_ends;   /* with a renegotiation */
  const guint8 *datagram; /* what is left of it, from a record's beginning; NULL: nothing */
  gsize datagram_size;
  gsize frame_max;
  gboolean starved;              /* GnuTLS asked for more than the one datagram */
  gboolean has_said;             /* GnuTLS, in this turn: the outbox ends with it */
  guint8 app_id[SP_APP_ID_SIZE]; /* of the hello that began it */
  guint8 random[SP_DTLS_RANDOM_SIZE];
  SpOutbox outbox;
};

static gsize
measure_record (const guint8 *header)
{
  return SP_DTLS_RECORD_HEADER_SIZE +
         ((gsize) header[LENGTH_OFFSET] << 8 | header[LENGTH_OFFSET + 1]);
}

static void
skip_record (SpDtlsChannel *self)
{
  gsize size = measure_record (self->datagram);

  self->datagram_size -= size;
  self->datagram = self->datagram_size > 0 ? self->datagram + size : NULL;
}

/* Never a part of a record: the rest would be taken for the beginning of the next.  And one record
 * a call, so that each goes to the function that expects it, and it is known which was accepted. */
static ssize_t
pull (gnutls_transport_ptr_t transport, void *memory, size_t size)
{
  SpDtlsChannel *self = transport;
  gboolean may_take = self->may_take && self->datagram != NULL;
  gsize piece = may_take ? measure_record (self->datagram) : 0;
  SpDtlsRecord header;

  self->may_take = FALSE;
  if (may_take && piece <= size)
    {
      sp_dtls_record_read_header (self->datagram, &header);
      self->taken = header.number;
      self->took = TRUE;
      memcpy (memory, self->datagram, piece);
      skip_record (self);
      return (ssize_t) piece;
    }
  if (may_take)
    skip_record (self);
  self->starved = self->datagram == NULL;
  gnutls_transport_set_errno (self->session, EAGAIN);
  return -1;
}

/* In a handshake GnuTLS asks here first, and pulls only what is there. */
static int
pull_timeout (gnutls_transport_ptr_t transport, unsigned int milliseconds)
{
  SpDtlsChannel *self = transport;

  self->starved |= self->datagram == NULL;
  return self->datagram != NULL;
}

/* What does not fit is lost, as datagrams may be.  A flight is one datagram, as far as it fits: a
 * client that is built on GnuTLS and reads one message while the next arrives may take note of
 * that, and wait for it until it gives up.  What was sealed with a number that is not
 * GnuTLS's to use never leaves, and nothing after it. */
static ssize_t
push (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  SpDtlsChannel *self = transport;

  if (!sp_record_layer_is_lent (&self->records))
    {
      sp_log (SP_LOG_ERROR, "dtls", "a record out of turn");
      self->state = SP_DTLS_OVER;
    }
  else if (self->detour >= 0)
    (void) send (self->detour, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  else if (!self->has_said ||
           !sp_outbox_extend (&self->outbox, bytes, size, gnutls_dtls_get_mtu (self->session)))
    self->has_said = sp_outbox_add (&self->outbox, bytes, size);
  return (ssize_t) size;
}

static void
set_up_session (SpDtlsChannel *self, const SpEquipment *equipment, const SpCandidate *message)
{
  if (gnutls_init (&self->session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK |
                                       GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL) < 0)
    g_error ("no DTLS session can be made");
  sp_dtls_set_up (self->session, equipment, self->keys, self->psk, message);
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_pull_function (self->session, pull);
  gnutls_transport_set_pull_timeout_function (self->session, pull_timeout);
  gnutls_transport_set_push_function (self->session, push);
  gnutls_dtls_set_timeouts (
      self->session, self->keys->suite != NULL ? REPEAT_MILLISECONDS : RETRANSMIT_MILLISECONDS,
      SP_CANDIDACY_SECONDS * 1000);
}

/* Every call of GnuTLS that may read or write stands between these two. */
static gboolean
enter_gnutls (SpDtlsChannel *self)
{
  self->took = FALSE;
  self->has_said = FALSE;
  if (sp_record_layer_lend (&self->records))
    return TRUE;
  self->state = SP_DTLS_OVER;
  return FALSE;
}

static void
leave_gnutls (SpDtlsChannel *self)
{
  if (self->took)
    sp_record_layer_note_read (&self->records, self->taken);
  self->pending = gnutls_record_check_pending (self->session) > 0;
  sp_record_layer_take_back (&self->records);
}

static int
call_handshake (SpDtlsChannel *self)
{
  int code = GNUTLS_E_INTERNAL_ERROR;

  if (!enter_gnutls (self))
    return code;
  code = gnutls_handshake (self->session);
  leave_gnutls (self);
  return code;
}

static void
say (SpDtlsChannel *self, gnutls_alert_description_t alert)
{
  if (!enter_gnutls (self))
    return;
  (void) gnutls_alert_send (self->session, GNUTLS_AL_WARNING, alert);
  leave_gnutls (self);
}

static void
finish (SpDtlsChannel *self, gint64 now)
{
  self->state = sp_dtls_set_up_held (self->session, self->keys) ? SP_DTLS_FINISHED : SP_DTLS_OVER;
  self->retransmit_at = G_MAXINT64;
  if (self->renewing)
    sp_rekey_renegotiated (&self->rekey, now);
  self->renewing = FALSE;
  sp_record_layer_take_over (&self->records, now);
  self->frame_max = gnutls_dtls_get_data_mtu (self->session);
}

static void
shake_hands (SpDtlsChannel *self, gint64 now)
{
  int code = call_handshake (self);

  if (code == GNUTLS_E_SUCCESS)
    {
      finish (self, now);
      return;
    }
  if (gnutls_error_is_fatal (code) && code != GNUTLS_E_GOT_APPLICATION_DATA)
    {
      sp_log (SP_LOG_DEBUG, "dtls", "handshake: %s", gnutls_strerror (code));
      self->state = SP_DTLS_OVER;
      return;
    }
  /* GnuTLS sends again whenever it is called after its own time; nobody calls it before ours. */
  self->retransmit_at =
      now + MAX (gnutls_dtls_get_timeout (self->session), RETRANSMIT_MILLISECONDS) * (gint64) 1000 +
      1000;
}

static void
remember_hello (SpDtlsChannel *self, const SpCandidate *message)
{
  SpDtlsHello hello;

  if (sp_dtls_hello_read (message->datagram, message->datagram_length, &hello) !=
      SP_DTLS_HELLO_COMPLETE)
    return;
  memcpy (self->app_id, hello.app_id, sizeof self->app_id);
  memcpy (self->random, hello.random, sizeof self->random);
}

SpDtlsChannel *
sp_dtls_channel_new (const SpEquipment *equipment,
                     const SpCandidate *message,
                     int fd,
                     const SpDtlsKeys *keys,
                     guint32 payload,
                     gint64 now)
{
  SpDtlsChannel *self = g_new0 (SpDtlsChannel, 1);

  self->fd = fd;
  self->detour = -1;
  self->association = message->association;
  self->keys = keys;
  self->key = keys->next;
  self->patience_ends = G_MAXINT64;
  self->retransmit_at = G_MAXINT64;
  sp_outbox_init (&self->outbox);
  remember_hello (self, message);
  set_up_session (self, equipment, message);
  sp_record_layer_init (&self->records, self->session);
  sp_dtls_channel_set_payload (self, payload);
  if (!sp_dtls_channel_feed (self, message->datagram, message->datagram_length, now))
    self->state = SP_DTLS_OVER;
  return self;
}

void
sp_dtls_channel_free (SpDtlsChannel *self)
{
  guint32 dropped;

  if (self == NULL)
    return;
  if (self->state == SP_DTLS_FINISHED)
    say (self, GNUTLS_A_CLOSE_NOTIFY);
  (void) sp_outbox_flush (&self->outbox, self->fd, &dropped);
  sp_record_layer_clear (&self->records);
  gnutls_deinit (self->session);
  sp_outbox_clear (&self->outbox);
  sp_fd_clear (&self->fd);
  sp_secret_wipe (self->psk, sizeof self->psk);
  g_free (self);
}

int
sp_dtls_channel_get_fd (const SpDtlsChannel *self)
{
  return self->fd;
}

guint32
sp_dtls_channel_get_association (const SpDtlsChannel *self)
{
  return self->association;
}

SpDtlsState
sp_dtls_channel_get_state (const SpDtlsChannel *self)
{
  return self->state;
}

guint
sp_dtls_channel_get_key (const SpDtlsChannel *self)
{
  return self->key;
}

gboolean
sp_dtls_channel_has_other_key (const SpDtlsChannel *self)
{
  return self->saw_sealed && self->state != SP_DTLS_FINISHED;
}

gnutls_session_t
sp_dtls_channel_get_gnutls (const SpDtlsChannel *self)
{
  return self->session;
}

/* An alert in epoch 0 is nobody's word in particular; GnuTLS would let it end a handshake (RFC 6347
 * 4.1.2.7).  Looks at the records, which are known to tile; FALSE if one of them is such. */
static gboolean
admit_records (SpDtlsChannel *self, const guint8 *datagram, gsize size)
{
  for (gsize i = 0; i < size; i += measure_record (datagram + i))
    {
      const guint8 *header = datagram + i;
      gboolean sealed = header[EPOCH_OFFSET] != 0 || header[EPOCH_OFFSET + 1] != 0;

      if (header[TYPE_OFFSET] == SP_DTLS_TYPE_ALERT && !sealed)
        return FALSE;
      self->saw_sealed |= sealed && header[TYPE_OFFSET] == TYPE_MESSAGE;
    }
  return TRUE;
}

gboolean
sp_dtls_channel_feed (SpDtlsChannel *self, const guint8 *datagram, gsize size, gint64 now)
{
  if (!sp_dtls_datagram_tiles (datagram, size, NULL) ||
      (self->state == SP_DTLS_SHAKING_HANDS && !admit_records (self, datagram, size)))
    return FALSE;
  self->datagram = datagram;
  self->datagram_size = size;
  self->starved = FALSE;
  self->fed_at = now;
  for (guint i = 0; self->state == SP_DTLS_SHAKING_HANDS && !self->starved && i < RECORDS_MAX; i++)
    {
      self->may_take = TRUE;
      shake_hands (self, now);
    }
  return TRUE;
}

gboolean
sp_dtls_channel_is_other_hello (const SpDtlsChannel *self, const guint8 *datagram, gsize size)
{
  SpDtlsHello hello;

  /* What every datagram in use is not. */
  if (size <= SP_DTLS_RECORD_HEADER_SIZE || datagram[TYPE_OFFSET] != TYPE_MESSAGE)
    return FALSE;
  return sp_dtls_hello_read (datagram, size, &hello) == SP_DTLS_HELLO_COMPLETE &&
         memcmp (hello.app_id, self->app_id, sizeof self->app_id) == 0 &&
         memcmp (hello.random, self->random, sizeof self->random) != 0;
}

/* The hello is in GnuTLS's hands already, so the first step takes nothing of the datagram. */
static void
answer_hello (SpDtlsChannel *self)
{
  if (!sp_rekey_may_renegotiate (&self->rekey, self->fed_at) ||
      gnutls_safe_renegotiation_status (self->session) == 0)
    {
      say (self, GNUTLS_A_NO_RENEGOTIATION);
      return;
    }
  self->renewing = TRUE;
  self->patience_ends = self->fed_at + SP_DTLS_RENEWAL_SECONDS * G_USEC_PER_SEC;
  shake_hands (self, self->fed_at);
}

/* FALSE: there was no data. */
static gboolean
receive_by_gnutls (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size)
{
  ssize_t size;

  if (!enter_gnutls (self))
    return FALSE;
  size = gnutls_record_recv (self->session, buffer, SP_DTLS_RECORD_MAX);
  leave_gnutls (self);
  if (size > 0)
    {
      *ret_size = (gsize) size;
      return TRUE;
    }
  if (size == 0 || gnutls_error_is_fatal ((int) size))
    {
      sp_log (SP_LOG_DEBUG, "dtls", "ended: %s", gnutls_strerror ((int) size));
      self->state = SP_DTLS_OVER;
    }
  else if (size == GNUTLS_E_REHANDSHAKE)
    answer_hello (self);
  return FALSE;
}

/* While a handshake runs GnuTLS takes data only if asked for data, and everything else only if
 * asked for the handshake; so each record goes to the function that expects it. */
static gboolean
ask_gnutls (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size)
{
  const guint8 *record = self->datagram;
  gboolean received = FALSE;
  gboolean pending = self->pending;

  self->may_take = TRUE;
  if (self->renewing && !pending && record != NULL && record[TYPE_OFFSET] != SP_DTLS_TYPE_DATA)
    shake_hands (self, self->fed_at);
  else
    received = receive_by_gnutls (self, buffer, ret_size);
  /* One that is not taken would be a repeated one the next time. */
  if (sp_record_layer_is_ours (&self->records) && !pending && record != NULL &&
      self->datagram == record)
    skip_record (self);
  return received;
}

/* After a record that does not authenticate, GnuTLS answers "again" with the rest of the datagram
 * still in hand; only when it asks for another datagram is this one used up. */
static gboolean
has_more (const SpDtlsChannel *self)
{
  if (self->state != SP_DTLS_FINISHED)
    return FALSE;
  return sp_record_layer_is_ours (&self->records) ? self->datagram != NULL || self->pending
                                                  : !self->starved;
}

static SpRecordTurn
sort (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size)
{
  SpDtlsRecord header;

  if (self->datagram == NULL || self->pending)
    return SP_RECORD_GNUTLS;
  sp_dtls_record_read_header (self->datagram, &header);
  self->number = header.number;
  return sp_record_layer_sort (&self->records, self->datagram, self->renewing, buffer, ret_size);
}

gboolean
sp_dtls_channel_receive (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size)
{
  for (guint i = 0; has_more (self) && i < RECORDS_MAX; i++)
    {
      SpRecordTurn turn = sort (self, buffer, ret_size);

      if (turn != SP_RECORD_GNUTLS)
        skip_record (self);
      else if (ask_gnutls (self, buffer, ret_size))
        return TRUE;
      if (turn == SP_RECORD_DATA && *ret_size > 0)
        return TRUE;
    }
  self->datagram = NULL;
  return FALSE;
}

void
sp_dtls_channel_note_elsewhere (SpDtlsChannel *self)
{
  self->elsewhere = MAX (self->elsewhere, self->number);
}

gboolean
sp_dtls_channel_was_overtaken (const SpDtlsChannel *self)
{
  return self->number < self->elsewhere;
}

guint32
sp_dtls_channel_get_discarded (const SpDtlsChannel *self)
{
  return self->state == SP_DTLS_SHAKING_HANDS
             ? 0
             : self->records.discarded + gnutls_record_get_discarded (self->session);
}

gint64
sp_dtls_channel_get_deadline (const SpDtlsChannel *self)
{
  gint64 handshake = self->settled && !self->renewing
                         ? G_MAXINT64
                         : MIN (self->retransmit_at, self->patience_ends);

  return MIN (handshake, self->records.late_until);
}

void
sp_dtls_channel_expire (SpDtlsChannel *self, gint64 now)
{
  sp_record_layer_expire (&self->records, now);
  if (self->settled && !self->renewing)
    return;
  if (now >= self->patience_ends)
    self->state = SP_DTLS_OVER;
  else if (now >= self->retransmit_at && (self->state == SP_DTLS_SHAKING_HANDS || self->renewing))
    shake_hands (self, now);
}

void
sp_dtls_channel_settle (SpDtlsChannel *self, guint32 rekey, gint64 now)
{
  self->settled = TRUE;
  sp_rekey_init (&self->rekey, rekey, now);
}

gboolean
sp_dtls_channel_is_renewing (const SpDtlsChannel *self)
{
  return self->renewing;
}

gsize
sp_dtls_channel_get_frame_max (const SpDtlsChannel *self)
{
  return self->frame_max;
}

void
sp_dtls_channel_set_payload (SpDtlsChannel *self, guint32 payload)
{
  gnutls_dtls_set_mtu (self->session, payload);
  self->frame_max = gnutls_dtls_get_data_mtu (self->session);
  self->outbox.without_gso = FALSE;
}

gboolean
sp_dtls_channel_has_room (const SpDtlsChannel *self)
{
  return sp_outbox_has_room (&self->outbox);
}

/* An epoch that has no number left for data is the end, which is said with one that was kept. */
static gsize
seal (SpDtlsChannel *self, gconstpointer frame, gsize size, guint8 *record)
{
  gsize sealed = sp_record_sealer_seal (self->records.sealer, frame, size, record);

  if (sealed == 0 && self->state == SP_DTLS_FINISHED)
    {
      say (self, GNUTLS_A_CLOSE_NOTIFY);
      self->state = SP_DTLS_OVER;
    }
  return sealed;
}

gboolean
sp_dtls_channel_send (SpDtlsChannel *self, gconstpointer frame, gsize size)
{
  guint8 *record;
  gsize sealed;

  if (self->renewing || size > self->frame_max || !sp_outbox_has_room (&self->outbox))
    return FALSE;
  if (!sp_record_layer_is_ours (&self->records))
    return gnutls_record_send (self->session, frame, size) == (ssize_t) size;
  record = sp_outbox_reserve (&self->outbox,
                              size + sp_record_sealer_get_overhead (self->records.sealer));
  sealed = record != NULL ? seal (self, frame, size, record) : 0;
  if (sealed > 0)
    sp_outbox_added (&self->outbox, sealed);
  return sealed > 0;
}

void
sp_dtls_channel_send_through (SpDtlsChannel *self, int fd, gconstpointer frame, gsize size)
{
  guint8 record[SP_DTLS_TEXT_MAX + SP_DTLS_RECORD_EXTRA_MAX];

  if (self->renewing || size > MIN (self->frame_max, SP_DTLS_TEXT_MAX))
    return;
  if (sp_record_layer_is_ours (&self->records))
    {
      gsize sealed = seal (self, frame, size, record);

      if (sealed > 0)
        (void) send (fd, record, sealed, MSG_DONTWAIT | MSG_NOSIGNAL);
      return;
    }
  self->detour = fd;
  (void) gnutls_record_send (self->session, frame, size);
  self->detour = -1;
}

int
sp_dtls_channel_move (SpDtlsChannel *self, int fd, guint32 association)
{
  int before = self->fd;

  self->fd = fd;
  self->association = association;
  self->outbox.without_gso = FALSE;
  return before;
}

SpOutboxResult
sp_dtls_channel_flush (SpDtlsChannel *self, guint32 *ret_dropped)
{
  return sp_outbox_flush (&self->outbox, self->fd, ret_dropped);
}

gboolean
sp_dtls_channel_is_waiting (const SpDtlsChannel *self)
{
  return !sp_outbox_is_empty (&self->outbox);
}

void
sp_dtls_channel_rest (SpDtlsChannel *self)
{
  sp_outbox_rest (&self->outbox);
}
