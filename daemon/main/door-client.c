/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-client.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"
#include "room-keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* All that another door may be told before it reads: who is known, bans, labels. */
#define QUEUE_MAX (256 + SP_SESSIONS_MAX + SP_BANS_MAX + SP_LABELS_MAX / SP_LABELS_AT_ONCE)

typedef struct
{
  SpIdMintedFunc minted;
  gpointer user_data;
} Mint;

struct _SpDoorClient
{
  SpRoomKeeper *keeper;
  const SpDoorEvents *events;
  gpointer user_data;
  SpDoorLimits limits;
  const SpDoorListener *listeners;
  guint n_listeners;
  int keys;          /* memory for the door's keys, never read here; -1 while the server is off */
  GHashTable *mints; /* serial → Mint */
  guint64 counters[SP_DOOR_COUNTERS_N]; /* of the door that runs */
  guint64 earlier[SP_DOOR_COUNTERS_N];  /* of doors before it */
};

static void
on_client_admitted (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;
  const SpClientAdmitted *admitted = message;
  SpEndpoint peer = { .port = admitted->peer_port };
  SpEndpoint local = { .port = admitted->local_port };

  memcpy (peer.address, admitted->peer_address, SP_ADDRESS_SIZE);
  memcpy (local.address, admitted->local_address, SP_ADDRESS_SIZE);
  self->events->client_admitted (self->user_data, &peer, NULL, &local, &fds[0]);
}

static void
on_client_forwarded (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;
  const SpClientForwarded *forwarded = message;
  SpEndpoint peer = { .port = forwarded->peer_port };
  SpEndpoint proxy = { .port = forwarded->proxy_port };
  SpEndpoint local = { .port = forwarded->local_port };

  memcpy (peer.address, forwarded->peer_address, SP_ADDRESS_SIZE);
  memcpy (proxy.address, forwarded->proxy_address, SP_ADDRESS_SIZE);
  memcpy (local.address, forwarded->local_address, SP_ADDRESS_SIZE);
  self->events->client_admitted (self->user_data, &peer, &proxy, &local, &fds[0]);
}

static void
on_id_minted (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;
  const SpIdMinted *minted = message;
  gpointer value = NULL;
  g_autofree Mint *mint = NULL;

  if (!g_hash_table_steal_extended (self->mints, GUINT_TO_POINTER (serial), NULL, &value))
    return; /* cancelled meanwhile */
  mint = value;
  /* The keys are written by now: no door may change them, or fill memory with them. */
  (void) fcntl (self->keys, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL);
  mint->minted (mint->user_data, minted->app_id);
}

static void
on_hello_verified (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;

  self->events->hello_verified (self->user_data, message);
}

static void
on_stray_heard (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;

  self->events->stray_heard (self->user_data, message);
}

static void
on_door_counters (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;
  const SpDoorCounters *counters = message;

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 value;
      memcpy (&value, counters->values + 8 * i, sizeof value);
      self->counters[i] = GUINT64_FROM_LE (value);
    }
}

static void
on_network_refused (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;

  self->events->network_refused (self->user_data, message);
}

static void
on_under_attack (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;

  self->events->under_attack (self->user_data, message);
}

static void
on_metrics_wanted (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpDoorClient *self = user_data;

  self->events->metrics_wanted (self->user_data);
}

static void
on_closed (gpointer user_data, const GError *error)
{
  SpDoorClient *self = user_data;

  sp_room_keeper_wall_closed (self->keeper, error);
}

static const SpLinkTable from_door = {
  .handlers = {
    [SP_MESSAGE_CLIENT_ADMITTED] = on_client_admitted,
    [SP_MESSAGE_ID_MINTED] = on_id_minted,
    [SP_MESSAGE_HELLO_VERIFIED] = on_hello_verified,
    [SP_MESSAGE_STRAY_HEARD] = on_stray_heard,
    [SP_MESSAGE_DOOR_COUNTERS] = on_door_counters,
    [SP_MESSAGE_NETWORK_REFUSED] = on_network_refused,
    [SP_MESSAGE_UNDER_ATTACK] = on_under_attack,
    [SP_MESSAGE_CLIENT_FORWARDED] = on_client_forwarded,
    [SP_MESSAGE_METRICS_WANTED] = on_metrics_wanted,
  },
  .closed = on_closed,
};

static void
tell_listener (SpLink *link, const SpDoorListener *listener)
{
  SpListener message = { .kind = listener->kind, .local_port = listener->local.port };

  memcpy (message.local_address, listener->local.address, SP_ADDRESS_SIZE);
  sp_link_send (link, SP_MESSAGE_LISTENER, &message, &listener->fd, 1);
}

static void
started (gpointer user_data, SpLink *link)
{
  SpDoorClient *self = user_data;
  SpOpenDoor open = { .half_open_max = self->limits.half_open_max,
                      .hello_milliseconds = self->limits.hello_milliseconds };

  sp_link_set_queue_max (link, QUEUE_MAX);
  (void) lseek (self->keys, 0, SEEK_SET);
  sp_link_send (link, SP_MESSAGE_OPEN_DOOR, &open, &self->keys, 1);
  sp_link_enter (link, SP_MAIN_DOOR_OPEN);
  for (guint i = 0; i < self->n_listeners; i++)
    tell_listener (link, &self->listeners[i]);
  self->events->opened (self->user_data);
}

static void
fail_mints (SpDoorClient *self)
{
  g_autoptr (GHashTable) mints = g_steal_pointer (&self->mints);
  GHashTableIter iter;
  gpointer value;

  self->mints = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_iter_init (&iter, mints);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Mint *mint = value;
      mint->minted (mint->user_data, NULL);
    }
}

static void
lost (gpointer user_data)
{
  SpDoorClient *self = user_data;

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    self->earlier[i] += self->counters[i];
  memset (self->counters, 0, sizeof self->counters);
  fail_mints (self);
  self->events->closed (self->user_data);
}

static const SpRoomRecipe recipe = {
  .name = "door",
  .program = SP_ROOM_DOOR,
  .account = SP_ACCOUNT_DOOR,
  .wall = &sp_wall_main_door,
  .table = &from_door,
  .started = started,
  .lost = lost,
};

SpDoorClient *
sp_door_client_new (const char *libexec_folder, const SpDoorEvents *events, gpointer user_data)
{
  SpDoorClient *self = g_new0 (SpDoorClient, 1);

  self->events = events;
  self->user_data = user_data;
  self->keys = -1;
  self->mints = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->keeper = sp_room_keeper_new (&recipe, libexec_folder, NULL, self);
  return self;
}

void
sp_door_client_free (SpDoorClient *self)
{
  if (self == NULL)
    return;
  sp_room_keeper_free (self->keeper);
  sp_fd_clear (&self->keys);
  g_hash_table_unref (self->mints);
  g_free (self);
}

gboolean
sp_door_client_start (SpDoorClient *self,
                      const SpDoorLimits *limits,
                      const SpDoorListener *listeners,
                      guint n_listeners,
                      GError **error)
{
  self->limits = *limits;
  self->listeners = listeners;
  self->n_listeners = n_listeners;
  memset (self->counters, 0, sizeof self->counters);
  memset (self->earlier, 0, sizeof self->earlier);
  if (self->keys < 0)
    self->keys = memfd_create ("door-keys", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (self->keys < 0)
    {
      sp_error_set_errno (error, errno, "making memory for the door");
      return FALSE;
    }
  return sp_room_keeper_start (self->keeper, error);
}

void
sp_door_client_set_limits (SpDoorClient *self, const SpDoorLimits *limits)
{
  gboolean same = limits->half_open_max == self->limits.half_open_max &&
                  limits->hello_milliseconds == self->limits.hello_milliseconds;

  self->limits = *limits;
  if (!same && sp_room_keeper_get_link (self->keeper) != NULL)
    sp_room_keeper_replace (self->keeper);
}

void
sp_door_client_set_listeners (SpDoorClient *self,
                              const SpDoorListener *listeners,
                              guint n_listeners)
{
  self->listeners = listeners;
  self->n_listeners = n_listeners;
  if (sp_room_keeper_get_link (self->keeper) != NULL)
    sp_room_keeper_replace (self->keeper);
}

void
sp_door_client_stop (SpDoorClient *self)
{
  sp_room_keeper_stop (self->keeper);
  sp_fd_clear (&self->keys);
  fail_mints (self);
  self->events->closed (self->user_data);
}

void
sp_door_client_set_keys (SpDoorClient *self, int keys)
{
  sp_fd_clear (&self->keys);
  self->keys = keys;
}

int
sp_door_client_get_keys (SpDoorClient *self)
{
  return self->keys;
}

void
sp_door_client_mint_id (SpDoorClient *self,
                        guint64 attachment,
                        SpHelloMode mode,
                        SpIdMintedFunc minted,
                        gpointer user_data)
{
  SpMintId message = { .attachment = attachment, .mode = (guint8) mode };
  SpLink *link = sp_room_keeper_get_link (self->keeper);
  guint32 serial = link != NULL ? sp_link_ask (link, SP_MESSAGE_MINT_ID, &message, NULL, 0) : 0;
  Mint *mint;

  if (serial == 0)
    {
      minted (user_data, NULL);
      return;
    }
  mint = g_new0 (Mint, 1);
  mint->minted = minted;
  mint->user_data = user_data;
  g_hash_table_insert (self->mints, GUINT_TO_POINTER (serial), mint);
}

static gboolean
mint_belongs_to (gpointer key, gpointer value, gpointer user_data)
{
  return ((Mint *) value)->user_data == user_data;
}

void
sp_door_client_cancel_mint (SpDoorClient *self, gpointer user_data)
{
  (void) g_hash_table_foreach_remove (self->mints, mint_belongs_to, user_data);
}

void
sp_door_client_end_attachment (SpDoorClient *self, guint64 attachment)
{
  SpAttachmentOver message = { .attachment = attachment };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_ATTACHMENT_OVER, &message, NULL, 0);
}

void
sp_door_client_linger (SpDoorClient *self, guint64 attachment, int fd)
{
  SpLinger message = { .attachment = attachment };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_LINGER, &message, &fd, 1);
}

void
sp_door_client_connection_ended (SpDoorClient *self, const guint8 *peer_address, SpOutcome outcome)
{
  SpConnectionEnded message = { .outcome = (guint8) outcome };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  memcpy (message.peer_address, peer_address, SP_ADDRESS_SIZE);
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_CONNECTION_ENDED, &message, NULL, 0);
}

void
sp_door_client_set_ban (SpDoorClient *self, const SpNetwork *network, SpBanWhom whom)
{
  SpSetBan message = { .length = network->length, .whom = (guint8) whom };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  memcpy (message.address, network->address, SP_ADDRESS_SIZE);
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_SET_BAN, &message, NULL, 0);
}

void
sp_door_client_set_name_gate (SpDoorClient *self, const SpSetNameGate *gate)
{
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_SET_NAME_GATE, gate, NULL, 0);
}

void
sp_door_client_set_validation (SpDoorClient *self, const char *name)
{
  SpSetValidation message = { 0 };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  message.name_length = (guint16) MIN (strlen (name), sizeof message.name);
  memcpy (message.name, name, message.name_length);
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_SET_VALIDATION, &message, NULL, 0);
}

void
sp_door_client_answer_validation (SpDoorClient *self, const char *token, const char *text)
{
  SpAnswerValidation message = { 0 };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  message.token_length = (guint16) MIN (strlen (token), sizeof message.token);
  memcpy (message.token, token, message.token_length);
  message.text_length = (guint16) MIN (strlen (text), sizeof message.text);
  memcpy (message.text, text, message.text_length);
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_ANSWER_VALIDATION, &message, NULL, 0);
}

void
sp_door_client_add_validation_listener (SpDoorClient *self, int fd)
{
  static const SpValidationListener message = { 0 };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_VALIDATION_LISTENER, &message, &fd, 1);
}

void
sp_door_client_set_labels (SpDoorClient *self, const SpSetLabels *labels)
{
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_SET_LABELS, labels, NULL, 0);
}

void
sp_door_client_set_proxies (SpDoorClient *self, const SpNetwork *networks, guint n_networks)
{
  SpSetProxies message = { 0 };
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  for (guint i = 0; i < n_networks && i < SP_PROXIES_MAX; i++)
    {
      guint8 *next = message.networks + message.networks_length;

      memcpy (next, networks[i].address, SP_ADDRESS_SIZE);
      next[SP_ADDRESS_SIZE] = networks[i].length;
      message.networks_length += SP_PROXY_NETWORK_SIZE;
    }
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_SET_PROXIES, &message, NULL, 0);
}

void
sp_door_client_tell_metrics (SpDoorClient *self, const char *text)
{
  g_autofree SpMetricsTold *message = g_new0 (SpMetricsTold, 1);
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  message->text_length = (guint16) MIN (strlen (text), SP_METRICS_TEXT_MAX);
  memcpy (message->text, text, message->text_length);
  if (link != NULL)
    sp_link_send (link, SP_MESSAGE_METRICS_TOLD, message, NULL, 0);
}

guint
sp_door_client_get_deaths (SpDoorClient *self)
{
  return sp_room_keeper_get_deaths (self->keeper);
}

guint64
sp_door_client_get_counter (SpDoorClient *self, SpDoorCounter counter)
{
  return self->earlier[counter] + self->counters[counter];
}
