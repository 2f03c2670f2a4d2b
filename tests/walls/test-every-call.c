/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "door-sandbox.h"
#include "worker/nursery.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every system call by its number, one a child, in the rooms that strangers reach: what is not in
 * these lists ends the room.  The lists are written by hand, beside the tables of the product: a
 * call that is added there fails here, and has to be looked at. */

#define LAST_CALL 599 /* the highest is 462 in Linux 6.12 */
#define EXIT_MADE 3   /* the call was let through */
#define EXIT_BAD  4

static const char *const basic[] = {
  "exit",
  "exit_group",
  "rt_sigreturn",
  "rt_sigprocmask",
  "restart_syscall",
  "brk",
  "mprotect",
  "munmap",
  "mremap",
  "madvise",
  "futex",
  "getpid",
  "gettid",
  "clock_gettime",
  "clock_getres",
  "gettimeofday",
  "time",
  "getrandom",
  "getrusage",
  "sysinfo",
  "sched_yield",
  "read",
  "write",
  "readv",
  "writev",
  "close",
  "sendto",
  "sendmsg",
  "sendmmsg",
  "recvfrom",
  "recvmsg",
  "recvmmsg",
  "shutdown",
  "poll",
  "ppoll",
  "epoll_create1",
  "epoll_ctl",
  "epoll_wait",
  "epoll_pwait",
  "epoll_pwait2",
  "eventfd2",
  "getsockopt",
  "getsockname",
  "getpeername",
  /* of other machines */
  "sigreturn",
  "send",
  "recv",
  "clock_gettime64",
  "clock_getres_time64",
  "futex_time64",
  "ppoll_time64",
  "recvmmsg_time64",
};

/* With all arguments zero: accept4 is let through, mmap (no MAP_PRIVATE) and setsockopt (no option
 * of the list) are not. */
static const char *const worker_calls[] = { NULL };
static const char *const door_calls[] = { "accept", "accept4", NULL };

typedef struct
{
  const char *name;
  gboolean (*enter) (void);
  const char *const *calls;
} Room;

static gboolean
become_worker (void)
{
  SpSandboxFilter *filter = sp_worker_sandbox_prepare (NULL);

  return filter != NULL && sp_nursery_sandbox_enter (NULL) &&
         sp_sandbox_filter_apply (filter, NULL);
}

static gboolean
become_door (void)
{
  return sp_door_close_sandbox (NULL);
}

/* May end, and nothing else. */
static gboolean
become_nothing (void)
{
  scmp_filter_ctx context = seccomp_init (SCMP_ACT_KILL_PROCESS);

  return seccomp_rule_add (context, SCMP_ACT_ALLOW, SCMP_SYS (exit_group), 0) == 0 &&
         seccomp_load (context) == 0;
}

/* What passes even there passes every filter: calls of the kernel's own code (uretprobe). */
static const Room nothing = { "nothing", become_nothing, worker_calls };

static const Room rooms[] = {
  { "worker", become_worker, worker_calls },
  { "door", become_door, door_calls },
};

static gboolean
is_listed (const Room *room, const char *name)
{
  if (name == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (basic); i++)
    if (g_str_equal (basic[i], name))
      return TRUE;
  return g_strv_contains (room->calls, name);
}

static void
make_call (const Room *room, long number)
{
  if (!room->enter ())
    _exit (EXIT_BAD);
  /* Nothing that waits, or ends the wrong thing. */
  (void) syscall (number, -1, 0, 0, 0, 0, 0);
  _exit (EXIT_MADE);
}

static gboolean
was_let_through (const Room *room, long number)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    make_call (room, number);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_false (WIFEXITED (status) && WEXITSTATUS (status) == EXIT_BAD);
  return !WIFSIGNALED (status) || WTERMSIG (status) != SIGSYS;
}

/* Not calls that end the process by themselves, or wait for ever on nothing. */
static gboolean
can_be_tried (const char *name)
{
  static const char *const not_these[] = { "rt_sigreturn", "sigreturn", "ppoll", NULL };

  return name == NULL || !g_strv_contains (not_these, name);
}

static void
test_room (gconstpointer data)
{
  const Room *room = data;
  guint n_let_through = 0;

  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("built without the filter");
      return;
    }
  for (long number = 0; number <= LAST_CALL; number++)
    {
      char *name = seccomp_syscall_resolve_num_arch (SCMP_ARCH_NATIVE, (int) number);
      gboolean let_through = can_be_tried (name) && was_let_through (room, number);
      gboolean good = !let_through || is_listed (room, name) || was_let_through (&nothing, number);

      if (!good)
        g_test_message ("%s may do %ld, %s", room->name, number, name != NULL ? name : "unknown");
      g_assert_true (good);
      n_let_through += let_through;
      free (name); /* nocheck: libseccomp's */
    }
  g_assert_cmpuint (n_let_through, >, 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autofree char *path = g_strconcat ("/every-call/", rooms[i].name, NULL);

      g_test_add_data_func (path, &rooms[i], test_room);
    }
  return g_test_run ();
}
