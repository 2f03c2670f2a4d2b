/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "code-login.h"

#include "pam-login.h"
#include "two-step-change.h"

#include <string.h>

static SpLoginAttempt *
attempt_new (SpWorkerPeer *peer, guint32 serial, const SpTicket *ticket)
{
  SpLoginAttempt *attempt = sp_login_attempt_new (peer, serial, SP_MESSAGE_CODE_VERDICT);

  attempt->last = ++peer->code_tries >= SP_CODE_TRIES;
  if (ticket == NULL)
    return attempt;
  attempt->last = attempt->last || ticket->tries + 1 >= SP_CODE_TRIES;
  attempt->has_user = TRUE;
  attempt->by_pam = ticket->by_pam;
  memcpy (attempt->user, ticket->user, SP_ID_SIZE);
  sp_login_attempt_set_login (attempt, ticket->login, ticket->login_length);
  sp_login_attempt_set_group (attempt, ticket->group, ticket->group_length);
  return attempt;
}

/* The ticket is left only to who may try once more. */
static void
refuse (const SpLoginAttempt *attempt, SpTicket *ticket)
{
  if (attempt->last)
    {
      sp_ticket_clear (ticket);
      sp_login_attempt_fail (attempt, SP_LOGIN_DENIED);
      return;
    }
  ticket->tries++;
  sp_login_attempt_fail_code (attempt, ticket->id);
}

static void
judge (const SpLoginAttempt *attempt, SpTicket *ticket, const SpTryCode *message)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  g_autoptr (GError) error = NULL;
  SpCodeOutcome outcome =
      sp_two_step_store_use (keyholder->two_step, attempt->user, message->code,
                             message->code_length, g_get_real_time () / G_USEC_PER_SEC, &error);

  switch (outcome)
    {
      case SP_CODE_RECOVERY:
      case SP_CODE_RIGHT:
        sp_ticket_clear (ticket);
        sp_login_limiter_give_back_code (keyholder->limiter, attempt->user);
        if (outcome == SP_CODE_RECOVERY)
          sp_two_step_change_tell (keyholder, attempt->user);
        sp_login_attempt_accept (attempt);
        return;
      case SP_CODE_WRONG:
        refuse (attempt, ticket);
        return;
      case SP_CODE_FAILED:
        break;
    }
  sp_log (SP_LOG_ERROR, "login", "using up a code: %s", error->message);
  sp_login_limiter_give_back_code (keyholder->limiter, attempt->user);
  sp_login_attempt_postpone (attempt);
}

/* If not, that is said.  Another password than the one that earned the ticket is no failure. */
static gboolean
is_still_welcome (const SpLoginAttempt *attempt, const SpTicket *ticket)
{
  const char *verifier = ticket->by_pam ? NULL : ticket->verifier;
  SpLogin verdict = sp_login_attempt_judge (attempt, verifier, NULL);

  if (verdict == SP_LOGIN_WRONG)
    sp_login_attempt_answer (attempt, SP_LOGIN_STALE, NULL);
  else if (verdict != SP_LOGIN_ACCEPTED)
    sp_login_attempt_fail (attempt, verdict);
  return verdict == SP_LOGIN_ACCEPTED;
}

/* What a PAM room asked.  The next question has another ticket. */
static void
tell_pam (SpLoginAttempt *attempt, SpTicket *ticket, const SpTryCode *message)
{
  guint64 number = ticket->pam;

  sp_ticket_clear (ticket);
  sp_pam_login_answer (attempt, number, message->code, message->code_length);
}

void
sp_code_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryCode *message)
{
  SpKeyholder *keyholder = peer->keyholder;
  gint64 now = g_get_monotonic_time ();
  SpTicket *ticket = sp_ticket_table_find (keyholder->tickets, message->ticket, now);
  g_autoptr (SpLoginAttempt) attempt = attempt_new (peer, serial, ticket);

  if (ticket == NULL)
    sp_login_attempt_answer (attempt, SP_LOGIN_STALE, NULL);
  else if (ticket->pam != 0)
    tell_pam (g_steal_pointer (&attempt), ticket, message);
  else if (!is_still_welcome (attempt, ticket))
    sp_ticket_clear (ticket);
  else if (!sp_login_limiter_admit_code (keyholder->limiter, attempt->user, now))
    {
      sp_ticket_clear (ticket);
      sp_login_attempt_fail (attempt, SP_LOGIN_DENIED);
    }
  else
    judge (attempt, ticket, message);
}
