/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main-process.h"

#include "base/error.h"
#include "base/names.h"
#include "walls/main-holder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOEXEC 127
#define NUMBER_SIZE 32

#define UNDO_SECONDS      10
#define LOOK_MICROSECONDS 20000

/* Sockets that the service manager gave to `parent` are main's; their number. */
static int
pass_sockets_on (pid_t parent)
{
  const char *whose = getenv ("LISTEN_PID");
  const char *count = getenv ("LISTEN_FDS");
  char number[NUMBER_SIZE];
  guint64 n = 0, process = 0;

  if (whose == NULL || count == NULL ||
      !g_ascii_string_to_unsigned (whose, 10, 1, G_MAXINT, &process, NULL) ||
      process != (guint64) parent ||
      !g_ascii_string_to_unsigned (count, 10, 0, SP_HOLDER_SOCKETS_MAX, &n, NULL))
    return 0;
  (void) g_snprintf (number, sizeof number, "%d", (int) getpid ());
  return setenv ("LISTEN_PID", number, 1) == 0 ? (int) n : 0;
}

static void
begin_anew (void)
{
  sigset_t none;

  (void) sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
  (void) signal (SIGPIPE, SIG_DFL);
}

static void
become_main (char *const *arguments, int wall, pid_t parent)
{
  int place = SP_WALL_FD + pass_sockets_on (parent);
  char number[NUMBER_SIZE];

  begin_anew ();
  (void) g_snprintf (number, sizeof number, "%d:%x", place, sp_main_holder_fingerprint ());
  if (setsid () < 0 || prctl (PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid () != parent ||
      dup2 (wall, place) < 0 || fcntl (place, F_SETFD, 0) != 0 ||
      setenv (SP_HOLDER_VARIABLE, number, 1) != 0)
    _exit (EXIT_NOEXEC);
  (void) execv (arguments[0], arguments);
  _exit (EXIT_NOEXEC);
}

pid_t
sp_main_process_start (char *const *arguments, int wall, GError **error)
{
  pid_t parent = getpid ();
  pid_t pid = fork ();

  if (pid == 0)
    become_main (arguments, wall, parent);
  if (pid < 0)
    sp_error_set_errno (error, errno, "starting %s", arguments[0]);
  return pid;
}

/* FALSE: it had to be killed, or went wrong. */
static gboolean
await (pid_t pid)
{
  gint64 deadline = g_get_monotonic_time () + UNDO_SECONDS * G_USEC_PER_SEC;
  int status = 0;

  while (waitpid (pid, &status, WNOHANG) == 0)
    {
      if (g_get_monotonic_time () > deadline)
        (void) kill (pid, SIGKILL);
      g_usleep (LOOK_MICROSECONDS);
    }
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

gboolean
sp_main_process_undo_network (char *const *arguments)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  pid_t pid;

  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (words, arguments[i]);
  g_ptr_array_add (words, (gpointer) "--" SP_UNDO_NETWORK_OPTION);
  g_ptr_array_add (words, NULL);
  pid = fork ();
  if (pid == 0)
    {
      begin_anew ();
      (void) execv (arguments[0], (char *const *) words->pdata);
      _exit (EXIT_NOEXEC);
    }
  return pid > 0 && await (pid);
}
