/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loan.h"

typedef struct
{
  SpLoanPhase phase;
  SpLoanEvent event;
  SpLoanPhase next;
  SpLoanAction action;
} Rule;

/* clang-format off */
static const Rule rules[] = {
  /* in phase           when                   go to              and then */
  { SP_LOAN_FREE,      SP_LOAN_REQUESTED,    SP_LOAN_MINTING,   SP_LOAN_DO_MINT },
  { SP_LOAN_MINTING,   SP_LOAN_REQUESTED,    SP_LOAN_MINTING,   SP_LOAN_DO_MINT },
  { SP_LOAN_MINTING,   SP_LOAN_MINTED,       SP_LOAN_GRANTED,   SP_LOAN_DO_GRANT },
  { SP_LOAN_MINTING,   SP_LOAN_WAITING_GONE, SP_LOAN_FREE,      SP_LOAN_DO_FORGET },
  { SP_LOAN_GRANTED,   SP_LOAN_ACKNOWLEDGED, SP_LOAN_ATTACHED,  SP_LOAN_DO_NOTHING },
  { SP_LOAN_GRANTED,   SP_LOAN_REQUESTED,    SP_LOAN_RECALLING, SP_LOAN_DO_RECALL },
  { SP_LOAN_GRANTED,   SP_LOAN_ABANDONED,    SP_LOAN_FREE,      SP_LOAN_DO_NOTHING },
  { SP_LOAN_ATTACHED,  SP_LOAN_REQUESTED,    SP_LOAN_RECALLING, SP_LOAN_DO_RECALL },
  { SP_LOAN_ATTACHED,  SP_LOAN_ABANDONED,    SP_LOAN_FREE,      SP_LOAN_DO_NOTHING },
  { SP_LOAN_RECALLING, SP_LOAN_REQUESTED,    SP_LOAN_RECALLING, SP_LOAN_DO_NOTHING },
  { SP_LOAN_RECALLING, SP_LOAN_ACKNOWLEDGED, SP_LOAN_RECALLING, SP_LOAN_DO_NOTHING },
  { SP_LOAN_RECALLING, SP_LOAN_WAITING_GONE, SP_LOAN_RECALLING, SP_LOAN_DO_NOTHING },
  { SP_LOAN_RECALLING, SP_LOAN_RETURNED,     SP_LOAN_MINTING,   SP_LOAN_DO_MINT },
  { SP_LOAN_RECALLING, SP_LOAN_ABANDONED,    SP_LOAN_FREE,      SP_LOAN_DO_NOTHING },
};
/* clang-format on */

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
