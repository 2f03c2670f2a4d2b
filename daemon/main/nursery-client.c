/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nursery-client.h"

#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "platform/room-log.h"
#include "room-keeper.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct _SpNurseryClient
{
  SpRoomKeeper *keeper;
  const SpNurseryEvents *events;
  gpointer user_data;
  SpEquip *equip;
  GHashTable *asked;  /* workers not forked yet: guint64 * → nothing */
  SpRoomLogSet *logs; /* of the workers; NULL before the first */
  guint forks;
  SpLogThrottle crashes;
};

static void
answered (SpNurseryClient *self, guint64 worker)
{
  (void) g_hash_table_remove (self->asked, &worker);
}

static void
on_worker_forked (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpNurseryClient *self = user_data;
  const SpWorkerForked *forked = message;

  answered (self, forked->worker);
  self->events->worker_forked (self->user_data, forked->worker, (pid_t) forked->pid, &fds[0]);
}

static void
on_fork_failed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpNurseryClient *self = user_data;
  const SpForkFailed *failed = message;

  sp_log (SP_LOG_ERROR, "nursery", "cannot fork: %s", g_strerror ((int) failed->error));
  answered (self, failed->worker);
  self->events->worker_failed (self->user_data, failed->worker);
}

/* A worker that the kernel ended has a mistake in it, or was taken over: SIGKILL is main's own. */
static gboolean
has_crashed (guint32 status)
{
  return WIFSIGNALED ((int) status) && WTERMSIG ((int) status) != SIGKILL;
}

/* The next worker that is asked for comes from another. */
static void
wear_out (SpNurseryClient *self)
{
  self->forks = SP_NURSERY_FORKS_MAX;
}

/* Not for who it was, which its pidfd tells, whoever is the worker's parent by then.  A crash may
 * be somebody's guess at where things are in memory: the next guess is about another layout. */
static void
on_worker_exited (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpNurseryClient *self = user_data;
  const SpWorkerExited *exited = message;
  guint suppressed;

  if (exited->status != 0)
    sp_log (SP_LOG_DEBUG, "nursery", "worker %" G_GUINT64_FORMAT " ended with wait status %u",
            exited->worker, exited->status);
  if (!has_crashed (exited->status))
    return;
  wear_out (self);
  if (sp_log_throttle (&self->crashes, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "nursery",
            "a worker crashed by signal %d (%u more in the minutes before)",
            WTERMSIG ((int) exited->status), suppressed);
  self->events->worker_crashed (self->user_data);
}

static void
on_closed (gpointer user_data, const GError *error)
{
  SpNurseryClient *self = user_data;

  sp_room_keeper_wall_closed (self->keeper, error);
}

static const SpLinkTable from_nursery = {
  .handlers = {
    [SP_MESSAGE_WORKER_FORKED] = on_worker_forked,
    [SP_MESSAGE_FORK_FAILED] = on_fork_failed,
    [SP_MESSAGE_WORKER_EXITED] = on_worker_exited,
  },
  .closed = on_closed,
};

static void
started (gpointer user_data, SpLink *link)
{
  SpNurseryClient *self = user_data;

  self->forks = 0;
  sp_link_send (link, SP_MESSAGE_EQUIP, self->equip, NULL, 0);
  sp_link_enter (link, SP_MAIN_NURSERY_READY);
  self->events->ready (self->user_data);
}

static void
lost (gpointer user_data)
{
  SpNurseryClient *self = user_data;
  g_autoptr (GHashTable) asked = g_steal_pointer (&self->asked);
  GHashTableIter iter;
  gpointer worker;

  self->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, asked);
  while (g_hash_table_iter_next (&iter, &worker, NULL))
    self->events->worker_failed (self->user_data, *(guint64 *) worker);
}

static const SpRoomRecipe recipe = {
  .name = "nursery",
  .program = SP_ROOM_NURSERY,
  .account = SP_ACCOUNT_WORKER,
  .bound_early = TRUE,
  .wall = &sp_wall_main_nursery,
  .table = &from_nursery,
  .started = started,
  .lost = lost,
};

SpNurseryClient *
sp_nursery_client_new (const char *libexec_folder,
                       const SpNurseryEvents *events,
                       gpointer user_data)
{
  SpNurseryClient *self = g_new0 (SpNurseryClient, 1);

  self->events = events;
  self->user_data = user_data;
  self->equip = g_new0 (SpEquip, 1);
  self->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->keeper = sp_room_keeper_new (&recipe, libexec_folder, NULL, self);
  return self;
}

guint
sp_nursery_client_get_deaths (SpNurseryClient *self)
{
  return sp_room_keeper_get_deaths (self->keeper);
}

void
sp_nursery_client_free (SpNurseryClient *self)
{
  if (self == NULL)
    return;
  sp_room_keeper_free (self->keeper);
  g_hash_table_unref (self->asked);
  g_clear_pointer (&self->logs, sp_room_log_set_free);
  g_free (self->equip);
  g_free (self);
}

gboolean
sp_nursery_client_set_chain (SpNurseryClient *self, const guint8 *chain, gsize chain_size)
{
  g_return_val_if_fail (chain_size <= SP_CERTIFICATE_CHAIN_MAX, FALSE);
  if (self->equip->chain_length == chain_size &&
      memcmp (self->equip->chain, chain, chain_size) == 0)
    return FALSE;
  memcpy (self->equip->chain, chain, chain_size);
  self->equip->chain_length = (guint16) chain_size;
  wear_out (self);
  return TRUE;
}

gboolean
sp_nursery_client_set_wishes (SpNurseryClient *self, const SpNurseryWishes *wishes)
{
  SpEquip *equip = self->equip;
  guint16 size = (guint16) MIN (wishes->authority_size, SP_CERTIFICATE_MAX);
  guint8 tls13 = wishes->tls13 ? 1 : 0;

  if (equip->log_level == (guint8) wishes->log_level && equip->tls13 == tls13 &&
      equip->authority_length == size && memcmp (equip->authority, wishes->authority, size) == 0)
    return FALSE;
  equip->log_level = (guint8) wishes->log_level;
  equip->tls13 = tls13;
  equip->authority_length = size;
  memcpy (equip->authority, wishes->authority, size);
  wear_out (self);
  return TRUE;
}

gboolean
sp_nursery_client_start (SpNurseryClient *self,
                         const guint8 *chain,
                         gsize chain_size,
                         const SpNurseryWishes *wishes,
                         GError **error)
{
  (void) sp_nursery_client_set_chain (self, chain, chain_size);
  (void) sp_nursery_client_set_wishes (self, wishes);
  return sp_room_keeper_start (self->keeper, error);
}

void
sp_nursery_client_stop (SpNurseryClient *self)
{
  sp_room_keeper_stop (self->keeper);
  g_hash_table_remove_all (self->asked);
}

/* A worker's standard error; -1 when there is none, which is in the log. */
static int
open_log (SpNurseryClient *self)
{
  g_autoptr (GError) error = NULL;
  int fd = -1;

  if (self->logs == NULL)
    self->logs = sp_room_log_set_new (SP_TITLE_WORKER, &error);
  if (self->logs != NULL)
    fd = sp_room_log_set_open (self->logs, &error);
  if (fd < 0)
    sp_log (SP_LOG_ERROR, "nursery", "no worker: %s", error->message);
  return fd;
}

gboolean
sp_nursery_client_fork (SpNurseryClient *self, guint64 worker, int wall_main, int wall_keyholder)
{
  SpForkWorker message = { .worker = worker };
  sp_autofd int log = -1;
  SpLink *link = sp_room_keeper_get_link (self->keeper);

  /* A worn-out nursery is asked for no more, and goes once nothing that was asked of it is open;
   * its workers live on. */
  if (link != NULL && self->forks >= SP_NURSERY_FORKS_MAX)
    {
      if (g_hash_table_size (self->asked) == 0)
        sp_room_keeper_replace (self->keeper);
      return FALSE;
    }
  if (link == NULL || (log = open_log (self)) < 0 ||
      sp_link_ask (link, SP_MESSAGE_FORK_WORKER, &message,
                   (const int[]){ wall_main, wall_keyholder, log }, 3) == 0)
    return FALSE;
  self->forks++;
  (void) g_hash_table_add (self->asked, g_memdup2 (&worker, sizeof worker));
  return TRUE;
}
