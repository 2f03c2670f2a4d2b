/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-login.h"

#include "base/error.h"
#include "base/prefix.h"
#include "pam-login.h"

#include <string.h>

static SpLoginAttempt *
attempt_new (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message)
{
  SpLoginAttempt *attempt = sp_login_attempt_new (peer, serial, SP_MESSAGE_PASSWORD_VERDICT);

  attempt->last = ++peer->tries >= SP_PASSWORD_TRIES;
  sp_login_attempt_set_login (attempt, message->login, message->login_length);
  sp_login_attempt_set_group (attempt, message->group, message->group_length);
  return attempt;
}

/* Nobody's login is limited like anybody's. */
static void
stand_in_for_user (const guint8 *login, gsize length, guint8 *ret_user)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;

  g_checksum_update (checksum, login, (gssize) length);
  g_checksum_get_digest (checksum, digest, &size);
  g_checksum_free (checksum);
  memcpy (ret_user, digest, SP_ID_SIZE);
}

/* The password is as it should be, which is no failure whatever comes now.  The ticket is as good
 * as the password for as long as it lives. */
static void
want_code (const SpLoginAttempt *attempt, const char *verifier)
{
  SpTicket *ticket = sp_ticket_table_issue (attempt->peer->keyholder->tickets, attempt->user,
                                            g_get_monotonic_time ());

  ticket->by_pam = attempt->by_pam;
  if (verifier != NULL)
    (void) g_strlcpy (ticket->verifier, verifier, sizeof ticket->verifier);
  ticket->login_length = attempt->login_length;
  memcpy (ticket->login, attempt->login, attempt->login_length);
  ticket->group_length = attempt->group_length;
  memcpy (ticket->group, attempt->group, attempt->group_length);
  sp_login_attempt_give_back (attempt);
  sp_login_attempt_answer (attempt, SP_LOGIN_CODE_WANTED, ticket->id);
}

static void
refuse_password_alone (const SpLoginAttempt *attempt)
{
  sp_login_attempt_give_back (attempt);
  sp_login_attempt_fail (attempt, SP_LOGIN_TWO_STEP_MISSING);
}

static void
go_on (const SpLoginAttempt *attempt, const char *verifier, gboolean two_step_required)
{
  g_autoptr (GError) error = NULL;

  switch (sp_two_step_store_look (attempt->peer->keyholder->two_step, attempt->user, NULL, &error))
    {
      case SP_TWO_STEP_OFF:
        if (!two_step_required)
          sp_login_attempt_accept (attempt);
        else
          refuse_password_alone (attempt);
        return;
      case SP_TWO_STEP_ON:
        want_code (attempt, verifier);
        return;
      case SP_TWO_STEP_FAILED:
        break;
    }
  sp_log (SP_LOG_ERROR, "login", "looking for a second step: %s", error->message);
  sp_login_attempt_postpone (attempt);
}

void
sp_password_login_decide (const SpLoginAttempt *attempt, const char *verifier)
{
  gboolean two_step_required = FALSE;
  SpLogin verdict = sp_login_attempt_judge (attempt, verifier, &two_step_required);

  if (verdict == SP_LOGIN_ACCEPTED && verifier == NULL && !attempt->by_pam)
    sp_login_attempt_accept (attempt);
  else if (verdict == SP_LOGIN_ACCEPTED)
    go_on (attempt, verifier, two_step_required);
  if (verdict == SP_LOGIN_ACCEPTED)
    return;
  if (verdict != SP_LOGIN_WRONG)
    sp_login_attempt_give_back (attempt); /* who knows the password does not guess */
  sp_login_attempt_fail (attempt, verdict);
}

/* The password of a program: no slow hash, and no second step. */
static gboolean
is_app_password (SpLoginAttempt *attempt, const SpTryPassword *message)
{
  g_autoptr (GError) error = NULL;
  gboolean is = attempt->has_user &&
                sp_app_password_store_check (attempt->peer->keyholder->app_passwords, attempt->user,
                                             message->password, message->password_length,
                                             attempt->device, &error);

  if (error != NULL)
    sp_log (SP_LOG_ERROR, "login", "looking for a program's password: %s", error->message);
  if (!is)
    memset (attempt->device, 0, sizeof attempt->device);
  return is;
}

static void
hashed_cb (gpointer user_data, SpHashOutcome outcome, const char *verifier)
{
  const SpLoginAttempt *attempt = user_data;

  switch (outcome)
    {
      case SP_HASH_RIGHT:
        if (attempt->peer->link == NULL)
          sp_login_attempt_give_back (attempt); /* nobody is there to be signed in */
        else
          sp_password_login_decide (attempt, verifier);
        return;
      case SP_HASH_WRONG:
        sp_login_attempt_fail (attempt, SP_LOGIN_WRONG);
        return;
      case SP_HASH_LATE:
      case SP_HASH_FAILED:
        break;
    }
  sp_login_attempt_postpone (attempt);
}

static gboolean
find_user (SpLoginAttempt *attempt, SpUserEntry *ret_user, GError **error)
{
  g_autoptr (GError) missing = NULL;

  if (sp_user_store_find_by_login (attempt->peer->keyholder->users, attempt->login,
                                   attempt->login_length, ret_user, &missing))
    {
      attempt->has_user = TRUE;
      memcpy (attempt->user, ret_user->id, SP_ID_SIZE);
      return TRUE;
    }
  memset (ret_user, 0, sizeof *ret_user);
  stand_in_for_user (attempt->login, attempt->login_length, attempt->user);
  if (g_error_matches (missing, SP_ERROR, SP_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&missing));
  return FALSE;
}

/* Both take the attempt, or leave it when there is no room. */
static gboolean
hash (SpLoginAttempt *attempt, const SpUserEntry *user, const SpTryPassword *message)
{
  SpHashLane lane = attempt->admitted == SP_TRY_KNOWN ? SP_HASH_KNOWN : SP_HASH_STRANGER;

  return sp_hash_queue_check (attempt->peer->keyholder->hashes, lane,
                              sp_prefix_wide (attempt->peer->address), message->password,
                              message->password_length, user->has_verifier ? user->verifier : NULL,
                              hashed_cb, attempt, (GDestroyNotify) sp_login_attempt_free);
}

static gboolean
judge (SpLoginAttempt *attempt, const SpUserEntry *user, const SpTryPassword *message)
{
  return sp_login_attempt_needs_pam (attempt, user)
             ? sp_pam_login_try (attempt, message->password, message->password_length)
             : hash (attempt, user, message);
}

void
sp_password_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message)
{
  g_autoptr (SpLoginAttempt) attempt = attempt_new (peer, serial, message);
  g_autoptr (GError) error = NULL;
  SpUserEntry user;

  if (!find_user (attempt, &user, &error))
    {
      sp_log (SP_LOG_ERROR, "login", "looking for a user: %s", error->message);
      sp_login_attempt_answer (attempt, SP_LOGIN_BUSY, NULL);
      return;
    }
  attempt->admitted = sp_login_limiter_admit (peer->keyholder->limiter, attempt->user,
                                              attempt->place, g_get_monotonic_time ());
  if (attempt->admitted == SP_TRY_REFUSED)
    sp_login_attempt_fail (attempt, SP_LOGIN_DENIED);
  else if (!sp_password_is_acceptable (message->password, message->password_length))
    sp_login_attempt_fail (attempt, SP_LOGIN_WRONG);
  else if (is_app_password (attempt, message))
    sp_password_login_decide (attempt, NULL);
  else if (judge (attempt, &user, message))
    (void) g_steal_pointer (&attempt);
  else
    sp_login_attempt_postpone (attempt);
  sp_user_entry_clear (&user);
}
