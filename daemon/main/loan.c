/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loan.h"

#include "loan-table.h"

typedef struct
{
  SpLoanPhase phase;
  SpLoanEvent event;
  SpLoanPhase next;
  SpLoanAction action;
} Rule;

#define RULE(phase, event, next, action)                                                           \
  { SP_LOAN_##phase, SP_LOAN_##event, SP_LOAN_##next, SP_LOAN_DO_##action },

static const Rule rules[] = { SP_LOAN_RULES (RULE) };

static const char *const phase_names[] = { "free", "minting", "granted", "attached", "recalling" };

gboolean
sp_loan_step (SpLoanPhase phase, SpLoanEvent event, SpLoanPhase *ret_next, SpLoanAction *ret_action)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      if (rules[i].phase != phase || rules[i].event != event)
        continue;
      *ret_next = rules[i].next;
      *ret_action = rules[i].action;
      return TRUE;
    }
  return FALSE;
}

const char *
sp_loan_phase_to_string (SpLoanPhase phase)
{
  return phase_names[phase];
}
