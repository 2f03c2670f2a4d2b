/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-client-private.h"
#include "keyholder-acme.h"
#include "keyholder-device.h"
#include "keyholder-dns.h"
#include "keyholder-invitation.h"

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"

#include <string.h>

static void
fail_tasks (SpKeyholderClient *self)
{
  g_autoptr (GHashTable) tasks = g_steal_pointer (&self->tasks);
  GHashTableIter iter;
  gpointer task;

  self->tasks = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_hash_table_iter_init (&iter, tasks);
  while (g_hash_table_iter_next (&iter, NULL, &task))
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY,
                             "the keyholder was started again; try once more");
}

static void
started (gpointer user_data, SpLink *link)
{
  SpKeyholderClient *self = user_data;
  g_autofree SpPrepare *prepare = g_new0 (SpPrepare, 1);

  prepare->origin = self->origin;
  prepare->cookie_seconds = self->cookie_seconds;
  prepare->names_length = (guint16) g_bytes_get_size (self->names);
  memcpy (prepare->names, g_bytes_get_data (self->names, NULL), prepare->names_length);
  sp_link_enter (link, SP_MAIN_KEYHOLDER_STARTING);
  (void) sp_link_ask (link, SP_MESSAGE_PREPARE, prepare, NULL, 0);
}

static void
lost (gpointer user_data)
{
  SpKeyholderClient *self = user_data;

  self->ready = FALSE;
  self->failed = FALSE;
  sp_pam_rooms_end_all (self->pam);
  sp_token_rooms_end_all (self->tokens);
  fail_tasks (self);
  self->events->lost (self->user_data);
}

static const SpRoomRecipe recipe = {
  .name = "keyholder",
  .program = SP_ROOM_KEYHOLDER,
  .account = SP_ACCOUNT_KEYHOLDER,
  .wall = &sp_wall_main_keyholder,
  .table = &sp_from_keyholder,
  .started = started,
  .lost = lost,
};

SpKeyholderClient *
sp_keyholder_client_new (const char *libexec_folder,
                         const char *pam_socket,
                         const char *state_folder,
                         const SpKeyholderEvents *events,
                         gpointer user_data)
{
  SpKeyholderClient *self = g_new0 (SpKeyholderClient, 1);
  g_autofree char *folder = g_build_filename (state_folder, SP_KEYHOLDER_FOLDER, NULL);

  self->events = events;
  self->user_data = user_data;
  self->tasks = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->certificate = g_new0 (SpPrepared, 1);
  self->unforgotten = g_byte_array_new ();
  self->pam = sp_pam_rooms_new (libexec_folder, pam_socket);
  self->tokens = sp_token_rooms_new (libexec_folder);
  self->keeper = sp_room_keeper_new (&recipe, libexec_folder, folder, self);
  return self;
}

void
sp_keyholder_client_free (SpKeyholderClient *self)
{
  if (self == NULL)
    return;
  sp_room_keeper_free (self->keeper);
  sp_pam_rooms_free (self->pam);
  sp_token_rooms_free (self->tokens);
  fail_tasks (self);
  g_hash_table_unref (self->tasks);
  g_byte_array_unref (self->unforgotten);
  g_clear_pointer (&self->names, g_bytes_unref);
  g_free (self->certificate);
  g_free (self);
}

gboolean
sp_keyholder_client_start (SpKeyholderClient *self, const SpKeyholderWishes *wishes, GError **error)
{
  g_autoptr (GBytes) names = g_bytes_new (wishes->names, wishes->names_length);

  self->cookie_seconds = wishes->cookie_seconds;
  self->origin = wishes->origin;
  sp_keyholder_client_set_names (self, names);
  return sp_room_keeper_start (self->keeper, error);
}

void
sp_keyholder_client_set_names (SpKeyholderClient *self, GBytes *names)
{
  g_return_if_fail (g_bytes_get_size (names) <= SP_CERTIFICATE_NAMES_MAX);
  g_clear_pointer (&self->names, g_bytes_unref);
  self->names = g_bytes_ref (names);
}

void
sp_keyholder_client_try_again (SpKeyholderClient *self)
{
  if (self->failed)
    sp_room_keeper_replace (self->keeper);
}

guint
sp_keyholder_client_get_deaths (SpKeyholderClient *self)
{
  return sp_room_keeper_get_deaths (self->keeper);
}

gboolean
sp_keyholder_client_is_ready (SpKeyholderClient *self)
{
  return self->ready;
}

const SpPrepared *
sp_keyholder_client_get_certificate (SpKeyholderClient *self)
{
  return self->certificate;
}

/* The wall, if the keyholder can take orders. */
static SpLink *
ready_link (SpKeyholderClient *self)
{
  return self->ready ? sp_room_keeper_get_link (self->keeper) : NULL;
}

static void
tell (SpKeyholderClient *self, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  SpLink *link = ready_link (self);

  if (link != NULL)
    sp_link_send (link, type, message, fds, n_fds);
}

void
sp_keyholder_client_worker_started (SpKeyholderClient *self,
                                    guint64 worker,
                                    const guint8 *pin,
                                    int wall_fd)
{
  SpWorkerStarted message = { .worker = worker };

  memcpy (message.pin, pin, SP_PIN_SIZE);
  tell (self, SP_MESSAGE_WORKER_STARTED, &message, &wall_fd, 1);
}

void
sp_keyholder_client_worker_adopted (SpKeyholderClient *self,
                                    guint64 worker,
                                    const guint8 *peer_address)
{
  SpWorkerAdopted message = { .worker = worker };

  memcpy (message.peer_address, peer_address, SP_ADDRESS_SIZE);
  tell (self, SP_MESSAGE_WORKER_ADOPTED, &message, NULL, 0);
}

void
sp_keyholder_client_may_renew (SpKeyholderClient *self, guint64 worker, guint32 seconds)
{
  SpMayRenew message = { .worker = worker, .seconds = seconds };

  tell (self, SP_MESSAGE_MAY_RENEW, &message, NULL, 0);
}

void
sp_keyholder_client_worker_gone (SpKeyholderClient *self, guint64 worker)
{
  SpWorkerGone message = { .worker = worker };

  tell (self, SP_MESSAGE_WORKER_GONE, &message, NULL, 0);
}

static void
ask (SpKeyholderClient *self,
     guint8 type,
     gconstpointer message,
     const int *fds,
     guint n_fds,
     GTask *task)
{
  SpLink *link = ready_link (self);
  guint32 serial = link != NULL ? sp_link_ask (link, type, message, fds, n_fds) : 0;

  if (serial == 0)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "the keyholder is busy; try again");
  else
    g_hash_table_insert (self->tasks, GUINT_TO_POINTER (serial), g_object_ref (task));
}

void
sp_keyholder_client_put_user (SpKeyholderClient *self, const SpPutUser *user, GTask *task)
{
  ask (self, SP_MESSAGE_PUT_USER, user, NULL, 0, task);
}

void
sp_keyholder_client_set_password (
    SpKeyholderClient *self, const guint8 *user, int fd, gboolean hashed, GTask *task)
{
  SpSetPassword message = { .hashed = hashed ? 1 : 0 };

  memcpy (message.user, user, SP_ID_SIZE);
  ask (self, SP_MESSAGE_SET_PASSWORD, &message, &fd, 1, task);
}

void
sp_keyholder_client_remove_user (SpKeyholderClient *self, const guint8 *user, GTask *task)
{
  SpRemoveUser message = { 0 };

  memcpy (message.user, user, SP_ID_SIZE);
  ask (self, SP_MESSAGE_REMOVE_USER, &message, NULL, 0, task);
}

void
sp_keyholder_client_list_certificates (SpKeyholderClient *self, GTask *task)
{
  SpListCertificates message = { 0 };

  ask (self, SP_MESSAGE_LIST_CERTIFICATES, &message, NULL, 0, task);
}

void
sp_keyholder_client_renew_certificate (SpKeyholderClient *self,
                                       GBytes *names,
                                       gboolean always,
                                       GTask *task)
{
  SpRenewCertificate message = { .always = always ? 1 : 0 };

  g_return_if_fail (g_bytes_get_size (names) <= SP_CERTIFICATE_NAMES_MAX);
  message.names_length = (guint16) g_bytes_get_size (names);
  memcpy (message.names, g_bytes_get_data (names, NULL), message.names_length);
  ask (self, SP_MESSAGE_RENEW_CERTIFICATE, &message, NULL, 0, task);
}

void
sp_keyholder_client_set_origin (SpKeyholderClient *self, guint8 origin)
{
  self->origin = origin;
}

void
sp_keyholder_client_seal_backup (SpKeyholderClient *self,
                                 const SpSealBackup *message,
                                 const int fds[SP_BACKUP_FDS],
                                 GTask *task)
{
  ask (self, SP_MESSAGE_SEAL_BACKUP, message, fds, SP_BACKUP_FDS, task);
}

void
sp_keyholder_client_open_backup (SpKeyholderClient *self,
                                 const SpOpenBackup *message,
                                 const int fds[SP_BACKUP_FDS],
                                 GTask *task)
{
  ask (self, SP_MESSAGE_OPEN_BACKUP, message, fds, SP_BACKUP_FDS, task);
}

void
sp_keyholder_client_drop_restored (SpKeyholderClient *self, guint64 created)
{
  SpDropRestored message = { .created = created };

  tell (self, SP_MESSAGE_DROP_RESTORED, &message, NULL, 0);
}

void
sp_keyholder_client_set_backup_key (SpKeyholderClient *self, gboolean on, int fd, GTask *task)
{
  SpSetBackupKey message = { .on = on ? 1 : 0 };

  ask (self, SP_MESSAGE_SET_BACKUP_KEY, &message, &fd, 1, task);
}

void
sp_keyholder_client_set_dns_password (
    SpKeyholderClient *self, SpDnsPasswordKind which, gboolean on, int fd, GTask *task)
{
  SpSetDnsPassword message = { .which = (guint8) which, .on = on ? 1 : 0 };

  ask (self, SP_MESSAGE_SET_DNS_PASSWORD, &message, &fd, 1, task);
}

gboolean
sp_keyholder_client_has_dns_password (SpKeyholderClient *self, SpDnsPasswordKind which)
{
  return self->dns_passwords[which];
}

void
sp_keyholder_client_lend_dns_password (SpKeyholderClient *self,
                                       SpDnsPasswordKind which,
                                       int file,
                                       GTask *task)
{
  SpLendDnsPassword message = { .which = (guint8) which };

  ask (self, SP_MESSAGE_LEND_DNS_PASSWORD, &message, &file, 1, task);
}

void
sp_keyholder_client_sign_acme (SpKeyholderClient *self, const SpSignAcme *message, GTask *task)
{
  ask (self, SP_MESSAGE_SIGN_ACME, message, NULL, 0, task);
}

void
sp_keyholder_client_digest_acme (SpKeyholderClient *self, const SpDigestAcme *message, GTask *task)
{
  ask (self, SP_MESSAGE_DIGEST_ACME, message, NULL, 0, task);
}

void
sp_keyholder_client_issue_device (SpKeyholderClient *self,
                                  const SpIssueDevice *message,
                                  const int fds[2],
                                  GTask *task)
{
  ask (self, SP_MESSAGE_ISSUE_DEVICE, message, fds, 2, task);
}

void
sp_keyholder_client_invite (SpKeyholderClient *self, const SpInvite *message, int link, GTask *task)
{
  ask (self, SP_MESSAGE_INVITE, message, &link, 1, task);
}

void
sp_keyholder_client_revoke_invitation (SpKeyholderClient *self,
                                       const guint8 *invitation,
                                       GTask *task)
{
  SpRevokeInvitation message;

  memcpy (message.invitation, invitation, SP_ID_SIZE);
  ask (self, SP_MESSAGE_REVOKE_INVITATION, &message, NULL, 0, task);
}

void
sp_keyholder_client_revoke_device (SpKeyholderClient *self,
                                   const SpRevokeDevice *message,
                                   GTask *task)
{
  ask (self, SP_MESSAGE_REVOKE_DEVICE, message, NULL, 0, task);
}

void
sp_keyholder_client_remove_device (SpKeyholderClient *self, const guint8 *device, GTask *task)
{
  SpRemoveDevice message = { 0 };

  memcpy (message.device, device, SP_ID_SIZE);
  ask (self, SP_MESSAGE_REMOVE_DEVICE, &message, NULL, 0, task);
}

static guint16
fill_in (guint8 *field, gsize size, const char *text)
{
  gsize length = MIN (strlen (text), size);

  memcpy (field, text, length);
  return (guint16) length;
}

void
sp_keyholder_client_enroll_totp (SpKeyholderClient *self,
                                 const guint8 *user,
                                 const char *label,
                                 const char *issuer,
                                 int file,
                                 GTask *task)
{
  SpEnrollTotp message = { 0 };

  memcpy (message.user, user, SP_ID_SIZE);
  message.label_length = fill_in (message.label, sizeof message.label, label);
  message.issuer_length = fill_in (message.issuer, sizeof message.issuer, issuer);
  ask (self, SP_MESSAGE_ENROLL_TOTP, &message, &file, 1, task);
}

void
sp_keyholder_client_confirm_totp (
    SpKeyholderClient *self, const guint8 *user, const char *code, int file, GTask *task)
{
  SpConfirmTotp message = { 0 };

  memcpy (message.user, user, SP_ID_SIZE);
  message.code_length = fill_in (message.code, sizeof message.code, code);
  ask (self, SP_MESSAGE_CONFIRM_TOTP, &message, &file, 1, task);
}

void
sp_keyholder_client_remove_totp (SpKeyholderClient *self, const guint8 *user, GTask *task)
{
  SpRemoveTotp message = { 0 };

  memcpy (message.user, user, SP_ID_SIZE);
  ask (self, SP_MESSAGE_REMOVE_TOTP, &message, NULL, 0, task);
}

void
sp_keyholder_client_check_certificate (SpKeyholderClient *self,
                                       const SpCheckCertificate *order,
                                       const int *fds,
                                       GTask *task)
{
  ask (self, SP_MESSAGE_CHECK_CERTIFICATE, order, fds, SP_CHECK_CERTIFICATE_FDS, task);
}

void
sp_keyholder_client_request_certificate (SpKeyholderClient *self,
                                         const SpRequestCertificate *order,
                                         GTask *task)
{
  ask (self, SP_MESSAGE_REQUEST_CERTIFICATE, order, NULL, 0, task);
}

void
sp_keyholder_client_activate_certificate (SpKeyholderClient *self, const guint8 *id, GTask *task)
{
  SpActivateCertificate message;

  memcpy (message.id, id, SP_ID_SIZE);
  ask (self, SP_MESSAGE_ACTIVATE_CERTIFICATE, &message, NULL, 0, task);
}

void
sp_keyholder_client_remove_certificate (SpKeyholderClient *self, const guint8 *id, GTask *task)
{
  SpRemoveCertificate message;

  memcpy (message.id, id, SP_ID_SIZE);
  ask (self, SP_MESSAGE_REMOVE_CERTIFICATE, &message, NULL, 0, task);
}

void
sp_keyholder_client_add_app_password (
    SpKeyholderClient *self, const guint8 *device, const guint8 *user, int file, GTask *task)
{
  SpAddAppPassword message = { 0 };

  memcpy (message.device, device, SP_ID_SIZE);
  memcpy (message.user, user, SP_ID_SIZE);
  ask (self, SP_MESSAGE_ADD_APP_PASSWORD, &message, &file, 1, task);
}

static void
tell_cookie_seconds (SpKeyholderClient *self)
{
  SpCookieSeconds message = { .seconds = self->cookie_seconds };

  tell (self, SP_MESSAGE_COOKIE_SECONDS, &message, NULL, 0);
}

void
sp_keyholder_client_set_cookie_seconds (SpKeyholderClient *self, guint32 seconds)
{
  self->cookie_seconds = seconds;
  tell_cookie_seconds (self);
}

static void
tell_sign_in (SpKeyholderClient *self)
{
  SpSetSignIn message = { .method = (guint8) self->sign_in,
                          .two_step_required = self->two_step_required ? 1 : 0 };

  tell (self, SP_MESSAGE_SET_SIGN_IN, &message, NULL, 0);
}

void
sp_keyholder_client_set_sign_in (SpKeyholderClient *self,
                                 SpSignInMethod method,
                                 gboolean two_step_required)
{
  self->sign_in = method;
  self->two_step_required = two_step_required;
  tell_sign_in (self);
}

void
sp_keyholder_client_allow_pam (SpKeyholderClient *self, gboolean allowed)
{
  sp_pam_rooms_allow (self->pam, allowed);
}

void
sp_keyholder_client_hold (SpKeyholderClient *self, const guint8 *session)
{
  SpHoldCookie message;

  memcpy (message.session, session, SP_ID_SIZE);
  tell (self, SP_MESSAGE_HOLD_COOKIE, &message, NULL, 0);
}

void
sp_keyholder_client_release (SpKeyholderClient *self, const guint8 *session, guint32 seconds)
{
  SpReleaseCookie message = { .seconds = seconds };

  memcpy (message.session, session, SP_ID_SIZE);
  tell (self, SP_MESSAGE_RELEASE_COOKIE, &message, NULL, 0);
}

void
sp_keyholder_client_block (SpKeyholderClient *self, const guint8 *session, gboolean on)
{
  SpBlockCookie message = { .on = on ? 1 : 0 };

  memcpy (message.session, session, SP_ID_SIZE);
  tell (self, SP_MESSAGE_BLOCK_COOKIE, &message, NULL, 0);
}

void
sp_keyholder_client_forget (SpKeyholderClient *self, const guint8 *session)
{
  SpForgetCookie message;

  if (!self->ready)
    {
      g_byte_array_append (self->unforgotten, session, SP_ID_SIZE);
      return;
    }
  memcpy (message.session, session, SP_ID_SIZE);
  tell (self, SP_MESSAGE_FORGET_COOKIE, &message, NULL, 0);
}

void
sp_keyholder_client_catch_up (SpKeyholderClient *self)
{
  tell_sign_in (self);        /* before there is any worker */
  tell_cookie_seconds (self); /* they may have changed while it prepared itself */
  for (guint offset = 0; offset < self->unforgotten->len; offset += SP_ID_SIZE)
    sp_keyholder_client_forget (self, self->unforgotten->data + offset);
  g_byte_array_set_size (self->unforgotten, 0);
}
