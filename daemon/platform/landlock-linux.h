/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/sandbox.h"

/* Takes the whole file system from this thread and those that it starts, what the sandbox names
 * excepted, and where the kernel knows how also TCP bind and connect (this unless it is outbound),
 * signals to and abstract sockets of processes outside.  A kernel without Landlock is fine: the
 * filter of system calls holds alone, and a log line says so.  Needs no new privileges to be set.
 * Errors: SP_ERROR_NOT_SUPPORTED. */
gboolean sp_landlock_enter (const SpSandbox *sandbox, GError **error);
