/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostile-room.h"

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "door-sandbox.h"
#include "door.h"
#include "tally.h"
#include "walls/main-door.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A door that can be taken over: the real one in its real sandbox, which does what stands in
 * DEED_FILE (see the table at the end) once somebody connects, and goes on as ever. */

#define DEED_FILE "/run/hostile-door"
#define DEED_MAX  200

static char deed[DEED_MAX]; /* nocheck: read before the sandbox is closed; empty: done */
static GRand *dice;         /* nocheck: likewise */

static const SpMouth to_main_mouth = { SP_WALL_FD, &sp_wall_main_door, SP_MAIN_DOOR_DOOR };

/* say TYPE COUNT */
static void
say (const char *const *arguments)
{
  guint n = 0;

  while (n < sp_hostile_number (arguments[1]) &&
         sp_hostile_say_lie (dice, &to_main_mouth, (guint8) sp_hostile_number (arguments[0]),
                             STDIN_FILENO))
    n++;
  sp_log (SP_LOG_NOTICE, "hostile", "said %u of %s lies", n, arguments[1]);
}

/* babble COUNT */
static void
babble (const char *const *arguments)
{
  sp_log (SP_LOG_NOTICE, "hostile", "said %u times anything",
          sp_hostile_babble (dice, &to_main_mouth, sp_hostile_number (arguments[0])));
}

/* admit COUNT PEER: each of the door's descriptors as if it were a client's connection from there
 */
static void
admit (const char *const *arguments)
{
  SpClientAdmitted message = { .peer_port = 1234, .local_port = 443 };
  const int made[] = { eventfd (0, EFD_CLOEXEC), epoll_create1 (EPOLL_CLOEXEC) };
  int fds[SP_HOSTILE_FDS_MAX];
  guint n_fds = sp_hostile_list_fds (0, fds);
  guint n = 0;

  (void) sp_address_from_text (arguments[1], message.peer_address);
  (void) sp_address_from_text (arguments[1], message.local_address);
  while (
      n < sp_hostile_number (arguments[0]) &&
      sp_hostile_say (&to_main_mouth, SP_MESSAGE_CLIENT_ADMITTED, 0, &message, &fds[n % n_fds], 1))
    n++;
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    (void) close (made[i]);
  sp_log (SP_LOG_NOTICE, "hostile", "admitted %u of %s", n, arguments[0]);
}

/* hello COUNT PEER PORT LOCAL LOCAL_PORT: for each of the first attachments, verified by nobody */
static void
verify_hello (const char *const *arguments)
{
  g_autofree SpHelloVerified *message = g_new0 (SpHelloVerified, 1);
  guint n = 0;

  (void) sp_address_from_text (arguments[1], message->peer_address);
  (void) sp_address_from_text (arguments[3], message->local_address);
  message->peer_port = (guint16) sp_hostile_number (arguments[2]);
  message->local_port = (guint16) sp_hostile_number (arguments[4]);
  message->datagram_length = SP_FIRST_DATAGRAM_MAX;
  for (; n < sp_hostile_number (arguments[0]); n++)
    {
      message->attachment = n % 100;
      if (!sp_hostile_say (&to_main_mouth, SP_MESSAGE_HELLO_VERIFIED, 0, message, NULL, 0))
        break;
    }
  sp_log (SP_LOG_NOTICE, "hostile", "verified %u of %s hellos", n, arguments[0]);
}

/* linger SECONDS: connections of which a copy is main's take that long to close */
static void
make_linger (const char *const *arguments)
{
  struct linger linger = { .l_onoff = 1, .l_linger = (int) sp_hostile_number (arguments[0]) };
  int fds[SP_HOSTILE_FDS_MAX];
  guint n = sp_hostile_list_fds (3, fds);

  for (guint i = 0; i < n; i++)
    (void) setsockopt (fds[i], SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  sp_log (SP_LOG_NOTICE, "hostile", "made %u descriptors linger", n);
}

static const SpHostileDeed deeds[] = {
  { "say", 2, say },
  { "babble", 1, babble },
  { "admit", 2, admit },
  { "hello", 5, verify_hello },
  { "silence", 1, sp_hostile_deed_silence },
  { "send", 2, sp_hostile_deed_send },
  { "linger", 1, make_linger },
  { "call", 1, sp_hostile_deed_call },
};

/* --- where the real door is overheard: see the linker's --wrap --- */

SpSending __real_sp_to_main_send (SpToMain *to_main, guint8 type, gconstpointer message, int fd);
SpSending __wrap_sp_to_main_send (SpToMain *to_main, guint8 type, gconstpointer message, int fd);

SpSending
__wrap_sp_to_main_send (SpToMain *to_main, guint8 type, gconstpointer message, int fd)
{
  g_autofree char *now = g_strdup (deed);

  deed[0] = '\0';
  if (now[0] != '\0')
    {
      sp_hostile_do_deeds (now, deeds, G_N_ELEMENTS (deeds));
      sp_log (SP_LOG_NOTICE, "hostile", "did %s", now);
    }
  return __real_sp_to_main_send (to_main, type, message, fd);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpDoor) door = NULL;

  sp_log_open ("door", SP_LOG_NOTICE);
  (void) signal (SIGPIPE, SIG_IGN);
  sp_hostile_read_deeds (DEED_FILE, deed, sizeof deed);
  if (deed[0] != '\0')
    sp_log (SP_LOG_NOTICE, "hostile", "will %s", deed);
  dice = g_rand_new_with_seed ((guint32) getpid ());
  door = sp_door_new (SP_WALL_FD, &error);
  if (door == NULL || !sp_door_close_sandbox (&error) || !sp_door_run (door, &error))
    {
      sp_log (SP_LOG_ERROR, "door", "%s", error->message);
      return EXIT_FAILURE;
    }
  return EXIT_SUCCESS;
}
