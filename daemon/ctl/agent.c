/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define AGENT_PROGRAM      "pkttyagent"
#define AGENT_NOTIFY_FD    "3"
#define READY_MILLISECONDS 2000

/* The agent closes its end once it is known to polkit. */
static void
wait_until_ready (int fd)
{
  struct pollfd ready = { .fd = fd, .events = POLLIN };

  (void) poll (&ready, 1, READY_MILLISECONDS);
}

GSubprocess *
sp_agent_start (void)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autofree char *process = g_strdup_printf ("%d", (int) getpid ());
  /* A login session may have an agent of its own, on the desktop say, which then comes first.
   * Outside of one polkit overlooks agents that step back like that. */
  gboolean is_session = g_getenv ("XDG_SESSION_ID") != NULL;
  const char *const arguments[] = { AGENT_PROGRAM, "--notify-fd", AGENT_NOTIFY_FD,
                                    "--process",   process,       is_session ? "--fallback" : NULL,
                                    NULL };
  GSubprocess *agent;
  int ends[2];

  if (geteuid () == 0 || !isatty (STDIN_FILENO) || !isatty (STDERR_FILENO) ||
      pipe2 (ends, O_CLOEXEC) < 0)
    return NULL;
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  agent = g_subprocess_launcher_spawnv (launcher, arguments, NULL);
  g_subprocess_launcher_close (launcher);
  if (agent != NULL)
    wait_until_ready (ends[0]);
  sp_fd_clear (&ends[0]);
  return agent;
}

void
sp_agent_stop (GSubprocess *agent)
{
  if (agent == NULL)
    return;
  g_subprocess_send_signal (agent, SIGTERM);
  (void) g_subprocess_wait (agent, NULL, NULL);
  g_object_unref (agent);
}
