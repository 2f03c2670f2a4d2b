/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Turns until the worker is gone: wait for a descriptor or a deadline, read the clock once, serve
 * each source a bounded amount, write what was queued.  Walls come first. */
void sp_worker_loop (SpWorker *worker);

G_END_DECLS
