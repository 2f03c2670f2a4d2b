/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer.h"

#include "walls/worker-keyholder.h"

#include <gnutls/abstract.h>
#include <string.h>

static const char context[] = "TLS 1.3, server CertificateVerify";

typedef struct
{
  SpPrivateKey *key;
  SpSigner *signer;
  gnutls_pubkey_t public_key;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  gnutls_privkey_t key;

  fixture->key = sp_private_key_make (NULL);
  fixture->signer = sp_signer_new (fixture->key, NULL);
  g_assert_nonnull (fixture->signer);
  g_assert_cmpint (gnutls_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (key, fixture->key, GNUTLS_PRIVKEY_IMPORT_COPY), ==,
                   0);
  g_assert_cmpint (gnutls_pubkey_init (&fixture->public_key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import_privkey (fixture->public_key, key, 0, 0), ==, 0);
  gnutls_privkey_deinit (key);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gnutls_pubkey_deinit (fixture->public_key);
  sp_signer_unref (fixture->signer);
  sp_private_key_free (fixture->key);
}

/* What a TLS 1.3 server signs, of `hash_size` bytes of hash.  Returns its length. */
static gsize
make_content (guint8 *content, gsize hash_size)
{
  memset (content, ' ', 64);
  memcpy (content + 64, context, sizeof context);
  memset (content + 64 + sizeof context, 0xa5, hash_size);
  return 64 + sizeof context + hash_size;
}

static void
test_verify_is_signed (Fixture *fixture, gconstpointer data)
{
  static const gsize hash_sizes[] = { 32, 48 };

  for (guint i = 0; i < G_N_ELEMENTS (hash_sizes); i++)
    {
      guint8 content[200];
      guint8 signature[SP_SIGNATURE_MAX];
      gsize length = make_content (content, hash_sizes[i]);
      gnutls_datum_t signed_data = { content, (unsigned) length };
      gnutls_datum_t datum = { signature, 0 };

      g_assert_cmpuint (length, ==, 98 + hash_sizes[i]);
      datum.size = sp_signer_sign_verify (fixture->signer, content, length, signature);
      g_assert_cmpuint (datum.size, >, 0);
      g_assert_cmpint (gnutls_pubkey_verify_data2 (fixture->public_key,
                                                   GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0,
                                                   &signed_data, &datum),
                       ==, 0);
      content[length - 1] ^= 1;
      g_assert_cmpint (gnutls_pubkey_verify_data2 (fixture->public_key,
                                                   GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0,
                                                   &signed_data, &datum),
                       <, 0);
    }
}

static void
test_wrong_lengths_are_refused (Fixture *fixture, gconstpointer data)
{
  guint8 content[200];
  guint8 signature[SP_SIGNATURE_MAX];

  for (gsize hash_size = 0; hash_size < 100; hash_size++)
    {
      gsize length = make_content (content, hash_size);
      guint16 size = sp_signer_sign_verify (fixture->signer, content, length, signature);

      g_assert_cmpint (size > 0, ==, hash_size == 32 || hash_size == 48);
    }
  for (gsize length = 0; length < 98; length++)
    g_assert_cmpuint (sp_signer_sign_verify (fixture->signer, content, length, signature), ==, 0);
}

/* Each bit before the hash counts. */
static void
test_wrong_contents_are_refused (Fixture *fixture, gconstpointer data)
{
  guint8 content[200];
  guint8 signature[SP_SIGNATURE_MAX];
  gsize length = make_content (content, 32);

  for (gsize i = 0; i < 98; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        content[i] ^= 1 << bit;
        g_assert_cmpuint (sp_signer_sign_verify (fixture->signer, content, length, signature), ==,
                          0);
        content[i] ^= 1 << bit;
      }
  g_assert_cmpuint (sp_signer_sign_verify (fixture->signer, content, length, signature), >, 0);
  /* what a client signs (RFC 8446 4.4.3) */
  memcpy (content + 64 + 9, "client", 6);
  g_assert_cmpuint (sp_signer_sign_verify (fixture->signer, content, length, signature), ==, 0);
}

static void
test_digests (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint8 algorithm;
    gsize length;
    gnutls_sign_algorithm_t signature; /* 0: refused */
  } cases[] = {
    { SP_DIGEST_SHA384, 48, GNUTLS_SIGN_ECDSA_SHA384 },
    { SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 },
    { SP_DIGEST_SHA384, 64, 0 },
    { SP_DIGEST_SHA512, 48, 0 },
    { SP_DIGEST_SHA384, 32, 0 },
    { SP_DIGEST_SHA384, 47, 0 },
    { SP_DIGEST_SHA384, 0, 0 },
    { SP_DIGEST_SHA512, 63, 0 },
    { 0, 32, 0 },
    { 0, 48, 0 },
    { 3, 48, 0 },
    { 255, 64, 0 },
  };
  guint8 digest[64];

  memset (digest, 0x5a, sizeof digest);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 signature[SP_SIGNATURE_MAX];
      gnutls_datum_t hash = { digest, (unsigned) cases[i].length };
      gnutls_datum_t datum = { signature, 0 };

      datum.size = sp_signer_sign_digest (fixture->signer, cases[i].algorithm, digest,
                                          cases[i].length, signature);
      g_assert_cmpint (datum.size > 0, ==, cases[i].signature != 0);
      if (cases[i].signature != 0)
        g_assert_cmpint (
            gnutls_pubkey_verify_hash2 (fixture->public_key, cases[i].signature, 0, &hash, &datum),
            ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/signer/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("verify", test_verify_is_signed);
  ADD ("wrong-lengths", test_wrong_lengths_are_refused);
  ADD ("wrong-contents", test_wrong_contents_are_refused);
  ADD ("digests", test_digests);
  return g_test_run ();
}
