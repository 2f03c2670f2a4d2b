/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/mtu.h"

/* Measured with GnuTLS 3.7.9: what a cipher leaves of 1500 bytes over IPv4. */
static void
test_ciphers (void)
{
  static const struct
  {
    const char *cipher;
    const char *mac;
    guint32 overhead;
    guint32 data;
  } ciphers[] = {
    { "AES-256-GCM", "AEAD", 37, 1434 },
    { "AES-128-GCM", NULL, 37, 1434 },
    { "AES-256-CCM", "AEAD", 37, 1434 },
    { "AES-128-CCM", "AEAD", 37, 1434 },
    { "AES-256-CCM-8", "AEAD", 29, 1442 },
    { "AES-128-CCM-8", "AEAD", 29, 1442 },
    { "CHACHA20-POLY1305", "AEAD", 29, 1442 },
    { "AES-128-CBC", "SHA1", 65, 1406 },
    { "AES-256-CBC", "SHA1", 65, 1406 },
    { "AES-128-CBC", "SHA256", 77, 1394 },
    { "AES-256-CBC", "SHA384", 93, 1378 },
    { "3DES-CBC", "SHA1", 49, 1422 },
    { "CAMELLIA-256-CBC", "SHA1", 93, 1378 },
    { "AES-128-CBC", NULL, 93, 1378 },
    { "", "", 93, 1378 },
    { NULL, NULL, 93, 1378 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ciphers); i++)
    {
      guint32 overhead = sp_mtu_overhead (ciphers[i].cipher, ciphers[i].mac);

      g_assert_cmpuint (overhead, ==, ciphers[i].overhead);
      g_assert_cmpuint (sp_mtu_data (1500, FALSE, overhead), ==, ciphers[i].data);
      g_assert_cmpuint (sp_mtu_data (1500, TRUE, overhead), ==, ciphers[i].data - 20);
    }
}

static void
test_data (void)
{
  g_assert_cmpuint (sp_mtu_data (1500, FALSE, 0), ==, 1472);
  g_assert_cmpuint (sp_mtu_data (1500, TRUE, 0), ==, 1452);
  g_assert_cmpuint (sp_mtu_data (67, FALSE, 37), ==, 1);
  g_assert_cmpuint (sp_mtu_data (66, FALSE, 37), ==, 0);
  g_assert_cmpuint (sp_mtu_data (1, FALSE, 37), ==, 0);
  g_assert_cmpuint (sp_mtu_data (0, TRUE, 0), ==, 0);
  g_assert_true (sp_mtu_carries_ipv6 (1280));
  g_assert_false (sp_mtu_carries_ipv6 (1279));
}

static void
test_link (void)
{
  static const struct
  {
    SpMtuFacts facts;
    guint32 link;
  } cases[] = {
    { { 0 }, 1500 },
    { { .limit = 1400 }, 1400 },
    { { .limit = 9000, .base_mtu = 9000 }, 9000 },
    { { .limit = 1400, .base_mtu = 1500 }, 1400 },
    { { .base_mtu = 1406 }, 1406 },
    /* nonsense is ignored */
    { { .base_mtu = 1 }, 1500 },
    { { .base_mtu = 799 }, 1500 },
    { { .base_mtu = 800 }, 800 },
    { { .base_mtu = 16385 }, 1500 },
    { { .base_mtu = 65535 }, 1500 },
    { { .base_mtu = G_MAXUINT32 }, 1500 },
    { { .cstp_mtu = G_MAXUINT32 }, 1500 },
    { { .base_mtu = 1, .cstp_mtu = 1000 }, 1500 },
    /* an IPv6 session needs more */
    { { .base_mtu = 1279, .inner_ipv6 = TRUE }, 1500 },
    { { .base_mtu = 1280, .inner_ipv6 = TRUE }, 1280 },
    { { .base_mtu = 1279, .outer_ipv6 = TRUE }, 1279 },
    /* old clients tell the inner size only: 1500 - 20 - 8 - 66 */
    { { .cstp_mtu = 1300 }, 1394 },
    { { .cstp_mtu = 1300, .outer_ipv6 = TRUE }, 1414 },
    { { .cstp_mtu = 1390 }, 1484 },
    { { .cstp_mtu = 1390, .base_mtu = 1450 }, 1450 },
    { { .cstp_mtu = 705 }, 1500 },
    { { .cstp_mtu = 706 }, 800 },
    /* the kernel knows better */
    { { .path_mtu = 1420 }, 1420 },
    { { .path_mtu = 1500, .base_mtu = 1420 }, 1420 },
    { { .path_mtu = 65535 }, 1500 },
    { { .path_mtu = 576 }, 576 },
    { { .path_mtu = 575 }, 1500 },
    { { .path_mtu = 1 }, 1500 },
    /* never out of range, whatever the setting */
    { { .limit = 1 }, 576 },
    { { .limit = G_MAXUINT32 }, 16384 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpuint (sp_mtu_link (&cases[i].facts), ==, cases[i].link);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mtu/ciphers", test_ciphers);
  g_test_add_func ("/mtu/data", test_data);
  g_test_add_func ("/mtu/link", test_link);
  return g_test_run ();
}
