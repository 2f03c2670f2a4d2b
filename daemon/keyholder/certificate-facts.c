/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-facts.h"

#include "codec/base64url.h"

#include <string.h>

typedef int (*ReadName) (gnutls_x509_crt_t certificate, char *text, size_t *size);

/* A distinguished name (RFC 4514), cut at a character's end. */
static guint16
copy_name (SpCertificate *certificate, ReadName read, guint8 *field)
{
  char text[4 * SP_CERTIFICATE_TEXT_MAX];
  gsize size = sizeof text;
  const char *end;

  if (read (certificate, text, &size) < 0)
    return 0;
  (void) g_utf8_validate_len (text, MIN (strlen (text), SP_CERTIFICATE_TEXT_MAX), &end);
  memcpy (field, text, (gsize) (end - text));
  return (guint16) (end - text);
}

guint16
sp_certificate_facts_name_key (SpCertificate *certificate, guint8 *text)
{
  char name[SP_KEY_TEXT_MAX + 1];
  gnutls_ecc_curve_t curve;
  unsigned bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (certificate, &bits);

  if (algorithm == GNUTLS_PK_ECDSA &&
      gnutls_x509_crt_get_pk_ecc_raw (certificate, &curve, NULL, NULL) >= 0)
    g_snprintf (name, sizeof name, "EC P-%u", bits);
  else if (algorithm >= 0)
    g_snprintf (name, sizeof name, "%s %u", gnutls_pk_get_name (algorithm), bits);
  else
    g_strlcpy (name, "unknown", sizeof name);
  memcpy (text, name, strlen (name));
  return (guint16) strlen (name);
}

static void
copy_names (SpCertificate *certificate, SpCertificateKnown *facts)
{
  g_auto (GStrv) names = sp_certificate_get_names (certificate);

  for (guint i = 0; names[i] != NULL; i++)
    {
      gsize size = strlen (names[i]) + 1;

      if (!g_utf8_validate (names[i], -1, NULL) || facts->names_length + size > sizeof facts->names)
        continue;
      memcpy (facts->names + facts->names_length, names[i], size);
      facts->names_length += (guint16) size;
    }
}

/* RFC 9773 4.1: of the key that signed it, and its number. */
static guint16
copy_renewal (SpCertificate *certificate, guint8 *field)
{
  guint8 authority[SP_ACME_RENEWAL_MAX];
  guint8 serial[SP_ACME_RENEWAL_MAX];
  gsize authority_size = sizeof authority;
  gsize serial_size = sizeof serial;
  g_autofree char *authority_text = NULL;
  g_autofree char *serial_text = NULL;
  g_autofree char *text = NULL;

  if (gnutls_x509_crt_get_authority_key_id (certificate, authority, &authority_size, NULL) < 0 ||
      gnutls_x509_crt_get_serial (certificate, serial, &serial_size) < 0)
    return 0;
  authority_text = sp_base64url_encode (authority, authority_size);
  serial_text = sp_base64url_encode (serial, serial_size);
  text = g_strconcat (authority_text, ".", serial_text, NULL);
  if (strlen (text) > SP_ACME_RENEWAL_MAX)
    return 0;
  memcpy (field, text, strlen (text));
  return (guint16) strlen (text);
}

static guint64
microseconds (time_t seconds)
{
  return seconds > 0 ? (guint64) seconds * G_USEC_PER_SEC : 0;
}

void
sp_certificate_facts_read (SpCertificate *certificate, SpCertificateKnown *ret_facts)
{
  gsize size = SP_FINGERPRINT_SIZE;

  ret_facts->not_before = microseconds (gnutls_x509_crt_get_activation_time (certificate));
  ret_facts->not_after = microseconds (gnutls_x509_crt_get_expiration_time (certificate));
  (void) gnutls_x509_crt_get_fingerprint (certificate, GNUTLS_DIG_SHA256, ret_facts->fingerprint,
                                          &size);
  (void) sp_certificate_get_pin (certificate, ret_facts->pin);
  ret_facts->subject_length = copy_name (certificate, gnutls_x509_crt_get_dn, ret_facts->subject);
  ret_facts->issuer_length =
      copy_name (certificate, gnutls_x509_crt_get_issuer_dn, ret_facts->issuer);
  ret_facts->key_length = sp_certificate_facts_name_key (certificate, ret_facts->key);
  copy_names (certificate, ret_facts);
  ret_facts->renewal_length = copy_renewal (certificate, ret_facts->renewal);
}
