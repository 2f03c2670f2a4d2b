/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-rooms.h"

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/names.h"
#include "platform/service-manager.h"
#include "platform/supervise.h"

#include <signal.h>
#include <sys/wait.h>

/* Those that were ended and are not gone yet count, too: one that hangs in the kernel may take its
 * time. */
#define ROOMS_MAX (2 * SP_PAM_ROOMS_MAX)

struct _SpPamRooms
{
  char *program;
  char *socket; /* the service manager's, or NULL */
  gboolean allowed;
  GHashTable *rooms; /* number → PamRoom */
  SpLogThrottle refusals;
  SpLogThrottle crashes;
};

typedef struct
{
  SpPamRooms *rooms;
  guint64 number;
  SpRoom *room;
  guint deadline; /* source id, 0 = it was ended */
} PamRoom;

static void
end (PamRoom *self)
{
  g_clear_handle_id (&self->deadline, g_source_remove);
  sp_room_kill (self->room);
}

static void
pam_room_free (PamRoom *self)
{
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_pointer (&self->room, sp_room_free);
  g_free (self);
}

SpPamRooms *
sp_pam_rooms_new (const char *libexec_folder, const char *socket)
{
  SpPamRooms *self = g_new0 (SpPamRooms, 1);

  self->program = g_build_filename (libexec_folder, SP_ROOM_PAM, NULL);
  self->socket = g_strdup (socket);
  self->rooms =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) pam_room_free);
  return self;
}

void
sp_pam_rooms_free (SpPamRooms *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->rooms);
  g_free (self->program);
  g_free (self->socket);
  g_free (self);
}

void
sp_pam_rooms_allow (SpPamRooms *self, gboolean allowed)
{
  self->allowed = allowed;
}

/* A module that crashes ends its room alone. */
static void
exited_cb (gpointer user_data, int wait_status)
{
  PamRoom *room = user_data;
  SpPamRooms *self = room->rooms;
  guint suppressed;

  if (WIFSIGNALED (wait_status) && WTERMSIG (wait_status) != SIGKILL &&
      sp_log_throttle (&self->crashes, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "pam", "a sign-in was ended by signal %d (%u more)",
            WTERMSIG (wait_status), suppressed);
  (void) g_hash_table_remove (self->rooms, &room->number);
}

/* The keyholder should have said so long before. */
static gboolean
deadline_cb (gpointer user_data)
{
  PamRoom *room = user_data;

  room->deadline = 0;
  end (room);
  return G_SOURCE_REMOVE;
}

static gboolean
may_start (SpPamRooms *self, guint64 number, GError **error)
{
  if (self->allowed && g_hash_table_size (self->rooms) < ROOMS_MAX &&
      !g_hash_table_contains (self->rooms, &number))
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_BUSY,
                       self->allowed ? "too many sign-ins are going on" : "nobody signs in by PAM");
  return FALSE;
}

/* `wall` is closed in any case. */
static gboolean
start (SpPamRooms *self, guint64 number, int wall, GError **error)
{
  const SpRoomPlan plan = { .program = self->program, .foreign = TRUE };
  PamRoom *room;

  if (!may_start (self, number, error))
    {
      sp_fd_clear (&wall);
      return FALSE;
    }
  room = g_new0 (PamRoom, 1);
  room->rooms = self;
  room->number = number;
  room->room = sp_room_start (&plan, wall, exited_cb, room, error);
  if (room->room == NULL)
    {
      g_free (room);
      return FALSE;
    }
  room->deadline = g_timeout_add_seconds (SP_PAM_ROOM_SECONDS, deadline_cb, room);
  (void) g_hash_table_insert (self->rooms, &room->number, room);
  return TRUE;
}

static int
start_own (SpPamRooms *self, guint64 number, GError **error)
{
  sp_autofd int end = -1;
  int pair[2];

  if (!sp_socket_pair (pair, error))
    return -1;
  end = pair[0];
  return start (self, number, pair[1], error) ? sp_fd_steal (&end) : -1;
}

/* How many there may be, and for how long, says the unit. */
static int
call (SpPamRooms *self, GError **error)
{
  if (self->allowed)
    return sp_service_manager_call (self->socket, error);
  g_set_error_literal (error, SP_ERROR, SP_ERROR_BUSY, "nobody signs in by PAM");
  return -1;
}

static int
open_empty_wall (void)
{
  int pair[2] = { -1, -1 };

  (void) sp_socket_pair (pair, NULL);
  sp_fd_clear (&pair[1]);
  return pair[0];
}

int
sp_pam_rooms_start (SpPamRooms *self, guint64 number)
{
  g_autoptr (GError) error = NULL;
  int wall = self->socket != NULL ? call (self, &error) : start_own (self, number, &error);
  guint suppressed;

  if (wall >= 0)
    return wall;
  if (sp_log_throttle (&self->refusals, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_ERROR, "pam", "cannot be asked: %s (%u more)", error->message, suppressed);
  return open_empty_wall ();
}

void
sp_pam_rooms_end (SpPamRooms *self, guint64 number)
{
  PamRoom *room = g_hash_table_lookup (self->rooms, &number);

  if (room != NULL)
    end (room);
}

void
sp_pam_rooms_end_all (SpPamRooms *self)
{
  GHashTableIter iter;
  gpointer room;

  g_hash_table_iter_init (&iter, self->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &room))
    end (room);
}
