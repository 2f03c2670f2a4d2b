/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-client-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <string.h>

/* What the keyholder may tell main. */

static void
on_prepared (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpPrepared *prepared = message;

  if (prepared->done != SP_DONE_OK)
    {
      g_autofree char *text =
          g_utf8_make_valid ((const char *) prepared->text, prepared->text_length);
      self->failed = TRUE;
      self->events->failed (self->user_data, text);
      return;
    }
  *self->certificate = *prepared;
  memset (self->dns_passwords, 0, sizeof self->dns_passwords);
  self->ready = TRUE;
  sp_link_enter (sp_room_keeper_get_link (self->keeper), SP_MAIN_KEYHOLDER_READY);
  sp_keyholder_client_catch_up (self);
  self->events->ready (self->user_data);
}

static void
on_session_known (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->session_known (self->user_data, message);
}

static void
on_login_decided (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->login_decided (self->user_data, message);
}

static void
on_login_failed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->login_failed (self->user_data, message);
}

static void
on_cookie_expired (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpCookieExpired *expired = message;

  self->events->cookie_expired (self->user_data, expired->session,
                                (SpBar) MIN (expired->bar, SP_BAR_LAST));
}

static void
on_first_login (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpFirstLogin *first = message;

  self->events->first_login (self->user_data, first->user,
                             (gint64) MIN (first->at, (guint64) G_MAXINT64));
}

static void
on_logged_out (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpLoggedOut *logged_out = message;

  self->events->logged_out (self->user_data, logged_out->session);
}

static const SpError errors_of_done[] = {
  [SP_DONE_OK] = SP_ERROR_FAILED,           [SP_DONE_INVALID] = SP_ERROR_INVALID_ARGUMENTS,
  [SP_DONE_NOT_FOUND] = SP_ERROR_NOT_FOUND, [SP_DONE_FAILED] = SP_ERROR_FAILED,
  [SP_DONE_BUSY] = SP_ERROR_BUSY,
};

static void
finish_task (
    SpKeyholderClient *self, guint32 serial, guint8 done, const guint8 *text, guint16 text_length)
{
  gpointer task = NULL;
  g_autoptr (GTask) owned = NULL;
  g_autofree char *readable =
      g_utf8_make_valid (text != NULL ? (const char *) text : "", text_length);

  if (!g_hash_table_steal_extended (self->tasks, GUINT_TO_POINTER (serial), NULL, &task))
    return;
  owned = task;
  if (done == SP_DONE_OK)
    g_task_return_boolean (owned, TRUE);
  else
    g_task_return_new_error (owned, SP_ERROR, errors_of_done[MIN (done, SP_DONE_LAST)], "%s",
                             readable);
}

/* The task gets a copy of the answer. */
static void
finish_task_with (SpKeyholderClient *self, guint32 serial, gconstpointer answer, gsize size)
{
  gpointer task = NULL;

  if (!g_hash_table_steal_extended (self->tasks, GUINT_TO_POINTER (serial), NULL, &task))
    return;
  g_task_return_pointer (task, g_memdup2 (answer, size), g_free);
  g_object_unref (task);
}

static void
on_user_put (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpUserPut *put = message;

  finish_task (user_data, serial, put->done, put->text, put->text_length);
}

static void
on_password_set (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpPasswordSet *set = message;

  finish_task (user_data, serial, set->done, set->text, set->text_length);
}

static void
on_user_removed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpUserRemoved *removed = message;

  finish_task (user_data, serial, removed->done, removed->text, removed->text_length);
}

G_STATIC_ASSERT (sizeof (SpBackupSealed) == sizeof (SpBackupOpened));

/* The answer itself, where all is well. */
static void
on_backup (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpBackupSealed *sealed = message;

  if (sealed->done != SP_DONE_OK)
    finish_task (user_data, serial, sealed->done, sealed->text, sealed->text_length);
  else
    finish_task_with (user_data, serial, sealed, sizeof *sealed);
}

static void
on_backup_key_set (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpBackupKeySet *set = message;

  finish_task (user_data, serial, set->done, set->text, set->text_length);
}

static void
on_dns_password_set (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpDnsPasswordSet *set = message;

  finish_task (user_data, serial, set->done, set->text, set->text_length);
}

static void
on_dns_password_known (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpDnsPasswordKnown *known = message;

  self->dns_passwords[MIN (known->which, SP_DNS_PASSWORD_LAST)] = known->on != 0;
  self->events->dns_password_known (self->user_data);
}

static void
on_dns_password_lent (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpDnsPasswordLent *lent = message;

  finish_task (user_data, serial, lent->done, lent->text, lent->text_length);
}

static void
on_acme_signed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpAcmeSigned *answer = message;

  if (answer->done != SP_DONE_OK)
    finish_task (user_data, serial, answer->done, answer->text, answer->text_length);
  else
    finish_task_with (user_data, serial, answer, sizeof *answer);
}

static void
on_acme_digested (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpAcmeDigested *answer = message;

  if (answer->done != SP_DONE_OK)
    finish_task (user_data, serial, answer->done, answer->text, answer->text_length);
  else
    finish_task_with (user_data, serial, answer, sizeof *answer);
}

static void
on_serve_with (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpServeWith *with = message;

  memcpy (self->certificate->pin, with->pin, SP_PIN_SIZE);
  memcpy (self->certificate->chain, with->chain, with->chain_length);
  self->certificate->chain_length = with->chain_length;
  memcpy (self->certificate->authority, with->authority, with->authority_length);
  self->certificate->authority_length = with->authority_length;
  self->events->certificate_changed (self->user_data);
}

static void
on_certificate_known (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->certificate_known (self->user_data, message);
}

static void
on_certificate_gone (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpCertificateGone *gone = message;

  self->events->certificate_gone (self->user_data, gone->id);
}

static void
on_certificate_checked (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpCertificateChecked *checked = message;

  if (checked->done != SP_DONE_OK)
    finish_task (user_data, serial, checked->done, checked->text, checked->text_length);
  else
    finish_task_with (user_data, serial, checked, sizeof *checked);
}

static void
on_certificate_requested (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpCertificateRequested *requested = message;

  if (requested->done != SP_DONE_OK)
    finish_task (user_data, serial, requested->done, requested->text, requested->text_length);
  else
    finish_task_with (user_data, serial, requested, sizeof *requested);
}

static void
on_certificate_activated (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpCertificateActivated *activated = message;

  finish_task (user_data, serial, activated->done, activated->text, activated->text_length);
}

static void
on_certificate_removed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpCertificateRemoved *removed = message;

  finish_task (user_data, serial, removed->done, removed->text, removed->text_length);
}

static void
on_certificates_listed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  finish_task (user_data, serial, SP_DONE_OK, NULL, 0);
}

static void
on_certificate_renewed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpCertificateRenewed *renewed = message;

  finish_task (user_data, serial, renewed->done, renewed->text, renewed->text_length);
}

static void
on_device_issued (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpDeviceIssued *issued = message;

  if (issued->done != SP_DONE_OK)
    finish_task (user_data, serial, issued->done, issued->text, issued->text_length);
  else
    finish_task_with (user_data, serial, issued, sizeof *issued);
}

static void
on_invited (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpInvited *invited = message;

  if (invited->done != SP_DONE_OK)
    finish_task (user_data, serial, invited->done, invited->text, invited->text_length);
  else
    finish_task_with (user_data, serial, invited, sizeof *invited);
}

static void
on_invitation_revoked (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpInvitationRevoked *revoked = message;

  finish_task (user_data, serial, revoked->done, revoked->text, revoked->text_length);
}

static void
on_invitation_known (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->invitation_known (self->user_data, message);
}

static void
on_invitation_gone (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpInvitationGone *gone = message;

  self->events->invitation_gone (self->user_data, gone->invitation);
}

static void
on_device_revoked (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpDeviceRevoked *revoked = message;

  finish_task (user_data, serial, revoked->done, revoked->text, revoked->text_length);
}

static void
on_device_removed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpDeviceRemoved *removed = message;

  finish_task (user_data, serial, removed->done, removed->text, removed->text_length);
}

static void
on_totp_enrolled (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpTotpEnrolled *enrolled = message;

  finish_task (user_data, serial, enrolled->done, enrolled->text, enrolled->text_length);
}

static void
on_totp_confirmed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpTotpConfirmed *confirmed = message;

  finish_task (user_data, serial, confirmed->done, confirmed->text, confirmed->text_length);
}

static void
on_totp_removed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpTotpRemoved *removed = message;

  finish_task (user_data, serial, removed->done, removed->text, removed->text_length);
}

static void
on_two_step_known (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;

  self->events->two_step_known (self->user_data, message);
}

static void
on_app_password_added (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpAppPasswordAdded *added = message;

  finish_task (user_data, serial, added->done, added->text, added->text_length);
}

/* --- rooms of tokens --- */

static void
on_start_token (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpStartToken *order = message;
  SpLink *link = sp_room_keeper_get_link (self->keeper);
  const SpTokenStarted started = { .room = order->room };
  SpTokenRefused refused = { .room = order->room };
  g_autoptr (GError) error = NULL;
  sp_autofd int wall = sp_token_rooms_start (self->tokens, order->room, &error);

  if (wall >= 0)
    {
      sp_link_answer (link, SP_MESSAGE_TOKEN_STARTED, serial, &started, &wall, 1);
      return;
    }
  sp_log (SP_LOG_ERROR, "token", "cannot be started: %s", error->message);
  refused.text_length = (guint16) MIN (strlen (error->message), SP_REASON_MAX);
  memcpy (refused.text, error->message, refused.text_length);
  sp_link_answer (link, SP_MESSAGE_TOKEN_REFUSED, serial, &refused, NULL, 0);
}

static void
on_end_token (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpEndToken *order = message;

  sp_token_rooms_end (self->tokens, order->room);
}

static void
on_token_health (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpTokenHealth *health = message;
  g_autofree char *text = g_utf8_make_valid ((const char *) health->text, health->text_length);

  self->events->token_health (self->user_data,
                              (SpTokenState) MIN (health->state, SP_TOKEN_STATE_LAST), text);
}

static void
on_start_pam (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpStartPam *start = message;
  const SpPamStarted started = { .number = start->number };
  sp_autofd int wall = sp_pam_rooms_start (self->pam, start->number);

  if (wall >= 0)
    sp_link_answer (sp_room_keeper_get_link (self->keeper), SP_MESSAGE_PAM_STARTED, serial,
                    &started, &wall, 1);
}

static void
on_end_pam (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholderClient *self = user_data;
  const SpEndPam *end = message;

  sp_pam_rooms_end (self->pam, end->number);
}

static void
on_closed (gpointer user_data, const GError *error)
{
  SpKeyholderClient *self = user_data;

  sp_room_keeper_wall_closed (self->keeper, error);
}

const SpLinkTable sp_from_keyholder = {
  .handlers = {
    [SP_MESSAGE_PREPARED] = on_prepared,
    [SP_MESSAGE_SESSION_KNOWN] = on_session_known,
    [SP_MESSAGE_LOGIN_DECIDED] = on_login_decided,
    [SP_MESSAGE_LOGIN_FAILED] = on_login_failed,
    [SP_MESSAGE_USER_PUT] = on_user_put,
    [SP_MESSAGE_PASSWORD_SET] = on_password_set,
    [SP_MESSAGE_USER_REMOVED] = on_user_removed,
    [SP_MESSAGE_COOKIE_EXPIRED] = on_cookie_expired,
    [SP_MESSAGE_LOGGED_OUT] = on_logged_out,
    [SP_MESSAGE_SERVE_WITH] = on_serve_with,
    [SP_MESSAGE_CERTIFICATE_KNOWN] = on_certificate_known,
    [SP_MESSAGE_CERTIFICATES_LISTED] = on_certificates_listed,
    [SP_MESSAGE_CERTIFICATE_RENEWED] = on_certificate_renewed,
    [SP_MESSAGE_CERTIFICATE_GONE] = on_certificate_gone,
    [SP_MESSAGE_CERTIFICATE_CHECKED] = on_certificate_checked,
    [SP_MESSAGE_CERTIFICATE_REQUESTED] = on_certificate_requested,
    [SP_MESSAGE_CERTIFICATE_ACTIVATED] = on_certificate_activated,
    [SP_MESSAGE_CERTIFICATE_REMOVED] = on_certificate_removed,
    [SP_MESSAGE_FIRST_LOGIN] = on_first_login,
    [SP_MESSAGE_BACKUP_SEALED] = on_backup,
    [SP_MESSAGE_BACKUP_OPENED] = on_backup,
    [SP_MESSAGE_BACKUP_KEY_SET] = on_backup_key_set,
    [SP_MESSAGE_DNS_PASSWORD_SET] = on_dns_password_set,
    [SP_MESSAGE_DNS_PASSWORD_LENT] = on_dns_password_lent,
    [SP_MESSAGE_DNS_PASSWORD_KNOWN] = on_dns_password_known,
    [SP_MESSAGE_ACME_SIGNED] = on_acme_signed,
    [SP_MESSAGE_ACME_DIGESTED] = on_acme_digested,
    [SP_MESSAGE_INVITED] = on_invited,
    [SP_MESSAGE_INVITATION_REVOKED] = on_invitation_revoked,
    [SP_MESSAGE_INVITATION_KNOWN] = on_invitation_known,
    [SP_MESSAGE_INVITATION_GONE] = on_invitation_gone,
    [SP_MESSAGE_DEVICE_ISSUED] = on_device_issued,
    [SP_MESSAGE_DEVICE_REVOKED] = on_device_revoked,
    [SP_MESSAGE_DEVICE_REMOVED] = on_device_removed,
    [SP_MESSAGE_TOTP_ENROLLED] = on_totp_enrolled,
    [SP_MESSAGE_TOTP_CONFIRMED] = on_totp_confirmed,
    [SP_MESSAGE_TOTP_REMOVED] = on_totp_removed,
    [SP_MESSAGE_TWO_STEP_KNOWN] = on_two_step_known,
    [SP_MESSAGE_APP_PASSWORD_ADDED] = on_app_password_added,
    [SP_MESSAGE_START_PAM] = on_start_pam,
    [SP_MESSAGE_END_PAM] = on_end_pam,
    [SP_MESSAGE_START_TOKEN] = on_start_token,
    [SP_MESSAGE_END_TOKEN] = on_end_token,
    [SP_MESSAGE_TOKEN_HEALTH] = on_token_health,
  },
  .closed = on_closed,
};
