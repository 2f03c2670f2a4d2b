/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "password.h"

G_BEGIN_DECLS

/* Where passwords are hashed: a fixed number of threads, three short lanes before them, a deadline.
 * Made and fed by the thread of the main loop, where the answers arrive, too. */

typedef struct _SpHashQueue SpHashQueue;

/* A thread takes what waits in the first lane that is not empty. */
typedef enum
{
  SP_HASH_OWNER,    /* a password is set */
  SP_HASH_KNOWN,    /* somebody signs in from where they did before */
  SP_HASH_STRANGER, /* somebody signs in */
  SP_HASH_N_LANES
} SpHashLane;

#define SP_HASH_WAITING_MAX 256                  /* in one lane: some seconds of work */
#define SP_HASH_WAIT        (8 * G_USEC_PER_SEC) /* then nobody may be there any more */

typedef enum
{
  SP_HASH_RIGHT, /* the password fits; or its verifier was made */
  SP_HASH_WRONG,
  SP_HASH_LATE,  /* it waited too long and was not hashed */
  SP_HASH_FAILED /* it could not be hashed */
} SpHashOutcome;

/* `verifier`: the one that was checked against, or the new one; valid during the call. */
typedef void (*SpHashed) (gpointer user_data, SpHashOutcome outcome, const char *verifier);

/* As many threads as processors, two at most.  Errors: SP_ERROR_FAILED. */
SpHashQueue *sp_hash_queue_new (GError **error);
/* Answers that did not come yet never come; waits for what is being hashed. */
void sp_hash_queue_free (SpHashQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHashQueue, sp_hash_queue_free)

/* `network` is who waits in a lane together (any number): in each round one of each network is
 * taken, so that a crowd of guesses waits behind itself, and an office is not kept out by those who
 * go on arriving one by one.  Both copy what they are given; the password must be acceptable. FALSE
 * if the lane is full, and then nothing is taken.  Otherwise `hashed` is called once (and
 * `free_data` after it, in any case) from the main loop.  The verifier NULL stands for one that
 * nobody has: it takes the same time. */
gboolean sp_hash_queue_check (SpHashQueue *queue,
                              SpHashLane lane,
                              guint64 network,
                              const guint8 *password,
                              gsize length,
                              const char *verifier,
                              SpHashed hashed,
                              gpointer user_data,
                              GDestroyNotify free_data);
gboolean sp_hash_queue_make (SpHashQueue *queue,
                             SpHashLane lane,
                             const guint8 *password,
                             gsize length,
                             SpHashed hashed,
                             gpointer user_data,
                             GDestroyNotify free_data);

G_END_DECLS
