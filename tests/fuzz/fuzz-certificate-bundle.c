/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "certificate-verdict.h"

#include <string.h>

/* Findings are whole, and there is one at least. */
static void
check_findings (const SpCertificateVerdict *verdict)
{
  const guint8 *next = verdict->findings->data;
  const guint8 *end = next + verdict->findings->len;

  g_assert_cmpuint (verdict->findings->len, >, 0);
  g_assert_cmpuint (verdict->findings->len, <=, SP_FINDINGS_MAX);
  while (next < end)
    {
      const guint8 *zero = memchr (next + 2, 0, (gsize) (end - next) - 2);

      g_assert_nonnull (zero);
      g_assert_cmpuint (next[0], <=, SP_CHECK_LAST);
      g_assert_cmpuint (next[1], <=, SP_SEVERITY_LAST);
      g_assert_true (g_utf8_validate ((const char *) next + 2, -1, NULL));
      next = zero + 1;
    }
}

/* The first byte says whether there is a passphrase; what follows is one file. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SpBundle) bundle = sp_bundle_new ();
  g_autoptr (GPtrArray) pins = g_ptr_array_new ();
  const SpVerdictWishes wishes = { .name = "home.example.net", .now = 1800000000, .pins = pins };
  g_auto (SpCertificateVerdict) verdict = { 0 };
  SpBundleResult result;

  if (size < 1 || size > 16 * 1024)
    return 0;
  result = sp_bundle_add (bundle, data + 1, size - 1, (data[0] & 1) != 0 ? "secret" : NULL);
  g_assert_cmpint (result, <=, SP_BUNDLE_LAST);
  g_assert_cmpuint (bundle->certificates->len, <=, SP_BUNDLE_CERTIFICATES_MAX);
  g_assert_cmpuint (bundle->keys->len, <=, SP_BUNDLE_KEYS_MAX);
  sp_certificate_verdict_make (&verdict, bundle, &result, 1, &wishes);
  check_findings (&verdict);
  g_assert_true (!verdict.usable || (verdict.key != NULL && verdict.chain != NULL));
  return 0;
}
