/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/tls-session.h"

#include "base/error.h"
#include "base/io.h"
#include "tls-opener.h"
#include "worker/byte-queue.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define INPUT_SIZE  (128 * 1024)
#define INPUT_PIECE (64 * 1024)
/* Room for a turn's records; behind it a reserve for what GnuTLS says by itself. */
#define OUTPUT_SIZE     (256 * 1024)
#define OUTPUT_RESERVE  (32 * 1024)
#define RECORD_OVERHEAD 512
#define HANDSHAKE_MAX                                                                              \
  (32 * 1024) /* a stranger's message: memory spent before anything is known                       \
               */
#define RECORD_HEADER_SIZE    5
#define RECORD_SIZE_MAX       (RECORD_HEADER_SIZE + SP_TLS_RECORD_MAX + 2048) /* RFC 5246 6.2.3 */
#define TYPE_APPLICATION_DATA 23
#define PSK_LABEL             "EXPORTER-openconnect-psk"

/* Whether what GnuTLS has taken ends with a record. */
typedef struct
{
  guint8 header[RECORD_HEADER_SIZE];
  gsize header_size;
  gsize left; /* of the content */
} Boundary;

struct _SpTlsSession
{
  gnutls_session_t session;
  int fd;
  gboolean end_of_input;
  int failure; /* of GnuTLS or, positive, of the socket */
  SpTlsUpdate update;
  gboolean renegotiating;
  gsize allowance; /* bytes that GnuTLS may take then: of the record that is its turn */
  gboolean in_tunnel;
  gboolean wants_opener; /* since the keys are these */
  SpTlsOpener *opener;   /* of data; NULL: GnuTLS reads all */
  Boundary boundary;
  SpByteQueue input;
  SpByteQueue output;
};

static void
follow_boundary (Boundary *self, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      gsize step = self->left > 0 ? MIN (self->left, size) : 1;

      if (self->left > 0)
        self->left -= step;
      else
        self->header[self->header_size++] = *bytes;
      if (self->header_size == RECORD_HEADER_SIZE)
        {
          self->left = (gsize) self->header[RECORD_HEADER_SIZE - 2] << 8 |
                       self->header[RECORD_HEADER_SIZE - 1];
          self->header_size = 0;
        }
      bytes += step;
      size -= step;
    }
}

static gboolean
is_metered (const SpTlsSession *self)
{
  return self->renegotiating || self->opener != NULL;
}

static ssize_t
pull (gnutls_transport_ptr_t transport, void *memory, size_t size)
{
  SpTlsSession *self = transport;

  if (is_metered (self))
    {
      size = MIN (size, self->allowance);
      self->allowance -= size;
    }
  if (size > 0 && sp_byte_queue_length (&self->input) > 0)
    {
      size = sp_byte_queue_take (&self->input, memory, size);
      follow_boundary (&self->boundary, memory, size);
      return (ssize_t) size;
    }
  if (size > 0 && self->end_of_input)
    return 0;
  gnutls_transport_set_errno (self->session, EAGAIN);
  return -1;
}

static int
pull_timeout (gnutls_transport_ptr_t transport, unsigned int milliseconds)
{
  SpTlsSession *self = transport;

  return sp_byte_queue_length (&self->input) > 0 || self->end_of_input;
}

static ssize_t
push (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  SpTlsSession *self = transport;

  if (sp_byte_queue_append (&self->output, bytes, size))
    return (ssize_t) size;
  gnutls_transport_set_errno (self->session, ENOBUFS);
  return -1;
}

SpTlsSession *
sp_tls_session_new (const SpEquipment *equipment, int fd)
{
  SpTlsSession *self = g_new0 (SpTlsSession, 1);

  self->fd = fd;
  sp_byte_queue_init (&self->input, INPUT_SIZE);
  sp_byte_queue_init (&self->output, OUTPUT_SIZE);
  if (gnutls_init (&self->session,
                   GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL) < 0 ||
      gnutls_priority_set (self->session, equipment->tls_priority) < 0 ||
      gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, equipment->certificate) < 0)
    g_error ("no TLS session can be made");
  gnutls_handshake_set_max_packet_length (self->session, HANDSHAKE_MAX);
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_pull_function (self->session, pull);
  gnutls_transport_set_pull_timeout_function (self->session, pull_timeout);
  gnutls_transport_set_push_function (self->session, push);
  return self;
}

void
sp_tls_session_free (SpTlsSession *self)
{
  if (self == NULL)
    return;
  sp_tls_opener_free (self->opener);
  gnutls_deinit (self->session);
  sp_fd_clear (&self->fd);
  sp_byte_queue_clear (&self->input);
  sp_byte_queue_clear (&self->output);
  g_free (self);
}

void
sp_tls_session_ask_certificate (SpTlsSession *self, const SpEquipment *equipment)
{
  if (gnutls_priority_set (self->session, equipment->asking_priority) < 0)
    g_error ("no priority for asking");
  gnutls_certificate_server_set_request (self->session, GNUTLS_CERT_REQUEST);
}

void
sp_tls_session_show_instead (SpTlsSession *self,
                             gnutls_certificate_credentials_t credentials,
                             const char *protocol)
{
  gnutls_datum_t only = { (guint8 *) protocol, (unsigned) strlen (protocol) };

  if (gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, credentials) < 0 ||
      gnutls_alpn_set_protocols (self->session, &only, 1, GNUTLS_ALPN_MANDATORY) < 0)
    g_error ("no session for a validation");
}

const guint8 *
sp_tls_session_get_certificate (const SpTlsSession *self, gsize *ret_size)
{
  unsigned n = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (self->session, &n);

  if (chain == NULL || n == 0 || chain[0].size == 0)
    return NULL;
  *ret_size = chain[0].size;
  return chain[0].data;
}

int
sp_tls_session_get_fd (const SpTlsSession *self)
{
  return self->fd;
}

gnutls_session_t
sp_tls_session_get_gnutls (const SpTlsSession *self)
{
  return self->session;
}

/* How most connections end is told without GnuTLS's words, which go through libc's translations. */
const char *
sp_tls_session_get_failure (const SpTlsSession *self)
{
  switch (self->failure)
    {
      case GNUTLS_E_SUCCESS:
      case GNUTLS_E_PREMATURE_TERMINATION:
        return "without a word";
      case GNUTLS_E_SESSION_EOF:
        return "with a goodbye";
      default:
        return self->failure > 0 ? sp_error_describe (self->failure)
                                 : gnutls_strerror (self->failure);
    }
}

SpTlsResult
sp_tls_session_fill (SpTlsSession *self)
{
  guint8 *room = sp_byte_queue_reserve (&self->input, INPUT_PIECE);
  ssize_t size;

  if (room == NULL)
    return SP_TLS_AGAIN;
  size = recv (self->fd, room, INPUT_PIECE, MSG_DONTWAIT);
  if (size > 0)
    {
      sp_byte_queue_added (&self->input, (gsize) size);
      return SP_TLS_OK;
    }
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return SP_TLS_AGAIN;
  self->failure = size < 0 ? errno : 0;
  self->end_of_input = TRUE;
  return SP_TLS_CLOSED;
}

/* Size of the record that the input begins with, 0 if it is not there whole (RFC 5246 6.2). */
static gsize
measure_record (const SpTlsSession *self)
{
  const guint8 *header = sp_byte_queue_peek (&self->input);
  gsize size = sp_byte_queue_length (&self->input);
  gsize record = RECORD_HEADER_SIZE;

  if (size < RECORD_HEADER_SIZE)
    return 0;
  record += (gsize) header[RECORD_HEADER_SIZE - 2] << 8 | header[RECORD_HEADER_SIZE - 1];
  if (record > RECORD_SIZE_MAX) /* GnuTLS will say so */
    return size;
  return size >= record ? record : 0;
}

static gboolean
has_bytes (const SpTlsSession *self)
{
  return is_metered (self) ? measure_record (self) > 0 : sp_byte_queue_length (&self->input) > 0;
}

gboolean
sp_tls_session_has_input (const SpTlsSession *self)
{
  return has_bytes (self) || gnutls_record_check_pending (self->session) > 0;
}

void
sp_tls_session_discard_input (SpTlsSession *self)
{
  sp_byte_queue_drop (&self->input, sp_byte_queue_length (&self->input));
}

static SpTlsResult
judge (SpTlsSession *self, int code)
{
  switch (code)
    {
      case GNUTLS_E_SUCCESS:
        return SP_TLS_OK;
      case GNUTLS_E_AGAIN:
      case GNUTLS_E_INTERRUPTED:
        return SP_TLS_AGAIN;
      case GNUTLS_E_REHANDSHAKE:
        self->failure = code;
        return SP_TLS_HELLO;
      case GNUTLS_E_PREMATURE_TERMINATION:
      case GNUTLS_E_SESSION_EOF:
        self->failure = code;
        return SP_TLS_CLOSED;
      default:
        self->failure = code;
        return SP_TLS_BROKEN;
    }
}

SpTlsResult
sp_tls_session_handshake (SpTlsSession *self)
{
  int code;

  do
    code = gnutls_handshake (self->session);
  while (code == GNUTLS_E_WARNING_ALERT_RECEIVED); /* which change nothing */
  if (code < 0 && gnutls_error_is_fatal (code) && !self->end_of_input)
    (void) gnutls_alert_send_appropriate (self->session, code);
  return judge (self, code);
}

static SpTlsResult
receive_record (SpTlsSession *self, guint8 *buffer, gsize *ret_size)
{
  for (;;)
    {
      ssize_t size = gnutls_record_recv (self->session, buffer, SP_TLS_RECORD_MAX);

      if (size > 0)
        {
          *ret_size = (gsize) size;
          return SP_TLS_OK;
        }
      if (size == GNUTLS_E_WARNING_ALERT_RECEIVED)
        continue;
      if (size == 0)
        return SP_TLS_CLOSED;
      return judge (self, (int) size);
    }
}

/* Not in the middle of a record that GnuTLS has begun to read. */
static void
take_over_reading (SpTlsSession *self)
{
  if (!self->wants_opener || self->boundary.left > 0 || self->boundary.header_size > 0 ||
      gnutls_record_check_pending (self->session) > 0)
    return;
  self->wants_opener = FALSE;
  self->opener = sp_tls_opener_new (self->session);
}

static void
note_new_keys (SpTlsSession *self)
{
  g_clear_pointer (&self->opener, sp_tls_opener_free);
  self->wants_opener = self->in_tunnel;
}

void
sp_tls_session_enter_tunnel (SpTlsSession *self)
{
  self->in_tunnel = TRUE;
  note_new_keys (self);
}

static SpTlsResult
renegotiate (SpTlsSession *self)
{
  SpTlsResult result = sp_tls_session_handshake (self);

  if (result == SP_TLS_OK)
    {
      self->renegotiating = FALSE;
      note_new_keys (self);
    }
  return result;
}

/* GnuTLS refuses data in the middle of a handshake, but takes it when it is asked for data: so each
 * record goes to the function that expects it. */
static SpTlsResult
receive_in_handshake (SpTlsSession *self, guint8 *buffer, gsize *ret_size)
{
  while (self->renegotiating && gnutls_record_check_pending (self->session) == 0)
    {
      gboolean is_data = sp_byte_queue_length (&self->input) > 0 &&
                         sp_byte_queue_peek (&self->input)[0] == TYPE_APPLICATION_DATA;
      SpTlsResult result;

      self->allowance = measure_record (self);
      if (self->allowance == 0)
        return self->end_of_input ? SP_TLS_CLOSED : SP_TLS_AGAIN;
      result = is_data ? receive_record (self, buffer, ret_size) : renegotiate (self);
      if (is_data ? result != SP_TLS_AGAIN : result != SP_TLS_OK && result != SP_TLS_AGAIN)
        return result;
      if (self->allowance != 0) /* not taken: it would be offered for ever */
        return judge (self, GNUTLS_E_UNEXPECTED_PACKET);
    }
  return receive_record (self, buffer, ret_size);
}

/* A record that is not plainly data, or the end of what the client sends. */
static SpTlsResult
receive_by_gnutls (SpTlsSession *self, gsize allowance, guint8 *buffer, gsize *ret_size)
{
  SpTlsResult result;

  sp_tls_opener_lend (self->opener);
  self->allowance = allowance;
  result = receive_record (self, buffer, ret_size);
  if (!sp_tls_opener_take_back (self->opener))
    note_new_keys (self);
  return result;
}

static SpTlsResult
receive_data (SpTlsSession *self, guint8 *buffer, gsize *ret_size)
{
  while (take_over_reading (self), self->opener != NULL)
    {
      const guint8 *record = sp_byte_queue_peek (&self->input);
      gsize size = measure_record (self);
      SpTlsResult result;

      if (size == 0 && !self->end_of_input)
        return SP_TLS_AGAIN;
      if (size > 0 && sp_tls_opener_open (self->opener, record, size, buffer, ret_size))
        {
          sp_byte_queue_drop (&self->input, size);
          if (*ret_size > 0)
            return SP_TLS_OK;
          continue;
        }
      result = receive_by_gnutls (self, size > 0 ? size : G_MAXSIZE, buffer, ret_size);
      if (result != SP_TLS_AGAIN)
        return result;
      if (self->allowance == size) /* not taken: it would be offered for ever */
        return judge (self, GNUTLS_E_UNEXPECTED_PACKET);
    }
  return receive_record (self, buffer, ret_size);
}

SpTlsResult
sp_tls_session_receive (SpTlsSession *self, guint8 *buffer, gsize *ret_size)
{
  if (self->renegotiating)
    return receive_in_handshake (self, buffer, ret_size);
  return receive_data (self, buffer, ret_size);
}

gboolean
sp_tls_session_has_room (const SpTlsSession *self)
{
  return sp_byte_queue_room (&self->output) >= OUTPUT_RESERVE + SP_TLS_RECORD_MAX + RECORD_OVERHEAD;
}

gboolean
sp_tls_session_send (SpTlsSession *self, gconstpointer bytes, gsize size)
{
  if (size > SP_TLS_RECORD_MAX || self->renegotiating || !sp_tls_session_has_room (self))
    return FALSE;
  return gnutls_record_send (self->session, bytes, size) == (ssize_t) size;
}

gboolean
sp_tls_session_send_all (SpTlsSession *self, gconstpointer bytes, gsize size)
{
  const guint8 *next = bytes;

  while (size > 0)
    {
      gsize piece = MIN (size, SP_TLS_RECORD_MAX);

      if (!sp_tls_session_send (self, next, piece))
        return FALSE;
      next += piece;
      size -= piece;
    }
  return TRUE;
}

SpTlsResult
sp_tls_session_flush (SpTlsSession *self)
{
  while (sp_byte_queue_length (&self->output) > 0)
    {
      ssize_t sent = send (self->fd, sp_byte_queue_peek (&self->output),
                           sp_byte_queue_length (&self->output), MSG_DONTWAIT | MSG_NOSIGNAL);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0 && errno == EAGAIN)
        return SP_TLS_AGAIN;
      if (sent < 0)
        {
          self->failure = errno;
          sp_byte_queue_drop (&self->output, sp_byte_queue_length (&self->output));
          return SP_TLS_CLOSED;
        }
      sp_byte_queue_drop (&self->output, (gsize) sent);
    }
  return SP_TLS_OK;
}

gsize
sp_tls_session_get_queued (const SpTlsSession *self)
{
  return sp_byte_queue_length (&self->output);
}

void
sp_tls_session_say_goodbye (SpTlsSession *self, gnutls_alert_description_t alert)
{
  gnutls_alert_level_t level = alert == GNUTLS_A_CLOSE_NOTIFY ? GNUTLS_AL_WARNING : GNUTLS_AL_FATAL;

  /* Whether it can still be said changes nothing for us. */
  (void) gnutls_alert_send (self->session, level, alert);
}

void
sp_tls_session_shut (SpTlsSession *self)
{
  (void) shutdown (self->fd, SHUT_WR);
}

void
sp_tls_session_rest (SpTlsSession *self)
{
  sp_byte_queue_rest (&self->input);
  sp_byte_queue_rest (&self->output);
}

gboolean
sp_tls_session_is_tls13 (const SpTlsSession *self)
{
  return gnutls_protocol_get_version (self->session) == GNUTLS_TLS1_3;
}

static int
hear_update (gnutls_session_t session,
             unsigned int type,
             unsigned int when,
             unsigned int incoming,
             const gnutls_datum_t *body)
{
  SpTlsSession *self = gnutls_transport_get_ptr (session);

  if (incoming && body->size == 1)
    self->update = MAX (self->update, body->data[0] == 0 ? SP_TLS_UPDATED : SP_TLS_UPDATED_ASKING);
  return 0;
}

void
sp_tls_session_watch_updates (SpTlsSession *self)
{
  gnutls_handshake_set_hook_function (self->session, GNUTLS_HANDSHAKE_KEY_UPDATE, GNUTLS_HOOK_POST,
                                      hear_update);
}

SpTlsUpdate
sp_tls_session_take_update (SpTlsSession *self)
{
  SpTlsUpdate update = self->update;

  self->update = SP_TLS_NO_UPDATE;
  return update;
}

gboolean
sp_tls_session_update_keys (SpTlsSession *self, gboolean ask)
{
  return sp_tls_session_has_room (self) &&
         gnutls_session_key_update (self->session, ask ? GNUTLS_KU_PEER : 0) == 0;
}

gboolean
sp_tls_session_can_renegotiate (const SpTlsSession *self)
{
  return gnutls_protocol_get_version (self->session) == GNUTLS_TLS1_2 &&
         gnutls_safe_renegotiation_status (self->session) != 0;
}

/* The hello is in GnuTLS's hands already, so the first step needs no input. */
SpTlsResult
sp_tls_session_renegotiate (SpTlsSession *self, const SpEquipment *equipment)
{
  self->renegotiating = TRUE;
  self->allowance = 0;
  g_clear_pointer (&self->opener, sp_tls_opener_free);
  /* whose session it is was decided, and is not asked again */
  gnutls_certificate_server_set_request (self->session, GNUTLS_CERT_IGNORE);
  if (gnutls_priority_set (self->session, equipment->renewal_priority) < 0)
    g_error ("no priority for a renegotiation");
  self->failure = 0;
  return renegotiate (self);
}

gboolean
sp_tls_session_is_renegotiating (const SpTlsSession *self)
{
  return self->renegotiating;
}

gboolean
sp_tls_session_export_psk (const SpTlsSession *self, guint8 psk[SP_PSK_SIZE])
{
  return gnutls_prf_rfc5705 (self->session, strlen (PSK_LABEL), PSK_LABEL, 0, NULL, SP_PSK_SIZE,
                             (char *) psk) == 0;
}
