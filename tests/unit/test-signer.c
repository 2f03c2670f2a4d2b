/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer.h"

#include "walls/worker-keyholder.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

static const char context[] = "TLS 1.3, server CertificateVerify";

typedef struct
{
  SpPrivateKey *key;
  SpSigner *signer;
  gnutls_pubkey_t public_key;
} Fixture;

/* A kind of key and what TLS 1.3 calls its signatures. */
typedef struct
{
  gnutls_pk_algorithm_t algorithm;
  unsigned bits;
  gnutls_sign_algorithm_t tls13;
} Kind;

static const Kind p256 = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1),
                           GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 };
static const Kind p384 = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP384R1),
                           GNUTLS_SIGN_ECDSA_SECP384R1_SHA384 };
static const Kind rsa = { GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  gnutls_privkey_t key;

  g_assert_cmpint (gnutls_x509_privkey_init (&fixture->key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (fixture->key, kind->algorithm, kind->bits, 0), ==,
                   0);
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
  gnutls_sign_algorithm_t tls13 = ((const Kind *) data)->tls13;

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
      g_assert_cmpint (
          gnutls_pubkey_verify_data2 (fixture->public_key, tls13, 0, &signed_data, &datum), ==, 0);
      content[length - 1] ^= 1;
      g_assert_cmpint (
          gnutls_pubkey_verify_data2 (fixture->public_key, tls13, 0, &signed_data, &datum), <, 0);
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

typedef struct
{
  const Kind *kind;
  guint8 algorithm;
  gsize length;
  gnutls_sign_algorithm_t signature; /* 0: refused */
} DigestCase;

static const DigestCase digest_cases[] = {
  { &p256, SP_DIGEST_SHA384, 48, GNUTLS_SIGN_ECDSA_SHA384 },
  { &p256, SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 },
  { &p256, SP_DIGEST_SHA384, 64, 0 },
  { &p256, SP_DIGEST_SHA512, 48, 0 },
  { &p256, SP_DIGEST_SHA384, 32, 0 },
  { &p256, SP_DIGEST_SHA384, 47, 0 },
  { &p256, SP_DIGEST_SHA384, 0, 0 },
  { &p256, SP_DIGEST_SHA512, 63, 0 },
  { &p256, SP_DIGEST_SHA256, 32, 0 },
  { &p256, 0, 0, 0 },
  { &p256, 0, 32, 0 },
  { &p256, 0, 48, 0 },
  { &p256, 4, 48, 0 },
  { &p256, 255, 64, 0 },
  { &p384, SP_DIGEST_SHA512, 64, GNUTLS_SIGN_ECDSA_SHA512 },
  { &p384, SP_DIGEST_SHA384, 48, 0 },
  { &p384, SP_DIGEST_SHA256, 32, 0 },
  { &p384, 0, 0, 0 },
  { &rsa, SP_DIGEST_SHA256, 32, GNUTLS_SIGN_RSA_SHA256 },
  { &rsa, SP_DIGEST_SHA384, 48, GNUTLS_SIGN_RSA_SHA384 },
  { &rsa, SP_DIGEST_SHA512, 64, GNUTLS_SIGN_RSA_SHA512 },
  { &rsa, SP_DIGEST_SHA256, 48, 0 },
  { &rsa, SP_DIGEST_SHA512, 32, 0 },
};

static void
test_digests (Fixture *fixture, gconstpointer data)
{
  guint8 digest[64];

  memset (digest, 0x5a, sizeof digest);
  for (guint i = 0; i < G_N_ELEMENTS (digest_cases); i++)
    {
      const DigestCase *it = &digest_cases[i];
      guint8 signature[SP_SIGNATURE_MAX];
      gnutls_datum_t hash = { digest, (unsigned) it->length };
      gnutls_datum_t datum = { signature, 0 };

      if (it->kind != data)
        continue;
      g_test_message ("case %u", i);
      datum.size =
          sp_signer_sign_digest (fixture->signer, it->algorithm, digest, it->length, signature);
      g_assert_cmpint (datum.size > 0, ==, it->signature != 0);
      if (it->signature != 0)
        g_assert_cmpint (
            gnutls_pubkey_verify_hash2 (fixture->public_key, it->signature, 0, &hash, &datum), ==,
            0);
    }
}

/* Nothing that is signed for TLS 1.2 could be a CertificateVerify of TLS 1.3. */
static void
test_no_digest_is_a_verify (Fixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  guint8 content[200];
  guint8 digest[64];
  guint8 signature[SP_SIGNATURE_MAX];
  gsize length = make_content (content, 32);
  gnutls_datum_t signed_data = { content, (unsigned) length };
  gnutls_digest_algorithm_t hash = gnutls_sign_get_hash_algorithm (kind->tls13);
  gsize size = (gsize) gnutls_hash_get_len (hash);

  g_assert_cmpint (gnutls_hash_fast (hash, content, length, digest), ==, 0);
  for (guint algorithm = 0; algorithm < 8; algorithm++)
    {
      gnutls_datum_t datum = { signature, 0 };

      datum.size =
          sp_signer_sign_digest (fixture->signer, (guint8) algorithm, digest, size, signature);
      if (datum.size > 0)
        g_assert_cmpint (
            gnutls_pubkey_verify_data2 (fixture->public_key, kind->tls13, 0, &signed_data, &datum),
            <, 0);
    }
}

static void
test_other_kinds (void)
{
  static const struct
  {
    int algorithm;
    unsigned bits;
    gboolean usable;
  } cases[] = {
    { GNUTLS_PK_ECDSA, 256, TRUE },     { GNUTLS_PK_ECDSA, 384, TRUE },
    { GNUTLS_PK_ECDSA, 521, FALSE },    { GNUTLS_PK_ECDSA, 0, FALSE },
    { GNUTLS_PK_RSA, 2047, FALSE },     { GNUTLS_PK_RSA, 2048, TRUE },
    { GNUTLS_PK_RSA, 4096, TRUE },      { GNUTLS_PK_RSA, 4097, FALSE },
    { GNUTLS_PK_RSA_PSS, 2048, FALSE }, { GNUTLS_PK_EDDSA_ED25519, 256, FALSE },
    { GNUTLS_PK_DSA, 2048, FALSE },     { -1, 256, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sp_signer_can_use (cases[i].algorithm, cases[i].bits), ==, cases[i].usable);
}

static void
add (const char *name, void (*function) (Fixture *, gconstpointer))
{
  static const struct
  {
    const char *name;
    const Kind *kind;
  } all[] = { { "p256", &p256 }, { "p384", &p384 }, { "rsa", &rsa } };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *path = g_strdup_printf ("/signer/%s/%s", all[i].name, name);

      g_test_add (path, Fixture, all[i].kind, set_up, function, tear_down);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("verify", test_verify_is_signed);
  add ("wrong-lengths", test_wrong_lengths_are_refused);
  add ("wrong-contents", test_wrong_contents_are_refused);
  add ("digests", test_digests);
  add ("no-digest-is-a-verify", test_no_digest_is_a_verify);
  g_test_add_func ("/signer/other-kinds", test_other_kinds);
  return g_test_run ();
}
