/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-private.h"

#include "base/log.h"

#include <string.h>

/* A client that moved: what main offers to its worker, and which of the worker's words it takes.
 * The addresses are always main's own: the worker only says which of the offers was genuine. */

#define ROAM_INTERVAL_MICROSECONDS (1 * G_USEC_PER_SEC)
#define STRAY_LIFE_MICROSECONDS    (SP_STRAY_SECONDS * G_USEC_PER_SEC)

static gboolean
is_alive (const SpStray *stray, gint64 now)
{
  return stray->number != 0 && now - stray->offered_at < STRAY_LIFE_MICROSECONDS;
}

static gboolean
is_on_trial (SpConnection *self)
{
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    if (self->associations[i].fd >= 0 && self->associations[i].on_trial)
      return TRUE;
  return FALSE;
}

static gboolean
may_roam (SpConnection *self, gint64 now)
{
  return sp_connection_takes_datagrams (self) && self->current_association != 0 &&
         now - self->last_roam >= ROAM_INTERVAL_MICROSECONDS && !is_on_trial (self);
}

gboolean
sp_connection_is_at (SpConnection *self, const guint8 *address)
{
  const SpAssociation *current = sp_connection_find_association (self, self->current_association);

  return memcmp (self->facts.peer.address, address, SP_ADDRESS_SIZE) == 0 ||
         (current != NULL && memcmp (current->peer.address, address, SP_ADDRESS_SIZE) == 0);
}

/* What is offered belongs to nobody yet: a datagram that was on its way while its sender got a
 * socket is late, not stray.  A client does not change the family. */
static gboolean
can_be_of (SpConnection *self, const SpEndpoint *peer)
{
  const SpAssociation *current = sp_connection_find_association (self, self->current_association);

  return current != NULL && sp_connection_find_peer (self, peer) == NULL &&
         sp_address_is_ipv4 (current->peer.address) == sp_address_is_ipv4 (peer->address);
}

static SpStray *
find_free (SpConnection *self, gint64 now)
{
  for (guint i = 0; i < SP_STRAYS_MAX; i++)
    if (!is_alive (&self->strays[i], now))
      return &self->strays[i];
  return NULL;
}

gboolean
sp_connection_offer_stray (SpConnection *self, const SpStrayHeard *heard)
{
  gint64 now = g_get_monotonic_time ();
  SpEndpoint peer = { .port = heard->peer_port };
  SpStray *stray = may_roam (self, now) ? find_free (self, now) : NULL;
  SpStrayOffered message;

  memcpy (peer.address, heard->peer_address, SP_ADDRESS_SIZE);
  if (stray == NULL || !can_be_of (self, &peer))
    return FALSE;
  stray->number = ++self->last_stray;
  stray->peer = peer;
  stray->local.port = heard->local_port;
  memcpy (stray->local.address, heard->local_address, SP_ADDRESS_SIZE);
  stray->offered_at = now;
  message.stray = stray->number;
  message.datagram_length = heard->datagram_length;
  memcpy (message.datagram, heard->datagram, heard->datagram_length);
  sp_link_send (self->link, SP_MESSAGE_STRAY_OFFERED, &message, NULL, 0);
  return TRUE;
}

/* An offer that main forgot, or never made, is nothing.  The first one that is proven takes all
 * others with it. */
void
sp_connection_stray_proven (SpConnection *self, guint32 number)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < SP_STRAYS_MAX; i++)
    {
      const SpStray stray = self->strays[i];

      if (!is_alive (&stray, now) || stray.number != number || !may_roam (self, now) ||
          !can_be_of (self, &stray.peer))
        continue;
      memset (self->strays, 0, sizeof self->strays);
      self->last_roam = now;
      self->events->stray_proven (self->user_data, self, number, &stray.peer, &stray.local);
      return;
    }
}

gboolean
sp_connection_roam (SpConnection *self, guint32 stray, const SpEndpoint *peer, int *fd)
{
  SpRoam message = { .stray = stray };
  SpAssociation *association;

  if (!sp_connection_takes_datagrams (self))
    return FALSE;
  association = sp_connection_add_association (self, peer, fd);
  if (association == NULL)
    return FALSE;
  association->on_trial = TRUE;
  sp_connection_keep_association (self, association);
  message.association = association->number;
  sp_link_send (self->link, SP_MESSAGE_ROAM, &message, &association->fd, 1);
  return TRUE;
}

void
sp_connection_became_current (SpConnection *self, guint32 number)
{
  SpAssociation *association = sp_connection_find_association (self, number);

  if (association == NULL)
    return;
  sp_log (SP_LOG_DEBUG, "worker", "%d: datagram channel %u is current", (int) self->facts.pid,
          number);
  self->current_association = number;
  sp_connection_keep_numbers (self);
  if (!association->on_trial)
    return;
  association->on_trial = FALSE;
  self->events->roamed (self->user_data, self, &association->peer);
}
