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

  if (time == 0)
    return;
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

/* --- the clock --- */

void
sp_health_add_clock (GVariantBuilder *entries, gint64 now, gint64 latest)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *says = sp_penalty_write_moment (now, 0);
  g_autofree char *was = sp_penalty_write_moment (latest, 0);
  g_autofree char *text = g_strdup_printf ("the clock of this computer is wrong: it says %s, and "
                                           "it has been %s; certificates, and until "
                                           "when people have access, are judged by it",
                                           says, was);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Now", g_variant_new_uint64 ((guint64) MAX (now, 0)));
  g_variant_builder_add (&details, "{sv}", "Latest", g_variant_new_uint64 ((guint64) latest));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "clock-wrong", "problem", &details);
}

/* --- dynamic DNS --- */

void
sp_health_add_dynamic_dns (GVariantBuilder *entries,
                           const char *reason,
                           const char *advice,
                           const char *word)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text =
      g_strdup_printf ("the server's name may lead to another computer, because its provider does "
                       "not know the address of this one: %s",
                       advice);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Reason", g_variant_new_string (reason));
  g_variant_builder_add (&details, "{sv}", "Word", g_variant_new_string (word));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "dynamic-dns-failed", "problem", &details);
}

/* --- port mapping --- */

static void
add_router (GVariantBuilder *entries, const char *id, const char *reason, const char *text)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Reason", g_variant_new_string (reason));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, id, "warning", &details);
}

void
sp_health_add_port_mapping (GVariantBuilder *entries, const char *reason, const char *advice)
{
  g_autofree char *text =
      g_strdup_printf ("the router does not forward the server's port: %s", advice);

  add_router (entries, "port-mapping-failed", reason, text);
}

void
sp_health_add_pinholes (GVariantBuilder *entries, const char *reason, const char *advice)
{
  g_autofree char *text =
      g_strdup_printf ("over IPv6 nobody gets through the router to the server: %s", advice);

  add_router (entries, "ipv6-closed", reason, text);
}

/* --- an authority --- */

void
sp_health_add_acme (GVariantBuilder *entries,
                    const char *reason,
                    const char *advice,
                    gboolean renewal)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text =
      g_strdup_printf ("the authority does not %s: %s",
                       renewal ? "renew the server's certificate" : "certify the server", advice);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Reason", g_variant_new_string (reason));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "acme-failed", renewal ? "warning" : "problem",
                         &details);
}

/* --- what a setting mends --- */

static void
add_change (GVariantBuilder *details, const char *setting, GVariant *value)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", setting, value);
  g_variant_builder_add (details, "{sv}", "Changes", g_variant_builder_end (&changes));
}

void
sp_health_add_sleep (GVariantBuilder *entries, const char *trouble)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text =
      trouble == NULL
          ? g_strdup ("this computer may go to sleep, and then nobody can connect; the setting "
                      "keep-awake of [server] keeps it awake while the server is on")
          : g_strdup_printf ("this computer may go to sleep, and then nobody can connect: logind "
                             "does not keep it awake: %s",
                             trouble);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  if (trouble == NULL)
    add_change (&details, "KeepAwake", g_variant_new_boolean (TRUE));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "may-sleep", "warning", &details);
}

void
sp_health_add_wildcard (GVariantBuilder *entries,
                        const SpCertificateKnown *certificate,
                        const char *path,
                        const char *name)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *example = g_strconcat ("label.", name, NULL);
  g_autofree char *text =
      g_strdup_printf ("devices call the server by names of their own, and its certificate is not "
                       "good for them; use one for *.%s, or write name-gate = name",
                       name);

  if (sp_health_has_name (certificate->names, certificate->names_length, example))
    {
      g_variant_builder_clear (&details);
      return;
    }
  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Certificate", g_variant_new_object_path (path));
  add_change (&details, "NameGate", g_variant_new_string ("name"));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "certificate-wildcard", "problem", &details);
}

/* --- addresses --- */

void
sp_health_add_overlap (GVariantBuilder *entries, const char *range, const char *network)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = g_strdup_printf (
      "the range of the devices' addresses, %s, overlaps %s, a network of this computer, which "
      "devices cannot reach then; with ipv4-range = auto a free one is chosen",
      range, network);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Range", g_variant_new_string (range));
  g_variant_builder_add (&details, "{sv}", "Network", g_variant_new_string (network));
  add_change (&details, "Ipv4Range", g_variant_new_string ("auto"));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "range-overlap", "problem", &details);
}

/* --- the internet --- */

static const struct
{
  const char *id; /* NULL: nothing to look after */
  const char *text;
} connectivities[] = {
  [SP_CONNECTIVITY_UNKNOWN] = { NULL, NULL },
  [SP_CONNECTIVITY_NONE] = { "no-internet",
                             "this computer has no way to the internet: only devices in its own "
                             "networks can connect" },
  [SP_CONNECTIVITY_PORTAL] = { "captive-portal",
                               "the network that this computer is in wants somebody to sign in on "
                               "a "
                               "page of its own before it lets anything through; until then only "
                               "devices in its own networks can connect" },
  [SP_CONNECTIVITY_LIMITED] = { "no-internet",
                                "NetworkManager does not reach the internet from this computer: "
                                "perhaps only devices in its own networks can connect" },
  [SP_CONNECTIVITY_FULL] = { NULL, NULL },
};
G_STATIC_ASSERT (G_N_ELEMENTS (connectivities) == SP_CONNECTIVITY_FULL + 1);

void
sp_health_add_connectivity (GVariantBuilder *entries, SpConnectivity connectivity)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (connectivities[connectivity].id == NULL)
    {
      g_variant_builder_clear (&details);
      return;
    }
  g_variant_builder_add (&details, "{sv}", "Text",
                         g_variant_new_string (connectivities[connectivity].text));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, connectivities[connectivity].id, "warning",
                         &details);
}

/* --- attacks --- */

static void
add_attack_details (GVariantBuilder *details, const SpAttack *attack, const SpPenalty *culprit)
{
  char network[SP_ENDPOINT_TEXT_MAX];

  g_variant_builder_add (details, "{sv}", "Since", g_variant_new_uint64 ((guint64) attack->since));
  g_variant_builder_add (details, "{sv}", "Connections",
                         g_variant_new_uint64 (attack->connections));
  g_variant_builder_add (details, "{sv}", "Datagrams", g_variant_new_uint64 (attack->datagrams));
  g_variant_builder_add (details, "{sv}", "Networks", g_variant_new_uint32 (attack->networks));
  if (culprit == NULL)
    return;
  sp_penalty_network_to_text (&culprit->network, network);
  g_variant_builder_add (details, "{sv}", "Network", g_variant_new_string (network));
}

void
sp_health_add_attack (GVariantBuilder *entries,
                      const SpAttack *attack,
                      const SpPenalty *culprit,
                      gint64 now)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  char network[SP_ENDPOINT_TEXT_MAX] = "";
  g_autofree char *since = NULL;
  g_autofree char *numbers = NULL;
  g_autofree char *text = NULL;

  if (attack == NULL)
    {
      g_variant_builder_clear (&details);
      return;
    }
  since = sp_penalty_write_moment (attack->since, now);
  numbers = sp_attack_describe (attack);
  if (culprit != NULL)
    sp_penalty_network_to_text (&culprit->network, network);
  text =
      g_strdup_printf ("under attack since %s: %s; who was connected lately comes in as ever, "
                       "strangers get less time, and who misbehaves is refused for a while%s%s%s",
                       since, numbers, culprit != NULL ? "; most of it comes from " : "", network,
                       culprit != NULL ? ", which can be blocked" : "");
  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  add_attack_details (&details, attack, culprit);
  g_variant_builder_add (entries, SP_HEALTH_TYPE, "under-attack", "warning", &details);
}
