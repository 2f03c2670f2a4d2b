/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "house.h"

#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#define PATIENCE_MILLISECONDS 10000

typedef struct
{
  SpHouse *house;
  struct
  {
    int main;
    int keyholder;
  } walls[SP_NURSERY_FORKS_MAX + 1]; /* our ends: a worker lives as long as they do */
  guint n_walls;
  SpEnvelope envelope;
} Fixture;

/* Two descriptors a worker. */
static void
allow_descriptors (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  allow_descriptors ();
  fixture->house = sp_house_new ();
}

static void
close_last (Fixture *fixture)
{
  fixture->n_walls--;
  sp_fd_clear (&fixture->walls[fixture->n_walls].main);
  sp_fd_clear (&fixture->walls[fixture->n_walls].keyholder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  while (fixture->n_walls > 0)
    close_last (fixture);
  sp_house_free (fixture->house);
}

/* Asks for a worker and returns the type of the answer, which must be allowed.  `log`: its standard
 * error. */
static guint8
fork_one_with_log (Fixture *fixture, int log)
{
  SpHouse *house = fixture->house;
  SpForkWorker question = { .worker = ++house->last_worker };
  struct pollfd ready = { .fd = house->wall, .events = POLLIN };
  g_autoptr (GError) error = NULL;
  guint8 type;
  int wall_main[2];
  int wall_keyholder[2];

  g_assert_true (sp_socket_pair (wall_main, NULL));
  g_assert_true (sp_socket_pair (wall_keyholder, NULL));
  g_assert_true (sp_channel_send (house->wall, &sp_wall_main_nursery, SP_MESSAGE_FORK_WORKER,
                                  sp_permit_ask (&house->permit, SP_MESSAGE_FORK_WORKER), &question,
                                  (const int[]){ wall_main[1], wall_keyholder[0], log }, 3,
                                  &error));
  fixture->walls[fixture->n_walls].main = wall_main[0];
  fixture->walls[fixture->n_walls++].keyholder = wall_keyholder[1];
  sp_fd_clear (&wall_main[1]);
  sp_fd_clear (&wall_keyholder[0]);
  g_assert_cmpint (poll (&ready, 1, PATIENCE_MILLISECONDS), ==, 1);
  (void) sp_channel_receive (house->wall, &house->permit, &fixture->envelope, &error);
  g_assert_no_error (error);
  type = fixture->envelope.header.type;
  sp_envelope_clear (&fixture->envelope);
  return type;
}

static guint8
fork_one (Fixture *fixture)
{
  return fork_one_with_log (fixture, STDERR_FILENO);
}

/* Each worker says what it says where nobody else does. */
static void
test_logs (Fixture *fixture, gconstpointer data)
{
  int logs[2][2];
  char said[1000];

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (pipe2 (logs[i], O_CLOEXEC), ==, 0);
      g_assert_cmpint (fork_one_with_log (fixture, logs[i][1]), ==, SP_MESSAGE_WORKER_FORKED);
      sp_fd_clear (&logs[i][1]);
    }
  /* No message of any wall: the second complains, and ends. */
  g_assert_cmpint (write (fixture->walls[fixture->n_walls - 1].main, "?", 1), ==, 1);
  for (guint i = 2; i-- > 0; close_last (fixture))
    {
      ssize_t size = read (logs[i][0], said, sizeof said);
      g_autofree char *text = g_strndup (said, (gsize) MAX (size, 0));

      g_assert_cmpint (size, >=, 0);
      g_test_message ("%u: %s", i, text);
      g_assert_cmpint (g_str_has_prefix (text, "worker["), ==, i == 1);
      sp_fd_clear (&logs[i][0]);
      if (i == 1)
        sp_fd_clear (&fixture->walls[0].main);
    }
}

/* A nursery that has as many children as it may says so, and goes on: it is an answer, so the
 * question is closed, however often it happens. */
static void
test_full (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < SP_NURSERY_FORKS_MAX; i++)
    g_assert_cmpint (fork_one (fixture), ==, SP_MESSAGE_WORKER_FORKED);
  for (guint i = 0; i < 2 * SP_QUESTIONS_MAX; i++)
    {
      g_assert_cmpint (fork_one (fixture), ==, SP_MESSAGE_FORK_FAILED);
      close_last (fixture);
    }
  /* One leaves, and there is room again. */
  close_last (fixture);
  while (fork_one (fixture) != SP_MESSAGE_WORKER_EXITED)
    close_last (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/nursery/full", Fixture, NULL, set_up, test_full, tear_down);
  g_test_add ("/nursery/logs", Fixture, NULL, set_up, test_logs, tear_down);
  return g_test_run ();
}
