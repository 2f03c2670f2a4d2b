/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-bundle.h"

#include <string.h>

#define BEGIN     "-----BEGIN "
#define END       "-----END "
#define DASHES    "-----"
#define SALT_MAX  64
#define LABEL_MAX 64 /* bytes of what stands between BEGIN and the dashes */

SpBundle *
sp_bundle_new (void)
{
  SpBundle *bundle = g_new0 (SpBundle, 1);

  bundle->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_certificate_free);
  bundle->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_private_key_free);
  return bundle;
}

void
sp_bundle_free (SpBundle *bundle)
{
  if (bundle == NULL)
    return;
  g_ptr_array_unref (bundle->certificates);
  g_ptr_array_unref (bundle->keys);
  g_free (bundle);
}

gboolean
sp_bundle_spend (SpBundle *bundle, unsigned rounds)
{
  bundle->rounds += rounds;
  return bundle->rounds <= SP_BUNDLE_ROUNDS_MAX;
}

static gboolean
has_certificate (SpBundle *bundle, SpCertificate *certificate)
{
  for (guint i = 0; i < bundle->certificates->len; i++)
    if (gnutls_x509_crt_equals (bundle->certificates->pdata[i], certificate))
      return TRUE;
  return FALSE;
}

SpBundleResult
sp_bundle_add_certificate (SpBundle *bundle, const gnutls_datum_t *der)
{
  g_autoptr (SpCertificate) certificate = sp_certificate_read (der->data, der->size, NULL);

  if (certificate == NULL)
    return SP_BUNDLE_UNKNOWN;
  if (has_certificate (bundle, certificate))
    return SP_BUNDLE_READ;
  if (bundle->certificates->len >= SP_BUNDLE_CERTIFICATES_MAX)
    return SP_BUNDLE_TOO_MUCH;
  g_ptr_array_add (bundle->certificates, g_steal_pointer (&certificate));
  return SP_BUNDLE_READ;
}

/* --- keys --- */

static gboolean
has_key (SpBundle *bundle, SpPrivateKey *key)
{
  guint8 id[SP_PIN_SIZE];
  gsize size = sizeof id;

  if (gnutls_x509_privkey_get_key_id (key, GNUTLS_KEYID_USE_SHA256, id, &size) < 0)
    return FALSE;
  for (guint i = 0; i < bundle->keys->len; i++)
    {
      guint8 other[SP_PIN_SIZE];
      gsize other_size = sizeof other;

      if (gnutls_x509_privkey_get_key_id (bundle->keys->pdata[i], GNUTLS_KEYID_USE_SHA256, other,
                                          &other_size) >= 0 &&
          memcmp (id, other, sizeof id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What was decrypted with a wrong passphrase looks like no key, too. */
static SpBundleResult
judge (int code)
{
  return code >= 0 ? SP_BUNDLE_READ : SP_BUNDLE_WRONG_PASSPHRASE;
}

static gboolean
is_openssl_encrypted (const gnutls_datum_t *bytes, gnutls_x509_crt_fmt_t format)
{
  static const char mark[] = "Proc-Type: 4,ENCRYPTED";

  return format == GNUTLS_X509_FMT_PEM &&
         memmem (bytes->data, bytes->size, mark, strlen (mark)) != NULL;
}

/* Nothing is decrypted whose rounds are not known and counted before: PKCS #8 tells them, OpenSSL's
 * older way has one, and everything else is read as what is not encrypted. */
static SpBundleResult
import_key (SpBundle *bundle,
            SpPrivateKey *key,
            const gnutls_datum_t *bytes,
            gnutls_x509_crt_fmt_t format,
            const char *passphrase)
{
  char salt[SALT_MAX];
  unsigned salt_size = sizeof salt;
  unsigned rounds = 0;
  gboolean is_openssl = is_openssl_encrypted (bytes, format);
  int code = gnutls_pkcs8_info (bytes, format, NULL, NULL, salt, &salt_size, &rounds, NULL);
  gboolean is_pkcs8 = code >= 0 || code == GNUTLS_E_UNKNOWN_CIPHER_TYPE;

  if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
    return SP_BUNDLE_TOO_MUCH;
  if ((is_pkcs8 || is_openssl) && passphrase == NULL)
    return SP_BUNDLE_NEEDS_PASSPHRASE;
  if (is_pkcs8 && !sp_bundle_spend (bundle, rounds))
    return SP_BUNDLE_TOO_MUCH;
  if (is_pkcs8)
    return judge (gnutls_x509_privkey_import_pkcs8 (key, bytes, format, passphrase, 0));
  if (is_openssl)
    return judge (gnutls_x509_privkey_import_openssl (key, bytes, passphrase));
  return gnutls_x509_privkey_import (key, bytes, format) >= 0 ? SP_BUNDLE_READ : SP_BUNDLE_UNKNOWN;
}

SpBundleResult
sp_bundle_add_key (SpBundle *bundle,
                   const gnutls_datum_t *bytes,
                   gnutls_x509_crt_fmt_t format,
                   const char *passphrase)
{
  g_autoptr (SpPrivateKey) key = NULL;
  SpBundleResult result;

  if (gnutls_x509_privkey_init (&key) < 0)
    return SP_BUNDLE_UNKNOWN;
  result = import_key (bundle, key, bytes, format, passphrase);
  if (result != SP_BUNDLE_READ || has_key (bundle, key))
    return result;
  if (bundle->keys->len >= SP_BUNDLE_KEYS_MAX)
    return SP_BUNDLE_TOO_MUCH;
  g_ptr_array_add (bundle->keys, g_steal_pointer (&key));
  return SP_BUNDLE_READ;
}

/* --- PEM (RFC 7468) --- */

/* A block as it stands in the file; the label is a copy. */
typedef struct
{
  char label[LABEL_MAX + 1];
  gnutls_datum_t bytes;
} Block;

static const char *
find (const char *text, gsize size, const char *what)
{
  return memmem (text, size, what, strlen (what));
}

/* Moves `*next` behind the block.  FALSE: there is no whole one any more. */
static gboolean
next_block (const char **next, const char *limit, Block *ret_block)
{
  const char *begin = find (*next, (gsize) (limit - *next), BEGIN);
  const char *label = begin != NULL ? begin + strlen (BEGIN) : NULL;
  const char *dashes = label != NULL ? find (label, (gsize) (limit - label), DASHES) : NULL;
  const char *end = dashes != NULL ? find (dashes, (gsize) (limit - dashes), END) : NULL;
  const char *last;

  if (end == NULL || dashes - label > LABEL_MAX)
    return FALSE;
  end += strlen (END);
  last = find (end, (gsize) (limit - end), DASHES);
  if (last == NULL)
    return FALSE;
  memset (ret_block->label, 0, sizeof ret_block->label);
  memcpy (ret_block->label, label, (gsize) (dashes - label));
  last += strlen (DASHES);
  ret_block->bytes.data = (guint8 *) begin;
  ret_block->bytes.size = (unsigned) (last - begin);
  *next = last;
  return TRUE;
}

static SpBundleResult
add_pem_certificate (SpBundle *bundle, const Block *block)
{
  gnutls_datum_t der = { NULL, 0 };
  SpBundleResult result;

  if (gnutls_pem_base64_decode2 (block->label, &block->bytes, &der) < 0)
    return SP_BUNDLE_UNKNOWN;
  result = sp_bundle_add_certificate (bundle, &der);
  gnutls_free (der.data);
  return result;
}

static SpBundleResult
add_block (SpBundle *bundle, const Block *block, const char *passphrase)
{
  if (g_str_equal (block->label, "CERTIFICATE") || g_str_equal (block->label, "X509 CERTIFICATE"))
    return add_pem_certificate (bundle, block);
  if (g_str_has_suffix (block->label, "PRIVATE KEY"))
    return sp_bundle_add_key (bundle, &block->bytes, GNUTLS_X509_FMT_PEM, passphrase);
  return SP_BUNDLE_READ;
}

static SpBundleResult
add_pem (SpBundle *bundle, const char *text, gsize size, const char *passphrase)
{
  guint before = bundle->certificates->len + bundle->keys->len;
  const char *next = text;
  gboolean any = FALSE;
  Block block;

  while (next_block (&next, text + size, &block))
    {
      SpBundleResult result = add_block (bundle, &block, passphrase);

      if (result != SP_BUNDLE_READ)
        return result;
      any = TRUE;
    }
  /* A file that only repeats what is known is no mistake. */
  return any && (bundle->certificates->len + bundle->keys->len > before || before > 0)
             ? SP_BUNDLE_READ
             : SP_BUNDLE_UNKNOWN;
}

static SpBundleResult
add_der (SpBundle *bundle, const gnutls_datum_t *der, const char *passphrase)
{
  SpBundleResult result = sp_bundle_add_certificate (bundle, der);

  if (result != SP_BUNDLE_UNKNOWN || sp_pkcs12_read (bundle, der, passphrase, &result))
    return result;
  return sp_bundle_add_key (bundle, der, GNUTLS_X509_FMT_DER, passphrase);
}

SpBundleResult
sp_bundle_add (SpBundle *bundle, const guint8 *bytes, gsize size, const char *passphrase)
{
  const gnutls_datum_t der = { (guint8 *) bytes, (unsigned) size };

  if (size == 0 || size > SP_BUNDLE_FILE_MAX)
    return SP_BUNDLE_UNKNOWN;
  if (find ((const char *) bytes, size, BEGIN) != NULL)
    return add_pem (bundle, (const char *) bytes, size, passphrase);
  return add_der (bundle, &der, passphrase);
}
