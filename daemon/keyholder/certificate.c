/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>

#define SERIAL_SIZE 16 /* bytes; RFC 5280 4.1.2.2 allows 20 */
#define ID_SIZE     20 /* SHA-1, RFC 5280 4.2.1.2 (1) */

static gboolean
succeeded (int code, const char *doing, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "%s: %s", doing,
               gnutls_strerror (code));
  return FALSE;
}

void
sp_private_key_free (SpPrivateKey *key)
{
  if (key != NULL)
    gnutls_x509_privkey_deinit (key);
}

void
sp_certificate_free (SpCertificate *certificate)
{
  if (certificate != NULL)
    gnutls_x509_crt_deinit (certificate);
}

SpPrivateKey *
sp_private_key_make (GError **error)
{
  g_autoptr (SpPrivateKey) key = NULL;
  unsigned curve = GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1);

  if (!succeeded (gnutls_x509_privkey_init (&key), "making a key", error) ||
      !succeeded (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, curve, 0), "making a key",
                  error))
    return NULL;
  return g_steal_pointer (&key);
}

SpPrivateKey *
sp_private_key_read (const guint8 *bytes, gsize size, GError **error)
{
  g_autoptr (SpPrivateKey) key = NULL;
  gnutls_datum_t datum = { (guint8 *) bytes, (unsigned) size };

  if (!succeeded (gnutls_x509_privkey_init (&key), "reading a key", error) ||
      !succeeded (gnutls_x509_privkey_import_pkcs8 (key, &datum, GNUTLS_X509_FMT_DER, NULL,
                                                    GNUTLS_PKCS_PLAIN),
                  "reading a key", error))
    return NULL;
  return g_steal_pointer (&key);
}

GByteArray *
sp_private_key_write (SpPrivateKey *key, GError **error)
{
  gnutls_datum_t datum = { NULL, 0 };
  GByteArray *bytes;

  if (!succeeded (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_DER, NULL,
                                                     GNUTLS_PKCS_PLAIN, &datum),
                  "writing a key", error))
    return NULL;
  bytes = g_byte_array_sized_new (datum.size); /* so that it never moves */
  g_byte_array_append (bytes, datum.data, datum.size);
  sp_secret_wipe (datum.data, datum.size);
  gnutls_free (datum.data);
  return bytes;
}

void
sp_secret_bytes_free (GByteArray *bytes)
{
  sp_secret_wipe (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

SpCertificate *
sp_certificate_read (const guint8 *bytes, gsize size, GError **error)
{
  g_autoptr (SpCertificate) certificate = NULL;
  gnutls_datum_t datum = { (guint8 *) bytes, (unsigned) size };

  if (!succeeded (gnutls_x509_crt_init (&certificate), "reading a certificate", error) ||
      !succeeded (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_DER),
                  "reading a certificate", error))
    return NULL;
  return g_steal_pointer (&certificate);
}

GBytes *
sp_certificate_write (SpCertificate *certificate, GError **error)
{
  gnutls_datum_t datum = { NULL, 0 };
  GBytes *bytes;

  if (!succeeded (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &datum),
                  "writing a certificate", error))
    return NULL;
  bytes = g_bytes_new (datum.data, datum.size);
  gnutls_free (datum.data);
  return bytes;
}

/* What every certificate has: version, number, times, key and the id of the key. */
static gboolean
fill_in (SpCertificate *certificate, SpPrivateKey *key, gint64 now, gint64 end, GError **error)
{
  guint8 serial[SERIAL_SIZE];
  guint8 id[ID_SIZE];
  gsize id_size = sizeof id;

  sp_random_bytes (serial, sizeof serial);
  serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and of full length */
  return succeeded (gnutls_x509_crt_set_version (certificate, 3), "version", error) &&
         succeeded (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial), "serial",
                    error) &&
         succeeded (
             gnutls_x509_crt_set_activation_time (certificate, now - SP_BACKDATE_DAYS * SP_DAY),
             "first day", error) &&
         succeeded (gnutls_x509_crt_set_expiration_time (certificate, MIN (end, SP_TIME_LAST)),
                    "last day", error) &&
         succeeded (gnutls_x509_crt_set_key (certificate, key), "key", error) &&
         succeeded (gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA1, id, &id_size),
                    "key id", error) &&
         succeeded (gnutls_x509_crt_set_subject_key_id (certificate, id, id_size), "key id", error);
}

static gboolean
set_common_name (SpCertificate *certificate, const char *name, GError **error)
{
  return succeeded (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                   name, (unsigned) strlen (name)),
                    "subject", error);
}

/* "Sallyport authority 1f3a9c42": from the key, so that it stays when the certificate is renewed */
static gboolean
name_authority (SpCertificate *authority, GError **error)
{
  guint8 id[ID_SIZE];
  gsize size = sizeof id;
  char text[2 * 4 + 1];
  g_autofree char *name = NULL;

  if (!succeeded (gnutls_x509_crt_get_subject_key_id (authority, id, &size, NULL), "key id", error))
    return FALSE;
  sp_hex_encode (id, 4, text);
  name = g_strdup_printf ("Sallyport authority %s", text);
  return set_common_name (authority, name, error);
}

static gboolean
sign (SpCertificate *certificate,
      SpCertificate *authority,
      SpPrivateKey *authority_key,
      GError **error)
{
  return succeeded (
      gnutls_x509_crt_sign2 (certificate, authority, authority_key, GNUTLS_DIG_SHA256, 0),
      "signing a certificate", error);
}

SpCertificate *
sp_certificate_make_authority (SpPrivateKey *key, gint64 now, GError **error)
{
  g_autoptr (SpCertificate) authority = NULL;
  gint64 end = now + SP_AUTHORITY_DAYS * SP_DAY;

  if (!succeeded (gnutls_x509_crt_init (&authority), "making an authority", error) ||
      !fill_in (authority, key, now, end, error) || !name_authority (authority, error) ||
      !succeeded (gnutls_x509_crt_set_basic_constraints (authority, 1, 0), "use", error) ||
      !succeeded (gnutls_x509_crt_set_key_usage (authority, GNUTLS_KEY_KEY_CERT_SIGN), "use",
                  error) ||
      !sign (authority, authority, key, error))
    return NULL;
  return g_steal_pointer (&authority);
}

static gboolean
add_name (SpCertificate *certificate, const char *name, GError **error)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (name, address))
    return succeeded (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name,
                                                            (unsigned) strlen (name),
                                                            GNUTLS_FSAN_APPEND),
                      name, error);
  if (sp_address_is_ipv4 (address))
    return succeeded (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS,
                                                            address + 12, 4, GNUTLS_FSAN_APPEND),
                      name, error);
  return succeeded (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS,
                                                          address, SP_ADDRESS_SIZE,
                                                          GNUTLS_FSAN_APPEND),
                    name, error);
}

#define COMMON_NAME_MAX 64 /* RFC 5280 appendix A.1, ub-common-name */

static gboolean
set_names (SpCertificate *certificate, const char *const *names, GError **error)
{
  const char *first =
      names[0] != NULL && strlen (names[0]) <= COMMON_NAME_MAX ? names[0] : "Sallyport server";

  if (!set_common_name (certificate, first, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!add_name (certificate, names[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
name_issuer (SpCertificate *certificate, SpCertificate *authority, GError **error)
{
  guint8 id[ID_SIZE];
  gsize size = sizeof id;

  return succeeded (gnutls_x509_crt_get_subject_key_id (authority, id, &size, NULL), "issuer",
                    error) &&
         succeeded (gnutls_x509_crt_set_authority_key_id (certificate, id, size), "issuer", error);
}

/* What signs nothing but messages of its own, for one purpose. */
static gboolean
limit (SpCertificate *certificate, const char *purpose, GError **error)
{
  return succeeded (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1), "use", error) &&
         succeeded (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE),
                    "use", error) &&
         succeeded (gnutls_x509_crt_set_key_purpose_oid (certificate, purpose, 0), "use", error);
}

SpCertificate *
sp_certificate_make_server (SpPrivateKey *key,
                            const char *const *names,
                            SpCertificate *authority,
                            SpPrivateKey *authority_key,
                            gint64 now,
                            GError **error)
{
  g_autoptr (SpCertificate) server = NULL;
  gint64 end =
      MIN (now + SP_SERVER_DAYS * SP_DAY, (gint64) gnutls_x509_crt_get_expiration_time (authority));

  if (!succeeded (gnutls_x509_crt_init (&server), "making a certificate", error) ||
      !fill_in (server, key, now, end, error) || !set_names (server, names, error) ||
      !limit (server, GNUTLS_KP_TLS_WWW_SERVER, error) || !name_issuer (server, authority, error) ||
      !sign (server, authority, authority_key, error))
    return NULL;
  return g_steal_pointer (&server);
}

/* "anna (phone)", cut at the end of a character */
static char *
make_client_name (const char *login, const char *name)
{
  g_autofree char *whole = g_strdup_printf ("%s (%s)", login, name);
  const char *end;

  if (strlen (whole) > COMMON_NAME_MAX)
    {
      (void) g_utf8_validate_len (whole, COMMON_NAME_MAX, &end);
      whole[end - whole] = '\0';
    }
  return g_steal_pointer (&whole);
}

static gboolean
name_client (SpCertificate *client, const char *login, const char *name, GError **error)
{
  g_autofree char *common_name = make_client_name (login, name);

  return set_common_name (client, common_name, error) &&
         succeeded (gnutls_x509_crt_set_dn_by_oid (client, GNUTLS_OID_LDAP_UID, 0, login,
                                                   (unsigned) strlen (login)),
                    "subject", error);
}

SpCertificate *
sp_certificate_make_client (SpPrivateKey *key,
                            const char *login,
                            const char *name,
                            guint32 days,
                            SpCertificate *authority,
                            SpPrivateKey *authority_key,
                            gint64 now,
                            GError **error)
{
  g_autoptr (SpCertificate) client = NULL;
  gint64 end = MIN (now + days * SP_DAY, (gint64) gnutls_x509_crt_get_expiration_time (authority));

  if (!succeeded (gnutls_x509_crt_init (&client), "making a certificate", error) ||
      !fill_in (client, key, now, end, error) || !name_client (client, login, name, error) ||
      !limit (client, GNUTLS_KP_TLS_WWW_CLIENT, error) || !name_issuer (client, authority, error) ||
      !sign (client, authority, authority_key, error))
    return NULL;
  return g_steal_pointer (&client);
}

SpCertificate *
sp_certificate_make_signer (SpPrivateKey *key,
                            guint32 days,
                            SpCertificate *authority,
                            SpPrivateKey *authority_key,
                            gint64 now,
                            GError **error)
{
  g_autoptr (SpCertificate) signer = NULL;
  gint64 end = MIN (now + days * SP_DAY, (gint64) gnutls_x509_crt_get_expiration_time (authority));

  if (!succeeded (gnutls_x509_crt_init (&signer), "making a certificate", error) ||
      !fill_in (signer, key, now, end, error) || !set_common_name (signer, "VPN profile", error) ||
      !limit (signer, GNUTLS_KP_EMAIL_PROTECTION, error) ||
      !name_issuer (signer, authority, error) || !sign (signer, authority, authority_key, error))
    return NULL;
  return g_steal_pointer (&signer);
}

gboolean
sp_certificate_is_of_key (SpCertificate *certificate, SpPrivateKey *key)
{
  guint8 certificate_id[SP_PIN_SIZE];
  guint8 key_id[SP_PIN_SIZE];
  gsize certificate_size = sizeof certificate_id;
  gsize key_size = sizeof key_id;

  return gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA256, certificate_id,
                                     &certificate_size) == 0 &&
         gnutls_x509_privkey_get_key_id (key, GNUTLS_KEYID_USE_SHA256, key_id, &key_size) == 0 &&
         certificate_size == key_size && memcmp (certificate_id, key_id, key_size) == 0;
}

gboolean
sp_certificate_is_signed_by (SpCertificate *certificate, SpCertificate *authority)
{
  unsigned failures = 0;

  return gnutls_x509_crt_check_issuer (certificate, authority) == 1 &&
         gnutls_x509_crt_verify (certificate, &authority, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS,
                                 &failures) == 0 &&
         failures == 0;
}

gboolean
sp_certificate_get_pin (SpCertificate *certificate, guint8 *ret_pin)
{
  gsize size = SP_PIN_SIZE;

  return gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA256, ret_pin, &size) == 0 &&
         size == SP_PIN_SIZE;
}
