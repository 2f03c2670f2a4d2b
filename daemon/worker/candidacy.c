/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/candidacy.h"

#include "worker/candidacy-table.h"

typedef struct
{
  SpCandidacyState state;
  SpCandidacyEvent event;
  SpCandidacyState next;
  SpCandidacyAction action;
} Rule;

#define RULE(state, event, next, action)                                                           \
  { SP_CANDIDACY_##state, SP_CANDIDACY_##event, SP_CANDIDACY_##next, SP_CANDIDACY_DO_##action },

static const Rule rules[] = { SP_CANDIDACY_RULES (RULE) };

void
sp_candidacy_init (SpCandidacy *candidacy, gboolean takes)
{
  *candidacy = (SpCandidacy){ .state = takes ? SP_CANDIDACY_NONE : SP_CANDIDACY_SHUT };
}

SpCandidacyAction
sp_candidacy_step (SpCandidacy *candidacy, SpCandidacyEvent event, gint64 now)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const Rule *rule = &rules[i];

      if (rule->state != candidacy->state || rule->event != event)
        continue;
      candidacy->state = rule->next;
      if (rule->action == SP_CANDIDACY_DO_BEGIN || rule->action == SP_CANDIDACY_DO_REPLACE)
        candidacy->until = now + SP_CANDIDACY_SECONDS * G_USEC_PER_SEC;
      return rule->action;
    }
  return SP_CANDIDACY_DO_NOTHING;
}

void
sp_candidacy_hurry (SpCandidacy *candidacy, gint64 now)
{
  candidacy->until = MIN (candidacy->until, now + SP_CANDIDACY_HURRY_SECONDS * G_USEC_PER_SEC);
}

gint64
sp_candidacy_get_deadline (const SpCandidacy *candidacy)
{
  return candidacy->state == SP_CANDIDACY_SHAKING || candidacy->state == SP_CANDIDACY_KEYED
             ? candidacy->until
             : G_MAXINT64;
}

SpCandidacyAction
sp_candidacy_due (SpCandidacy *candidacy, gint64 now)
{
  return now >= sp_candidacy_get_deadline (candidacy)
             ? sp_candidacy_step (candidacy, SP_CANDIDACY_LATE, now)
             : SP_CANDIDACY_DO_NOTHING;
}
