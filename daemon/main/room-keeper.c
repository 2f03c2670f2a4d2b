/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room-keeper.h"

#include "base/io.h"
#include "base/log.h"
#include "platform/supervise.h"

#include <sys/wait.h>

#define PAUSE_FIRST_MILLISECONDS 20
#define PAUSE_MOST_MILLISECONDS  5000
#define STEADY_MICROSECONDS      (10 * G_USEC_PER_SEC) /* after that a death counts as a first one */

struct _SpRoomKeeper
{
  const SpRoomRecipe *recipe;
  char *program;
  char *folder;
  gpointer user_data;
  SpRoom *room;
  SpLink *link;
  gint64 started_at;
  guint n_deaths;
  guint pause;         /* milliseconds before the next start */
  guint restart_timer; /* source id, 0 = none */
};

static void schedule_restart (SpRoomKeeper *keeper);

/* The one place where a room's end is noticed, whichever sign of it comes first. */
static void
room_is_gone (SpRoomKeeper *keeper)
{
  g_clear_pointer (&keeper->room, sp_room_free);
  g_clear_pointer (&keeper->link, sp_link_free);
  schedule_restart (keeper);
  keeper->recipe->lost (keeper->user_data);
}

static void
exited_cb (gpointer user_data, int wait_status)
{
  SpRoomKeeper *keeper = user_data;

  if (WIFSIGNALED (wait_status))
    sp_log (SP_LOG_WARNING, keeper->recipe->name, "ended by signal %d", WTERMSIG (wait_status));
  else
    sp_log (SP_LOG_WARNING, keeper->recipe->name, "ended with status %d",
            WEXITSTATUS (wait_status));
  keeper->n_deaths++;
  room_is_gone (keeper);
}

void
sp_room_keeper_wall_closed (SpRoomKeeper *keeper, const GError *error)
{
  sp_log (SP_LOG_WARNING, keeper->recipe->name, "%s", error->message);
  keeper->n_deaths++;
  room_is_gone (keeper);
}

static gboolean
start_room (SpRoomKeeper *keeper, GError **error)
{
  const SpRoomRecipe *recipe = keeper->recipe;
  const SpRoomPlan plan = { .program = keeper->program,
                            .account = recipe->account,
                            .folder = keeper->folder,
                            .bound_early = recipe->bound_early };
  int pair[2];

  if (!sp_socket_pair (pair, error))
    return FALSE;
  keeper->room = sp_room_start (&plan, pair[1], exited_cb, keeper, error);
  if (keeper->room == NULL)
    {
      sp_fd_clear (&pair[0]);
      return FALSE;
    }
  keeper->started_at = g_get_monotonic_time ();
  keeper->link = sp_link_new (pair[0], recipe->wall, 0, recipe->table, keeper->user_data);
  sp_log (SP_LOG_DEBUG, recipe->name, "started as process %d",
          (int) sp_room_get_pid (keeper->room));
  recipe->started (keeper->user_data, keeper->link);
  return TRUE;
}

static gboolean
restart_cb (gpointer user_data)
{
  SpRoomKeeper *keeper = user_data;
  g_autoptr (GError) error = NULL;

  keeper->restart_timer = 0;
  if (!start_room (keeper, &error))
    {
      sp_log (SP_LOG_ERROR, keeper->recipe->name, "cannot be started: %s", error->message);
      schedule_restart (keeper);
    }
  return G_SOURCE_REMOVE;
}

static void
schedule_restart (SpRoomKeeper *keeper)
{
  if (g_get_monotonic_time () - keeper->started_at > STEADY_MICROSECONDS)
    keeper->pause = PAUSE_FIRST_MILLISECONDS;
  if (keeper->restart_timer == 0)
    keeper->restart_timer = g_timeout_add (keeper->pause, restart_cb, keeper);
  keeper->pause = CLAMP (2 * keeper->pause, PAUSE_FIRST_MILLISECONDS, PAUSE_MOST_MILLISECONDS);
}

SpRoomKeeper *
sp_room_keeper_new (const SpRoomRecipe *recipe,
                    const char *libexec_folder,
                    const char *folder,
                    gpointer user_data)
{
  SpRoomKeeper *keeper = g_new0 (SpRoomKeeper, 1);

  keeper->recipe = recipe;
  keeper->program = g_build_filename (libexec_folder, recipe->program, NULL);
  keeper->folder = g_strdup (folder);
  keeper->user_data = user_data;
  return keeper;
}

gboolean
sp_room_keeper_start (SpRoomKeeper *keeper, GError **error)
{
  g_return_val_if_fail (keeper->room == NULL, FALSE);
  keeper->pause = PAUSE_FIRST_MILLISECONDS;
  return start_room (keeper, error);
}

void
sp_room_keeper_stop (SpRoomKeeper *keeper)
{
  g_clear_handle_id (&keeper->restart_timer, g_source_remove);
  g_clear_pointer (&keeper->room, sp_room_free);
  g_clear_pointer (&keeper->link, sp_link_free);
}

guint
sp_room_keeper_get_deaths (SpRoomKeeper *keeper)
{
  return keeper->n_deaths;
}

SpLink *
sp_room_keeper_get_link (SpRoomKeeper *keeper)
{
  return keeper->link;
}

void
sp_room_keeper_replace (SpRoomKeeper *keeper)
{
  keeper->pause = 0;
  room_is_gone (keeper);
}

void
sp_room_keeper_free (SpRoomKeeper *keeper)
{
  if (keeper == NULL)
    return;
  sp_room_keeper_stop (keeper);
  g_free (keeper->program);
  g_free (keeper->folder);
  g_free (keeper);
}
