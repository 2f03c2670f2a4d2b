/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/rekey.h"

/* A client that reads nothing for a while finds all our changes at once; GnuTLS takes nine within a
 * second for an attack. */
#define UNANSWERED_MAX 4

void
sp_rekey_init (SpRekey *self, guint32 period, gint64 now)
{
  *self = (SpRekey){ .period = (gint64) period * G_USEC_PER_SEC,
                     .own_since = now,
                     .client_since = now };
}

static gint64
get_own_deadline (const SpRekey *self)
{
  return self->n_unanswered >= UNANSWERED_MAX ? G_MAXINT64 : self->own_since + self->period;
}

/* A request that is not answered yet stands: a second one says nothing new. */
static gint64
get_client_deadline (const SpRekey *self)
{
  return self->asked_at != 0 ? G_MAXINT64 : self->client_since + self->period - self->period / 8;
}

gint64
sp_rekey_get_deadline (const SpRekey *self)
{
  return self->period == 0 ? G_MAXINT64 : MIN (get_own_deadline (self), get_client_deadline (self));
}

SpRekeyAction
sp_rekey_due (SpRekey *self, gint64 now)
{
  gboolean ask = now >= get_client_deadline (self);

  if (now < sp_rekey_get_deadline (self))
    return SP_REKEY_NOTHING;
  self->own_since = now;
  if (ask)
    self->asked_at = now;
  if (self->asked_at != 0)
    self->n_unanswered++;
  return ask ? SP_REKEY_ASK : SP_REKEY_UPDATE;
}

void
sp_rekey_client_updated (SpRekey *self, gboolean asks, gint64 now)
{
  self->client_since = now;
  self->asked_at = 0;
  self->n_unanswered = 0;
  if (asks)
    self->own_since = now;
}

gboolean
sp_rekey_may_renegotiate (const SpRekey *self, gint64 now)
{
  return self->period != 0 && now - self->own_since >= self->period / 2;
}

void
sp_rekey_renegotiated (SpRekey *self, gint64 now)
{
  self->own_since = now;
  self->client_since = now;
}
