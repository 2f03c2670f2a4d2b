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
typedef struct _SpTokenKey SpTokenKey; /* token-key.h */

/* Whether a server's key may be of this kind: EC over P-256 or P-384, or RSA of SP_RSA_BITS_MIN to
 * SP_RSA_BITS_MAX bits.  `algorithm` as GnuTLS has it. */
gboolean sp_signer_can_use (int algorithm, unsigned bits);

/* Errors: SP_ERROR_CERTIFICATE_INVALID. */
SpSigner *sp_signer_new (SpPrivateKey *key, GError **error);
/* With the key of this certificate, which is in a token: only plans and checks by itself.  Same
 * errors. */
SpSigner *sp_signer_new_for_token (SpCertificate *certificate, GError **error);
/* Takes the token's key, which asks it to sign; it ends with the signer, or with the next one. */
void sp_signer_take_token (SpSigner *signer, SpTokenKey *token);
SpTokenKey *sp_signer_get_token (SpSigner *signer); /* NULL: the key is here */
SpSigner *sp_signer_ref (SpSigner *signer);
void sp_signer_unref (SpSigner *signer); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpSigner, sp_signer_unref)

/* Exactly what a TLS 1.3 server signs (RFC 8446 4.4.3): 64 blanks, "TLS 1.3, server
 * CertificateVerify", a zero, a hash of 32 or 48 bytes. */
gboolean sp_signer_is_certificate_verify (const guint8 *content, gsize length);

/* What is to be signed, after it was looked at. */
typedef struct
{
  gnutls_sign_algorithm_t algorithm;
  guint8 form; /* SpTokenForm */
  guint16 length;
  guint8 digest[64];
} SpSignerTask;

/* FALSE: that is nothing that we sign with this key. */
gboolean sp_signer_plan_verify (const SpSigner *signer,
                                const guint8 *content,
                                gsize length,
                                SpSignerTask *ret_task);
gboolean sp_signer_plan_digest (const SpSigner *signer,
                                guint8 algorithm,
                                const guint8 *digest,
                                gsize length,
                                SpSignerTask *ret_task);
/* Something of no meaning, to see whether the token has the key. */
void sp_signer_plan_trial (const SpSigner *signer, SpSignerTask *ret_task);
/* Whether a signature is one of the certificate's key. */
gboolean sp_signer_is_right (const SpSigner *signer,
                             const SpSignerTask *task,
                             const guint8 *signature,
                             gsize length);
/* With a key that is here; returns its length, 0 if it failed. */
guint16 sp_signer_sign (SpSigner *signer, const SpSignerTask *task, guint8 *signature);

/* Both steps.  Without a signer (NULL) nothing is signed.  `signature` holds
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
