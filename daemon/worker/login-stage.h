/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* What the head of the request that waits in worker->http says about its sender. */
void sp_login_stage_look (SpWorker *worker);
/* Signing in: every request of a client that is not a CONNECT. */
void sp_login_stage_begin (SpWorker *worker);
/* The keyholder looked at the client's certificate. */
void sp_login_stage_decide_certificate (SpWorker *worker, const SpCertificateVerdict *verdict);
/* Wipes the request that waits for that. */
void sp_login_stage_forget (SpWorker *worker);
void sp_login_stage_decide (SpWorker *worker, const SpPasswordVerdict *verdict);

G_END_DECLS
