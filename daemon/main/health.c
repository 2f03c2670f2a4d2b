/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

#include "base/endpoint.h"

#include <string.h>

static gboolean
is_same_address (const char *one, const char *other)
{
  guint8 left[SP_ADDRESS_SIZE];
  guint8 right[SP_ADDRESS_SIZE];

  return sp_address_from_text (one, left) && sp_address_from_text (other, right) &&
         memcmp (left, right, sizeof left) == 0;
}

static gboolean
stands_for (const char *pattern, const char *name)
{
  const char *rest = strchr (name, '.');

  return g_ascii_strcasecmp (pattern, name) == 0 || is_same_address (pattern, name) ||
         (g_str_has_prefix (pattern, "*.") && rest != NULL &&
          g_ascii_strcasecmp (pattern + 1, rest) == 0);
}

gboolean
sp_health_has_name (const guint8 *names, gsize length, const char *name)
{
  for (const guint8 *next = names; next < names + length;)
    {
      const guint8 *zero = memchr (next, 0, (gsize) (names + length - next));

      if (zero == NULL)
        return FALSE;
      if (stands_for ((const char *) next, name))
        return TRUE;
      next = zero + 1;
    }
  return FALSE;
}

static void
add (GVariantBuilder *entries,
     const char *id,
     const char *severity,
     const SpCertificateKnown *certificate,
     const char *path,
     const char *text)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Certificate", g_variant_new_object_path (path));
  g_variant_builder_add (&details, "{sv}", "ExpiresAt",
                         g_variant_new_uint64 (certificate->not_after));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, id, severity, &details);
}

static void
add_dates (GVariantBuilder *entries,
           const SpCertificateKnown *certificate,
           const char *path,
           gint64 now)
{
  guint64 time = (guint64) MAX (now, 0);

  if (certificate->not_after <= time)
    add (entries, "certificate-expired", "problem", certificate, path,
         "the server's certificate has ended: clients refuse it");
  else if (certificate->not_before > time)
    add (entries, "certificate-not-yet-valid", "problem", certificate, path,
         "the server's certificate is not good yet: clients refuse it");
  else if (certificate->not_after - time < (guint64) SP_HEALTH_SOON)
    add (entries, "certificate-expires-soon", "warning", certificate, path,
         "the server's certificate ends soon");
}

void
sp_health_add_certificate (GVariantBuilder *entries,
                           const SpCertificateKnown *certificate,
                           const char *path,
                           const char *name,
                           gint64 now)
{
  add_dates (entries, certificate, path, now);
  if (name[0] != '\0' && !sp_health_has_name (certificate->names, certificate->names_length, name))
    add (entries, "certificate-name", "warning", certificate, path,
         "the server's certificate is not good for the server's name in the settings");
}

/* --- tokens --- */

static const char *const token_reasons[] = {
  [SP_TOKEN_READY] = "",
  [SP_TOKEN_STARTING] = "",
  [SP_TOKEN_NO_MODULE] = "module",
  [SP_TOKEN_ABSENT] = "absent",
  [SP_TOKEN_WRONG_PIN] = "wrong-pin",
  [SP_TOKEN_FOREIGN_KEY] = "foreign-key",
  [SP_TOKEN_SILENT] = "silent",
  [SP_TOKEN_ENDED] = "ended",
  [SP_TOKEN_FAILED] = "failed",
};
G_STATIC_ASSERT (G_N_ELEMENTS (token_reasons) == SP_TOKEN_STATE_LAST + 1);

void
sp_health_add_token (GVariantBuilder *entries,
                     SpTokenState state,
                     const char *text,
                     const char *path)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *words = NULL;

  if (token_reasons[state][0] == '\0')
    {
      g_variant_builder_clear (&details);
      return;
    }
  words = g_strdup_printf ("the token with the server's key does not sign, and nobody new can "
                           "connect: %s",
                           text);
  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (words));
  g_variant_builder_add (&details, "{sv}", "Certificate", g_variant_new_object_path (path));
  g_variant_builder_add (&details, "{sv}", "Reason", g_variant_new_string (token_reasons[state]));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "token-unavailable", "problem", &details);
}

/* --- limits --- */

void
sp_health_add_limits (GVariantBuilder *entries, const char *trouble)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  if (trouble == NULL)
    {
      g_variant_builder_clear (&details);
      return;
    }
  text = g_strdup_printf ("this computer cannot keep the speed limits of users: %s", trouble);
  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "rate-limits", "problem", &details);
}
