/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-rooms.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "platform/supervise.h"

#include <sys/wait.h>

struct _SpTokenRooms
{
  char *program;
  GHashTable *rooms; /* number → Entry */
};

typedef struct
{
  SpTokenRooms *rooms;
  guint32 number;
  SpRoom *room;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->room, sp_room_free);
  g_free (entry);
}

SpTokenRooms *
sp_token_rooms_new (const char *libexec_folder)
{
  SpTokenRooms *rooms = g_new0 (SpTokenRooms, 1);

  rooms->program = g_build_filename (libexec_folder, SP_ROOM_TOKEN, NULL);
  rooms->rooms = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
  return rooms;
}

void
sp_token_rooms_free (SpTokenRooms *rooms)
{
  if (rooms == NULL)
    return;
  g_hash_table_unref (rooms->rooms);
  g_free (rooms->program);
  g_free (rooms);
}

/* Its wall tells the keyholder, too. */
static void
exited_cb (gpointer user_data, int wait_status)
{
  Entry *entry = user_data;

  if (WIFSIGNALED (wait_status))
    sp_log (SP_LOG_WARNING, "token", "ended by signal %d", WTERMSIG (wait_status));
  else if (WEXITSTATUS (wait_status) != 0)
    sp_log (SP_LOG_WARNING, "token", "ended with status %d", WEXITSTATUS (wait_status));
  (void) g_hash_table_remove (entry->rooms->rooms, GUINT_TO_POINTER (entry->number));
}

static int
start (SpTokenRooms *rooms, Entry *entry, GError **error)
{
  const SpRoomPlan plan = { rooms->program, SP_ACCOUNT_TOKEN, NULL };
  int pair[2];

  if (!sp_socket_pair (pair, error))
    return -1;
  entry->room = sp_room_start (&plan, pair[1], exited_cb, entry, error);
  if (entry->room == NULL)
    sp_fd_clear (&pair[0]);
  return pair[0];
}

int
sp_token_rooms_start (SpTokenRooms *rooms, guint32 number, GError **error)
{
  Entry *entry;
  int wall;

  sp_token_rooms_end (rooms, number);
  if (g_hash_table_size (rooms->rooms) >= SP_TOKEN_ROOMS_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "too many tokens are in use");
      return -1;
    }
  entry = g_new0 (Entry, 1);
  entry->rooms = rooms;
  entry->number = number;
  wall = start (rooms, entry, error);
  if (wall < 0)
    entry_free (entry);
  else
    (void) g_hash_table_insert (rooms->rooms, GUINT_TO_POINTER (number), entry);
  return wall;
}

void
sp_token_rooms_end (SpTokenRooms *rooms, guint32 number)
{
  (void) g_hash_table_remove (rooms->rooms, GUINT_TO_POINTER (number));
}

void
sp_token_rooms_end_all (SpTokenRooms *rooms)
{
  g_hash_table_remove_all (rooms->rooms);
}
