/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reception.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "crowd.h"
#include "mishap-tally.h"
#include "nursery-client.h"
#include "platform/listener.h"

#include <string.h>

#define UNSENT_LOW_WATER     (128 * 1024) /* keeps a loaded tunnel's ping low */
#define USER_TIMEOUT_SECONDS 120

/* Admitted while no worker was ready; not more than may be unknown. */
typedef struct
{
  SpEndpoint peer;
  SpEndpoint local;
  int fd;
} WaitingClient;

struct _SpReception
{
  SpKeyholderClient *keyholder;
  SpDoorClient *door;
  SpSessionRegistry *sessions;
  SpNurseryClient *nursery;
  GHashTable *connections; /* guint64 * → SpConnection, freed by itself when it ends */
  GQueue waiting;          /* of WaitingClient */
  guint64 last_worker;
  guint chain; /* how often it changed */
  guint unknown_max;
  char *stranger_answer;
  char *login_banner;
  char *groups;
  guint8 sign_in;
  gboolean is_open;
  SpMishapTally mishaps; /* since the daemon started */
  void (*stopped) (gpointer user_data);
  gpointer stopped_data;
};

static void
waiting_client_free (WaitingClient *client)
{
  sp_fd_clear (&client->fd);
  g_free (client);
}

/* The connections of this moment: what is done to one may end others. */
static GPtrArray *
list_connections (SpReception *self)
{
  GPtrArray *all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    g_ptr_array_add (all, connection);
  return all;
}

static SpConnection *
find (SpReception *self, guint64 worker)
{
  return g_hash_table_lookup (self->connections, &worker);
}

static SpConnection *
find_idle (SpReception *self, guint *ret_n_coming)
{
  GHashTableIter iter;
  gpointer value;
  SpConnection *idle = NULL;

  *ret_n_coming = 0;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      if (sp_connection_get_facts (value)->adopted_at != 0)
        continue;
      if (sp_connection_get_facts (value)->chain != self->chain)
        continue;
      (*ret_n_coming)++;
      if (sp_connection_is_idle (value))
        idle = value;
    }
  return idle;
}

static const SpConnectionEvents events;

/* Asks for one more worker; FALSE if that is not possible now. */
static gboolean
hire (SpReception *self)
{
  int wall_main[2] = { -1, -1 };
  int wall_keyholder[2] = { -1, -1 };
  guint64 worker = ++self->last_worker;
  SpConnection *connection;
  gboolean asked;

  if (!sp_keyholder_client_is_ready (self->keyholder) || !sp_socket_pair (wall_main, NULL) ||
      !sp_socket_pair (wall_keyholder, NULL))
    {
      sp_fd_clear (&wall_main[0]);
      sp_fd_clear (&wall_main[1]);
      return FALSE;
    }
  connection = sp_connection_new (worker, wall_main[0], &events, self);
  sp_connection_get_facts (connection)->chain = self->chain;
  (void) g_hash_table_insert (self->connections, g_memdup2 (&worker, sizeof worker), connection);
  sp_keyholder_client_worker_started (self->keyholder, worker,
                                      sp_keyholder_client_get_certificate (self->keyholder)->pin,
                                      wall_keyholder[1]);
  asked = sp_nursery_client_fork (self->nursery, worker, wall_main[1], wall_keyholder[0]);
  sp_fd_clear (&wall_main[1]);
  sp_fd_clear (&wall_keyholder[0]);
  sp_fd_clear (&wall_keyholder[1]);
  if (!asked)
    {
      sp_keyholder_client_worker_gone (self->keyholder, worker);
      (void) g_hash_table_remove (self->connections, &worker);
      sp_connection_free (connection);
    }
  return asked;
}

static void
replenish (SpReception *self)
{
  guint n_coming;

  if (!self->is_open)
    return;
  (void) find_idle (self, &n_coming);
  while (n_coming < SP_WORKERS_READY + g_queue_get_length (&self->waiting) && hire (self))
    n_coming++;
}

static void
adopt (SpReception *self,
       SpConnection *connection,
       const SpEndpoint *peer,
       const SpEndpoint *local,
       int fd)
{
  static const SpStreamPlan plan = { .unsent_low_water = UNSENT_LOW_WATER,
                                     .user_timeout_seconds = USER_TIMEOUT_SECONDS };
  const SpConnectionTexts texts = { .stranger_answer = self->stranger_answer,
                                    .login_banner = self->login_banner,
                                    .groups = self->groups };
  g_autoptr (GError) error = NULL;

  if (!sp_stream_configure (fd, &plan, &error))
    sp_log (SP_LOG_DEBUG, "reception", "%s", error->message);
  sp_keyholder_client_worker_adopted (self->keyholder, sp_connection_get_facts (connection)->worker,
                                      peer->address);
  sp_connection_adopt (connection, peer, local, &texts, self->sign_in, fd);
}

static void
serve_waiting (SpReception *self)
{
  guint n_coming;
  SpConnection *idle;

  while (!g_queue_is_empty (&self->waiting) && (idle = find_idle (self, &n_coming)) != NULL)
    {
      WaitingClient *client = g_queue_pop_head (&self->waiting);
      adopt (self, idle, &client->peer, &client->local, client->fd);
      waiting_client_free (client);
    }
  replenish (self);
}

static gboolean
is_unknown (SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  return facts->adopted_at != 0 && !facts->is_known;
}

static void
make_room (SpReception *self)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  g_autoptr (GArray) strangers = g_array_new (FALSE, FALSE, sizeof (SpStranger));
  g_autoptr (GPtrArray) all = list_connections (self);

  for (guint i = 0; i < all->len; i++)
    {
      const SpConnectionFacts *facts = sp_connection_get_facts (all->pdata[i]);
      SpStranger stranger = { .since = facts->adopted_at };

      if (!is_unknown (all->pdata[i]))
        continue;
      memcpy (stranger.address, facts->peer.address, SP_ADDRESS_SIZE);
      g_ptr_array_add (unknown, all->pdata[i]);
      g_array_append_val (strangers, stranger);
    }
  if (unknown->len >= self->unknown_max)
    sp_connection_kill (
        unknown->pdata[sp_crowd_choose ((SpStranger *) (void *) strangers->data, strangers->len)]);
}

void
sp_reception_admit (SpReception *self, const SpEndpoint *peer, const SpEndpoint *local, int *fd)
{
  WaitingClient *client;

  if (!self->is_open || g_queue_get_length (&self->waiting) >= self->unknown_max)
    return; /* the caller closes it */
  make_room (self);
  client = g_new0 (WaitingClient, 1);
  client->peer = *peer;
  client->local = *local;
  client->fd = sp_fd_steal (fd);
  g_queue_push_tail (&self->waiting, client);
  serve_waiting (self);
}

static void
requested (gpointer user_data, SpConnection *connection)
{
  SpReception *self = user_data;

  if (sp_connection_get_facts (connection)->may_tunnel)
    sp_session_registry_attach (self->sessions, connection);
}

static void
attached (gpointer user_data, SpConnection *connection, guint32 mtu)
{
  sp_session_registry_attached (((SpReception *) user_data)->sessions, connection, mtu);
}

static void
mtu_changed (gpointer user_data, SpConnection *connection, guint32 mtu)
{
  sp_session_registry_mtu_changed (((SpReception *) user_data)->sessions, connection, mtu);
}

static void
reported (gpointer user_data, SpConnection *connection, const SpReport *report)
{
  memcpy (sp_connection_get_facts (connection)->drops, report->drops, sizeof report->drops);
  sp_session_registry_reported (((SpReception *) user_data)->sessions, connection, report);
}

static void
recalled (gpointer user_data, SpConnection *connection)
{
  sp_session_registry_recalled (((SpReception *) user_data)->sessions, connection);
}

static void
stray_proven (gpointer user_data,
              SpConnection *connection,
              guint32 stray,
              const SpEndpoint *peer,
              const SpEndpoint *local)
{
  sp_session_registry_stray_proven (((SpReception *) user_data)->sessions, connection, stray, peer,
                                    local);
}

static void
roamed (gpointer user_data, SpConnection *connection, const SpEndpoint *peer)
{
  sp_session_registry_roamed (((SpReception *) user_data)->sessions, connection, peer);
}

static void
association_ended (gpointer user_data, SpConnection *connection, int *fd)
{
  SpReception *self = user_data;

  sp_door_client_linger (self->door, sp_connection_get_facts (connection)->attachment, *fd);
}

static void
tell_outcome (SpReception *self, const SpConnectionFacts *facts)
{
  if (facts->adopted_at == 0 || facts->is_known)
    return;
  sp_door_client_connection_ended (self->door, facts->peer.address,
                                   facts->has_failed ? SP_OUTCOME_FAILED : SP_OUTCOME_UNFINISHED);
}

static void
tell_stopped (SpReception *self)
{
  void (*stopped) (gpointer) = g_steal_pointer (&self->stopped);
  g_autofree char *mishaps = stopped != NULL ? sp_mishap_tally_describe (&self->mishaps) : NULL;

  if (mishaps != NULL)
    sp_log (SP_LOG_NOTICE, "reception", "%s", mishaps);
  if (stopped != NULL)
    stopped (self->stopped_data);
}

static void
ended (gpointer user_data, SpConnection *connection)
{
  SpReception *self = user_data;
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  sp_log (SP_LOG_DEBUG, "reception", "worker %d is gone: %d %s", (int) facts->pid,
          (int) facts->left, facts->left_text);
  (void) g_hash_table_remove (self->connections, &facts->worker);
  sp_keyholder_client_worker_gone (self->keyholder, facts->worker);
  sp_mishap_tally_client (&self->mishaps, facts->left, facts->left_text, g_get_monotonic_time ());
  sp_mishap_tally_packets (&self->mishaps, facts->drops);
  tell_outcome (self, facts);
  sp_session_registry_connection_ended (self->sessions, connection);
  serve_waiting (self);
  if (!self->is_open && g_hash_table_size (self->connections) == 0)
    tell_stopped (self);
}

static const SpConnectionEvents events = {
  .requested = requested,
  .attached = attached,
  .mtu_changed = mtu_changed,
  .reported = reported,
  .recalled = recalled,
  .stray_proven = stray_proven,
  .roamed = roamed,
  .association_ended = association_ended,
  .ended = ended,
};

static void
worker_forked (gpointer user_data, guint64 worker, pid_t pid, int *pidfd)
{
  SpReception *self = user_data;
  SpConnection *connection = find (self, worker);

  if (connection == NULL)
    return; /* without its walls it ends by itself */
  sp_connection_forked (connection, pid, sp_fd_steal (pidfd));
  if (sp_connection_get_facts (connection)->chain != self->chain)
    sp_connection_kill (connection);
  serve_waiting (self);
}

static void
worker_failed (gpointer user_data, guint64 worker)
{
  SpReception *self = user_data;
  SpConnection *connection = find (self, worker);

  if (connection == NULL)
    return;
  sp_keyholder_client_worker_gone (self->keyholder, worker);
  (void) g_hash_table_remove (self->connections, &worker);
  sp_connection_free (connection);
}

static void
nursery_ready (gpointer user_data)
{
  serve_waiting (user_data);
}

static const SpNurseryEvents nursery_events = {
  .worker_forked = worker_forked,
  .worker_failed = worker_failed,
  .ready = nursery_ready,
};

SpReception *
sp_reception_new (const char *libexec_folder,
                  SpKeyholderClient *keyholder,
                  SpDoorClient *door,
                  SpSessionRegistry *sessions)
{
  SpReception *self = g_new0 (SpReception, 1);

  self->keyholder = keyholder;
  self->door = door;
  self->sessions = sessions;
  self->connections = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_queue_init (&self->waiting);
  self->nursery = sp_nursery_client_new (libexec_folder, &nursery_events, self);
  return self;
}

void
sp_reception_free (SpReception *self)
{
  GHashTableIter iter;
  gpointer value;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    sp_connection_free (value);
  g_hash_table_unref (self->connections);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_client_free);
  sp_nursery_client_free (self->nursery);
  g_free (self->stranger_answer);
  g_free (self->login_banner);
  g_free (self->groups);
  g_free (self);
}

gboolean
sp_reception_start (SpReception *self,
                    guint unknown_clients_max,
                    const SpNurseryWishes *wishes,
                    GError **error)
{
  const SpPrepared *certificate = sp_keyholder_client_get_certificate (self->keyholder);

  self->unknown_max = unknown_clients_max;
  self->is_open = TRUE;
  if (sp_nursery_client_start (self->nursery, certificate->chain, certificate->chain_length, wishes,
                               error))
    return TRUE;
  self->is_open = FALSE;
  return FALSE;
}

void
sp_reception_set_sign_in (SpReception *self, guint8 sign_in)
{
  self->sign_in = sign_in;
}

void
sp_reception_set_texts (SpReception *self, const SpConnectionTexts *texts)
{
  g_free (self->stranger_answer);
  g_free (self->login_banner);
  g_free (self->groups);
  self->stranger_answer = g_strdup (texts->stranger_answer);
  self->login_banner = g_strdup (texts->login_banner);
  self->groups = g_strdup (texts->groups);
}

void
sp_reception_set_unknown_clients_max (SpReception *self, guint unknown_clients_max)
{
  self->unknown_max = unknown_clients_max;
}

void
sp_reception_stop (SpReception *self,
                   guint8 how,
                   const char *text,
                   void (*stopped) (gpointer user_data),
                   gpointer user_data)
{
  g_autoptr (GPtrArray) all = list_connections (self);

  self->is_open = FALSE;
  self->stopped = stopped;
  self->stopped_data = user_data;
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_client_free);
  g_queue_init (&self->waiting);
  sp_nursery_client_stop (self->nursery);
  for (guint i = 0; i < all->len; i++)
    {
      const SpConnectionFacts *facts = sp_connection_get_facts (all->pdata[i]);
      if (facts->pid == 0)
        worker_failed (self, facts->worker); /* its fork will not be reported any more */
      else
        sp_connection_stop (all->pdata[i], how, text);
    }
  if (g_hash_table_size (self->connections) == 0)
    tell_stopped (self);
}

void
sp_reception_introduce (SpReception *self)
{
  g_autoptr (GPtrArray) all = list_connections (self);

  for (guint i = 0; i < all->len; i++)
    {
      const SpConnectionFacts *facts = sp_connection_get_facts (all->pdata[i]);

      if (facts->is_known)
        sp_door_client_connection_ended (self->door, facts->peer.address, SP_OUTCOME_LOGGED_IN);
    }
}

static void
kill_idle (SpReception *self)
{
  g_autoptr (GPtrArray) all = list_connections (self);

  for (guint i = 0; i < all->len; i++)
    if (sp_connection_get_facts (all->pdata[i])->adopted_at == 0)
      sp_connection_kill (all->pdata[i]);
}

void
sp_reception_certificate_changed (SpReception *self)
{
  const SpPrepared *certificate = sp_keyholder_client_get_certificate (self->keyholder);

  if (!self->is_open ||
      !sp_nursery_client_set_chain (self->nursery, certificate->chain, certificate->chain_length))
    return;
  self->chain++;
  kill_idle (self);
  serve_waiting (self);
}

void
sp_reception_keyholder_ready (SpReception *self)
{
  sp_reception_certificate_changed (self);
  serve_waiting (self);
}

/* Idle workers have a wall that leads nowhere.  Those with a client end by themselves when they
 * need the keyholder; those with a tunnel do not need it. */
void
sp_reception_keyholder_lost (SpReception *self)
{
  kill_idle (self);
}

void
sp_reception_login_decided (SpReception *self, const SpLoginDecided *decided)
{
  SpConnection *connection = find (self, decided->worker);
  SpConnectionFacts *facts;

  if (connection == NULL)
    return;
  facts = sp_connection_get_facts (connection);
  memcpy (facts->user, decided->user, SP_ID_SIZE);
  if (!facts->is_known)
    sp_door_client_connection_ended (self->door, facts->peer.address, SP_OUTCOME_LOGGED_IN);
  facts->is_known = TRUE;
  if (decided->by != SP_BY_COOKIE)
    return;
  memcpy (facts->session, decided->session, SP_ID_SIZE);
  memcpy (facts->signed_in_from, decided->signed_in_from, SP_ADDRESS_SIZE);
  memcpy (facts->device, decided->device, SP_ID_SIZE);
  memcpy (facts->group, decided->group, decided->group_length);
  facts->group[decided->group_length] = '\0';
  facts->signed_in = (gint64) MIN (decided->signed_in, (guint64) G_MAXINT64);
  facts->may_tunnel = TRUE;
  if (facts->has_request)
    sp_session_registry_attach (self->sessions, connection);
}

const SpEndpoint *
sp_reception_login_failed (SpReception *self, const SpLoginFailed *failed)
{
  SpConnection *connection = find (self, failed->worker);
  SpConnectionFacts *facts;

  if (connection == NULL)
    return NULL;
  facts = sp_connection_get_facts (connection);
  facts->has_failed = TRUE;
  return &facts->peer;
}

void
sp_reception_drop_strangers (SpReception *self, const SpNetwork *network)
{
  g_autoptr (GPtrArray) all = list_connections (self);

  for (guint i = 0; i < all->len; i++)
    if (is_unknown (all->pdata[i]) &&
        sp_network_contains (network, sp_connection_get_facts (all->pdata[i])->peer.address))
      sp_connection_kill (all->pdata[i]);
}
