/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer.h"

#include "base/error.h"
#include "base/log.h"
#include "walls/worker-keyholder.h"

#include <string.h>

#define BLANKS 64

static const char context[] = "TLS 1.3, server CertificateVerify"; /* its zero is the separator */

/* What is signed with a key of each kind; the forms of TLS 1.2 are none of TLS 1.3's. */
typedef struct
{
  gnutls_pk_algorithm_t algorithm;
  unsigned bits; /* of an EC key: exactly; of an RSA key: at least */
  gnutls_sign_algorithm_t tls13;
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
    { { SP_DIGEST_SHA384, 48, GNUTLS_SIGN_ECDSA_SHA384 },
      { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 } } },
  { GNUTLS_PK_ECDSA,
    384,
    GNUTLS_SIGN_ECDSA_SHA384,
    { { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 } } },
  { GNUTLS_PK_RSA,
    SP_RSA_BITS_MIN,
    GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
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
  gnutls_privkey_t key;
  const KeyKind *kind;
};

SpSigner *
sp_signer_new (SpPrivateKey *key, GError **error)
{
  g_autoptr (SpSigner) signer = g_rc_box_new0 (SpSigner);
  unsigned bits = 0;
  int code = gnutls_privkey_init (&signer->key);

  if (code >= 0)
    code = gnutls_privkey_import_x509 (signer->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
  if (code >= 0)
    {
      int algorithm = gnutls_privkey_get_pk_algorithm (signer->key, &bits);

      signer->kind = find_kind (algorithm, bits);
    }
  if (signer->kind != NULL)
    return g_steal_pointer (&signer);
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "using the server's key: %s",
               code < 0 ? gnutls_strerror (code) : "it is of a kind that is not signed with");
  return NULL;
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

  if (signer->key != NULL)
    gnutls_privkey_deinit (signer->key);
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

guint16
sp_signer_sign_verify (SpSigner *signer, const guint8 *content, gsize length, guint8 *signature)
{
  gnutls_datum_t data = { (guint8 *) content, (unsigned) length };
  gnutls_datum_t datum = { NULL, 0 };
  int code;

  if (signer == NULL || !sp_signer_is_certificate_verify (content, length))
    return 0;
  code = gnutls_privkey_sign_data2 (signer->key, signer->kind->tls13, 0, &data, &datum);
  return take_signature (code, &datum, signature);
}

guint16
sp_signer_sign_digest (
    SpSigner *signer, guint8 algorithm, const guint8 *digest, gsize length, guint8 *signature)
{
  gnutls_datum_t data = { (guint8 *) digest, (unsigned) length };
  gnutls_datum_t datum = { NULL, 0 };

  if (signer == NULL || length == 0)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (signer->kind->tls12); i++)
    if (signer->kind->tls12[i].algorithm == algorithm && signer->kind->tls12[i].length == length)
      {
        int code = gnutls_privkey_sign_hash2 (signer->key, signer->kind->tls12[i].signature, 0,
                                              &data, &datum);
        return take_signature (code, &datum, signature);
      }
  return 0;
}
