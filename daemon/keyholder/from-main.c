/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-main.h"

#include "acme-order.h"
#include "backup-job.h"
#include "base/error.h"
#include "base/io.h"
#include "certificate-import.h"
#include "certificate-order.h"
#include "device-order.h"
#include "dns-password.h"
#include "from-worker.h"
#include "invitation-order.h"
#include "pam-login.h"
#include "password-change.h"
#include "token-key.h"
#include "two-step-change.h"

#include <string.h>

/* Main did not ask and gets no answer; it keeps its own view, and ours is mended by the next start.
 */
static void
log_failure (gboolean done, const char *doing, GError **error)
{
  if (!done)
    sp_log (SP_LOG_ERROR, "cookies", "%s: %s", doing, (*error)->message);
}

/* Appends to a BYTES field; the key store keeps certificates short enough for it. */
static void
append (guint8 *field, guint16 *length, GBytes *certificate)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (certificate, &size);

  memcpy (field + *length, bytes, size);
  *length += (guint16) size;
}

static void
fill_in_keys (SpKeyholder *keyholder, SpPrepared *ret_answer)
{
  append (ret_answer->chain, &ret_answer->chain_length, sp_serving_get_chain (keyholder->serving));
  append (ret_answer->authority, &ret_answer->authority_length,
          sp_key_store_get_authority (keyholder->keys));
  memcpy (ret_answer->pin, sp_serving_get_pin (keyholder->serving), SP_PIN_SIZE);
}

static void
prepare_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree SpPrepared *answer = g_new0 (SpPrepared, 1);

  if (sp_keyholder_prepare (keyholder, message, &error))
    fill_in_keys (keyholder, answer);
  else
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      answer->done = (guint8) sp_done_from_error (error);
      answer->text_length = sp_text_copy (error->message, answer->text, sizeof answer->text);
    }
  sp_link_answer (keyholder->main, SP_MESSAGE_PREPARED, serial, answer, NULL, 0);
  if (error != NULL)
    return; /* main may only end us now */
  sp_link_enter (keyholder->main, SP_MAIN_KEYHOLDER_READY);
  if (!sp_keyholder_restore (keyholder, &error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      sp_keyholder_quit (keyholder, 1);
    }
}

static void
worker_started_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpWorkerStarted *started = message;
  SpWorkerPeer *peer;

  if (g_hash_table_contains (keyholder->workers, &started->worker))
    {
      sp_log (SP_LOG_WARNING, "main", "started worker %" G_GUINT64_FORMAT " twice",
              started->worker);
      return;
    }
  peer = sp_worker_peer_new (keyholder, started->worker, started->pin, sp_fd_steal (&fds[0]));
  g_hash_table_insert (keyholder->workers, &peer->number, peer);
}

static void
worker_adopted_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpWorkerAdopted *adopted = message;
  SpWorkerPeer *peer = g_hash_table_lookup (keyholder->workers, &adopted->worker);

  if (peer != NULL)
    memcpy (peer->address, adopted->peer_address, SP_ADDRESS_SIZE);
}

static void
may_renew_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpMayRenew *may = message;
  SpWorkerPeer *peer = g_hash_table_lookup (keyholder->workers, &may->worker);

  if (peer != NULL)
    sp_worker_peer_allow_renewal (peer, may->seconds);
}

static void
worker_gone_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpWorkerGone *gone = message;

  (void) g_hash_table_remove (keyholder->workers, &gone->worker);
}

/* Of a user that may not sign in any more.  Main knows the sessions that end by it before it has
 * its answer. */
static gboolean
drop_cookies (SpKeyholder *keyholder, const SpPutUser *put, GError **error)
{
  SpCookieRegistry *cookies = keyholder->cookies;
  gint64 now = g_get_real_time ();
  gboolean forget = put->keep_cookies == 0;

  if (put->bar != SP_BAR_NONE && forget)
    return sp_cookie_registry_forget_user (cookies, put->user, (SpBar) put->bar, error);
  if (!sp_cookie_registry_expire (cookies, now, error) ||
      !sp_cookie_registry_forget_groups (cookies, put->user, put->groups, put->groups_length,
                                         error))
    return FALSE;
  sp_keyholder_watch_expiry (keyholder);
  return put->paused_until <= (guint64) now || !forget ||
         sp_cookie_registry_forget_user (cookies, put->user, SP_BAR_PAUSED, error);
}

static void
tell_first_login (SpKeyholder *keyholder, const guint8 *id)
{
  SpUserEntry user;

  if (!sp_user_store_find_by_id (keyholder->users, id, &user, NULL))
    return;
  if (user.first_login != 0)
    sp_keyholder_tell_first_login (keyholder, id, user.first_login);
  sp_user_entry_clear (&user);
}

static void
put_user_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpPutUser *put = message;
  g_autoptr (GError) error = NULL;

  if (sp_user_store_put (keyholder->users, put, &error))
    (void) drop_cookies (keyholder, put, &error);
  tell_first_login (keyholder, put->user);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_USER_PUT, serial, error);
}

static void
set_password_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpSetPassword *set = message;

  sp_password_change_start (user_data, serial, set, sp_fd_steal (&fds[0]));
}

static void
remove_user_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRemoveUser *removed = message;
  g_autoptr (GError) error = NULL;

  if (sp_cookie_registry_forget_user (keyholder->cookies, removed->user, SP_BAR_REMOVED, &error))
    (void) sp_user_store_remove (keyholder->users, removed->user, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_USER_REMOVED, serial, error);
}

static void
cookie_seconds_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpCookieSeconds *set = message;

  sp_cookie_registry_set_unused_seconds (keyholder->cookies, set->seconds);
}

/* What it does not know is no way to sign in at all. */
static void
sign_in_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpSetSignIn *set = message;

  keyholder->sign_in = (SpSignInMethod) set->method;
  keyholder->two_step_required = set->two_step_required != 0;
}

static void
hold_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpHoldCookie *hold = message;
  g_autoptr (GError) error = NULL;

  log_failure (sp_cookie_registry_hold (keyholder->cookies, hold->session, &error),
               "holding a cookie", &error);
}

static void
release_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpReleaseCookie *release = message;
  gint64 now = g_get_real_time ();
  g_autoptr (GError) error = NULL;

  log_failure (sp_cookie_registry_release (keyholder->cookies, release->session, release->seconds,
                                           now, &error),
               "releasing a cookie", &error);
  sp_keyholder_expect_end (keyholder, now + (gint64) release->seconds * G_USEC_PER_SEC);
}

static void
block_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpBlockCookie *block = message;
  g_autoptr (GError) error = NULL;

  log_failure (
      sp_cookie_registry_block (keyholder->cookies, block->session, block->on != 0, &error),
      "blocking a cookie", &error);
}

static void
forget_cookie_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpForgetCookie *forget = message;
  g_autoptr (GError) error = NULL;

  log_failure (sp_cookie_registry_forget (keyholder->cookies, forget->session, &error),
               "forgetting a cookie", &error);
}

static void
seal_backup_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_backup_job_seal (user_data, serial, message, fds);
}

static void
open_backup_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_backup_job_open (user_data, serial, message, fds);
}

static void
drop_restored_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_backup_job_drop_restored (user_data);
}

static void
set_backup_key_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_backup_job_set_key (user_data, serial, message, fds);
}

static void
set_dns_password_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_dns_password_set (user_data, serial, message, fds);
}

static void
lend_dns_password_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_dns_password_lend (user_data, serial, message, fds[0]);
}

static void
enroll_totp_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_two_step_change_enroll (user_data, serial, message, fds[0]);
}

static void
confirm_totp_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_two_step_change_confirm (user_data, serial, message, fds[0]);
}

static void
remove_totp_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_two_step_change_remove (user_data, serial, message);
}

static void
add_app_password_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_two_step_change_add_app_password (user_data, serial, message, fds[0]);
}

static void
pam_started_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpPamStarted *started = message;

  sp_pam_login_started (user_data, started->number, sp_fd_steal (&fds[0]));
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  gboolean gone = g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE);

  sp_log (gone ? SP_LOG_DEBUG : SP_LOG_ERROR, "main", "%s", error->message);
  sp_keyholder_quit (user_data, gone ? 0 : 1);
}

const SpLinkTable sp_from_main = {
  .handlers = {
    [SP_MESSAGE_PREPARE] = prepare_cb,
    [SP_MESSAGE_WORKER_STARTED] = worker_started_cb,
    [SP_MESSAGE_WORKER_ADOPTED] = worker_adopted_cb,
    [SP_MESSAGE_MAY_RENEW] = may_renew_cb,
    [SP_MESSAGE_WORKER_GONE] = worker_gone_cb,
    [SP_MESSAGE_PUT_USER] = put_user_cb,
    [SP_MESSAGE_SET_PASSWORD] = set_password_cb,
    [SP_MESSAGE_REMOVE_USER] = remove_user_cb,
    [SP_MESSAGE_COOKIE_SECONDS] = cookie_seconds_cb,
    [SP_MESSAGE_SET_SIGN_IN] = sign_in_cb,
    [SP_MESSAGE_HOLD_COOKIE] = hold_cookie_cb,
    [SP_MESSAGE_RELEASE_COOKIE] = release_cookie_cb,
    [SP_MESSAGE_BLOCK_COOKIE] = block_cookie_cb,
    [SP_MESSAGE_FORGET_COOKIE] = forget_cookie_cb,
    [SP_MESSAGE_LIST_CERTIFICATES] = sp_certificate_order_list,
    [SP_MESSAGE_RENEW_CERTIFICATE] = sp_certificate_order_renew,
    [SP_MESSAGE_REQUEST_CERTIFICATE] = sp_certificate_order_request,
    [SP_MESSAGE_CHECK_CERTIFICATE] = sp_certificate_import_check,
    [SP_MESSAGE_ACTIVATE_CERTIFICATE] = sp_certificate_order_activate,
    [SP_MESSAGE_REMOVE_CERTIFICATE] = sp_certificate_order_remove,
    [SP_MESSAGE_TOKEN_STARTED] = sp_token_key_started,
    [SP_MESSAGE_TOKEN_REFUSED] = sp_token_key_refused,
    [SP_MESSAGE_SEAL_BACKUP] = seal_backup_cb,
    [SP_MESSAGE_OPEN_BACKUP] = open_backup_cb,
    [SP_MESSAGE_DROP_RESTORED] = drop_restored_cb,
    [SP_MESSAGE_SET_BACKUP_KEY] = set_backup_key_cb,
    [SP_MESSAGE_SET_DNS_PASSWORD] = set_dns_password_cb,
    [SP_MESSAGE_LEND_DNS_PASSWORD] = lend_dns_password_cb,
    [SP_MESSAGE_SIGN_ACME] = sp_acme_order_sign,
    [SP_MESSAGE_DIGEST_ACME] = sp_acme_order_digest,
    [SP_MESSAGE_INVITE] = sp_invitation_order_invite,
    [SP_MESSAGE_REVOKE_INVITATION] = sp_invitation_order_revoke,
    [SP_MESSAGE_ISSUE_DEVICE] = sp_device_order_issue,
    [SP_MESSAGE_REVOKE_DEVICE] = sp_device_order_revoke,
    [SP_MESSAGE_REMOVE_DEVICE] = sp_device_order_remove,
    [SP_MESSAGE_ENROLL_TOTP] = enroll_totp_cb,
    [SP_MESSAGE_CONFIRM_TOTP] = confirm_totp_cb,
    [SP_MESSAGE_REMOVE_TOTP] = remove_totp_cb,
    [SP_MESSAGE_ADD_APP_PASSWORD] = add_app_password_cb,
    [SP_MESSAGE_PAM_STARTED] = pam_started_cb,
  },
  .closed = closed_cb,
};
