/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token-sandbox.h"

#include "platform/sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a module may do in its room, and what it is refused: each in a child that closed it. */

typedef gboolean (*Attempt) (void);

static gboolean
open_file (void)
{
  return open ("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static gboolean
load_library (void)
{
  return dlopen ("libsqlite3.so.0", RTLD_NOW) != NULL;
}

static gboolean
connect_here (void)
{
  const struct sockaddr_un address = { AF_UNIX, "/run/none" };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return fd >= 0 && connect (fd, (const struct sockaddr *) &address, sizeof address) < 0 &&
         (errno == ENOENT || errno == ECONNREFUSED);
}

static void *
nothing (void *data)
{
  return data;
}

static gboolean
make_thread (void)
{
  pthread_t thread;

  return pthread_create (&thread, NULL, nothing, NULL) == 0 && pthread_join (thread, NULL) == 0;
}

static gboolean
reach_network (void)
{
  return socket (AF_INET, SOCK_STREAM, 0) >= 0 || socket (AF_INET6, SOCK_DGRAM, 0) >= 0 ||
         socket (AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static gboolean
make_process (void)
{
  return fork () >= 0;
}

static gboolean
run_program (void)
{
  char *const words[] = { (char *) "true", NULL };

  return execv ("/bin/true", words) == 0 || errno != EACCES;
}

static gboolean
signal_others (void)
{
  return kill (getppid (), 0) == 0;
}

static gboolean
look_into_others (void)
{
  return ptrace (PTRACE_ATTACH, getppid (), NULL, NULL) == 0;
}

static gboolean
write_code (void)
{
  return mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) != MAP_FAILED;
}

static gboolean
listen_here (void)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_un address = { AF_UNIX, "/tmp/none" };

  return bind (fd, (const struct sockaddr *) &address, sizeof address) == 0;
}

static const struct
{
  const char *name;
  Attempt attempt;
  gboolean allowed;
} attempts[] = {
  { "open a file", open_file, TRUE },
  { "load a library", load_library, TRUE },
  { "connect to a socket of this machine", connect_here, TRUE },
  { "make a thread", make_thread, TRUE },
  { "reach a network", reach_network, FALSE },
  { "make a process", make_process, FALSE },
  { "run a program", run_program, FALSE },
  { "signal others", signal_others, FALSE },
  { "look into others", look_into_others, FALSE },
  { "write code", write_code, FALSE },
  { "listen", listen_here, FALSE },
};

static void
test_attempts (void)
{
  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("the sandbox is left off in this build");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        _exit (!sp_token_sandbox_enter (NULL) ? 3 : attempts[i].attempt () ? 0 : 1);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_test_message ("%s: 0x%x", attempts[i].name, (guint) status);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, attempts[i].allowed ? 0 : 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-sandbox/attempts", test_attempts);
  return g_test_run ();
}
