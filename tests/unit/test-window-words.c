/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-record.h"
#include "acme.h"
#include "dynamic-dns-record.h"
#include "port-mapping-record.h"
#include "reach-judgement.h"

#include "authority-wording.h"
#include "dynamic-dns-wording.h"
#include "outside-wording.h"

/* The window has words of its own, which are translated, for everything that the service tells by a
 * word. */

static GVariant *
describe (const char *state, const char *key, const char *word)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&facts, "{sv}", "State", g_variant_new_string (state));
  g_variant_builder_add (&facts, "{sv}", key, g_variant_new_string (word));
  return g_variant_ref_sink (g_variant_builder_end (&facts));
}

/* As the property Acme has them, in the order of SpAcmeStep. */
static void
test_steps (void)
{
  static const char *const steps[] = { "asking", "proving", "certifying" };

  G_STATIC_ASSERT (G_N_ELEMENTS (steps) == SP_ACME_STEP_LAST + 1);
  G_STATIC_ASSERT (G_N_ELEMENTS (steps) == SP_AUTHORITY_N_STEPS);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GVariant) acme = describe ("ordering", "Step", steps[i]);
      const char *title;
      g_autofree char *text = NULL;

      g_assert_cmpuint (sp_authority_get_step (acme), ==, i);
      g_assert_cmpint (sp_authority_describe (acme, &title, &text), ==, SP_STANDING_BUSY);
      g_assert_cmpstr (text, ==, sp_authority_get_step_text (i));
      for (guint before = 0; before < i; before++)
        g_assert_cmpstr (text, !=, sp_authority_get_step_text (before));
    }
}

static void
test_authority (void)
{
  for (SpOrderOutcome outcome = SP_ORDER_DONE + 1; outcome <= SP_ORDER_OUTCOME_LAST; outcome++)
    {
      g_autoptr (GVariant) acme = describe ("failed", "Reason", sp_acme_reason (outcome));
      const char *title;
      g_autofree char *text = NULL;

      g_test_message ("%s", sp_acme_reason (outcome));
      g_assert_cmpint (sp_authority_describe (acme, &title, &text), ==, SP_STANDING_BAD);
      g_assert_nonnull (sp_authority_describe_reason (sp_acme_reason (outcome)));
    }
}

static void
test_dynamic_dns (void)
{
  g_assert_nonnull (sp_dynamic_dns_describe_reason (SP_DNS_NO_ADDRESS));
  for (SpErrandOutcome outcome = 0; outcome <= SP_ERRAND_OUTCOME_LAST; outcome++)
    {
      const char *reason = sp_dynamic_dns_reason (outcome);
      g_autoptr (GVariant) dns = describe ("failed", "Reason", reason);
      const char *title;
      g_autofree char *text = NULL;

      if (reason[0] == '\0')
        continue;
      g_test_message ("%s", reason);
      g_assert_cmpint (sp_dynamic_dns_describe (dns, "home.test", &title, &text), ==,
                       SP_STANDING_BAD);
      g_assert_cmpstr (text, ==, sp_dynamic_dns_describe_reason (reason));
      g_assert_nonnull (text);
    }
}

static void
test_port_mapping (void)
{
  for (SpMappingOutcome outcome = 0; outcome <= SP_MAPPING_OUTCOME_LAST; outcome++)
    {
      const char *reason = sp_mapping_reason (outcome);

      g_test_message ("%s", reason);
      if (reason[0] != '\0')
        g_assert_nonnull (sp_outside_describe_refusal (reason));
    }
}

/* But for that of a server that is off, which the window shows otherwise. */
static void
test_verdicts (void)
{
  for (SpReachVerdict verdict = SP_REACH_OFF + 1; verdict < SP_REACH_VERDICTS; verdict++)
    {
      const char *word = sp_reach_verdict_to_string (verdict);
      g_autoptr (GVariant) facts = describe ("", "Verdict", word);
      const char *title;
      const char *text;

      g_test_message ("%s", word);
      (void) sp_outside_describe (facts, &title, &text);
      g_assert_cmpint (verdict == SP_REACH_NOT_TESTED, ==,
                       g_str_equal (title, "Not Tested from Outside"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window-words/steps", test_steps);
  g_test_add_func ("/window-words/authority", test_authority);
  g_test_add_func ("/window-words/dynamic-dns", test_dynamic_dns);
  g_test_add_func ("/window-words/port-mapping", test_port_mapping);
  g_test_add_func ("/window-words/verdicts", test_verdicts);
  return g_test_run ();
}
