/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-worker.h"

#include "base/error.h"
#include "certificate-login.h"
#include "code-login.h"
#include "enrolment.h"
#include "invitation-order.h"
#include "password-login.h"
#include "token-key.h"

#include <string.h>

static const SpLinkTable from_worker;

SpWorkerPeer *
sp_worker_peer_new (SpKeyholder *keyholder, guint64 number, const guint8 *pin, int wall_fd)
{
  SpWorkerPeer *peer = g_rc_box_new0 (SpWorkerPeer);

  peer->keyholder = keyholder;
  peer->number = number;
  peer->signer = sp_serving_find_signer (keyholder->serving, pin);
  peer->link = sp_link_new (wall_fd, &sp_wall_worker_keyholder, SP_WORKER_KEYHOLDER_KEYHOLDER,
                            &from_worker, peer);
  return peer;
}

SpWorkerPeer *
sp_worker_peer_ref (SpWorkerPeer *peer)
{
  return g_rc_box_acquire (peer);
}

static void
clear (gpointer data)
{
  sp_signer_unref (((SpWorkerPeer *) data)->signer);
}

void
sp_worker_peer_unref (SpWorkerPeer *peer)
{
  g_rc_box_release_full (peer, clear);
}

void
sp_worker_peer_end (SpWorkerPeer *peer)
{
  g_clear_pointer (&peer->link, sp_link_free);
  sp_worker_peer_unref (peer);
}

void
sp_worker_peer_enter (SpWorkerPeer *peer, SpWorkerKeyholderPhase phase)
{
  if (peer->link != NULL)
    sp_link_enter (peer->link, (guint8) phase);
}

/* --- signatures --- */

G_STATIC_ASSERT (sizeof (SpSignedVerify) == sizeof (SpSignedDigest));
G_STATIC_ASSERT (sizeof (SpSignedVerify) == sizeof (SpSignedRenewal));

/* What a worker waits for. */
typedef struct
{
  SpWorkerPeer *peer;
  guint32 serial;
  guint8 type; /* of the answer */
} Signing;

/* Those of TLS 1.2 count for renewals. */
static void
answer_signature (const Signing *signing, const guint8 *signature, guint16 length)
{
  SpWorkerPeer *peer = signing->peer;
  SpSignedVerify answer = { .signature_length = length };

  peer->signing = FALSE;
  if (peer->link == NULL)
    return;
  if (length > 0)
    memcpy (answer.signature, signature, length);
  if (length > 0 && signing->type != SP_MESSAGE_SIGNED_VERIFY)
    peer->signed_at = g_get_monotonic_time ();
  if (length > 0 && signing->type != SP_MESSAGE_SIGNED_RENEWAL)
    sp_worker_peer_enter (peer, SP_WORKER_KEYHOLDER_LOGIN);
  sp_link_answer (peer->link, signing->type, signing->serial, &answer, NULL, 0);
}

static void
signed_cb (gpointer user_data, const guint8 *signature, guint16 length)
{
  g_autofree Signing *signing = user_data;

  answer_signature (signing, signature, length);
  sp_worker_peer_unref (signing->peer);
}

/* `task`: NULL: it is nothing that is signed.  One at a time: while a token thinks, its worker may
 * not have another. */
static void
sign (SpWorkerPeer *peer, guint32 serial, guint8 type, const SpSignerTask *task)
{
  const Signing signing = { peer, serial, type };
  guint8 signature[SP_SIGNATURE_MAX];
  SpTokenKey *token = peer->signer != NULL ? sp_signer_get_token (peer->signer) : NULL;

  if (task == NULL || peer->signing)
    {
      const SpSignedVerify refusal = { 0 };

      sp_link_answer (peer->link, type, serial, &refusal, NULL, 0);
      return;
    }
  if (token == NULL)
    {
      answer_signature (&signing, signature, sp_signer_sign (peer->signer, task, signature));
      return;
    }
  peer->signing = TRUE;
  (void) sp_worker_peer_ref (peer);
  sp_token_key_sign (token, task, signed_cb, g_memdup2 (&signing, sizeof signing));
}

static void
sign_verify_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpSignVerify *question = message;
  SpSignerTask task;
  gboolean planned =
      sp_signer_plan_verify (peer->signer, question->content, question->content_length, &task);

  if (planned && !peer->signing)
    sp_signed_handshake_set_verify (&peer->signed_for, question);
  sign (peer, serial, SP_MESSAGE_SIGNED_VERIFY, planned ? &task : NULL);
}

static void
sign_digest_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpSignDigest *question = message;
  SpSignerTask task;
  gboolean planned = sp_signer_plan_digest (peer->signer, question->algorithm, question->digest,
                                            question->digest_length, &task);

  if (planned && !peer->signing)
    sp_signed_handshake_set_digest (&peer->signed_for, question);
  sign (peer, serial, SP_MESSAGE_SIGNED_DIGEST, planned ? &task : NULL);
}

void
sp_worker_peer_allow_renewal (SpWorkerPeer *peer, guint32 seconds)
{
  if (peer->signed_at == 0)
    return;
  peer->renewal_interval = (gint64) MAX (seconds, SP_RENEWAL_SECONDS_MIN) * G_USEC_PER_SEC;
  sp_worker_peer_enter (peer, SP_WORKER_KEYHOLDER_RENEWAL);
}

/* A question that comes too soon is refused and no more: the worker's clock starts later than ours,
 * when its handshake is over. */
static void
sign_renewal_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpSignRenewal *question = message;
  SpSignerTask task;
  gboolean planned = g_get_monotonic_time () - peer->signed_at >= peer->renewal_interval &&
                     sp_signer_plan_digest (peer->signer, question->algorithm, question->digest,
                                            question->digest_length, &task);

  sign (peer, serial, SP_MESSAGE_SIGNED_RENEWAL, planned ? &task : NULL);
}

/* --- signing in --- */

void
sp_worker_peer_set_device (SpWorkerPeer *peer, const SpDeviceEntry *device)
{
  peer->has_device = TRUE;
  peer->device = *device;
}

static void
prove_certificate_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpProveCertificate *proof = message;

  peer->has_proved = sp_certificate_proof_check (
      &peer->signed_for, sp_key_store_get_authority_certificate (peer->keyholder->keys),
      proof->handshake, proof->handshake_length, peer->proved);
}

static void
try_certificate_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_certificate_login_try (user_data, serial, message);
}

static void
try_password_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_password_login_try (user_data, serial, message);
}

static void
try_code_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_code_login_try (user_data, serial, message);
}

static void
tell_session (SpWorkerPeer *peer, const SpCookieOwner *owner)
{
  SpLoginDecided decided = { .worker = peer->number,
                             .by = SP_BY_COOKIE,
                             .signed_in = (guint64) owner->signed_in };

  memcpy (decided.user, owner->user, SP_ID_SIZE);
  memcpy (decided.session, owner->session, SP_ID_SIZE);
  memcpy (decided.signed_in_from, owner->address, SP_ADDRESS_SIZE);
  memcpy (decided.device, owner->device, SP_ID_SIZE);
  decided.group_length = owner->group_length;
  memcpy (decided.group, owner->group, owner->group_length);
  sp_link_send (peer->keyholder->main, SP_MESSAGE_LOGIN_DECIDED, &decided, NULL, 0);
}

static void
tell_unknown_cookie (SpWorkerPeer *peer)
{
  SpLoginFailed failed = { .worker = peer->number, .verdict = SP_LOGIN_DENIED };

  sp_link_send (peer->keyholder->main, SP_MESSAGE_LOGIN_FAILED, &failed, NULL, 0);
}

static void
log_cookie_failure (SpKeyholder *keyholder, const GError *error)
{
  guint suppressed;

  if (sp_log_throttle (&keyholder->cookie_failures, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_ERROR, "cookies", "looking for a cookie: %s (%u more)", error->message,
            suppressed);
}

/* Main is told before the worker: when the worker's client asks for its tunnel, main knows. */
static SpLogin
redeem (SpWorkerPeer *peer, const guint8 *cookie)
{
  g_autoptr (GError) error = NULL;
  SpCookieOwner owner;

  switch (sp_cookie_registry_redeem (peer->keyholder->cookies, cookie, g_get_real_time (), &owner,
                                     &error))
    {
      case SP_COOKIE_GOOD:
        tell_session (peer, &owner);
        sp_invitation_order_connected (peer->keyholder, owner.device, peer->address);
        return SP_LOGIN_ACCEPTED;
      case SP_COOKIE_BLOCKED:
        return SP_LOGIN_SUSPENDED;
      case SP_COOKIE_UNKNOWN:
        tell_unknown_cookie (peer);
        return SP_LOGIN_DENIED;
      case SP_COOKIE_FAILED:
        log_cookie_failure (peer->keyholder, error);
        break;
    }
  return SP_LOGIN_BUSY;
}

static void
redeem_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpRedeemCookie *question = message;
  SpCookieVerdict answer = { .verdict = (guint8) redeem (peer, question->cookie) };

  if (answer.verdict == SP_LOGIN_ACCEPTED)
    sp_worker_peer_enter (peer, SP_WORKER_KEYHOLDER_DONE);
  sp_link_answer (peer->link, SP_MESSAGE_COOKIE_VERDICT, serial, &answer, NULL, 0);
}

/* Whose cookie it is knows nobody but its owner, so who brings it may give it up.  Main is told
 * before the worker: what comes after the answer comes too late for the session. */
static void
logout_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpLogoutCookie *logout = message;
  const SpLogoutDone done = { 0 };
  SpLoggedOut told;
  g_autoptr (GError) error = NULL;

  sp_worker_peer_enter (peer, SP_WORKER_KEYHOLDER_DONE);
  switch (sp_cookie_registry_give_up (peer->keyholder->cookies, logout->cookie, g_get_real_time (),
                                      told.session, &error))
    {
      case SP_COOKIE_GOOD:
      case SP_COOKIE_BLOCKED:
        sp_link_send (peer->keyholder->main, SP_MESSAGE_LOGGED_OUT, &told, NULL, 0);
        break;
      case SP_COOKIE_UNKNOWN:
        tell_unknown_cookie (peer);
        break;
      case SP_COOKIE_FAILED:
        log_cookie_failure (peer->keyholder, error);
        break;
    }
  sp_link_answer (peer->link, SP_MESSAGE_LOGOUT_DONE, serial, &done, NULL, 0);
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  SpWorkerPeer *peer = user_data;
  SpKeyholder *keyholder = peer->keyholder;
  guint suppressed;

  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE) &&
      sp_log_throttle (&keyholder->rule_breakers, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "worker", "%" G_GUINT64_FORMAT " loses its wall: %s (%u more)",
            peer->number, error->message, suppressed);
  (void) g_hash_table_remove (keyholder->workers, &peer->number);
}

static const SpLinkTable from_worker = {
  .handlers = {
    [SP_MESSAGE_SIGN_VERIFY] = sign_verify_cb,
    [SP_MESSAGE_SIGN_DIGEST] = sign_digest_cb,
    [SP_MESSAGE_SIGN_RENEWAL] = sign_renewal_cb,
    [SP_MESSAGE_PROVE_CERTIFICATE] = prove_certificate_cb,
    [SP_MESSAGE_TRY_CERTIFICATE] = try_certificate_cb,
    [SP_MESSAGE_TRY_PASSWORD] = try_password_cb,
    [SP_MESSAGE_TRY_CODE] = try_code_cb,
    [SP_MESSAGE_REDEEM_COOKIE] = redeem_cookie_cb,
    [SP_MESSAGE_LOGOUT_COOKIE] = logout_cookie_cb,
    [SP_MESSAGE_LOOK_AT_INVITATION] = sp_enrolment_look,
    [SP_MESSAGE_CLAIM_INVITATION] = sp_enrolment_claim,
    [SP_MESSAGE_FETCH_ENROLMENT] = sp_enrolment_fetch,
  },
  .closed = closed_cb,
};
