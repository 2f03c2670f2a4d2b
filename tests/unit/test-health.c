/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

#include <string.h>

#define NOW  (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC)
#define DAYS *(gint64) 86400 * G_USEC_PER_SEC

static const char names[] = "home.example.net\000*.lan.example\000192.0.2.1\0002001:db8::1";

static void
test_entries (void)
{
  static const struct
  {
    gint64 begin, end; /* from now */
    const char *name;
    const char *entries; /* ids and severities */
  } cases[] = {
    { -1 DAYS, 90 DAYS, "", "" },
    { -1 DAYS, 90 DAYS, "home.example.net", "" },
    { -1 DAYS, 90 DAYS, "other.example.net", "certificate-name warning " },
    { -1 DAYS, 14 DAYS, "", "" },
    { -1 DAYS, 14 DAYS - 1, "", "certificate-expires-soon warning " },
    { -1 DAYS, 1, "", "certificate-expires-soon warning " },
    { -1 DAYS, 0, "", "certificate-expired problem " },
    { -9 DAYS, -1 DAYS, "x", "certificate-expired problem certificate-name warning " },
    { 1, 90 DAYS, "", "certificate-not-yet-valid problem " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpCertificateKnown known = { .not_before = (guint64) (NOW + cases[i].begin),
                                   .not_after = (guint64) (NOW + cases[i].end),
                                   .names_length = sizeof names };
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
      g_autoptr (GVariant) entries = NULL;
      g_autoptr (GString) seen = g_string_new (NULL);
      GVariantIter iter;
      const char *id;
      const char *severity;

      memcpy (known.names, names, sizeof names);
      sp_health_add_certificate (&builder, &known, "/own", cases[i].name, NOW);
      entries = g_variant_ref_sink (g_variant_builder_end (&builder));
      g_variant_iter_init (&iter, entries);
      while (g_variant_iter_next (&iter, "(&s&s@a{sv})", &id, &severity, NULL))
        g_string_append_printf (seen, "%s %s ", id, severity);
      g_test_message ("case %u", i);
      g_assert_cmpstr (seen->str, ==, cases[i].entries);
    }
}

/* Devices call the server by names of their own: only a wildcard is good for them. */
static void
test_wildcard (void)
{
  static const struct
  {
    const char *name;
    guint n;
  } cases[] = { { "lan.example", 0 }, { "LAN.example", 0 }, { "home.example.net", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpCertificateKnown known = { .names_length = sizeof names };
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
      g_autoptr (GVariant) entries = NULL;
      g_autoptr (GVariant) details = NULL;
      g_autoptr (GVariant) changes = NULL;
      const char *id;
      const char *word;

      memcpy (known.names, names, sizeof names);
      sp_health_add_wildcard (&builder, &known, "/own", cases[i].name);
      entries = g_variant_ref_sink (g_variant_builder_end (&builder));
      g_assert_cmpuint (g_variant_n_children (entries), ==, cases[i].n);
      if (cases[i].n == 0)
        continue;
      g_variant_get_child (entries, 0, "(&ss@a{sv})", &id, NULL, &details);
      g_assert_cmpstr (id, ==, "certificate-wildcard");
      changes = g_variant_lookup_value (details, "Changes", G_VARIANT_TYPE_VARDICT);
      g_assert_true (g_variant_lookup (changes, "NameGate", "&s", &word));
      g_assert_cmpstr (word, ==, "name");
    }
}

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    gboolean good;
  } cases[] = {
    { "home.example.net", TRUE },    { "HOME.Example.net", TRUE },
    { "a.home.example.net", FALSE }, { "a.lan.example", TRUE },
    { "a.b.lan.example", FALSE },    { "lan.example", FALSE },
    { "192.0.2.1", TRUE },           { "192.0.2.2", FALSE },
    { "2001:db8:0:0::1", TRUE },     { "net", FALSE },
    { "*.lan.example", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sp_health_has_name ((const guint8 *) names, sizeof names, cases[i].name), ==,
                     cases[i].good);
  g_assert_false (sp_health_has_name ((const guint8 *) "unended", 7, "unended"));
  g_assert_false (sp_health_has_name (NULL, 0, "x"));
}

static void
test_limits (void)
{
  g_auto (GVariantBuilder) entries = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
  g_autoptr (GVariant) all = NULL;
  g_autofree char *printed = NULL;

  sp_health_add_limits (&entries, NULL);
  sp_health_add_limits (&entries, "no ifb");
  all = g_variant_ref_sink (g_variant_builder_end (&entries));
  printed = g_variant_print (all, FALSE);
  g_assert_cmpuint (g_variant_n_children (all), ==, 1);
  g_assert_nonnull (strstr (printed, "('rate-limits', 'problem', {'Text': <'"));
  g_assert_nonnull (strstr (printed, "no ifb"));
}

static void
test_attack (void)
{
  static const SpAttack attack = {
    .since = NOW, .connections = 41000, .datagrams = 7, .networks = 1
  };
  SpPenalty culprit = { .refused = 41000 };
  g_auto (GVariantBuilder) entries = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
  g_autoptr (GVariant) all = NULL;
  g_autoptr (GVariant) alone = NULL;
  g_autoptr (GVariant) blamed = NULL;
  const char *network = "";
  const char *text = "";
  guint64 connections = 0;

  g_assert_true (sp_network_from_text ("198.51.100.0/24", &culprit.network));
  sp_health_add_attack (&entries, NULL, NULL, NOW);
  sp_health_add_attack (&entries, &attack, NULL, NOW);
  sp_health_add_attack (&entries, &attack, &culprit, NOW);
  all = g_variant_ref_sink (g_variant_builder_end (&entries));
  g_assert_cmpuint (g_variant_n_children (all), ==, 2);
  g_variant_get_child (all, 0, "(&s&s@a{sv})", &text, NULL, &alone);
  g_assert_cmpstr (text, ==, "under-attack");
  g_assert_false (g_variant_lookup (alone, "Network", "&s", &network));
  g_assert_true (g_variant_lookup (alone, "Connections", "t", &connections));
  g_assert_cmpuint (connections, ==, 41000);
  g_variant_get_child (all, 1, "(&s&s@a{sv})", NULL, NULL, &blamed);
  g_assert_true (g_variant_lookup (blamed, "Network", "&s", &network));
  g_assert_cmpstr (network, ==, "198.51.100.0/24");
  g_assert_true (g_variant_lookup (blamed, "Text", "&s", &text));
  g_assert_nonnull (strstr (text, "41 000 connections from 1 network and 7 datagrams"));
}

static void
test_connectivity (void)
{
  static const struct
  {
    SpConnectivity connectivity;
    const char *id; /* NULL: no entry */
  } cases[] = {
    { SP_CONNECTIVITY_UNKNOWN, NULL },
    { SP_CONNECTIVITY_NONE, "no-internet" },
    { SP_CONNECTIVITY_PORTAL, "captive-portal" },
    { SP_CONNECTIVITY_LIMITED, "no-internet" },
    { SP_CONNECTIVITY_FULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
      g_autoptr (GVariant) entries = NULL;
      g_autoptr (GVariant) details = NULL;
      const char *id, *text;

      sp_health_add_connectivity (&builder, cases[i].connectivity);
      entries = g_variant_ref_sink (g_variant_builder_end (&builder));
      g_assert_cmpuint (g_variant_n_children (entries), ==, cases[i].id != NULL);
      if (cases[i].id == NULL)
        continue;
      g_variant_get_child (entries, 0, "(&s&s@a{sv})", &id, NULL, &details);
      g_assert_cmpstr (id, ==, cases[i].id);
      g_assert_true (g_variant_lookup (details, "Text", "&s", &text));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/entries", test_entries);
  g_test_add_func ("/health/wildcard", test_wildcard);
  g_test_add_func ("/health/names", test_names);
  g_test_add_func ("/health/limits", test_limits);
  g_test_add_func ("/health/connectivity", test_connectivity);
  g_test_add_func ("/health/attack", test_attack);
  return g_test_run ();
}
