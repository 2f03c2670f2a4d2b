/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "id-minter.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

static const guint8 tag_key[SP_ID_KEY_SIZE] = "tag tag tag tag tag tag tag tag";
static const guint8 mask_key[SP_ID_KEY_SIZE] = "mask mask mask mask mask mask m";
static const guint8 nonce[SP_ID_NONCE_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static const guint64 handles[] = {
  0, 1, 2, 255, 1ULL << 32, 0x23456789abcdefULL, SP_ATTACHMENTS_MAX - 1
};

static void
test_round_trip (void)
{
  g_autoptr (SpIdMinter) minter = sp_id_minter_new (tag_key, mask_key);

  for (guint i = 0; i < G_N_ELEMENTS (handles); i++)
    for (SpHelloMode mode = SP_HELLO_PSK; mode <= SP_HELLO_LAST; mode++)
      {
        guint8 id[SP_APP_ID_SIZE];
        guint64 attachment = ~handles[i];
        SpHelloMode told = SP_HELLO_LAST + 1;

        sp_id_minter_mint (minter, handles[i], mode, nonce, id);
        g_assert_true (sp_id_minter_verify (minter, id, &attachment, &told));
        g_assert_cmpuint (attachment, ==, handles[i]);
        g_assert_cmpint (told, ==, mode);
      }
}

/* The layout of the header, computed by another library. */
static void
test_layout (void)
{
  g_autoptr (SpIdMinter) minter = sp_id_minter_new (tag_key, mask_key);
  guint8 id[SP_APP_ID_SIZE];
  guint8 digest[32];
  guint8 expected[SP_APP_ID_SIZE];

  sp_id_minter_mint (minter, 0x23456789abcdefULL, SP_HELLO_RESUMED, nonce, id);
  g_assert_cmpint (
      gnutls_hmac_fast (GNUTLS_MAC_SHA256, mask_key, sizeof mask_key, nonce, sizeof nonce, digest),
      ==, 0);
  for (guint i = 0; i < 8; i++)
    expected[i] = (guint8) (0x0123456789abcdefULL >> (8 * i)) ^ digest[i];
  memcpy (expected + 8, nonce, sizeof nonce);
  g_assert_cmpint (
      gnutls_hmac_fast (GNUTLS_MAC_SHA256, tag_key, sizeof tag_key, expected, 16, digest), ==, 0);
  memcpy (expected + 16, digest, 16);
  g_assert_cmpmem (id, sizeof id, expected, sizeof expected);
}

static void
test_each_flipped_bit (void)
{
  g_autoptr (SpIdMinter) minter = sp_id_minter_new (tag_key, mask_key);
  guint8 id[SP_APP_ID_SIZE];
  guint64 attachment;
  SpHelloMode mode;

  sp_id_minter_mint (minter, 77, SP_HELLO_PSK, nonce, id);
  for (guint bit = 0; bit < 8 * sizeof id; bit++)
    {
      id[bit / 8] ^= 1 << bit % 8;
      g_assert_false (sp_id_minter_verify (minter, id, &attachment, &mode));
      id[bit / 8] ^= 1 << bit % 8;
    }
  g_assert_true (sp_id_minter_verify (minter, id, &attachment, &mode));
}

static void
test_other_keys (void)
{
  g_autoptr (SpIdMinter) minter = sp_id_minter_new (tag_key, mask_key);
  g_autoptr (SpIdMinter) successor = sp_id_minter_new (mask_key, tag_key);
  guint8 id[SP_APP_ID_SIZE];
  guint64 attachment;
  SpHelloMode mode;

  sp_id_minter_mint (minter, 77, SP_HELLO_PSK, nonce, id);
  g_assert_false (sp_id_minter_verify (successor, id, &attachment, &mode));
}

/* The number of an attachment is not to be read from its id: ids of neighbours, and of the same one
 * with another nonce, differ in about half their first 64 bits. */
static void
test_mask (void)
{
  g_autoptr (SpIdMinter) minter = sp_id_minter_new (tag_key, mask_key);
  guint distance = 0;

  for (guint i = 0; i < 1000; i++)
    {
      guint8 other_nonce[SP_ID_NONCE_SIZE] = { 0 };
      guint8 a[SP_APP_ID_SIZE];
      guint8 b[SP_APP_ID_SIZE];

      memcpy (other_nonce, &i, sizeof i);
      sp_id_minter_mint (minter, i, SP_HELLO_PSK, other_nonce, a);
      other_nonce[7] = 1;
      sp_id_minter_mint (minter, i + i % 2, SP_HELLO_PSK, other_nonce, b);
      for (guint j = 0; j < SP_ID_HANDLE_SIZE; j++)
        distance += (guint) __builtin_popcount (a[j] ^ b[j]);
    }
  g_assert_cmpuint (distance, >, 31000);
  g_assert_cmpuint (distance, <, 33000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id-minter/round-trip", test_round_trip);
  g_test_add_func ("/id-minter/layout", test_layout);
  g_test_add_func ("/id-minter/each-flipped-bit", test_each_flipped_bit);
  g_test_add_func ("/id-minter/other-keys", test_other_keys);
  g_test_add_func ("/id-minter/mask", test_mask);
  return g_test_run ();
}
