/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-profile.h"

#include "base/error.h"

#include <gnutls/pkcs7.h>

typedef struct gnutls_pkcs7_int Message;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Message, gnutls_pkcs7_deinit)
typedef struct gnutls_privkey_st Signer;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Signer, gnutls_privkey_deinit)

static gboolean
succeeded (int code, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "signing a profile: %s", gnutls_strerror (code));
  return FALSE;
}

/* The whole chain is within: what the device knows of the authority is what it was told before. */
static GByteArray *
sign (const GString *content,
      SpPrivateKey *key,
      SpCertificate *certificate,
      SpCertificate *authority,
      GError **error)
{
  const gnutls_datum_t data = { (guint8 *) content->str, (unsigned) content->len };
  gnutls_datum_t der = { NULL, 0 };
  g_autoptr (Message) message = NULL;
  g_autoptr (Signer) signer = NULL;
  GByteArray *bytes;

  if (!succeeded (gnutls_pkcs7_init (&message), error) ||
      !succeeded (gnutls_privkey_init (&signer), error) ||
      !succeeded (gnutls_privkey_import_x509 (signer, key, 0), error) ||
      !succeeded (gnutls_pkcs7_sign (message, certificate, signer, &data, NULL, NULL,
                                     GNUTLS_DIG_SHA256,
                                     GNUTLS_PKCS7_EMBED_DATA | GNUTLS_PKCS7_INCLUDE_TIME |
                                         GNUTLS_PKCS7_INCLUDE_CERT),
                  error) ||
      !succeeded (gnutls_pkcs7_set_crt (message, authority), error) ||
      !succeeded (gnutls_pkcs7_export2 (message, GNUTLS_X509_FMT_DER, &der), error))
    return NULL;
  bytes = g_byte_array_append (g_byte_array_new (), der.data, der.size);
  gnutls_free (der.data);
  return bytes;
}

GByteArray *
sp_device_profile_make (SpKeyStore *keys, const SpAppleProfile *profile, GError **error)
{
  g_autoptr (GString) content = g_string_new (NULL);
  g_autoptr (SpPrivateKey) key = sp_private_key_make (error);
  g_autoptr (SpCertificate) certificate = NULL;

  if (key == NULL)
    return NULL;
  certificate = sp_key_store_issue_signer (keys, key, SP_DEVICE_DAYS,
                                           g_get_real_time () / G_USEC_PER_SEC, error);
  if (certificate == NULL)
    return NULL;
  sp_apple_profile_write (content, profile);
  return sign (content, key, certificate, sp_key_store_get_authority_certificate (keys), error);
}
