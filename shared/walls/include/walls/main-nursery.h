/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall F: main and the nursery, which has everything loaded that a worker needs and forks them. */

enum
{
  SP_MAIN_NURSERY_MAIN = 0,
  SP_MAIN_NURSERY_NURSERY = 1
};

/* Phases:
 * STARTING   no certificate yet
 * READY      forks workers
 */
typedef enum
{
  SP_MAIN_NURSERY_STARTING,
  SP_MAIN_NURSERY_READY
} SpMainNurseryPhase;

/* EQUIP: the public chain as DER certificates one after the other; log_level: an SpLogLevel;
 * tls13: whether workers offer TLS 1.3; authority: whose certificates clients are asked for, DER */
#define SP_EQUIP_FIELDS(S, NUMBER, FIXED, BYTES)                                                   \
  BYTES (S, chain, SP_CERTIFICATE_CHAIN_MAX)                                                       \
  NUMBER (S, guint8, log_level)                                                                    \
  NUMBER (S, guint8, tls13)                                                                        \
  BYTES (S, authority, SP_CERTIFICATE_MAX)

/* FORK_WORKER: descriptors: the worker's ends of wall A and wall B, and its standard error */
#define SP_FORK_WORKER_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, worker)

/* WORKER_FORKED: with its pidfd */
#define SP_WORKER_FORKED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, pid)

/* FORK_FAILED: errno; the other answer to FORK_WORKER */
#define SP_FORK_FAILED_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, error)

/* WORKER_EXITED: as wait(2) gave it */
#define SP_WORKER_EXITED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, status)

#define SP_MAIN_NURSERY_FROM(side) SP_MAIN_NURSERY_##side
#define SP_MAIN_NURSERY_IN(phase)  SP_PHASE (SP_MAIN_NURSERY_##phase)

/* clang-format off */
#define SP_MAIN_NURSERY_MESSAGES(MESSAGE, FROM, IN) \
  /*       message        struct          sender          in phases      times         fds answers */ \
  MESSAGE (EQUIP,         SpEquip,        FROM (MAIN),    IN (STARTING), 1,            0,  NOTHING) \
  MESSAGE (FORK_WORKER,   SpForkWorker,   FROM (MAIN),    IN (READY),    SP_TIMES_ANY, 3,  NOTHING) \
  MESSAGE (WORKER_FORKED, SpWorkerForked, FROM (NURSERY), IN (READY),    SP_TIMES_ANY, 1,  FORK_WORKER) \
  MESSAGE (FORK_FAILED,   SpForkFailed,   FROM (NURSERY), IN (READY),    SP_TIMES_ANY, 0,  FORK_WORKER) \
  MESSAGE (WORKER_EXITED, SpWorkerExited, FROM (NURSERY), IN (READY),    SP_TIMES_ANY, 0,  NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_NURSERY_NO_MESSAGE = 0,
  SP_MAIN_NURSERY_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_NURSERY_FROM, SP_MAIN_NURSERY_IN)
};

SP_MAIN_NURSERY_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_NURSERY_FROM, SP_MAIN_NURSERY_IN)

extern const SpWall sp_wall_main_nursery;

G_END_DECLS
