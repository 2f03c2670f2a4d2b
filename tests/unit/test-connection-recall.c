/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A worker that says that it gave the TUN back, and lives on: the test is its mouth, a child of the
 * test its process. */

typedef struct
{
  SpConnection *connection; /* NULL once it ended */
  int wall;                 /* the worker's end */
  int client;               /* the other end of its client's connection */
  pid_t worker;
  gboolean was_alive; /* when main took the loan back */
} Fixture;

static void
ignore (gpointer user_data, SpConnection *connection)
{
}

static void
ignore_mtu (gpointer user_data, SpConnection *connection, guint32 mtu)
{
}

static void
ended (gpointer user_data, SpConnection *connection)
{
  Fixture *self = user_data;
  siginfo_t end = { .si_pid = 0 };

  g_assert_cmpint (waitid (P_PID, (id_t) self->worker, &end, WEXITED | WNOHANG | WNOWAIT), ==, 0);
  self->was_alive = end.si_pid == 0;
  self->connection = NULL;
}

static const SpConnectionEvents events = {
  .requested = ignore,
  .attached = ignore_mtu,
  .mtu_changed = ignore_mtu,
  .ended = ended,
};

static void
say (Fixture *self, guint8 type, gconstpointer message)
{
  g_autoptr (GError) error = NULL;

  sp_channel_send (self->wall, &sp_wall_main_worker, type, 0, message, NULL, 0, &error);
  g_assert_no_error (error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static pid_t
start_stubborn_process (void)
{
  pid_t child = fork ();

  while (child == 0)
    (void) pause ();
  g_assert_cmpint (child, >, 0);
  return child;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  SpEndpoint peer = { .port = 4000 };
  SpEndpoint local = { .port = 443 };
  const SpValidation none = { 0 };
  const SpConnectionTexts texts = { .stranger_answer = "", .login_banner = "", .groups = "" };
  g_autofree SpTunnelGranted *granted = g_new0 (SpTunnelGranted, 1);
  const SpTunnelRequested requested = { 0 };
  const SpAttached attached = { 0 };
  int walls[2];
  int stream[2];
  sp_autofd int fd = -1;

  g_assert_true (sp_socket_pair (walls, NULL));
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream), ==, 0);
  fd = stream[0];
  self->wall = walls[1];
  self->client = stream[1];
  self->worker = start_stubborn_process ();
  self->connection = sp_connection_new (1, walls[0], &events, self);
  sp_connection_forked (self->connection, self->worker, pidfd_open (self->worker, 0));
  sp_connection_adopt (self->connection, &peer, &local, &texts, &none, SP_ADOPT_PASSWORDS, fd);
  say (self, SP_MESSAGE_TUNNEL_REQUESTED, &requested);
  sp_connection_grant (self->connection, granted, fd);
  say (self, SP_MESSAGE_ATTACHED, &attached);
  sp_connection_recall (self->connection);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  (void) kill (self->worker, SIGKILL);
  (void) waitpid (self->worker, NULL, 0);
  g_clear_pointer (&self->connection, sp_connection_free);
  sp_fd_clear (&self->wall);
  sp_fd_clear (&self->client);
}

static void
await_end (Fixture *self)
{
  while (self->connection != NULL)
    (void) g_main_context_iteration (NULL, TRUE);
}

/* Its word is not the end of the loan: that is the end of its process, which its word hastens. */
static void
test_word (Fixture *self, gconstpointer data)
{
  const SpRecalled recalled = { 0 };

  say (self, SP_MESSAGE_RECALLED, &recalled);
  await_end (self);
  g_assert_false (self->was_alive);
}

/* Not read by anybody here, the client's bytes would make a reset of the end. */
static void
test_last_words (Fixture *self, gconstpointer data)
{
  const SpRecalled recalled = { 0 };
  char byte = 'x';

  g_assert_cmpint (send (self->client, &byte, 1, 0), ==, 1);
  say (self, SP_MESSAGE_RECALLED, &recalled);
  await_end (self);
  g_assert_cmpint (recv (self->client, &byte, 1, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  /* It is not kept for ever.  (The worker's own is on its way to it.) */
  sp_fd_clear (&self->wall);
  while (recv (self->client, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
    (void) g_main_context_iteration (NULL, TRUE);
}

#define ADD(name, test_)                                                                           \
  g_test_add ("/connection-recall/" name, Fixture, NULL, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("word", test_word);
  ADD ("last-words", test_last_words);
  return g_test_run ();
}
