/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reception-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "crowd.h"
#include "platform/listener.h"

#include <string.h>

#define UNSENT_LOW_WATER     (128 * 1024) /* keeps a loaded tunnel's ping low */
#define USER_TIMEOUT_SECONDS 120

#define WAITING_MAX 256
#define LOOK_AGAIN  (G_USEC_PER_SEC / 10) /* while all places are taken */

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

SpConnection *
sp_reception_find (SpReception *self, guint64 worker)
{
  return g_hash_table_lookup (self->connections, &worker);
}

static void
adopt (SpReception *self, SpConnection *connection, const SpWaitingClient *client)
{
  static const SpStreamPlan plan = { .unsent_low_water = UNSENT_LOW_WATER,
                                     .user_timeout_seconds = USER_TIMEOUT_SECONDS };
  const SpConnectionTexts texts = { .stranger_answer = self->stranger_answer,
                                    .login_banner = self->login_banner,
                                    .groups = self->groups };
  g_autoptr (GError) error = NULL;

  if (!sp_stream_configure (client->fd, &plan, &error))
    sp_log (SP_LOG_DEBUG, "reception", "%s", error->message);
  sp_keyholder_client_worker_adopted (self->keyholder, sp_connection_get_facts (connection)->worker,
                                      client->peer.address);
  self->n_adopted++;
  sp_connection_get_facts (connection)->is_forwarded = client->is_forwarded;
  sp_connection_adopt (connection, &client->peer, &client->local, &texts, &self->validation,
                       self->sign_in, client->fd);
  sp_session_registry_expect (self->sessions);
  (void) g_hash_table_insert (
      self->connections,
      g_memdup2 (&sp_connection_get_facts (connection)->worker, sizeof (guint64)), connection);
  (void) g_hash_table_add (self->unknown, connection);
}

/* Who was told to end is nobody's neighbour any more, though it takes a moment. */
static gboolean
is_settled (gpointer connection, gpointer value, gpointer user_data)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  return facts->is_known || facts->is_killed;
}

/* Who is settled stays so. */
static guint
count_places (SpReception *self)
{
  guint n_unknown;

  (void) g_hash_table_foreach_remove (self->unknown, is_settled, NULL);
  n_unknown = g_hash_table_size (self->unknown);
  return self->unknown_max > n_unknown ? self->unknown_max - n_unknown : 0;
}

/* Those who were counted last, and beside each what decides who goes. */
static GPtrArray *
list_unknown (SpReception *self, GArray *ret_strangers)
{
  GPtrArray *unknown = g_ptr_array_new ();
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->unknown);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    {
      const SpConnectionFacts *facts = sp_connection_get_facts (connection);
      SpStranger stranger = { .since = facts->adopted_at };

      stranger.is_met = sp_lobby_has_met (self->lobby, facts->peer.address, now);
      memcpy (stranger.address, facts->peer.address, SP_ADDRESS_SIZE);
      g_ptr_array_add (unknown, connection);
      g_array_append_val (ret_strangers, stranger);
    }
  return unknown;
}

/* A place for the newcomer, at the cost of somebody else if need be; FALSE: it has to wait. */
static gboolean
make_room (SpReception *self, const SpStranger *newcomer)
{
  g_autoptr (GArray) strangers = NULL;
  g_autoptr (GPtrArray) unknown = NULL;
  guint victim;

  if (count_places (self) > 0)
    return TRUE;
  strangers = g_array_new (FALSE, FALSE, sizeof (SpStranger));
  unknown = list_unknown (self, strangers);
  g_array_append_vals (strangers, newcomer, 1);
  victim = sp_crowd_choose_for_last ((SpStranger *) (void *) strangers->data, strangers->len,
                                     g_get_monotonic_time ());
  if (victim == unknown->len)
    return FALSE;
  sp_connection_kill (unknown->pdata[victim]);
  return TRUE;
}

/* Workers for all whose turn it is, as far as there are places for them. */
static void
replenish (SpReception *self)
{
  guint turns = sp_lobby_count_turns (self->lobby, g_get_monotonic_time ());

  sp_worker_pool_fill (self->pool, turns > 0 ? MIN (turns, count_places (self)) : 0);
}

static void serve_waiting (SpReception *self);

static gboolean
turn_cb (gpointer user_data)
{
  SpReception *self = user_data;

  self->turn_timer = 0;
  serve_waiting (self);
  return G_SOURCE_REMOVE;
}

/* Whoever has to wait has nobody else to remind us. */
static void
await_turn (SpReception *self)
{
  gint64 wait = sp_lobby_get_wait (self->lobby, g_get_monotonic_time ());

  if (wait == G_MAXINT64 || self->turn_timer != 0)
    return;
  wait = wait > 0 ? wait : LOOK_AGAIN;
  self->turn_timer = g_timeout_add ((guint) (wait / 1000 + 1), turn_cb, self);
}

static void
serve_waiting (SpReception *self)
{
  gint64 now = g_get_monotonic_time ();
  SpStranger next;

  while (sp_lobby_look (self->lobby, now, &next) && sp_worker_pool_has_ready (self->pool) &&
         make_room (self, &next))
    {
      g_autoptr (SpWaitingClient) client = sp_lobby_take (self->lobby, now);

      adopt (self, sp_worker_pool_take (self->pool), client);
    }
  replenish (self);
  await_turn (self);
}

/* Whatever the door says, it is a client's connection, and from there.  One that is over by now is
 * nobody's, either. */
static gboolean
is_client (SpReception *self, const SpEndpoint *peer, const SpEndpoint *local, int fd)
{
  gboolean good = sp_stream_check (fd, peer, local);
  guint suppressed;

  if (!good && sp_log_throttle (&self->lies, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_NOTICE, "reception",
            "not a client, or gone before it was served (%u more before)", suppressed);
  return good;
}

void
sp_reception_admit (SpReception *self,
                    const SpEndpoint *peer,
                    const SpEndpoint *proxy,
                    const SpEndpoint *local,
                    int *fd)
{
  const SpWaitingClient newcomer = { .peer = *peer,
                                     .local = *local,
                                     .is_forwarded = proxy != NULL };
  g_autoptr (SpWaitingClient) sent_away = NULL;

  if (!is_client (self, proxy != NULL ? proxy : peer, local, *fd))
    {
      sp_door_client_connection_ended (self->door, peer->address, SP_OUTCOME_UNFINISHED);
      return; /* the caller closes it */
    }
  if (!self->is_open)
    return; /* the caller closes it */
  sent_away = sp_lobby_enter (self->lobby, &newcomer, fd, WAITING_MAX, g_get_monotonic_time ());
  if (sent_away != NULL)
    sp_door_client_connection_ended (self->door, sent_away->peer.address, SP_OUTCOME_UNFINISHED);
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
stray_proven (gpointer user_data,
              SpConnection *connection,
              guint32 stray,
              const SpEndpoint *peer,
              const SpEndpoint *local)
{
  sp_session_registry_stray_proven (((SpReception *) user_data)->sessions, connection, stray, peer,
                                    local);
}

/* The worker says what was opened, never from where. */
static void
asked_reach (gpointer user_data, SpConnection *connection, const guint8 *digest)
{
  SpReception *self = user_data;
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  sp_connection_answer_reach (
      connection, sp_reachability_hear (self->reachability, digest, facts->peer.address));
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

static gboolean
is_empty (SpReception *self)
{
  return g_hash_table_size (self->connections) == 0 && sp_worker_pool_is_empty (self->pool);
}

static void
forget (SpReception *self, SpConnection *connection)
{
  (void) g_hash_table_remove (self->unknown, connection);
  (void) g_hash_table_remove (self->connections, &sp_connection_get_facts (connection)->worker);
}

static void
ended (gpointer user_data, SpConnection *connection)
{
  SpReception *self = user_data;
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  sp_log (SP_LOG_DEBUG, "reception", "worker %d is gone: %d %s", (int) facts->pid,
          (int) facts->left, facts->left_text);
  if (!sp_worker_pool_ended (self->pool, connection))
    forget (self, connection);
  sp_keyholder_client_worker_gone (self->keyholder, facts->worker);
  sp_mishap_tally_client (&self->mishaps, facts->left, facts->left_text, g_get_monotonic_time ());
  sp_mishap_tally_packets (&self->mishaps, facts->drops);
  tell_outcome (self, facts);
  sp_session_registry_connection_ended (self->sessions, connection);
  serve_waiting (self);
  if (!self->is_open && is_empty (self))
    tell_stopped (self);
}

static const SpConnectionEvents events = {
  .requested = requested,
  .attached = attached,
  .mtu_changed = mtu_changed,
  .reported = reported,
  .asked_reach = asked_reach,
  .stray_proven = stray_proven,
  .roamed = roamed,
  .association_ended = association_ended,
  .ended = ended,
};

static void
serve_cb (gpointer user_data)
{
  serve_waiting (user_data);
}

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
  self->unknown = g_hash_table_new (NULL, NULL);
  self->lobby = sp_lobby_new ();
  self->pool = sp_worker_pool_new (libexec_folder, keyholder, &events, serve_cb, self);
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
  g_hash_table_unref (self->unknown);
  g_clear_handle_id (&self->turn_timer, g_source_remove);
  sp_lobby_free (self->lobby);
  sp_worker_pool_free (self->pool);
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
  self->unknown_max = unknown_clients_max;
  self->is_open = TRUE;
  if (sp_worker_pool_start (self->pool, wishes, error))
    return TRUE;
  self->is_open = FALSE;
  return FALSE;
}

SpConnection *
sp_reception_resume (SpReception *self, SpKeptSession *kept)
{
  SpConnection *connection = sp_connection_resume (kept, &events, self);

  (void) g_hash_table_insert (self->connections, g_memdup2 (&kept->said.worker, sizeof (guint64)),
                              connection);
  sp_worker_pool_skip (self->pool, kept->said.worker);
  self->last_turn = MAX (self->last_turn, kept->said.turn);
  return connection;
}

void
sp_reception_set_reachability (SpReception *self, SpReachability *reachability)
{
  self->reachability = reachability;
}

void
sp_reception_set_sign_in (SpReception *self, guint8 sign_in)
{
  self->sign_in = sign_in;
}

void
sp_reception_set_validation (SpReception *self, const SpValidation *validation)
{
  self->validation = *validation;
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

guint64
sp_reception_get_n_adopted (SpReception *self)
{
  return self->n_adopted;
}

guint
sp_reception_get_nursery_deaths (SpReception *self)
{
  return sp_worker_pool_get_nursery_deaths (self->pool);
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
  sp_lobby_drop (self->lobby, NULL);
  sp_worker_pool_stop (self->pool);
  for (guint i = 0; i < all->len; i++)
    sp_connection_stop (all->pdata[i], how, text);
  if (is_empty (self))
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

void
sp_reception_certificate_changed (SpReception *self)
{
  sp_worker_pool_certificate_changed (self->pool);
}

void
sp_reception_set_wishes (SpReception *self, const SpNurseryWishes *wishes)
{
  sp_worker_pool_set_wishes (self->pool, wishes);
}

void
sp_reception_keyholder_ready (SpReception *self)
{
  sp_reception_certificate_changed (self);
  serve_waiting (self);
}

/* Those with a client end by themselves when they need the keyholder; those with a tunnel do not
 * need it. */
void
sp_reception_keyholder_lost (SpReception *self)
{
  sp_worker_pool_keyholder_lost (self->pool);
}

void
sp_reception_drop_strangers (SpReception *self, const SpNetwork *network)
{
  g_autoptr (GPtrArray) all = list_connections (self);

  sp_lobby_drop (self->lobby, network);
  for (guint i = 0; i < all->len; i++)
    if (g_hash_table_contains (self->unknown, all->pdata[i]) &&
        !is_settled (all->pdata[i], NULL, NULL) &&
        sp_network_contains (network, sp_connection_get_facts (all->pdata[i])->peer.address))
      sp_connection_kill (all->pdata[i]);
}
