/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-room.h"

#include "base/io.h"
#include "base/names.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60000 /* milliseconds */

static void
become_courier (int wall)
{
  char *const arguments[] = { (char *) SP_ROOM_COURIER, NULL };
  /* the leak checker crashes at threads that GIO keeps */
  char *const environment[] = { (char *) "ASAN_OPTIONS=detect_leaks=0", NULL };

  if (dup2 (wall, SP_WALL_FD) < 0)
    _exit (126);
  (void) close_range (SP_WALL_FD + 1, ~0U, 0);
  (void) execve (g_getenv ("SALLYPORT_COURIER"), arguments, environment);
  _exit (127);
}

void
room_start (Room *room)
{
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  room->pid = fork ();
  g_assert_cmpint (room->pid, >=, 0);
  if (room->pid == 0)
    become_courier (pair[1]);
  sp_fd_clear (&pair[1]);
  room->wall = pair[0];
  sp_permit_init (&room->permit, &sp_wall_main_courier, SP_MAIN_COURIER_MAIN);
  sp_permit_enter (&room->permit, SP_MAIN_COURIER_ABROAD);
}

void
room_await (Room *room, gpointer ret, gsize size)
{
  struct pollfd readable = { .fd = room->wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (room->wall, &room->permit, envelope, &error);
  g_assert_no_error (error);
  memcpy (ret, envelope->message.bytes, size);
  sp_envelope_clear (envelope);
}

void
room_end (Room *room)
{
  int status;

  g_assert_cmpint (waitpid (room->pid, &status, 0), ==, room->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  sp_fd_clear (&room->wall);
}
