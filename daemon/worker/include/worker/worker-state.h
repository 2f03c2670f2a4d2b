/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-worker.h"

G_BEGIN_DECLS

/* The life of a worker, as a table. */
typedef enum
{
  SP_WORKER_IDLE,      /* forked ahead of need */
  SP_WORKER_HANDSHAKE, /* TLS */
  SP_WORKER_REQUEST,   /* reading an HTTP request */
  SP_WORKER_PASSWORD,  /* the keyholder checks a password or a code */
  SP_WORKER_COOKIE,    /* the keyholder checks a cookie */
  SP_WORKER_ENROLMENT, /* the keyholder looks at somebody's invitation */
  SP_WORKER_REACH,     /* main looks whether a test of reachability is good */
  SP_WORKER_GRANT,     /* main decides about the tunnel */
  SP_WORKER_TUNNEL,    /* packets flow */
  SP_WORKER_FAREWELL,  /* writing the last words */
  SP_WORKER_GONE,
  SP_WORKER_STATES
} SpWorkerState;

typedef struct
{
  const char *name;
  guint8 phase;          /* of wall A, as this side counts it, or SP_WORKER_SAME_PHASE */
  guint seconds;         /* that the state may last; 0 = no limit of its own */
  SpLeft late;           /* what it means when that time is over */
  gboolean reads_client; /* whether the client's bytes are looked at */
  gboolean counts;       /* against SP_SIGN_IN_SECONDS */
  guint32 next;          /* mask of the states that may follow */
} SpWorkerStateRow;

/* A worker that ends by itself still gets what main sends before it knows: nothing of it is wrong.
 */
#define SP_WORKER_SAME_PHASE 255

#define SP_SIGN_IN_SECONDS 240 /* from the first byte to the tunnel */

const SpWorkerStateRow *sp_worker_state_get_row (SpWorkerState state);
gboolean sp_worker_state_may_follow (SpWorkerState from, SpWorkerState to);

G_END_DECLS
