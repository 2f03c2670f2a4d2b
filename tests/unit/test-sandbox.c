/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/sandbox.h"

#include "door-sandbox.h"
#include "keyholder-sandbox.h"
#include "worker/nursery.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each attempt runs in a child that closed its sandbox first.  What is forbidden must end that
 * child by SIGSYS; what is allowed must end in _exit (EXIT_GOOD). */

enum
{
  EXIT_GOOD = 0,
  EXIT_BAD = 3,
  EXIT_NO_SANDBOX = 4
};

typedef struct
{
  int pair[2]; /* connected sockets */
  int listener;
  int file;
  char *folder;
  SpSandboxFilter *narrow; /* a worker's, made before the sandbox was closed */
  gboolean has_landlock;
} Room;

typedef gboolean (*Attempt) (Room *room);

enum
{
  IN_WORKER = 1 << 0,
  IN_DOOR = 1 << 1,
  IN_KEYHOLDER = 1 << 2,
  IN_NURSERY = 1 << 3,
  NOWHERE = 0,
  EVERYWHERE = IN_WORKER | IN_DOOR | IN_KEYHOLDER | IN_NURSERY
};

/* The rooms' own sandboxes, as they are entered in life. */

static gboolean
enter_door (Room *room)
{
  return sp_door_close_sandbox (NULL);
}

static gboolean
enter_keyholder (Room *room)
{
  return chdir (room->folder) == 0 && sp_keyholder_sandbox_enter (NULL);
}

static gboolean
enter_nursery (Room *room)
{
  return sp_nursery_sandbox_enter (NULL);
}

static gboolean
enter_worker (Room *room)
{
  return sp_nursery_sandbox_enter (NULL) && sp_sandbox_filter_apply (room->narrow, NULL);
}

static const struct
{
  const char *name;
  guint bit;
  gboolean (*enter) (Room *room);
} rooms[] = {
  { "worker", IN_WORKER, enter_worker },
  { "door", IN_DOOR, enter_door },
  { "keyholder", IN_KEYHOLDER, enter_keyholder },
  { "nursery", IN_NURSERY, enter_nursery },
};

/* Attempts */

static gboolean
exit_at_once (Room *room)
{
  return TRUE;
}

static gboolean
use_memory (Room *room)
{
  char *memory = malloc (8 << 20);
  gboolean good = memory != NULL;

  if (good)
    memory[4 << 20] = 1;
  free (memory);
  return good;
}

static gboolean
draw_random (Room *room)
{
  guint8 bytes[16];

  sp_random_bytes (bytes, sizeof bytes);
  return g_get_monotonic_time () > 0;
}

static gboolean
write_and_read (Room *room)
{
  char byte = 'x';

  return write (room->pair[0], &byte, 1) == 1 && read (room->pair[1], &byte, 1) == 1;
}

static gboolean
send_and_receive (Room *room)
{
  char bytes[4];
  struct iovec part = { bytes, sizeof bytes };
  struct mmsghdr message = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };

  return sendmmsg (room->pair[0], &message, 1, MSG_DONTWAIT) == 1 &&
         recvmmsg (room->pair[1], &message, 1, MSG_DONTWAIT, NULL) == 1;
}

static gboolean
poll_a_little (Room *room)
{
  struct pollfd wanted = { room->pair[0], POLLOUT, 0 };

  return poll (&wanted, 1, 10) == 1;
}

static gboolean
make_main_context (Room *room)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  return !g_main_context_iteration (context, FALSE);
}

static gboolean
accept_connection (Room *room)
{
  return accept4 (room->listener, NULL, NULL, SOCK_NONBLOCK) == -1;
}

static gboolean
ask_socket (Room *room)
{
  int type = 0;
  socklen_t length = sizeof type;

  return getsockopt (room->pair[0], SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

static gboolean
set_low_water (Room *room)
{
  int bytes = 5;

  return setsockopt (room->pair[0], SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0;
}

static gboolean
set_socket_mark (Room *room)
{
  int mark = 1;

  (void) setsockopt (room->pair[0], SOL_SOCKET, SO_MARK, &mark, sizeof mark);
  return TRUE;
}

static gboolean
fork_and_wait (Room *room)
{
  int status = 1;
  pid_t child = fork ();

  if (child == 0)
    _exit (0);
  return child > 0 && waitpid (child, &status, 0) == child && status == 0;
}

static gboolean
narrow_after_fork (Room *room)
{
  int status = 1;
  pid_t child = fork ();

  if (child == 0)
    {
      if (!sp_sandbox_filter_apply (room->narrow, NULL))
        _exit (EXIT_BAD);
      (void) fork ();
      _exit (EXIT_BAD);
    }
  return child > 0 && waitpid (child, &status, 0) == child && WIFSIGNALED (status) &&
         WTERMSIG (status) == SIGSYS;
}

static void *
return_argument (void *argument)
{
  return argument;
}

static gboolean
run_thread (Room *room)
{
  pthread_t thread;
  void *result = NULL;

  return pthread_create (&thread, NULL, return_argument, room) == 0 &&
         pthread_join (thread, &result) == 0 && result == room;
}

static void
mark_done (gpointer data, gpointer user_data)
{
  g_atomic_int_set ((gint *) user_data, GPOINTER_TO_INT (data));
}

static gboolean
run_thread_pool (Room *room)
{
  gint done = 0;
  GThreadPool *pool = g_thread_pool_new (mark_done, &done, 1, TRUE, NULL);

  g_thread_pool_push (pool, GINT_TO_POINTER (7), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  return done == 7;
}

static gboolean
use_folder (Room *room)
{
  g_autofree char *path = g_build_filename (room->folder, "new", NULL);
  g_autofree char *other = g_build_filename (room->folder, "renamed", NULL);
  struct flock lock = { .l_type = F_WRLCK };
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  return fd >= 0 && pwrite (fd, "x", 1, 0) == 1 && fcntl (fd, F_SETLK, &lock) == 0 &&
         fsync (fd) == 0 && close (fd) == 0 && rename (path, other) == 0 && unlink (other) == 0;
}

static gboolean
open_outside_folder (Room *room)
{
  int fd = open ("/etc/passwd", O_RDONLY | O_CLOEXEC);

  /* a kernel without Landlock lets it open what its account may read */
  return room->has_landlock ? fd == -1 && errno == EACCES : fd >= 0;
}

static gboolean
make_socket (Room *room)
{
  (void) !socket (AF_INET, SOCK_STREAM, 0);
  return TRUE;
}

static gboolean
connect_socket (Room *room)
{
  struct sockaddr_in nowhere = { .sin_family = AF_INET, .sin_port = htons (9) };

  (void) !connect (room->listener, (struct sockaddr *) &nowhere, sizeof nowhere);
  return TRUE;
}

static gboolean
bind_socket (Room *room)
{
  struct sockaddr_in any = { .sin_family = AF_INET };

  (void) !bind (room->listener, (struct sockaddr *) &any, sizeof any);
  return TRUE;
}

static gboolean
execute (Room *room)
{
  char *const arguments[] = { (char *) "/bin/true", NULL };

  (void) !execve ("/bin/true", arguments, arguments + 1);
  return TRUE;
}

static gboolean
control_device (Room *room)
{
  (void) !ioctl (room->file, TUNSETPERSIST, 1);
  return TRUE;
}

static gboolean
set_descriptor_flags (Room *room)
{
  (void) !fcntl (room->pair[0], F_SETFL, 0);
  return TRUE;
}

static gboolean
make_descriptor_non_blocking (Room *room)
{
  return fcntl (room->pair[0], F_SETFL, O_NONBLOCK) == 0;
}

static gboolean
trace_parent (Room *room)
{
  (void) !ptrace (PTRACE_ATTACH, getppid (), NULL, NULL);
  return TRUE;
}

static gboolean
kill_process (Room *room)
{
  (void) !kill (1, 0);
  return TRUE;
}

static gboolean
make_code (Room *room)
{
  void *memory = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  (void) !mprotect (memory, 4096, PROT_READ | PROT_EXEC);
  return TRUE;
}

static gboolean
map_code (Room *room)
{
  (void) mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return TRUE;
}

/* As libcrypt does for a verifier of 32 MiB. */
static gboolean
ask_for_large_pages (Room *room)
{
  void *memory = mmap (NULL, 2 << 20, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

  return memory == MAP_FAILED && errno == ENOMEM;
}

static gboolean
clone_namespace (Room *room)
{
  (void) syscall (SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
  return TRUE;
}

static gboolean
clone_process (Room *room)
{
  if (syscall (SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) == 0)
    _exit (0);
  return TRUE;
}

static gboolean
control_process (Room *room)
{
  (void) !prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
  return TRUE;
}

static gboolean
add_filter (Room *room)
{
  (void) syscall (SYS_seccomp, 1, 0, NULL);
  return TRUE;
}

/* Its requests would pass by the filter. */
static gboolean
make_ring (Room *room)
{
  (void) syscall (SYS_io_uring_setup, 1, NULL);
  return TRUE;
}

static gboolean
duplicate_descriptor (Room *room)
{
  (void) !dup2 (room->pair[0], 77);
  return TRUE;
}

static const struct
{
  const char *name;
  Attempt attempt;
  guint allowed_in;
} attempts[] = {
  { "exit", exit_at_once, EVERYWHERE },
  { "memory", use_memory, EVERYWHERE },
  { "random-and-clock", draw_random, EVERYWHERE },
  { "read-write", write_and_read, EVERYWHERE },
  { "send-receive", send_and_receive, EVERYWHERE },
  { "poll", poll_a_little, EVERYWHERE },
  { "main-context", make_main_context, EVERYWHERE },
  { "accept", accept_connection, IN_DOOR },
  { "getsockopt", ask_socket, IN_WORKER | IN_DOOR | IN_NURSERY },
  { "setsockopt-low-water", set_low_water, IN_DOOR },
  { "setsockopt-mark", set_socket_mark, NOWHERE },
  { "fork", fork_and_wait, IN_NURSERY },
  { "narrow", narrow_after_fork, IN_NURSERY },
  { "thread", run_thread, IN_KEYHOLDER },
  { "thread-pool", run_thread_pool, IN_KEYHOLDER },
  { "folder", use_folder, IN_KEYHOLDER },
  { "open-outside", open_outside_folder, IN_KEYHOLDER },
  { "socket", make_socket, NOWHERE },
  { "connect", connect_socket, NOWHERE },
  { "bind", bind_socket, NOWHERE },
  { "execve", execute, NOWHERE },
  { "ioctl", control_device, NOWHERE },
  { "fcntl-setfl", set_descriptor_flags, NOWHERE },
  { "fcntl-nonblock", make_descriptor_non_blocking, IN_KEYHOLDER },
  { "ptrace", trace_parent, NOWHERE },
  { "kill", kill_process, NOWHERE },
  { "mprotect-exec", make_code, NOWHERE },
  { "mmap-exec", map_code, NOWHERE },
  { "large-pages", ask_for_large_pages, IN_KEYHOLDER },
  { "clone-namespace", clone_namespace, NOWHERE },
  { "clone-process", clone_process, IN_NURSERY },
  { "prctl", control_process, NOWHERE },
  { "seccomp", add_filter, IN_NURSERY },
  { "io-uring", make_ring, NOWHERE },
  { "dup", duplicate_descriptor, NOWHERE },
};

static Room
open_room (void)
{
  Room room = { .listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
                .file = open ("/dev/null", O_RDWR | O_CLOEXEC),
                .folder = g_dir_make_tmp ("sandbox-XXXXXX", NULL) };

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_DGRAM, 0, room.pair));
  g_assert_nonnull (room.folder);
  room.has_landlock = syscall (SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
  return room;
}

static void
close_room (Room *room)
{
  sp_fd_clear (&room->pair[0]);
  sp_fd_clear (&room->pair[1]);
  sp_fd_clear (&room->listener);
  sp_fd_clear (&room->file);
  g_assert_no_errno (rmdir (room->folder));
  g_free (room->folder);
}

static int
run_attempt (guint number, Attempt attempt)
{
  Room room = open_room ();
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      room.narrow = sp_worker_sandbox_prepare (NULL);
      if (room.narrow == NULL || !rooms[number].enter (&room))
        _exit (EXIT_NO_SANDBOX);
      _exit (attempt (&room) ? EXIT_GOOD : EXIT_BAD);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  close_room (&room);
  return status;
}

static void
test_attempt (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data);
  guint room = number % G_N_ELEMENTS (rooms);
  guint attempt = number / G_N_ELEMENTS (rooms);
  int status;

  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("built with a sanitizer");
      return;
    }
  status = run_attempt (room, attempts[attempt].attempt);
  if (attempts[attempt].allowed_in & rooms[room].bit)
    {
      g_assert_false (WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, EXIT_GOOD);
    }
  else
    {
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
    }
}

static void
add_attempts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (attempts) * G_N_ELEMENTS (rooms); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/sandbox/%s/%s", rooms[i % G_N_ELEMENTS (rooms)].name,
                           attempts[i / G_N_ELEMENTS (rooms)].name);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_attempt);
    }
}

/* What has less than another sandbox can be told only where that is so, call by call. */
static void
test_not_narrower (void)
{
  const SpPromiseLine basic[] = { { SP_PROMISE_BASIC, "memory" } };
  const SpPromiseLine files[] = { { SP_PROMISE_BASIC, "memory" },
                                  { SP_PROMISE_FILES, "memory that is shared, too" } };
  const SpPromiseLine poll[] = { { SP_PROMISE_POLL, "not within" } };
  const SpSandbox with_basic = { .promises = basic, .n_promises = G_N_ELEMENTS (basic) };
  const SpSandbox with_files = { .promises = files, .n_promises = G_N_ELEMENTS (files) };
  const SpSandbox with_poll = { .promises = poll, .n_promises = G_N_ELEMENTS (poll) };
  g_autoptr (SpSandboxFilter) filter = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (sp_sandbox_filter_narrow (&with_basic, &with_poll, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_null (sp_sandbox_filter_narrow (&with_files, &with_basic, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  filter = sp_sandbox_filter_narrow (&with_basic, &with_basic, &error);
  g_assert_no_error (error);
  g_assert_nonnull (filter);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_attempts ();
  g_test_add_func ("/sandbox/not-narrower", test_not_narrower);
  return g_test_run ();
}
