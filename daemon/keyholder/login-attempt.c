/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-attempt.h"

#include "base/prefix.h"
#include "base/secret.h"
#include "codec/group-list.h"

#include <string.h>

SpLoginAttempt *
sp_login_attempt_new (SpWorkerPeer *peer, guint32 serial, guint8 answer)
{
  SpLoginAttempt *attempt = g_new0 (SpLoginAttempt, 1);

  attempt->peer = sp_worker_peer_ref (peer);
  attempt->serial = serial;
  attempt->answer = answer;
  attempt->place = sp_prefix_narrow (peer->address);
  attempt->admitted = SP_TRY_REFUSED;
  return attempt;
}

void
sp_login_attempt_free (SpLoginAttempt *attempt)
{
  sp_worker_peer_unref (attempt->peer);
  g_free (attempt);
}

void
sp_login_attempt_set_login (SpLoginAttempt *attempt, const guint8 *login, gsize length)
{
  attempt->login_length = (guint16) length;
  memcpy (attempt->login, login, length);
}

void
sp_login_attempt_set_group (SpLoginAttempt *attempt, const guint8 *group, gsize length)
{
  attempt->group_length = (guint16) length;
  memcpy (attempt->group, group, length);
}

/* Both verdicts have the same shape. */
G_STATIC_ASSERT (sizeof (SpPasswordVerdict) == sizeof (SpCodeVerdict));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpPasswordVerdict, ticket) ==
                 G_STRUCT_OFFSET (SpCodeVerdict, ticket));

G_STATIC_ASSERT (G_STRUCT_OFFSET (SpPasswordVerdict, prompt) ==
                 G_STRUCT_OFFSET (SpCodeVerdict, prompt));

G_STATIC_ASSERT (sizeof (SpPasswordVerdict) == sizeof (SpCertificateVerdict));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpPasswordVerdict, ticket) ==
                 G_STRUCT_OFFSET (SpCertificateVerdict, ticket));

/* Wipes the message. */
static void
send_answer (const SpLoginAttempt *attempt, SpPasswordVerdict *message)
{
  if (attempt->peer->link != NULL)
    sp_link_answer (attempt->peer->link, attempt->answer, attempt->serial, message, NULL, 0);
  sp_secret_wipe (message, sizeof *message);
}

static void
answer (const SpLoginAttempt *attempt, SpLogin verdict, const guint8 *cookie, const guint8 *ticket)
{
  SpPasswordVerdict message = { .verdict = (guint8) verdict };

  if (cookie != NULL)
    memcpy (message.cookie, cookie, SP_COOKIE_SIZE);
  if (ticket != NULL)
    memcpy (message.ticket, ticket, SP_TICKET_SIZE);
  if (verdict == SP_LOGIN_DENIED)
    sp_worker_peer_enter (attempt->peer, SP_WORKER_KEYHOLDER_DONE);
  send_answer (attempt, &message);
}

void
sp_login_attempt_ask (const SpLoginAttempt *attempt,
                      const guint8 *ticket,
                      const guint8 *prompt,
                      gsize prompt_length)
{
  SpPasswordVerdict message = { .verdict = SP_LOGIN_CODE_WANTED,
                                .prompt_length = (guint16) prompt_length };

  memcpy (message.ticket, ticket, SP_TICKET_SIZE);
  memcpy (message.prompt, prompt, prompt_length);
  send_answer (attempt, &message);
}

void
sp_login_attempt_answer (const SpLoginAttempt *attempt, SpLogin verdict, const guint8 *ticket)
{
  answer (attempt, verdict, NULL, ticket);
}

static void
tell_failure (const SpLoginAttempt *attempt, SpLogin verdict)
{
  SpLoginFailed failed = { .worker = attempt->peer->number, .verdict = (guint8) verdict };

  failed.login_length = attempt->login_length;
  memcpy (failed.login, attempt->login, attempt->login_length);
  sp_link_send (attempt->peer->keyholder->main, SP_MESSAGE_LOGIN_FAILED, &failed, NULL, 0);
}

void
sp_login_attempt_fail (const SpLoginAttempt *attempt, SpLogin verdict)
{
  if (attempt->last && verdict == SP_LOGIN_WRONG)
    verdict = SP_LOGIN_DENIED;
  tell_failure (attempt, verdict);
  answer (attempt, verdict, NULL, NULL);
}

void
sp_login_attempt_fail_code (const SpLoginAttempt *attempt, const guint8 *ticket)
{
  tell_failure (attempt, SP_LOGIN_WRONG_CODE);
  answer (attempt, SP_LOGIN_WRONG_CODE, NULL, ticket);
}

void
sp_login_attempt_give_back (const SpLoginAttempt *attempt)
{
  sp_login_limiter_give_back (attempt->peer->keyholder->limiter, attempt->user, attempt->place,
                              attempt->admitted);
}

void
sp_login_attempt_postpone (const SpLoginAttempt *attempt)
{
  sp_login_attempt_give_back (attempt);
  answer (attempt, SP_LOGIN_BUSY, NULL, NULL);
}

static void
remember_place (const SpLoginAttempt *attempt)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  g_autoptr (GError) error = NULL;

  sp_login_limiter_remember (keyholder->limiter, attempt->user, attempt->place,
                             g_get_monotonic_time ());
  if (!sp_user_store_note_place (keyholder->users, attempt->user, attempt->place,
                                 g_get_real_time () / G_USEC_PER_SEC, &error))
    sp_log (SP_LOG_ERROR, "login", "noting a place: %s", error->message);
}

/* The device whose certificate the client showed on this connection, if it is this user's and was
 * not revoked or blocked meanwhile; NULL otherwise. */
static const SpDeviceEntry *
get_device (const SpLoginAttempt *attempt)
{
  const SpWorkerPeer *peer = attempt->peer;
  SpDeviceEntry now;

  if (!peer->has_device || memcmp (peer->device.user, attempt->user, SP_ID_SIZE) != 0 ||
      !sp_device_store_find (peer->keyholder->devices, peer->device.id, &now, NULL) ||
      sp_device_entry_is_barred (&now, g_get_real_time ()))
    return NULL;
  return &peer->device;
}

/* The one whose password it was, or whose certificate; all zero: none. */
static const guint8 *
choose_device (const SpLoginAttempt *attempt)
{
  static const guint8 none[SP_ID_SIZE] = { 0 };
  const SpDeviceEntry *shown = get_device (attempt);

  return memcmp (attempt->device, none, SP_ID_SIZE) == 0 && shown != NULL ? shown->id
                                                                          : attempt->device;
}

static void
tell_success (const SpLoginAttempt *attempt, const SpCookieOwner *owner)
{
  SpLoginDecided decided = { .worker = attempt->peer->number,
                             .by = SP_BY_PASSWORD,
                             .signed_in = (guint64) owner->signed_in,
                             .group_length = owner->group_length };

  memcpy (decided.user, owner->user, SP_ID_SIZE);
  memcpy (decided.session, owner->session, SP_ID_SIZE);
  memcpy (decided.signed_in_from, owner->address, SP_ADDRESS_SIZE);
  memcpy (decided.device, owner->device, SP_ID_SIZE);
  memcpy (decided.group, owner->group, owner->group_length);
  sp_link_send (attempt->peer->keyholder->main, SP_MESSAGE_LOGIN_DECIDED, &decided, NULL, 0);
}

/* What its client does not wait for. */
static void
note_success (const SpLoginAttempt *attempt, const SpCookieOwner *owner, gboolean is_first)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;

  remember_place (attempt);
  if (is_first)
    sp_keyholder_tell_first_login (keyholder, owner->user, owner->signed_in);
  sp_keyholder_watch_expiry (keyholder);
}

/* Main is told before the worker, whose next message it has to understand. */
void
sp_login_attempt_accept (const SpLoginAttempt *attempt)
{
  SpCookieOwner owner = { .group_length = attempt->group_length };
  g_autoptr (GError) error = NULL;
  guint8 cookie[SP_COOKIE_SIZE];
  gboolean is_first;

  memcpy (owner.user, attempt->user, SP_ID_SIZE);
  memcpy (owner.device, choose_device (attempt), SP_ID_SIZE);
  memcpy (owner.address, attempt->peer->address, SP_ADDRESS_SIZE);
  memcpy (owner.group, attempt->group, attempt->group_length);
  if (!sp_cookie_registry_issue (attempt->peer->keyholder->cookies, &owner, g_get_real_time (),
                                 cookie, &is_first, &error))
    {
      sp_log (SP_LOG_ERROR, "login", "making a cookie: %s", error->message);
      sp_login_attempt_postpone (attempt);
      return;
    }
  sp_login_attempt_give_back (attempt);
  tell_success (attempt, &owner);
  answer (attempt, SP_LOGIN_ACCEPTED, cookie, NULL);
  sp_secret_wipe (cookie, sizeof cookie);
  note_success (attempt, &owner, is_first);
}

/* What to say to somebody with the right password.  A removed user is nobody. */
static const SpLogin verdicts_of_bars[] = {
  [SP_BAR_NONE] = SP_LOGIN_ACCEPTED,        [SP_BAR_DISABLED] = SP_LOGIN_USER_DISABLED,
  [SP_BAR_QUOTA] = SP_LOGIN_USER_QUOTA,     [SP_BAR_REMOVED] = SP_LOGIN_WRONG,
  [SP_BAR_EXPIRED] = SP_LOGIN_USER_EXPIRED, [SP_BAR_PAUSED] = SP_LOGIN_USER_PAUSED,
  [SP_BAR_GROUP] = SP_LOGIN_WRONG,
};

/* Nobody needs a group; one that is not the user's is as wrong as a password, so that nothing is
 * learned about either. */
static gboolean
may_use_group (const SpLoginAttempt *attempt, const SpUserEntry *user)
{
  return attempt->group_length == 0 || sp_group_names_have (user->groups, user->groups_length,
                                                            attempt->group, attempt->group_length);
}

static SpSignInMethod
get_method (const SpLoginAttempt *attempt, const SpUserEntry *user)
{
  return user->sign_in != SP_SIGN_IN_USUAL ? user->sign_in : attempt->peer->keyholder->sign_in;
}

gboolean
sp_login_attempt_needs_pam (const SpLoginAttempt *attempt, const SpUserEntry *user)
{
  return get_method (attempt, user) == SP_SIGN_IN_PAM;
}

/* Whoever said that it is right: is it theirs to say?  The password of a program is right for
 * everybody. */
static gboolean
was_asked_rightly (const SpLoginAttempt *attempt, SpSignInMethod method, const char *verifier)
{
  gboolean of_program = verifier == NULL && !attempt->by_pam;

  return of_program || attempt->by_pam == (method == SP_SIGN_IN_PAM);
}

/* Somebody with the right password: what else does it take?  What is not known here lets nobody
 * in. */
static SpLogin
judge_password_method (const SpLoginAttempt *attempt, SpSignInMethod method)
{
  switch (method)
    {
      case SP_SIGN_IN_PASSWORD:
      case SP_SIGN_IN_EITHER:
      case SP_SIGN_IN_PAM:
        return SP_LOGIN_ACCEPTED;
      case SP_SIGN_IN_BOTH:
        return get_device (attempt) != NULL ? SP_LOGIN_ACCEPTED : SP_LOGIN_CERTIFICATE_WANTED;
      case SP_SIGN_IN_CERTIFICATE:
      case SP_SIGN_IN_USUAL:
        break;
    }
  return SP_LOGIN_CERTIFICATE_WANTED;
}

SpLogin
sp_login_attempt_judge (const SpLoginAttempt *attempt,
                        const char *verifier,
                        gboolean *ret_two_step_required)
{
  SpLogin verdict = SP_LOGIN_WRONG;
  SpUserEntry user;

  if (!attempt->has_user ||
      !sp_user_store_find_by_id (attempt->peer->keyholder->users, attempt->user, &user, NULL))
    return SP_LOGIN_WRONG;
  if (may_use_group (attempt, &user) &&
      (verifier == NULL || (user.has_verifier && strcmp (user.verifier, verifier) == 0)))
    verdict = verdicts_of_bars[sp_user_entry_get_bar (&user, g_get_real_time ())];
  if (!was_asked_rightly (attempt, get_method (attempt, &user), verifier))
    verdict = SP_LOGIN_WRONG;
  if (ret_two_step_required != NULL)
    *ret_two_step_required = user.two_step_required || attempt->peer->keyholder->two_step_required;
  if (verdict == SP_LOGIN_ACCEPTED)
    verdict = judge_password_method (attempt, get_method (attempt, &user));
  sp_user_entry_clear (&user);
  return verdict;
}

/* The user's certificate was good. */
static SpLogin
judge_certificate_method (const SpLoginAttempt *attempt,
                          const SpUserEntry *user,
                          gboolean has_chosen)
{
  SpSignInMethod method = get_method (attempt, user);

  if (method != SP_SIGN_IN_CERTIFICATE && method != SP_SIGN_IN_EITHER)
    return SP_LOGIN_PASSWORD_WANTED;
  if (!has_chosen && user->groups_length > 0)
    return SP_LOGIN_GROUP_WANTED;
  return may_use_group (attempt, user) ? SP_LOGIN_ACCEPTED : SP_LOGIN_WRONG;
}

SpLogin
sp_login_attempt_judge_certificate (const SpLoginAttempt *attempt, gboolean has_chosen)
{
  SpLogin verdict;
  SpUserEntry user;

  if (get_device (attempt) == NULL ||
      !sp_user_store_find_by_id (attempt->peer->keyholder->users, attempt->user, &user, NULL))
    return SP_LOGIN_CERTIFICATE_UNKNOWN;
  verdict = verdicts_of_bars[sp_user_entry_get_bar (&user, g_get_real_time ())];
  if (verdict == SP_LOGIN_WRONG)
    verdict = SP_LOGIN_CERTIFICATE_UNKNOWN; /* of nobody */
  else if (verdict == SP_LOGIN_ACCEPTED)
    verdict = judge_certificate_method (attempt, &user, has_chosen);
  sp_user_entry_clear (&user);
  return verdict;
}
