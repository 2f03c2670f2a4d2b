/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Plays a room for test-supervise: tells on the wall how it was started, then does what it is told:
 * "e" = exit with 7, "f" = have a child that holds the wall, too, end of file = exit with 0. */

extern char **environ;

static int
count_open_descriptors (void)
{
  DIR *listing = opendir ("/proc/self/fd");
  int count = 0;

  if (listing == NULL)
    return -1;
  for (struct dirent *entry = readdir (listing); entry != NULL; entry = readdir (listing))
    count += entry->d_name[0] != '.';
  (void) closedir (listing);
  return count - 1; /* the listing's own */
}

/* Only what is ignored or blocked comes through an exec. */
static int
count_odd_signals (void)
{
  int count = 0;
  sigset_t blocked;

  (void) sigprocmask (SIG_BLOCK, NULL, &blocked);
  for (int number = 1; number < 32; number++)
    {
      struct sigaction action;
      if (sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        count++;
      count += sigismember (&blocked, number);
    }
  return count;
}

static int
count_capability_lines (void)
{
  FILE *file = fopen ("/proc/self/status", "re");
  char line[256];
  int count = 0;

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (strncmp (line, "CapEff:", 7) == 0 || strncmp (line, "CapPrm:", 7) == 0 ||
        strncmp (line, "CapAmb:", 7) == 0)
      count += strcmp (line + 7, "\t0000000000000000\n") != 0;
  if (file == NULL || fclose (file) != 0)
    return -1;
  return count;
}

/* What `name` says in hexadecimal. */
static unsigned long long
read_status (const char *name)
{
  FILE *file = fopen ("/proc/self/status", "re");
  size_t length = strlen (name);
  unsigned long long value = 0;
  char line[256];

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (strncmp (line, name, length) == 0)
      value = strtoull (line + length, NULL, 16);
  if (file != NULL)
    (void) fclose (file);
  return value;
}

static unsigned long long
read_limit (int what)
{
  struct rlimit limit = { 1, 1 };

  (void) getrlimit (what, &limit);
  return limit.rlim_max;
}

static int
have_child (void)
{
  pid_t child = fork ();

  while (child == 0)
    (void) pause ();
  return child > 0 && send (SP_WALL_FD, "f", 1, 0) == 1;
}

int
main (int argc, char **argv)
{
  char text[1024];
  char folder[512];
  int death_signal = 0;
  int length;
  int environment = 0;

  for (char **variable = environ; *variable != NULL; variable++)
    environment++;
  if (getcwd (folder, sizeof folder) == NULL)
    return 2;
  (void) prctl (PR_GET_PDEATHSIG, &death_signal);
  length = snprintf (
      text, sizeof text,
      "uid=%u gid=%u groups=%d argc=%d last=%s name=%s environment=%d descriptors=%d "
      "signals=%d capabilities=%d effective=%llu unprivileged=%llu core=%llu processes=%llu "
      "death=%d "
      "umask=%o folder=%s",
      getuid (), getgid (), getgroups (0, NULL), argc, argv[argc - 1], argv[0], environment,
      count_open_descriptors (), count_odd_signals (), count_capability_lines (),
      read_status ("CapEff:"), read_status ("NoNewPrivs:"), read_limit (RLIMIT_CORE),
      read_limit (RLIMIT_NPROC), death_signal, (unsigned) umask (077), folder);
  if (send (SP_WALL_FD, text, (size_t) length, 0) != length)
    return 2;
  for (;;)
    {
      ssize_t got = recv (SP_WALL_FD, text, sizeof text, 0);
      if (got <= 0)
        return got == 0 ? 0 : 2;
      if (text[0] == 'e')
        return 7;
      if (text[0] == 'f' && !have_child ())
        return 2;
    }
}
