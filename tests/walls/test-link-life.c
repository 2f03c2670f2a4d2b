/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

#include "base/error.h"
#include "base/io.h"
#include "walls/main-nursery.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Main's end of a wall is a link; the test plays the nursery on the bare socket. */
typedef struct
{
  SpLink *link;
  int peer;
  guint forked;
  guint exited;
  guint closed;
  GError *error;
  int kept;
  enum
  {
    KEEP_NOTHING,
    KEEP_DESCRIPTOR,
    FREE_LINK
  } reaction;
} Fixture;

static guint
count_open_fds (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n - 1; /* the folder's own */
}

static void
forked_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  Fixture *fixture = user_data;

  fixture->forked++;
  if (fixture->reaction == KEEP_DESCRIPTOR)
    fixture->kept = sp_fd_steal (&fds[0]);
  if (fixture->reaction == FREE_LINK)
    g_clear_pointer (&fixture->link, sp_link_free);
}

static void
failed_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
}

static void
exited_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  Fixture *fixture = user_data;

  fixture->exited++;
  if (fixture->reaction == FREE_LINK)
    g_clear_pointer (&fixture->link, sp_link_free);
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  Fixture *fixture = user_data;

  fixture->closed++;
  g_clear_error (&fixture->error);
  fixture->error = g_error_copy (error);
  if (fixture->reaction == FREE_LINK)
    g_clear_pointer (&fixture->link, sp_link_free);
}

static const SpLinkTable table = {
  .handlers = { [SP_MESSAGE_WORKER_FORKED] = forked_cb,
                [SP_MESSAGE_FORK_FAILED] = failed_cb,
                [SP_MESSAGE_WORKER_EXITED] = exited_cb },
  .closed = closed_cb,
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const int few = 1; /* the kernel makes it a few messages: the rest has to wait in the link */
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  g_assert_cmpint (setsockopt (pair[0], SOL_SOCKET, SO_SNDBUF, &few, sizeof few), ==, 0);
  fixture->peer = pair[1];
  fixture->kept = -1;
  fixture->link =
      sp_link_new (pair[0], &sp_wall_main_nursery, SP_MAIN_NURSERY_MAIN, &table, fixture);
  sp_link_enter (fixture->link, SP_MAIN_NURSERY_READY);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sp_link_free (fixture->link);
  sp_fd_clear (&fixture->peer);
  sp_fd_clear (&fixture->kept);
  g_clear_error (&fixture->error);
}

static void
run_until_quiet (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static guint32
ask_for_worker (Fixture *fixture)
{
  static const SpForkWorker question;
  sp_autofd int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  const int fds[] = { null, null, null };

  return sp_link_ask (fixture->link, SP_MESSAGE_FORK_WORKER, &question, fds, G_N_ELEMENTS (fds));
}

static void
answer_forked (Fixture *fixture, guint32 serial)
{
  static const SpWorkerForked answer;
  sp_autofd int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_true (sp_channel_send (fixture->peer, &sp_wall_main_nursery, SP_MESSAGE_WORKER_FORKED,
                                  serial, &answer, &null, 1, NULL));
}

static void
tell_exited (Fixture *fixture)
{
  static const SpWorkerExited message;

  g_assert_true (sp_channel_send (fixture->peer, &sp_wall_main_nursery, SP_MESSAGE_WORKER_EXITED, 0,
                                  &message, NULL, 0, NULL));
}

static void
test_untaken_descriptor_is_closed (Fixture *fixture, gconstpointer data)
{
  guint before;

  answer_forked (fixture, ask_for_worker (fixture));
  before = count_open_fds ();
  run_until_quiet ();
  g_assert_cmpuint (fixture->forked, ==, 1);
  g_assert_cmpuint (count_open_fds (), ==, before);
}

static void
test_taken_descriptor_stays (Fixture *fixture, gconstpointer data)
{
  fixture->reaction = KEEP_DESCRIPTOR;
  answer_forked (fixture, ask_for_worker (fixture));
  run_until_quiet ();
  g_assert_cmpint (fcntl (fixture->kept, F_GETFD), ==, FD_CLOEXEC);
}

/* The message that the handler was called for is still whole afterwards, and none follows. */
static void
test_free_in_handler (Fixture *fixture, gconstpointer data)
{
  guint before = count_open_fds ();

  fixture->reaction = FREE_LINK;
  answer_forked (fixture, ask_for_worker (fixture));
  tell_exited (fixture);
  run_until_quiet ();
  g_assert_null (fixture->link);
  g_assert_cmpuint (fixture->forked, ==, 1);
  g_assert_cmpuint (fixture->exited, ==, 0);
  g_assert_cmpuint (fixture->closed, ==, 0);
  /* the link's own end, and what the last of all links was watched by */
  g_assert_cmpuint (count_open_fds (), ==, before - 2);
}

static void
test_free_in_closed (Fixture *fixture, gconstpointer data)
{
  fixture->reaction = FREE_LINK;
  sp_fd_clear (&fixture->peer);
  run_until_quiet ();
  g_assert_null (fixture->link);
  g_assert_cmpuint (fixture->closed, ==, 1);
}

static void
test_free_in_closed_after_failure (Fixture *fixture, gconstpointer data)
{
  static const SpEquip equip;

  fixture->reaction = FREE_LINK;
  sp_link_set_queue_max (fixture->link, 0);
  for (guint i = 0; i < 10000 && fixture->link != NULL; i++)
    {
      sp_link_send (fixture->link, SP_MESSAGE_EQUIP, &equip, NULL, 0);
      run_until_quiet ();
    }
  g_assert_null (fixture->link);
  g_assert_cmpuint (fixture->closed, ==, 1);
  g_assert_error (fixture->error, SP_ERROR, SP_ERROR_BUSY);
}

/* The peer said something and closed while we were telling it something else. */
static void
test_last_messages_while_sending (Fixture *fixture, gconstpointer data)
{
  tell_exited (fixture);
  tell_exited (fixture);
  sp_fd_clear (&fixture->peer);
  (void) ask_for_worker (fixture); /* finds nobody */
  (void) ask_for_worker (fixture);
  run_until_quiet ();
  g_assert_cmpuint (fixture->exited, ==, 2);
  g_assert_cmpuint (fixture->closed, ==, 1);
  g_assert_error (fixture->error, SP_ERROR, SP_ERROR_PEER_GONE);
}

/* The same while messages wait because the peer did not read. */
static void
test_last_messages_while_waiting (Fixture *fixture, gconstpointer data)
{
  tell_exited (fixture);
  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    (void) ask_for_worker (fixture);
  sp_fd_clear (&fixture->peer);
  run_until_quiet ();
  g_assert_cmpuint (fixture->exited, ==, 1);
  g_assert_cmpuint (fixture->closed, ==, 1);
  g_assert_error (fixture->error, SP_ERROR, SP_ERROR_PEER_GONE);
}

static gboolean
is_dev_null (int fd)
{
  struct stat facts;

  return fstat (fd, &facts) == 0 && facts.st_rdev == makedev (1, 3);
}

/* Waiting messages have descriptors of their own: the sender closes his at once, and his numbers
 * come to mean something else. */
static void
test_waiting_descriptors (Fixture *fixture, gconstpointer data)
{
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  guint before = count_open_fds ();
  guint arrived = 0;
  SpPermit permit;
  sp_autofd int other = -1;

  sp_permit_init (&permit, &sp_wall_main_nursery, SP_MAIN_NURSERY_NURSERY);
  sp_permit_enter (&permit, SP_MAIN_NURSERY_READY);
  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    g_assert_cmpuint (ask_for_worker (fixture), !=, 0);
  g_assert_cmpuint (ask_for_worker (fixture), ==, 0); /* too many questions */
  other = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  for (guint turn = 0; turn < 2 * SP_QUESTIONS_MAX; turn++)
    {
      while (sp_channel_receive (fixture->peer, &permit, envelope, NULL))
        {
          g_assert_true (is_dev_null (envelope->fds[0]) && is_dev_null (envelope->fds[1]));
          sp_envelope_clear (envelope);
          arrived++;
        }
      run_until_quiet ();
    }
  g_assert_cmpuint (arrived, ==, SP_QUESTIONS_MAX);
  sp_fd_clear (&other);
  g_assert_cmpuint (count_open_fds (), ==, before);
  g_assert_cmpuint (fixture->closed, ==, 0);
}

static void
test_free_with_waiting_descriptors (Fixture *fixture, gconstpointer data)
{
  guint before = count_open_fds ();

  for (guint i = 0; i < SP_QUESTIONS_MAX; i++)
    (void) ask_for_worker (fixture);
  g_clear_pointer (&fixture->link, sp_link_free);
  sp_fd_clear (&fixture->peer);
  g_assert_cmpuint (count_open_fds (), ==, before - 3);
}

/* Who breaks a rule ends himself: the neighbour's wall in the same loop goes on. */
static void
test_neighbour_goes_on (Fixture *fixture, gconstpointer data)
{
  static const guint8 garbage[] = "not a message";
  Fixture neighbour = { 0 };

  set_up (&neighbour, NULL);
  g_assert_cmpint (send (fixture->peer, garbage, sizeof garbage, 0), ==, sizeof garbage);
  tell_exited (fixture);
  tell_exited (&neighbour);
  run_until_quiet ();
  g_assert_error (fixture->error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
  g_assert_cmpuint (fixture->closed, ==, 1);
  g_assert_cmpuint (fixture->exited, ==, 0);
  g_assert_cmpuint (neighbour.exited, ==, 1);
  tell_exited (&neighbour);
  run_until_quiet ();
  g_assert_cmpuint (neighbour.exited, ==, 2);
  g_assert_cmpuint (neighbour.closed, ==, 0);
  tear_down (&neighbour, NULL);
}

static void
test_talks_too_much (Fixture *fixture, gconstpointer data)
{
  sp_link_set_rate_max (fixture->link, 1, 20);
  for (guint i = 0; i < 1000 && fixture->closed == 0; i++)
    {
      tell_exited (fixture);
      run_until_quiet ();
    }
  g_assert_cmpuint (fixture->exited, >=, 20);
  g_assert_cmpuint (fixture->exited, <, 1000);
  g_assert_cmpuint (fixture->closed, ==, 1);
  g_assert_error (fixture->error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
  g_assert_cmpstr (fixture->error->message, ==, "main-nursery: nursery talks too much");
}

static void
test_silence_earns (Fixture *fixture, gconstpointer data)
{
  sp_link_set_rate_max (fixture->link, 1000, 2);
  for (guint i = 0; i < 50; i++)
    {
      tell_exited (fixture);
      run_until_quiet ();
      g_usleep (2000);
    }
  g_assert_cmpuint (fixture->exited, ==, 50);
  g_assert_cmpuint (fixture->closed, ==, 0);
}

/* After the end nothing is sent, asked or told any more, and nothing breaks. */
static void
test_use_after_end (Fixture *fixture, gconstpointer data)
{
  sp_fd_clear (&fixture->peer);
  run_until_quiet ();
  for (guint i = 0; i < 3; i++)
    (void) ask_for_worker (fixture);
  run_until_quiet ();
  g_assert_cmpuint (fixture->closed, ==, 1);
}

static void
test_missing_handler (void)
{
  static const SpLinkTable empty = { .closed = closed_cb };

  if (g_test_subprocess ())
    {
      (void) sp_link_new (-1, &sp_wall_main_nursery, SP_MAIN_NURSERY_MAIN, &empty, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*main-nursery: no handler for WORKER_FORKED*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/link-life/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("untaken-descriptor-is-closed", test_untaken_descriptor_is_closed);
  ADD ("taken-descriptor-stays", test_taken_descriptor_stays);
  ADD ("free-in-handler", test_free_in_handler);
  ADD ("free-in-closed", test_free_in_closed);
  ADD ("free-in-closed-after-failure", test_free_in_closed_after_failure);
  ADD ("last-messages-while-sending", test_last_messages_while_sending);
  ADD ("last-messages-while-waiting", test_last_messages_while_waiting);
  ADD ("waiting-descriptors", test_waiting_descriptors);
  ADD ("free-with-waiting-descriptors", test_free_with_waiting_descriptors);
  ADD ("neighbour-goes-on", test_neighbour_goes_on);
  ADD ("talks-too-much", test_talks_too_much);
  ADD ("silence-earns", test_silence_earns);
  ADD ("use-after-end", test_use_after_end);
  g_test_add_func ("/link-life/missing-handler", test_missing_handler);
  return g_test_run ();
}
