/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-request.h"

#include "base/endpoint.h"
#include "base/error.h"

#include <string.h>

#define COMMON_NAME_MAX 64 /* RFC 5280 appendix A.1, ub-common-name */

typedef struct gnutls_x509_crq_int Request;

static void
request_free (Request *request)
{
  if (request != NULL)
    gnutls_x509_crq_deinit (request);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static gboolean
succeeded (int code, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "making a request: %s", gnutls_strerror (code));
  return FALSE;
}

static int
add_name (Request *request, const char *name)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (name, address))
    return gnutls_x509_crq_set_subject_alt_name (request, GNUTLS_SAN_DNSNAME, name,
                                                 (unsigned) strlen (name), GNUTLS_FSAN_APPEND);
  if (sp_address_is_ipv4 (address))
    return gnutls_x509_crq_set_subject_alt_name (request, GNUTLS_SAN_IPADDRESS, address + 12, 4,
                                                 GNUTLS_FSAN_APPEND);
  return gnutls_x509_crq_set_subject_alt_name (request, GNUTLS_SAN_IPADDRESS, address,
                                               sizeof address, GNUTLS_FSAN_APPEND);
}

static gboolean
fill_in (Request *request, SpPrivateKey *key, const char *const *names, GError **error)
{
  if (!succeeded (gnutls_x509_crq_set_version (request, 1), error) ||
      !succeeded (gnutls_x509_crq_set_key (request, key), error))
    return FALSE;
  if (strlen (names[0]) <= COMMON_NAME_MAX &&
      !succeeded (gnutls_x509_crq_set_dn_by_oid (request, GNUTLS_OID_X520_COMMON_NAME, 0, names[0],
                                                 (unsigned) strlen (names[0])),
                  error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!succeeded (add_name (request, names[i]), error))
      return FALSE;
  return succeeded (gnutls_x509_crq_set_key_usage (request, GNUTLS_KEY_DIGITAL_SIGNATURE), error) &&
         succeeded (gnutls_x509_crq_set_key_purpose_oid (request, GNUTLS_KP_TLS_WWW_SERVER, 0),
                    error) &&
         succeeded (gnutls_x509_crq_sign2 (request, key, GNUTLS_DIG_SHA256, 0), error);
}

GBytes *
sp_certificate_request_make (SpPrivateKey *key, const char *const *names, GError **error)
{
  g_autoptr (Request) request = NULL;
  gnutls_datum_t der = { NULL, 0 };
  GBytes *bytes;

  if (!succeeded (gnutls_x509_crq_init (&request), error) ||
      !fill_in (request, key, names, error) ||
      !succeeded (gnutls_x509_crq_export2 (request, GNUTLS_X509_FMT_DER, &der), error))
    return NULL;
  bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  return bytes;
}

static Request *
read_request (GBytes *bytes)
{
  g_autoptr (Request) request = NULL;
  gsize size;
  gnutls_datum_t der = { (guint8 *) g_bytes_get_data (bytes, &size), 0 };

  der.size = (unsigned) size;
  if (gnutls_x509_crq_init (&request) < 0 ||
      gnutls_x509_crq_import (request, &der, GNUTLS_X509_FMT_DER) < 0)
    return NULL;
  return g_steal_pointer (&request);
}

char *
sp_certificate_request_get_subject (GBytes *bytes)
{
  g_autoptr (Request) request = read_request (bytes);
  char text[SP_CERTIFICATE_TEXT_MAX + 1] = "";
  gsize size = sizeof text;

  if (request != NULL)
    (void) gnutls_x509_crq_get_dn (request, text, &size);
  return g_strdup (text);
}

char *
sp_certificate_request_get_key (GBytes *bytes)
{
  g_autoptr (Request) request = read_request (bytes);
  unsigned bits = 0;

  if (request != NULL)
    (void) gnutls_x509_crq_get_pk_algorithm (request, &bits);
  return g_strdup_printf ("EC P-%u", bits);
}
