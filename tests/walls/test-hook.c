/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hook-status.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real room, and programs of all kinds; the test plays main. */

#define PATIENCE     60000 /* milliseconds */
#define SECONDS      "60"
#define ARGUMENTS    6     /* at most, with the NULL */
#define LOG_MOST     32768 /* bytes, whatever a program says */
#define ABSENT_LATER 10    /* seconds, for the kernel to take a killed process away */

typedef struct
{
  char *folder;
  char *shell; /* no link */
  int log;
  int wall;
  pid_t pid;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  char *shell = realpath ("/bin/sh", NULL);

  g_assert_nonnull (shell);
  f->shell = g_strdup (shell);
  free (shell);
  f->folder = g_dir_make_tmp ("hook-XXXXXX", NULL);
  f->log = memfd_create ("log", MFD_CLOEXEC);
  g_assert_cmpint (f->log, >=, 0);
  f->wall = -1;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sp_fd_clear (&f->log);
  sp_fd_clear (&f->wall);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
  g_free (f->shell);
}

static void G_GNUC_NORETURN
become_room (Fixture *f, int wall, char *const *arguments)
{
  char *const environment[] = { (char *) "SECRET=of-main", NULL };

  if (dup2 (open ("/dev/null", O_RDWR), STDIN_FILENO) < 0 || dup2 (f->log, STDERR_FILENO) < 0 ||
      dup2 (wall, SP_WALL_FD) < 0)
    _exit (126);
  (void) close_range (SP_WALL_FD + 1, ~0U, 0);
  (void) execve (g_getenv ("SALLYPORT_HOOK"), arguments, environment);
  _exit (127);
}

/* `words`: from the seconds on. */
static void
start (Fixture *f, const char *const *words)
{
  char *arguments[ARGUMENTS + 2] = { (char *) SP_ROOM_HOOK };
  int pair[2];

  for (guint i = 0; words[i] != NULL; i++)
    arguments[i + 1] = (char *) words[i];
  g_assert_true (sp_socket_pair (pair, NULL));
  g_assert_cmpint (ftruncate (f->log, 0), ==, 0);
  g_assert_cmpint (lseek (f->log, 0, SEEK_SET), ==, 0);
  f->pid = fork ();
  g_assert_cmpint (f->pid, >=, 0);
  if (f->pid == 0)
    become_room (f, pair[1], arguments);
  sp_fd_clear (&pair[1]);
  sp_fd_clear (&f->wall);
  f->wall = pair[0];
}

/* When the room lets its end go, by ending. */
static int
await_end (Fixture *f)
{
  struct pollfd readable = { .fd = f->wall, .events = POLLIN };
  int status;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  g_assert_cmpint (waitpid (f->pid, &status, 0), ==, f->pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static char *
read_log (Fixture *f)
{
  g_autofree char *text = g_malloc0 (LOG_MOST + 1);
  ssize_t size = pread (f->log, text, LOG_MOST + 1, 0);

  g_assert_cmpint (size, >=, 0);
  g_assert_cmpint (size, <=, LOG_MOST);
  return g_steal_pointer (&text);
}

static int
run (Fixture *f, const char *seconds, const char *script)
{
  const char *const words[] = { seconds, f->shell, "-c", script, NULL };

  start (f, words);
  return await_end (f);
}

static void
test_ends (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *script;
    SpHookStatus status;
    const char *said;
  } rows[] = {
    { "echo here; echo there >&2", SP_HOOK_DONE, "it said: there" },
    { "echo here; exit 0", SP_HOOK_DONE, "it said: here" },
    { "exit 3", SP_HOOK_REFUSED, "ended with status 3" },
    { "echo why; kill -9 $$", SP_HOOK_REFUSED, "ended by signal 9" },
    { "exec /nowhere", SP_HOOK_REFUSED, "status 127" },
    /* nothing of main's, and no way to more than it has */
    { "echo secret: $SECRET.", SP_HOOK_DONE, "secret: ." },
    { "ls /proc/self/fd | tr '\\n' ' '; echo .", SP_HOOK_DONE,
      "it said: 0 1 2 3 ." }, /* ls's own */
    { "echo $(grep NoNewPrivs /proc/$$/status)", SP_HOOK_DONE, "NoNewPrivs: 1" },
    /* what it says is text, each a line */
    { "printf 'a\\033[2Jb\\000c\\nhook[1] error forged: d\\n'", SP_HOOK_DONE, "it said: a?[2Jb?c" },
    { "printf 'hook[1] error forged: d\\n'", SP_HOOK_DONE, "it said: hook[1] error forged: d" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *log = NULL;

      g_test_message ("%s", rows[i].script);
      g_assert_cmpint (run (f, SECONDS, rows[i].script), ==, rows[i].status);
      log = read_log (f);
      g_test_message ("%s", log);
      g_assert_nonnull (strstr (log, rows[i].said));
    }
}

/* All of it is read, the end kept, and little of that told. */
static void
test_much (Fixture *f, gconstpointer data)
{
  g_autofree char *log = NULL;
  g_autofree char *long_log = NULL;

  g_assert_cmpint (run (f, SECONDS, "seq 1 100000; echo end"), ==, SP_HOOK_DONE);
  log = read_log (f);
  g_assert_nonnull (strstr (log, "it said more than"));
  g_assert_nonnull (strstr (log, "it said: 100000\n"));
  g_assert_nonnull (strstr (log, "it said: end\n"));
  g_assert_null (strstr (log, "it said: 99900\n"));
  g_assert_cmpint (run (f, SECONDS, "head -c 300000 /dev/zero | tr '\\0' x"), ==, SP_HOOK_DONE);
  long_log = read_log (f);
  g_assert_nonnull (strstr (long_log, "it said more than"));
  g_assert_nonnull (strstr (long_log, "it said: xxx"));
}

static void
test_late (Fixture *f, gconstpointer data)
{
  static const char *const scripts[] = { "sleep 1000", "yes",
                                         "trap '' TERM HUP; while :; do :; done" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *log = NULL;

      g_test_message ("%s", scripts[i]);
      g_assert_cmpint (run (f, "1", scripts[i]), ==, SP_HOOK_LATE);
      log = read_log (f);
      g_assert_nonnull (strstr (log, "ended after 1 seconds"));
    }
}

/* --- what a program leaves behind --- */

/* In a session of its own, that says its number in a file before the program goes on. */
#define LEAVE                                                                                      \
  "setsid sh -c 'echo $$ >%1$s.new; mv %1$s.new %1$s; exec sleep 1000' & "                         \
  "while [ ! -e %1$s ]; do sleep 0.05; done; "

static pid_t
take_number (const char *path)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE * 1000;
  g_autofree char *text = NULL;

  while (!g_file_get_contents (path, &text, NULL, NULL) && g_get_monotonic_time () < deadline)
    g_usleep (10000);
  g_assert_nonnull (text);
  g_assert_cmpint (g_unlink (path), ==, 0);
  return (pid_t) g_ascii_strtoll (text, NULL, 10);
}

static void
expect_gone (pid_t pid)
{
  gint64 deadline = g_get_monotonic_time () + ABSENT_LATER * G_USEC_PER_SEC;

  g_assert_cmpint (pid, >, 0);
  while (kill (pid, 0) == 0 && g_get_monotonic_time () < deadline)
    g_usleep (10000);
  g_assert_cmpint (kill (pid, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
test_children (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *then;
    const char *seconds;
    SpHookStatus status;
  } rows[] = {
    { "exit 0", SECONDS, SP_HOOK_DONE },
    { "exit 1", SECONDS, SP_HOOK_REFUSED },
    { "sleep 1000", "5", SP_HOOK_LATE },
  };
  g_autofree char *path = g_build_filename (f->folder, "number", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *script = g_strdup_printf (LEAVE "%2$s", path, rows[i].then);

      g_assert_cmpint (run (f, rows[i].seconds, script), ==, rows[i].status);
      expect_gone (take_number (path));
    }
}

static void
test_main_gone (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "number", NULL);
  g_autofree char *script = g_strdup_printf (LEAVE "sleep 1000", path);
  const char *const words[] = { SECONDS, f->shell, "-c", script, NULL };
  pid_t left;
  int status;

  start (f, words);
  left = take_number (path);
  sp_fd_clear (&f->wall);
  g_assert_cmpint (waitpid (f->pid, &status, 0), ==, f->pid);
  g_assert_cmpint (WEXITSTATUS (status), ==, SP_HOOK_FAILED);
  expect_gone (left);
}

/* --- what is none that may be run --- */

static void
expect_unfit (Fixture *f, const char *program, const char *why)
{
  const char *const words[] = { SECONDS, program, "present", "name.", "text", NULL };
  g_autofree char *log = NULL;

  g_test_message ("%s", program);
  start (f, words);
  g_assert_cmpint (await_end (f), ==, SP_HOOK_UNFIT);
  log = read_log (f);
  g_test_message ("%s", log);
  g_assert_nonnull (strstr (log, why));
}

static void
test_unfit (Fixture *f, gconstpointer data)
{
  g_autofree char *link = g_build_filename (f->folder, "link", NULL);
  g_autofree char *file = g_build_filename (f->folder, "file", NULL);
  gboolean is_root = geteuid () == 0;

  expect_unfit (f, "sh", "from the root on");
  expect_unfit (f, "/usr", "no file");
  expect_unfit (f, "/dev/null", "no file");
  expect_unfit (f, "/nowhere/hook", "No such file");
  expect_unfit (f, "/etc/passwd", "may not execute it");
  g_assert_cmpint (symlink (f->shell, link), ==, 0);
  expect_unfit (f, link, "symbolic link");
  g_assert_true (
      g_file_set_contents_full (file, "#!/bin/sh\n", -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  expect_unfit (f, file, is_root ? "a folder that leads to it" : "root does not own it");
  if (is_root)
    {
      g_assert_cmpint (g_chmod (file, 0775), ==, 0);
      expect_unfit (f, file, "others than root may change it");
      g_assert_cmpint (chown (file, 65534, 0), ==, 0);
      expect_unfit (f, file, "root does not own it");
    }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_unlink (link), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hook/ends", Fixture, NULL, set_up, test_ends, tear_down);
  g_test_add ("/hook/much", Fixture, NULL, set_up, test_much, tear_down);
  g_test_add ("/hook/late", Fixture, NULL, set_up, test_late, tear_down);
  g_test_add ("/hook/children", Fixture, NULL, set_up, test_children, tear_down);
  g_test_add ("/hook/main-gone", Fixture, NULL, set_up, test_main_gone, tear_down);
  g_test_add ("/hook/unfit", Fixture, NULL, set_up, test_unfit, tear_down);
  return g_test_run ();
}
