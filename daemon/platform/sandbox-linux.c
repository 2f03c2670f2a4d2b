/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/sandbox.h"

#include "landlock-linux.h"
#include "sandbox-rules-linux.h"
#include "sanitizer.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const gboolean enforced = !SP_HAS_SANITIZER;

struct _SpSandboxFilter
{
  struct sock_fprog program;
  gsize bytes;
};

gboolean
sp_sandbox_is_enforced (void)
{
  return enforced;
}

static gboolean
set_failed (GError **error, const char *what, int errno_value)
{
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "The sandbox: %s: %s", what,
               sp_error_describe (errno_value));
  return FALSE;
}

static gboolean
promises_have (const SpSandbox *sandbox, SpPromise promise)
{
  for (guint i = 0; i < sandbox->n_promises; i++)
    if (sandbox->promises[i].promise == promise)
      return TRUE;
  return FALSE;
}

static gboolean
add_rules (scmp_filter_ctx context, const SpSandbox *sandbox, GError **error)
{
  for (const SpSandboxRule *rule = sp_sandbox_rules; rule->syscall_name != NULL; rule++)
    {
      int result;

      if (!promises_have (sandbox, rule->promise))
        continue;
      result = seccomp_rule_add_array (
          context, rule->refuse_with != 0 ? SCMP_ACT_ERRNO (rule->refuse_with) : SCMP_ACT_ALLOW,
          rule->syscall_number, rule->n_conditions, rule->conditions);
      /* Two promises may allow the same thing. */
      if (result < 0 && result != -EEXIST)
        return set_failed (error, rule->syscall_name, -result);
    }
  return TRUE;
}

/* libseccomp writes a finished program to a descriptor only. */
static gboolean
export_program (scmp_filter_ctx context, SpSandboxFilter *filter, GError **error)
{
  sp_autofd int fd = memfd_create ("filter", MFD_CLOEXEC);
  struct stat status;
  void *memory;
  int result;

  if (fd < 0)
    return set_failed (error, "memory for the filter", errno);
  result = seccomp_export_bpf (context, fd);
  if (result < 0)
    return set_failed (error, "building the filter", -result);
  if (fstat (fd, &status) != 0 || status.st_size % sizeof (struct sock_filter) != 0)
    return set_failed (error, "building the filter", EINVAL);
  memory = mmap (NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED)
    return set_failed (error, "memory for the filter", errno);
  filter->bytes = status.st_size;
  filter->program.filter = memory;
  filter->program.len = (unsigned short) (filter->bytes / sizeof (struct sock_filter));
  return TRUE;
}

static gboolean
mentions (const SpSandbox *sandbox, int syscall_number)
{
  for (const SpSandboxRule *rule = sp_sandbox_rules; rule->syscall_name != NULL; rule++)
    if (rule->syscall_number == syscall_number && promises_have (sandbox, rule->promise))
      return TRUE;
  return FALSE;
}

/* Forbids what the outer sandbox says anything of and the inner one does not. */
static gboolean
add_difference (scmp_filter_ctx context,
                const SpSandbox *outer,
                const SpSandbox *inner,
                GError **error)
{
  for (const SpSandboxRule *rule = sp_sandbox_rules; rule->syscall_name != NULL; rule++)
    {
      int result;

      if (!promises_have (outer, rule->promise) || promises_have (inner, rule->promise))
        continue;
      /* By number alone it could not be told apart. */
      if (mentions (inner, rule->syscall_number))
        return set_failed (error, rule->syscall_name, EEXIST);
      result = seccomp_rule_add (context, SCMP_ACT_KILL_PROCESS, rule->syscall_number, 0);
      if (result < 0 && result != -EEXIST)
        return set_failed (error, rule->syscall_name, -result);
    }
  return TRUE;
}

static scmp_filter_ctx
begin_filter (guint32 otherwise, GError **error)
{
  scmp_filter_ctx context = seccomp_init (otherwise);

  if (context == NULL)
    {
      set_failed (error, "libseccomp does not know this machine", ENOSYS);
      return NULL;
    }
  /* A call by another architecture's numbers is no mistake of ours. */
  (void) seccomp_attr_set (context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  /* A binary tree; older libraries have the plain list. */
  (void) seccomp_attr_set (context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  return context;
}

static SpSandboxFilter *
make_filter (const SpSandbox *sandbox, GError **error)
{
  g_autoptr (SpSandboxFilter) filter = g_new0 (SpSandboxFilter, 1);
  scmp_filter_ctx context =
      begin_filter (sandbox->lenient ? SCMP_ACT_ERRNO (EACCES) : SCMP_ACT_KILL_PROCESS, error);
  gboolean built;

  if (context == NULL)
    return NULL;
  built = add_rules (context, sandbox, error) && export_program (context, filter, error);
  seccomp_release (context);
  return built ? g_steal_pointer (&filter) : NULL;
}

static gboolean
is_within (const SpSandbox *inner, const SpSandbox *outer, GError **error)
{
  for (guint i = 0; i < inner->n_promises; i++)
    if (!promises_have (outer, inner->promises[i].promise))
      return set_failed (error, inner->promises[i].why, EINVAL);
  return TRUE;
}

SpSandboxFilter *
sp_sandbox_filter_narrow (const SpSandbox *outer, const SpSandbox *inner, GError **error)
{
  g_autoptr (SpSandboxFilter) filter = g_new0 (SpSandboxFilter, 1);
  scmp_filter_ctx context;
  gboolean built;

  if (!is_within (inner, outer, error))
    return NULL;
  context = begin_filter (SCMP_ACT_ALLOW, error);
  if (context == NULL)
    return NULL;
  built = add_difference (context, outer, inner, error) && export_program (context, filter, error);
  seccomp_release (context);
  return built ? g_steal_pointer (&filter) : NULL;
}

void
sp_sandbox_filter_free (SpSandboxFilter *filter)
{
  if (filter->program.filter != NULL)
    (void) munmap (filter->program.filter, filter->bytes);
  g_free (filter);
}

gboolean
sp_sandbox_filter_apply (const SpSandboxFilter *filter, GError **error)
{
  long result;

  if (!enforced)
    return TRUE;
  result =
      syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter->program);
  if (result == 0)
    return TRUE;
  /* A positive number is a thread that has a filter of its own. */
  return set_failed (error, "entering the filter", result < 0 ? errno : EBUSY);
}

static gboolean
set_limits (const SpSandbox *sandbox, GError **error)
{
  const struct rlimit none = { 0, 0 };
  const struct rlimit memory = { sandbox->memory_max, sandbox->memory_max };

  if (enforced && sandbox->memory_max > 0 && setrlimit (RLIMIT_DATA, &memory) != 0)
    return set_failed (error, "a limit of memory", errno);
  if (setrlimit (RLIMIT_CORE, &none) != 0)
    return set_failed (error, "no core dumps", errno);
  if (!promises_have (sandbox, SP_PROMISE_FORK) && !promises_have (sandbox, SP_PROMISE_THREADS) &&
      enforced && setrlimit (RLIMIT_NPROC, &none) != 0)
    return set_failed (error, "no processes", errno);
  if (enforced && prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return set_failed (error, "not dumpable", errno);
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return set_failed (error, "no new privileges", errno);
  return TRUE;
}

gboolean
sp_sandbox_enter (const SpSandbox *sandbox, GError **error)
{
  g_autoptr (SpSandboxFilter) filter = NULL;

  if (!set_limits (sandbox, error))
    return FALSE;
  if (!enforced)
    {
      sp_log (SP_LOG_WARNING, "sandbox",
              "built with a sanitizer: no filter of system calls and no Landlock");
      return TRUE;
    }
  filter = make_filter (sandbox, error);
  if (filter == NULL || (!sandbox->everywhere && !sp_landlock_enter (sandbox, error)))
    return FALSE;
  return sp_sandbox_filter_apply (filter, error);
}
