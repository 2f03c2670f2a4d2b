/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-pool.h"

#include "base/io.h"
#include "base/limits.h"
#include "hiring-pace.h"

struct _SpWorkerPool
{
  SpKeyholderClient *keyholder;
  SpNurseryClient *nursery;
  SpHiringPace *pace;
  GHashTable *workers; /* guint64 * → SpConnection, freed by itself when it ends */
  guint64 last_worker;
  guint generation; /* of those that would do: how often they were replaced */
  gboolean is_open;
  const SpConnectionEvents *events;
  void (*changed) (gpointer user_data);
  gpointer user_data;
};

static SpConnection *
find (SpWorkerPool *self, guint64 worker)
{
  return g_hash_table_lookup (self->workers, &worker);
}

static void
forget (SpWorkerPool *self, SpConnection *connection)
{
  (void) g_hash_table_remove (self->workers, &sp_connection_get_facts (connection)->worker);
}

static gboolean
would_do (SpWorkerPool *self, SpConnection *connection)
{
  return sp_connection_get_facts (connection)->generation == self->generation;
}

static SpConnection *
find_ready (SpWorkerPool *self)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->workers);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    if (would_do (self, connection) && sp_connection_is_idle (connection))
      return connection;
  return NULL;
}

/* Ready, or asked for. */
static guint
count_coming (SpWorkerPool *self)
{
  GHashTableIter iter;
  gpointer connection;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->workers);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    n += would_do (self, connection);
  return n;
}

/* Its process was never there. */
static void
drop (SpWorkerPool *self, SpConnection *connection)
{
  sp_keyholder_client_worker_gone (self->keyholder, sp_connection_get_facts (connection)->worker);
  forget (self, connection);
  sp_connection_free (connection);
}

/* Takes main's end of its wall. */
static SpConnection *
expect (SpWorkerPool *self, int wall_main)
{
  guint64 worker = ++self->last_worker;
  SpConnection *connection = sp_connection_new (worker, wall_main, self->events, self->user_data);

  sp_connection_get_facts (connection)->generation = self->generation;
  (void) g_hash_table_insert (self->workers, g_memdup2 (&worker, sizeof worker), connection);
  return connection;
}

/* Asks for one more worker; FALSE if that is not possible now. */
static gboolean
hire (SpWorkerPool *self)
{
  int wall_main[2] = { -1, -1 };
  int wall_keyholder[2] = { -1, -1 };
  SpConnection *connection;
  gboolean asked;

  if (!sp_keyholder_client_is_ready (self->keyholder) || !sp_socket_pair (wall_main, NULL) ||
      !sp_socket_pair (wall_keyholder, NULL))
    {
      sp_fd_clear (&wall_main[0]);
      sp_fd_clear (&wall_main[1]);
      return FALSE;
    }
  connection = expect (self, wall_main[0]);
  sp_keyholder_client_worker_started (self->keyholder, self->last_worker,
                                      sp_keyholder_client_get_certificate (self->keyholder)->pin,
                                      wall_keyholder[1]);
  asked =
      sp_nursery_client_fork (self->nursery, self->last_worker, wall_main[1], wall_keyholder[0]);
  sp_fd_clear (&wall_main[1]);
  sp_fd_clear (&wall_keyholder[0]);
  sp_fd_clear (&wall_keyholder[1]);
  if (!asked)
    drop (self, connection);
  return asked;
}

void
sp_worker_pool_fill (SpWorkerPool *self, guint n_clients)
{
  guint ahead = sp_hiring_pace_may_hire_ahead (self->pace) ? SP_WORKERS_READY : 0;
  guint n_coming = count_coming (self);

  if (!self->is_open)
    return;
  while (n_coming < ahead + n_clients && hire (self))
    n_coming++;
}

gboolean
sp_worker_pool_has_ready (SpWorkerPool *self)
{
  return find_ready (self) != NULL;
}

SpConnection *
sp_worker_pool_take (SpWorkerPool *self)
{
  SpConnection *connection = find_ready (self);

  if (connection != NULL)
    forget (self, connection);
  return connection;
}

gboolean
sp_worker_pool_ended (SpWorkerPool *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  if (find (self, facts->worker) == NULL)
    return FALSE;
  if (self->is_open && !facts->is_killed)
    sp_hiring_pace_fail (self->pace);
  forget (self, connection);
  return TRUE;
}

void
sp_worker_pool_skip (SpWorkerPool *self, guint64 worker)
{
  self->last_worker = MAX (self->last_worker, worker);
}

gboolean
sp_worker_pool_is_empty (SpWorkerPool *self)
{
  return g_hash_table_size (self->workers) == 0;
}

/* --- replacing --- */

/* Those of this moment: what is done to one may end others. */
static GPtrArray *
list (SpWorkerPool *self)
{
  GPtrArray *all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->workers);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    g_ptr_array_add (all, connection);
  return all;
}

static void
kill_all (SpWorkerPool *self)
{
  g_autoptr (GPtrArray) all = list (self);

  for (guint i = 0; i < all->len; i++)
    sp_connection_kill (all->pdata[i]);
}

/* Those that wait are of the nursery of before. */
static void
replace (SpWorkerPool *self)
{
  self->generation++;
  kill_all (self);
  self->changed (self->user_data);
}

void
sp_worker_pool_certificate_changed (SpWorkerPool *self)
{
  const SpPrepared *certificate = sp_keyholder_client_get_certificate (self->keyholder);

  if (self->is_open &&
      sp_nursery_client_set_chain (self->nursery, certificate->chain, certificate->chain_length))
    replace (self);
}

void
sp_worker_pool_set_wishes (SpWorkerPool *self, const SpNurseryWishes *wishes)
{
  if (self->is_open && sp_nursery_client_set_wishes (self->nursery, wishes))
    replace (self);
}

void
sp_worker_pool_keyholder_lost (SpWorkerPool *self)
{
  kill_all (self);
}

/* --- what the nursery says --- */

static void
worker_forked (gpointer user_data, guint64 worker, pid_t pid, int *pidfd)
{
  SpWorkerPool *self = user_data;
  SpConnection *connection = find (self, worker);

  if (connection == NULL)
    return; /* without its walls it ends by itself */
  sp_connection_forked (connection, pid, sp_fd_steal (pidfd));
  if (!would_do (self, connection))
    sp_connection_kill (connection);
  self->changed (self->user_data);
}

static void
worker_failed (gpointer user_data, guint64 worker)
{
  SpWorkerPool *self = user_data;
  SpConnection *connection = find (self, worker);

  if (connection != NULL)
    drop (self, connection);
}

static void
worker_crashed (gpointer user_data)
{
  replace (user_data);
}

static void
changed_cb (gpointer user_data)
{
  SpWorkerPool *self = user_data;

  self->changed (self->user_data);
}

static const SpNurseryEvents nursery_events = {
  .worker_forked = worker_forked,
  .worker_failed = worker_failed,
  .worker_crashed = worker_crashed,
  .ready = changed_cb,
};

/* --- its life --- */

SpWorkerPool *
sp_worker_pool_new (const char *libexec_folder,
                    SpKeyholderClient *keyholder,
                    const SpConnectionEvents *events,
                    void (*changed) (gpointer user_data),
                    gpointer user_data)
{
  SpWorkerPool *self = g_new0 (SpWorkerPool, 1);

  self->keyholder = keyholder;
  self->events = events;
  self->changed = changed;
  self->user_data = user_data;
  self->workers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->pace = sp_hiring_pace_new (changed_cb, self);
  self->nursery = sp_nursery_client_new (libexec_folder, &nursery_events, self);
  return self;
}

void
sp_worker_pool_free (SpWorkerPool *self)
{
  GHashTableIter iter;
  gpointer connection;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->workers);
  while (g_hash_table_iter_next (&iter, NULL, &connection))
    sp_connection_free (connection);
  g_hash_table_unref (self->workers);
  sp_hiring_pace_free (self->pace);
  sp_nursery_client_free (self->nursery);
  g_free (self);
}

gboolean
sp_worker_pool_start (SpWorkerPool *self, const SpNurseryWishes *wishes, GError **error)
{
  const SpPrepared *certificate = sp_keyholder_client_get_certificate (self->keyholder);

  self->is_open = TRUE;
  if (sp_nursery_client_start (self->nursery, certificate->chain, certificate->chain_length, wishes,
                               error))
    return TRUE;
  self->is_open = FALSE;
  return FALSE;
}

void
sp_worker_pool_stop (SpWorkerPool *self)
{
  g_autoptr (GPtrArray) all = list (self);

  self->is_open = FALSE;
  sp_nursery_client_stop (self->nursery);
  for (guint i = 0; i < all->len; i++)
    if (sp_connection_get_facts (all->pdata[i])->pid == 0)
      drop (self, all->pdata[i]); /* its fork will not be reported any more */
    else
      sp_connection_kill (all->pdata[i]);
}

guint
sp_worker_pool_get_nursery_deaths (SpWorkerPool *self)
{
  return sp_nursery_client_get_deaths (self->nursery);
}
