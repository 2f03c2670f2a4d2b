/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-bundle.h"

#include <gnutls/pkcs12.h>

/* PKCS #12 (RFC 7292): bags of certificates and keys, mostly encrypted, under one MAC.  Step by
 * step rather than by the function that reads all at once, so that each derivation is counted
 * before it is made. */

#define BAGS_MAX     16
#define ELEMENTS_MAX 64 /* of all bags */
#define SALT_MAX     64

typedef struct
{
  SpBundle *bundle;
  const char *passphrase; /* as it opens the file */
  guint elements;
} Reading;

/* A file without a MAC has nothing to check a passphrase by. */
static SpBundleResult
spend_mac (gnutls_pkcs12_t file, SpBundle *bundle, gboolean *ret_has_mac)
{
  char salt[SALT_MAX];
  unsigned salt_size = sizeof salt;
  unsigned rounds = 0;
  char *oid = NULL; /* asked for since GnuTLS loses it otherwise when it does not know the digest */
  int code = gnutls_pkcs12_mac_info (file, NULL, salt, &salt_size, &rounds, &oid);

  gnutls_free (oid);
  *ret_has_mac = code != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
  if (*ret_has_mac && code < 0)
    return SP_BUNDLE_UNKNOWN;
  return sp_bundle_spend (bundle, rounds) ? SP_BUNDLE_READ : SP_BUNDLE_TOO_MUCH;
}

/* Without a passphrase there may yet be the empty one, which programs write in two ways. */
static SpBundleResult
find_passphrase (gnutls_pkcs12_t file, SpBundle *bundle, const char **passphrase)
{
  const char *const empty[] = { "", NULL };
  const char *const given[] = { *passphrase };
  const char *const *tries = *passphrase != NULL ? given : empty;
  guint n_tries = *passphrase != NULL ? 1 : 2;

  for (guint i = 0; i < n_tries; i++)
    {
      gboolean has_mac;
      SpBundleResult result = spend_mac (file, bundle, &has_mac);

      if (result != SP_BUNDLE_READ || !has_mac)
        return result;
      if (gnutls_pkcs12_verify_mac (file, tries[i]) >= 0)
        {
          *passphrase = tries[i];
          return SP_BUNDLE_READ;
        }
    }
  return *passphrase != NULL ? SP_BUNDLE_WRONG_PASSPHRASE : SP_BUNDLE_NEEDS_PASSPHRASE;
}

static SpBundleResult
read_element (Reading *reading, gnutls_pkcs12_bag_t bag, unsigned i)
{
  gnutls_datum_t der = { NULL, 0 };
  int type = gnutls_pkcs12_bag_get_type (bag, i);

  if (type < 0 || gnutls_pkcs12_bag_get_data (bag, i, &der) < 0)
    return SP_BUNDLE_UNKNOWN;
  switch (type)
    {
      case GNUTLS_BAG_CERTIFICATE:
        return sp_bundle_add_certificate (reading->bundle, &der);
      case GNUTLS_BAG_PKCS8_KEY:
      case GNUTLS_BAG_PKCS8_ENCRYPTED_KEY:
        return sp_bundle_add_key (reading->bundle, &der, GNUTLS_X509_FMT_DER,
                                  reading->passphrase != NULL ? reading->passphrase : "");
      default:
        return SP_BUNDLE_READ; /* revocation lists, secrets of others */
    }
}

static SpBundleResult
decrypt (Reading *reading, gnutls_pkcs12_bag_t bag)
{
  char salt[SALT_MAX];
  unsigned salt_size = sizeof salt;
  unsigned rounds = 0;

  if (gnutls_pkcs12_bag_get_type (bag, 0) != GNUTLS_BAG_ENCRYPTED)
    return SP_BUNDLE_READ;
  if (gnutls_pkcs12_bag_enc_info (bag, NULL, NULL, salt, &salt_size, &rounds, NULL) < 0)
    return SP_BUNDLE_UNKNOWN;
  if (!sp_bundle_spend (reading->bundle, rounds))
    return SP_BUNDLE_TOO_MUCH;
  return gnutls_pkcs12_bag_decrypt (bag, reading->passphrase) >= 0 ? SP_BUNDLE_READ
                                                                   : SP_BUNDLE_WRONG_PASSPHRASE;
}

static SpBundleResult
read_bag (Reading *reading, gnutls_pkcs12_bag_t bag)
{
  SpBundleResult result = decrypt (reading, bag);
  int count = result == SP_BUNDLE_READ ? gnutls_pkcs12_bag_get_count (bag) : 0;

  if (count < 0)
    return SP_BUNDLE_UNKNOWN;
  for (int i = 0; result == SP_BUNDLE_READ && i < count; i++)
    result = ++reading->elements <= ELEMENTS_MAX ? read_element (reading, bag, (unsigned) i)
                                                 : SP_BUNDLE_TOO_MUCH;
  return result;
}

static SpBundleResult
read_bags (Reading *reading, gnutls_pkcs12_t file)
{
  for (int i = 0; i < BAGS_MAX; i++)
    {
      gnutls_pkcs12_bag_t bag = NULL;
      SpBundleResult result;
      int code;

      if (gnutls_pkcs12_bag_init (&bag) < 0)
        return SP_BUNDLE_UNKNOWN;
      code = gnutls_pkcs12_get_bag (file, i, bag);
      result = code >= 0 ? read_bag (reading, bag) : SP_BUNDLE_UNKNOWN;
      gnutls_pkcs12_bag_deinit (bag);
      if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return SP_BUNDLE_READ;
      if (result != SP_BUNDLE_READ)
        return result;
    }
  return SP_BUNDLE_TOO_MUCH;
}

gboolean
sp_pkcs12_read (SpBundle *bundle,
                const gnutls_datum_t *der,
                const char *passphrase,
                SpBundleResult *ret_result)
{
  Reading reading = { .bundle = bundle, .passphrase = passphrase };
  gnutls_pkcs12_t file = NULL;
  gboolean is_one = FALSE;

  if (gnutls_pkcs12_init (&file) < 0)
    return FALSE;
  if (gnutls_pkcs12_import (file, der, GNUTLS_X509_FMT_DER, 0) >= 0)
    {
      is_one = TRUE;
      *ret_result = find_passphrase (file, bundle, &reading.passphrase);
      if (*ret_result == SP_BUNDLE_READ)
        *ret_result = read_bags (&reading, file);
    }
  gnutls_pkcs12_deinit (file);
  return is_one;
}
