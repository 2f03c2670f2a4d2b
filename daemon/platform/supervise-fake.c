/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/supervise.h"

#include "platform/fake.h"

#include "base/io.h"

#include <signal.h>
#include <unistd.h>

#define FIRST_PID 1000000 /* beyond what Linux gives by default: nobody's */

struct _SpRoom
{
  char *program;
  pid_t pid;
  int wall;
  gboolean ended;
  int status;
  GSource *source;
  SpRoomExited exited;
  gpointer user_data;
};

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  GPtrArray *rooms; /* SpRoom, the newest last */
  pid_t n_started;
} world;

static GPtrArray *
get_rooms (void)
{
  if (world.rooms == NULL)
    world.rooms = g_ptr_array_new ();
  return world.rooms;
}

SpRoom *
sp_fake_room_find (const char *program_name)
{
  for (guint i = get_rooms ()->len; i-- > 0;)
    {
      SpRoom *room = g_ptr_array_index (get_rooms (), i);
      if (!room->ended && g_str_equal (room->program, program_name))
        return room;
    }
  return NULL;
}

int
sp_fake_room_get_wall (SpRoom *room)
{
  return room->wall;
}

static gboolean
tell (gpointer data)
{
  SpRoom *room = data;

  g_clear_pointer (&room->source, g_source_unref);
  /* Last: it may free the room. */
  room->exited (room->user_data, room->status);
  return G_SOURCE_REMOVE;
}

void
sp_fake_room_exit (SpRoom *room, int wait_status)
{
  if (room->ended)
    return;
  room->ended = TRUE;
  room->status = wait_status;
  sp_fd_clear (&room->wall);
  room->source = g_idle_source_new ();
  g_source_set_callback (room->source, tell, room, NULL);
  g_source_attach (room->source, g_main_context_get_thread_default ());
}

SpRoom *
sp_room_start (
    const SpRoomPlan *plan, int wall_fd, SpRoomExited exited, gpointer user_data, GError **error)
{
  SpRoom *room;

  if (sp_fake_fails (SP_FAKE_ROOM, error))
    {
      sp_fd_clear (&wall_fd);
      return NULL;
    }
  room = g_new0 (SpRoom, 1);
  room->program = g_path_get_basename (plan->program);
  room->pid = FIRST_PID + world.n_started++;
  room->wall = wall_fd;
  room->exited = exited;
  room->user_data = user_data;
  g_ptr_array_add (get_rooms (), room);
  return room;
}

pid_t
sp_room_get_pid (SpRoom *room)
{
  return room->pid;
}

void
sp_room_kill (SpRoom *room)
{
  sp_fake_room_exit (room, SIGKILL);
}

void
sp_room_free (SpRoom *room)
{
  (void) g_ptr_array_remove (get_rooms (), room);
  if (room->source != NULL)
    {
      g_source_destroy (room->source);
      g_source_unref (room->source);
    }
  sp_fd_clear (&room->wall);
  g_free (room->program);
  g_free (room);
}

gboolean
sp_pidfd_kill (int pidfd, int signal_number, GError **error)
{
  return !sp_fake_fails (SP_FAKE_ROOM, error);
}
