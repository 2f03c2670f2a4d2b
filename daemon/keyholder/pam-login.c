/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-login.h"

#include "base/io.h"
#include "base/names.h"
#include "base/secret.h"
#include "pam-talk.h"
#include "password-login.h"

#include <string.h>

typedef struct
{
  SpKeyholder *keyholder;
  guint64 number;
  SpPamTalk *talk;
  SpLoginAttempt *attempt; /* that waits for a verdict; NULL while somebody types */
  gboolean has_password;   /* that was not asked for yet */
  guint16 password_length;
  guint8 password[SP_PASSWORD_MAX];

  /* for the attempts to come */
  gint64 asked_at; /* somebody types since then, by a clock that never goes back */
  gboolean has_user;
  guint8 user[SP_ID_SIZE];
  guint64 place;
  SpTry admitted;
} SpPamLogin;

static void
login_free (SpPamLogin *self)
{
  g_clear_pointer (&self->talk, sp_pam_talk_free);
  g_clear_pointer (&self->attempt, sp_login_attempt_free);
  sp_secret_wipe (self, sizeof *self);
  g_free (self);
}

GHashTable *
sp_pam_login_new_table (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) login_free);
}

static void
drop (SpPamLogin *self)
{
  (void) g_hash_table_remove (self->keyholder->pam, &self->number);
}

/* --- what the room says --- */

static void
ask_person (SpPamLogin *self, const guint8 *prompt, gsize length)
{
  g_autoptr (SpLoginAttempt) attempt = g_steal_pointer (&self->attempt);
  gint64 now = g_get_monotonic_time ();
  SpTicket *ticket = sp_ticket_table_issue (self->keyholder->tickets, self->user, now);

  ticket->pam = self->number;
  ticket->login_length = attempt->login_length;
  memcpy (ticket->login, attempt->login, attempt->login_length);
  ticket->group_length = attempt->group_length;
  memcpy (ticket->group, attempt->group, attempt->group_length);
  self->asked_at = now;
  sp_pam_talk_await_person (self->talk);
  sp_login_attempt_ask (attempt, ticket->id, prompt, length);
}

static void
give_password (SpPamLogin *self)
{
  sp_pam_talk_answer (self->talk, self->password, self->password_length);
  sp_secret_wipe (self->password, sizeof self->password);
  self->has_password = FALSE;
}

static void
asks (gpointer user_data, const guint8 *prompt, gsize length)
{
  SpPamLogin *self = user_data;

  if (self->has_password)
    give_password (self);
  else if (self->attempt->peer->link == NULL)
    drop (self); /* nobody is there to be asked */
  else
    ask_person (self, prompt, length);
}

/* Nobody's login was asked for as somebody who is nobody: what PAM thinks of them does not count.
 */
static void
refuse (const SpLoginAttempt *attempt, SpLogin verdict)
{
  if (!attempt->has_user)
    verdict = SP_LOGIN_WRONG;
  if (verdict != SP_LOGIN_WRONG)
    sp_login_attempt_give_back (attempt); /* who knows the password does not guess */
  sp_login_attempt_fail (attempt, verdict);
}

static void
tell (const SpLoginAttempt *attempt, SpPamResult result)
{
  switch (result)
    {
      case SP_PAM_RIGHT:
        if (attempt->peer->link == NULL)
          sp_login_attempt_give_back (attempt); /* nobody is there to be signed in */
        else
          sp_password_login_decide (attempt, NULL);
        return;
      case SP_PAM_WRONG:
        refuse (attempt, SP_LOGIN_WRONG);
        return;
      case SP_PAM_EXPIRED:
        refuse (attempt, SP_LOGIN_USER_EXPIRED);
        return;
      case SP_PAM_REFUSED:
        refuse (attempt, SP_LOGIN_USER_DISABLED);
        return;
      case SP_PAM_FAILED:
        break;
    }
  sp_login_attempt_postpone (attempt);
}

static void
decided (gpointer user_data, SpPamResult result)
{
  SpPamLogin *self = user_data;
  g_autoptr (SpLoginAttempt) attempt = g_steal_pointer (&self->attempt);

  drop (self);
  if (attempt != NULL)
    tell (attempt, result);
}

/* The charge stays: somebody may have found out what a module crashes by. */
static void
lost (gpointer user_data)
{
  SpPamLogin *self = user_data;
  g_autoptr (SpLoginAttempt) attempt = g_steal_pointer (&self->attempt);

  drop (self);
  if (attempt != NULL)
    sp_login_attempt_answer (attempt, SP_LOGIN_BUSY, NULL);
}

static const SpPamEvents events = { asks, decided, lost };

/* --- and what people do --- */

/* Whose second answer has been waited for the longest has to begin anew. */
static gboolean
drop_oldest (SpKeyholder *keyholder)
{
  SpPamLogin *oldest = NULL;
  GHashTableIter iter;
  gpointer login;

  g_hash_table_iter_init (&iter, keyholder->pam);
  while (g_hash_table_iter_next (&iter, NULL, &login))
    {
      SpPamLogin *self = login;

      if (self->attempt == NULL && (oldest == NULL || self->asked_at < oldest->asked_at))
        oldest = self;
    }
  if (oldest != NULL)
    drop (oldest);
  return oldest != NULL;
}

static gboolean
make_room (SpKeyholder *keyholder, SpTry admitted)
{
  guint most = SP_PAM_ROOMS_MAX - (admitted == SP_TRY_KNOWN ? 0 : SP_PAM_ROOMS_KNOWN);

  return g_hash_table_size (keyholder->pam) < most || drop_oldest (keyholder);
}

static gboolean
start_talk (SpPamLogin *self, const SpLoginAttempt *attempt)
{
  static const char nobody[] = SP_PAM_NOBODY;
  const guint8 *login = attempt->has_user ? attempt->login : (const guint8 *) nobody;
  gsize length = attempt->has_user ? attempt->login_length : sizeof nobody - 1;

  self->talk = sp_pam_talk_new (self->keyholder, self->number, login, length,
                                attempt->peer->address, &events, self);
  return self->talk != NULL;
}

gboolean
sp_pam_login_try (SpLoginAttempt *attempt, const guint8 *password, gsize length)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  SpPamLogin *self;

  if (!make_room (keyholder, attempt->admitted))
    return FALSE;
  self = g_new0 (SpPamLogin, 1);
  self->keyholder = keyholder;
  self->number = ++keyholder->last_pam;
  if (!start_talk (self, attempt))
    {
      login_free (self);
      return FALSE;
    }
  attempt->by_pam = TRUE;
  self->attempt = attempt;
  self->has_password = TRUE;
  self->password_length = (guint16) length;
  memcpy (self->password, password, length);
  self->has_user = attempt->has_user;
  memcpy (self->user, attempt->user, SP_ID_SIZE);
  self->place = attempt->place;
  self->admitted = attempt->admitted;
  (void) g_hash_table_insert (keyholder->pam, &self->number, self);
  return TRUE;
}

/* The try is the one that was begun with the password, wherever the answer comes from. */
static void
take_over (SpPamLogin *self, SpLoginAttempt *attempt)
{
  attempt->by_pam = TRUE;
  attempt->has_user = self->has_user;
  memcpy (attempt->user, self->user, SP_ID_SIZE);
  attempt->place = self->place;
  attempt->admitted = self->admitted;
  self->attempt = attempt;
}

void
sp_pam_login_answer (SpLoginAttempt *attempt, guint64 number, const guint8 *answer, gsize length)
{
  SpPamLogin *self = g_hash_table_lookup (attempt->peer->keyholder->pam, &number);

  if (self == NULL || self->attempt != NULL)
    {
      sp_login_attempt_answer (attempt, SP_LOGIN_STALE, NULL);
      sp_login_attempt_free (attempt);
      return;
    }
  take_over (self, attempt);
  if (sp_password_is_acceptable (answer, length))
    sp_pam_talk_answer (self->talk, answer, length);
  else
    decided (self, SP_PAM_WRONG);
}

void
sp_pam_login_started (SpKeyholder *keyholder, guint64 number, int wall)
{
  SpPamLogin *self = g_hash_table_lookup (keyholder->pam, &number);

  if (self != NULL)
    sp_pam_talk_started (self->talk, wall);
  else
    sp_fd_clear (&wall);
}
