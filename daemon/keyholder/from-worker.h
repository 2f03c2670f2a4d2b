/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

/* One worker as the keyholder knows it.  Counted, since a password may be hashed for one that is
 * gone meanwhile. */
typedef struct
{
  SpKeyholder *keyholder;
  guint64 number;                  /* main's */
  SpLink *link;                    /* NULL: gone */
  guint8 address[SP_ADDRESS_SIZE]; /* of its client, as main says; zero until then */
  guint tries;                     /* of passwords */
} SpWorkerPeer;

/* Takes `wall_fd`. */
SpWorkerPeer *sp_worker_peer_new (SpKeyholder *keyholder, guint64 number, int wall_fd);
SpWorkerPeer *sp_worker_peer_ref (SpWorkerPeer *peer);
void sp_worker_peer_unref (SpWorkerPeer *peer);
/* Closes its wall and drops one reference: what the table of workers does with it. */
void sp_worker_peer_end (SpWorkerPeer *peer);

/* The life of a worker's connection: no signature yet → may sign in → nothing more to ask. */
void sp_worker_peer_enter (SpWorkerPeer *peer, SpWorkerKeyholderPhase phase);

G_END_DECLS
