/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-sandbox.h"

#include "platform/sandbox.h"

#include <arpa/inet.h>
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
#include <sys/wait.h>
#include <unistd.h>

/* What a courier may do, and what it is refused: each in a child that closed it. */

typedef gboolean (*Attempt) (void);

static gboolean
open_file (void)
{
  return open ("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static gboolean
write_file (void)
{
  return open ("/tmp/courier-wrote", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
         open ("/dev/null", O_RDWR | O_CLOEXEC) >= 0;
}

static gboolean
load_library (void)
{
  return dlopen ("libsqlite3.so.0", RTLD_NOW) != NULL;
}

static gboolean
connect_here (void)
{
  return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
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
  const struct sockaddr_in nobody = { AF_INET, htons (1), { htonl (INADDR_LOOPBACK) }, { 0 } };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return fd >= 0 && connect (fd, (const struct sockaddr *) &nobody, sizeof nobody) < 0 &&
         errno == ECONNREFUSED;
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

/* A port of its own is the first that is free: it needs no bind. */
static gboolean
listen_here (void)
{
  return listen (socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1) == 0;
}

static gboolean
search_router (void)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_in address = { AF_INET, 0, { htonl (INADDR_LOOPBACK) }, { 0 } };
  const guint8 ttl = 2;

  return setsockopt (fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0 &&
         setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &address.sin_addr, sizeof address.sin_addr) ==
             0 &&
         bind (fd, (const struct sockaddr *) &address, sizeof address) == 0;
}

/* Answers to a search come to who searches, not to whoever joins a group. */
static gboolean
join_group (void)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const struct ip_mreq group = { { inet_addr ("239.255.255.250") }, { htonl (INADDR_LOOPBACK) } };

  return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0;
}

static const struct
{
  const char *name;
  Attempt attempt;
  gboolean allowed;
} attempts[] = {
  { "open a file", open_file, TRUE },
  { "make a thread", make_thread, TRUE },
  { "reach a network", reach_network, TRUE },
  { "search a router", search_router, TRUE },
  { "write a file", write_file, FALSE },
  { "load a library", load_library, FALSE },
  { "connect to a socket of this machine", connect_here, FALSE },
  { "make a process", make_process, FALSE },
  { "run a program", run_program, FALSE },
  { "signal others", signal_others, FALSE },
  { "look into others", look_into_others, FALSE },
  { "write code", write_code, FALSE },
  { "listen", listen_here, FALSE },
  { "join a group", join_group, FALSE },
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
        _exit (!sp_courier_sandbox_enter (NULL) ? 3 : attempts[i].attempt () ? 0 : 1);
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
  g_test_add_func ("/courier-sandbox/attempts", test_attempts);
  return g_test_run ();
}
