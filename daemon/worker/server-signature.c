/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-signature.h"

#include <gnutls/crypto.h>
#include <string.h>

static int
listen_to_handshake (gnutls_session_t session,
                     unsigned int type,
                     unsigned int when,
                     unsigned int incoming,
                     const gnutls_datum_t *body)
{
  SpServerSignature *self = gnutls_session_get_ptr (session);

  sp_transcript_add (&self->transcript, type, when == GNUTLS_HOOK_PRE, incoming != 0, body);
  return 0;
}

static int
ask_keyholder (SpServerSignature *self,
               guint8 type,
               gconstpointer question,
               gnutls_datum_t *ret_signature)
{
  g_autoptr (GError) error = NULL;
  guint8 signature[SP_SIGNATURE_MAX];
  gsize size = 0;

  if (!sp_keyholder_wall_await_signature (self->keyholder, type, question, signature, &size,
                                          &error))
    self->refusal = g_strdup (error->message);
  else if (size == 0)
    self->refusal = g_strdup ("the keyholder refused to sign");
  if (self->refusal != NULL)
    return GNUTLS_E_PK_SIGN_FAILED;
  ret_signature->data = gnutls_malloc (size);
  if (ret_signature->data == NULL)
    return GNUTLS_E_MEMORY_ERROR;
  memcpy (ret_signature->data, signature, size);
  ret_signature->size = (unsigned int) size;
  return 0;
}

static int
sign_verify (SpServerSignature *self,
             gnutls_digest_algorithm_t hash,
             const gnutls_datum_t *digest,
             gnutls_datum_t *ret_signature)
{
  SpSignVerify question = { 0 };
  guint8 ours[64];

  question.content_length = (guint16) sp_transcript_content (
      &self->transcript, gnutls_prf_hash_get (self->session), question.content);
  /* The keyholder will hash it likewise; that GnuTLS came to the same digest shows that we heard
   * the whole handshake. */
  if (question.content_length == 0 ||
      gnutls_hash_fast (hash, question.content, question.content_length, ours) < 0 ||
      digest->size != (guint) gnutls_hash_get_len (hash) ||
      memcmp (ours, digest->data, digest->size) != 0)
    return GNUTLS_E_INTERNAL_ERROR;
  return ask_keyholder (self, SP_MESSAGE_SIGN_VERIFY, &question, ret_signature);
}

/* Both questions have the same shape. */
G_STATIC_ASSERT (sizeof (SpSignDigest) == sizeof (SpSignRenewal));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpSignDigest, digest) == G_STRUCT_OFFSET (SpSignRenewal, digest));

static int
sign_bare_digest (SpServerSignature *self,
                  guint8 algorithm,
                  const gnutls_datum_t *digest,
                  gnutls_datum_t *ret_signature)
{
  SpSignDigest question = { .algorithm = algorithm };

  if (digest->size > sizeof question.digest)
    return GNUTLS_E_INTERNAL_ERROR;
  memcpy (question.digest, digest->data, digest->size);
  question.digest_length = (guint16) digest->size;
  return ask_keyholder (self, self->renewal ? SP_MESSAGE_SIGN_RENEWAL : SP_MESSAGE_SIGN_DIGEST,
                        &question, ret_signature);
}

static guint8
name_digest (gnutls_digest_algorithm_t hash)
{
  switch (hash)
    {
      case GNUTLS_DIG_SHA256:
        return SP_DIGEST_SHA256;
      case GNUTLS_DIG_SHA384:
        return SP_DIGEST_SHA384;
      default:
        return SP_DIGEST_SHA512;
    }
}

/* For PKCS #1 v1.5 GnuTLS gives the digest as it is signed, wrapped with its name (RFC 8017 9.2),
 * and calls that a raw signature. */
static int
sign_wrapped_digest (SpServerSignature *self,
                     const gnutls_datum_t *wrapped,
                     gnutls_datum_t *ret_signature)
{
  gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
  guint8 bytes[64];
  unsigned size = sizeof bytes;
  gnutls_datum_t digest = { bytes, 0 };

  if (gnutls_decode_ber_digest_info (wrapped, &hash, bytes, &size) < 0 ||
      !sp_server_key_signs (self->key, gnutls_pk_to_sign (GNUTLS_PK_RSA, hash),
                            gnutls_protocol_get_version (self->session)))
    return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  digest.size = size;
  return sign_bare_digest (self, name_digest (hash), &digest, ret_signature);
}

static int
sign (gpointer user_data,
      gnutls_sign_algorithm_t algorithm,
      const gnutls_datum_t *digest,
      gnutls_datum_t *ret_signature)
{
  SpServerSignature *self = user_data;
  gnutls_protocol_t version = gnutls_protocol_get_version (self->session);

  if (self->asked)
    return GNUTLS_E_PK_SIGN_FAILED;
  self->asked = TRUE;
  if (algorithm == GNUTLS_SIGN_RSA_RAW && self->key->algorithm == GNUTLS_PK_RSA)
    return sign_wrapped_digest (self, digest, ret_signature);
  if (!sp_server_key_signs (self->key, algorithm, version))
    return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  if (algorithm == self->key->tls13)
    return self->renewal ? GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM
                         : sign_verify (self, self->key->tls13_digest, digest, ret_signature);
  return sign_bare_digest (self, name_digest (gnutls_sign_get_hash_algorithm (algorithm)), digest,
                           ret_signature);
}

void
sp_server_signature_begin (SpServerSignature *self,
                           SpEquipment *equipment,
                           SpKeyholderWall *keyholder,
                           gnutls_session_t session)
{
  *self = (SpServerSignature){ .keyholder = keyholder, .session = session, .key = equipment->key };
  sp_transcript_init (&self->transcript);
  gnutls_session_set_ptr (session, self);
  gnutls_handshake_set_hook_function (session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH,
                                      listen_to_handshake);
  equipment->signer = sign;
  equipment->signer_data = self;
  equipment->signing = session;
}

void
sp_server_signature_begin_renewal (SpServerSignature *self,
                                   SpEquipment *equipment,
                                   SpKeyholderWall *keyholder,
                                   gnutls_session_t session)
{
  *self = (SpServerSignature){
    .keyholder = keyholder, .session = session, .key = equipment->key, .renewal = TRUE
  };
  equipment->signer = sign;
  equipment->signer_data = self;
  equipment->signing = session;
}

void
sp_server_signature_end (SpServerSignature *self, SpEquipment *equipment)
{
  if (self->session != NULL)
    gnutls_handshake_set_hook_function (self->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH,
                                        NULL);
  equipment->signer = NULL;
  equipment->signer_data = NULL;
  equipment->signing = NULL;
  sp_transcript_clear (&self->transcript);
  g_clear_pointer (&self->refusal, g_free);
}
