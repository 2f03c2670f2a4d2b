/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holder.h"

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "from-main.h"
#include "main-process.h"
#include "platform/service-manager.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDING_MILLISECONDS 10000 /* for a main that starts to listen */
/* Deaths in a row before the server was on.  What is kept may be what kills it; after some more
 * there is nothing that another start would mend. */
#define DEATHS_BEFORE_LETTING_GO 2
#define DEATHS_MAX               5
#define PAUSE_MILLISECONDS       100 /* before the second start in a row; then twice as long */
/* A session's wall, process, connection, queue and channels. */
#define DESCRIPTORS_WANTED ((SP_KEPT_DESCRIPTORS + SP_HOLDER_CHANNELS_MAX) * SP_SESSIONS_MAX + 64)

/* In the environment of a holder that renewed itself. */
#define RENEWED_VARIABLE "SALLYPORT_HOLDER_RENEWED"

typedef struct
{
  char *const *arguments; /* of main */
  gboolean is_renewed;    /* and main was not there since */
  int signals;
  int manager;         /* the service manager's socket; -1: there is none that asks */
  gboolean is_serving; /* which the manager knows */
  int wall;            /* -1: main has closed it, or broke its rules */
  SpPermit permit;
  SpKept *kept;
  pid_t main;
  gboolean asked_to_end;
  guint deaths;
  gboolean ended;
  int status;
} Holder;

static void
tell_manager (Holder *self, const char *lines)
{
  g_autoptr (GError) error = NULL;

  if (!sp_service_manager_tell (self->manager, lines, &error))
    sp_log (SP_LOG_WARNING, "start", "%s", error->message);
}

static gboolean
tell_main (gpointer user_data, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  Holder *self = user_data;
  struct pollfd room = { .fd = self->wall, .events = POLLOUT };

  for (;;)
    {
      g_autoptr (GError) error = NULL;

      if (sp_channel_send (self->wall, &sp_wall_main_holder, type, 0, message, fds, n_fds, &error))
        return TRUE;
      if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN) ||
          poll (&room, 1, HANDING_MILLISECONDS) <= 0)
        return FALSE;
    }
}

/* A main that does not listen is gone in a moment, or is ended. */
static void
hand_over (Holder *self)
{
  const SpAllKept all = { 0 };

  if (sp_kept_tell_all (self->kept, tell_main, self) &&
      tell_main (self, SP_MESSAGE_ALL_KEPT, &all, NULL, 0))
    sp_permit_enter (&self->permit, SP_MAIN_HOLDER_KEEPING);
  else
    (void) kill (self->main, SIGKILL);
}

/* Its clients are gone with what was kept, and its devices; the rest of the network is undone by
 * its program, since there is nobody else who knows how.  That asks for the lock itself. */
static void
take_leave (Holder *self, int status)
{
  gboolean in_order = status == EXIT_SUCCESS && !sp_kept_has_server (self->kept);

  g_clear_pointer (&self->kept, sp_kept_free);
  if (!in_order && !sp_main_process_undo_network (self->arguments))
    sp_log (SP_LOG_ERROR, "network", "is not put back");
  self->ended = TRUE;
  self->status = status;
}

static void
start_main (Holder *self)
{
  g_autoptr (GError) error = NULL;
  int pair[2] = { -1, -1 };

  self->main = -1;
  if (sp_socket_pair (pair, &error))
    self->main = sp_main_process_start (self->arguments, pair[1], &error);
  sp_fd_clear (&pair[1]);
  self->wall = pair[0];
  if (self->main < 0)
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      take_leave (self, EXIT_FAILURE);
      return;
    }
  sp_permit_init (&self->permit, &sp_wall_main_holder, SP_MAIN_HOLDER_HOLDER);
  hand_over (self);
}

static void
hear_main (Holder *self)
{
  g_autoptr (GError) error = NULL;
  SpNews news = { FALSE, self->is_serving };

  if (self->wall < 0)
    return;
  if (!sp_holder_hear_main (self->wall, &self->permit, self->kept, &news, &error))
    {
      if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
        {
          sp_log (SP_LOG_ERROR, "wall", "%s: nothing is kept any more", error->message);
          sp_kept_clear (self->kept);
        }
      sp_fd_clear (&self->wall);
    }
  if (news.is_on)
    self->deaths = 0;
  if (news.is_serving && !self->is_serving)
    {
      tell_manager (self, "READY=1");
      self->is_renewed = FALSE;
    }
  self->is_serving = news.is_serving;
}

/* Main is of a version after ours.  Its clients come back by themselves; what main starts there
 * puts the network back first. */
static void
renew (Holder *self)
{
  char *const *own = self->arguments - 1;

  sp_log (SP_LOG_NOTICE, "main", "is of another version than its holder: all begins anew");
  sp_kept_clear (self->kept);
  if (self->is_renewed || setenv (RENEWED_VARIABLE, "1", 1) != 0)
    sp_log (SP_LOG_ERROR, "main", "does not fit to %s", own[0]);
  else
    {
      (void) execvp (own[0], own);
      sp_log (SP_LOG_ERROR, "start", "executing %s: %s", own[0], sp_error_describe (errno));
    }
  take_leave (self, SP_HOLDER_GAVE_UP);
}

static gboolean
wants_another (Holder *self, int status)
{
  if (self->asked_to_end)
    return FALSE;
  /* One that ends by itself lets go of everything before, unless it did not come that far. */
  return WIFSIGNALED (status) || WEXITSTATUS (status) == SP_HOLDER_AGAIN ||
         (WEXITSTATUS (status) != EXIT_SUCCESS && sp_kept_has_server (self->kept));
}

static void
tell_death (Holder *self, int status)
{
  guint n = sp_kept_count_sessions (self->kept);

  if (WIFSIGNALED (status))
    sp_log (SP_LOG_WARNING, "main", "ended by signal %d; %u sessions go on", WTERMSIG (status), n);
  else if (WEXITSTATUS (status) != SP_HOLDER_AGAIN)
    sp_log (SP_LOG_WARNING, "main", "ended with status %d; %u sessions go on", WEXITSTATUS (status),
            n);
  else
    sp_log (SP_LOG_NOTICE, "main", "makes place for another; %u sessions go on", n);
}

static void
main_ended (Holder *self, int status)
{
  hear_main (self); /* all that it said before */
  sp_fd_clear (&self->wall);
  if (!self->asked_to_end && WIFEXITED (status) && WEXITSTATUS (status) == SP_HOLDER_RENEW)
    {
      renew (self);
      return;
    }
  if (!wants_another (self, status))
    {
      take_leave (self, WIFEXITED (status) ? WEXITSTATUS (status) : EXIT_FAILURE);
      return;
    }
  tell_death (self, status);
  self->deaths++;
  if (self->deaths > DEATHS_MAX)
    {
      sp_log (SP_LOG_ERROR, "main", "cannot be started");
      take_leave (self, SP_HOLDER_GAVE_UP);
      return;
    }
  if (self->deaths > DEATHS_BEFORE_LETTING_GO)
    sp_kept_clear (self->kept);
  if (self->deaths > 1)
    (void) poll (NULL, 0, PAUSE_MILLISECONDS << (self->deaths - 2));
  start_main (self);
}

/* Workers whose nursery is gone are ours, too. */
static void
reap (Holder *self)
{
  int status;
  pid_t pid;

  while (!self->ended && (pid = waitpid (-1, &status, WNOHANG)) > 0)
    if (pid == self->main)
      main_ended (self, status);
}

static void
take_signal (Holder *self)
{
  struct signalfd_siginfo seen;

  if (read (self->signals, &seen, sizeof seen) != sizeof seen)
    return;
  if (seen.ssi_signo == SIGCHLD)
    {
      reap (self);
      return;
    }
  if (seen.ssi_signo == SIGTERM || seen.ssi_signo == SIGINT)
    {
      self->asked_to_end = TRUE;
      tell_manager (self, "STOPPING=1");
    }
  (void) kill (self->main, (int) seen.ssi_signo);
}

static gboolean
prepare (Holder *self)
{
  static const int taken[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR2 };
  sigset_t set;

  (void) signal (SIGPIPE, SIG_IGN);
  (void) sp_descriptors_allow (DESCRIPTORS_WANTED);
  (void) sigemptyset (&set);
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    (void) sigaddset (&set, taken[i]);
  if (sigprocmask (SIG_BLOCK, &set, NULL) != 0 || prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    return FALSE;
  self->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return self->signals >= 0;
}

static void
serve (Holder *self)
{
  while (!self->ended)
    {
      struct pollfd ready[] = {
        { .fd = self->signals, .events = POLLIN },
        { .fd = self->wall, .events = POLLIN },
      };

      if (poll (ready, G_N_ELEMENTS (ready), -1) < 0)
        continue;
      if (ready[1].revents != 0)
        hear_main (self);
      if (ready[0].revents != 0)
        take_signal (self);
    }
}

int
sp_holder_run (char *const *arguments)
{
  Holder self = { .arguments = arguments + 1, .signals = -1, .manager = -1, .wall = -1 };
  g_autoptr (GError) error = NULL;

  self.manager = sp_service_manager_open (&error);
  if (error != NULL)
    sp_log (SP_LOG_WARNING, "start", "%s", error->message);
  self.is_renewed = getenv (RENEWED_VARIABLE) != NULL;
  if (unsetenv (RENEWED_VARIABLE) != 0 || !prepare (&self))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", sp_error_describe (errno));
      return EXIT_FAILURE;
    }
  self.kept = sp_kept_new ();
  start_main (&self);
  serve (&self);
  sp_fd_clear (&self.wall);
  sp_fd_clear (&self.manager);
  sp_fd_clear (&self.signals);
  return self.status;
}
