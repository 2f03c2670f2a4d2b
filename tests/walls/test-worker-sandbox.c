/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/nursery.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the rooms' own tables allow and what they do not, tried in children that entered them. */

typedef struct
{
  int pair[2]; /* connected sockets */
} Belongings;

static void
try_socket (Belongings *own)
{
  (void) !socket (AF_INET, SOCK_STREAM, 0);
}

static void
try_connect (Belongings *own)
{
  struct sockaddr_in address = { .sin_family = AF_INET };

  (void) !connect (own->pair[0], (struct sockaddr *) &address, sizeof address);
}

static void
try_bind (Belongings *own)
{
  struct sockaddr_in address = { .sin_family = AF_INET };

  (void) !bind (own->pair[0], (struct sockaddr *) &address, sizeof address);
}

static void
try_listen (Belongings *own)
{
  (void) !listen (own->pair[0], 1);
}

static void
try_accept (Belongings *own)
{
  (void) !accept (own->pair[0], NULL, NULL);
}

static void
try_setsockopt (Belongings *own)
{
  int one = 1;

  (void) !setsockopt (own->pair[0], SOL_SOCKET, SO_SNDBUF, &one, sizeof one);
}

static void
try_open (Belongings *own)
{
  (void) !open ("/dev/null", O_RDONLY);
}

static void
try_ioctl (Belongings *own)
{
  (void) !ioctl (own->pair[0], TUNSETPERSIST, 1);
}

static void
try_fcntl (Belongings *own)
{
  (void) !fcntl (own->pair[0], F_SETFL, O_NONBLOCK);
}

static void
try_getfl (Belongings *own)
{
  (void) !fcntl (own->pair[0], F_GETFL);
}

static void
try_dup (Belongings *own)
{
  (void) !dup (own->pair[0]);
}

static void
try_exec (Belongings *own)
{
  char *argv[] = { NULL };

  (void) !execve ("/bin/true", argv, argv);
}

static void
try_fork (Belongings *own)
{
  if (fork () == 0)
    _exit (0);
}

static void
try_kill (Belongings *own)
{
  (void) !kill (getpid (), 0);
}

static void
try_pidfd (Belongings *own)
{
  (void) !pidfd_open (getpid (), 0);
}

static void
try_executable_memory (Belongings *own)
{
  (void) !mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Memory that its limit does not count. */
static void
try_shared_memory (Belongings *own)
{
  (void) !mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void
try_stack (Belongings *own)
{
  (void) !mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
                0);
}

static void
try_ptrace (Belongings *own)
{
  (void) !syscall (SYS_ptrace, 0, 0, 0, 0);
}

static void
try_unshare (Belongings *own)
{
  (void) !syscall (SYS_unshare, 0);
}

/* Whatever a worker does all day. */
static void
work (Belongings *own)
{
  struct mmsghdr messages[1];
  char byte = 'x';
  struct iovec part = { &byte, 1 };
  struct pollfd ready = { .fd = own->pair[1], .events = POLLIN };
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  guint8 random[32];
  void *memory;

  memset (messages, 0, sizeof messages);
  messages[0].msg_hdr.msg_iov = &part;
  messages[0].msg_hdr.msg_iovlen = 1;
  g_assert_cmpint (send (own->pair[0], &byte, 1, 0), ==, 1);
  g_assert_cmpint (sendmmsg (own->pair[0], messages, 1, 0), ==, 1);
  g_assert_cmpint (write (own->pair[0], &byte, 1), ==, 1);
  g_assert_cmpint (poll (&ready, 1, 1000), ==, 1);
  g_assert_cmpint (recv (own->pair[1], &byte, 1, 0), ==, 1);
  g_assert_cmpint (recvmmsg (own->pair[1], messages, 1, 0, NULL), ==, 1);
  g_assert_cmpint (read (own->pair[1], &byte, 1), ==, 1);
  g_assert_cmpint (getsockname (own->pair[0], (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (shutdown (own->pair[0], SHUT_WR), ==, 0);
  g_assert_cmpint (gnutls_rnd (GNUTLS_RND_KEY, random, sizeof random), ==, 0);
  memory = mmap (NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_true (memory != MAP_FAILED);
  g_assert_cmpint (madvise (memory, 1 << 20, MADV_DONTNEED), ==, 0);
  g_assert_cmpint (munmap (memory, 1 << 20), ==, 0);
  g_free (g_malloc (1 << 20));
  g_assert_cmpint (close (own->pair[0]), ==, 0);
}

typedef struct
{
  const char *name;
  void (*attempt) (Belongings *own);
  gboolean nursery_may; /* or dies of it, too */
} Attempt;

static const Attempt attempts[] = {
  { "socket", try_socket, FALSE },
  { "connect", try_connect, FALSE },
  { "bind", try_bind, FALSE },
  { "listen", try_listen, FALSE },
  { "accept", try_accept, FALSE },
  { "setsockopt", try_setsockopt, FALSE },
  { "open", try_open, FALSE },
  { "ioctl", try_ioctl, FALSE },
  { "fcntl", try_fcntl, FALSE },
  { "fcntl-get", try_getfl, FALSE },
  { "dup", try_dup, FALSE },
  { "exec", try_exec, FALSE },
  { "fork", try_fork, TRUE },
  { "kill", try_kill, FALSE },
  { "pidfd", try_pidfd, TRUE },
  { "executable-memory", try_executable_memory, FALSE },
  { "shared-memory", try_shared_memory, FALSE },
  { "stack", try_stack, FALSE },
  { "ptrace", try_ptrace, FALSE },
  { "unshare", try_unshare, FALSE },
};

/* The wait status of a child that enters the nursery's sandbox, and perhaps the worker's within. */
static int
run_confined (void (*attempt) (Belongings *own), gboolean as_worker)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      Belongings own;
      SpSandboxFilter *filter = sp_worker_sandbox_prepare (NULL);

      g_assert_true (sp_socket_pair (own.pair, NULL));
      g_assert_true (filter != NULL && sp_nursery_sandbox_enter (NULL));
      if (as_worker)
        g_assert_true (sp_sandbox_filter_apply (filter, NULL));
      attempt (&own);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

static gboolean
was_killed (int status)
{
  return WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS;
}

static void
test_attempt (gconstpointer data)
{
  const Attempt *attempt = data;
  int nursery, worker;

  if (!sp_sandbox_is_enforced ())
    {
      g_test_skip ("built without the filter");
      return;
    }
  nursery = run_confined (attempt->attempt, FALSE);
  worker = run_confined (attempt->attempt, TRUE);
  g_assert_true (was_killed (worker));
  g_assert_cmpint (was_killed (nursery), ==, !attempt->nursery_may);
}

static void
test_work (void)
{
  g_assert_cmpint (run_confined (work, TRUE), ==, 0);
}

#define DRAW 32

/* What a child of libc's fork draws at each of GnuTLS's three levels. */
static void
draw_in_child (guint8 drawn[3 * DRAW])
{
  int pair[2];
  pid_t child;

  g_assert_true (sp_socket_pair (pair, NULL));
  child = fork ();
  if (child == 0)
    {
      for (guint level = GNUTLS_RND_NONCE; level <= GNUTLS_RND_KEY; level++)
        g_assert_cmpint (gnutls_rnd (level, drawn + level * DRAW, DRAW), ==, 0);
      g_assert_cmpint (send (pair[1], drawn, 3 * DRAW, 0), ==, 3 * DRAW);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_cmpint (recv (pair[0], drawn, 3 * DRAW, 0), ==, 3 * DRAW);
  (void) close (pair[0]);
  (void) close (pair[1]);
}

/* A nursery whose children draw the same numbers would be the end of all secrets. */
static void
test_siblings_differ (void)
{
  guint8 parent[3 * DRAW], first[3 * DRAW], second[3 * DRAW];

  for (guint level = GNUTLS_RND_NONCE; level <= GNUTLS_RND_KEY; level++)
    g_assert_cmpint (gnutls_rnd (level, parent + level * DRAW, DRAW), ==, 0);
  draw_in_child (first);
  draw_in_child (second);
  for (guint level = GNUTLS_RND_NONCE; level <= GNUTLS_RND_KEY; level++)
    {
      gsize at = level * DRAW;

      g_assert_cmpint (memcmp (first + at, second + at, DRAW), !=, 0);
      g_test_message ("level %u differs", level);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker-sandbox/siblings-differ", test_siblings_differ);
  g_test_add_func ("/worker-sandbox/work", test_work);
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autofree char *path = g_strdup_printf ("/worker-sandbox/no-%s", attempts[i].name);

      g_test_add_data_func (path, &attempts[i], test_attempt);
    }
  return g_test_run ();
}
