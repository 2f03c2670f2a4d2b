/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-suite.h"

#include "codec/dtls-datagram.h"
#include "codec/mtu.h"

#include <string.h>

static guint32
read_list (SpDtlsVia via, const char *list)
{
  return sp_dtls_suites_read (via, list, strlen (list));
}

/* What each header's names mean on the wire; the overheads as GnuTLS has them. */
static void
test_table (void)
{
  static const struct
  {
    SpDtlsVia via;
    const char *name;
    guint16 version;
    SpDtlsKeyExchange key_exchange;
    guint32 overhead;
  } rows[] = {
    { SP_DTLS_VIA_CLASSIC, "OC-DTLS1_2-AES256-GCM", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 37 },
    { SP_DTLS_VIA_CLASSIC, "OC-DTLS1_2-AES128-GCM", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 37 },
    { SP_DTLS_VIA_CLASSIC, "AES256-SHA", SP_DTLS_VERSION_0_9, SP_DTLS_KX_RSA, 65 },
    { SP_DTLS_VIA_CLASSIC, "AES128-SHA", SP_DTLS_VERSION_0_9, SP_DTLS_KX_RSA, 65 },
    { SP_DTLS_VIA_12, "AES256-GCM-SHA384", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 37 },
    { SP_DTLS_VIA_12, "AES128-GCM-SHA256", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 37 },
    { SP_DTLS_VIA_12, "ECDHE-RSA-AES256-GCM-SHA384", SP_DTLS_VERSION_1_2, SP_DTLS_KX_ECDHE_RSA,
      37 },
    { SP_DTLS_VIA_12, "ECDHE-RSA-AES128-GCM-SHA256", SP_DTLS_VERSION_1_2, SP_DTLS_KX_ECDHE_RSA,
      37 },
    { SP_DTLS_VIA_12, "AES256-SHA", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 65 },
    { SP_DTLS_VIA_12, "AES128-SHA", SP_DTLS_VERSION_1_2, SP_DTLS_KX_RSA, 65 },
  };
  guint32 all = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint32 found = read_list (rows[i].via, rows[i].name);
      const SpDtlsSuite *suite = sp_dtls_suite_choose (found, NULL);

      g_test_message ("%s", rows[i].name);
      g_assert_nonnull (suite);
      g_assert_cmpstr (suite->name, ==, rows[i].name);
      g_assert_cmpint (suite->via, ==, rows[i].via);
      g_assert_cmpuint (suite->version, ==, rows[i].version);
      g_assert_cmpint (suite->key_exchange, ==, rows[i].key_exchange);
      g_assert_cmpuint (sp_mtu_overhead (suite->cipher, suite->mac), ==, rows[i].overhead);
      g_assert_cmpuint (found, ==, 1u << sp_dtls_suite_get_index (suite));
      all |= found;
    }
  g_assert_cmpuint (sp_dtls_suite_count (), ==, G_N_ELEMENTS (rows));
  g_assert_null (sp_dtls_suite_get (sp_dtls_suite_count ()));
  g_assert_cmpuint (
      all, ==, sp_dtls_suites_of_era (SP_DTLS_ERA_1_2) | sp_dtls_suites_of_era (SP_DTLS_ERA_0_9));
}

static void
test_unknown (void)
{
  static const struct
  {
    SpDtlsVia via;
    const char *list;
  } rows[] = {
    { SP_DTLS_VIA_CLASSIC, "" },
    { SP_DTLS_VIA_CLASSIC, ":::" },
    { SP_DTLS_VIA_CLASSIC, "PSK-NEGOTIATE:DES-CBC3-SHA:DHE-RSA-AES128-SHA" },
    { SP_DTLS_VIA_CLASSIC, "OC2-DTLS1_2-CHACHA20-POLY1305" },
    { SP_DTLS_VIA_CLASSIC, "AES256-GCM-SHA384" }, /* of the other header */
    { SP_DTLS_VIA_CLASSIC, "AES128-SH:A" },
    { SP_DTLS_VIA_CLASSIC, "AES128-SHA2" },
    { SP_DTLS_VIA_CLASSIC, "aes128-sha" },
    { SP_DTLS_VIA_CLASSIC, "AES128-SHA :AES256-SHA " },
    { SP_DTLS_VIA_12, "OC-DTLS1_2-AES256-GCM" },
    { SP_DTLS_VIA_12, "DHE-RSA-AES256-SHA" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].list);
      g_assert_cmpuint (read_list (rows[i].via, rows[i].list), ==, 0);
    }
  g_assert_null (sp_dtls_suite_choose (0, "AES-128-GCM"));
}

/* What stock clients offer, and what they get. */
static void
test_choice (void)
{
  static const struct
  {
    const char *classic;
    const char *of_12;
    const char *cipher;
    const char *chosen;
    SpDtlsVia via;
  } rows[] = {
    { "AES256-SHA:AES128-SHA", "AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256", NULL,
      "AES256-GCM-SHA384", SP_DTLS_VIA_12 },
    { "OC-DTLS1_2-AES256-GCM:OC-DTLS1_2-AES128-GCM:AES128-SHA", "", "CHACHA20-POLY1305",
      "OC-DTLS1_2-AES256-GCM", SP_DTLS_VIA_CLASSIC },
    { "OC-DTLS1_2-AES256-GCM:OC-DTLS1_2-AES128-GCM:AES128-SHA", "", "AES-128-GCM",
      "OC-DTLS1_2-AES128-GCM", SP_DTLS_VIA_CLASSIC },
    { "OC-DTLS1_2-AES128-GCM", "AES128-GCM-SHA256:AES256-GCM-SHA384", "AES-128-GCM",
      "AES128-GCM-SHA256", SP_DTLS_VIA_12 },
    { "AES128-SHA:AES256-SHA", "AES128-SHA:AES256-SHA", "AES-128-CBC", "AES256-SHA",
      SP_DTLS_VIA_12 },
    { "AES128-SHA:AES256-SHA", "", NULL, "AES256-SHA", SP_DTLS_VIA_CLASSIC },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint32 offered = read_list (SP_DTLS_VIA_CLASSIC, rows[i].classic) |
                        read_list (SP_DTLS_VIA_12, rows[i].of_12);
      const SpDtlsSuite *suite = sp_dtls_suite_choose (offered, rows[i].cipher);

      g_test_message ("row %u", i);
      g_assert_cmpstr (suite->name, ==, rows[i].chosen);
      g_assert_cmpint (suite->via, ==, rows[i].via);
    }
}

/* The standard's before what precedes it, and authenticated encryption before the rest. */
static void
test_order (void)
{
  for (guint i = 1; i < sp_dtls_suite_count (); i++)
    {
      const SpDtlsSuite *better = sp_dtls_suite_get (i - 1);
      const SpDtlsSuite *suite = sp_dtls_suite_get (i);

      g_assert_cmpint (sp_dtls_suite_get_era (better), <=, sp_dtls_suite_get_era (suite));
      g_assert_true (better->mac == NULL || suite->mac != NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtls-suite/table", test_table);
  g_test_add_func ("/dtls-suite/unknown", test_unknown);
  g_test_add_func ("/dtls-suite/choice", test_choice);
  g_test_add_func ("/dtls-suite/order", test_order);
  return g_test_run ();
}
