/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer.h"

#include "base/error.h"
#include "base/log.h"
#include "walls/worker-keyholder.h"

#include <string.h>

#define BLANKS 64

static const char context[] = "TLS 1.3, server CertificateVerify"; /* its zero is the separator */

static const struct
{
  guint8 algorithm;
  gsize length;
  gnutls_sign_algorithm_t signature;
} digests[] = {
  { SP_DIGEST_SHA384, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 },
};

struct _SpSigner
{
  gnutls_privkey_t key;
};

SpSigner *
sp_signer_new (SpPrivateKey *key, GError **error)
{
  g_autoptr (SpSigner) signer = g_rc_box_new0 (SpSigner);
  int code = gnutls_privkey_init (&signer->key);

  if (code >= 0)
    code = gnutls_privkey_import_x509 (signer->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
  if (code >= 0)
    return g_steal_pointer (&signer);
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "using the server's key: %s",
               gnutls_strerror (code));
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
  code = gnutls_privkey_sign_data2 (signer->key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &datum);
  return take_signature (code, &datum, signature);
}

guint16
sp_signer_sign_digest (
    SpSigner *signer, guint8 algorithm, const guint8 *digest, gsize length, guint8 *signature)
{
  gnutls_datum_t data = { (guint8 *) digest, (unsigned) length };
  gnutls_datum_t datum = { NULL, 0 };

  for (guint i = 0; signer != NULL && i < G_N_ELEMENTS (digests); i++)
    if (digests[i].algorithm == algorithm && digests[i].length == length)
      {
        int code = gnutls_privkey_sign_hash2 (signer->key, digests[i].signature, 0, &data, &datum);
        return take_signature (code, &datum, signature);
      }
  return 0;
}
