/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/worker-state.h"

#define TO(state) (1u << SP_WORKER_##state)
#define ENDS      (TO (FAREWELL) | TO (GONE))

/* clang-format off */
static const SpWorkerStateRow rows[SP_WORKER_STATES] = {
  /*                        name         phase on wall A         s   and then              reads  counts next */
  [SP_WORKER_IDLE]      = { "idle",      SP_MAIN_WORKER_IDLE,    0,  SP_LEFT_STOPPED,      FALSE, FALSE, TO (HANDSHAKE) | TO (GONE) },
  [SP_WORKER_HANDSHAKE] = { "handshake", SP_MAIN_WORKER_CLIENT,  10, SP_LEFT_HANDSHAKE,    TRUE,  TRUE,  TO (REQUEST) | ENDS },
  [SP_WORKER_REQUEST]   = { "request",   SP_MAIN_WORKER_CLIENT,  20, SP_LEFT_REQUEST,      TRUE,  TRUE,  TO (REQUEST) | TO (PASSWORD) | TO (COOKIE) | TO (ENROLMENT) | TO (REACH) | ENDS },
  [SP_WORKER_PASSWORD]  = { "password",  SP_MAIN_WORKER_CLIENT,  20, SP_LEFT_NO_KEYHOLDER, FALSE, TRUE,  TO (REQUEST) | TO (PASSWORD) | ENDS },
  [SP_WORKER_COOKIE]    = { "cookie",    SP_MAIN_WORKER_CLIENT,  20, SP_LEFT_NO_KEYHOLDER, FALSE, TRUE,  TO (GRANT) | ENDS },
  [SP_WORKER_ENROLMENT] = { "enrolment", SP_MAIN_WORKER_CLIENT,  20, SP_LEFT_NO_KEYHOLDER, FALSE, TRUE,  ENDS },
  [SP_WORKER_REACH]     = { "reach",     SP_MAIN_WORKER_CLIENT,  20, SP_LEFT_STOPPED,      FALSE, TRUE,  ENDS },
  [SP_WORKER_GRANT]     = { "grant",     SP_MAIN_WORKER_WAITING, 20, SP_LEFT_DENIED,       FALSE, TRUE,  TO (TUNNEL) | ENDS },
  [SP_WORKER_TUNNEL]    = { "tunnel",    SP_MAIN_WORKER_TUNNEL,  0,  SP_LEFT_STOPPED,      TRUE,  FALSE, ENDS },
  [SP_WORKER_FAREWELL]  = { "farewell",  SP_WORKER_SAME_PHASE,   1,  SP_LEFT_STOPPED,      FALSE, FALSE, TO (GONE) },
  [SP_WORKER_GONE]      = { "gone",      SP_WORKER_SAME_PHASE,   0,  SP_LEFT_STOPPED,      FALSE, FALSE, 0 },
};
/* clang-format on */

const SpWorkerStateRow *
sp_worker_state_get_row (SpWorkerState state)
{
  g_return_val_if_fail (state < SP_WORKER_STATES, &rows[SP_WORKER_GONE]);
  return &rows[state];
}

gboolean
sp_worker_state_may_follow (SpWorkerState from, SpWorkerState to)
{
  return (rows[from].next & (1u << to)) != 0;
}
