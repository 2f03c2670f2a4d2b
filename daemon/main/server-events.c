/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/error.h"
#include "base/log.h"
#include "walls/worker-keyholder.h"

#include <string.h>

/* What the rooms tell, and what becomes of it. */

static void
keyholder_ready (gpointer user_data)
{
  SpServer *self = user_data;

  sp_server_finish_restore (self);
  sp_user_registry_announce (self->users);
  sp_certificate_registry_keyholder_ready (self->certificates);
  sp_device_registry_announce (self->devices);
  g_object_notify (G_OBJECT (self), "certificate");
  if (self->state == SP_SERVER_STARTING)
    sp_server_go_on (self);
  else
    sp_reception_keyholder_ready (self->reception);
  sp_backup_schedule_look (self->backups);
}

static void
keyholder_failed (gpointer user_data, const char *text)
{
  SpServer *self = user_data;

  sp_log (SP_LOG_ERROR, "keyholder", "%s", text);
  if (self->state == SP_SERVER_STARTING)
    sp_server_fail_start (self, g_error_new (SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "%s", text));
}

static void
keyholder_lost (gpointer user_data)
{
  SpServer *self = user_data;

  sp_certificate_registry_set_token (self->certificates, SP_TOKEN_READY, "");
  sp_reception_keyholder_lost (self->reception);
}

static void
login_decided (gpointer user_data, const SpLoginDecided *decided)
{
  SpServer *self = user_data;

  sp_device_registry_note_seen (self->devices, decided->device);
  if (decided->by == SP_BY_PASSWORD)
    sp_ban_registry_forgive (self->bans, decided->signed_in_from);
  sp_reception_login_decided (self->reception, decided);
}

static void
login_failed (gpointer user_data, const SpLoginFailed *failed)
{
  static const char *const reasons[] = {
    "accepted",
    "wrong-password",
    "too-many-tries",
    "busy",
    "suspended",
    "user-disabled",
    "user-expired",
    "quota",
    "code-wanted",
    "wrong-code",
    "stale",
    "no-two-step",
    "no-certificate",
    "password-wanted",
    "foreign-certificate",
    "expired-certificate",
    "unknown-certificate",
    "revoked-certificate",
    "user-paused",
    "device-blocked",
  };
  SpServer *self = user_data;
  const SpEndpoint *peer = sp_reception_login_failed (self->reception, failed);
  g_autofree char *login = g_utf8_make_valid ((const char *) failed->login, failed->login_length);
  const char *reason = failed->login_length == 0 && failed->verdict == SP_LOGIN_DENIED
                           ? "unknown-cookie"
                           : reasons[MIN (failed->verdict, SP_LOGIN_LAST)];
  char address[SP_ENDPOINT_TEXT_MAX] = "";

  if (peer != NULL)
    sp_address_to_text (peer->address, address);
  if (peer != NULL && failed->login_length > 0 &&
      (failed->verdict == SP_LOGIN_WRONG || failed->verdict == SP_LOGIN_DENIED))
    sp_server_note_failure (self, peer->address);
  /* What was typed as a name may be a password: the log gets neither. */
  sp_log (SP_LOG_NOTICE, "sign-in", "refused from %s: %s", address, reason);
  g_signal_emit_by_name (self, "authentication-failed", address, login, reason);
}

static void
session_known (gpointer user_data, const SpSessionKnown *known)
{
  SpServer *self = user_data;

  sp_session_registry_known (self->sessions, known->session, known->user);
}

static void
cookie_expired (gpointer user_data, const guint8 *session, SpBar bar)
{
  SpServer *self = user_data;

  sp_session_registry_expired (self->sessions, session, bar);
}

static void
first_login (gpointer user_data, const guint8 *user, gint64 at)
{
  SpServer *self = user_data;

  sp_user_registry_first_login (self->users, user, at);
}

static void
logged_out (gpointer user_data, const guint8 *session)
{
  SpServer *self = user_data;

  sp_session_registry_logged_out (self->sessions, session);
}

static void
certificate_changed (gpointer user_data)
{
  SpServer *self = user_data;

  sp_reception_certificate_changed (self->reception);
  g_object_notify (G_OBJECT (self), "certificate");
}

static void
certificate_known (gpointer user_data, const SpCertificateKnown *known)
{
  SpServer *self = user_data;

  sp_certificate_registry_known (self->certificates, known);
}

static void
certificate_gone (gpointer user_data, const guint8 *id)
{
  SpServer *self = user_data;

  sp_certificate_registry_gone (self->certificates, id);
}

static void
token_health (gpointer user_data, SpTokenState state, const char *text)
{
  SpServer *self = user_data;

  sp_certificate_registry_set_token (self->certificates, state, text);
}

static void
two_step_known (gpointer user_data, const SpTwoStepKnown *known)
{
  SpServer *self = user_data;
  SpUser *user = sp_user_registry_find_by_id (self->users, known->user);

  if (user != NULL)
    sp_user_set_two_step (user, known->on != 0, known->recovery_codes);
}

static void
invitation_known (gpointer user_data, const SpInvitationKnown *known)
{
  SpServer *self = user_data;

  sp_invitation_registry_known (self->invitations, known);
}

static void
invitation_gone (gpointer user_data, const guint8 *invitation)
{
  SpServer *self = user_data;

  sp_invitation_registry_gone (self->invitations, invitation);
}

const SpKeyholderEvents sp_server_keyholder_events = {
  .ready = keyholder_ready,
  .failed = keyholder_failed,
  .lost = keyholder_lost,
  .login_decided = login_decided,
  .login_failed = login_failed,
  .session_known = session_known,
  .cookie_expired = cookie_expired,
  .first_login = first_login,
  .logged_out = logged_out,
  .certificate_changed = certificate_changed,
  .certificate_known = certificate_known,
  .certificate_gone = certificate_gone,
  .token_health = token_health,
  .two_step_known = two_step_known,
  .invitation_known = invitation_known,
  .invitation_gone = invitation_gone,
};

static void
client_admitted (gpointer user_data, const SpEndpoint *peer, const SpEndpoint *local, int *fd)
{
  SpServer *self = user_data;

  sp_reception_admit (self->reception, peer, local, fd);
}

static void
hello_verified (gpointer user_data, const SpHelloVerified *hello)
{
  SpServer *self = user_data;

  sp_session_registry_hello (self->sessions, hello);
}

static void
stray_heard (gpointer user_data, const SpStrayHeard *stray)
{
  SpServer *self = user_data;

  sp_session_registry_stray (self->sessions, stray);
}

static void
door_opened (gpointer user_data)
{
  SpServer *self = user_data;

  sp_reception_introduce (self->reception);
  sp_ban_registry_tell_door (self->bans);
}

const SpDoorEvents sp_server_door_events = {
  .opened = door_opened,
  .client_admitted = client_admitted,
  .hello_verified = hello_verified,
  .stray_heard = stray_heard,
};
