/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "token-key.h"
#include "walls/keyholder-token.h"
#include "walls/worker-keyholder.h"

#include <gnutls/crypto.h>

#include <string.h>

#define BLANKS 64

static const char context[] = "TLS 1.3, server CertificateVerify"; /* its zero is the separator */

/* What is signed with a key of each kind; the forms of TLS 1.2 are none of TLS 1.3's. */
typedef struct
{
  gnutls_pk_algorithm_t algorithm;
  unsigned bits; /* of an EC key: exactly; of an RSA key: at least */
  gnutls_sign_algorithm_t tls13;
  guint8 form13; /* SpTokenForm */
  guint8 form12;
  struct
  {
    guint8 algorithm; /* as the wall has it */
    gsize length;
    gnutls_sign_algorithm_t signature;
  } tls12[3]; /* the unused are 0 */
} KeyKind;

static const KeyKind kinds[] = {
  { GNUTLS_PK_ECDSA,
    256,
    GNUTLS_SIGN_ECDSA_SHA256,
    SP_TOKEN_ECDSA,
    SP_TOKEN_ECDSA,
    { { SP_DIGEST_SHA384, 48, GNUTLS_SIGN_ECDSA_SHA384 },
      { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 } } },
  { GNUTLS_PK_ECDSA,
    384,
    GNUTLS_SIGN_ECDSA_SHA384,
    SP_TOKEN_ECDSA,
    SP_TOKEN_ECDSA,
    { { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 } } },
  { GNUTLS_PK_RSA,
    SP_RSA_BITS_MIN,
    GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
    SP_TOKEN_RSA_PSS,
    SP_TOKEN_RSA_PKCS1,
    { { SP_DIGEST_SHA256, 32, GNUTLS_SIGN_RSA_SHA256 },
      { SP_DIGEST_SHA384, 48, GNUTLS_SIGN_RSA_SHA384 },
      { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_RSA_SHA512 } } },
};

static const KeyKind *
find_kind (int algorithm, unsigned bits)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((int) kinds[i].algorithm == algorithm &&
        (algorithm == GNUTLS_PK_RSA ? bits >= SP_RSA_BITS_MIN && bits <= SP_RSA_BITS_MAX
                                    : bits == kinds[i].bits))
      return &kinds[i];
  return NULL;
}

gboolean
sp_signer_can_use (int algorithm, unsigned bits)
{
  return find_kind (algorithm, bits) != NULL;
}

struct _SpSigner
{
  gnutls_privkey_t key; /* NULL: it is in a token: */
  gnutls_pubkey_t public_key;
  SpTokenKey *token;
  const KeyKind *kind;
};

/* Of a kind that is signed with, or nothing; `code` is how getting its key went. */
static SpSigner *
settle (SpSigner *made, int code, int algorithm, unsigned bits, GError **error)
{
  g_autoptr (SpSigner) signer = made;

  if (code >= 0)
    signer->kind = find_kind (algorithm, bits);
  if (signer->kind != NULL)
    return g_steal_pointer (&signer);
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "using the server's key: %s",
               code < 0 ? gnutls_strerror (code) : "it is of a kind that is not signed with");
  return NULL;
}

SpSigner *
sp_signer_new (SpPrivateKey *key, GError **error)
{
  SpSigner *signer = g_rc_box_new0 (SpSigner);
  unsigned bits = 0;
  int algorithm = 0;
  int code = gnutls_privkey_init (&signer->key);

  if (code >= 0)
    code = gnutls_privkey_import_x509 (signer->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
  if (code >= 0)
    algorithm = gnutls_privkey_get_pk_algorithm (signer->key, &bits);
  return settle (signer, code, algorithm, bits, error);
}

SpSigner *
sp_signer_new_for_token (SpCertificate *certificate, GError **error)
{
  SpSigner *signer = g_rc_box_new0 (SpSigner);
  unsigned bits = 0;
  int algorithm = 0;
  int code = gnutls_pubkey_init (&signer->public_key);

  if (code >= 0)
    code = gnutls_pubkey_import_x509 (signer->public_key, certificate, 0);
  if (code >= 0)
    algorithm = gnutls_pubkey_get_pk_algorithm (signer->public_key, &bits);
  return settle (signer, code, algorithm, bits, error);
}

void
sp_signer_take_token (SpSigner *signer, SpTokenKey *token)
{
  sp_token_key_free (signer->token);
  signer->token = token;
}

SpTokenKey *
sp_signer_get_token (SpSigner *signer)
{
  return signer->token;
}

SpSigner *
sp_signer_ref (SpSigner *signer)
{
  return g_rc_box_acquire (signer);
}

static void
clear (gpointer data)
{
  SpSigner *signer = data;

  sp_token_key_free (signer->token);
  if (signer->key != NULL)
    gnutls_privkey_deinit (signer->key);
  if (signer->public_key != NULL)
    gnutls_pubkey_deinit (signer->public_key);
}

void
sp_signer_unref (SpSigner *signer)
{
  if (signer != NULL)
    g_rc_box_release_full (signer, clear);
}

gboolean
sp_signer_is_certificate_verify (const guint8 *content, gsize length)
{
  gsize prefix = BLANKS + sizeof context;

  if (length != prefix + 32 && length != prefix + 48)
    return FALSE;
  for (gsize i = 0; i < BLANKS; i++)
    if (content[i] != ' ')
      return FALSE;
  return memcmp (content + BLANKS, context, sizeof context) == 0;
}

/* Frees the datum. */
static guint16
take_signature (int code, gnutls_datum_t *datum, guint8 *signature)
{
  guint16 length = 0;

  if (code < 0)
    sp_log (SP_LOG_ERROR, "keys", "signing a handshake: %s", gnutls_strerror (code));
  else if (datum->size <= SP_SIGNATURE_MAX)
    {
      memcpy (signature, datum->data, datum->size);
      length = (guint16) datum->size;
    }
  gnutls_free (datum->data);
  return length;
}

gboolean
sp_signer_plan_verify (const SpSigner *signer,
                       const guint8 *content,
                       gsize length,
                       SpSignerTask *ret_task)
{
  gnutls_digest_algorithm_t hash;

  if (signer == NULL || !sp_signer_is_certificate_verify (content, length))
    return FALSE;
  hash = gnutls_sign_get_hash_algorithm (signer->kind->tls13);
  *ret_task =
      (SpSignerTask){ .algorithm = signer->kind->tls13,
                      .form = signer->kind->form13,
                      .length = (guint16) gnutls_hash_get_len ((gnutls_digest_algorithm_t) hash) };
  return gnutls_hash_fast (hash, content, length, ret_task->digest) >= 0;
}

gboolean
sp_signer_plan_digest (const SpSigner *signer,
                       guint8 algorithm,
                       const guint8 *digest,
                       gsize length,
                       SpSignerTask *ret_task)
{
  if (signer == NULL || length == 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (signer->kind->tls12); i++)
    if (signer->kind->tls12[i].algorithm == algorithm && signer->kind->tls12[i].length == length)
      {
        *ret_task = (SpSignerTask){ .algorithm = signer->kind->tls12[i].signature,
                                    .form = signer->kind->form12,
                                    .length = (guint16) length };
        memcpy (ret_task->digest, digest, length);
        return TRUE;
      }
  return FALSE;
}

void
sp_signer_plan_trial (const SpSigner *signer, SpSignerTask *ret_task)
{
  *ret_task = (SpSignerTask){ .algorithm = signer->kind->tls12[0].signature,
                              .form = signer->kind->form12,
                              .length = (guint16) signer->kind->tls12[0].length };
  sp_random_bytes (ret_task->digest, ret_task->length);
}

gboolean
sp_signer_is_right (const SpSigner *signer,
                    const SpSignerTask *task,
                    const guint8 *signature,
                    gsize length)
{
  gnutls_datum_t digest = { (guint8 *) task->digest, task->length };
  gnutls_datum_t datum = { (guint8 *) signature, (unsigned) length };

  return length > 0 && signer->public_key != NULL &&
         gnutls_pubkey_verify_hash2 (signer->public_key, task->algorithm, 0, &digest, &datum) >= 0;
}

guint16
sp_signer_sign (SpSigner *signer, const SpSignerTask *task, guint8 *signature)
{
  gnutls_datum_t data = { (guint8 *) task->digest, task->length };
  gnutls_datum_t datum = { NULL, 0 };
  int code;

  if (signer->key == NULL)
    return 0;
  code = gnutls_privkey_sign_hash2 (signer->key, task->algorithm, 0, &data, &datum);
  return take_signature (code, &datum, signature);
}

guint16
sp_signer_sign_verify (SpSigner *signer, const guint8 *content, gsize length, guint8 *signature)
{
  SpSignerTask task;

  return sp_signer_plan_verify (signer, content, length, &task)
             ? sp_signer_sign (signer, &task, signature)
             : 0;
}

guint16
sp_signer_sign_digest (
    SpSigner *signer, guint8 algorithm, const guint8 *digest, gsize length, guint8 *signature)
{
  SpSignerTask task;

  return sp_signer_plan_digest (signer, algorithm, digest, length, &task)
             ? sp_signer_sign (signer, &task, signature)
             : 0;
}
