/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-channel.h"

#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "codec/dtls-datagram.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <string.h>
#include <sys/socket.h>

#define RETRANSMIT_MILLISECONDS 400
/* A datagram of so many records cannot be: each has a header of 13 bytes. */
#define RECORDS_MAX (SP_INBOX_READ_SIZE / SP_DTLS_RECORD_HEADER_SIZE)

/* Record header, RFC 6347 4.1 */
#define TYPE_OFFSET   0
#define EPOCH_OFFSET  3
#define LENGTH_OFFSET 11
#define TYPE_ALERT    21
#define TYPE_DATA     23

struct _SpDtlsChannel
{
  gnutls_session_t session;
  int fd;
  int detour; /* where the record in work goes instead; -1 = none */
  guint32 association;
  SpDtlsState state;
  const SpDtlsKeys *keys;
  guint key;
  guint8 psk[SP_PSK_SIZE];
  gboolean saw_sealed; /* a record of the next epoch, while shaking hands */
  gboolean settled;
  SpRekey rekey;
  gboolean renewing; /* a handshake runs within the session */
  gboolean may_take; /* and GnuTLS may pull the record whose turn it is */
  gint64 fed_at;
  gint64 retransmit_at;
  gint64 patience_ends;
  const guint8 *datagram; /* the one that GnuTLS may pull; NULL when it has */
  gsize datagram_size;
  gboolean starved; /* GnuTLS asked for more than the one datagram */
  SpOutbox outbox;
};

static gsize
measure_record (const guint8 *header)
{
  return SP_DTLS_RECORD_HEADER_SIZE +
         ((gsize) header[LENGTH_OFFSET] << 8 | header[LENGTH_OFFSET + 1]);
}

static ssize_t
pull (gnutls_transport_ptr_t transport, void *memory, size_t size)
{
  SpDtlsChannel *self = transport;
  const guint8 *datagram = self->datagram;
  gsize piece = self->datagram_size;

  if (self->renewing && datagram != NULL)
    piece = self->may_take ? measure_record (datagram) : 0;
  self->may_take = FALSE;
  /* Never a part of a record: the rest would be taken for the beginning of the next. */
  if (datagram == NULL || piece == 0 || piece > size)
    {
      if (piece != 0)
        self->datagram = NULL;
      self->starved = self->datagram == NULL;
      gnutls_transport_set_errno (self->session, EAGAIN);
      return -1;
    }
  memcpy (memory, datagram, piece);
  self->datagram_size -= piece;
  self->datagram = self->datagram_size > 0 ? datagram + piece : NULL;
  return (ssize_t) piece;
}

static int
pull_timeout (gnutls_transport_ptr_t transport, unsigned int milliseconds)
{
  SpDtlsChannel *self = transport;

  return self->datagram != NULL;
}

/* What does not fit is lost, as datagrams may be. */
static ssize_t
push (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  SpDtlsChannel *self = transport;

  if (self->detour >= 0)
    (void) send (self->detour, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  else
    (void) sp_outbox_add (&self->outbox, bytes, size);
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
  gnutls_dtls_set_timeouts (self->session, RETRANSMIT_MILLISECONDS,
                            SP_DTLS_HANDSHAKE_SECONDS * 1000);
}

static void
shake_hands (SpDtlsChannel *self, gint64 now)
{
  int code = gnutls_handshake (self->session);

  if (code == GNUTLS_E_SUCCESS)
    {
      self->state =
          sp_dtls_set_up_held (self->session, self->keys) ? SP_DTLS_FINISHED : SP_DTLS_OVER;
      self->retransmit_at = G_MAXINT64;
      if (self->renewing)
        sp_rekey_renegotiated (&self->rekey, now);
      self->renewing = FALSE;
      return;
    }
  if (gnutls_error_is_fatal (code) && code != GNUTLS_E_GOT_APPLICATION_DATA)
    {
      sp_log (SP_LOG_DEBUG, "dtls", "handshake: %s", gnutls_strerror (code));
      self->state = SP_DTLS_OVER;
      return;
    }
  self->retransmit_at = now + (gint64) gnutls_dtls_get_timeout (self->session) * 1000 + 1000;
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
  self->patience_ends = now + SP_DTLS_HANDSHAKE_SECONDS * G_USEC_PER_SEC;
  self->retransmit_at = G_MAXINT64;
  sp_outbox_init (&self->outbox);
  set_up_session (self, equipment, message);
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
    (void) gnutls_alert_send (self->session, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
  (void) sp_outbox_flush (&self->outbox, self->fd, &dropped);
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

      if (header[TYPE_OFFSET] == TYPE_ALERT && !sealed)
        return FALSE;
      self->saw_sealed |= sealed;
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
    shake_hands (self, now);
  return TRUE;
}

/* The hello is in GnuTLS's hands already, so the first step takes nothing of the datagram. */
static void
answer_hello (SpDtlsChannel *self)
{
  if (!sp_rekey_may_renegotiate (&self->rekey, self->fed_at) ||
      gnutls_safe_renegotiation_status (self->session) == 0)
    {
      (void) gnutls_alert_send (self->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
      return;
    }
  self->renewing = TRUE;
  self->patience_ends = self->fed_at + SP_DTLS_RENEWAL_SECONDS * G_USEC_PER_SEC;
  shake_hands (self, self->fed_at);
}

/* While a handshake runs GnuTLS takes data only if asked for data, and everything else only if
 * asked for the handshake; so each record goes to the function that expects it. */
static gboolean
handshake_is_next (SpDtlsChannel *self)
{
  self->may_take = TRUE;
  return self->renewing && self->datagram != NULL && self->datagram[TYPE_OFFSET] != TYPE_DATA;
}

/* After a record that does not authenticate, GnuTLS answers "again" with the rest of the datagram
 * still in hand; only when it asks for another datagram is this one used up. */
gboolean
sp_dtls_channel_receive (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size)
{
  for (guint i = 0; self->state == SP_DTLS_FINISHED && !self->starved && i < RECORDS_MAX; i++)
    {
      ssize_t size;

      if (handshake_is_next (self))
        {
          shake_hands (self, self->fed_at);
          continue;
        }
      size = gnutls_record_recv (self->session, buffer, SP_DTLS_RECORD_MAX);
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
    }
  self->datagram = NULL;
  return FALSE;
}

guint32
sp_dtls_channel_get_discarded (const SpDtlsChannel *self)
{
  return self->state == SP_DTLS_SHAKING_HANDS ? 0 : gnutls_record_get_discarded (self->session);
}

gint64
sp_dtls_channel_get_deadline (const SpDtlsChannel *self)
{
  return self->settled && !self->renewing ? G_MAXINT64
                                          : MIN (self->retransmit_at, self->patience_ends);
}

void
sp_dtls_channel_expire (SpDtlsChannel *self, gint64 now)
{
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
  return gnutls_dtls_get_data_mtu (self->session);
}

void
sp_dtls_channel_set_payload (SpDtlsChannel *self, guint32 payload)
{
  gnutls_dtls_set_mtu (self->session, payload);
  self->outbox.without_gso = FALSE;
}

gboolean
sp_dtls_channel_has_room (const SpDtlsChannel *self)
{
  return sp_outbox_has_room (&self->outbox);
}

gboolean
sp_dtls_channel_send (SpDtlsChannel *self, gconstpointer frame, gsize size)
{
  return !self->renewing && sp_outbox_has_room (&self->outbox) &&
         gnutls_record_send (self->session, frame, size) == (ssize_t) size;
}

void
sp_dtls_channel_send_through (SpDtlsChannel *self, int fd, gconstpointer frame, gsize size)
{
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
