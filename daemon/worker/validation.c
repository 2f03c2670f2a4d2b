/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validation.h"

#include "base/log.h"
#include "codec/client-hello.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>

#define PROTOCOL        "acme-tls/1"
#define IDENTIFIER      "1.3.6.1.5.5.7.1.31" /* id-pe-acmeIdentifier, RFC 8737 6.1 */
#define OCTET_STRING    4
#define DAYS            7
#define SECONDS_OF_DAYS (DAYS * 24 * 3600)

struct _SpValidationShow
{
  gnutls_certificate_credentials_t credentials;
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
};

static gboolean
is_asked (const SpAdoptClient *message, int fd)
{
  g_autofree guint8 *bytes = NULL;
  SpClientHello hello;
  ssize_t size;

  if (message->validated_name_length == 0)
    return FALSE;
  bytes = g_malloc (SP_CLIENT_HELLO_MAX);
  size = recv (fd, bytes, SP_CLIENT_HELLO_MAX, MSG_PEEK | MSG_DONTWAIT);
  return size > 0 &&
         sp_client_hello_peek (bytes, (gsize) size, &hello) == SP_CLIENT_HELLO_COMPLETE &&
         hello.asks_validation && hello.server_name_length == message->validated_name_length &&
         memcmp (hello.server_name, message->validated_name, hello.server_name_length) == 0;
}

static int
make_key (SpValidationShow *self)
{
  int code = gnutls_x509_privkey_init (&self->key);

  return code < 0
             ? code
             : gnutls_x509_privkey_generate (self->key, GNUTLS_PK_ECDSA,
                                             GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
}

/* RFC 8737 3: the name and nothing else, and the digest in a critical extension. */
static int
write_names (SpValidationShow *self, const SpAdoptClient *message)
{
  guint8 identifier[2 + SP_VALIDATION_SIZE] = { OCTET_STRING, SP_VALIDATION_SIZE };
  g_autofree char *name =
      g_strndup ((const char *) message->validated_name, message->validated_name_length);
  int code;

  memcpy (identifier + 2, message->validation, SP_VALIDATION_SIZE);
  code = gnutls_x509_crt_set_dn_by_oid (self->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, PROTOCOL,
                                        strlen (PROTOCOL));
  if (code >= 0)
    code = gnutls_x509_crt_set_subject_alt_name (self->certificate, GNUTLS_SAN_DNSNAME, name,
                                                 message->validated_name_length, GNUTLS_FSAN_SET);
  if (code >= 0)
    code = gnutls_x509_crt_set_extension_by_oid (self->certificate, IDENTIFIER, identifier,
                                                 sizeof identifier, 1);
  return code;
}

static int
write_certificate (SpValidationShow *self, const SpAdoptClient *message)
{
  static const guint8 serial = 1;
  time_t now = time (NULL);
  int code = gnutls_x509_crt_init (&self->certificate);

  if (code >= 0)
    code = gnutls_x509_crt_set_version (self->certificate, 3);
  if (code >= 0)
    code = gnutls_x509_crt_set_serial (self->certificate, &serial, sizeof serial);
  if (code >= 0)
    code = gnutls_x509_crt_set_activation_time (self->certificate, now - SECONDS_OF_DAYS);
  if (code >= 0)
    code = gnutls_x509_crt_set_expiration_time (self->certificate, now + SECONDS_OF_DAYS);
  if (code >= 0)
    code = gnutls_x509_crt_set_key (self->certificate, self->key);
  if (code >= 0)
    code = write_names (self, message);
  return code < 0 ? code
                  : gnutls_x509_crt_sign2 (self->certificate, self->certificate, self->key,
                                           GNUTLS_DIG_SHA256, 0);
}

static int
equip (SpValidationShow *self)
{
  int code = gnutls_certificate_allocate_credentials (&self->credentials);

  return code < 0 ? code
                  : gnutls_certificate_set_x509_key (self->credentials, &self->certificate, 1,
                                                     self->key);
}

SpValidationShow *
sp_validation_show_new (const SpAdoptClient *message, int fd)
{
  SpValidationShow *self;
  int code;

  if (!is_asked (message, fd))
    return NULL;
  self = g_new0 (SpValidationShow, 1);
  code = make_key (self);
  if (code >= 0)
    code = write_certificate (self, message);
  if (code >= 0)
    code = equip (self);
  if (code >= 0)
    return self;
  sp_log (SP_LOG_WARNING, "validation", "no certificate for it: %s", gnutls_strerror (code));
  sp_validation_show_free (self);
  return NULL;
}

void
sp_validation_show_free (SpValidationShow *self)
{
  if (self == NULL)
    return;
  if (self->credentials != NULL)
    gnutls_certificate_free_credentials (self->credentials);
  if (self->certificate != NULL)
    gnutls_x509_crt_deinit (self->certificate);
  if (self->key != NULL)
    gnutls_x509_privkey_deinit (self->key);
  g_free (self);
}

void
sp_validation_show_begin (SpValidationShow *self, SpTlsSession *session)
{
  sp_tls_session_show_instead (session, self->credentials, PROTOCOL);
}
