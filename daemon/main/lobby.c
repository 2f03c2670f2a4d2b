/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lobby.h"

#include "base/bucket.h"
#include "base/fixed-table.h"
#include "base/io.h"
#include "base/prefix.h"

#include <string.h>

#define MET_ENTRIES 4096 /* twice the sessions there may be */
#define MET_FOR     (24 * 3600 * (gint64) G_USEC_PER_SEC)

/* A stranger's handshake takes about a millisecond with all that belongs to it, so this is a tenth
 * of a CPU; the burst is a household, or an office in the morning. */
static const SpBucketLimit strangers_limit = { .interval = G_USEC_PER_SEC / 100, .burst = 64 };

typedef struct
{
  SpWaitingClient client; /* first: it is handed out and freed as that */
  SpStranger stranger;
} Waiting;

struct _SpLobby
{
  GPtrArray *waiting; /* of Waiting */
  SpFixedTable *met;  /* SpFixedEntry by narrow prefix */
  gint64 strangers;   /* their bucket */
};

SpLobby *
sp_lobby_new (void)
{
  SpLobby *self = g_new0 (SpLobby, 1);
  guint64 seed[2];

  sp_random_bytes (seed, sizeof seed);
  self->waiting = g_ptr_array_new ();
  self->met = sp_fixed_table_new (sizeof (SpFixedEntry), MET_ENTRIES, seed);
  return self;
}

void
sp_waiting_client_free (SpWaitingClient *client)
{
  if (client == NULL)
    return;
  sp_fd_clear (&client->fd);
  g_free (client);
}

void
sp_lobby_free (SpLobby *self)
{
  if (self == NULL)
    return;
  sp_lobby_drop (self, NULL);
  g_ptr_array_unref (self->waiting);
  sp_fixed_table_free (self->met);
  g_free (self);
}

void
sp_lobby_met (SpLobby *self, const guint8 *address, gint64 now)
{
  SpFixedEntry *entry = sp_fixed_table_claim (self->met, sp_prefix_narrow (address));

  entry->keep_until = now + MET_FOR;
}

gboolean
sp_lobby_has_met (SpLobby *self, const guint8 *address, gint64 now)
{
  const SpFixedEntry *entry = sp_fixed_table_find (self->met, sp_prefix_narrow (address));

  return entry != NULL && entry->keep_until > now;
}

/* As crowd.h wants them, in the order of `waiting`. */
static SpStranger *
list_strangers (SpLobby *self)
{
  SpStranger *strangers = g_new (SpStranger, self->waiting->len);

  for (guint i = 0; i < self->waiting->len; i++)
    strangers[i] = ((Waiting *) self->waiting->pdata[i])->stranger;
  return strangers;
}

static SpWaitingClient *
remove_at (SpLobby *self, guint place)
{
  return g_ptr_array_remove_index (self->waiting, place);
}

SpWaitingClient *
sp_lobby_enter (SpLobby *self, const SpWaitingClient *client, int *fd, guint max, gint64 now)
{
  Waiting *newcomer = g_new0 (Waiting, 1);
  g_autofree SpStranger *strangers = NULL;

  newcomer->client = *client;
  newcomer->client.fd = sp_fd_steal (fd);
  newcomer->stranger.since = now;
  newcomer->stranger.is_met = sp_lobby_has_met (self, client->peer.address, now);
  memcpy (newcomer->stranger.address, client->peer.address, SP_ADDRESS_SIZE);
  g_ptr_array_add (self->waiting, newcomer);
  if (self->waiting->len <= max)
    return NULL;
  strangers = list_strangers (self);
  return remove_at (self, sp_crowd_choose (strangers, self->waiting->len));
}

static guint
count_met (const SpLobby *self)
{
  guint n = 0;

  for (guint i = 0; i < self->waiting->len; i++)
    n += ((Waiting *) self->waiting->pdata[i])->stranger.is_met ? 1 : 0;
  return n;
}

static guint
count_tokens (const SpLobby *self, gint64 now)
{
  gint64 owed = MAX (self->strangers - now, 0);
  gint64 taken = (owed + strangers_limit.interval - 1) / strangers_limit.interval;

  return (guint) MAX ((gint64) strangers_limit.burst - taken, 0);
}

guint
sp_lobby_count_turns (SpLobby *self, gint64 now)
{
  guint met = count_met (self);

  return met + MIN (self->waiting->len - met, count_tokens (self, now));
}

static guint
choose_next (SpLobby *self)
{
  g_autofree SpStranger *strangers = list_strangers (self);

  return sp_crowd_choose_next (strangers, self->waiting->len);
}

gboolean
sp_lobby_look (SpLobby *self, gint64 now, SpStranger *ret)
{
  if (sp_lobby_count_turns (self, now) == 0)
    return FALSE;
  *ret = ((Waiting *) self->waiting->pdata[choose_next (self)])->stranger;
  return TRUE;
}

SpWaitingClient *
sp_lobby_take (SpLobby *self, gint64 now)
{
  Waiting *next;

  if (sp_lobby_count_turns (self, now) == 0)
    return NULL;
  next = g_ptr_array_remove_index (self->waiting, choose_next (self));
  if (!next->stranger.is_met)
    sp_bucket_take (&self->strangers, &strangers_limit, now);
  return &next->client;
}

gint64
sp_lobby_get_wait (SpLobby *self, gint64 now)
{
  if (self->waiting->len == 0)
    return G_MAXINT64;
  return count_met (self) > 0 ? 0 : sp_bucket_wait (self->strangers, &strangers_limit, now);
}

void
sp_lobby_drop (SpLobby *self, const SpNetwork *network)
{
  for (guint i = self->waiting->len; i > 0; i--)
    {
      Waiting *waiting = self->waiting->pdata[i - 1];

      if (network == NULL || sp_network_contains (network, waiting->stranger.address))
        sp_waiting_client_free (remove_at (self, i - 1));
    }
}
