/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-sandbox.h"
#include "platform/sandbox.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sandbox of the door as it is shipped, tried from inside: what a taken-over door would want
 * must end it. */

#define EXIT_NO_SANDBOX 4

typedef struct
{
  int datagram; /* unbound */
  int pair[2];
  int poller;
} Belongings;

typedef void (*Attempt) (Belongings *own);

static void
open_a_file (Belongings *own)
{
  (void) open ("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void
make_a_socket (Belongings *own)
{
  (void) socket (AF_INET, SOCK_STREAM, 0);
}

static void
connect_somewhere (Belongings *own)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (53) };

  (void) connect (own->datagram, (struct sockaddr *) &name, sizeof name);
}

static void
bind_a_port (Belongings *own)
{
  struct sockaddr_in name = { .sin_family = AF_INET };

  (void) bind (own->datagram, (struct sockaddr *) &name, sizeof name);
}

static void
listen_there (Belongings *own)
{
  (void) listen (own->datagram, 1);
}

static void
execute (Belongings *own)
{
  char *const nothing[] = { NULL };

  (void) execve ("/bin/true", nothing, nothing);
}

static void
fork_itself (Belongings *own)
{
  (void) fork ();
}

static void
kill_somebody (Belongings *own)
{
  (void) kill (getppid (), 0);
}

static void
trace_somebody (Belongings *own)
{
  (void) ptrace (PTRACE_ATTACH, 1, NULL, NULL);
}

static void
control_a_device (Belongings *own)
{
  int pending;

  (void) ioctl (own->pair[0], FIONREAD, &pending);
}

static void
attach_a_filter (Belongings *own)
{
  int none = 0;

  (void) setsockopt (own->datagram, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
}

/* Whoever closed the last copy would wait: main, perhaps. */
static void
make_it_linger (Belongings *own)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 100 };

  (void) setsockopt (own->datagram, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void
share_memory (Belongings *own)
{
  (void) mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void
grow_a_stack (Belongings *own)
{
  (void) mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
               0);
}

static void
make_code (Belongings *own)
{
  (void) mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
change_flags (Belongings *own)
{
  (void) fcntl (own->pair[0], F_SETFL, 0);
}

static void
do_its_work (Belongings *own)
{
  struct epoll_event event = { .events = EPOLLIN };
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  char byte = 0;
  int one = 1;

  (void) epoll_ctl (own->poller, EPOLL_CTL_ADD, own->pair[0], &event);
  (void) send (own->pair[1], &byte, 1, 0);
  (void) epoll_wait (own->poller, &event, 1, 0);
  (void) recv (own->pair[0], &byte, 1, MSG_PEEK);
  (void) setsockopt (own->pair[0], SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
  (void) getsockname (own->pair[0], (struct sockaddr *) &name, &length);
  (void) accept4 (own->pair[0], NULL, NULL, SOCK_CLOEXEC);
  (void) close (own->pair[0]);
}

static const struct
{
  const char *name;
  Attempt attempt;
  gboolean allowed;
} rows[] = {
  { "work", do_its_work, TRUE },
  { "open-a-file", open_a_file, FALSE },
  { "make-a-socket", make_a_socket, FALSE },
  { "connect", connect_somewhere, FALSE },
  { "bind", bind_a_port, FALSE },
  { "listen", listen_there, FALSE },
  { "execute", execute, FALSE },
  { "fork", fork_itself, FALSE },
  { "kill", kill_somebody, FALSE },
  { "trace", trace_somebody, FALSE },
  { "control-a-device", control_a_device, FALSE },
  { "attach-a-filter", attach_a_filter, FALSE },
  { "make-it-linger", make_it_linger, FALSE },
  { "share-memory", share_memory, FALSE },
  { "grow-a-stack", grow_a_stack, FALSE },
  { "make-code", make_code, FALSE },
  { "change-flags", change_flags, FALSE },
};

static void
live_in_sandbox (Attempt attempt)
{
  Belongings own = { .datagram = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
                     .poller = epoll_create1 (EPOLL_CLOEXEC) };

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, own.pair) < 0 ||
      !sp_door_close_sandbox (NULL))
    _exit (EXIT_NO_SANDBOX);
  attempt (&own);
  _exit (0);
}

static void
test_attempt (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  pid_t child;
  int status;

  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("built with a sanitizer");
      return;
    }
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    live_in_sandbox (rows[row].attempt);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (rows[row].allowed)
    {
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      return;
    }
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/door-sandbox/", rows[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_attempt);
    }
  return g_test_run ();
}
