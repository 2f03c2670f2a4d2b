/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/* Signs for TLS handshakes with the server's key, in the forms that the wall to workers knows.
 *
 * What bounds a hostile worker is that this key serves nothing else and that the caller allows one
 * signature a connection, and later one for each renegotiation at intervals.  The forms are not a
 * bound of their own: a worker can make a well-formed TLS 1.3 content for any transcript, and ECDSA
 * over P-256 looks at the first 32 bytes of a longer digest only (FIPS 186-5 6.4.1), so whoever
 * chooses the digest chooses what it can be taken for.
 */

typedef struct _SpSigner SpSigner;

/* Whether a server's key may be of this kind: EC over P-256 or P-384, or RSA of SP_RSA_BITS_MIN to
 * SP_RSA_BITS_MAX bits.  `algorithm` as GnuTLS has it. */
gboolean sp_signer_can_use (int algorithm, unsigned bits);

/* Errors: SP_ERROR_CERTIFICATE_INVALID. */
SpSigner *sp_signer_new (SpPrivateKey *key, GError **error);
SpSigner *sp_signer_ref (SpSigner *signer);
void sp_signer_unref (SpSigner *signer); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSigner, sp_signer_unref)

/* Exactly what a TLS 1.3 server signs (RFC 8446 4.4.3): 64 blanks, "TLS 1.3, server
 * CertificateVerify", a zero, a hash of 32 or 48 bytes. */
gboolean sp_signer_is_certificate_verify (const guint8 *content, gsize length);

/* Without a signer (NULL) nothing is signed.  `signature` holds
 * SP_SIGNATURE_MAX bytes and gets what the
 * kind of the key makes of it; returns its length, 0 if that is nothing that we sign. */
guint16 sp_signer_sign_verify (SpSigner *signer,
                               const guint8 *content,
                               gsize length,
                               guint8 *signature);
/* `algorithm` as the wall has it; the digest must have its length.  Likewise. */
guint16 sp_signer_sign_digest (
    SpSigner *signer, guint8 algorithm, const guint8 *digest, gsize length, guint8 *signature);

G_END_DECLS
