/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Reads one message of wall A and answers it.  A message that the wall's table does not allow ends
 * the worker, and so does the end of the wall. */
void sp_worker_serve_main (SpWorker *worker);

G_END_DECLS
