/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-worker.h"
#include "walls/worker-keyholder.h"

#include <glib.h>

/* What a whole worker may say to its client and over its walls, as seen from outside: each function
 * is told of one thing that happened, and ends the process when it may not. */

#define WORKER_ASSOCIATIONS_MAX 16

typedef struct
{
  /* Between client and worker */
  GByteArray *request; /* what it took of the client since its last answer */
  GByteArray *answer;  /* of which the end is not said yet */
  guint n_answers;
  gboolean closing;        /* the last answer was the last one */
  gboolean in_tunnel;      /* the answer to CONNECT was said */
  gboolean said_last;      /* a frame that ends the tunnel */
  gboolean said_goodbye;   /* nothing more may be said */
  guint64 bytes_of_client; /* frames' payloads in the tunnel */

  /* Over the walls */
  gboolean accepted; /* the keyholder has accepted a cookie */
  gboolean requested;
  gboolean granted;
  gboolean attached;
  gboolean recalled;
  gboolean left;
  guint64 rx_bytes;
  guint32 n_associations; /* given to it, numbered from 1 */
  guint32 n_taken; /* of them the worker has read of; what comes when it has left ends with it */
  gboolean closed[WORKER_ASSOCIATIONS_MAX + 1];

  /* What was granted */
  guint8 ipv4[SP_ADDRESS_SIZE];
  guint8 ipv6[SP_ADDRESS_SIZE];
  guint32 mtu;
} WorkerJudge;

void worker_judge_init (WorkerJudge *judge);
void worker_judge_clear (WorkerJudge *judge);

/* A record that the worker took, and one that it said. */
void worker_judge_take (WorkerJudge *judge, const guint8 *bytes, gsize size);
void worker_judge_hear (WorkerJudge *judge, const guint8 *bytes, gsize size);
void worker_judge_goodbye (WorkerJudge *judge);

/* A message to main that the wall allows, and a packet in the network; `largest` is the size of the
 * largest that was joined in it. */
void worker_judge_message (WorkerJudge *judge, guint8 type, gconstpointer message);
void worker_judge_packet (WorkerJudge *judge, const guint8 *packet, gsize size, gsize largest);

/* The worker has ended by itself. */
void worker_judge_end (WorkerJudge *judge);
