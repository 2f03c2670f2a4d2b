/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/hook-status.h"

G_BEGIN_DECLS

/* Runs the program at `path`, whose arguments begin with its name, until it ends, its time is over
 * or nobody is at `wall` any more; then ends whatever it started.  This process has to be the one
 * that orphans go to, and to have no other children.  The end of what it said is in the log. */
SpHookStatus sp_program_run (const char *path, char *const *arguments, guint seconds, int wall);

G_END_DECLS
