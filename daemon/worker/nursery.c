/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/nursery.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "footprint.h"
#include "link/channel.h"
#include "platform/cpu.h"
#include "walls/main-nursery.h"
#include "worker/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Workers that may be alive at one time, those of a full house. */
#define CHILDREN_MAX SP_NURSERY_FORKS_MAX

/* Data of one process, bytes: a worker with all its buffers full needs a tenth of it. */
#define MEMORY_MAX (64 * 1024 * 1024)

#define TIMER_SLACK                                                                                \
  1 /* ns that a wait may last longer than asked for; 0 would be the usual 50 µs */

typedef struct
{
  pid_t pid; /* 0: free */
  guint64 worker;
} Child;

typedef struct
{
  int wall;
  int children_signal; /* readable when a child ended */
  SpPermit permit;
  SpEquipment *equipment;
  SpSandboxFilter *worker_filter;
  SpHeapSeal *seal;
  SpLogLevel log_level;
  gboolean ended;
  char *title;       /* argv[0] */
  int worker_status; /* in a worker: its exit status; -1 in the nursery */
  /* Last: a worker writes to what is before, and copies that page alone. */
  Child children[CHILDREN_MAX];
} Nursery;

/* Main always reads, so waiting for room in its queue ends. */
static void
tell_main (Nursery *self, guint8 type, guint32 serial, gconstpointer message, int fd)
{
  struct pollfd wait = { .fd = self->wall, .events = POLLOUT };

  for (;;)
    {
      g_autoptr (GError) error = NULL;

      if (sp_channel_send (self->wall, &sp_wall_main_nursery, type, serial, message, &fd, fd >= 0,
                           &error))
        return;
      if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
        {
          self->ended = TRUE;
          return;
        }
      (void) poll (&wait, 1, -1);
    }
}

static Child *
find_child (Nursery *self, pid_t pid)
{
  for (guint i = 0; i < CHILDREN_MAX; i++)
    if (self->children[i].pid == pid)
      return &self->children[i];
  return NULL;
}

static void
fail_fork (Nursery *self, guint64 worker, guint32 serial, int error)
{
  const SpForkFailed message = { .worker = worker, .error = (guint32) error };

  sp_log (SP_LOG_WARNING, "fork", "no worker: %s", sp_error_describe (error));
  tell_main (self, SP_MESSAGE_FORK_FAILED, serial, &message, -1);
}

/* The pid cannot be taken by another process yet, since nobody has waited for it. */
static void
announce_child (Nursery *self, Child *child, guint32 serial)
{
  const SpWorkerForked message = { .worker = child->worker, .pid = (guint32) child->pid };
  sp_autofd int pidfd = pidfd_open (child->pid, 0);

  if (pidfd >= 0)
    {
      tell_main (self, SP_MESSAGE_WORKER_FORKED, serial, &message, pidfd);
      return;
    }
  /* Main closes its walls then, which ends it. */
  fail_fork (self, child->worker, serial, errno);
}

/* In the list of processes: the title's memory is as long as the nursery's own name. */
static void
rename_process (char *title)
{
  gsize length = strlen (title);

  if (length < strlen (SP_TITLE_WORKER))
    return;
  memset (title, 0, length);
  memcpy (title, SP_TITLE_WORKER, strlen (SP_TITLE_WORKER));
}

/* Keeps the two walls, and a standard error that no other room writes to. */
static void
become_worker (Nursery *self, int main_wall, int keyholder_wall, int log)
{
  g_autoptr (GError) error = NULL;

  self->ended = TRUE;
  self->worker_status = EXIT_FAILURE;
  if (dup3 (log, STDERR_FILENO, 0) < 0)
    return;
  (void) close (log);
  sp_log_open ("worker", self->log_level);
  rename_process (self->title);
  sp_fd_clear (&self->wall);
  sp_fd_clear (&self->children_signal);
  (void) close (STDIN_FILENO);
  (void) close (STDOUT_FILENO);
  if (!sp_sandbox_filter_apply (self->worker_filter, &error))
    {
      sp_log (SP_LOG_ERROR, "sandbox", "%s", error->message);
      return;
    }
  /* What the worker had and all else is shared with the nursery: taking it apart would copy it
   * first.  Only a sanitizer wants to see that nothing was lost. */
  self->worker_status =
      sp_worker_run (self->equipment, main_wall, keyholder_wall, !sp_sandbox_is_enforced ());
  if (sp_sandbox_is_enforced ())
    _exit (self->worker_status);
}

static void
fork_worker (Nursery *self, SpEnvelope *envelope)
{
  const SpForkWorker *message = (const SpForkWorker *) envelope->message.bytes;
  Child *child = find_child (self, 0);
  pid_t pid;

  if (child == NULL)
    {
      fail_fork (self, message->worker, envelope->header.serial, EAGAIN);
      return;
    }
  /* libc's own fork: it tells GnuTLS, which would otherwise give all workers the same random
   * numbers. */
  pid = fork ();
  if (pid < 0)
    fail_fork (self, message->worker, envelope->header.serial, errno);
  else if (pid == 0)
    become_worker (self, sp_fd_steal (&envelope->fds[0]), sp_fd_steal (&envelope->fds[1]),
                   sp_fd_steal (&envelope->fds[2]));
  else
    {
      child->pid = pid;
      child->worker = message->worker;
      announce_child (self, child, envelope->header.serial);
    }
}

/* Workers inherit it: one that a client made hungry ends alone.  Sanitizers need far more. */
static void
limit_memory (void)
{
  const struct rlimit limit = { .rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX };

  if (sp_sandbox_is_enforced () && setrlimit (RLIMIT_DATA, &limit) != 0)
    sp_log (SP_LOG_WARNING, "equip", "no limit of memory: %s", sp_error_describe (errno));
}

static SpCipherOrder
choose_order (void)
{
  if (sp_cpu_has_aes ())
    return SP_CIPHERS_AES_FIRST;
  sp_log (SP_LOG_NOTICE, "equip", "no instructions for AES here: ChaCha20 is preferred");
  return SP_CIPHERS_CHACHA20_FIRST;
}

static void
equip (Nursery *self, SpEnvelope *envelope)
{
  const SpEquip *message = (const SpEquip *) envelope->message.bytes;
  g_autoptr (GError) error = NULL;

  self->log_level = MIN (message->log_level, SP_LOG_LAST);
  sp_log_open ("nursery", self->log_level);
  self->equipment = sp_equipment_new (message->chain, message->chain_length, message->tls13 != 0,
                                      choose_order (), &error);
  limit_memory ();
  if (self->equipment != NULL && message->authority_length > 0 &&
      !sp_equipment_set_authority (self->equipment, message->authority, message->authority_length,
                                   &error))
    g_clear_pointer (&self->equipment, sp_equipment_free);
  if (self->equipment != NULL)
    self->worker_filter = sp_worker_sandbox_prepare (&error);
  /* Workers inherit it: what waits some hundred µs (turn-pace.h) must not wait longer. */
  (void) prctl (PR_SET_TIMERSLACK, TIMER_SLACK);
  if (self->worker_filter == NULL || !sp_nursery_sandbox_enter (&error))
    {
      sp_log (SP_LOG_ERROR, "equip", "%s", error->message);
      self->ended = TRUE;
      return;
    }
  sp_permit_enter (&self->permit, SP_MAIN_NURSERY_READY);
  sp_footprint_rest (); /* what no worker has yet, it does not have to copy */
  self->seal = sp_heap_seal ();
}

typedef void (*Handler) (Nursery *self, SpEnvelope *envelope);

static const Handler from_main[] = {
  [SP_MESSAGE_EQUIP] = equip,
  [SP_MESSAGE_FORK_WORKER] = fork_worker,
};

static void
serve_main (Nursery *self)
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (sp_channel_receive (self->wall, &self->permit, &envelope, &error))
    {
      from_main[envelope.header.type](self, &envelope);
      sp_envelope_clear (&envelope);
      return;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    return;
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_ERROR, "wall", "%s", error->message);
  self->ended = TRUE;
}

static void
reap_children (Nursery *self)
{
  struct signalfd_siginfo seen;
  int status;
  pid_t pid;

  (void) !read (self->children_signal, &seen, sizeof seen);
  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    {
      Child *child = find_child (self, pid);
      SpWorkerExited message = { .status = (guint32) status };

      if (child == NULL)
        continue;
      message.worker = child->worker;
      child->pid = 0;
      tell_main (self, SP_MESSAGE_WORKER_EXITED, 0, &message, -1);
    }
}

static gboolean
prepare_signals (Nursery *self)
{
  sigset_t ended;

  /* Nobody may read our log lines any more; that ends no client. */
  (void) signal (SIGPIPE, SIG_IGN);
  (void) sigemptyset (&ended);
  (void) sigaddset (&ended, SIGCHLD);
  if (sigprocmask (SIG_BLOCK, &ended, NULL) != 0)
    return FALSE;
  self->children_signal = signalfd (-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
  return self->children_signal >= 0;
}

static void
serve (Nursery *self)
{
  while (!self->ended)
    {
      struct pollfd ready[] = {
        { .fd = self->wall, .events = POLLIN },
        { .fd = self->children_signal, .events = POLLIN },
      };

      if (poll (ready, G_N_ELEMENTS (ready), -1) < 0)
        continue;
      if (ready[1].revents != 0)
        reap_children (self);
      if (ready[0].revents != 0 && !self->ended)
        serve_main (self);
    }
}

/* Certificates are dated by way of libc's local time, which opens the zone's file each time unless
 * there is none; workers open nothing. */
static void
leave_time_zone (void)
{
  (void) g_setenv ("TZ", "UTC0", TRUE);
  tzset ();
}

int
sp_nursery_run (int wall_fd, char *title)
{
  g_autofree Nursery *self = g_new0 (Nursery, 1);

  leave_time_zone ();
  self->title = title;
  self->wall = wall_fd;
  self->children_signal = -1;
  self->worker_status = -1;
  sp_permit_init (&self->permit, &sp_wall_main_nursery, SP_MAIN_NURSERY_NURSERY);
  if (!prepare_signals (self))
    {
      sp_log (SP_LOG_ERROR, "start", "signalfd: %s", sp_error_describe (errno));
      return EXIT_FAILURE;
    }
  serve (self);
  sp_equipment_free (self->equipment);
  g_clear_pointer (&self->worker_filter, sp_sandbox_filter_free);
  g_clear_pointer (&self->seal, sp_heap_unseal);
  sp_fd_clear (&self->wall);
  sp_fd_clear (&self->children_signal);
  return self->worker_status >= 0 ? self->worker_status : EXIT_SUCCESS;
}
