/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who has a session's TUN.  A session owns the device; a connection only borrows it.  Pure: a table
 * of what happens in which phase, and what main does then.
 *
 * A loan is over when the holder's process is gone, never because it says so: a descriptor can have
 * copies, and the next one to have the device shall be the only one. */

typedef enum
{
  SP_LOAN_FREE,      /* nobody has it */
  SP_LOAN_MINTING,   /* one waits; the door makes an id for it */
  SP_LOAN_GRANTED,   /* handed over, not acknowledged yet */
  SP_LOAN_ATTACHED,  /* packets flow */
  SP_LOAN_RECALLING, /* the holder was asked to give it back */
  SP_LOAN_PHASES
} SpLoanPhase;

typedef enum
{
  SP_LOAN_REQUESTED,    /* an authenticated connection wants it; it is the waiting one now */
  SP_LOAN_MINTED,       /* the id for the waiting one is there */
  SP_LOAN_ACKNOWLEDGED, /* the holder says ATTACHED */
  SP_LOAN_RETURNED,     /* the holder is gone, and one waits */
  SP_LOAN_ABANDONED,    /* the holder is gone, and nobody waits */
  SP_LOAN_WAITING_GONE, /* the waiting one is gone */
  SP_LOAN_EVENTS
} SpLoanEvent;

typedef enum
{
  SP_LOAN_DO_NOTHING,
  SP_LOAN_DO_MINT,   /* ask the door for an id for the waiting one */
  SP_LOAN_DO_GRANT,  /* the waiting one becomes the holder */
  SP_LOAN_DO_RECALL, /* ask the holder, and kill it if it does not answer */
  SP_LOAN_DO_FORGET  /* the pending id is not needed */
} SpLoanAction;

/* FALSE if the event makes no sense in this phase; then nothing is to be done. */
gboolean sp_loan_step (SpLoanPhase phase,
                       SpLoanEvent event,
                       SpLoanPhase *ret_next,
                       SpLoanAction *ret_action);

const char *sp_loan_phase_to_string (SpLoanPhase phase);

G_END_DECLS
