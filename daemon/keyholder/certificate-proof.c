/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-proof.h"

#include "codec/handshake-proof.h"
#include "device-store.h"

#include <gnutls/crypto.h>

#include <string.h>

#define BLANKS              64
#define SHA256_SIZE         32
#define HASH_MAX            64
#define MESSAGE_HEADER_SIZE 4
#define MESSAGE_HASH        254 /* RFC 8446 4.4.1 */

#define SERVER_CONTEXT "TLS 1.3, server CertificateVerify" /* and its zero */
#define CLIENT_CONTEXT "TLS 1.3, client CertificateVerify"

/* What clients sign with (RFC 8446 4.2.3); SHA-1 is not among them. */
static const struct
{
  guint16 scheme;
  gnutls_sign_algorithm_t algorithm;
  gboolean only_tls12;
} schemes[] = {
  { 0x0401, GNUTLS_SIGN_RSA_SHA256, TRUE },
  { 0x0501, GNUTLS_SIGN_RSA_SHA384, TRUE },
  { 0x0601, GNUTLS_SIGN_RSA_SHA512, TRUE },
  { 0x0403, GNUTLS_SIGN_ECDSA_SHA256, FALSE },
  { 0x0503, GNUTLS_SIGN_ECDSA_SHA384, FALSE },
  { 0x0603, GNUTLS_SIGN_ECDSA_SHA512, FALSE },
  { 0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, FALSE },
  { 0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, FALSE },
  { 0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, FALSE },
  { 0x0807, GNUTLS_SIGN_EDDSA_ED25519, FALSE },
  { 0x0808, GNUTLS_SIGN_EDDSA_ED448, FALSE },
  { 0x0809, GNUTLS_SIGN_RSA_PSS_SHA256, FALSE },
  { 0x080a, GNUTLS_SIGN_RSA_PSS_SHA384, FALSE },
  { 0x080b, GNUTLS_SIGN_RSA_PSS_SHA512, FALSE },
};

static gnutls_sign_algorithm_t
find_algorithm (guint16 scheme, gboolean tls13)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].scheme == scheme && !(tls13 && schemes[i].only_tls12))
      return schemes[i].algorithm;
  return GNUTLS_SIGN_UNKNOWN;
}

void
sp_signed_handshake_set_verify (SpSignedHandshake *self, const SpSignVerify *question)
{
  gsize prefix = BLANKS + sizeof SERVER_CONTEXT;

  *self = (SpSignedHandshake){ .tls13 = TRUE };
  if (question->content_length <= prefix || question->content_length > prefix + HASH_MAX)
    return;
  self->length = (guint8) (question->content_length - prefix);
  memcpy (self->digest, question->content + prefix, self->length);
}

void
sp_signed_handshake_set_digest (SpSignedHandshake *self, const SpSignDigest *question)
{
  *self = (SpSignedHandshake){ .algorithm = question->algorithm,
                               .length = (guint8) question->digest_length };
  memcpy (self->digest, question->digest, self->length);
}

/* --- TLS 1.3 --- */

static void
fold_first_hello (gnutls_hash_hd_t hash, const SpHandshakeProof *proof, gsize hash_size)
{
  const guint8 header[MESSAGE_HEADER_SIZE] = { MESSAGE_HASH, 0, 0, (guint8) hash_size };
  guint8 digest[HASH_MAX];

  (void) gnutls_hash (hash, proof->bytes, proof->first_hello);
  gnutls_hash_output (hash, digest); /* and starts anew */
  (void) gnutls_hash (hash, header, sizeof header);
  (void) gnutls_hash (hash, digest, hash_size);
}

/* The hash of the transcript up to there, of the kind of which the server signed one. */
static gboolean
hash_transcript (const SpSignedHandshake *self,
                 const SpHandshakeProof *proof,
                 gsize end,
                 guint8 ret_digest[HASH_MAX])
{
  gnutls_digest_algorithm_t kind =
      self->length == SHA256_SIZE ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA384;
  gnutls_hash_hd_t hash;

  if (self->length != gnutls_hash_get_len (kind) || gnutls_hash_init (&hash, kind) < 0)
    return FALSE;
  if (proof->first_hello > 0)
    fold_first_hello (hash, proof, self->length);
  (void) gnutls_hash (hash, proof->bytes + proof->first_hello, end - proof->first_hello);
  gnutls_hash_deinit (hash, ret_digest);
  return TRUE;
}

static gboolean
is_signed_tls13 (const SpSignedHandshake *self, const SpHandshakeProof *proof)
{
  guint8 digest[HASH_MAX];

  return hash_transcript (self, proof, proof->server_signed, digest) &&
         memcmp (digest, self->digest, self->length) == 0;
}

/* --- TLS 1.2 --- */

static gboolean
is_signed_tls12 (const SpSignedHandshake *self, const SpHandshakeProof *proof)
{
  static const gnutls_digest_algorithm_t kinds[] = {
    [SP_DIGEST_SHA384] = GNUTLS_DIG_SHA384,
    [SP_DIGEST_SHA512] = GNUTLS_DIG_SHA512,
    [SP_DIGEST_SHA256] = GNUTLS_DIG_SHA256,
  };
  guint8 digest[HASH_MAX];
  gnutls_hash_hd_t hash;

  if (self->algorithm >= G_N_ELEMENTS (kinds) || kinds[self->algorithm] == 0 ||
      self->length != gnutls_hash_get_len (kinds[self->algorithm]) ||
      gnutls_hash_init (&hash, kinds[self->algorithm]) < 0)
    return FALSE;
  (void) gnutls_hash (hash, proof->client_random, SP_HANDSHAKE_RANDOM_SIZE);
  (void) gnutls_hash (hash, proof->server_random, SP_HANDSHAKE_RANDOM_SIZE);
  (void) gnutls_hash (hash, proof->parameters, proof->parameters_size);
  gnutls_hash_deinit (hash, digest);
  return memcmp (digest, self->digest, self->length) == 0;
}

/* --- the client's signature --- */

static gboolean
verify (SpCertificate *certificate,
        const SpHandshakeProof *proof,
        gboolean tls13,
        const guint8 *content,
        gsize size)
{
  const gnutls_datum_t data = { (guint8 *) content, (unsigned) size };
  const gnutls_datum_t signature = { (guint8 *) proof->signature,
                                     (unsigned) proof->signature_size };
  gnutls_sign_algorithm_t algorithm = find_algorithm (proof->scheme, tls13);
  gnutls_pubkey_t key;
  gboolean good;

  if (algorithm == GNUTLS_SIGN_UNKNOWN || gnutls_pubkey_init (&key) < 0)
    return FALSE;
  good = gnutls_pubkey_import_x509 (key, certificate, 0) >= 0 &&
         gnutls_pubkey_verify_data2 (key, algorithm, 0, &data, &signature) >= 0;
  gnutls_pubkey_deinit (key);
  return good;
}

static gboolean
has_key (const SpSignedHandshake *self, SpCertificate *certificate, const SpHandshakeProof *proof)
{
  guint8 content[BLANKS + sizeof CLIENT_CONTEXT + HASH_MAX];

  if (!self->tls13)
    return verify (certificate, proof, FALSE, proof->bytes, proof->client_signed);
  memset (content, ' ', BLANKS);
  memcpy (content + BLANKS, CLIENT_CONTEXT, sizeof CLIENT_CONTEXT);
  return hash_transcript (self, proof, proof->client_signed,
                          content + BLANKS + sizeof CLIENT_CONTEXT) &&
         verify (certificate, proof, TRUE, content, BLANKS + sizeof CLIENT_CONTEXT + self->length);
}

/* Our own certificates first: a stranger's may have a key that takes long to compute with. */
gboolean
sp_certificate_proof_check (const SpSignedHandshake *self,
                            SpCertificate *authority,
                            const guint8 *handshake,
                            gsize size,
                            guint8 *ret_fingerprint)
{
  g_autoptr (SpCertificate) certificate = NULL;
  SpHandshakeProof proof;

  if (self->length == 0 || !sp_handshake_proof_read (handshake, size, self->tls13, &proof) ||
      proof.certificate_size > SP_CERTIFICATE_MAX)
    return FALSE;
  if (!(self->tls13 ? is_signed_tls13 (self, &proof) : is_signed_tls12 (self, &proof)))
    return FALSE;
  certificate = sp_certificate_read (proof.certificate, proof.certificate_size, NULL);
  return certificate != NULL && sp_certificate_is_signed_by (certificate, authority) &&
         has_key (self, certificate, &proof) &&
         sp_device_store_fingerprint (proof.certificate, proof.certificate_size, ret_fingerprint);
}
