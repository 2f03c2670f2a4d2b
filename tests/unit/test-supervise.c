/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/supervise.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_NAME    "room-probe"
#define MISSING_ACCOUNT "sallyport-no-such-account"
#define DYNAMIC_FIRST   61184
#define DYNAMIC_LAST    65519
#define PATIENCE        (5 * G_USEC_PER_SEC)

typedef struct
{
  const char *program;
  char *folder;
  SpRoom *room;
  int wall; /* main's end, blocking */
  guint times_exited;
  int status;
  gboolean free_in_callback;
} Fixture;

static void
room_exited (gpointer user_data, int wait_status)
{
  Fixture *fixture = user_data;

  fixture->times_exited++;
  fixture->status = wait_status;
  if (fixture->free_in_callback)
    g_clear_pointer (&fixture->room, sp_room_free);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->program = data;
  fixture->folder = g_dir_make_tmp ("supervise-XXXXXX", NULL);
  fixture->wall = -1;
  g_assert_nonnull (fixture->folder);
  g_assert_no_errno (chmod (fixture->folder, 0755));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inner = g_build_filename (fixture->folder, "inner", NULL);
  g_autofree char *file = g_build_filename (inner, "file", NULL);

  g_clear_pointer (&fixture->room, sp_room_free);
  sp_fd_clear (&fixture->wall);
  (void) unlink (file);
  (void) rmdir (inner);
  g_assert_no_errno (rmdir (fixture->folder));
  g_free (fixture->folder);
}

static gboolean
is_root (void)
{
  if (geteuid () == 0)
    return TRUE;
  g_test_skip ("needs root to change the account");
  return FALSE;
}

static void
start_plan (Fixture *fixture, const SpRoomPlan *plan)
{
  g_autoptr (GError) error = NULL;
  int pair[2];

  /* Blocking, unlike real walls: the probe is simple. */
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  fixture->wall = pair[0];
  fixture->room = sp_room_start (plan, pair[1], room_exited, fixture, &error);
  g_assert_no_error (error);
  g_assert_nonnull (fixture->room);
}

static void
start (Fixture *fixture, const char *folder)
{
  const SpRoomPlan plan = { fixture->program, MISSING_ACCOUNT, folder, FALSE };

  start_plan (fixture, &plan);
}

static char *
hear (Fixture *fixture)
{
  char text[1024];
  ssize_t got = recv (fixture->wall, text, sizeof text - 1, 0);

  g_assert_cmpint (got, >, 0);
  return g_strndup (text, (gsize) got);
}

static void
wait_until_exited (Fixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  while (fixture->times_exited == 0 && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_cmpuint (fixture->times_exited, ==, 1);
}

static guint
find_number (const char *text, const char *key)
{
  g_autofree char *wanted = g_strconcat (key, "=", NULL);
  const char *found = strstr (text, wanted);

  g_assert_nonnull (found);
  return (guint) g_ascii_strtoull (found + strlen (wanted), NULL, 10);
}

static void
test_clean_start (Fixture *fixture, gconstpointer data)
{
  g_autofree char *heard = NULL;
  guint uid;

  if (!is_root ())
    return;
  g_setenv ("SECRET_OF_MAIN", "x", TRUE);
  (void) signal (SIGPIPE, SIG_IGN);
  start (fixture, NULL);
  heard = hear (fixture);
  uid = find_number (heard, "uid");
  g_assert_cmpuint (uid, >=, DYNAMIC_FIRST);
  g_assert_cmpuint (uid, <=, DYNAMIC_LAST);
  g_assert_cmpuint (find_number (heard, "gid"), ==, uid);
  g_assert_cmpuint (find_number (heard, "groups"), ==, 0);
  g_assert_cmpuint (find_number (heard, "argc"), ==, 1);
  g_assert_nonnull (strstr (heard, "name=" PROGRAM_NAME " "));
  g_assert_cmpuint (find_number (heard, "environment"), ==, 0);
  g_assert_cmpuint (find_number (heard, "descriptors"), ==, 4);
  g_assert_cmpuint (find_number (heard, "signals"), ==, 0);
  g_assert_cmpuint (find_number (heard, "capabilities"), ==, 0);
  g_assert_cmpuint (find_number (heard, "death"), ==, SIGKILL);
  g_assert_cmpuint (find_number (heard, "umask"), ==, 77);
  g_assert_true (g_str_has_suffix (heard, "folder=/"));
}

static void
test_exit_is_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *heard = NULL;

  if (!is_root ())
    return;
  start (fixture, NULL);
  heard = hear (fixture);
  g_assert_cmpint (send (fixture->wall, "e", 1, 0), ==, 1);
  wait_until_exited (fixture);
  g_assert_true (WIFEXITED (fixture->status));
  g_assert_cmpint (WEXITSTATUS (fixture->status), ==, 7);
}

static void
test_kill_is_told (Fixture *fixture, gconstpointer data)
{
  if (!is_root ())
    return;
  fixture->free_in_callback = TRUE;
  start (fixture, NULL);
  sp_room_kill (fixture->room);
  sp_room_kill (fixture->room);
  wait_until_exited (fixture);
  g_assert_true (WIFSIGNALED (fixture->status));
  g_assert_cmpint (WTERMSIG (fixture->status), ==, SIGKILL);
  g_assert_null (fixture->room);
}

static void
test_free_ends_it (Fixture *fixture, gconstpointer data)
{
  pid_t pid;

  if (!is_root ())
    return;
  start (fixture, NULL);
  pid = sp_room_get_pid (fixture->room);
  g_clear_pointer (&fixture->room, sp_room_free);
  g_assert_cmpint (kill (pid, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->times_exited, ==, 0);
}

static void
test_folder_is_given (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inner = g_build_filename (fixture->folder, "inner", NULL);
  g_autofree char *file = g_build_filename (inner, "file", NULL);
  g_autofree char *heard = NULL;
  struct stat status;

  if (!is_root ())
    return;
  g_assert_no_errno (mkdir (inner, 0755));
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  start (fixture, inner);
  heard = hear (fixture);
  g_assert_true (g_str_has_suffix (heard, inner));
  g_assert_no_errno (stat (inner, &status));
  g_assert_cmpuint (status.st_uid, ==, find_number (heard, "uid"));
  g_assert_cmpuint (status.st_mode & 07777, ==, 0700);
  g_assert_no_errno (stat (file, &status));
  g_assert_cmpuint (status.st_uid, ==, find_number (heard, "uid"));
}

static void
test_barred_folder_on_the_way (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (fixture->folder, PROGRAM_NAME, NULL);
  g_autofree char *contents = NULL;
  g_autofree char *heard = NULL;
  gsize length;

  if (!is_root ())
    return;
  g_assert_true (g_file_get_contents (fixture->program, &contents, &length, NULL));
  g_assert_true (g_file_set_contents_full (copy, contents, (gssize) length,
                                           G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_assert_no_errno (chmod (fixture->folder, 0700));
  fixture->program = copy;
  start (fixture, NULL);
  heard = hear (fixture);
  g_assert_cmpuint (find_number (heard, "descriptors"), ==, 4);
  g_assert_no_errno (unlink (copy));
}

/* It hears of nothing else, whatever main has. */
static void
test_bound_early (Fixture *fixture, gconstpointer data)
{
  const SpRoomPlan plan = { .program = fixture->program,
                            .account = MISSING_ACCOUNT,
                            .bound_early = TRUE };
  g_autofree char *heard = NULL;

  if (!is_root ())
    return;
  g_setenv ("SECRET_OF_MAIN", "x", TRUE);
  start_plan (fixture, &plan);
  heard = hear (fixture);
  g_assert_cmpuint (find_number (heard, "environment"), ==, 1);
  g_assert_cmpuint (find_number (heard, "argc"), ==, 1);
}

static void
expect_nobody_at_wall (Fixture *fixture)
{
  struct pollfd readable = { .fd = fixture->wall, .events = POLLIN };
  char byte;

  g_assert_cmpint (poll (&readable, 1, PATIENCE / 1000), ==, 1);
  g_assert_cmpint (recv (fixture->wall, &byte, 1, MSG_DONTWAIT), ==, 0);
}

/* Its account, with arguments and limits; what it started ends with it. */
static void
test_executes (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "one", "two", NULL };
  const SpRoomPlan plan = { .program = fixture->program,
                            .account = MISSING_ACCOUNT,
                            .arguments = arguments,
                            .executes = TRUE };
  g_autofree char *heard = NULL;
  g_autofree char *forked = NULL;

  if (!is_root ())
    return;
  start_plan (fixture, &plan);
  heard = hear (fixture);
  g_assert_cmpuint (find_number (heard, "argc"), ==, 3);
  g_assert_nonnull (strstr (heard, "last=two "));
  g_assert_cmpuint (find_number (heard, "uid"), >=, DYNAMIC_FIRST);
  g_assert_cmpuint (find_number (heard, "capabilities"), ==, 0);
  g_assert_cmpuint (find_number (heard, "descriptors"), ==, 4);
  g_assert_cmpuint (find_number (heard, "core"), ==, 0);
  g_assert_cmpuint (find_number (heard, "processes"), ==, 64);
  g_assert_cmpint (send (fixture->wall, "f", 1, 0), ==, 1);
  forked = hear (fixture);
  sp_room_kill (fixture->room);
  wait_until_exited (fixture);
  expect_nobody_at_wall (fixture);
}

#define FOREIGN_MOST                                                                               \
  (1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH | 1u << CAP_FOWNER |       \
   1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_AUDIT_WRITE)

/* Main's account, and no more than that. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  const SpRoomPlan plan = { .program = fixture->program, .foreign = TRUE };
  g_autofree char *heard = NULL;

  start_plan (fixture, &plan);
  heard = hear (fixture);
  g_assert_cmpuint (find_number (heard, "uid"), ==, getuid ());
  g_assert_cmpuint (find_number (heard, "effective") & ~FOREIGN_MOST, ==, 0);
  if (geteuid () == 0)
    g_assert_cmpuint (find_number (heard, "effective") & 1u << CAP_SETUID, !=, 0);
  g_assert_cmpuint (find_number (heard, "unprivileged"), ==, 1);
  g_assert_cmpuint (find_number (heard, "core"), ==, 0);
  g_assert_cmpuint (find_number (heard, "descriptors"), ==, 4);
  g_assert_cmpuint (find_number (heard, "environment"), ==, 0);
  g_assert_cmpuint (find_number (heard, "death"), ==, SIGKILL);
}

/* However it ends, what it started ends, too. */
static void
test_foreign_children (Fixture *fixture, gconstpointer data)
{
  const SpRoomPlan plan = { .program = fixture->program, .foreign = TRUE };
  const char *const ends[] = { "exit", "kill", "free" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *heard = NULL;
      g_autofree char *forked = NULL;

      g_test_message ("%s", ends[i]);
      fixture->times_exited = 0;
      start_plan (fixture, &plan);
      heard = hear (fixture);
      g_assert_cmpint (send (fixture->wall, "f", 1, 0), ==, 1);
      forked = hear (fixture);
      if (i == 0)
        g_assert_cmpint (send (fixture->wall, "e", 1, 0), ==, 1);
      if (i == 1)
        sp_room_kill (fixture->room);
      if (i < 2)
        wait_until_exited (fixture);
      g_clear_pointer (&fixture->room, sp_room_free);
      expect_nobody_at_wall (fixture);
      sp_fd_clear (&fixture->wall);
    }
}

static void
test_failure_is_an_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SpRoomPlan plan = { "/nonexistent/room", MISSING_ACCOUNT, NULL, FALSE };
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  g_assert_null (sp_room_start (&plan, pair[1], room_exited, fixture, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (fcntl (pair[1], F_GETFD), ==, -1);

  if (is_root ())
    {
      plan.program = "/etc/passwd"; /* cannot be executed: found out by the child */
      g_assert_null (sp_room_start (&plan, dup (pair[0]), room_exited, fixture, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_NOT_AUTHORIZED);
    }
  sp_fd_clear (&pair[0]);
  g_assert_cmpuint (fixture->times_exited, ==, 0);
}

static void
test_pidfd_kill (void)
{
  g_autoptr (GError) error = NULL;
  int status;
  pid_t child = fork ();
  int pidfd;

  if (child == 0)
    for (;;)
      (void) pause ();
  pidfd = (int) syscall (SYS_pidfd_open, child, 0);
  g_assert_true (sp_pidfd_kill (pidfd, SIGTERM, &error));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WTERMSIG (status), ==, SIGTERM);
  g_assert_false (sp_pidfd_kill (pidfd, SIGTERM, &error));
  g_assert_nonnull (error);
  sp_fd_clear (&pidfd);
}

static const struct
{
  const char *path;
  void (*test) (Fixture *, gconstpointer);
} tests[] = {
  { "/supervise/clean-start", test_clean_start },
  { "/supervise/exit-is-told", test_exit_is_told },
  { "/supervise/kill-is-told", test_kill_is_told },
  { "/supervise/free-ends-it", test_free_ends_it },
  { "/supervise/folder-is-given", test_folder_is_given },
  { "/supervise/barred-folder", test_barred_folder_on_the_way },
  { "/supervise/bound-early", test_bound_early },
  { "/supervise/foreign", test_foreign },
  { "/supervise/foreign-children", test_foreign_children },
  { "/supervise/executes", test_executes },
  { "/supervise/failure-is-an-error", test_failure_is_an_error },
};

int
main (int argc, char **argv)
{
  g_autofree char *program = NULL;

  g_test_init (&argc, &argv, NULL);
  program = g_test_build_filename (G_TEST_BUILT, PROGRAM_NAME, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, program, set_up, tests[i].test, tear_down);
  g_test_add_func ("/supervise/pidfd-kill", test_pidfd_kill);
  return g_test_run ();
}
