/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-login.h"

#include "base/error.h"
#include "base/prefix.h"
#include "base/secret.h"

#include <string.h>

typedef struct
{
  SpWorkerPeer *peer;
  guint32 serial;
  guint number; /* which try of this connection, from 1 */
  guint16 login_length;
  guint8 login[SP_LOGIN_MAX];
  gboolean has_user;       /* somebody has this login */
  guint8 user[SP_ID_SIZE]; /* theirs, or what stands for the login in the limiter */
  guint64 place;
  SpTry admitted;
} Attempt;

static void
attempt_free (Attempt *attempt)
{
  sp_worker_peer_unref (attempt->peer);
  g_free (attempt);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

static Attempt *
attempt_new (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->peer = sp_worker_peer_ref (peer);
  attempt->serial = serial;
  attempt->number = ++peer->tries;
  attempt->login_length = message->login_length;
  memcpy (attempt->login, message->login, message->login_length);
  attempt->place = sp_prefix_narrow (peer->address);
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

static void
answer (const Attempt *attempt, SpLogin verdict, const guint8 *cookie)
{
  SpPasswordVerdict message = { .verdict = (guint8) verdict };

  if (attempt->peer->link == NULL)
    return;
  if (cookie != NULL)
    memcpy (message.cookie, cookie, SP_COOKIE_SIZE);
  if (verdict == SP_LOGIN_DENIED)
    sp_worker_peer_enter (attempt->peer, SP_WORKER_KEYHOLDER_DONE);
  sp_link_answer (attempt->peer->link, SP_MESSAGE_PASSWORD_VERDICT, attempt->serial, &message, NULL,
                  0);
  sp_secret_wipe (&message, sizeof message);
}

static void
fail (const Attempt *attempt, SpLogin verdict)
{
  SpLoginFailed failed = { .worker = attempt->peer->number, .verdict = (guint8) verdict };

  if (verdict == SP_LOGIN_WRONG && attempt->number >= SP_PASSWORD_TRIES)
    failed.verdict = verdict = SP_LOGIN_DENIED;
  failed.login_length = attempt->login_length;
  memcpy (failed.login, attempt->login, attempt->login_length);
  sp_link_send (attempt->peer->keyholder->main, SP_MESSAGE_LOGIN_FAILED, &failed, NULL, 0);
  answer (attempt, verdict, NULL);
}

static void
give_back (const Attempt *attempt)
{
  sp_login_limiter_give_back (attempt->peer->keyholder->limiter, attempt->user, attempt->place,
                              attempt->admitted);
}

/* It was not judged, so it is nobody's failure. */
static void
postpone (const Attempt *attempt)
{
  give_back (attempt);
  answer (attempt, SP_LOGIN_BUSY, NULL);
}

static void
remember_place (const Attempt *attempt)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  g_autoptr (GError) error = NULL;

  sp_login_limiter_remember (keyholder->limiter, attempt->user, attempt->place,
                             g_get_monotonic_time ());
  if (!sp_user_store_note_place (keyholder->users, attempt->user, attempt->place,
                                 g_get_real_time () / G_USEC_PER_SEC, &error))
    sp_log (SP_LOG_ERROR, "login", "noting a place: %s", error->message);
}

static void
accept (const Attempt *attempt)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  const guint8 *address = attempt->peer->address;
  gint64 now = g_get_real_time ();
  SpLoginDecided decided = { .worker = attempt->peer->number,
                             .by = SP_BY_PASSWORD,
                             .signed_in = (guint64) now };
  g_autoptr (GError) error = NULL;
  guint8 cookie[SP_COOKIE_SIZE];

  if (!sp_cookie_registry_issue (keyholder->cookies, attempt->user, NULL, address, now, cookie,
                                 decided.session, &error))
    {
      sp_log (SP_LOG_ERROR, "login", "making a cookie: %s", error->message);
      postpone (attempt);
      return;
    }
  give_back (attempt);
  remember_place (attempt);
  memcpy (decided.user, attempt->user, SP_ID_SIZE);
  memcpy (decided.signed_in_from, address, SP_ADDRESS_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_LOGIN_DECIDED, &decided, NULL, 0);
  answer (attempt, SP_LOGIN_ACCEPTED, cookie);
  sp_secret_wipe (cookie, sizeof cookie);
  sp_keyholder_watch_expiry (keyholder);
}

/* What to say to somebody with the right password.  A removed user is nobody. */
static const SpLogin verdicts_of_bars[] = {
  [SP_BAR_NONE] = SP_LOGIN_ACCEPTED,        [SP_BAR_DISABLED] = SP_LOGIN_USER_DISABLED,
  [SP_BAR_QUOTA] = SP_LOGIN_USER_QUOTA,     [SP_BAR_REMOVED] = SP_LOGIN_WRONG,
  [SP_BAR_EXPIRED] = SP_LOGIN_USER_EXPIRED,
};

/* While the password was hashed the user may have been removed, disabled or given another. */
static SpLogin
judge (const Attempt *attempt, const char *verifier)
{
  SpLogin verdict = SP_LOGIN_WRONG;
  SpUserEntry user;

  if (!attempt->has_user ||
      !sp_user_store_find_by_id (attempt->peer->keyholder->users, attempt->user, &user, NULL))
    return SP_LOGIN_WRONG;
  if (user.has_verifier && strcmp (user.verifier, verifier) == 0)
    verdict = verdicts_of_bars[sp_user_entry_get_bar (&user, g_get_real_time ())];
  sp_user_entry_clear (&user);
  return verdict;
}

static void
decide (const Attempt *attempt, const char *verifier)
{
  SpLogin verdict = judge (attempt, verifier);

  if (verdict == SP_LOGIN_ACCEPTED)
    {
      accept (attempt);
      return;
    }
  if (verdict != SP_LOGIN_WRONG)
    give_back (attempt); /* who knows the password does not guess */
  fail (attempt, verdict);
}

static void
hashed_cb (gpointer user_data, SpHashOutcome outcome, const char *verifier)
{
  const Attempt *attempt = user_data;

  switch (outcome)
    {
      case SP_HASH_RIGHT:
        if (attempt->peer->link == NULL)
          give_back (attempt); /* nobody is there to be signed in */
        else
          decide (attempt, verifier);
        return;
      case SP_HASH_WRONG:
        fail (attempt, SP_LOGIN_WRONG);
        return;
      case SP_HASH_LATE:
      case SP_HASH_FAILED:
        break;
    }
  postpone (attempt);
}

static gboolean
find_user (Attempt *attempt, SpUserEntry *ret_user, GError **error)
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

/* Takes the attempt, or leaves it when there is no room. */
static gboolean
hash (Attempt *attempt, const SpUserEntry *user, const SpTryPassword *message)
{
  SpHashLane lane = attempt->admitted == SP_TRY_KNOWN ? SP_HASH_KNOWN : SP_HASH_STRANGER;

  return sp_hash_queue_check (attempt->peer->keyholder->hashes, lane, message->password,
                              message->password_length, user->has_verifier ? user->verifier : NULL,
                              hashed_cb, attempt, (GDestroyNotify) attempt_free);
}

void
sp_password_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message)
{
  g_autoptr (Attempt) attempt = attempt_new (peer, serial, message);
  g_autoptr (GError) error = NULL;
  SpUserEntry user;

  if (!find_user (attempt, &user, &error))
    {
      sp_log (SP_LOG_ERROR, "login", "looking for a user: %s", error->message);
      answer (attempt, SP_LOGIN_BUSY, NULL);
      return;
    }
  attempt->admitted = sp_login_limiter_admit (peer->keyholder->limiter, attempt->user,
                                              attempt->place, g_get_monotonic_time ());
  if (attempt->admitted == SP_TRY_REFUSED)
    fail (attempt, SP_LOGIN_DENIED);
  else if (!sp_password_is_acceptable (message->password, message->password_length))
    fail (attempt, SP_LOGIN_WRONG);
  else if (hash (attempt, &user, message))
    (void) g_steal_pointer (&attempt);
  else
    postpone (attempt);
  sp_user_entry_clear (&user);
}
