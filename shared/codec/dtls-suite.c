/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/dtls-suite.h"

#include "codec/dtls-datagram.h"

#include <string.h>

#define V1_2 SP_DTLS_VERSION_1_2
#define V0_9 SP_DTLS_VERSION_0_9

/* The best first: authenticated encryption, then CBC, then what precedes the standard.  3DES is not
 * here, and neither is DHE, whose rows no client needs. */
static const SpDtlsSuite suites[] = {
  { "AES256-GCM-SHA384", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_RSA, "AES-256-GCM", NULL },
  { "ECDHE-RSA-AES256-GCM-SHA384", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_ECDHE_RSA, "AES-256-GCM",
    NULL },
  { "OC-DTLS1_2-AES256-GCM", SP_DTLS_VIA_CLASSIC, V1_2, SP_DTLS_KX_RSA, "AES-256-GCM", NULL },
  { "AES128-GCM-SHA256", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_RSA, "AES-128-GCM", NULL },
  { "ECDHE-RSA-AES128-GCM-SHA256", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_ECDHE_RSA, "AES-128-GCM",
    NULL },
  { "OC-DTLS1_2-AES128-GCM", SP_DTLS_VIA_CLASSIC, V1_2, SP_DTLS_KX_RSA, "AES-128-GCM", NULL },
  { "AES256-SHA", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_RSA, "AES-256-CBC", "SHA1" },
  { "AES128-SHA", SP_DTLS_VIA_12, V1_2, SP_DTLS_KX_RSA, "AES-128-CBC", "SHA1" },
  { "AES256-SHA", SP_DTLS_VIA_CLASSIC, V0_9, SP_DTLS_KX_RSA, "AES-256-CBC", "SHA1" },
  { "AES128-SHA", SP_DTLS_VIA_CLASSIC, V0_9, SP_DTLS_KX_RSA, "AES-128-CBC", "SHA1" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (suites) <= SP_DTLS_SUITES_MAX);

guint
sp_dtls_suite_count (void)
{
  return G_N_ELEMENTS (suites);
}

const SpDtlsSuite *
sp_dtls_suite_get (guint index)
{
  return index < G_N_ELEMENTS (suites) ? &suites[index] : NULL;
}

guint
sp_dtls_suite_get_index (const SpDtlsSuite *suite)
{
  return (guint) (suite - suites);
}

SpDtlsEra
sp_dtls_suite_get_era (const SpDtlsSuite *suite)
{
  return suite->version == V0_9 ? SP_DTLS_ERA_0_9 : SP_DTLS_ERA_1_2;
}

const char *
sp_dtls_via_header (SpDtlsVia via)
{
  return via == SP_DTLS_VIA_12 ? "X-DTLS12-CipherSuite" : "X-DTLS-CipherSuite";
}

static guint32
find_suite (SpDtlsVia via, const char *name, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (suites[i].via == via && strlen (suites[i].name) == length &&
        memcmp (suites[i].name, name, length) == 0)
      return 1u << i;
  return 0;
}

guint32
sp_dtls_suites_read (SpDtlsVia via, const char *value, gsize length)
{
  const char *end = value + length;
  guint32 found = 0;

  while (value < end)
    {
      const char *colon = memchr (value, ':', end - value);
      gsize name_length = (colon == NULL ? end : colon) - value;

      found |= find_suite (via, value, name_length);
      value += colon == NULL ? name_length : name_length + 1;
    }
  return found;
}

guint32
sp_dtls_suites_of_era (SpDtlsEra era)
{
  guint32 found = 0;

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (sp_dtls_suite_get_era (&suites[i]) == era)
      found |= 1u << i;
  return found;
}

const SpDtlsSuite *
sp_dtls_suite_choose (guint32 offered, const char *cipher)
{
  const SpDtlsSuite *best = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      if ((offered & (1u << i)) == 0)
        continue;
      if (suites[i].mac == NULL && g_strcmp0 (suites[i].cipher, cipher) == 0)
        return &suites[i];
      if (best == NULL)
        best = &suites[i];
    }
  return best;
}
