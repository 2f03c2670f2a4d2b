/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "walls/worker-keyholder.h"

G_BEGIN_DECLS

/* That a worker's client has the key of the certificate which it shows is seen here, not believed:
 * the client signs its handshake, and the keyholder signed a part of the same one.  So a worker
 * that was taken over can use no certificate but one whose owner is connected to it right then. */

/* What was signed for the handshake of a worker: for TLS 1.3 the hash of its first messages (RFC
 * 8446 4.4.3), for TLS 1.2 that of the randoms and the key exchange (RFC 8422 5.4). */
typedef struct
{
  gboolean tls13;
  guint8 algorithm; /* of TLS 1.2: SP_DIGEST_…; of TLS 1.3 the length tells */
  guint8 length;    /* 0: nothing */
  guint8 digest[64];
} SpSignedHandshake;

void sp_signed_handshake_set_verify (SpSignedHandshake *self, const SpSignVerify *question);
void sp_signed_handshake_set_digest (SpSignedHandshake *self, const SpSignDigest *question);

/* `handshake`: PROVE_CERTIFICATE's.  FALSE: it is not the handshake that was signed for, or its
 * client's certificate is none of `authority`'s, or has another key; `ret_fingerprint` gets
 * SP_FINGERPRINT_SIZE bytes. */
gboolean sp_certificate_proof_check (const SpSignedHandshake *self,
                                     SpCertificate *authority,
                                     const guint8 *handshake,
                                     gsize size,
                                     guint8 *ret_fingerprint);

G_END_DECLS
