/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program-run.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "output-tail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN    "/proc/thread-self/children" /* proc(5) */
#define EXIT_NOEXEC 127                          /* as of a shell */
#define PIECE_BYTES 65536                        /* as much as fits into a pipe */

typedef struct
{
  pid_t pid;
  int pidfd;
  int output; /* what it says, -1 when nobody can say anything any more */
  int status; /* of wait(2) */
  SpOutputTail tail;
  char piece[PIECE_BYTES];
} Run;

/* --- the program --- */

static void G_GNUC_NORETURN
become_program (const char *path, char *const *arguments, int output, pid_t parent)
{
  static char *const environment[] = {
    (char *) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", (char *) "HOME=/",
    (char *) "LANG=C.UTF-8", NULL
  };

  (void) signal (SIGPIPE, SIG_DFL);
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid () == parent &&
      dup2 (output, STDOUT_FILENO) >= 0 && dup2 (output, STDERR_FILENO) >= 0 &&
      syscall (SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
    (void) execve (path, arguments, environment);
  (void) dprintf (STDERR_FILENO, "%s\n", sp_error_describe (errno));
  _exit (EXIT_NOEXEC);
}

static gboolean
start (Run *run, const char *path, char *const *arguments, GError **error)
{
  pid_t parent = getpid ();
  sp_autofd int written = -1;
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      sp_error_set_errno (error, errno, "a pipe for what it says");
      return FALSE;
    }
  run->output = ends[0];
  written = ends[1];
  run->pid = fork ();
  if (run->pid == 0)
    become_program (path, arguments, written, parent);
  if (run->pid > 0)
    run->pidfd = (int) syscall (SYS_pidfd_open, run->pid, 0);
  if (run->pidfd >= 0 && fcntl (run->output, F_SETFL, O_NONBLOCK) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "starting it");
  return FALSE;
}

/* --- while it runs --- */

/* All is read, so that it never waits for us; FALSE when there is nothing more for now. */
static gboolean
take_output (Run *run)
{
  ssize_t size = run->output >= 0 ? read (run->output, run->piece, sizeof run->piece) : -1;

  if (size > 0)
    sp_output_tail_take (&run->tail, run->piece, (gsize) size);
  else if (size == 0)
    sp_fd_clear (&run->output);
  return size > 0;
}

/* TRUE when it ended by itself, in time. */
static gboolean
watch (Run *run, gint64 deadline, int wall, SpHookStatus *ret_why_not)
{
  *ret_why_not = SP_HOOK_LATE;
  for (;;)
    {
      struct pollfd waits[] = { { .fd = run->pidfd, .events = POLLIN },
                                { .fd = run->output, .events = POLLIN },
                                { .fd = wall, .events = POLLIN } };
      gint64 left = deadline - g_get_monotonic_time ();

      if (left <= 0)
        return FALSE;
      if (poll (waits, G_N_ELEMENTS (waits), (int) (left / 1000 + 1)) < 0 && errno != EINTR)
        break;
      if (waits[2].revents != 0)
        break;
      if (waits[0].revents != 0)
        return TRUE;
      (void) take_output (run);
    }
  *ret_why_not = SP_HOOK_FAILED;
  return FALSE;
}

/* --- its end --- */

/* What it left behind has become ours, whatever group or session that is in.  FALSE: the kernel
 * does not tell; main ends our group then. */
static gboolean
kill_children (void)
{
  sp_autofd int fd = open (CHILDREN, O_RDONLY | O_CLOEXEC);
  char list[4096]; /* numbers, each with a space behind it; what does not fit is told again */
  ssize_t size = fd >= 0 ? read (fd, list, sizeof list - 1) : -1;
  char *at = list;

  if (size < 0)
    return FALSE;
  list[size] = '\0';
  for (char *end; (end = strchr (at, ' ')) != NULL; at = end + 1)
    {
      pid_t child = (pid_t) strtol (at, NULL, 10);

      if (child > 0)
        (void) kill (child, SIGKILL);
    }
  return TRUE;
}

static void
end_all (Run *run)
{
  int status;
  pid_t pid;

  while (kill_children ())
    {
      pid = waitpid (-1, &status, 0);
      if (pid < 0 && errno == ECHILD)
        return;
      if (pid == run->pid)
        run->status = status;
    }
  sp_log (SP_LOG_WARNING, "hook", "%s cannot be read: %s", CHILDREN, sp_error_describe (errno));
}

static SpHookStatus
judge (const Run *run)
{
  if (WIFEXITED (run->status) && WEXITSTATUS (run->status) == 0)
    return SP_HOOK_DONE;
  if (WIFEXITED (run->status))
    sp_log (SP_LOG_WARNING, "hook", "the program ended with status %d", WEXITSTATUS (run->status));
  else
    sp_log (SP_LOG_WARNING, "hook", "the program was ended by signal %d", WTERMSIG (run->status));
  return SP_HOOK_REFUSED;
}

SpHookStatus
sp_program_run (const char *path, char *const *arguments, guint seconds, int wall)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
  g_autofree Run *run = g_new0 (Run, 1);
  g_autoptr (GError) error = NULL;
  SpHookStatus why_not = SP_HOOK_FAILED;
  gboolean ended = FALSE;

  run->pidfd = run->output = -1;
  if (start (run, path, arguments, &error))
    ended = watch (run, deadline, wall, &why_not);
  else
    sp_log (SP_LOG_ERROR, "hook", "%s", error->message);
  end_all (run);
  while (take_output (run))
    continue;
  sp_fd_clear (&run->output);
  sp_fd_clear (&run->pidfd);
  if (!ended && why_not == SP_HOOK_LATE)
    sp_log (SP_LOG_WARNING, "hook", "the program was ended after %u seconds", seconds);
  sp_output_tail_tell (&run->tail);
  return ended ? judge (run) : why_not;
}
