/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room-child-linux.h"

#include "base/names.h"
#include "sanitizer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libc's own functions tell all threads, with locks; the plain calls suit a child that has one. The
 * names with 32 are of the machines whose first calls had 16 bits. */
#if defined(SYS_setresuid32)
#define CALL_SETGROUPS SYS_setgroups32
#define CALL_SETRESGID SYS_setresgid32
#define CALL_SETRESUID SYS_setresuid32
#else
#define CALL_SETGROUPS SYS_setgroups
#define CALL_SETRESGID SYS_setresgid
#define CALL_SETRESUID SYS_setresuid
#endif

#define EXIT_NOEXEC 127

typedef gboolean (*Step) (const SpRoomChild *child);

static gboolean
leave_terminal (const SpRoomChild *child)
{
  /* Ctrl-C is for main, which ends the rooms in order. */
  return setsid () >= 0;
}

static gboolean
reset_signals (const SpRoomChild *child)
{
  struct sigaction plain = { .sa_handler = SIG_DFL };
  sigset_t none;

  /* A few numbers are not ours to set. */
  for (int number = 1; number < NSIG; number++)
    (void) sigaction (number, &plain, NULL);
  (void) sigemptyset (&none);
  return sigprocmask (SIG_SETMASK, &none, NULL) == 0;
}

static gboolean
arrange_descriptors (const SpRoomChild *child)
{
  if (dup2 (child->null_fd, STDIN_FILENO) < 0 || dup2 (child->null_fd, STDOUT_FILENO) < 0 ||
      dup2 (child->log_fd, STDERR_FILENO) < 0 || dup2 (child->wall_fd, SP_WALL_FD) < 0)
    return FALSE;
  /* Exec closes them: until then the program and the way to report are needed. */
  return syscall (SYS_close_range, SP_WALL_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

/* By the account, since main need not have a way into it; by descriptor, since the account need not
 * have one to it. */
static gboolean
enter_folder (const SpRoomChild *child)
{
  (void) umask (077);
  return fchdir (child->folder_fd) == 0;
}

static gboolean
become_account (const SpRoomChild *child)
{
  uid_t uid = child->account.uid;
  gid_t gid = child->account.gid;

  if (child->foreign)
    return TRUE;
  return syscall (CALL_SETGROUPS, 0, NULL) == 0 && syscall (CALL_SETRESGID, gid, gid, gid) == 0 &&
         syscall (CALL_SETRESUID, uid, uid, uid) == 0;
}

#define CAP(name) (G_GUINT64_CONSTANT (1) << CAP_##name)

/* For PAM's modules: files of any owner (shadow, counters of failures), becoming the person that is
 * asked (whose home a secret may lie in), the audit log. */
#define FOREIGN_CAPABILITIES                                                                       \
  (CAP (CHOWN) | CAP (DAC_OVERRIDE) | CAP (DAC_READ_SEARCH) | CAP (FOWNER) | CAP (SETUID) |        \
   CAP (SETGID) | CAP (AUDIT_WRITE))

/* What executes nothing but with the capabilities that it has got, and no set-user-id program. */
static gboolean
keep_few_capabilities (struct __user_cap_header_struct *header)
{
  struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
  guint64 wanted = FOREIGN_CAPABILITIES;

  if (syscall (SYS_capget, header, kept) != 0)
    return FALSE;
  for (guint i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
    {
      kept[i].permitted &= (guint32) (wanted >> 32 * i);
      kept[i].effective = kept[i].permitted;
      kept[i].inheritable = 0;
    }
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall (SYS_capset, header, kept) == 0;
}

static gboolean
set_limits (const SpRoomChild *child)
{
  static const struct
  {
    int what;
    rlim_t most;
    gboolean of_account; /* counted by the account, so not for one that others use */
  } limits[] = {
    { RLIMIT_CORE, 0, FALSE },
    { RLIMIT_NOFILE, 256, FALSE },
    { RLIMIT_CPU, 60, FALSE },
    { RLIMIT_FSIZE, 64 * 1024 * 1024, FALSE },
    { RLIMIT_DATA, 256 * 1024 * 1024, FALSE },
    { RLIMIT_NPROC, 64, TRUE },
  };

  for (guint i = 0; (child->foreign || child->executes) && i < G_N_ELEMENTS (limits); i++)
    {
      const struct rlimit limit = { limits[i].most, limits[i].most };

      if ((limits[i].what == RLIMIT_DATA && SP_HAS_SANITIZER) ||
          (limits[i].of_account && child->foreign))
        continue;
      if (setrlimit (limits[i].what, &limit) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
drop_capabilities (const SpRoomChild *child)
{
  /* Leaving uid 0 does it already, but main may have them without being root. */
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return FALSE;
  if (child->foreign)
    return keep_few_capabilities (&header);
  return syscall (SYS_capset, &header, none) == 0;
}

static gboolean
die_with_parent (const SpRoomChild *child)
{
  /* After the change of account, which clears it. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return FALSE;
  errno = ESRCH;
  return getppid () == child->parent;
}

static gboolean
execute (const SpRoomChild *child)
{
  char bound[] = "LD_BIND_NOW=1";
  char *const environment[] = { child->bound_early ? bound : NULL, NULL };

  (void) execve (child->program, child->arguments, environment);
  /* The account may be barred from a folder on the way, as with a build in somebody's home; main
   * has opened the file already. */
  if (errno == EACCES)
    (void) syscall (SYS_execveat, child->program_fd, "", child->arguments, environment,
                    AT_EMPTY_PATH);
  return FALSE;
}

static const struct
{
  const char *name;
  Step step;
} steps[] = {
  { "leaving the terminal", leave_terminal },
  { "resetting signals", reset_signals },
  { "arranging descriptors", arrange_descriptors },
  { "setting limits", set_limits },
  { "becoming its account", become_account },
  { "entering its folder", enter_folder },
  { "dropping capabilities", drop_capabilities },
  { "watching its parent", die_with_parent },
  { "executing it", execute },
};

const char *
sp_room_child_step_name (gint32 step)
{
  return step >= 0 && (gsize) step < G_N_ELEMENTS (steps) ? steps[step].name : "starting it";
}

void
sp_room_child_run (const SpRoomChild *child)
{
  SpRoomChildReport report = { 0 };
  gint32 step = 0;

  while ((gsize) step < G_N_ELEMENTS (steps) && steps[step].step (child))
    step++;
  report.errno_value = errno;
  report.step = step;
  (void) !write (child->report_fd, &report, sizeof report);
  _exit (EXIT_NOEXEC);
}
