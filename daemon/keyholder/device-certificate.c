/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-certificate.h"

#include "base/error.h"
#include "base/secret.h"

#include <gnutls/pkcs12.h>
#include <string.h>

#define ID_SIZE 20 /* of a key */

typedef struct gnutls_pkcs12_int Archive;
typedef struct gnutls_pkcs12_bag_int Bag;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, gnutls_pkcs12_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bag, gnutls_pkcs12_bag_deinit)

static gboolean
succeeded (int code, const char *doing, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s: %s", doing, gnutls_strerror (code));
  return FALSE;
}

/* Wipes and frees what GnuTLS gave out. */
static void
wipe (gnutls_datum_t *datum)
{
  if (datum->data == NULL)
    return;
  sp_secret_wipe (datum->data, datum->size);
  gnutls_free (datum->data);
  datum->data = NULL;
}

static void
append (GByteArray *file, gnutls_datum_t *datum)
{
  g_byte_array_append (file, datum->data, datum->size);
  wipe (datum);
}

/* --- PKCS #12 --- */

typedef struct
{
  unsigned encryption; /* gnutls_pkcs_encrypt_flags_t */
  gnutls_mac_algorithm_t mac;
} Strength;

static const Strength strengths[] = {
  [SP_DEVICE_PKCS12] = { GNUTLS_PKCS_PKCS12_3DES, GNUTLS_MAC_SHA1 },
  [SP_DEVICE_PKCS12_AES] = { GNUTLS_PKCS_PBES2_AES_256, GNUTLS_MAC_SHA256 },
};

/* Importers find the certificate of the key by the id that both have. */
static gboolean
label (Bag *bag, int index, SpPrivateKey *key, const char *name, GError **error)
{
  guint8 id[ID_SIZE];
  gsize size = sizeof id;
  gnutls_datum_t datum = { id, sizeof id };

  return succeeded (gnutls_x509_privkey_get_key_id (key, GNUTLS_KEYID_USE_SHA1, id, &size),
                    "key id", error) &&
         succeeded (gnutls_pkcs12_bag_set_key_id (bag, (unsigned) index, &datum), "key id",
                    error) &&
         succeeded (gnutls_pkcs12_bag_set_friendly_name (bag, (unsigned) index, name), "name",
                    error);
}

static gboolean
add_certificates (Archive *archive,
                  SpPrivateKey *key,
                  SpCertificate *certificate,
                  SpCertificate *authority,
                  const char *name,
                  const Strength *strength,
                  const char *passphrase,
                  GError **error)
{
  g_autoptr (Bag) bag = NULL;
  int index;

  if (!succeeded (gnutls_pkcs12_bag_init (&bag), "packing", error))
    return FALSE;
  index = gnutls_pkcs12_bag_set_crt (bag, certificate);
  return succeeded (index, "packing the certificate", error) &&
         label (bag, index, key, name, error) &&
         succeeded (gnutls_pkcs12_bag_set_crt (bag, authority), "packing the authority", error) &&
         succeeded (gnutls_pkcs12_bag_encrypt (bag, passphrase, strength->encryption), "encrypting",
                    error) &&
         succeeded (gnutls_pkcs12_set_bag (archive, bag), "packing", error);
}

static gboolean
add_key (Archive *archive,
         SpPrivateKey *key,
         const char *name,
         const Strength *strength,
         const char *passphrase,
         GError **error)
{
  g_autoptr (Bag) bag = NULL;
  gnutls_datum_t datum = { NULL, 0 };
  int index = GNUTLS_E_INTERNAL_ERROR;
  gboolean packed;

  if (!succeeded (gnutls_pkcs12_bag_init (&bag), "packing", error) ||
      !succeeded (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_DER, passphrase,
                                                     strength->encryption, &datum),
                  "encrypting the key", error))
    return FALSE;
  index = gnutls_pkcs12_bag_set_data (bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &datum);
  packed = succeeded (index, "packing the key", error) && label (bag, index, key, name, error) &&
           succeeded (gnutls_pkcs12_set_bag (archive, bag), "packing", error);
  wipe (&datum);
  return packed;
}

static gboolean
write_archive (GByteArray *file,
               SpPrivateKey *key,
               SpCertificate *certificate,
               SpCertificate *authority,
               const char *name,
               const Strength *strength,
               const char *passphrase,
               GError **error)
{
  g_autoptr (Archive) archive = NULL;
  gnutls_datum_t datum = { NULL, 0 };

  if (!succeeded (gnutls_pkcs12_init (&archive), "packing", error) ||
      !add_certificates (archive, key, certificate, authority, name, strength, passphrase, error) ||
      !add_key (archive, key, name, strength, passphrase, error) ||
      !succeeded (gnutls_pkcs12_generate_mac2 (archive, strength->mac, passphrase),
                  "authenticating", error) ||
      !succeeded (gnutls_pkcs12_export2 (archive, GNUTLS_X509_FMT_DER, &datum), "packing", error))
    return FALSE;
  append (file, &datum);
  return TRUE;
}

/* --- PEM --- */

static gboolean
write_pem (GByteArray *file,
           SpPrivateKey *key,
           SpCertificate *certificate,
           SpCertificate *authority,
           const char *passphrase,
           GError **error)
{
  SpCertificate *const certificates[] = { certificate, authority };
  unsigned flags = passphrase != NULL ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN;
  gnutls_datum_t datum = { NULL, 0 };

  if (!succeeded (
          gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, passphrase, flags, &datum),
          "writing the key", error))
    return FALSE;
  append (file, &datum);
  for (guint i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      if (!succeeded (gnutls_x509_crt_export2 (certificates[i], GNUTLS_X509_FMT_PEM, &datum),
                      "writing a certificate", error))
        return FALSE;
      append (file, &datum);
    }
  return TRUE;
}

GByteArray *
sp_device_certificate_export (SpPrivateKey *key,
                              SpCertificate *certificate,
                              SpCertificate *authority,
                              const char *name,
                              SpDeviceFormat format,
                              const char *passphrase,
                              GError **error)
{
  /* of the largest file, so that it never moves */
  GByteArray *file = g_byte_array_sized_new (SP_DEVICE_FILE_MAX);
  gboolean written;

  if (format == SP_DEVICE_PEM)
    written = write_pem (file, key, certificate, authority, passphrase, error);
  else
    written = write_archive (file, key, certificate, authority, name, &strengths[format],
                             passphrase, error);
  if (written && file->len <= SP_DEVICE_FILE_MAX)
    return file;
  if (written)
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the file is too long");
  sp_secret_bytes_free (file);
  return NULL;
}
