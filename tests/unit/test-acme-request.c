/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-request.h"

#include "base/error.h"
#include "codec/base64url.h"

#include <gnutls/crypto.h>
#include <string.h>

#define URL     "https://a.example/new"
#define ACCOUNT "https://a.example/account/1"
#define NONCE   "A-z_9"

static void
fill (guint8 *field, guint16 *length, const char *text)
{
  *length = (guint16) strlen (text);
  memcpy (field, text, *length);
}

#define FILL(message, field, text) fill ((message)->field, &(message)->field##_length, text)

static SpSignAcme *
make (SpAcmeKind kind)
{
  SpSignAcme *message = g_new0 (SpSignAcme, 1);

  message->kind = (guint8) kind;
  FILL (message, url, URL);
  FILL (message, nonce, NONCE);
  if (kind != SP_ACME_NEW_ACCOUNT)
    FILL (message, account, ACCOUNT);
  return message;
}

/* The text of a member of the JWS, decoded. */
static GBytes *
take (const char *jws, const char *member)
{
  g_autofree char *key = g_strdup_printf ("\"%s\":\"", member);
  const char *begin = strstr (jws, key);
  g_autoptr (GString) text = NULL;
  guchar *bytes;
  gsize size;

  g_assert_nonnull (begin);
  begin += strlen (key);
  text = g_string_new_len (begin, (gssize) strcspn (begin, "\""));
  for (gsize i = 0; i < text->len; i++)
    if (text->str[i] == '-' || text->str[i] == '_')
      text->str[i] = text->str[i] == '-' ? '+' : '/';
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  bytes = g_base64_decode (text->str, &size);
  return g_bytes_new_take (bytes, size);
}

static char *
take_text (const char *jws, const char *member)
{
  g_autoptr (GBytes) bytes = take (jws, member);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* RFC 7518 3.4: with the key that signed, by GnuTLS. */
static void
verify (const char *jws, SpPrivateKey *key)
{
  g_autoptr (GBytes) signature = take (jws, "signature");
  const char *header = strstr (jws, "\"protected\":\"") + strlen ("\"protected\":\"");
  const char *payload = strstr (jws, "\"payload\":\"") + strlen ("\"payload\":\"");
  g_autofree char *content = g_strdup_printf ("%.*s.%.*s", (int) strcspn (header, "\""), header,
                                              (int) strcspn (payload, "\""), payload);
  const gnutls_datum_t data = { (guint8 *) content, (unsigned) strlen (content) };
  gsize size;
  guint8 *bytes = (guint8 *) g_bytes_get_data (signature, &size);
  const gnutls_datum_t r = { bytes, 32 };
  const gnutls_datum_t s = { bytes + 32, 32 };
  gnutls_datum_t der;
  gnutls_privkey_t private_key;
  gnutls_pubkey_t public_key;

  g_assert_cmpuint (size, ==, 64);
  g_assert_cmpint (gnutls_encode_rs_value (&der, &r, &s), ==, 0);
  g_assert_cmpint (gnutls_privkey_init (&private_key), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (private_key, key, 0), ==, 0);
  g_assert_cmpint (gnutls_pubkey_init (&public_key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import_privkey (public_key, private_key, 0, 0), ==, 0);
  g_assert_cmpint (
      gnutls_pubkey_verify_data2 (public_key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der), ==, 0);
  gnutls_pubkey_deinit (public_key);
  gnutls_privkey_deinit (private_key);
  gnutls_free (der.data);
}

/* Often enough that some numbers begin with a zero. */
static void
test_account (void)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (SpPrivateKey) key = sp_private_key_make (NULL);
      g_autofree SpSignAcme *message = make (SP_ACME_NEW_ACCOUNT);
      g_autofree char *jws = NULL;
      g_autofree char *header = NULL;
      g_autofree char *payload = NULL;

      message->agreed = 1;
      FILL (message, contact, "admin@example.net");
      jws = sp_acme_request_compose (message, key, NULL, NULL);
      g_assert_nonnull (jws);
      header = take_text (jws, "protected");
      payload = take_text (jws, "payload");
      g_assert_true (g_str_has_prefix (header, "{\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\","));
      g_assert_true (g_str_has_suffix (header, ",\"nonce\":\"" NONCE "\",\"url\":\"" URL "\"}"));
      g_assert_null (strstr (header, "\"kid\""));
      g_assert_cmpstr (
          payload, ==,
          "{\"termsOfServiceAgreed\":true,\"contact\":[\"mailto:admin@example.net\"]}");
      verify (jws, key);
    }
}

static void
expect_payload (SpAcmeKind kind, const char *names, gsize size, GBytes *csr, const char *expected)
{
  g_autoptr (SpPrivateKey) key = sp_private_key_make (NULL);
  g_autofree SpSignAcme *message = make (kind);
  g_autofree char *jws = NULL;
  g_autofree char *header = NULL;
  g_autofree char *payload = NULL;

  memcpy (message->names, names, message->names_length = (guint16) size);
  jws = sp_acme_request_compose (message, key, csr, NULL);
  g_assert_nonnull (jws);
  header = take_text (jws, "protected");
  payload = take_text (jws, "payload");
  g_assert_cmpstr (header, ==,
                   "{\"alg\":\"ES256\",\"kid\":\"" ACCOUNT "\",\"nonce\":\"" NONCE
                   "\",\"url\":\"" URL "\"}");
  g_assert_cmpstr (payload, ==, expected);
  verify (jws, key);
}

static void
test_payloads (void)
{
  static const char names[] = "vpn.example.net\0door.example.net";
  g_autoptr (GBytes) csr = g_bytes_new_static ("\x03\xec\xff\xe0\xc1", 5);

  expect_payload (SP_ACME_NEW_ORDER, names, sizeof names, NULL,
                  "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"vpn.example.net\"},{\"type\":"
                  "\"dns\",\"value\":\"door.example.net\"}]}");
  expect_payload (SP_ACME_FETCH, "", 0, NULL, "");
  expect_payload (SP_ACME_RESPOND, "", 0, NULL, "{}");
  expect_payload (SP_ACME_FINALIZE, "", 0, csr, "{\"csr\":\"A-z_4ME\"}");
}

/* Whatever could be taken for something else is not signed. */
static void
test_refused (void)
{
  g_autoptr (SpPrivateKey) key = sp_private_key_make (NULL);

  for (guint i = 0; i < 10; i++)
    {
      g_autofree SpSignAcme *message = make (i < 2 ? SP_ACME_NEW_ACCOUNT : SP_ACME_FETCH);
      g_autoptr (GError) error = NULL;

      switch (i)
        {
          case 0:
            FILL (message, contact, "a@b\",\"x");
            break;
          case 1:
            FILL (message, contact, "nobody");
            break;
          case 2:
            FILL (message, url, "http://a.example/");
            break;
          case 3:
            FILL (message, url, "https://a.example/\",\"kid\":\"");
            break;
          case 4:
            FILL (message, nonce, "a\"b");
            break;
          case 5:
            message->nonce_length = 0;
            break;
          case 6:
            message->account_length = 0;
            break;
          case 7:
            message->kind = SP_ACME_NEW_ORDER; /* of no names */
            break;
          case 8:
            message->kind = SP_ACME_FINALIZE; /* without a request */
            break;
          default:
            message->kind = SP_ACME_KIND_LAST + 1;
            break;
        }
      g_test_message ("%u", i);
      g_assert_null (sp_acme_request_compose (message, key, NULL, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
}

/* The JWK of the header, without spaces and in this order, is what its thumbprint is of. */
static void
test_digest (void)
{
  g_autoptr (SpPrivateKey) key = sp_private_key_make (NULL);
  g_autofree SpSignAcme *message = make (SP_ACME_NEW_ACCOUNT);
  g_autofree char *jws = sp_acme_request_compose (message, key, NULL, NULL);
  g_autofree char *header = take_text (jws, "protected");
  const char *jwk = strchr (header + 1, '{');
  guint8 thumbprint[32];
  guint8 expected[32];
  guint8 shown[32];
  guint8 digest[32];
  g_autofree char *text = NULL;
  g_autofree char *authorization = NULL;

  g_assert_cmpint (gnutls_hash_fast (GNUTLS_DIG_SHA256, jwk, strcspn (jwk, "}") + 1, thumbprint),
                   ==, 0);
  text = sp_base64url_encode (thumbprint, sizeof thumbprint);
  authorization = g_strconcat ("token-1.", text, NULL);
  g_assert_cmpint (
      gnutls_hash_fast (GNUTLS_DIG_SHA256, authorization, strlen (authorization), expected), ==, 0);
  g_assert_true (sp_acme_request_digest (key, (const guint8 *) "token-1", 7, shown, digest, NULL));
  g_assert_cmpmem (shown, 32, thumbprint, 32);
  g_assert_cmpmem (digest, 32, expected, 32);
  g_assert_false (sp_acme_request_digest (key, (const guint8 *) "token.1", 7, shown, digest, NULL));
  g_assert_false (sp_acme_request_digest (key, (const guint8 *) "", 0, shown, digest, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/acme-request/account", test_account);
  g_test_add_func ("/acme-request/payloads", test_payloads);
  g_test_add_func ("/acme-request/refused", test_refused);
  g_test_add_func ("/acme-request/digest", test_digest);
  return g_test_run ();
}
