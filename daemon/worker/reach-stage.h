/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Somebody opens a link that tests whether the server is reached.  Main alone knows which link is
 * good and where it was opened; what is no such link gets what strangers get. */

/* FALSE if the request is for something else. */
gboolean sp_reach_stage_begin (SpWorker *worker);
void sp_reach_stage_answer (SpWorker *worker, const SpReachAnswered *answer);

G_END_DECLS
