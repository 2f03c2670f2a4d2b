/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/der.h"
#include "certificate-login.h"

#include <string.h>

/* The seeds are a client's certificates of this authority and of others, and relatives of them. */
static const char authority_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBVjCB/aADAgECAghBQkNERUZHSDAKBggqhkjOPQQDAjAnMSUwIwYDVQQDDBxT\n"
    "YWxseXBvcnQgYXV0aG9yaXR5IDAxMDIwMzA0MB4XDTIwMDEwMTAwMDAwMFoXDTQw\n"
    "MDEwMTAwMDAwMFowJzElMCMGA1UEAwwcU2FsbHlwb3J0IGF1dGhvcml0eSAwMTAy\n"
    "MDMwNDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDMOSuHBllXMeTfVE1vZ4YEY\n"
    "iv0Z4W0dMQa+AwMQ72WCzW1PprmPXkrkBVW20UUTXREX1Uk910GuLO+R+uR+nUWj\n"
    "EzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgZ7d5z9XvMGti\n"
    "7WVfF61HNCbYTChzf9mDvD3qspXcEk0CIQDDfr/ft7LHyS3kal0nlfg9clHj5q3b\n"
    "GptHg7EqmkRoew==\n"
    "-----END CERTIFICATE-----\n";

/* SHA-256 of what the authority signed (RFC 5280 4.1.1.1) in those seeds that are good. */
static const char *const signed_and_good[] = {
  "49c87030035b7a5232cab348b560aaef0ad72aea703faa9e09e54a666934ce3b", /* good */
  "7e6581c2ec8ecec6ea47db84c595a3a9a041b81ef8d70211df4a962438007d0b", /* for-both */
  "cf13dac619400bd2688d82b2b70f15bbfc018630275e72941d2a1c039a7eecd9", /* rsa */
  "379c4f7543e79d73dbff0544d07450ab9ebb0dbc774464bb238a34205cc83d19", /* ed25519 */
  "f010f7edb3011705e62807d269ead8eb2136c05afc88e3ead88fe057a321ffa6", /* long */
  "fbc9b6a2132607e5221e688b30dd59583d79f7895a0ce471e5e3f4f0898df515", /* no-name */
};

#define NOW    G_GINT64_CONSTANT (1800000000) /* 2027 */
#define BEFORE G_GINT64_CONSTANT (1500000000) /* 2017: none is valid yet */
#define AFTER  G_GINT64_CONSTANT (2300000000) /* 2042: none any more */

static SpCertificate *
read_authority (void)
{
  gnutls_datum_t pem = { (guint8 *) authority_pem, strlen (authority_pem) };
  SpCertificate *authority = NULL;

  g_assert_cmpint (gnutls_x509_crt_init (&authority), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (authority, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
  return authority;
}

/* The first element within the outermost one. */
static char *
hash_signed_part (const guint8 *der, gsize size)
{
  gsize header = der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7f);
  gsize length = header < size ? sp_der_measure (der + header, size - header) : 0;

  g_assert_cmpuint (length, >, 0);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der + header, length);
}

/* Nobody but the authority makes what is accepted. */
static void
check_accepted (SpCertificate *authority, const guint8 *der, gsize size)
{
  g_autofree char *hash = hash_signed_part (der, size);
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (signed_and_good); i++)
    known = known || strcmp (signed_and_good[i], hash) == 0;
  g_assert_true (known);
  g_assert_cmpint (sp_certificate_login_judge (authority, der, size, BEFORE), ==,
                   SP_LOGIN_CERTIFICATE_EXPIRED);
  g_assert_cmpint (sp_certificate_login_judge (authority, der, size, AFTER), ==,
                   SP_LOGIN_CERTIFICATE_EXPIRED);
}

/* What a client showed, at most as long as the wall carries it. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SpCertificate) authority = NULL;
  SpLogin verdict;

  if (size > SP_CERTIFICATE_MAX)
    return 0;
  authority = read_authority ();
  verdict = sp_certificate_login_judge (authority, data, size, NOW);
  if (verdict == SP_LOGIN_ACCEPTED)
    check_accepted (authority, data, size);
  else
    g_assert_true (verdict == SP_LOGIN_CERTIFICATE_FOREIGN ||
                   verdict == SP_LOGIN_CERTIFICATE_EXPIRED ||
                   verdict == SP_LOGIN_CERTIFICATE_UNKNOWN);
  return 0;
}
