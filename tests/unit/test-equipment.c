/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../fuzz/play-equipment.h"

#include "platform/cpu.h"

#include <string.h>

/* What the system tells of the CPU to people. */
static gboolean
is_told (const char *flag)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL));
  words = g_strsplit_set (text, " \n\t", -1);
  return g_strv_contains ((const char *const *) words, flag);
}

static void
test_cpu (void)
{
  gboolean told = is_told ("aes") && (is_told ("pclmulqdq") || is_told ("pmull"));

  g_assert_cmpint (sp_cpu_has_aes (), ==, told);
}

static void
check_order (gnutls_priority_t priority, const gnutls_cipher_algorithm_t *expected, guint n)
{
  const unsigned *found;
  int n_found = gnutls_priority_cipher_list (priority, &found);

  g_assert_cmpint (n_found, >=, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (found[i], ==, expected[i]);
}

/* All priorities alike, so that both channels and their renewals take the same. */
static void
test_cipher_order (void)
{
  static const gnutls_cipher_algorithm_t expected[][3] = {
    [SP_CIPHERS_AES_FIRST] = { GNUTLS_CIPHER_AES_128_GCM, GNUTLS_CIPHER_AES_256_GCM,
                               GNUTLS_CIPHER_CHACHA20_POLY1305 },
    [SP_CIPHERS_CHACHA20_FIRST] = { GNUTLS_CIPHER_CHACHA20_POLY1305, GNUTLS_CIPHER_AES_128_GCM,
                                    GNUTLS_CIPHER_AES_256_GCM },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (expected) == SP_CIPHERS_LAST + 1);
  for (SpCipherOrder order = 0; order <= SP_CIPHERS_LAST; order++)
    {
      g_autoptr (SpEquipment) equipment = play_equipment_new (order);

      check_order (equipment->tls_priority, expected[order], 3);
      check_order (equipment->asking_priority, expected[order], 3);
      check_order (equipment->renewal_priority, expected[order], 3);
      check_order (equipment->dtls_priority, expected[order], 3);
    }
}

static void
check_groups (gnutls_priority_t priority)
{
  static const gnutls_group_t expected[] = { GNUTLS_GROUP_X25519, GNUTLS_GROUP_SECP256R1,
                                             GNUTLS_GROUP_SECP384R1, GNUTLS_GROUP_SECP521R1,
                                             GNUTLS_GROUP_X448 };
  const unsigned *found;

  g_assert_cmpint (gnutls_priority_group_list (priority, &found), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (found[i], ==, expected[i]);
}

/* Curves alone, the one first that clients send a key for; nobody can make us compute with numbers
 * of thousands of bits. */
static void
test_groups (void)
{
  g_autoptr (SpEquipment) equipment = play_equipment_new (SP_CIPHERS_AES_FIRST);

  check_groups (equipment->tls_priority);
  check_groups (equipment->asking_priority);
  check_groups (equipment->renewal_priority);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/equipment/cpu", test_cpu);
  g_test_add_func ("/equipment/cipher-order", test_cipher_order);
  g_test_add_func ("/equipment/groups", test_groups);
  return g_test_run ();
}
