/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/sandbox.h"

#include <glib.h>

G_BEGIN_DECLS

/* The process that workers are forked from.  Serves wall F on `wall_fd` until main closes it;
 * returns the process's exit status.  In a worker, which is forked from within, it returns that
 * worker's.  `title` is argv[0], which a worker overwrites. */
int sp_nursery_run (int wall_fd, char *title);

/* The sandboxes, each one table.  The workers' is built before the nursery's closes, and applied by
 * each worker before it does anything else. */
gboolean sp_nursery_sandbox_enter (GError **error);
SpSandboxFilter *sp_worker_sandbox_prepare (GError **error);

G_END_DECLS
