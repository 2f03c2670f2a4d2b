/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate-proof.h"
#include "keyholder.h"

#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

/* One worker as the keyholder knows it.  Counted, since a password may be hashed for one that is
 * gone meanwhile. */
typedef struct
{
  SpKeyholder *keyholder;
  guint64 number;               /* main's */
  SpLink *link;                 /* NULL: gone */
  SpSigner *signer;             /* with the key whose chain it shows; NULL: there is none */
  gboolean signing;             /* a token is at work for it */
  SpSignedHandshake signed_for; /* what was asked for last */
  gboolean has_proved;          /* that its client has the key of this certificate: */
  guint8 proved[SP_FINGERPRINT_SIZE];
  guint8 address[SP_ADDRESS_SIZE]; /* of its client, as main says; zero until then */
  guint tries;                     /* of passwords */
  guint code_tries;                /* of codes of a second step */
  gboolean has_device;             /* its client showed the certificate of this one: */
  SpDeviceEntry device;
  gint64 renewal_interval; /* microseconds between signatures for a renegotiation */
  gint64 signed_at;        /* monotonic; of a digest, that is for TLS 1.2; 0 = never */
} SpWorkerPeer;

/* Takes `wall_fd`.  With a pin that the server never showed, nothing is signed for it. */
SpWorkerPeer *sp_worker_peer_new (SpKeyholder *keyholder,
                                  guint64 number,
                                  const guint8 *pin,
                                  int wall_fd);
SpWorkerPeer *sp_worker_peer_ref (SpWorkerPeer *peer);
void sp_worker_peer_unref (SpWorkerPeer *peer);
/* Closes its wall and drops one reference: what the table of workers does with it. */
void sp_worker_peer_end (SpWorkerPeer *peer);

/* The life of a worker's connection: no signature yet → may sign in → nothing more to ask, or only
 * for signatures with which its client renews keys. */
void sp_worker_peer_enter (SpWorkerPeer *peer, SpWorkerKeyholderPhase phase);
void sp_worker_peer_set_device (SpWorkerPeer *peer, const SpDeviceEntry *device);
/* Main says that it has a tunnel; without effect unless it made a handshake of TLS 1.2. */
void sp_worker_peer_allow_renewal (SpWorkerPeer *peer, guint32 seconds);

G_END_DECLS
