/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/sandbox.h"

#include <seccomp.h>

/* What each promise allows, one system call a line. */
typedef struct
{
  SpPromise promise;
  const char *syscall_name;
  int syscall_number; /* libseccomp's: negative where this architecture has no such call */
  guint n_conditions;
  struct scmp_arg_cmp conditions[2];
  int refuse_with; /* 0: allowed; else this errno instead of the end */
} SpSandboxRule;

/* Ends with a line without a name. */
extern const SpSandboxRule sp_sandbox_rules[];
