/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-request.h"

#include "base/error.h"
#include "codec/base64url.h"
#include "codec/update-url.h"

#include <gnutls/crypto.h>
#include <string.h>

#define NUMBER_SIZE 32 /* of a coordinate, and of either part of a signature, with P-256 */

typedef struct gnutls_privkey_st Signer;
typedef struct gnutls_pubkey_st PublicKey;

static void
signer_free (Signer *signer)
{
  if (signer != NULL)
    gnutls_privkey_deinit (signer);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Signer, signer_free)

static void
public_key_free (PublicKey *key)
{
  if (key != NULL)
    gnutls_pubkey_deinit (key);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PublicKey, public_key_free)

static gboolean
succeeded (int code, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "signing for an authority: %s",
               gnutls_strerror (code));
  return FALSE;
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s cannot be signed", what);
  return FALSE;
}

/* --- what may be written --- */

/* Nothing that has a meaning in JSON. */
static gboolean
is_plain (const char *text)
{
  return strpbrk (text, "\"\\") == NULL;
}

static char *
take_url (const guint8 *bytes, gsize size, const char *what, GError **error)
{
  g_autofree char *url = g_strndup ((const char *) bytes, size);

  if (strlen (url) == size && sp_update_url_check (url, FALSE, FALSE) == NULL && is_plain (url))
    return g_steal_pointer (&url);
  (void) refuse (what, error);
  return NULL;
}

/* RFC 8555 7.3: an address of mail, without what RFC 6068 has beyond it. */
static gboolean
is_contact (const char *contact, gsize size)
{
  static const char allowed[] = "!#$&'*+-./=?^_`{|}~@";

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (contact[i]) && (contact[i] == 0 || strchr (allowed, contact[i]) == NULL))
      return FALSE;
  return memchr (contact, '@', size) != NULL;
}

/* --- the key in JSON --- */

/* GnuTLS leaves out zeros before a number. */
static char *
encode_number (const gnutls_datum_t *number)
{
  guint8 bytes[NUMBER_SIZE] = { 0 };
  gsize skipped = number->size > NUMBER_SIZE ? number->size - NUMBER_SIZE : 0;
  gsize size = number->size - skipped;

  memcpy (bytes + NUMBER_SIZE - size, number->data + skipped, size);
  return sp_base64url_encode (bytes, sizeof bytes);
}

/* With its members in the order that RFC 7638 3 wants. */
static char *
write_key (Signer *signer, GError **error)
{
  g_autoptr (PublicKey) key = NULL;
  gnutls_ecc_curve_t curve;
  gnutls_datum_t x = { NULL, 0 };
  gnutls_datum_t y = { NULL, 0 };
  g_autofree char *x_text = NULL;
  g_autofree char *y_text = NULL;

  if (!succeeded (gnutls_pubkey_init (&key), error) ||
      !succeeded (gnutls_pubkey_import_privkey (key, signer, 0, 0), error) ||
      !succeeded (gnutls_pubkey_export_ecc_raw (key, &curve, &x, &y), error))
    return NULL;
  x_text = encode_number (&x);
  y_text = encode_number (&y);
  gnutls_free (x.data);
  gnutls_free (y.data);
  return g_strdup_printf ("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x_text,
                          y_text);
}

static Signer *
open_signer (SpPrivateKey *key, GError **error)
{
  g_autoptr (Signer) signer = NULL;

  if (!succeeded (gnutls_privkey_init (&signer), error) ||
      !succeeded (gnutls_privkey_import_x509 (signer, key, 0), error))
    return NULL;
  return g_steal_pointer (&signer);
}

/* --- what is signed --- */

static char *
write_header (const SpSignAcme *message, Signer *signer, GError **error)
{
  g_autofree char *url = take_url (message->url, message->url_length, "that address", error);
  g_autofree char *account = NULL;
  g_autofree char *key = NULL;
  int nonce_length = (int) message->nonce_length;
  const char *nonce = (const char *) message->nonce;

  if (url == NULL)
    return NULL;
  if (!sp_base64url_is_text (message->nonce, message->nonce_length))
    {
      (void) refuse ("that nonce", error);
      return NULL;
    }
  if (message->kind != SP_ACME_NEW_ACCOUNT)
    {
      account = take_url (message->account, message->account_length, "for that account", error);
      return account == NULL ? NULL
                             : g_strdup_printf ("{\"alg\":\"ES256\",\"kid\":\"%s\",\"nonce\":\"%.*s"
                                                "\",\"url\":\"%s\"}",
                                                account, nonce_length, nonce, url);
    }
  key = write_key (signer, error);
  return key == NULL
             ? NULL
             : g_strdup_printf ("{\"alg\":\"ES256\",\"jwk\":%s,\"nonce\":\"%.*s\",\"url\":\"%s\"}",
                                key, nonce_length, nonce, url);
}

static char *
write_account (const SpSignAcme *message, GError **error)
{
  GString *text = g_string_new (message->agreed ? "{\"termsOfServiceAgreed\":true" : "{");

  if (message->contact_length > 0 &&
      !is_contact ((const char *) message->contact, message->contact_length))
    {
      (void) refuse ("that contact", error);
      (void) g_string_free (text, TRUE);
      return NULL;
    }
  if (message->contact_length > 0)
    g_string_append_printf (text, "%s\"contact\":[\"mailto:%.*s\"]", message->agreed ? "," : "",
                            (int) message->contact_length, (const char *) message->contact);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

/* RFC 9773 4.1; nothing is, too. */
static gboolean
is_replaced (const SpSignAcme *message)
{
  const guint8 *dot = memchr (message->replaces, '.', message->replaces_length);
  gsize before = dot != NULL ? (gsize) (dot - message->replaces) : 0;

  return message->replaces_length == 0 ||
         (dot != NULL && sp_base64url_is_text (message->replaces, before) &&
          sp_base64url_is_text (dot + 1, message->replaces_length - before - 1));
}

static char *
write_order (const SpSignAcme *message, GError **error)
{
  g_auto (GStrv) names = NULL;
  GString *text;

  if (message->names_length == 0)
    (void) refuse ("an order of no name", error);
  if (message->names_length == 0 ||
      !sp_certificate_names_check (message->names, message->names_length, error))
    return NULL;
  names = sp_certificate_names_read (message->names, message->names_length, error);
  if (names == NULL)
    return NULL;
  if (!is_replaced (message))
    {
      (void) refuse ("for that certificate", error);
      return NULL;
    }
  text = g_string_new ("{\"identifiers\":[");
  for (guint i = 0; names[i] != NULL; i++)
    g_string_append_printf (text, "%s{\"type\":\"dns\",\"value\":\"%s\"}", i > 0 ? "," : "",
                            names[i]);
  g_string_append_c (text, ']');
  if (message->replaces_length > 0) /* RFC 9773 5 */
    g_string_append_printf (text, ",\"replaces\":\"%.*s\"", (int) message->replaces_length,
                            (const char *) message->replaces);
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

static char *
write_csr (GBytes *csr, GError **error)
{
  g_autofree char *encoded = NULL;

  if (csr == NULL)
    {
      (void) refuse ("what there is no request of", error);
      return NULL;
    }
  encoded = sp_base64url_encode (g_bytes_get_data (csr, NULL), g_bytes_get_size (csr));
  return g_strdup_printf ("{\"csr\":\"%s\"}", encoded);
}

static char *
write_payload (const SpSignAcme *message, GBytes *csr, GError **error)
{
  switch (message->kind)
    {
      case SP_ACME_NEW_ACCOUNT:
        return write_account (message, error);
      case SP_ACME_NEW_ORDER:
        return write_order (message, error);
      case SP_ACME_FETCH:
        return g_strdup (""); /* RFC 8555 6.3 */
      case SP_ACME_RESPOND:
        return g_strdup ("{}");
      case SP_ACME_FINALIZE:
        return write_csr (csr, error);
      default:
        (void) refuse ("a request of that kind", error);
        return NULL;
    }
}

/* --- the signature --- */

/* RFC 7518 3.4: both numbers, one after the other. */
static char *
encode_signature (const gnutls_datum_t *der, GError **error)
{
  gnutls_datum_t r = { NULL, 0 };
  gnutls_datum_t s = { NULL, 0 };
  guint8 both[2 * NUMBER_SIZE] = { 0 };

  if (!succeeded (gnutls_decode_rs_value (der, &r, &s), error))
    return NULL;
  for (guint i = 0; i < 2; i++)
    {
      const gnutls_datum_t *number = i == 0 ? &r : &s;
      gsize skipped = number->size > NUMBER_SIZE ? number->size - NUMBER_SIZE : 0;
      gsize size = number->size - skipped;

      memcpy (both + (i + 1) * NUMBER_SIZE - size, number->data + skipped, size);
    }
  gnutls_free (r.data);
  gnutls_free (s.data);
  return sp_base64url_encode (both, sizeof both);
}

static char *
sign (Signer *signer, const char *header, const char *payload, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%s.%s", header, payload);
  const gnutls_datum_t content = { (guint8 *) text, (unsigned) strlen (text) };
  gnutls_datum_t der = { NULL, 0 };
  char *signature;

  if (!succeeded (gnutls_privkey_sign_data2 (signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &content, &der),
                  error))
    return NULL;
  signature = encode_signature (&der, error);
  gnutls_free (der.data);
  return signature;
}

char *
sp_acme_request_compose (const SpSignAcme *message, SpPrivateKey *key, GBytes *csr, GError **error)
{
  g_autoptr (Signer) signer = open_signer (key, error);
  g_autofree char *header = signer != NULL ? write_header (message, signer, error) : NULL;
  g_autofree char *payload = header != NULL ? write_payload (message, csr, error) : NULL;
  g_autofree char *header_text = NULL;
  g_autofree char *payload_text = NULL;
  g_autofree char *signature = NULL;

  if (payload == NULL)
    return NULL;
  header_text = sp_base64url_encode (header, strlen (header));
  payload_text = sp_base64url_encode (payload, strlen (payload));
  signature = sign (signer, header_text, payload_text, error);
  return signature == NULL
             ? NULL
             : g_strdup_printf ("{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}",
                                header_text, payload_text, signature);
}

gboolean
sp_acme_request_digest (SpPrivateKey *key,
                        const guint8 *token,
                        gsize length,
                        guint8 ret_thumbprint[SP_VALIDATION_SIZE],
                        guint8 ret_digest[SP_VALIDATION_SIZE],
                        GError **error)
{
  g_autoptr (Signer) signer = open_signer (key, error);
  g_autofree char *key_text = signer != NULL ? write_key (signer, error) : NULL;
  g_autofree char *thumbprint_text = NULL;
  g_autofree char *authorization = NULL;

  if (key_text == NULL)
    return FALSE;
  if (!sp_base64url_is_text (token, length))
    return refuse ("that token", error);
  if (!succeeded (gnutls_hash_fast (GNUTLS_DIG_SHA256, key_text, strlen (key_text), ret_thumbprint),
                  error))
    return FALSE;
  thumbprint_text = sp_base64url_encode (ret_thumbprint, SP_VALIDATION_SIZE);
  authorization = g_strdup_printf ("%.*s.%s", (int) length, (const char *) token, thumbprint_text);
  return succeeded (
      gnutls_hash_fast (GNUTLS_DIG_SHA256, authorization, strlen (authorization), ret_digest),
      error);
}
