/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority.h"

#include "condition.h"

/* A certificate from an authority that speaks ACME. */

static void
print_more (GVariant *facts)
{
  sp_condition_print_text (facts, "Step:        ", "Step");
  sp_condition_print_text (facts, "Certificate: ", "Certificate");
  sp_condition_print_time (facts, "Next order:  ", "NextAt");
  sp_condition_print_text (facts, "Advice:      ", "Text");
}

static void
tell_more (SpJson *json, GVariant *facts)
{
  sp_condition_tell_time (json, facts, "NextAt");
}

static const SpConditionWords states[] = {
  { "off", "off" },           { "waiting", "waiting until it can be ordered" },
  { "ordering", "ordering" }, { "current", "certified" },
  { "failed", "failed" },     { NULL, NULL },
};

static const char *const texts[] = { "State", "Step", "Certificate", "Reason", "Text", NULL };

static const SpCondition condition = {
  .what = "ACME",
  .get = sp_bus_server_get_acme,
  .states = states,
  .print_more = print_more,
  .texts = texts,
  .tell_more = tell_more,
  .call = sp_bus_server_call_order_certificate_sync,
  .called = "ordering",
  .called_words = "A certificate is being ordered; see “" SP_CTL_NAME " authority show”.",
};

SpExitStatus
sp_ctl_authority_show (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return sp_condition_show (&condition, control, self, arguments, error);
}

SpExitStatus
sp_ctl_authority_order (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  return sp_condition_call (&condition, control, self, arguments, error);
}
