/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "to-keyholder.h"

#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"

#include <poll.h>
#include <string.h>

void
sp_keyholder_wall_init (SpKeyholderWall *self, int fd)
{
  self->fd = fd;
  self->broken = FALSE;
  sp_permit_init (&self->permit, &sp_wall_worker_keyholder, SP_WORKER_KEYHOLDER_WORKER);
}

void
sp_keyholder_wall_clear (SpKeyholderWall *self)
{
  sp_fd_clear (&self->fd);
}

static gboolean
ask (
    SpKeyholderWall *self, guint8 type, gconstpointer question, guint32 *ret_serial, GError **error)
{
  guint32 serial = self->broken ? 0 : sp_permit_ask (&self->permit, type);

  *ret_serial = serial;
  if (serial != 0 &&
      sp_channel_send (self->fd, &sp_wall_worker_keyholder, type, serial, question, NULL, 0, error))
    return TRUE;
  if (serial == 0)
    g_set_error (error, SP_ERROR, SP_ERROR_PEER_GONE, "the keyholder is gone");
  self->broken = TRUE;
  return FALSE;
}

gboolean
sp_keyholder_wall_ask (SpKeyholderWall *self, guint8 type, gconstpointer question, GError **error)
{
  guint32 serial;

  return ask (self, type, question, &serial, error);
}

/* SP_ERROR_AGAIN as long as time is left. */
static gboolean
wait_for_message (SpKeyholderWall *self, gint64 until, SpEnvelope *envelope, GError **error)
{
  struct pollfd wait = { .fd = self->fd, .events = POLLIN };
  gint64 left = until - g_get_monotonic_time ();

  if (left > 0)
    (void) poll (&wait, 1, (int) (left / 1000) + 1);
  if (sp_channel_receive (self->fd, &self->permit, envelope, error))
    return TRUE;
  if (left <= 0 && g_error_matches (*error, SP_ERROR, SP_ERROR_AGAIN))
    {
      g_clear_error (error);
      g_set_error (error, SP_ERROR, SP_ERROR_TIMEOUT, "the keyholder did not sign in time");
    }
  return FALSE;
}

/* All answers have the same shape. */
G_STATIC_ASSERT (sizeof (SpSignedVerify) == sizeof (SpSignedDigest));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpSignedVerify, signature) ==
                 G_STRUCT_OFFSET (SpSignedDigest, signature));
G_STATIC_ASSERT (sizeof (SpSignedVerify) == sizeof (SpSignedRenewal));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpSignedVerify, signature) ==
                 G_STRUCT_OFFSET (SpSignedRenewal, signature));

static gboolean
take_signature (
    const SpEnvelope *envelope, guint32 serial, guint8 *signature, gsize *ret_size, GError **error)
{
  const SpSignedVerify *answer = (const SpSignedVerify *) envelope->message.bytes;

  if (envelope->header.serial != serial)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES, "the keyholder answers out of turn");
      return FALSE;
    }
  memcpy (signature, answer->signature, answer->signature_length);
  *ret_size = answer->signature_length;
  return TRUE;
}

gboolean
sp_keyholder_wall_await_signature (SpKeyholderWall *self,
                                   guint8 type,
                                   gconstpointer question,
                                   guint8 ret_signature[SP_SIGNATURE_MAX],
                                   gsize *ret_size,
                                   GError **error)
{
  gint64 until = g_get_monotonic_time () + SP_SIGNATURE_SECONDS * G_USEC_PER_SEC;
  SpEnvelope envelope;
  guint32 serial;

  if (!ask (self, type, question, &serial, error))
    return FALSE;
  for (;;)
    {
      g_autoptr (GError) cause = NULL;

      if (wait_for_message (self, until, &envelope, &cause))
        {
          gboolean taken = take_signature (&envelope, serial, ret_signature, ret_size, error);

          sp_envelope_clear (&envelope);
          return taken;
        }
      if (g_error_matches (cause, SP_ERROR, SP_ERROR_AGAIN))
        continue;
      self->broken = TRUE;
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
}
