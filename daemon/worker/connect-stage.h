/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* From CONNECT to the tunnel: the keyholder judges the cookie, main grants. */
void sp_connect_stage_begin (SpWorker *worker);
void sp_connect_stage_decide (SpWorker *worker, const SpCookieVerdict *verdict);
void sp_connect_stage_grant (SpWorker *worker,
                             const SpTunnelGranted *grant,
                             int tun_fd); /* takes it */
void sp_connect_stage_refuse (SpWorker *worker, const SpTunnelRefused *message);

G_END_DECLS
