/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Signing in: every request that is not a CONNECT.  A complete request waits in worker->http. */
void sp_login_stage_begin (SpWorker *worker);
void sp_login_stage_decide (SpWorker *worker, const SpPasswordVerdict *verdict);

G_END_DECLS
