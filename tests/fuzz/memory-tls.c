/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory-tls.h"

#include "base/io.h"
#include "worker/tls-session.h"

#include <poll.h>
#include <string.h>

/* As in the real one. */
#define OUTPUT_SIZE     (256 * 1024)
#define OUTPUT_RESERVE  (32 * 1024)
#define RECORD_OVERHEAD 512

struct _SpTlsSession
{
  MemoryClient *client;
  gnutls_session_t session; /* shakes no hands: it is what others ask about ciphers */
};

void
memory_client_clear (MemoryClient *self)
{
  g_queue_clear_full (&self->arrived, g_free);
  g_queue_clear_full (&self->read, g_free);
}

void
memory_client_add (MemoryClient *self, MemoryCueKind kind, const guint8 *bytes, gsize size)
{
  const MemoryCue cue = { kind, bytes, MIN (size, SP_TLS_RECORD_MAX) };

  g_queue_push_tail (&self->arrived, g_memdup2 (&cue, sizeof cue));
}

short
memory_client_poll (const MemoryClient *self, short events)
{
  short ready = 0;

  if (!g_queue_is_empty ((GQueue *) &self->arrived) || self->ended)
    ready |= POLLIN;
  if (self->queued == 0 || self->reads > 0)
    ready |= POLLOUT;
  return ready & events;
}

SpTlsSession *
sp_tls_session_new (const SpEquipment *equipment, int fd)
{
  SpTlsSession *self = g_new0 (SpTlsSession, 1);

  self->client = equipment->signer_data;
  self->client->fd = fd;
  if (gnutls_init (&self->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) < 0)
    g_error ("no session can be made");
  return self;
}

void
sp_tls_session_free (SpTlsSession *self)
{
  if (self == NULL)
    return;
  gnutls_deinit (self->session);
  sp_fd_clear (&self->client->fd);
  g_free (self);
}

void
sp_tls_session_show_instead (SpTlsSession *self,
                             gnutls_certificate_credentials_t credentials,
                             const char *protocol)
{
}

void
sp_tls_session_ask_certificate (SpTlsSession *self, const SpEquipment *equipment)
{
}

const guint8 *
sp_tls_session_get_certificate (const SpTlsSession *self, gsize *ret_size)
{
  *ret_size = self->client->certificate_size;
  return self->client->certificate_size > 0 ? self->client->certificate : NULL;
}

int
sp_tls_session_get_fd (const SpTlsSession *self)
{
  return self->client->fd;
}

gnutls_session_t
sp_tls_session_get_gnutls (const SpTlsSession *self)
{
  return self->session;
}

const char *
sp_tls_session_get_failure (const SpTlsSession *self)
{
  return "it is over";
}

/* The end is seen when everything before it was read. */
SpTlsResult
sp_tls_session_fill (SpTlsSession *self)
{
  MemoryClient *client = self->client;
  SpTlsResult result = SP_TLS_AGAIN;
  MemoryCue *cue;

  while (!client->ended && (cue = g_queue_pop_head (&client->arrived)) != NULL)
    {
      client->ended = cue->kind == MEMORY_END;
      g_queue_push_tail (&client->read, cue);
      result = SP_TLS_OK;
    }
  return client->ended ? SP_TLS_CLOSED : result;
}

gboolean
sp_tls_session_has_input (const SpTlsSession *self)
{
  return !g_queue_is_empty (&self->client->read);
}

void
sp_tls_session_discard_input (SpTlsSession *self)
{
  g_queue_clear_full (&self->client->read, g_free);
}

/* A client that has something to say is through with its handshake. */
void
sp_tls_session_enter_tunnel (SpTlsSession *self)
{
}

SpTlsResult
sp_tls_session_handshake (SpTlsSession *self)
{
  const MemoryCue *cue = g_queue_peek_head (&self->client->read);

  if (cue == NULL)
    return self->client->ended ? SP_TLS_CLOSED : SP_TLS_AGAIN;
  if (cue->kind == MEMORY_RECORD)
    return SP_TLS_OK;
  return cue->kind == MEMORY_END ? SP_TLS_CLOSED : SP_TLS_BROKEN;
}

static SpTlsResult
take_hello (MemoryClient *client)
{
  if (!client->renegotiating)
    return SP_TLS_HELLO;
  client->renegotiating = FALSE;
  return SP_TLS_AGAIN;
}

/* AGAIN also where there was something that is no record of data. */
static SpTlsResult
take (MemoryClient *client, const MemoryCue *cue, guint8 *buffer, gsize *ret_size)
{
  switch (cue->kind)
    {
      case MEMORY_RECORD:
        worker_judge_take (client->judge, cue->bytes, cue->size);
        memcpy (buffer, cue->bytes, cue->size);
        *ret_size = cue->size;
        return SP_TLS_OK;
      case MEMORY_HELLO:
        return take_hello (client);
      case MEMORY_END:
        return SP_TLS_CLOSED;
      case MEMORY_BROKEN:
      default:
        client->broken = TRUE;
        return SP_TLS_BROKEN;
    }
}

SpTlsResult
sp_tls_session_receive (SpTlsSession *self, guint8 *buffer, gsize *ret_size)
{
  MemoryClient *client = self->client;
  MemoryCue *next;

  while (!client->broken && (next = g_queue_pop_head (&client->read)) != NULL)
    {
      g_autofree MemoryCue *cue = next;
      SpTlsResult result = SP_TLS_AGAIN;

      if (cue->kind != MEMORY_RECORD || cue->size > 0) /* GnuTLS skips those */
        result = take (client, cue, buffer, ret_size);
      if (result != SP_TLS_AGAIN)
        return result;
    }
  if (client->broken)
    return SP_TLS_BROKEN;
  return client->ended ? SP_TLS_CLOSED : SP_TLS_AGAIN;
}

gboolean
sp_tls_session_has_room (const SpTlsSession *self)
{
  return OUTPUT_SIZE - self->client->queued >= OUTPUT_RESERVE + SP_TLS_RECORD_MAX + RECORD_OVERHEAD;
}

gboolean
sp_tls_session_send (SpTlsSession *self, gconstpointer bytes, gsize size)
{
  MemoryClient *client = self->client;

  if (size > SP_TLS_RECORD_MAX || client->renegotiating || !sp_tls_session_has_room (self))
    return FALSE;
  g_assert_cmpuint (size, >, 0);
  client->queued += size + RECORD_OVERHEAD;
  worker_judge_hear (client->judge, bytes, size);
  return TRUE;
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
  MemoryClient *client = self->client;
  gsize piece = MIN (client->queued, client->reads);

  client->queued -= piece;
  client->reads -= piece;
  return client->queued == 0 ? SP_TLS_OK : SP_TLS_AGAIN;
}

gsize
sp_tls_session_get_queued (const SpTlsSession *self)
{
  return self->client->queued;
}

void
sp_tls_session_say_goodbye (SpTlsSession *self, gnutls_alert_description_t alert)
{
  worker_judge_goodbye (self->client->judge);
}

void
sp_tls_session_shut (SpTlsSession *self)
{
  g_assert_cmpuint (self->client->queued, ==, 0);
  self->client->judge->said_goodbye = TRUE; /* after a handshake that failed nobody has */
}

void
sp_tls_session_rest (SpTlsSession *self)
{
}

gboolean
sp_tls_session_is_tls13 (const SpTlsSession *self)
{
  return self->client->tls13;
}

void
sp_tls_session_watch_updates (SpTlsSession *self)
{
}

SpTlsUpdate
sp_tls_session_take_update (SpTlsSession *self)
{
  SpTlsUpdate update = self->client->update;

  self->client->update = SP_TLS_NO_UPDATE;
  return update;
}

gboolean
sp_tls_session_update_keys (SpTlsSession *self, gboolean ask)
{
  g_assert_false (self->client->judge->said_goodbye);
  return sp_tls_session_has_room (self);
}

gboolean
sp_tls_session_can_renegotiate (const SpTlsSession *self)
{
  return !self->client->tls13;
}

SpTlsResult
sp_tls_session_renegotiate (SpTlsSession *self, const SpEquipment *equipment)
{
  self->client->renegotiating = TRUE;
  return SP_TLS_AGAIN;
}

gboolean
sp_tls_session_is_renegotiating (const SpTlsSession *self)
{
  return self->client->renegotiating;
}

gboolean
sp_tls_session_export_psk (const SpTlsSession *self, guint8 psk[SP_PSK_SIZE])
{
  memset (psk, 'k', SP_PSK_SIZE);
  return TRUE;
}
