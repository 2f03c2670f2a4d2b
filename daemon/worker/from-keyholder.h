/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Reads one message of wall B and answers it.  Without its keyholder a worker ends unless it has a
 * tunnel, which needs no more answers. */
void sp_worker_serve_keyholder (SpWorker *worker);

G_END_DECLS
